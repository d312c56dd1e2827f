import type { Store } from './storage'

/** Something that the server has not acknowledged yet. Sent again with the same `ref` until it is. */
export interface Unsent<F> {
  ref: string
  frame: F
  /** Milliseconds since the epoch. */
  at: number
  /** Set when the server refused it (it was not stored): wait for the person, don't send again. */
  problem?: string
}

/**
 * Unsent frames, kept in the store so that closing the page loses nothing. Several tabs share one
 * key: every change reads the store first. Sending twice is harmless, the server knows the `ref`.
 */
export class Outbox<F extends { ref: string }> {
  constructor(
    private readonly store: Store,
    private readonly key: string,
  ) {}

  list(): Unsent<F>[] {
    try {
      const saved: unknown = JSON.parse(this.store.get(this.key) ?? '[]')
      return Array.isArray(saved) ? (saved as Unsent<F>[]).filter((item) => item?.ref && item.frame) : []
    } catch {
      return []
    }
  }

  add(frame: F, at = Date.now()): void {
    this.save([...this.list(), { ref: frame.ref, frame, at }])
  }

  remove(ref: string): void {
    this.save(this.list().filter((item) => item.ref !== ref))
  }

  fail(ref: string, problem: string): void {
    this.save(this.list().map((item) => (item.ref === ref ? { ...item, problem } : item)))
  }

  retry(ref: string): F | undefined {
    this.save(this.list().map((item) => (item.ref === ref ? { ...item, problem: undefined } : item)))
    return this.list().find((item) => item.ref === ref)?.frame
  }

  /** Frames to send again after a reconnect, oldest first. */
  due(): F[] {
    return this.list()
      .filter((item) => !item.problem)
      .map((item) => item.frame)
  }

  private save(items: Unsent<F>[]): void {
    if (items.length) this.store.set(this.key, JSON.stringify(items))
    else this.store.remove(this.key)
  }
}
