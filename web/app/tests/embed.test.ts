import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const origin = 'https://chat.bank.example'
let listeners: ((event: MessageEvent) => void)[]

async function load(): Promise<{ button: HTMLButtonElement; frame: () => HTMLIFrameElement }> {
  const script = document.createElement('script')
  Object.defineProperty(script, 'src', { value: `${origin}/embed.js` })
  Object.defineProperty(document, 'currentScript', { configurable: true, value: script })
  vi.resetModules()
  // @ts-expect-error It is a classic script and exports nothing.
  await import('../src/embed/embed')
  return { button: document.querySelector('button')!, frame: () => document.querySelector('iframe')! }
}
/** A message event as the browser would make it. */
function message(from: string, source: unknown, data: unknown): void {
  for (const listener of listeners) listener({ origin: from, source, data } as MessageEvent)
}

beforeEach(() => {
  document.body.innerHTML = ''
  sessionStorage.clear()
  listeners = []
  const real = window.addEventListener.bind(window)
  vi.stubGlobal('addEventListener', (type: string, listener: EventListener) => {
    if (type === 'message') listeners.push(listener as never)
    else real(type, listener)
  })
  // An empty document stands for the page of the iframe, which is not fetched here.
  vi.spyOn(HTMLIFrameElement.prototype, 'src', 'set').mockImplementation(function (this: HTMLIFrameElement, value: string) {
    this.setAttribute('data-src', value)
    this.setAttribute('srcdoc', '')
  })
  vi.spyOn(HTMLIFrameElement.prototype, 'src', 'get').mockImplementation(function (this: HTMLIFrameElement) {
    return this.getAttribute('data-src') ?? ''
  })
})
afterEach(() => vi.unstubAllGlobals())

test('only a button until it is pressed; then the iframe of our own origin, told to open', async () => {
  const { button, frame } = await load()
  expect(frame()).toBeNull()
  button.click()
  expect(frame().src).toBe(`${origin}/widget?parent=${location.origin}`)
  expect(frame().title).toBe('在线客服')
  expect(button.style.display).toBe('none')
})

test('our origin is told by name, and only once the widget has spoken', async () => {
  const { button, frame } = await load()
  button.click()
  const inside = { postMessage: vi.fn() }
  Object.defineProperty(frame(), 'contentWindow', { configurable: true, value: inside })
  expect(inside.postMessage).not.toHaveBeenCalled()
  message(origin, inside, 0)
  expect(inside.postMessage).toHaveBeenCalledWith(1, origin)
  message(origin, inside, -1)
  expect(inside.postMessage).toHaveBeenLastCalledWith(0, origin)
})

test('only our iframe, from our origin, can close it or set the badge', async () => {
  const { button, frame } = await load()
  button.click()
  const inside = { postMessage: vi.fn() }
  Object.defineProperty(frame(), 'contentWindow', { configurable: true, value: inside })
  message('https://evil.example', inside, -1)
  message(origin, window, -1)
  message('https://evil.example', inside, 7)
  expect(frame().style.display).not.toBe('none')
  expect(button.textContent).toBe('在线客服')
  message(origin, inside, 3)
  expect(button.textContent).toBe('在线客服 (3)')
  message(origin, inside, -1)
  expect(frame().style.display).toBe('none')
  expect(button.style.display).not.toBe('none')
})

test('a visit that used the chat loads it hidden on its next page', async () => {
  sessionStorage.yinda = '1'
  const { button, frame } = await load()
  expect(frame()).not.toBeNull()
  expect(frame().style.display).toBe('none')
  expect(button.style.display).not.toBe('none')
})
