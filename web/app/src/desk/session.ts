import { reactive } from 'vue'
import { get, post, problem } from '../shared/api'
import { EventLog } from '../shared/eventlog'
import { Outbox, type Unsent } from '../shared/outbox'
import type {
  ChatEvent,
  ConversationDetail,
  ConversationSummary,
  DeskClientFrame,
  DeskServerFrame,
  Finding,
  Presence,
} from '../shared/protocol'
import { Link, type LinkState } from '../shared/socket'
import type { Store } from '../shared/storage'
import { uuidv7 } from '../shared/uuid'
import { StableList } from './order'

export type View = 'mine' | 'queue' | 'tickets' | 'closed'
export const views: View[] = ['mine', 'queue', 'tickets', 'closed']

export type Sent = Extract<DeskClientFrame, { ref: string }>

export interface Refusal {
  ref: string
  message: string
  findings: Finding[]
  text: string
}

export interface OpenConversation {
  id: string
  loading: boolean
  problem: string
  summary: ConversationSummary | null
  events: ChatEvent[]
  earlier: ConversationSummary[]
  customerTyping: boolean
}

const changedPause = 300
const refreshEvery = 15_000
const outboxKey = 'yinda.desk.outbox'

/** An agent's side: the four lists, the open conversation, what is unsent. */
export class DeskSession {
  readonly view = reactive({
    link: 'connecting' as LinkState,
    closeCode: 0,
    presence: 'offline' as Presence,
    lists: Object.fromEntries(views.map((name) => [name, new StableList<ConversationSummary>()])) as Record<View, StableList<ConversationSummary>>,
    listProblem: '',
    listsLoaded: false,
    /** The list under the pointer: its rows stay where they are. */
    held: '' as View | '',
    open: null as OpenConversation | null,
    unsent: [] as Unsent<Sent>[],
    refused: null as Refusal | null,
  })
  /** A customer's message in a conversation that is mine; somebody new in the queue. */
  onAttention: (kind: 'message' | 'queue') => void = () => {}

  private readonly link: Link<DeskClientFrame, DeskServerFrame>
  private readonly outbox: Outbox<Sent>
  private log: EventLog | null = null
  private greeted = false
  private changedTimer: ReturnType<typeof setTimeout> | undefined
  private refreshTimer: ReturnType<typeof setInterval> | undefined
  private typingTimer: ReturnType<typeof setTimeout> | undefined
  private lastTyping = 0
  private lastResync = 0
  private knownQueue = new Set<string>()
  private knownUnread = 0

  constructor(url: string, store: Store) {
    this.outbox = new Outbox(store, outboxKey)
    this.view.unsent = this.outbox.list()
    this.link = new Link({
      url,
      onOpen: () => this.link.send({ type: 'hello' }),
      onFrame: (frame) => this.receive(frame),
      onState: (state, code) => {
        this.view.link = state
        this.view.closeCode = code
        if (state !== 'open') this.greeted = false
      },
    })
  }

  start(): void {
    this.link.start()
    this.refreshTimer = setInterval(() => void this.loadLists(), refreshEvery)
    void this.loadLists()
  }

  stop(): void {
    clearInterval(this.refreshTimer)
    clearTimeout(this.changedTimer)
    clearTimeout(this.typingTimer)
    this.link.stop()
  }

  // --- lists ---

  async loadLists(): Promise<void> {
    try {
      const answers = await Promise.all(
        views.map((name) => get<{ items: ConversationSummary[] | null }>(`/api/desk/conversations?view=${name}`)),
      )
      views.forEach((name, i) => this.view.lists[name].update(answers[i].items ?? [], this.view.held === name))
      this.view.listProblem = ''
      this.view.listsLoaded = true
      this.noticeNews(answers[0].items ?? [], answers[1].items ?? [])
    } catch (error) {
      this.view.listProblem = problem(error)
    }
  }

  private noticeNews(mine: ConversationSummary[], queue: ConversationSummary[]): void {
    if (queue.some((item) => !this.knownQueue.has(item.id))) this.onAttention('queue')
    this.knownQueue = new Set(queue.map((item) => item.id))
    const unread = mine.reduce((sum, item) => sum + (item.id === this.view.open?.id ? 0 : item.unread), 0)
    if (unread > this.knownUnread) this.onAttention('message')
    this.knownUnread = unread
    const open = this.view.open
    const summary = open && views.flatMap((name) => this.view.lists[name].shown).find((item) => item.id === open.id)
    if (open && summary) open.summary = summary
  }

  // --- the open conversation ---

