/**
 * The one script of the bank's page: a button, and an iframe to /widget behind it.
 *
 *   <script src="https://chat.bank.example/embed.js" data-label="在线客服" defer></script>
 *
 * Styles are set through the DOM, which the strictest `style-src` of a bank's page allows.
 */
;(() => {
  const script = document.currentScript as HTMLScriptElement
  const { origin } = new URL(script.src)
  const label = script.dataset.label || '在线客服'
  const button = document.createElement('button')
  let frame: HTMLIFrameElement | undefined
  let open = false
  let unread = 0

  const paint = () => {
    const phone = innerWidth < 500
    const fixed = 'position:fixed;z-index:2147483000;border:0;'
    button.textContent = unread ? `${label} (${unread})` : label
    button.ariaExpanded = `${open}`
    button.style.cssText = `${fixed}right:20px;bottom:20px;padding:0 20px;height:48px;border-radius:24px;font:600 16px sans-serif;color:#fff;background:#0b5cab;cursor:pointer;box-shadow:0 2px 10px #0004;display:${open ? 'none' : ''}`
    if (frame)
      frame.style.cssText = `${fixed}${phone ? 'inset:0;width:100%;height:100%' : 'right:20px;bottom:20px;width:400px;height:min(680px,100% - 40px);border-radius:12px;box-shadow:0 4px 24px #0003'};display:${open ? '' : 'none'}`
  }
  const tell = () => frame!.contentWindow!.postMessage({ yinda: open ? 'open' : 'close' }, origin)
  const load = () => {
    if (frame) return
    frame = document.createElement('iframe')
    frame.title = label
    frame.src = `${origin}/widget?parent=${encodeURIComponent(location.origin)}`
    frame.onload = tell
    document.body.append(frame)
    // The next page of this visit loads the iframe at once, hidden, so that an answer is noticed there.
    sessionStorage.yinda = 1
  }
  const show = (want: boolean) => {
    load()
    open = want
    paint()
    tell()
    ;(open ? frame! : button).focus()
  }

  button.onclick = () => show(true)
  addEventListener('resize', paint)
  addEventListener('message', ({ origin: from, source, data }) => {
    if (from !== origin || source !== frame?.contentWindow) return
    if (data.yinda === 'close') show(false)
    if (data.yinda === 'unread') {
      unread = data.count
      paint()
    }
  })
  document.body.append(button)
  if (sessionStorage.yinda) load()
  paint()
})()
