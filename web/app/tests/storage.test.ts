import { afterEach, expect, test, vi } from 'vitest'
import { Outbox } from '../src/shared/outbox'
import { memoryStore, openStore } from '../src/shared/storage'
import { uuidv7 } from '../src/shared/uuid'

afterEach(() => vi.unstubAllGlobals())

test('a blocked localStorage is replaced by memory', () => {
  vi.stubGlobal('localStorage', undefined)
  Object.defineProperty(window, 'localStorage', { configurable: true, get: () => { throw new DOMException('denied', 'SecurityError') } })
  const store = openStore()
  expect(store.lasting).toBe(false)
  store.set('a', '1')
  expect(store.get('a')).toBe('1')
  store.remove('a')
  expect(store.get('a')).toBeNull()
})

test('a full disk keeps the newest value in memory', () => {
  const disk = new Map<string, string>()
  let full = false
  Object.defineProperty(window, 'localStorage', {
    configurable: true,
    value: {
      getItem: (key: string) => disk.get(key) ?? null,
      setItem(key: string, value: string) {
        if (full) throw new DOMException('full', 'QuotaExceededError')
        disk.set(key, value)
      },
      removeItem: (key: string) => void disk.delete(key),
    },
  })
  const store = openStore()
  store.set('a', 'old')
  full = true
  store.set('a', 'new')
  expect(store.get('a')).toBe('new')
})

test('a damaged outbox is an empty one', () => {
  const store = memoryStore()
  for (const text of ['{', '42', '[null, {"ref": ""}]']) {
    store.set('k', text)
    expect(new Outbox(store, 'k').list()).toEqual([])
  }
})

test('two outboxes on one store do not overwrite each other', () => {
  const store = memoryStore()
  const a = new Outbox<{ ref: string }>(store, 'k')
  const b = new Outbox<{ ref: string }>(store, 'k')
  a.add({ ref: '1' })
  b.add({ ref: '2' })
  a.remove('1')
  expect(b.list().map((item) => item.ref)).toEqual(['2'])
})

test('references are version 7 and sort by time', () => {
  const [a, b] = [uuidv7(1_700_000_000_000), uuidv7(1_700_000_000_001)]
  expect(a).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(a < b).toBe(true)
  expect(new Set(Array.from({ length: 1000 }, () => uuidv7())).size).toBe(1000)
})
