/**
 * Every frame and JSON body of docs/protocol.md. The golden examples in web/testdata/frames.json are
 * checked against frames.ts beside this file and against the Go types there, so that neither side can drift.
 */

export type State = 'bot' | 'queued' | 'agent' | 'ticket' | 'closed' | 'rated'
export type ActorKind = 'customer' | 'bot' | 'agent' | 'system'
export type Language = 'zh-CN' | 'zh-TW' | 'en'
export type Presence = 'online' | 'busy' | 'offline'
export type Emotion = 'neutral' | 'anxious' | 'dissatisfied' | 'angry' | 'sad' | 'positive'

export interface Actor {
  kind: ActorKind
  name?: string
  id?: string
}

export interface QueuePlace {
  position: number
  /** Seconds; −1 = unknown. */
  wait_p50: number
  wait_p90: number
}

export interface Choice {
  entry_id: string
  title: string
}

/** Evidence comes as the customer's words, or as a found place with its rule. */
export type Evidence = string | { rule?: string; match: string; start?: number; end?: number }

export interface Candidate {
  id: string
  title: string
  score: number
  question?: string
  features?: Feature[]
}

export interface Feature {
  name: string
  value: number
  contribution: number
}

export interface MessageBody {
  text: string
  kind?: string
  entry_id?: string
  title?: string
  version?: number
  generation?: number
  approver?: string
  choices?: Choice[]
  offer_person?: boolean
  confirm_risk?: boolean
  masked?: string[]
  /** Secrets (password, one-time code …) were destroyed: nothing is left to reveal. */
  secret?: boolean
}

export interface StateBody {
  from: State | ''
  to: State
  reason?: string
  ticket?: string
  /** Microseconds: when a ticket will be answered. */
  promised_at?: number
  agent?: string
  group?: string
  priority?: number
  evidence?: Evidence[]
  emotion?: Emotion | ''
  emotion_level?: number
  trend?: number
  urgent?: string
  complaint_category?: string
}

export interface TransferBody {
  from_agent?: string
  to_agent?: string
  group?: string
  note?: string
}

export interface NoteBody {
  text: string
}

export interface DecisionBody {
  kind: string
  reason?: string
  evidence?: Evidence[]
  candidates?: Candidate[]
  emotion?: Emotion | ''
  emotion_level?: number
  trend?: number
  urgent?: string
  wants_person?: boolean
  complaint?: boolean
  ms?: number
}

export interface RatingBody {
  stars: number
  resolved?: boolean | null
  comment?: string
  subject?: string
}

interface EventBase<K extends string, B> {
  type?: 'event'
  conversation: string
  seq: number
  /** Microseconds UTC. */
  at: number
  kind: K
  actor: Actor
  /** The client's reference, when the event came from a frame that had one. */
  ref?: string
  body: B
}

export type MessageEvent_ = EventBase<'message', MessageBody>
export type StateEvent = EventBase<'state', StateBody>
export type TransferEvent = EventBase<'transfer', TransferBody>
export type NoteEvent = EventBase<'note', NoteBody>
export type DecisionEvent = EventBase<'decision', DecisionBody>
export type RatingEvent = EventBase<'rating', RatingBody>
export type HiddenEvent = EventBase<'hidden', Record<string, never>>
export type ChatEvent =
  | MessageEvent_
  | StateEvent
  | TransferEvent
  | NoteEvent
  | DecisionEvent
  | RatingEvent
  | HiddenEvent

export interface Finding {
  rule: string
  start: number
  end: number
  match: string
  advice: string
}

export interface ErrorFrame {
  type: 'error'
  code: string
  message: string
  ref?: string
  conversation?: string
  findings?: Finding[]
}

export interface TypingFrame {
  type: 'typing'
  actor: Actor
  conversation?: string
}

export interface AckFrame {
  type: 'ack'
  ref: string
  seq: number
  conversation?: string
}

export type EventFrame = ChatEvent & { type: 'event' }

// --- customer socket: GET /ws/chat ---------------------------------------------------------------

export interface ChatHello {
  type: 'hello'
  token: string
  conversation: string
  after: number
  lang: Language
  elder: boolean
  page: string
}
export interface Say {
  type: 'say'
  ref: string
  text: string
}
export interface AskPerson {
  type: 'ask_person'
  ref: string
}
export interface Rate {
  type: 'rate'
  ref: string
  stars: number
  resolved: boolean | null
  comment: string
}
export type ChatClientFrame =
  | ChatHello
  | Say
  | AskPerson
  | Rate
  | { type: 'typing' }
  | { type: 'read'; seq: number }
  | { type: 'mode'; elder: boolean; lang: Language }
  | { type: 'new' }
  | { type: 'ping' }

export interface ChatWelcome {
  type: 'welcome'
  token: string
  conversation: string
  seq: number
  state: State
  bank: string
  hotline: string
  suggestions: string[]
  agent: string
  queue: QueuePlace | null
}
export type ChatServerFrame =
  | ChatWelcome
  | EventFrame
  | AckFrame
  | ({ type: 'queue' } & QueuePlace)
  | TypingFrame
  | ErrorFrame
  | { type: 'pong'; seq: number }

