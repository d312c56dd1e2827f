import { vi } from 'vitest'

/** A websocket that the test plays the server of. */
export class FakeSocket {
  static all: FakeSocket[] = []
  static readonly OPEN = 1
  static get last(): FakeSocket {
    return FakeSocket.all[FakeSocket.all.length - 1]
  }

  readyState = 0
  sent: Record<string, unknown>[] = []
  onopen: (() => void) | null = null
  onmessage: ((message: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  onerror: (() => void) | null = null

  constructor(readonly url: string) {
    FakeSocket.all.push(this)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }
  close(): void {
    this.readyState = 3
  }

  // --- the server's side ---
  accept(): void {
    this.readyState = 1
    this.onopen?.()
  }
  tell(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  cut(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
  ofType(type: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame.type === type)
  }
}

export function fakeSockets(): void {
  FakeSocket.all = []
  vi.stubGlobal('WebSocket', FakeSocket)
}

export const welcome = (over: object = {}) => ({
  type: 'welcome', token: 't-1', conversation: 'c-1', seq: 0, state: 'bot', bank: '示例银行', hotline: '400-000-0000', suggestions: [], agent: '', queue: null, ...over,
})

export const said = (seq: number, text: string, over: object = {}) => ({
  type: 'event', conversation: 'c-1', seq, at: 1795413900000000 + seq * 1e6, kind: 'message', actor: { kind: 'bot', name: '智能客服' }, body: { text }, ...over,
})

export const became = (seq: number, from: string, to: string, over: object = {}) => ({
  type: 'event', conversation: 'c-1', seq, at: 1795413900000000 + seq * 1e6, kind: 'state', actor: { kind: 'system' }, body: { from, to, ...over },
})

/** Answers of the JSON API by "METHOD path"; what is not listed is a 404. */
export function fakeApi(answers: Record<string, unknown | ((body: unknown) => unknown)>): { calls: { key: string; body: unknown }[] } {
  const calls: { key: string; body: unknown }[] = []
  vi.stubGlobal('fetch', async (path: string, init: RequestInit = {}) => {
    const key = `${init.method ?? 'GET'} ${path}`
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
    calls.push({ key, body })
    const answer = answers[key] ?? answers[key.replace(/\?.*/, '')]
    if (answer === undefined) return new Response('{"error":{"code":"not_found","message":"没有这个地址。"}}', { status: 404 })
    const value: unknown = typeof answer === 'function' ? (answer as (body: unknown) => unknown)(body) : answer
    return value instanceof Response ? value : new Response(JSON.stringify(value))
  })
  return { calls }
}
