// Canned answers of the JSON API for looking at the screens. Development only.
const now = () => Date.now() * 1000
const ago = (seconds) => now() - seconds * 1e6
const base = { channel: 'web', agent: null, group: 'general', priority: 2, reason: '', emotion: 'neutral', emotion_level: 0, trend: 0, urgent: 'none', complaint_category: '', ticket: '', last_actor: 'customer', seq: 5, unread: 0, accepted_at: 0, closed_at: 0, first_response_due: 0, stars: 0 }
const summary = (id, visitor, over) => ({ ...base, id, visitor, created_at: ago(600), queued_at: ago(200), last_at: ago(20), last_text: '', state: 'queued', ...over })
const me = { id: 'u-1', name: '小李' }
const lists = () => ({
  mine: [
    summary('c-1', '访客 3f7a', { state: 'agent', agent: me, priority: 1, reason: 'emotion', emotion: 'angry', emotion_level: 3, trend: 1, last_text: '你们到底管不管，我的钱呢', unread: 2, first_response_due: now() + 80e6, complaint_category: '服务效率', last_at: ago(95) }),
    summary('c-2', '访客 91bc', { state: 'agent', agent: me, reason: 'person_requested', last_text: '好的，谢谢，我去网点试试', last_actor: 'customer', last_at: ago(12) }),
    summary('c-3', '访客 07de', { state: 'agent', agent: me, reason: 'repeated_failure', last_text: '请您稍等，我帮您核实', last_actor: 'agent' }),
  ],
  queue: [
    summary('c-4', '访客 c2d9', { priority: 0, reason: 'emergency', urgent: 'fraud_in_progress', emotion: 'anxious', emotion_level: 3, trend: 1, last_text: '他让我把钱转到安全账户，还要共享屏幕', queued_at: ago(35), first_response_due: now() + 800e6 }),
    summary('c-5', '访客 5510', { priority: 1, reason: 'complaint', emotion: 'dissatisfied', emotion_level: 2, trend: 0, complaint_category: '服务态度', last_text: '我要投诉你们网点的工作人员', queued_at: ago(700), first_response_due: ago(100) }),
    summary('c-6', '访客 aa31', { reason: 'person_requested', last_text: '人工', queued_at: ago(64), first_response_due: now() + 500e6 }),
  ],
  tickets: [summary('c-7', '访客 be44', { state: 'ticket', ticket: 'T20261123-0007', reason: 'out_of_hours', last_text: '信用卡账单对不上，请尽快联系我', queued_at: ago(30000) })],
  closed: [summary('c-8', '访客 19f0', { state: 'rated', stars: 5, agent: me, last_text: '谢谢，已经好了', closed_at: ago(4000) })],
})
const all = () => Object.values(lists()).flat()
const ev = (seq, kind, actor, body, s) => ({ type: 'event', conversation: 'c-1', seq, at: ago(s), kind, actor, body })
const bot = { kind: 'bot', name: '智能客服' }
const customer = { kind: 'customer' }
const events = [
  ev(1, 'message', customer, { text: '昨天转账到现在还没到账，怎么回事？' }, 400),
  ev(2, 'decision', bot, { kind: 'answer', candidates: [{ id: 'TRF-033', title: '转账失败，钱扣了没到怎么办？', score: 0.93 }, { id: 'TRF-032', title: '转账多久到账？', score: 0.71 }], emotion: 'anxious', emotion_level: 1, ms: 0.9 }, 399),
  ev(3, 'message', bot, { text: '转账款项可能因对方银行处理或信息有误而延迟。\n1. 在手机银行“转账记录”中查看交易状态。\n2. 若状态为“已退回”，款项将退回原账户。\n3. 若超过约定时间仍未到账，请联系人工客服核查。\n收费：核查不收取费用。\n温馨提示：以上内容仅供参考，具体以我行最新公布为准。', kind: 'answer', entry_id: 'TRF-033', title: '转账失败，钱扣了没到怎么办？', version: 2, generation: 3, approver: '王审核', offer_person: true }, 398),
  ev(4, 'message', customer, { text: '看了，状态就是处理中！太气人了，你们到底管不管，我的钱呢，手机号 138****0000', masked: ['phone'] }, 260),
  ev(5, 'decision', bot, { kind: 'handoff', reason: 'emotion', evidence: ['太气人了', '到底管不管'], candidates: [], emotion: 'angry', emotion_level: 3, ms: 0.7 }, 259),
  ev(6, 'message', bot, { text: '很抱歉给您带来不便，您的心情我们理解。已为您转接人工客服，请稍候。', kind: 'handoff' }, 259),
  ev(7, 'state', { kind: 'system' }, { from: 'bot', to: 'queued', reason: 'emotion', evidence: ['太气人了', '到底管不管'], emotion: 'angry', emotion_level: 3, trend: 1, urgent: 'none', complaint_category: '服务效率', priority: 1, group: 'general' }, 259),
  ev(8, 'state', { kind: 'agent', name: '小周' }, { from: 'queued', to: 'agent', agent: '小周' }, 200),
  ev(9, 'transfer', { kind: 'agent', name: '小周' }, { from_agent: '小周', to_agent: '小李', group: 'card', note: '客户转账 5 万元，昨日 15:20，状态处理中，需查人行往来。' }, 150),
  ev(10, 'note', { kind: 'agent', name: '小李' }, { text: '已联系清算，预计 30 分钟内有结果。' }, 120),
  ev(11, 'message', { kind: 'agent', name: '小李' }, { text: '您好，我是人工客服小李。您的转账已提交核查，请您稍等，我会在这里告诉您结果。' }, 110),
  ev(12, 'message', customer, { text: '你们到底管不管，我的钱呢' }, 95),
]
const item = (kind, id, title, category, state, over = {}) => ({ kind, id, title, category, state, version: 2, published_version: state === 'draft' ? 1 : 2, author: '陈编辑', reviewer: state === 'published' ? '王审核' : '', updated_at: ago(9000), review_due: '2027-06-30', owner: '客户服务部', ...over })
const items = {
  entry: [
    item('entry', 'ACC-001', '开户、办银行卡需要什么材料？', '账户业务', 'published'),
    item('entry', 'SEC-061', '银行卡丢了怎么挂失？', '安全与挂失', 'in_review'),
    item('entry', 'TRF-032', '转账多久到账？', '转账支付', 'published', { review_due: '2026-11-01' }),
    item('entry', 'TRF-033', '转账失败，钱扣了没到怎么办？', '转账支付', 'approved'),
    item('entry', 'DEP-023', '定期存款能提前支取吗？利息怎么算？', '存款业务', 'draft'),
  ],
  fact: [item('fact', 'app', '手机银行名称', '', 'published'), item('fact', 'acc_card_fee', '借记卡工本费', '', 'published'), item('fact', 'hotline', '客服热线', '', 'published')],
  notice: [item('notice', 'RN-GEN', '一般提示', '', 'published'), item('notice', 'RN-LOSS', '挂失提示', '', 'published')],
  script: [item('script', 'greeting', '欢迎语', '', 'published')],
  lexicon: [item('lexicon', 'promise', '承诺用语', '', 'published')],
  policy: [item('policy', 'thresholds', '阈值', '', 'published')],
}
const entryBody = {
  id: 'SEC-061', question: '银行卡丢了怎么挂失？', category: '安全与挂失', product: 'security',
  similar: ['卡掉了咋办', '我的银行卡不见了', '銀行卡遺失怎麼掛失', 'yinhangka diu le', '卡丢了，怕被人刷'], negative: ['存折丢了怎么办'],
  answer: { conclusion: '请您立即通过{app}或热线{hotline}办理挂失，避免资金损失。', steps: ['登录{app}，进入“安全中心”。', '选择“银行卡挂失”，核对卡片尾号后确认。', '持有效身份证件到网点补办书面手续。'], note: '挂失期间账户只收不付。' },
  elderly: '您好，卡丢了请先打{hotline}挂失，再带身份证到网点补卡。', fee: '挂失手续费{acc_card_fee}。', notices: ['RN-LOSS'], offer_person: true, urgent: 'card_lost', valid_from: '2026-01-01', review_due: '2027-06-30', owner: '客户服务部',
}
const bodies = {
  fact: (id) => ({ id, name: items.fact.find((f) => f.id === id)?.title, value: id === 'app' ? '示例银行手机银行App' : id === 'hotline' ? '400-000-0000' : '免费', placeholder: id !== 'app', basis: '', valid_from: '2026-01-01' }),
  notice: (id) => ({ id, name: items.notice.find((f) => f.id === id)?.title, text: '口头挂失为临时措施，请尽快持有效证件办理正式挂失。', products: ['security'] }),
  script: (id) => ({ id, name: '欢迎语', texts: ['您好，我是{bank}智能客服机器人（非真人）。', '您好，请问有什么可以帮您？'] }),
  lexicon: (id) => ({ id, kind: 'promise', label: '', severity: 'block', advice: '不得承诺收益', words: ['保证收益', '稳赚'], patterns: [], except: [] }),
  policy: () => ({ offer_level: 2, force_level: 3, offer_fallbacks: 2, force_fallbacks: 3 }),
}
const ask = (text) => ({
  text, kind: text.includes('天气') ? 'decline' : 'answer', entry_id: 'SEC-061', title: '银行卡丢了怎么挂失？', reply: '请您立即办理挂失，避免资金损失。\n1. 登录手机银行。\n2. 选择“银行卡挂失”。\n温馨提示：口头挂失为临时措施。',
  candidates: [{ id: 'SEC-061', title: '银行卡丢了怎么挂失？', score: 0.93, question: '我的银行卡不见了', features: [{ name: 'bm25_token', value: 8.2, contribution: 2.4 }, { name: 'dice', value: 0.66, contribution: 1.1 }, { name: 'question_word', value: 0, contribution: -0.3 }] }, { id: 'SEC-064', title: '信用卡丢了怎么办？', score: 0.41, question: '信用卡不见了', features: [] }, { id: 'ACC-010', title: '换卡、补卡怎么办理？', score: 0.12 }],
  emotion: 'anxious', emotion_level: 1, complaint: false, complaint_category: '', urgent: 'card_lost', wants_person: false, escalate: false, reason: '', evidence: ['卡丢了'], ms: 0.8,
  explanation: { query: text, candidates: undefined, normalized: text, tokens: ['银行卡', '丢', '怎么办'], synonyms: ['丢了 → 遗失'], margin: 0.52, verdict: 'answer', thresholds: { answer: 0.7, clarify: 0.35, margin: 0.1 }, generation: 3 },
})

