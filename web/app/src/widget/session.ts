import { reactive } from 'vue'
import { EventLog } from '../shared/eventlog'
import { Outbox, type Unsent } from '../shared/outbox'
import type {
  AskPerson,
  ChatClientFrame,
  ChatEvent,
  ChatServerFrame,
  ChatWelcome,
  Language,
  QueuePlace,
  Rate,
  Say,
  State,
} from '../shared/protocol'
import { Link, type LinkState } from '../shared/socket'
import type { Store } from '../shared/storage'
import { uuidv7 } from '../shared/uuid'

export type Kept = Say | AskPerson | Rate

export interface ChatView {
  link: LinkState
  closeCode: number
  /** False until the first welcome: nothing is claimed about the state before. */
  ready: boolean
  conversation: string
  state: State
  bank: string
  hotline: string
  suggestions: string[]
  agent: string
  ticket: string
  /** When the bank promised to answer the ticket, microseconds; 0 = unknown. */
  promised: number
  queue: QueuePlace | null
  events: ChatEvent[]
  unsent: Unsent<Kept>[]
  /** Acked, but its event is still under way: shown until then, so that no bubble blinks. */
  landing: (Unsent<Kept> & { seq: number })[]
  typing: string
}

const tokenKey = 'yinda.token'
const outboxKey = 'yinda.outbox'
const ackPatience = 8_000
const resyncPause = 1_000
const typingShown = 4_000
const renewPause = 3_000

/**
 * The customer's side of one conversation: resumes by `seq`, resends by `ref`, and shows what is
 * known. All tabs of the customer share token and outbox through the store.
 */
export class ChatSession {
  readonly view: ChatView
  private readonly link: Link<ChatClientFrame, ChatServerFrame>
  private readonly log: EventLog
  private readonly outbox: Outbox<Kept>
  private typingTimer: ReturnType<typeof setTimeout> | undefined
  private watch: ReturnType<typeof setInterval> | undefined
  private lastResync = 0
  private lastTyping = 0
  private lastRead = 0
  private greeted = false
  private renewing = false
  /** Events up to here are history: the welcome already told the state that they led to. */
  private historyEnds = 0
  private readonly shared = (event: StorageEvent) => {
    if (event.key === outboxKey) this.view.unsent = this.outbox.list()
  }

  constructor(
    url: string,
    private readonly store: Store,
    private readonly mode: { lang: Language; elder: boolean },
    private readonly page: string,
  ) {
    this.outbox = new Outbox(store, outboxKey)
    this.view = reactive<ChatView>({
      link: 'connecting',
      closeCode: 0,
      ready: false,
      conversation: '',
      state: 'bot',
      bank: '',
      hotline: '',
      suggestions: [],
      agent: '',
      ticket: '',
      promised: 0,
      queue: null,
      events: [],
      unsent: this.outbox.list(),
      landing: [],
      typing: '',
    })
    this.log = new EventLog(() => this.resync(), this.view.events)
    this.link = new Link({
      url,
      onOpen: () => this.hello(),
      onFrame: (frame) => this.receive(frame),
      onState: (state, code) => {
        this.view.link = state
        this.view.closeCode = code
        if (state !== 'open') this.greeted = false
      },
    })
  }

  start(): void {
    window.addEventListener('storage', this.shared)
    this.watch = setInterval(() => this.resendLate(), ackPatience / 2)
    this.link.start()
  }

  stop(): void {
    window.removeEventListener('storage', this.shared)
    clearInterval(this.watch)
    clearTimeout(this.typingTimer)
    this.link.stop()
  }

  say(text: string): void {
    this.keep({ type: 'say', ref: uuidv7(), text })
  }

  askPerson(): void {
    const waiting = this.view.unsent.some((item) => item.frame.type === 'ask_person' && !item.problem)
    if (!waiting) this.keep({ type: 'ask_person', ref: uuidv7() })
  }

  rate(stars: number, resolved: boolean | null, comment: string): void {
    for (const item of this.outbox.list()) if (item.frame.type === 'rate') this.outbox.remove(item.ref)
    this.keep({ type: 'rate', ref: uuidv7(), stars, resolved, comment })
  }

  /** After the end: a fresh conversation. What was unsent goes there. */
  renew(): void {
    if (this.renewing) return
    this.renewing = true
    if (this.greeted) this.link.send({ type: 'new' })
  }

  /** "new" was refused (too fast, a fault): the customer waits, the button does not stay dead. */
  private renewLater(): void {
    this.renewing = false
    setTimeout(() => this.over && this.renew(), renewPause)
  }

  retry(ref: string): void {
    const frame = this.outbox.retry(ref)
    this.view.unsent = this.outbox.list()
    if (frame) this.sendKept(frame)
  }

  discard(ref: string): void {
    this.outbox.remove(ref)
    this.view.unsent = this.outbox.list()
  }

  typing(): void {
    if (this.view.state !== 'agent' || Date.now() - this.lastTyping < 1_000) return
    this.lastTyping = Date.now()
    this.link.send({ type: 'typing' })
  }

