import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { frameProblem, frameShapes } from '../src/shared/frames'
import { parseServerFrame } from '../src/shared/protocol'

interface Golden {
  name: string
  socket: 'chat' | 'desk'
  from: 'client' | 'server'
  frame: Record<string, unknown>
}
const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../testdata/frames.json'), 'utf8')) as Golden[]

describe('golden frames', () => {
  test.each(golden.map((item) => [`${item.socket} ${item.from}: ${item.name}`, item] as const))('%s', (_, item) => {
    expect(frameProblem(item.frame, item.socket, item.from)).toBe('')
  })

  test('there is one of every frame', () => {
    const have = new Set(golden.map((item) => `${item.socket}/${item.from} ${String(item.frame.type)}`))
    for (const [side, shapes] of Object.entries(frameShapes)) for (const type of Object.keys(shapes)) expect(have).toContain(`${side} ${type}`)
  })

  test('there is one of every event kind', () => {
    const kinds = new Set(golden.map((item) => item.frame.kind).filter(Boolean))
    expect([...kinds].sort()).toEqual(['decision', 'hidden', 'message', 'note', 'rating', 'state', 'transfer'])
  })

  test('the customer is never shown why, by whom judged, or a note', () => {
    for (const { frame } of golden.filter((item) => item.socket === 'chat' && item.from === 'server' && item.frame.type === 'event')) {
      const text = JSON.stringify(frame)
      expect(['note', 'decision']).not.toContain(frame.kind)
      for (const secret of ['"reason"', '"evidence"', '"emotion"', '"priority"', '"note"']) expect(text).not.toContain(secret)
    }
  })
})

describe('a frame that is not sound', () => {
  test('a missing or mistyped field is named', () => {
    expect(frameProblem({ type: 'ack', ref: 'x' }, 'chat', 'server')).toBe('ack.seq is not n')
    expect(frameProblem({ type: 'queue', position: '1', wait_p50: 1, wait_p90: 1 }, 'chat', 'server')).toContain('position')
    expect(frameProblem({ type: 'shout' }, 'chat', 'server')).toContain('unknown type')
    expect(frameProblem(null, 'chat', 'server')).toContain('unknown type')
  })
  test('unknown fields are ignored', () => {
    expect(frameProblem({ type: 'pong', seq: 1, later: true }, 'chat', 'server')).toBe('')
  })
  test('what is no frame is dropped, never thrown', () => {
    for (const text of ['', '{', 'null', '[]', '42', '{"type":7}']) expect(parseServerFrame(text)).toBeNull()
  })
})
