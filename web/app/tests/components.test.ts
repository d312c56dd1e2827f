import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { memoryStore } from '../src/shared/storage'
import ChatComposer from '../src/widget/Composer.vue'
import MessageLog from '../src/widget/MessageLog.vue'
import { type ChatView, ChatSession } from '../src/widget/session'
import StateBar from '../src/widget/StateBar.vue'
import Survey from '../src/widget/Survey.vue'
import DeskComposer from '../src/desk/Composer.vue'
import { DeskSession } from '../src/desk/session'
import { fakeApi, FakeSocket, fakeSockets, said } from './fakes'

let view: ChatView
beforeEach(() => {
  fakeSockets()
  vi.stubGlobal('ResizeObserver', class { observe() {} disconnect() {} })
  view = new ChatSession('ws://x', memoryStore(), { lang: 'zh-CN', elder: false }, '').view
  Object.assign(view, { ready: true, link: 'open' })
})
afterEach(() => vi.unstubAllGlobals())

describe('the customer’s composer', () => {
  const enter = (field: ReturnType<ReturnType<typeof mount>['find']>, over = {}) => field.trigger('keydown', { key: 'Enter', ...over })

  test('Enter sends; Shift+Enter, and Enter of an input method, do not', async () => {
    const composer = mount(ChatComposer, { props: { view } })
    const field = composer.find('textarea')
    await field.setValue('转账多久到账')
    await enter(field, { shiftKey: true })
    await enter(field, { isComposing: true })
    await enter(field, { keyCode: 229 })
    expect(composer.emitted('say')).toBeUndefined()
    await enter(field)
    expect(composer.emitted('say')).toEqual([['转账多久到账']])
    expect((field.element as HTMLTextAreaElement).value).toBe('')
  })

  test('blank or too long is not sent, and the counter says why', async () => {
    const composer = mount(ChatComposer, { props: { view } })
    const field = composer.find('textarea')
    await field.setValue('   ')
    await enter(field)
    await field.setValue('长'.repeat(2001))
    await enter(field)
    expect(composer.emitted('say')).toBeUndefined()
    expect(composer.text()).toContain('2001 / 2000')
  })
})

describe('the messages', () => {
  const props = { greeting: '您好，我是机器人', suggestions: ['卡丢了怎么办'], elder: false, lasting: true }

  test('text of the server is text, never markup', () => {
    view.events.push(said(1, '<img src=x onerror=alert(1)>\n1. <b>粗</b>') as never)
    const log = mount(MessageLog, { props: { view, ...props } })
    expect(log.find('img').exists()).toBe(false)
    expect(log.find('b').exists()).toBe(false)
    expect(log.text()).toContain('<img src=x onerror=alert(1)>')
  })

  test('robot and person are named, and never look alike', () => {
    view.events.push(said(1, '机器人的回答') as never, said(2, '我来帮您', { actor: { kind: 'agent', name: '小李' } }) as never)
    const [bot, agent] = mount(MessageLog, { props: { view, ...props } }).findAll('.message')
    expect(bot.attributes('data-who')).toBe('bot')
    expect(bot.text()).toContain('机器人')
    expect(agent.attributes('data-who')).toBe('agent')
    expect(agent.text()).toMatch(/人工.*小李/)
  })

  test('hidden events leave no trace, also none in the order of names', () => {
    view.events.push(said(1, 'a') as never, { ...said(2, ''), kind: 'hidden', body: {} } as never, said(3, 'b') as never)
    const log = mount(MessageLog, { props: { view, ...props } })
    expect(log.findAll('.message')).toHaveLength(2)
    expect(log.findAll('.message-who')).toHaveLength(1)
  })

  test('suggestions are offered until something was said', async () => {
    const log = mount(MessageLog, { props: { view, ...props } })
    await log.find('.suggestions .choice').trigger('click')
    expect(log.emitted('say')).toEqual([['卡丢了怎么办']])
    view.events.push(said(1, 'a') as never)
    await flushPromises()
    expect(log.find('.suggestions').exists()).toBe(false)
  })

  test('choices and the offer of a person are buttons', async () => {
    view.events.push(said(1, '哪一项？', { body: { text: '哪一项？', choices: [{ entry_id: 'TRF-032', title: '转账多久到账？' }], offer_person: true } }) as never)
    const log = mount(MessageLog, { props: { view, ...props } })
    await log.find('.choices .choice').trigger('click')
    expect(log.emitted('say')).toEqual([['转账多久到账？']])
    await log.find('.offer .choice').trigger('click')
    expect(log.emitted('ask')).toHaveLength(1)
  })

  test('an unsent message says what happens to it', async () => {
    view.unsent = [{ ref: 'r', frame: { type: 'say', ref: 'r', text: '喂' }, at: 0 }]
    const log = mount(MessageLog, { props: { view, ...props } })
    expect(log.text()).toContain('发送中')
    view.link = 'offline'
    await flushPromises()
    expect(log.text()).toContain('等待网络')
    view.unsent = [{ ref: 'r', frame: { type: 'say', ref: 'r', text: '喂' }, at: 0, problem: '太频繁' }]
    await flushPromises()
    expect(log.text()).toContain('未发送：太频繁')
    await log.find('.failed .link').trigger('click')
    expect(log.emitted('retry')).toEqual([['r']])
  })
})

