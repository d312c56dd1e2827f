import { expect, test } from 'vitest'
import { StableList } from '../src/desk/order'

const rows = (...ids: string[]) => ids.map((id) => ({ id, text: id }))
const ids = (list: { id: string }[]) => list.map((row) => row.id).join('')

test('the first load has the server’s order', () => {
  const list = new StableList<{ id: string }>()
  list.update(rows('b', 'a'), true)
  expect(ids(list.shown)).toBe('ba')
})

test('rows under the pointer keep their places whatever the server sends', () => {
  const list = new StableList<{ id: string }>()
  list.update(rows('a', 'b', 'c'), false)
  list.update(rows('x', 'c', 'b', 'a'), true)
  expect(ids(list.shown)).toBe('abc')
  expect(ids(list.waiting)).toBe('x')
})

test('new rows wait while pointed at, and show when asked for', () => {
  const list = new StableList<{ id: string }>()
  list.update(rows('a', 'b'), false)
  list.update(rows('x', 'a', 'b'), true)
  list.admit()
  expect(ids(list.shown)).toBe('xab')
  expect(list.waiting).toEqual([])
})

test('without a pointer new rows come in at their place; the others are never reordered', () => {
  const list = new StableList<{ id: string }>()
  list.update(rows('a', 'b', 'c'), false)
  list.update(rows('c', 'a', 'x', 'b'), false)
  expect(ids(list.shown.filter((row) => row.id !== 'x'))).toBe('abc')
  expect(ids(list.shown)).toContain('x')
})

test('rows that left disappear, also from the waiting ones; data are fresh', () => {
  const list = new StableList<{ id: string; text: string }>()
  list.update(rows('a', 'b'), false)
  list.update(rows('a', 'b', 'x'), true)
  list.update([{ id: 'b', text: 'newer' }], true)
  expect(list.shown).toEqual([{ id: 'b', text: 'newer' }])
  expect(list.waiting).toEqual([])
})

test('opening the list again takes the server’s order', () => {
  const list = new StableList<{ id: string }>()
  list.update(rows('a', 'b'), false)
  list.update(rows('b', 'a'), false)
  list.release()
  expect(ids(list.shown)).toBe('ba')
})

test('under a thousand changes nothing that stays ever swaps', () => {
  const list = new StableList<{ id: string }>()
  const all = Array.from({ length: 30 }, (_, i) => `r${i}`)
  let seed = 1
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
  let before: string[] = []
  for (let i = 0; i < 1000; i++) {
    list.update(all.filter(() => random() > 0.3).sort(() => random() - 0.5).map((id) => ({ id })), random() > 0.5)
    const now = list.shown.map((row) => row.id)
    if (before.length && now.length) {
      const kept = before.filter((id) => now.includes(id))
      if (kept.length) expect(now.filter((id) => kept.includes(id))).toEqual(kept)
    }
    before = now
  }
})
