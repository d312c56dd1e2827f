/**
 * A list whose rows never move under the pointer. Rows that are already shown keep their places;
 * rows that left disappear; new ones wait until the person asks for them, or nobody points at the
 * list. `total` orders are the server's.
 */
export class StableList<T extends { id: string }> {
  shown: T[] = []
  /** New rows that wait to be shown. */
  waiting: T[] = []
  private latest: T[] = []
  private started = false

  /** `held`: the pointer or the keyboard is in the list. */
  update(items: T[], held: boolean): void {
    this.latest = items
    const fresh = new Map(items.map((item) => [item.id, item]))
    this.shown = this.shown.filter((item) => fresh.has(item.id)).map((item) => fresh.get(item.id)!)
    if (!this.started || !this.shown.length) return this.release()
    const known = new Set(this.shown.map((item) => item.id))
    this.waiting = items.filter((item) => !known.has(item.id))
    if (!held) this.admit()
  }

  /** Puts the new rows where the server has them; the others keep their order among themselves. */
  admit(): void {
    if (!this.waiting.length) return
    const places = new Map(this.latest.map((item, i) => [item.id, i]))
    for (const item of this.waiting) {
      const at = this.shown.findIndex((other) => places.get(other.id)! > places.get(item.id)!)
      if (at < 0) this.shown.push(item)
      else this.shown.splice(at, 0, item)
    }
    this.waiting = []
  }

  /** The server's order, when the person asks for it or opens the list. */
  release(): void {
    this.started = true
    this.shown = [...this.latest]
    this.waiting = []
  }
}
