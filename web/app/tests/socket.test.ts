import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Link, type LinkState } from '../src/shared/socket'
import { FakeSocket, fakeSockets } from './fakes'

type Frame = { type: string; seq?: number }
let states: LinkState[]
let link: Link<Frame, Frame>
let opened: number
const heard: Frame[] = []

beforeEach(() => {
  vi.useFakeTimers()
  fakeSockets()
  vi.spyOn(Math, 'random').mockReturnValue(1)
  states = []
  opened = 0
  heard.length = 0
  link = new Link<Frame, Frame>({ url: 'ws://bank/ws', onOpen: () => opened++, onFrame: (frame) => heard.push(frame), onState: (state) => states.push(state) })
  link.start()
})
afterEach(() => {
  link.stop()
  vi.useRealTimers()
})

test('comes back with growing pauses, up to a limit', () => {
  const pauses: number[] = []
  for (let i = 0; i < 8; i++) {
    const before = FakeSocket.all.length
    FakeSocket.last.cut()
    let waited = 0
    while (FakeSocket.all.length === before && waited < 60_000) {
      vi.advanceTimersByTime(100)
      waited += 100
    }
    pauses.push(waited)
  }
  expect(pauses).toEqual([400, 800, 1600, 3200, 6400, 12800, 15000, 15000])
})

test('the pause is spread, so that customers do not return in the same second', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  FakeSocket.last.cut()
  vi.advanceTimersByTime(200)
  expect(FakeSocket.all).toHaveLength(2)
})

test('an accepted hello makes the next pause short again', () => {
  for (let i = 0; i < 4; i++) {
    FakeSocket.last.cut()
    vi.advanceTimersByTime(15_000)
  }
  FakeSocket.last.accept()
  link.settled()
  FakeSocket.last.cut()
  vi.advanceTimersByTime(400)
  expect(FakeSocket.all).toHaveLength(6)
})

test.each([4500, 4501, 4503])('close code %i means: do not come back', (code) => {
  FakeSocket.last.accept()
  FakeSocket.last.cut(code)
  vi.advanceTimersByTime(120_000)
  expect(FakeSocket.all).toHaveLength(1)
  expect(states.at(-1)).toBe('refused')
})

test.each([4000, 4001, 4002, 1006])('close code %i means: come back', (code) => {
  FakeSocket.last.accept()
  FakeSocket.last.cut(code)
  expect(states.at(-1)).toBe('offline')
  vi.advanceTimersByTime(1_000)
  expect(FakeSocket.all).toHaveLength(2)
})

test('pings every 20 s, and leaves a connection that is silent', () => {
  FakeSocket.last.accept()
  vi.advanceTimersByTime(20_000)
  expect(FakeSocket.last.ofType('ping')).toHaveLength(1)
  FakeSocket.last.tell({ type: 'pong', seq: 1 })
  vi.advanceTimersByTime(20_000)
  expect(FakeSocket.all).toHaveLength(1)
  vi.advanceTimersByTime(20_500)
  expect(FakeSocket.all.length).toBeGreaterThan(1)
  expect(states).toContain('offline')
})

test('comes back at once when the network does', () => {
  for (let i = 0; i < 6; i++) {
    FakeSocket.last.cut()
    vi.advanceTimersByTime(15_000)
  }
  FakeSocket.last.cut()
  const before = FakeSocket.all.length
  window.dispatchEvent(new Event('online'))
  expect(FakeSocket.all).toHaveLength(before + 1)
  vi.advanceTimersByTime(30_000)
  // The timer of the earlier attempt is gone: no second socket beside it.
  expect(FakeSocket.all).toHaveLength(before + 1)
})

test('nothing is heard from a socket that was given up', () => {
  const old = FakeSocket.last
  old.accept()
  old.cut()
  vi.advanceTimersByTime(1_000)
  old.tell({ type: 'pong', seq: 9 })
  expect(heard).toEqual([])
})

test('a frame is only handed to an open socket', () => {
  expect(link.send({ type: 'ping' })).toBe(false)
  FakeSocket.last.accept()
  expect(opened).toBe(1)
  expect(link.send({ type: 'ping' })).toBe(true)
})
