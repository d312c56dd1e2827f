import type { Emotion, EscalationVerdict, ItemKind, ItemState, PairState, Presence, Role, SearchVerdict, State } from '../shared/protocol'

/** What desk and console call the values of the protocol. */

export const stateLabel: Record<State, string> = {
  bot: '机器人服务中',
  queued: '排队中',
  agent: '人工服务中',
  ticket: '工单',
  closed: '已结束',
  rated: '已评价',
}

export const emotionLabel: Record<Emotion, string> = {
  neutral: '平静',
  anxious: '焦虑',
  dissatisfied: '不满',
  angry: '愤怒',
  sad: '悲伤',
  positive: '积极',
}

const reasons: Record<string, string> = {
  emergency: '紧急情况',
  person_requested: '客户要求人工',
  wants_person: '客户要求人工',
  asked: '客户点击“转人工”',
  ask_person: '客户点击“转人工”',
  complaint: '投诉意图',
  emotion: '情绪激动',
  repeated_failure: '多次未能解答',
  repeated_question: '反复询问同一问题',
  personal_matter: '涉及个人账户，需人工核实',
  offer_accepted: '客户接受人工服务',
  no_agent: '无坐席在线，转为工单',
  out_of_hours: '非人工服务时间，转为工单',
  queue_full: '排队已满，转为工单',
  fault: '系统故障，转为工单',
  claimed: '坐席接待',
  transfer: '转接',
  idle: '长时间无回应',
}
/** Why a conversation may leave the bot. */
export const escalationReasons = ['emergency', 'person_requested', 'complaint', 'emotion', 'repeated_failure', 'fault']
export const reasonLabel = (reason: string | undefined) => (reason ? (reasons[reason] ?? reason) : '')

const urgents: Record<string, string> = {
  none: '',
  card_lost: '卡片丢失',
  fraud_victim: '已被诈骗',
  fraud_in_progress: '疑似正在被诈骗',
  unauthorised_transaction: '非本人交易',
  wrong_transfer: '转错账',
  self_harm: '自伤风险',
  media_or_regulator_threat: '将向媒体或监管反映',
  legal_threat: '将采取法律途径',
  other: '其他紧急情况',
}
export const urgentOptions = Object.entries(urgents).map(([value, label]) => ({ value: value === 'none' ? '' : value, label: label || '不是紧急情况' }))
export const urgentLabel = (urgent: string | undefined) => (urgent ? (urgents[urgent] ?? urgent) : '')

const groups: Record<string, string> = { general: '综合', card: '银行卡', loan: '贷款', wealth: '理财', complaint: '投诉', emergency: '紧急' }
export const groupLabel = (group: string | undefined) => (group ? (groups[group] ?? group) : '')
export const groupOptions = Object.entries(groups).map(([value, label]) => ({ value, label }))

/** Visitors are anonymous; the end of their id is enough to tell them apart. */
export const visitorName = (visitor: string | undefined) => (!visitor ? '访客' : /^v-/.test(visitor) ? `访客 ${visitor.slice(-4).toUpperCase()}` : visitor)

const channels: Record<string, string> = { web: '网站', web_chat: '网站', app: '手机银行' }
export const channelLabel = (channel: string | undefined) => (channel ? (channels[channel] ?? channel) : '网站')

/** 0 is the most pressing (P0). Ordinary priorities get no mark, so that marks keep their meaning. */
export const priorityLabel = (priority: number) => (priority <= 0 ? '紧急' : priority === 1 ? '优先' : '')

export const trendArrow = (trend: number) => (trend > 0 ? '↑' : trend < 0 ? '↓' : '→')
export const trendLabel = (trend: number) => (trend > 0 ? '在升高' : trend < 0 ? '在缓和' : '平稳')

export const decisionLabel: Record<string, string> = {
  answer: '作答',
  clarify: '反问',
  decline: '如实说明不能回答',
  handoff: '转人工',
  chat: '闲聊应答',
}

/** What a search decides. */
export const verdictLabel: Record<SearchVerdict, string> = { answer: '直接回答', clarify: '反问', decline: '未答' }

export const pairStateLabel: Record<PairState, string> = {
  pending: '待编辑核对',
  approved: '待发布',
  published: '已学习',
  leaving: '待移除',
  superseded: '已被替换',
}

export const presenceLabel: Record<Presence, string> = { online: '在线', busy: '忙碌', offline: '离线' }

export const roleLabel: Record<Role, string> = {
  agent: '坐席',
  supervisor: '主管',
  editor: '编辑',
  reviewer: '审核',
  admin: '管理员',
  auditor: '审计',
}

/** What agents think of an escalation. */
export const escalationVerdictLabel: Record<EscalationVerdict, string> = { late: '太晚', needless: '不必', right: '恰当', '': '未评价' }

/** Categories of complaints (CP-02 of the requirements). */
export const complaintCategories = ['业务咨询', '服务态度', '服务效率', '产品问题', '信息安全', '其他']

/** Complaint and consultation categories of a wrap-up (CP-02 of the requirements). */
export const wrapUpCategories = ['业务咨询', '服务态度', '服务效率', '产品问题', '信息安全', '业务办理', '其他']

const rules: Record<string, string> = {
  promise: '承诺收益或结果',
  taboo: '服务忌语',
  solicit_secret: '索要密码、验证码等',
  private_contact: '私人联系方式',
  discrimination: '歧视性用语',
  blame_customer: '指责客户',
  vague: '含糊用语',
  competitor_disparage: '贬低同业',
  unlicensed_promo: '不当推销',
}
export const ruleLabel = (rule: string) => rules[rule] ?? rule

export const kindLabel: Record<ItemKind, string> = {
  entry: '知识条目',
  fact: '事实表',
  notice: '通知',
  script: '话术',
  lexicon: '词表',
  policy: '策略',
  example: '例句',
}

export const itemStateLabel: Record<ItemState, string> = {
  draft: '草稿',
  in_review: '待审核',
  approved: '待发布',
  published: '已发布',
  withdrawn: '已停用',
}