// --- agent socket: GET /ws/desk ------------------------------------------------------------------

export type DeskClientFrame =
  | { type: 'hello' }
  | { type: 'subscribe'; conversation: string; after: number }
  | { type: 'unsubscribe'; conversation: string }
  | { type: 'say'; conversation: string; ref: string; text: string; confirmed?: boolean }
  | { type: 'note'; conversation: string; ref: string; text: string }
  | { type: 'typing'; conversation: string }
  | { type: 'read'; conversation: string; seq: number }
  | { type: 'ping' }

export interface DeskWelcome {
  type: 'welcome'
  user: User
  presence: Presence
}
export type DeskServerFrame =
  | DeskWelcome
  | EventFrame
  | AckFrame
  | TypingFrame
  | ErrorFrame
  | { type: 'changed'; conversation?: string }
  | { type: 'pong'; seqs: Record<string, number> }

// --- JSON API ------------------------------------------------------------------------------------

export type Role = 'agent' | 'supervisor' | 'editor' | 'reviewer' | 'admin' | 'auditor'

export interface User {
  id: string
  username: string
  name: string
  roles: Role[]
}

export interface PublicConfig {
  bank: string
  hotline: string
  person_hours: string
  greeting: string
  suggestions: string[]
  demo?: boolean
}

export interface ConversationSummary {
  id: string
  state: State
  visitor: string
  channel: string
  agent: { id: string; name: string } | null
  group: string
  priority: number
  reason: string
  emotion: Emotion | ''
  emotion_level: number
  trend: number
  urgent: string
  complaint_category: string
  ticket: string
  last_text: string
  last_actor: ActorKind | ''
  last_at: number
  seq: number
  unread: number
  created_at: number
  queued_at: number
  accepted_at: number
  closed_at: number
  first_response_due: number
  first_response_at: number
  stars: number
  promised_at?: number
  verdict?: string
  elder?: boolean
  lang?: Language
}

export interface ConversationDetail {
  conversation: ConversationSummary
  events: ChatEvent[]
  earlier: ConversationSummary[]
}

export interface Suggestion {
  entry_id: string
  title: string
  score: number
  text: string
}

export interface LintResult {
  text: string
  verdict: 'ok' | 'warn' | 'block'
  findings: Finding[]
}

export interface AgentInfo {
  id: string
  name: string
  presence: Presence
  load: number
  capacity: number
  groups: string[]
}

export interface Macro {
  id: string
  title: string
  text: string
}

export interface WrapUp {
  category: string
  result: 'resolved' | 'followup' | 'customer_left'
  note: string
}

export interface TeamOverview {
  queue: ConversationSummary[]
  agents: AgentInfo[]
  today: {
    conversations: number
    bot_resolved: number
    escalated: number
    ignored_requests: number
    tickets?: number
    late_responses?: number
    estimates_kept?: number
    right?: number
    late?: number
    needless?: number
    wait_p50: number
    wait_p90: number
    rating_avg: number
    ratings: number
  }
}

export type ItemKind = 'entry' | 'fact' | 'notice' | 'script' | 'lexicon' | 'policy' | 'example'
export type ItemState = 'draft' | 'in_review' | 'approved' | 'published' | 'withdrawn'

export interface ItemSummary {
  kind: ItemKind
  id: string
  title: string
  category: string
  state: ItemState
  version: number
  published_version: number
  author: string
  reviewer: string
  updated_at: number
  review_due: string
  /** Reason of a rejection or withdrawal. */
  note?: string
  /** The newest version is by the person who asks: somebody else has to approve it. */
  mine?: boolean
}

export interface Item extends ItemSummary {
  body: Record<string, unknown>
}

export interface Version {
  version: number
  state: ItemState
  author: string
  reviewer: string
  at: number
  approved_at: number
  from_generation: number
  to_generation: number
  note: string
  withdrawn?: boolean
  body: Record<string, unknown>
}

/** What is wrong with a body; `field` is a path in it, such as answer.steps[2]. */
export interface BodyFinding {
  field: string
  level: 'error' | 'warn'
  message: string
}

export interface ItemAnswer {
  item: Item
  versions: Version[]
  findings?: BodyFinding[]
}

export interface ImportResult {
  added: number
  changed: number
  unchanged: number
  findings?: Record<string, BodyFinding[] | null> | null
}

export interface Generation {
  generation: number
  at: number
  by: string
  note: string
  changes: number
  /** What understanding learned; missing without examples of the bank's own. */
  lesson?: Lesson
}

/** F1 of labelled turns; −1: none of the turns has it. */
export interface Scores {
  examples: number
  person: number
  complaint: number
  urgent: number
  emotion: number
}

/** What came of teaching the model of understanding the bank's own examples. */
export interface Lesson {
  examples: number
  factor: number
  /** On a fifth of the shipped examples that was not taught. */
  shipped: { before: Scores; after: Scores }
  /** On a fifth of the own ones; missing when there are too few. */
  own?: { before: Scores; after: Scores }
  adopted: boolean
}

