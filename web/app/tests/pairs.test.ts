import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import Bar from '../src/console/Bar.vue'
import Candidates from '../src/console/Candidates.vue'
import Evaluation from '../src/console/Evaluation.vue'
import { sectionsOf, started } from '../src/console/fields'
import Pairs from '../src/console/Pairs.vue'
import UnansweredPage from '../src/console/Unanswered.vue'
import WordTrial from '../src/console/WordTrial.vue'
import Suggestions from '../src/desk/Suggestions.vue'
import { DeskSession } from '../src/desk/session'
import { ApiError } from '../src/shared/api'
import type { Effect, Pair } from '../src/shared/protocol'
import { memoryStore } from '../src/shared/storage'
import { stream } from '../src/shared/stream'
import { whoAmI } from '../src/staff/auth'
import { fakeApi, fakeSockets, said } from './fakes'

const pair = (over: Partial<Pair> = {}): Pair => ({
  id: 'p-1', question: '卡找不着了', entry_id: 'SEC-061', title: '怎么挂失', state: 'pending', confirmed_by: '小李', confirmed_at: 1795413900000000,
  approved_by: '', approved_at: 0, from_generation: 0, to_generation: 0, ...over,
})
const router = () => createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)', component: { template: '<i/>' } }] })
const lines = (...all: object[]) => new Response(all.map((line) => JSON.stringify(line) + '\n').join(''))

beforeEach(fakeSockets)
afterEach(() => vi.unstubAllGlobals())

describe('the agent confirms an answer', () => {
  const suggest = 'GET /api/desk/suggest'
  const items = [{ entry_id: 'SEC-061', title: '怎么挂失', score: 0.9, text: '请立即挂失。' }]
  async function desk(answers: Record<string, unknown>) {
    const api = fakeApi(answers)
    const session = new DeskSession('ws://x', memoryStore())
    session.view.open = { id: 'c-1', loading: false, problem: '', summary: null, events: [], earlier: [], customerTyping: false }
    const customer = { actor: { kind: 'customer' } }
    session.view.open.events.push(said(1, '卡找不着了', customer) as never, said(2, '您好') as never, said(3, '谢谢', customer) as never)
    const page = mount(Suggestions, { props: { session } })
    const settle = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      await flushPromises()
    }
    await settle()
    return { api, page, settle }
  }

  test('of the message that is the question, in one press, and takes it back in another', async () => {
    const proposed: unknown[] = []
    const { api, page, settle } = await desk({
      [suggest]: { items, pair: null },
      'POST /api/desk/conversations/c-1/pair': (body: unknown) => (proposed.push(body), pair({ mine: true })),
      'POST /api/desk/conversations/c-1/pair/back': new Response(null, { status: 204 }),
    })
    expect(api.calls[0].key).toContain('seq=3')
    await page.find('#asked').setValue('1')
    await settle()
    expect(api.calls[1].key).toContain('seq=1')
    const button = page.find('[aria-label="就是这条：怎么挂失"]')
    await button.trigger('click')
    await flushPromises()
    expect(proposed).toEqual([{ seq: 1, entry_id: 'SEC-061' }])
    expect(button.attributes('aria-pressed')).toBe('true')
    expect(page.text()).toContain('您已确认由“怎么挂失”回答（待编辑核对）')
    await button.trigger('click')
    await flushPromises()
    expect(button.attributes('aria-pressed')).toBe('false')
  })

  test('or says that none answers', async () => {
    const { page } = await desk({ [suggest]: { items: [], pair: null }, 'POST /api/desk/conversations/c-1/pair': pair({ entry_id: '', title: '', mine: true }) })
    await page.find('button.verdict-button').trigger('click')
    await flushPromises()
    expect(page.text()).toContain('您已确认没有对应知识')
  })

  test('what the index has learned already is not taken back', async () => {
    const { api, page } = await desk({ [suggest]: { items, pair: pair({ state: 'published' }) } })
    await page.find('[aria-label="就是这条：怎么挂失"]').trigger('click')
    await flushPromises()
    expect(api.calls.filter((call) => call.key.startsWith('POST'))).toEqual([])
    expect(page.text()).toContain('小李已确认')
    expect(page.text()).toContain('已学习')
  })
})

