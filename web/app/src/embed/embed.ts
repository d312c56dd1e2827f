/**
 * The one script of the bank's page: a button, and an iframe to /widget behind it.
 *
 *   <script src="https://chat.bank.example/embed.js" data-label="在线客服" defer></script>
 *
 * We tell the widget 1 (shown) or 0 (hidden); it tells us −1 (close) or the number of unread messages.
 *
 * Styles are set through the DOM, which the strictest `style-src` of a bank's page allows. Every byte
 * here is paid on every page of the bank: at most 600 gzipped, checked by a test.
 */
;(() => {
  const script = document.currentScript as HTMLScriptElement
  const { origin } = new URL(script.src)
  const label = script.dataset.label || '在线客服'
  const button = document.createElement('button')
  const frame = document.createElement('iframe')
  let open = 0
  // −1 until the widget spoke: before, the frame is still blank and of another origin.
  let unread = -1

  const place = (element: HTMLElement, hidden: number | boolean, css: string) =>
    (element.style.cssText = `position:fixed;z-index:999999;border:1px solid #9ab;${hidden ? 'display:none;' : ''}${css}`)
  const paint = () => {
    button.textContent = unread > 0 ? `${label} (${unread})` : label
    place(button, open, 'right:20px;bottom:20px;padding:12px 20px;border-radius:12px;font:600 16px/24px sans-serif;color:#fff;background:#0b5cab')
    // A corner of the desktop, a sheet on a phone: no second layout, no listener for its size.
    place(frame, !open, 'right:0;bottom:0;width:min(400px,100%);height:min(720px,100%)')
  }
  const tell = () => unread < 0 || frame.contentWindow!.postMessage(open, origin)
  const load = () => {
    if (frame.src) return
    frame.src = `${origin}/widget?parent=${location.origin}`
    document.body.append(frame)
    // The next page of this visit loads the iframe at once, hidden, so that an answer is noticed there.
    sessionStorage.yinda = 1
  }
  const show = (want: number) => {
    load()
    open = want
    paint()
    tell()
    ;(open ? frame : button).focus()
  }

  frame.title = label
  button.onclick = () => show(1)
  addEventListener('message', ({ origin: from, source, data }) => {
    if (from !== origin || source !== frame.contentWindow) return
    if (data < 0) show(0)
    else {
      unread = data
      paint()
      tell()
    }
  })
  document.body.append(button)
  paint()
  if (sessionStorage.yinda) load()
})()
