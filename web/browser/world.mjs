// What the browser tests stand on: a server of their own, browsers, and a wire that can be cut.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(join(here, '../app/package.json'))
const { chromium } = require('playwright-core')
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

const chromes = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].filter(Boolean)
export const chrome = chromes.find((path) => existsSync(path))
export const program = resolve(process.env.YINDA_BIN ?? join(here, '../../bin/yinda'))
/** Why the tests cannot run here; false when they can. */
export const obstacle = !chrome
  ? '没有找到 Chromium：请安装 chromium，或用环境变量 CHROMIUM 指定路径'
  : !existsSync(program)
    ? `没有找到程序 ${program}：请先执行 make build，或用环境变量 YINDA_BIN 指定路径`
    : false

const until = async (what, seconds, check) => {
  for (let i = 0; i < seconds * 20; i++) {
    const value = await check()
    if (value) return value
    await new Promise((next) => setTimeout(next, 50))
  }
  throw new Error(`等了 ${seconds} 秒，仍未${what}`)
}

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })

/** `yinda serve --demo` in an empty folder, and the demo accounts that it prints. */
export async function startServer(settings = {}) {
  // Settings of the surroundings are not the test's.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('YINDA_')))
  const folder = mkdtempSync(join(tmpdir(), 'yinda-browser-'))
  const port = await freePort()
  const child = spawn(program, ['serve', '--demo'], { cwd: folder, env: { ...environment, ...settings, YINDA_LISTEN: `127.0.0.1:${port}` } })
  let out = ''
  child.stdout.on('data', (text) => (out += text))
  child.stderr.on('data', (text) => (out += text))
  const base = `http://127.0.0.1:${port}`
  try {
    await until('启动完成', 60, async () => {
      if (child.exitCode !== null) throw new Error(`程序已退出（${child.exitCode}）：\n${out}`)
      return (await fetch(`${base}/readyz`).catch(() => null))?.ok && out.includes('reviewer')
    })
  } catch (error) {
    child.kill()
    throw new Error(`${error.message}\n${out}`)
  }
  const accounts = Object.fromEntries([...out.matchAll(/^\s+(agent1|agent2|supervisor|editor|reviewer|admin)\s+(\S+)/gm)].map((m) => [m[1], m[2]]))
  return {
    base,
    port,
    accounts,
    log: () => out,
    async stop() {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      // It drains its sockets first; a test that failed may have left some that never end.
      const impatience = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await gone
      clearTimeout(impatience)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A bank's own website on another origin, with nothing but the script tag. */
export async function bankSite(script) {
  const { createServer: createWeb } = await import('node:http')
  const site = createWeb((_, response) => {
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      // As strict as a bank's page may be: our script and our frame, no inline styles.
      'Content-Security-Policy': `default-src 'self'; script-src ${new URL(script()).origin}; frame-src ${new URL(script()).origin}; style-src 'self'`,
    })
    response.end(`<!doctype html><html lang="zh-CN"><title>另一家网站</title><main><h1>网站</h1></main><script src="${script()}" defer></script>`)
  })
  await new Promise((done) => site.listen(0, '127.0.0.1', done))
  return { origin: `http://localhost:${site.address().port}`, close: () => new Promise((done) => site.close(done)) }
}

/** A wire to the server that can be cut in the middle and mended. */
export async function wire(port) {
  const open = new Set()
  let cut = false
  const server = createServer((near) => {
    if (cut) return near.destroy()
    const far = connect(port, '127.0.0.1')
    const pair = [near, far]
    open.add(pair)
    const end = () => {
      open.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const side of pair) side.on('error', end).on('close', end)
    near.pipe(far).pipe(near)
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    cut() {
      cut = true
      for (const [near, far] of open) {
        near.destroy()
        far.destroy()
      }
    },
    mend: () => void (cut = false),
    close() {
      this.cut()
      return new Promise((done) => server.close(done))
    },
  }
}

export async function launch() {
  return chromium.launch({
    executablePath: chrome,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

/** A browser of somebody, with everything noted that a page must not do. */
export async function person(browser, { width = 1440, height = 900, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const faults = []
  page.on('pageerror', (error) => faults.push(`脚本错误：${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    if (/Content Security Policy|Refused to|postMessage|\[Vue warn\]|TypeError/.test(text)) faults.push(`${message.type()}：${text}`)
  })
  // Nothing of ours comes from another host.
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (/^(http|ws)/.test(protocol) && !['127.0.0.1', 'localhost'].includes(hostname)) faults.push(`外部请求：${request.url()}`)
  })
  return { page, context, faults }
}

export async function signIn(page, base, path, username, password) {
  await page.goto(base + path)
  await page.getByLabel('用户名').fill(username)
  await page.getByLabel('密码').fill(password)
  await page.getByRole('button', { name: '登录' }).click()
  await page.locator('.top-user').waitFor()
}

/**
 * What is still fading in has a contrast of its own: transitions end first. Those that never end (a
 * spinner) do not count.
 */
export const settled = (page) => page.evaluate(async () => {
  for (let quiet = 0; quiet < 3;) {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const moving = document.getAnimations().filter((a) => a.playState === 'running' && a.effect?.getComputedTiming().endTime !== Infinity)
    quiet = moving.length ? 0 : quiet + 1
    await Promise.all(moving.map((a) => a.finished.catch(() => {})))
  }
})

/** Findings of axe-core, one line each; [] is what is wanted. */
export async function axe(page) {
  // evaluate and not addScriptTag: the page's own CSP forbids inline scripts.
  for (const frame of page.frames()) await frame.evaluate(axeSource)
  const result = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }))
  return result.violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}（${violation.impact}）${node.target.join(' ')} — ${node.any[0]?.message ?? violation.help}`))
}

export async function say(page, text) {
  const field = page.locator('#words')
  await field.fill(text)
  await field.press('Enter')
}

export { until }
