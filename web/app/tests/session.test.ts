import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { memoryStore, type Store } from '../src/shared/storage'
import { ChatSession } from '../src/widget/session'
import { became, FakeSocket, fakeSockets, said, welcome } from './fakes'

let store: Store
let session: ChatSession
const server = () => FakeSocket.last

function start(): ChatSession {
  session = new ChatSession('ws://bank/ws/chat', store, { lang: 'zh-CN', elder: false }, 'https://bank.example/')
  session.start()
  return session
}
/** A new connection up to the welcome. */
function connect(over: object = {}): void {
  server().accept()
  server().tell(welcome(over))
}
function reconnect(over: object = {}): void {
  server().cut()
  vi.advanceTimersByTime(1_000)
  connect(over)
}

beforeEach(() => {
  vi.useFakeTimers()
  fakeSockets()
  store = memoryStore()
  start()
})
afterEach(() => {
  session.stop()
  vi.useRealTimers()
})

describe('nothing is lost', () => {
  test('a message is kept until acked, and sent again with the same reference', () => {
    connect()
    session.say('转账多久到账')
    const [first] = server().ofType('say')
    expect(session.view.unsent).toHaveLength(1)
    reconnect()
    expect(server().ofType('say')).toEqual([first])
    server().tell({ type: 'ack', ref: first.ref, seq: 1 })
    expect(session.view.unsent).toEqual([])
    reconnect({ seq: 1 })
    expect(server().ofType('say')).toEqual([])
  })

  test('what is written without a network goes out in its order when it is back', () => {
    session.say('一')
    session.say('二')
    expect(server().sent).toEqual([])
    connect()
    expect(server().ofType('say').map((frame) => frame.text)).toEqual(['一', '二'])
  })

  test('closing the page keeps it too', () => {
    session.say('卡丢了')
    session.stop()
    start()
    expect(session.view.unsent).toHaveLength(1)
    connect()
    expect(server().ofType('say').map((frame) => frame.text)).toEqual(['卡丢了'])
  })

  test('a late ack is asked for again on a socket that seems alive', () => {
    connect()
    session.say('在吗')
    vi.advanceTimersByTime(13_000)
    const sent = server().ofType('say')
    expect(sent.length).toBeGreaterThan(1)
    expect(new Set(sent.map((frame) => frame.ref)).size).toBe(1)
  })

  test('a refused message stays on the screen, and goes again only when the customer says so', () => {
    connect()
    session.say('很长')
    const [first] = server().ofType('say')
    server().tell({ type: 'error', code: 'too_many', message: '发送过于频繁', ref: first.ref })
    expect(session.view.unsent[0].problem).toBe('发送过于频繁')
    reconnect()
    expect(server().ofType('say')).toEqual([])
    session.retry(String(first.ref))
    expect(server().ofType('say')[0].ref).toBe(first.ref)
  })

  test('an acked message stays visible until its event comes', () => {
    connect()
    session.say('你好')
    const [{ ref }] = server().ofType('say')
    server().tell({ type: 'ack', ref, seq: 1 })
    expect(session.view.landing).toHaveLength(1)
    server().tell(said(1, '你好', { actor: { kind: 'customer' }, ref }))
    expect(session.view.landing).toEqual([])
    expect(session.view.events).toHaveLength(1)
  })

  test('an event that overtakes its ack is not shown beside the unsent message', () => {
    connect()
    session.say('你好')
    const [{ ref }] = server().ofType('say')
    server().tell(said(1, '你好', { actor: { kind: 'customer' }, ref }))
    expect(session.view.unsent).toEqual([])
    expect(session.view.landing).toEqual([])
  })
})