export type EscalationVerdict = 'right' | 'late' | 'needless' | ''

/** A conversation that went to a person, as editors look back on it. */
export interface Escalated {
  id: string
  at: number
  reason: string
  priority: number
  agent: { id: string; name: string } | null
  verdict: EscalationVerdict
  turns: EscalatedTurn[]
  notes: string[]
  done_by: string
  done_at: number
}

/** A turn of the customer, and what the bot read in it; null when it did not decide on it. */
export interface EscalatedTurn {
  seq: number
  at: number
  text: string
  decision: {
    kind: AskResult['kind']
    reason: string
    evidence: { rule: string; match: string; start: number; end: number }[] | null
    emotion: Emotion | ''
    emotion_level: number
    urgent: string
    wants_person: boolean
    complaint: boolean
    complaint_category: string
    generation: number
  } | null
}

/** The JSON of `yinda ask --json --explain`. */
export interface AskResult {
  text: string
  kind: 'answer' | 'clarify' | 'decline' | 'handoff' | 'chat'
  entry_id: string
  title: string
  reply: string
  candidates: Candidate[]
  emotion: Emotion | ''
  emotion_level: number
  complaint: boolean
  complaint_category: string
  urgent: string
  wants_person: boolean
  escalate: boolean
  reason: string
  evidence: Evidence[]
  ms: number
  explanation?: Explanation
}

/** Why these candidates: the same search path as the live bot's. */
export interface Explanation {
  query: string
  normalized: string
  tokens?: string[] | null
  synonyms?: string[] | null
  candidates: Candidate[] | null
  margin: number
  verdict: SearchVerdict
  thresholds: { answer: number; clarify: number; margin: number }
  generation: number
}

export interface Unanswered {
  text: string
  /** What the bot did then. */
  kind: 'decline' | 'clarify'
  count: number
  last_at: number
  best: Candidate[]
  /** An agent's confirmation that waits for an editor. */
  pair: Pair | null
}

export type PairState = 'pending' | 'approved' | 'published' | 'leaving' | 'superseded'

/** A customer's question with the entry that answers it, as agents and editors confirmed it. */
export interface Pair {
  id: string
  question: string
  /** "": no entry answers it. */
  entry_id: string
  /** Of the entry; "" when it is out of service. */
  title: string
  state: PairState
  confirmed_by: string
  confirmed_at: number
  approved_by: string
  approved_at: number
  from_generation: number
  to_generation: number
  /** Confirmed by the person who asks. */
  mine?: boolean
}

export interface PairList {
  items: Pair[]
  more: boolean
  counts: Partial<Record<PairState, number>>
}

export type SearchVerdict = 'answer' | 'clarify' | 'decline'

/** What one index makes of a question. */
export interface Seen {
  id: string
  title: string
  score: number
  verdict: SearchVerdict
  tokens: string[]
  synonyms: string[]
}

/** What a change makes of one question. */
export interface Effect {
  question: string
  source: 'pair' | 'similar' | 'typed'
  /** Entries that answer it; empty: none, or (typed) nobody said. */
  want: string[]
  before: Seen
  after: Seen
  kind: 'better' | 'worse' | 'other' | 'same'
}

export interface Comparison {
  asked: number
  better: number
  worse: number
  other: number
  /** Questions that are cut into other words, or that other synonyms are used for. */
  recut: number
  effects: Effect[]
  cuts: Effect[]
}

export interface WordPreview extends Comparison {
  words: string[]
  skipped: string[]
  generation: number
}

/** An estimate with its 95 % confidence interval. */
export interface Interval {
  value: number
  low: number
  high: number
}

export interface EvaluationSide {
  generation: number
  stats: { entries: number; questions: number; confirmed: number; adopted: boolean; held_out: number; loss_before: number; loss_after: number; skipped?: string[] }
  thresholds: { answer: number; clarify: number; margin: number }
  /** On the confirmed questions of the newer generation. */
  pairs: {
    cases: number
    in_scope: number
    out_of_scope: number
    recall_1: Interval
    recall_3: Interval
    answered: number
    clarified: number
    precision: Interval
    false_answers: Interval
  }
}

export interface Evaluation extends Comparison {
  /** The newer generation is not published yet. */
  next: boolean
  before: EvaluationSide
  after: EvaluationSide
}

export interface Account extends User {
  groups: string[] | null
  capacity: number
  agreement_on: string
  disabled: boolean
  created_at: number
  signed_in_at: number
}

export interface AuditRecord {
  seq: number
  at: number
  actor: string
  actor_id?: string
  action: string
  object: string
  detail?: unknown
}

/** Parses a frame of the server; null for what is not one (it is then ignored, never fatal). */
export function parseServerFrame<T extends { type: string }>(text: string): T | null {
  try {
    const frame = JSON.parse(text) as T | null
    return typeof frame?.type === 'string' ? frame : null
  } catch {
    return null
  }
}
