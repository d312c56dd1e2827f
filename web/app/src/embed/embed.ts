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
  const style = (element: HTMLElement, css: string) => (element.style.cssText = css)
  const fixed = 'position:fixed;z-index:2147483000;border:0;right:'

  const paint = (unread: number) => {
    button.textContent = unread && !open ? `${label} (${unread})` : label
    button.ariaExpanded = String(open)
    const phone = innerWidth < 500
    style(button, `${fixed}20px;bottom:20px;padding:0 20px;height:48px;border-radius:24px;font:600 16px/48px sans-serif;color:#fff;background:#0b5cab;cursor:pointer;box-shadow:0 2px 10px #0004;display:${open ? 'none' : ''}`)
    if (frame)
      style(frame, `${fixed}${phone ? '0;bottom:0;width:100%;height:100%' : '20px;bottom:20px;width:400px;height:min(680px,calc(100% - 40px));border-radius:12px;box-shadow:0 4px 24px #0003'};display:${open ? '' : 'none'}`)
  }
  const toggle = (want: boolean) => {
    open = want
    if (!frame) {
      frame = document.createElement('iframe')
      frame.title = label
      frame.src = `${origin}/widget?parent=${encodeURIComponent(location.origin)}`
      frame.onload = () => toggle(open)
      document.body.append(frame)
    }
    paint(0)
    frame.contentWindow!.postMessage({ yinda: open ? 'open' : 'close' }, origin)
    ;(open ? frame : button).focus()
  }
  button.onclick = () => toggle(true)
  addEventListener('resize', () => paint(0))
  addEventListener('message', (event) => {
    if (event.origin !== origin || event.source !== frame?.contentWindow) return
    if (event.data.yinda === 'close') toggle(false)
    if (event.data.yinda === 'unread') paint(event.data.count)
  })
  paint(0)
  document.body.append(button)
})()
