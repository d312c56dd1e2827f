/**
 * Talks to embed.js on the bank's page. Every message names its target origin, and only messages of
 * the parent window with that origin are heard.
 */
export class ParentPage {
  readonly embedded: boolean
  private readonly origin: string

  constructor(onVisible: (open: boolean) => void) {
    const wanted = new URLSearchParams(location.search).get('parent') ?? ''
    this.origin = /^https?:\/\/[^/]+$/.test(wanted) ? wanted : ''
    this.embedded = window.parent !== window && this.origin !== ''
    if (!this.embedded) return
    window.addEventListener('message', (event) => {
      if (event.source !== window.parent || event.origin !== this.origin) return
      if (event.data === 1 || event.data === 0) onVisible(event.data === 1)
    })
  }

  unread(count: number): void {
    this.tell(count)
  }

  close(): void {
    this.tell(-1)
  }

  private tell(message: number): void {
    if (this.embedded) window.parent.postMessage(message, this.origin)
  }
}
