// A stand-in for the Go server while it is being built: serves dist/ under the real CSP, and plays a
// small story over the sockets. For development only: `node dev/mock.mjs [port]` after `vite build`.
import { createServer } from 'node:http'
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { WebSocketServer } from 'ws'
import { api } from './mock-api.mjs'

const port = Number(process.argv[2] ?? 8090)
const dist = join(import.meta.dirname, '../dist')
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const csp = "default-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:"

const page = (path) => {
  if (path === '/') return 'index.html'
  if (path === '/widget') return 'widget.html'
  if (/^\/desk(\/|$)/.test(path)) return 'desk.html'
  if (/^\/console(\/|$)/.test(path)) return 'console.html'
  return path.slice(1)
}
const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost')
  if (url.pathname.startsWith('/api/')) {
    let text = ''
    request.on('data', (chunk) => (text += chunk))
    request.on('end', () => {
      let body = {}
      try {
        body = JSON.parse(text || '{}')
      } catch {}
      const [status, answer] = api(request.method, url, body)
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
    })
    return
  }
  const file = join(dist, page(url.pathname))
  if (!existsSync(file)) return response.writeHead(404).end('404')
  response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': csp })
  response.end(readFileSync(file))
})

const answer = `请您立即办理挂失，避免资金损失。
1. 登录示例银行手机银行App，进入“安全中心”。
2. 选择“银行卡挂失”，核对卡片尾号后确认。
3. 挂失成功后，在规定期限内持有效身份证件到网点补办书面手续。
收费：借记卡挂失手续费10元/次（示例）。
温馨提示：口头挂失为临时措施，请尽快办理正式挂失；请勿向任何人透露密码、短信验证码。`

const sockets = new WebSocketServer({ noServer: true })
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (ws) => (request.url === '/ws/chat' ? chat(ws) : desk(ws)))
})

const conversations = new Map()
function chat(ws) {
  let c
  const send = (frame) => ws.send(JSON.stringify(frame))
  const add = (kind, actor, body, ref) => {
    const event = { type: 'event', conversation: c.id, seq: c.events.length + 1, at: Date.now() * 1000, kind, actor, body, ref }
    c.events.push(event)
    send(event)
    return event.seq
  }
  const bot = { kind: 'bot', name: '智能客服' }
  const go = (to, body = {}, actor = { kind: 'system' }) => {
    add('state', actor, { from: c.state, to, ...body })
    c.state = to
  }
  const welcome = () => send({ type: 'welcome', token: 't', conversation: c.id, seq: c.events.length, state: c.state, bank: '示例银行', hotline: '400-000-0000', suggestions: ['银行卡丢了怎么挂失？', '转账多久到账？', '定期存款能提前取吗？', '怎么修改预留手机号？'], agent: '', queue: null })
  ws.on('message', (data) => {
    const frame = JSON.parse(data)
    if (frame.type === 'ping') return send({ type: 'pong', seq: c.events.length })
    if (frame.type === 'hello' || frame.type === 'new') {
      const id = frame.type === 'hello' ? frame.conversation || `c-${conversations.size + 1}` : `c-${conversations.size + 1}`
      c = conversations.get(id) ?? { id, events: [], state: 'bot', refs: new Map() }
      conversations.set(id, c)
      welcome()
      for (const event of c.events.slice(frame.after ?? 0)) send(event)
    }
    if (!frame.ref) return
    if (c.refs.has(frame.ref)) return send({ type: 'ack', ref: frame.ref, seq: c.refs.get(frame.ref) })
    c.refs.set(frame.ref, c.events.length + 1)
    send({ type: 'ack', ref: frame.ref, seq: c.events.length + 1 })
    if (frame.type === 'rate') {
      add('rating', { kind: 'customer' }, { stars: frame.stars, resolved: frame.resolved, comment: frame.comment }, frame.ref)
      go('rated')
    }
    if (frame.type === 'say') {
      add('message', { kind: 'customer' }, { text: frame.text, masked: /\d{6}/.test(frame.text) ? ['phone'] : undefined }, frame.ref)
      if (frame.text.includes('结束')) return go('closed')
      if (c.state === 'agent') return setTimeout(() => add('message', { kind: 'agent', name: '小李' }, { text: '好的，我这边帮您核实一下，请您稍等。' }), 800)
      const body = frame.text.includes('转账')
        ? { text: '请问您想了解哪一项？', kind: 'clarify', choices: [{ entry_id: 'TRF-032', title: '转账多久到账？' }, { entry_id: 'TRF-033', title: '转账失败，钱扣了没到怎么办？' }] }
        : { text: answer, kind: 'answer', entry_id: 'SEC-061', title: '银行卡丢了怎么挂失？', version: 1, generation: 1, offer_person: true }
      setTimeout(() => add('message', bot, body), 200)
    }
    if (frame.type === 'ask_person') {
      go('queued')
      send({ type: 'queue', position: 2, wait_p50: 120, wait_p90: 300 })
      setTimeout(() => go('agent', { agent: '小李' }, { kind: 'agent', name: '小李' }), 6000)
      setTimeout(() => add('message', { kind: 'agent', name: '小李' }, { text: '您好，我是人工客服小李，已看到您前面的情况。' }), 6500)
    }
  })
}
function desk(ws) {
  ws.on('message', (data) => {
    const frame = JSON.parse(data)
    if (frame.type === 'hello') ws.send(JSON.stringify({ type: 'welcome', user: api('GET', new URL('http://x/api/me'), {})[1], presence: 'online' }))
    if (frame.type === 'ping') ws.send(JSON.stringify({ type: 'pong', seqs: {} }))
  })
}
server.listen(port, () => console.log(`http://127.0.0.1:${port}/`))