describe('order', () => {
  test('a gap asks for what is missing, after the last event that is here', () => {
    connect()
    server().tell(said(1, 'a'))
    server().tell(said(4, 'd'))
    expect(session.view.events.map((event) => event.seq)).toEqual([1])
    expect(server().ofType('hello').at(-1)).toMatchObject({ after: 1, conversation: 'c-1', token: 't-1' })
    server().tell(welcome({ seq: 4 }))
    for (const seq of [2, 3, 4]) server().tell(said(seq, String(seq)))
    expect(session.view.events.map((event) => event.seq)).toEqual([1, 2, 3, 4])
  })

  test('many frames in a gap ask once', () => {
    connect()
    for (const seq of [5, 6, 7]) server().tell(said(seq, String(seq)))
    expect(server().ofType('hello')).toHaveLength(2)
  })

  test('what is already here is dropped', () => {
    connect()
    server().tell(said(1, 'a'))
    server().tell(said(1, 'a'))
    expect(session.view.events).toHaveLength(1)
  })

  test('a lost last event is noticed by the heartbeat', () => {
    connect()
    server().tell(said(1, 'a'))
    server().tell({ type: 'pong', seq: 2 })
    expect(server().ofType('hello').at(-1)).toMatchObject({ after: 1 })
  })

  test('a reconnect resumes after the newest event', () => {
    connect()
    server().tell(said(1, 'a'))
    server().tell(said(2, 'b'))
    reconnect({ seq: 2 })
    expect(server().ofType('hello')[0]).toMatchObject({ after: 2, conversation: 'c-1', token: 't-1' })
    expect(session.view.events).toHaveLength(2)
  })

  test('events of another conversation are not mixed in', () => {
    connect()
    server().tell(said(1, 'a', { conversation: 'c-other' }))
    expect(session.view.events).toEqual([])
  })
})

describe('state', () => {
  test('replayed history never flashes an old state', () => {
    const seen: string[] = []
    connect({ seq: 3, state: 'agent', agent: '小李' })
    for (const event of [became(1, '', 'bot'), became(2, 'bot', 'queued'), became(3, 'queued', 'agent', { agent: '小李' })]) {
      server().tell(event)
      seen.push(session.view.state)
    }
    expect(seen).toEqual(['agent', 'agent', 'agent'])
    server().tell(became(4, 'agent', 'closed'))
    expect(session.view.state).toBe('closed')
  })

  test('nothing is claimed before the first welcome', () => {
    expect(session.view.ready).toBe(false)
    connect()
    expect(session.view.ready).toBe(true)
  })

  test('queue place, then a ticket with its number', () => {
    connect()
    server().tell(became(1, 'bot', 'queued'))
    server().tell({ type: 'queue', position: 2, wait_p50: 120, wait_p90: 300 })
    expect(session.view.queue?.position).toBe(2)
    server().tell(became(2, 'queued', 'ticket', { ticket: 'T-7' }))
    expect(session.view.queue).toBeNull()
    expect(session.view.ticket).toBe('T-7')
  })

  test('asking for a person twice sends one request', () => {
    connect()
    session.askPerson()
    session.askPerson()
    expect(server().ofType('ask_person')).toHaveLength(1)
  })

  test('a message after the end opens a new conversation first', () => {
    connect({ state: 'closed', seq: 5 })
    session.say('还有一个问题')
    expect(server().ofType('new')).toHaveLength(1)
    expect(server().ofType('say')).toEqual([])
    server().tell(welcome({ conversation: 'c-2', state: 'bot' }))
    expect(server().ofType('say').map((frame) => frame.text)).toEqual(['还有一个问题'])
    expect(session.view.events).toEqual([])
  })

  test('written offline after the end: the new conversation comes first as well', () => {
    connect({ state: 'closed', seq: 5 })
    server().cut()
    session.say('喂')
    vi.advanceTimersByTime(1_000)
    connect({ state: 'closed', seq: 5 })
    expect(server().ofType('say')).toEqual([])
    expect(server().ofType('new')).toHaveLength(1)
  })

  test('a rating goes to the conversation it rates, once, and never to the next one', () => {
    connect({ state: 'closed', seq: 5 })
    session.rate(4, true, '')
    session.rate(5, true, '很好')
    expect(session.view.unsent).toHaveLength(1)
    expect(server().ofType('rate').at(-1)).toMatchObject({ stars: 5, resolved: true, comment: '很好' })
    session.renew()
    server().tell(welcome({ conversation: 'c-2', state: 'bot' }))
    expect(session.view.unsent).toEqual([])
  })
})

test('a second tab has the same token and the same unsent messages', () => {
  connect()
  session.say('你好')
  const other = new ChatSession('ws://bank/ws/chat', store, { lang: 'zh-CN', elder: false }, '')
  expect(other.view.unsent.map((item) => item.ref)).toEqual(session.view.unsent.map((item) => item.ref))
  other.start()
  server().accept()
  expect(server().ofType('hello')[0]).toMatchObject({ token: 't-1' })
  other.stop()
})

test('typing is told at most once a second, and only to a person', () => {
  connect()
  session.typing()
  expect(server().ofType('typing')).toEqual([])
  server().tell(became(1, 'bot', 'agent'))
  session.typing()
  session.typing()
  expect(server().ofType('typing')).toHaveLength(1)
})