export function api(method, url, body) {
  const path = url.pathname
  const list = (values) => [200, { items: values }]
  let m
  if (path === '/api/public/config') return [200, { bank: '示例银行', hotline: '400-000-0000', person_hours: '每日8:30—22:00', greeting: '您好，我是示例银行智能客服机器人（非真人），可为您解答常见业务问题；随时可输入“人工”联系人工客服。', suggestions: [] }]
  if (path === '/api/me' || path === '/api/login') return [200, { id: 'u-1', username: 'agent1', name: '小李', roles: ['agent', 'supervisor', 'editor', 'reviewer', 'admin', 'auditor'] }]
  if (path === '/api/desk/conversations') return list(lists()[url.searchParams.get('view')])
  if ((m = /^\/api\/desk\/conversations\/([\w-]+)$/.exec(path))) return [200, { conversation: all().find((item) => item.id === m[1]), events: m[1] === 'c-1' ? events : events.slice(0, 7), earlier: lists().closed }]
  if (path === '/api/desk/suggest') return list([{ entry_id: 'TRF-033', title: '转账失败，钱扣了没到怎么办？', score: 0.93, text: '转账款项可能因对方银行处理或信息有误而延迟。\n1. 在手机银行“转账记录”中查看交易状态。\n2. 若状态为“已退回”，款项将退回原账户。' }, { entry_id: 'TRF-032', title: '转账多久到账？', score: 0.71, text: '实时到账一般几分钟内到账，普通到账约两小时，次日到账为第二个自然日。' }])
  if (path === '/api/desk/lint') {
    const at = body.text.indexOf('保证')
    const vague = body.text.indexOf('大概')
    const findings = [at >= 0 && { rule: 'promise', start: at, end: at + 4, match: body.text.slice(at, at + 4), advice: '不得承诺收益，请改为“产品不承诺保本和收益，请以产品说明书为准”。' }, vague >= 0 && { rule: 'vague', start: vague, end: vague + 2, match: '大概', advice: '请给出确切的时间或说明依据。' }].filter(Boolean)
    return [200, { text: body.text, verdict: at >= 0 ? 'block' : findings.length ? 'warn' : 'ok', findings }]
  }
  if (path === '/api/desk/macros') return list([{ id: 'macro.hello', title: '问候', text: '您好，我是人工客服，很高兴为您服务。' }, { id: 'macro.wait', title: '请稍等', text: '请您稍等，我正在为您核实，预计需要几分钟。' }, { id: 'macro.sorry', title: '致歉', text: '很抱歉给您带来不便，我马上为您处理。' }])
  if (path === '/api/desk/agents') return list([{ ...me, presence: 'online', load: 3, capacity: 5, groups: ['general', 'card'] }, { id: 'u-2', name: '小周', presence: 'busy', load: 4, capacity: 4, groups: ['card'] }, { id: 'u-3', name: '小吴', presence: 'offline', load: 0, capacity: 5, groups: ['loan'] }])
  if (path === '/api/team/overview') return [200, { queue: lists().queue, agents: api('GET', new URL('http://x/api/desk/agents'))[1].items, today: { conversations: 128, bot_resolved: 101, escalated: 27, ignored_requests: 0, wait_p50: 42, wait_p90: 190, rating_avg: 4.6, ratings: 18 } }]
  if (path === '/api/console/items') return [200, { items: url.searchParams.get('state') && !url.searchParams.get('kind') ? items.entry.filter((i) => i.state === url.searchParams.get('state')) : items[url.searchParams.get('kind') ?? 'entry'], generation: 3 }]
  if ((m = /^\/api\/console\/items\/(\w+)\/([^/]+)$/.exec(path)) && method === 'GET') {
    const [, kind, id] = m
    const found = items[kind].find((i) => i.id === id)
    const b = kind === 'entry' ? { ...entryBody, id, question: found.title, category: found.category } : bodies[kind](id)
    const before = kind === 'entry' ? { ...b, answer: { ...entryBody.answer, conclusion: '请您尽快通过{app}办理挂失。', steps: entryBody.answer.steps.slice(0, 2) }, similar: b.similar.slice(0, 4) } : b
    return [200, { item: { ...found, body: b }, versions: [{ version: 2, state: found.state, author: '陈编辑', reviewer: '', at: ago(9000), approved_at: 0, from_generation: 0, to_generation: 0, note: '', body: b }, { version: 1, state: 'published', author: '导入', reviewer: '王审核', at: ago(900000), approved_at: ago(890000), from_generation: 1, to_generation: 0, note: '初始内容', body: before }] }]
  }
  if (path === '/api/console/generations') return list([{ generation: 3, at: ago(5000), by: '王审核', note: '更新挂失流程', changes: 2 }, { generation: 2, at: ago(90000), by: '王审核', note: '新增转账条目', changes: 5 }, { generation: 1, at: ago(900000), by: '系统', note: '初始内容', changes: 120 }])
  if (path === '/api/console/ask') return [200, ask(body.text)]
  if (path === '/api/console/unanswered') return list([{ text: '数字人民币钱包怎么开', count: 14, last_at: ago(3000), best: [{ id: 'EBK-101', title: '手机银行怎么开通？', score: 0.31 }] }, { text: '外币零钱能存吗', count: 6, last_at: ago(8000), best: [] }])
  if (path === '/api/admin/users') return list([{ id: 'u-1', username: 'agent1', name: '小李', roles: ['agent'], disabled: false }, { id: 'u-9', username: 'editor', name: '陈编辑', roles: ['editor'] }])
  if (path === '/api/admin/audit') return list([{ seq: 12, at: ago(400), actor: '王审核', action: 'content.publish', object: 'generation/3', detail: { note: '更新挂失流程' } }, { seq: 11, at: ago(900), actor: '陈编辑', action: 'content.submit', object: 'entry/SEC-061' }])
  if (method !== 'GET') return [200, {}]
  return [404, { error: { code: 'not_found', message: '没有这个地址。' } }]
}
