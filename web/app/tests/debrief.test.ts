import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import Debrief from '../src/console/Debrief.vue'
import { sections } from '../src/console/fields'
import LessonReport from '../src/console/LessonReport.vue'
import type { Escalated, Lesson } from '../src/shared/protocol'
import { fakeApi } from './fakes'

afterEach(() => vi.unstubAllGlobals())

const escalated = (over: Partial<Escalated> = {}): Escalated => ({
  id: 'c-1', at: 1795413900000000, reason: 'emotion', priority: 1, agent: { id: 'a', name: '小李' }, verdict: 'needless', notes: ['客户只是在开玩笑'], done_by: '', done_at: 0,
  turns: [
    { seq: 1, at: 1795413900000000, text: '转账多久到账', decision: { kind: 'answer', reason: '', evidence: null, emotion: 'neutral', emotion_level: 0, urgent: 'none', wants_person: false, complaint: false, complaint_category: '', generation: 1 } },
    { seq: 4, at: 1795413960000000, text: '😀气死我了\n打138****5678', decision: { kind: 'handoff', reason: 'emotion', evidence: [{ rule: 'emotion_angry', match: '气死我了', start: 1, end: 5 }, { rule: 'model:emotion', match: '', start: 0, end: 0 }], emotion: 'angry', emotion_level: 3, urgent: 'none', wants_person: false, complaint: true, complaint_category: '服务态度', generation: 1 } },
  ],
  ...over,
})

async function page(answers: Record<string, unknown>) {
  const api = fakeApi(answers)
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)', component: { template: '<div/>' } }] })
  const push = vi.spyOn(router, 'push')
  const view = mount(Debrief, { global: { plugins: [router] } })
  await flushPromises()
  return { view, push, ...api }
}

describe('looking back on escalations', () => {
  test('the words that fired are marked where they stand, and lists can be opened', async () => {
    const { view } = await page({ 'GET /api/console/escalations': { items: [escalated()], more: false } })
    expect(view.findAll('mark').map((mark) => mark.text())).toEqual(['气死我了'])
    expect(view.text()).toContain('机器人读作：转人工、愤怒 3 级、投诉（服务态度）')
    expect(view.text()).toContain('理解模型')
    expect(view.findAll('a').map((a) => a.attributes('href'))).toEqual(['/items/policy/thresholds', '/items/lexicon/emotion_angry'])
    expect(view.text()).toContain('客户只是在开玩笑')
  })

  test('an example begins with what the bot read', async () => {
    const { view, push } = await page({ 'GET /api/console/escalations': { items: [escalated()], more: false } })
    await view.findAll('.debrief-turn button')[1].trigger('click')
    expect(push).toHaveBeenCalledWith({
      path: '/items/example/new',
      state: { body: { text: '😀气死我了\n打138****5678', emotion: 'angry', complaint_category: '服务态度', origin: 'c-1', note: '客服评价：转接不必' } },
    })
    // Every field that is filled in is one that the form shows.
    const known = sections.example.flatMap((section) => section.fields.map((field) => field.path))
    expect(known).toEqual(expect.arrayContaining(['text', 'emotion', 'complaint_category', 'urgent', 'wants_person', 'origin', 'note']))
  })

  test('worked off, and taken back; a refusal changes nothing', async () => {
    let refuse = false
    const done = 'POST /api/console/escalations/c-1/done'
    const { view, calls } = await page({
      'GET /api/console/escalations': { items: [escalated()], more: false },
      [done]: () => (refuse ? new Response('{"error":{"code":"role","message":"您的角色没有这项权限。"}}', { status: 403 }) : new Response(null, { status: 204 })),
    })
    const press = async (name: string) => {
      await view.findAll('button').find((button) => button.text() === name)!.trigger('click')
      await flushPromises()
    }
    await press('标为已处理')
    expect(calls.at(-1)).toEqual({ key: done, body: { done: true } })
    expect(view.text()).toContain('已处理')
    await press('撤销')
    expect(calls.at(-1)).toEqual({ key: done, body: { done: false } })
    refuse = true
    await press('标为已处理')
    expect(view.find('.debrief').classes()).not.toContain('done')
  })

  test('filters ask the server; an older answer does not replace a newer one', async () => {
    const waiting: ((response: Response) => void)[] = []
    const asked: string[] = []
    const { view } = await page({ 'GET /api/console/escalations': { items: [], more: false } })
    vi.stubGlobal('fetch', (path: string) => (asked.push(path), new Promise<Response>((answer) => waiting.push(answer))))
    await view.find('select[aria-label="客服评价"]').setValue('late')
    await view.find('input[type="checkbox"]').setValue(false)
    await flushPromises()
    expect(asked).toEqual(['/api/console/escalations?verdict=late&open=1', '/api/console/escalations?verdict=late'])
    const answer = (id: string) => new Response(JSON.stringify({ items: [escalated({ id })], more: false }))
    waiting[1](answer('newest'))
    await flushPromises()
    waiting[0](answer('oldest'))
    await flushPromises()
    expect(view.find('.mono').text()).toBe('newest')
  })

  test('says so when there is nothing, and when it cannot be read', async () => {
    expect((await page({ 'GET /api/console/escalations': { items: [], more: false } })).view.text()).toContain('没有符合条件的转接')
    expect((await page({})).view.find('[role="alert"]').text()).toContain('没有这个地址')
  })
})

test('a lesson shows its figures before and after; what no turn has is no figure', async () => {
  const scores = (person: number) => ({ examples: 40, person, complaint: 0.9, urgent: -1, emotion: 0.8 })
  const lesson: Lesson = { examples: 12, factor: 2, adopted: false, shipped: { before: scores(0.95), after: scores(0.9) } }
  const report = mount(LessonReport, { props: { lesson } })
  expect(report.text()).toContain('未采用')
  await report.find('button').trigger('click')
  expect(report.text()).toContain('0.950 → 0.900')
  expect(report.text()).toContain('— → —')
  expect(report.text()).toContain('机器人继续使用内置模型')
  expect(report.text()).not.toContain('本行例句还太少，没有留出。机器人')
})