  async open(id: string): Promise<void> {
    if (this.view.open) this.link.send({ type: 'unsubscribe', conversation: this.view.open.id })
    this.view.refused = null
    this.view.open = { id, loading: true, problem: '', summary: null, events: [], earlier: [], customerTyping: false }
    const open = this.view.open
    try {
      const detail = await get<ConversationDetail>(`/api/desk/conversations/${id}`)
      if (this.view.open !== open) return
      open.summary = detail.conversation
      open.earlier = detail.earlier ?? []
      this.log = new EventLog(() => this.resync(), open.events)
      for (const event of detail.events ?? []) this.log.add(event)
      open.loading = false
      if (this.greeted) this.subscribe()
      this.read()
    } catch (error) {
      if (this.view.open === open) Object.assign(open, { loading: false, problem: problem(error) })
    }
  }

  closePane(): void {
    if (this.view.open) this.link.send({ type: 'unsubscribe', conversation: this.view.open.id })
    this.view.open = null
    this.log = null
  }

  read(): void {
    const open = this.view.open
    if (!open || !this.log?.last || open.summary?.state !== 'agent') return
    this.link.send({ type: 'read', conversation: open.id, seq: this.log.last })
    open.summary.unread = 0
  }

  private subscribe(): void {
    const open = this.view.open
    if (open && this.log) this.link.send({ type: 'subscribe', conversation: open.id, after: this.log.last })
  }

  private resync(): void {
    if (!this.greeted || Date.now() - this.lastResync < 1_000) return
    this.lastResync = Date.now()
    this.subscribe()
  }

  // --- sending ---

  say(text: string, confirmed: boolean): void {
    this.keep({ type: 'say', conversation: this.view.open!.id, ref: uuidv7(), text, ...(confirmed ? { confirmed } : {}) })
  }

  note(text: string): void {
    this.keep({ type: 'note', conversation: this.view.open!.id, ref: uuidv7(), text })
  }

  typing(): void {
    if (!this.view.open || Date.now() - this.lastTyping < 1_000) return
    this.lastTyping = Date.now()
    this.link.send({ type: 'typing', conversation: this.view.open.id })
  }

  discard(ref: string): void {
    this.outbox.remove(ref)
    this.view.unsent = this.outbox.list()
  }

  retry(ref: string): void {
    const frame = this.outbox.retry(ref)
    this.view.unsent = this.outbox.list()
    if (frame && this.greeted) this.link.send(frame)
  }

  private keep(frame: Sent): void {
    this.view.refused = null
    this.outbox.add(frame)
    this.view.unsent = this.outbox.list()
    if (this.greeted) this.link.send(frame)
  }

  // --- actions; errors are thrown to the caller, who shows them ---

  async claim(id: string): Promise<void> {
    await post(`/api/desk/conversations/${id}/claim`)
    await this.loadLists()
    await this.open(id)
  }

  async setPresence(presence: Presence): Promise<void> {
    await post('/api/desk/presence', { presence })
    this.view.presence = presence
  }

  // --- frames ---

  private receive(frame: DeskServerFrame): void {
    const open = this.view.open
    switch (frame.type) {
      case 'welcome':
        this.greeted = true
        this.link.settled()
        this.view.presence = frame.presence
        this.subscribe()
        for (const item of this.outbox.due()) this.link.send(item)
        void this.loadLists()
        return
      case 'event':
        this.land(frame.ref)
        if (!open || open.id !== frame.conversation || !this.log?.add(frame)) return
        if (frame.kind === 'message' && frame.actor.kind === 'customer') open.customerTyping = false
        if (document.visibilityState === 'visible') this.read()
        return
      case 'ack':
        return this.land(frame.ref)
      case 'typing':
        if (!open || open.id !== frame.conversation || frame.actor.kind !== 'customer') return
        open.customerTyping = true
        clearTimeout(this.typingTimer)
        this.typingTimer = setTimeout(() => {
          if (this.view.open) this.view.open.customerTyping = false
        }, 4_000)
        return
      case 'error':
        return this.refuse(frame.ref, frame.message, frame.findings ?? [])
      case 'changed':
        // Under load many of these arrive: the lists are fetched at most once in a while.
        this.changedTimer ??= setTimeout(() => {
          this.changedTimer = undefined
          void this.loadLists()
        }, changedPause)
        return
      case 'pong':
        if (open && frame.seqs[open.id]) this.log?.expect(frame.seqs[open.id])
    }
  }

  private land(ref: string | undefined): void {
    if (!ref || !this.view.unsent.some((item) => item.ref === ref)) return
    this.outbox.remove(ref)
    this.view.unsent = this.outbox.list()
  }

  /** Refused by the guard: the words go back to the composer with the findings. */
  private refuse(ref: string | undefined, message: string, findings: Finding[]): void {
    const item = this.view.unsent.find((unsent) => unsent.ref === ref)
    if (!item) return
    if (findings.length && 'text' in item.frame) {
      this.view.refused = { ref: item.ref, message, findings, text: item.frame.text }
      this.discard(item.ref)
    } else {
      this.outbox.fail(item.ref, message)
      this.view.unsent = this.outbox.list()
    }
  }
}