describe('the state bar', () => {
  test.each([
    ['bot', '机器人服务中'],
    ['queued', '排队中'],
    ['agent', '人工服务中：小李'],
    ['ticket', '已转为工单 T-7'],
    ['closed', '本次服务已结束'],
    ['rated', '感谢您的评价'],
  ] as const)('in state %s the way to a person is there', (state, text) => {
    Object.assign(view, { state, agent: '小李', ticket: 'T-7' })
    const bar = mount(StateBar, { props: { view, hotline: '' } })
    expect(bar.text()).toContain(text)
    const button = bar.find('.bar-ask')
    expect(button.text()).toBe('转人工')
    expect(button.attributes('disabled')).toBeUndefined()
  })

  test('place and an honest range of the wait', () => {
    Object.assign(view, { state: 'queued', queue: { position: 3, wait_p50: 100, wait_p90: 290 } })
    const bar = mount(StateBar, { props: { view, hotline: '' } })
    expect(bar.text()).toContain('第 3 位')
    expect(bar.text()).toContain('2 分钟～5 分钟')
  })

  test('an unknown wait is said to be unknown', () => {
    Object.assign(view, { state: 'queued', queue: { position: 1, wait_p50: -1, wait_p90: -1 } })
    expect(mount(StateBar, { props: { view, hotline: '' } }).text()).toContain('暂无法估计')
  })

  test('one press asks; in the queue it only explains', async () => {
    const bar = mount(StateBar, { props: { view, hotline: '' } })
    await bar.find('.bar-ask').trigger('click')
    expect(bar.emitted('ask')).toHaveLength(1)
    view.state = 'queued'
    await flushPromises()
    await bar.find('.bar-ask').trigger('click')
    expect(bar.emitted('ask')).toHaveLength(1)
  })

  test('a lost network is said, the first connecting is not', async () => {
    view.ready = false
    view.link = 'connecting'
    const bar = mount(StateBar, { props: { view, hotline: '' } })
    expect(bar.find('.trouble').exists()).toBe(false)
    view.link = 'offline'
    await flushPromises()
    expect(bar.find('.trouble').text()).toContain('您的消息不会丢失')
  })
})

describe('the survey', () => {
  test('needs stars; the rest is free', async () => {
    const survey = mount(Survey, { props: { view } })
    await survey.find('form').trigger('submit')
    expect(survey.emitted('rate')).toBeUndefined()
    expect(survey.text()).toContain('请先选择星级')
    await survey.findAll('input[name="stars"]')[3].trigger('change')
    await survey.find('form').trigger('submit')
    expect(survey.emitted('rate')).toEqual([[4, null, '']])
  })

  test('carries resolved and comment', async () => {
    const survey = mount(Survey, { props: { view } })
    await survey.findAll('input[name="stars"]')[4].trigger('change')
    await survey.findAll('input[name="resolved"]')[0].trigger('change')
    await survey.find('textarea').setValue(' 很耐心 ')
    await survey.find('form').trigger('submit')
    expect(survey.emitted('rate')).toEqual([[5, true, '很耐心']])
  })

  test('a failed rating can be sent again', async () => {
    view.unsent = [{ ref: 'r', frame: { type: 'rate', ref: 'r', stars: 5, resolved: null, comment: '' }, at: 0, problem: '请稍后' }]
    const survey = mount(Survey, { props: { view } })
    expect(survey.text()).toContain('请稍后')
    expect(survey.find('.send').attributes('disabled')).toBeUndefined()
  })
})

