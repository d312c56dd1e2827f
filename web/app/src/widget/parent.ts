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
      const what = (event.data as { yinda?: string } | null)?.yinda
      if (what === 'open' || what === 'close') onVisible(what === 'open')
    })
  }

  unread(count: number): void {
    this.tell({ yinda: 'unread', count })
  }

  close(): void {
    this.tell({ yinda: 'close' })
  }

  private tell(message: object): void {
    if (this.embedded) window.parent.postMessage(message, this.origin)
  }
}