describe('the editor', () => {
  const signIn = { 'GET /api/me': { id: 'u', username: 'e', name: '编辑', roles: ['editor'] } }
  const asked = { text: '卡找不着了', kind: 'clarify', count: 2, last_at: 1795413900000000, best: [{ id: 'SEC-061', title: '怎么挂失', score: 0.4 }], pair: null }

  test('confirms an unanswered question, which then leaves the list', async () => {
    const { calls } = fakeApi({ 'GET /api/console/unanswered': { items: [asked] }, 'POST /api/console/pairs': pair({ state: 'approved' }) })
    const page = mount(UnansweredPage, { global: { plugins: [router()] } })
    await flushPromises()
    expect(page.text()).toContain('反问')
    expect(page.findAll('a').map((link) => decodeURI(link.attributes('href')!))).toContain('/items/entry/new?similar=卡找不着了')
    await page.find('[aria-label="就是这条：怎么挂失"]').trigger('click')
    await flushPromises()
    expect(calls[1]).toEqual({ key: 'POST /api/console/pairs', body: { question: '卡找不着了', entry_id: 'SEC-061' } })
    expect(page.text()).toContain('没有待答问题')
  })

  test('approves what an agent said', async () => {
    const { calls } = fakeApi({ 'GET /api/console/unanswered': { items: [{ ...asked, pair: pair() }] }, 'POST /api/console/pairs/p-1/approve': pair({ state: 'approved' }) })
    const page = mount(UnansweredPage, { global: { plugins: [router()] } })
    await flushPromises()
    expect(page.text()).toContain('小李 已确认')
    await page.findAll('button').find((button) => button.text() === '通过')!.trigger('click')
    await flushPromises()
    expect(calls[1].key).toBe('POST /api/console/pairs/p-1/approve')
  })

  test('lists, approves, removes and restores pairs', async () => {
    const { calls } = fakeApi({
      ...signIn,
      'GET /api/console/pairs': { items: [pair(), pair({ id: 'p-2', state: 'leaving', from_generation: 2 }), pair({ id: 'p-3', entry_id: '', state: 'published', from_generation: 3 })], more: true, counts: { pending: 1, leaving: 1, published: 1 } },
      'POST /api/console/pairs/p-1/remove': pair(),
      'POST /api/console/pairs/p-2/restore': pair(),
      'POST /api/console/pairs/p-3/remove': pair(),
    })
    await whoAmI()
    const page = mount(Pairs, { global: { plugins: [router()] } })
    await flushPromises()
    const press = async (row: number, name: string) => {
      await page.findAll('tbody tr')[row].findAll('button').find((button) => button.text() === name)!.trigger('click')
      await flushPromises()
    }
    expect(page.text()).toContain('没有对应知识')
    await press(0, '移除') // asks once: it cannot be restored
    expect(calls.some((call) => call.key.startsWith('POST'))).toBe(false)
    await press(0, '移除')
    await press(1, '撤销移除')
    await press(2, '移除') // can be restored: does not ask
    expect(calls.filter((call) => call.key.startsWith('POST')).map((call) => call.key)).toEqual(['POST /api/console/pairs/p-1/remove', 'POST /api/console/pairs/p-2/restore', 'POST /api/console/pairs/p-3/remove'])
    expect(page.text()).toContain('显示更早的')
  })
})

const seen = (id: string, verdict: string, tokens: string[]) => ({ id, title: `标题${id}`, score: 0.8, verdict, tokens, synonyms: [] }) as Effect['before']
const effect: Effect = { question: '小鹿付限额', source: 'pair', want: ['B'], before: seen('A', 'answer', ['小鹿', '付', '限额']), after: seen('B', 'answer', ['小鹿付', '限额']), kind: 'better' }
const compared = { asked: 12, better: 1, worse: 0, other: 0, recut: 1, effects: [effect], cuts: [effect] }

describe('trying words', () => {
  test('shows what changes, and that the words have been edited since', async () => {
    const { calls } = fakeApi({ 'POST /api/console/preview': lines({ step: '正在逐句试问', done: 3, of: 12 }, { result: { ...compared, words: ['小鹿付'], skipped: [], generation: 4 } }) })
    const page = mount(WordTrial, { props: { body: { id: 'd', kind: 'dictionary', words: ['小鹿付'] } }, global: { plugins: [router()] } })
    await page.find('textarea').setValue('小鹿付怎么开\n\n限额多少')
    await page.find('form').trigger('submit')
    await flushPromises()
    expect(calls[0].body).toEqual({ body: { id: 'd', kind: 'dictionary', words: ['小鹿付'] }, questions: ['小鹿付怎么开', '限额多少'] })
    await vi.waitFor(() => expect(page.text()).toContain('变好 1'))
    expect(page.findAll('.token.accent').map((token) => token.text())).toEqual(['小鹿', '付', '小鹿付'])
    expect(page.text()).not.toContain('请重新试算')
    await page.setProps({ body: { id: 'd', kind: 'dictionary', words: ['小鹿'] } })
    expect(page.text()).toContain('请重新试算')
  })

  test('says what the server refuses', async () => {
    fakeApi({ 'POST /api/console/preview': new Response('{"error":{"code":"nothing_changed","message":"没有变化。"}}', { status: 422 }) })
    const page = mount(WordTrial, { props: { body: { kind: 'dictionary' } }, global: { plugins: [router()] } })
    await page.find('form').trigger('submit')
    await vi.waitFor(() => expect(page.find('[role=alert]').text()).toBe('没有变化。'))
  })

  test('ends on the server when the page is left', async () => {
    let signal: AbortSignal | undefined
    vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
      signal = init.signal!
      return new Promise(() => {})
    })
    const page = mount(WordTrial, { props: { body: { kind: 'dictionary' } }, global: { plugins: [router()] } })
    await page.find('form').trigger('submit')
    expect(signal!.aborted).toBe(false)
    page.unmount()
    expect(signal!.aborted).toBe(true)
  })

  test('the form has only the fields of a word list', () => {
    expect(sectionsOf('lexicon', { kind: 'synonym' })[0].fields.map((field) => field.path)).toEqual(['id', 'kind', 'label', 'words'])
    expect(sectionsOf('lexicon', { kind: 'promise' })[0].fields.map((field) => field.path)).toContain('patterns')
    expect(started('entry', { similar: '卡找不着了' })).toMatchObject({ similar: ['卡找不着了'] })
    expect(started('lexicon', { kind: 'dictionary' })).toEqual({ kind: 'dictionary', words: [] })
    expect(started('lexicon', { kind: 'promise' })).toEqual({})
  })
})

