import { parseServerFrame } from './protocol'

export type LinkState = 'connecting' | 'open' | 'offline' | 'refused'

export interface LinkOptions<S> {
  url: string
  /** The socket is open: say hello. */
  onOpen(): void
  onFrame(frame: S): void
  onState(state: LinkState, code: number): void
}

const pingEvery = 20_000
// The server pings every 25 s and answers ours at once: silence for this long is a dead connection.
const silenceLimit = 32_000
const firstDelay = 400
const longestDelay = 15_000

/**
 * One websocket that comes back. It knows nothing of conversations: resuming by `seq` and resending
 * by `ref` is done by its owner in onOpen and onFrame.
 */
export class Link<C extends { type: string }, S extends { type: string }> {
  private ws: WebSocket | null = null
  private attempts = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private beat: ReturnType<typeof setInterval> | undefined
  private heard = 0
  private stopped = false
  private readonly wake = () => this.comeBackNow()

  constructor(private readonly options: LinkOptions<S>) {}

  start(): void {
    this.stopped = false
    window.addEventListener('online', this.wake)
    document.addEventListener('visibilitychange', this.wake)
    this.open()
  }

  stop(): void {
    this.stopped = true
    window.removeEventListener('online', this.wake)
    document.removeEventListener('visibilitychange', this.wake)
    clearTimeout(this.retry)
    this.drop(1000)
  }

  /** True when the frame was handed to an open socket; that says nothing about its arrival. */
  send(frame: C): boolean {
    if (this.ws?.readyState !== WebSocket.OPEN) return false
    this.ws.send(JSON.stringify(frame))
    return true
  }

  /** The server accepted our hello: the next failure starts again with the short delay. */
  settled(): void {
    this.attempts = 0
  }

  private open(): void {
    clearTimeout(this.retry)
    this.retry = undefined
    this.options.onState('connecting', 0)
    let ws: WebSocket
    try {
      ws = new WebSocket(this.options.url)
    } catch {
      this.lost(0)
      return
    }
    this.ws = ws
    this.heard = Date.now()
    clearInterval(this.beat)
    this.beat = setInterval(() => this.check(), pingEvery)
    ws.onopen = () => {
      if (this.ws !== ws) return
      this.heard = Date.now()
      this.options.onState('open', 0)
      this.options.onOpen()
    }
    ws.onmessage = (message) => {
      if (this.ws !== ws) return
      this.heard = Date.now()
      const frame = parseServerFrame<S>(String(message.data))
      if (frame) this.options.onFrame(frame)
    }
    ws.onclose = (event) => {
      if (this.ws === ws) this.lost(event.code)
    }
  }

  private lost(code: number): void {
    this.drop(0)
    if (this.stopped) return
    // Close codes from 4500 on mean: don't come back (signed out, origin not allowed).
    if (code >= 4500) {
      this.options.onState('refused', code)
      return
    }
    this.options.onState('offline', code)
    // Full jitter in the upper half: thousands of customers must not return in the same second.
    const ceiling = Math.min(longestDelay, firstDelay * 2 ** this.attempts++)
    this.retry = setTimeout(() => this.open(), ceiling * (0.5 + Math.random() / 2))
  }

  private drop(code: number): void {
    const ws = this.ws
    this.ws = null
    clearInterval(this.beat)
    if (!ws) return
    ws.onopen = ws.onmessage = ws.onclose = ws.onerror = null
    if (ws.readyState <= WebSocket.OPEN) ws.close(code || undefined)
  }

  private check(): void {
    if (Date.now() - this.heard > silenceLimit) this.lost(0)
    else this.send({ type: 'ping' } as C)
  }

  /** The network or the tab came back: don't wait for the timer. */
  private comeBackNow(): void {
    if (document.visibilityState === 'hidden') return
    if (this.retry !== undefined) this.open()
    else if (this.ws?.readyState === WebSocket.OPEN) this.check()
  }
}

export function socketURL(path: string): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`
}