describe('the agent’s composer', () => {
  const verdict = (value: string, findings: object[] = []) => (body: unknown) => ({ text: (body as { text: string }).text, verdict: value, findings })
  const promise = { rule: 'promise', start: 0, end: 4, match: '保证收益', advice: '请以产品说明书为准' }

  async function desk(answers: Record<string, unknown>) {
    const api = fakeApi({ 'GET /api/desk/macros': { items: [{ id: 'macro.wait', title: '请稍等', text: '请您稍等。' }] }, ...answers })
    const session = new DeskSession('ws://x', memoryStore())
    session.view.open = { id: 'c-1', loading: false, problem: '', summary: null, events: [], earlier: [], customerTyping: false }
    const composer = mount(DeskComposer, { props: { session }, attachTo: document.body })
    await flushPromises()
    const field = composer.find('textarea')
    const write = async (text: string) => {
      await field.setValue(text)
      await new Promise((resolve) => setTimeout(resolve, 400))
      await flushPromises()
    }
    const send = async () => {
      await field.trigger('keydown', { key: 'Enter', ctrlKey: true })
      await flushPromises()
    }
    return { api, session, composer, field, write, send }
  }

  test('a promise is stopped, marked, and advice given', async () => {
    const { session, composer, write, send } = await desk({ 'POST /api/desk/lint': verdict('block', [promise]) })
    await write('保证收益，放心买')
    expect(composer.text()).toContain('不能发送')
    expect(composer.find('mark').text()).toBe('保证收益')
    expect(composer.text()).toContain('请以产品说明书为准')
    await send()
    expect(session.view.unsent).toEqual([])
    composer.unmount()
  })

  test('a warning needs a second, knowing press, and goes out confirmed', async () => {
    const { session, composer, write, send } = await desk({ 'POST /api/desk/lint': verdict('warn', [{ ...promise, rule: 'vague' }]) })
    await write('大概两小时到账')
    expect(composer.text()).toContain('确认无误，发送')
    await send()
    expect(session.view.unsent[0].frame).toMatchObject({ type: 'say', text: '大概两小时到账', confirmed: true })
    composer.unmount()
  })

  test('words typed after the last check are checked before they leave', async () => {
    const { session, composer, field, send } = await desk({ 'POST /api/desk/lint': verdict('block', [promise]) })
    await field.setValue('保证收益')
    await send()
    expect(session.view.unsent).toEqual([])
    composer.unmount()
  })

  test('a warning that appears only at sending is shown first, not confirmed unseen', async () => {
    const { session, composer, field, send } = await desk({ 'POST /api/desk/lint': verdict('warn', [{ ...promise, rule: 'vague' }]) })
    await field.setValue('大概两小时')
    await send()
    expect(session.view.unsent).toEqual([])
    await send()
    expect(session.view.unsent).toHaveLength(1)
    composer.unmount()
  })

  test('a linter that is down does not keep the customer waiting: the server checks again', async () => {
    const { session, composer, write, send } = await desk({})
    await write('您好')
    await send()
    expect(session.view.unsent[0].frame).toMatchObject({ text: '您好' })
    expect(session.view.unsent[0].frame).not.toHaveProperty('confirmed')
    composer.unmount()
  })

  test('a note is never linted and never a message', async () => {
    const { api, session, composer, write, send } = await desk({ 'POST /api/desk/lint': verdict('block', [promise]) })
    await composer.findAll('[role=radio]')[1].trigger('click')
    await write('客户问保证收益')
    await send()
    expect(session.view.unsent[0].frame).toMatchObject({ type: 'note', text: '客户问保证收益' })
    expect(api.calls.some((call) => call.key.includes('lint'))).toBe(false)
    composer.unmount()
  })

  test('“/” finds macros, Enter takes one', async () => {
    const { composer, field } = await desk({ 'POST /api/desk/lint': verdict('ok') })
    await field.setValue('/稍等')
    expect(composer.findAll('[role=option]')).toHaveLength(1)
    await field.trigger('keydown', { key: 'Enter' })
    expect((field.element as HTMLTextAreaElement).value).toBe('请您稍等。')
    composer.unmount()
  })

  test('what the server blocks comes back into the composer with its findings', async () => {
    const { session, composer, write, send } = await desk({ 'POST /api/desk/lint': verdict('ok') })
    await write('加我微信')
    session.start()
    FakeSocket.last.accept()
    FakeSocket.last.tell({ type: 'welcome', user: { id: 'u', username: 'a', name: 'a', roles: ['agent'] }, presence: 'online' })
    await send()
    const [frame] = FakeSocket.last.ofType('say')
    FakeSocket.last.tell({ type: 'error', code: 'blocked', message: '不能发送', ref: frame.ref, findings: [{ rule: 'private_contact', start: 0, end: 4, match: '加我微信', advice: '请使用官方渠道' }] })
    await flushPromises()
    expect((composer.find('textarea').element as HTMLTextAreaElement).value).toBe('加我微信')
    expect(composer.text()).toContain('请使用官方渠道')
    expect(session.view.unsent).toEqual([])
    session.stop()
    composer.unmount()
  })
})