test('an evaluation shows both generations, and which figures are missing', async () => {
  const interval = (value: number) => ({ value, low: value, high: value })
  const side = (generation: number, recall: number) => ({
    generation,
    stats: { entries: 120, questions: 3000, confirmed: 2, adopted: true, held_out: 1425, loss_before: 1.2094, loss_after: 1.1904 },
    thresholds: { answer: 0.7, clarify: 0.2, margin: 0.1 },
    pairs: { cases: 2, in_scope: 2, out_of_scope: 0, recall_1: interval(recall), recall_3: interval(1), answered: 0, clarified: 0.5, precision: interval(0), false_answers: interval(0) },
  })
  const { calls } = fakeApi({ 'POST /api/console/evaluate': lines({ step: '正在建立', done: 0, of: 0 }, { result: { ...compared, next: true, before: side(4, 0.5), after: side(5, 1) } }) })
  const page = mount(Evaluation, { props: { generation: 0 }, global: { plugins: [router()] } })
  expect(calls[0].body).toEqual({ generation: 0 })
  await vi.waitFor(() => expect(page.text()).toContain('第 5 代尚未发布'))
  expect(page.text()).toContain('1.1904')
  expect(page.text()).toContain('50.0%（50.0%—50.0%）')
  const row = page.findAll('tr').find((one) => one.text().startsWith('直接回答的准确率'))!
  expect(row.findAll('td').map((cell) => cell.text())).toEqual(['—', '—'])
})

describe('a stream', () => {
  const run = (response: Response, seen: string[] = []) => {
    vi.stubGlobal('fetch', () => Promise.resolve(response))
    return stream<number>('/x', {}, (now) => seen.push(now.step), new AbortController().signal)
  }
  test('reports progress and ends with the result', async () => {
    const seen: string[] = []
    expect(await run(lines({ step: '一' }, { step: '二' }, { result: 7 }), seen)).toBe(7)
    expect(seen).toEqual(['一', '二'])
  })
  test.each([
    ['an error in the middle', lines({ step: '一' }, { error: { code: 'x', message: '不行。' } }), '不行。'],
    ['an end without result', lines({ step: '一' }), '连接中断，没有收到结果，请重试。'],
    ['half a line', new Response('{"step":'), '连接中断，没有收到结果，请重试。'],
    ['a refusal', new Response('{"error":{"code":"busy","message":"稍后。"}}', { status: 429 }), '稍后。'],
  ])('%s', async (_, response, message) => {
    const error = await run(response).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ApiError)
    expect((error as ApiError).message).toBe(message)
  })
})

describe('the explanation', () => {
  test('every feature with its value and a bar, negative to the left', async () => {
    const features = Array.from({ length: 20 }, (_, i) => ({ name: `特征${i}`, value: i / 10, contribution: i === 1 ? -2 : 1 }))
    const page = mount(Candidates, { props: { candidates: [{ id: 'A', title: '甲', score: 0.9, features }] }, global: { plugins: [router()] } })
    await page.find('[aria-expanded]').trigger('click')
    expect(page.findAll('tbody tr')).toHaveLength(20)
    expect(page.text()).toContain('−2.00')
    const bars = page.findAll('rect')
    expect(bars[1].attributes()).toMatchObject({ x: '0', width: '50', class: 'minus' })
    expect(bars[0].attributes()).toMatchObject({ x: '50', width: '25', class: 'plus' })
  })
  test('a bar without anything to compare', () => {
    expect(mount(Bar, { props: { value: 0, most: 0 } }).find('rect').attributes('width')).toBe('0')
  })
})
