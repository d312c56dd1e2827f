import type { ChatEvent } from './protocol'

/**
 * The events of one conversation, in order and without gaps. Whatever does not fit is not kept: the
 * database of the server is the truth, and it is asked again from `last` on.
 */
export class EventLog {
  readonly events: ChatEvent[]
  last = 0

  constructor(
    private readonly onGap: () => void,
    events: ChatEvent[] = [],
  ) {
    this.events = events
  }

  /** True when the event is new; false when it was dropped (already here, or too early). */
  add(event: ChatEvent): boolean {
    if (event.seq <= this.last) return false
    if (event.seq > this.last + 1) {
      this.onGap()
      return false
    }
    this.last = event.seq
    this.events.push(event)
    return true
  }

  /** A heartbeat said that the conversation is at `seq`: notices a lost last event. */
  expect(seq: number): void {
    if (seq > this.last) this.onGap()
  }

  reset(): void {
    this.events.length = 0
    this.last = 0
  }
}