  /** Everything up to now was on the screen. */
  read(): void {
    if (this.log.last > this.lastRead && this.link.send({ type: 'read', seq: this.log.last })) this.lastRead = this.log.last
  }

  setMode(mode: { lang: Language; elder: boolean }): void {
    Object.assign(this.mode, mode)
    if (this.greeted) this.link.send({ type: 'mode', ...mode })
  }

  private get over(): boolean {
    return this.view.state === 'closed' || this.view.state === 'rated'
  }

  private keep(frame: Kept): void {
    this.outbox.add(frame)
    this.view.unsent = this.outbox.list()
    if (this.over && frame.type !== 'rate') this.renew()
    else this.sendKept(frame)
  }

  private sendKept(frame: Kept): void {
    if (this.greeted && !this.renewing) this.link.send(frame)
  }

  private hello(): void {
    this.link.send({
      type: 'hello',
      token: this.store.get(tokenKey) ?? '',
      conversation: this.view.conversation,
      after: this.log.last,
      lang: this.mode.lang,
      elder: this.mode.elder,
      page: this.page,
    })
  }

  /** A gap: ask for what is missing, but not once per frame while the answer is under way. */
  private resync(): void {
    if (!this.greeted || Date.now() - this.lastResync < resyncPause) return
    this.lastResync = Date.now()
    this.hello()
  }

  private receive(frame: ChatServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        return this.welcome(frame)
      case 'event':
        if (frame.conversation === this.view.conversation && this.log.add(frame)) this.apply(frame)
        return
      case 'ack':
        return this.land(frame.ref, frame.seq)
      case 'queue':
        this.view.queue = { position: frame.position, wait_p50: frame.wait_p50, wait_p90: frame.wait_p90 }
        return
      case 'typing':
        this.view.typing = frame.actor.name || ' '
        clearTimeout(this.typingTimer)
        this.typingTimer = setTimeout(() => (this.view.typing = ''), typingShown)
        return
      case 'error':
        if (frame.code === 'closed') this.renew()
        else if (this.renewing && !frame.ref) this.renewLater()
        else if (frame.ref) {
          this.outbox.fail(frame.ref, frame.message)
          this.view.unsent = this.outbox.list()
        }
        return
      case 'pong':
        this.log.expect(frame.seq)
    }
  }

  private welcome(frame: ChatWelcome): void {
    const view = this.view
    this.store.set(tokenKey, frame.token)
    if (frame.conversation !== this.view.conversation) {
      // A rating belongs to the conversation that it rates.
      if (this.view.conversation) for (const item of this.outbox.due()) if (item.type === 'rate') this.outbox.remove(item.ref)
      this.log.reset()
      view.landing = []
      view.unsent = this.outbox.list()
      view.conversation = frame.conversation
      this.lastRead = 0
      view.ticket = view.agent = ''
    }
    const wanted = this.renewing
    this.renewing = false
    this.greeted = true
    this.link.settled()
    view.ready = true
    view.state = frame.state
    view.bank = frame.bank
    view.hotline = frame.hotline
    view.suggestions = frame.suggestions ?? []
    view.agent = frame.agent || view.agent
    view.queue = frame.queue ?? null
    this.historyEnds = frame.seq
    // Something waits for a new conversation, and this is still the old one.
    if (this.over && (wanted || this.outbox.due().some((item) => item.type !== 'rate'))) {
      this.renew()
      return
    }
    for (const item of this.outbox.due()) this.link.send(item)
  }

  private land(ref: string, seq: number): void {
    const item = this.view.unsent.find((unsent) => unsent.ref === ref)
    this.outbox.remove(ref)
    this.view.unsent = this.outbox.list()
    if (item && seq > this.log.last) this.view.landing.push({ ...item, seq })
  }

  private apply(event: ChatEvent): void {
    const view = this.view
    if (event.ref && view.unsent.some((item) => item.ref === event.ref)) this.land(event.ref, event.seq)
    if (view.landing.length) view.landing = view.landing.filter((item) => item.seq > event.seq)
    if (event.kind === 'message' && event.actor.kind !== 'customer') view.typing = ''
    if (event.kind === 'state') {
      if (event.seq > this.historyEnds) view.state = event.body.to
      if (event.body.ticket) {
        view.ticket = event.body.ticket
        view.promised = event.body.promised_at ?? 0
      }
      if (event.body.to === 'agent') view.agent = event.body.agent || event.actor.name || ''
      if (event.body.to !== 'queued') view.queue = null
    }
    if (event.kind === 'transfer' && event.body.to_agent) view.agent = event.body.to_agent
  }

  /** The socket seems alive but an ack is late: say it again, the server knows the reference. */
  private resendLate(): void {
    if (!this.greeted || this.renewing) return
    const now = Date.now()
    for (const item of this.view.unsent) if (!item.problem && now - item.at > ackPatience) this.link.send(item.frame)
  }
}
