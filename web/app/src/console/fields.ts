import type { ItemKind } from '../shared/protocol'
import { complaintCategories, emotionLabel, urgentOptions } from '../staff/labels'

/** What each kind of item is made of: drives the form, the diff and the preview. */

export type FieldType = 'line' | 'text' | 'lines' | 'steps' | 'yes' | 'day' | 'number' | 'choice'

export interface Field {
  /** Path in the body, as findings name it. */
  path: string
  label: string
  type: FieldType
  help?: string
  options?: { value: string; label: string }[]
  /** Facts may be referred to as {id}. */
  facts?: boolean
  required?: boolean
  /** Fixed once the item exists. */
  fixed?: boolean
  rows?: number
}

export interface Section {
  title: string
  fields: Field[]
}

const choices = (values: Record<string, string>) => Object.entries(values).map(([value, label]) => ({ value, label }))

const categories = ['账户业务', '存款业务', '转账支付', '信用卡业务', '安全与挂失', '贷款业务', '投资理财', '贵金属业务', '外汇业务', '电子银行', '其他业务']
const products = choices({
  account: '账户', deposit: '存款', treasury_bond: '储蓄国债', structured_deposit: '结构性存款', transfer: '转账', credit_card: '信用卡', loan: '贷款',
  wealth: '理财', fund: '基金', insurance: '保险', precious_metal: '贵金属', fx: '外汇', ebank: '电子银行', security: '安全', service: '服务', none: '无',
})
const urgent = choices({
  '': '不是紧急情况', card_lost: '卡片丢失', fraud_victim: '已被诈骗', fraud_in_progress: '疑似正在被诈骗',
  unauthorised_transaction: '非本人交易', wrong_transfer: '转错账', other: '其他紧急情况',
})

const id: Field = { path: 'id', label: '编号', type: 'line', required: true, fixed: true, help: '保存后不能修改' }
const validity: Field[] = [
  { path: 'valid_from', label: '生效日期', type: 'day' },
  { path: 'valid_to', label: '失效日期', type: 'day', help: '空白表示长期有效' },
]

export const sections: Record<ItemKind, Section[]> = {
  entry: [
    {
      title: '问题',
      fields: [
        { ...id, help: '科目代码加三位序号，如 SEC-061' },
        { path: 'question', label: '标准问题', type: 'line', required: true },
        { path: 'category', label: '分类', type: 'choice', options: categories.map((value) => ({ value, label: value })), required: true },
        { path: 'product', label: '产品类型', type: 'choice', options: products, required: true, help: '决定必须附带的提示' },
        { path: 'similar', label: '相似问题', type: 'lines', help: '每行一个，按客户真实的说法写；可整段粘贴', rows: 10 },
        { path: 'negative', label: '反例', type: 'lines', help: '看起来相似、但应由其他条目回答的问题，每行一个', rows: 3 },
      ],
    },
    {
      title: '答案',
      fields: [
        { path: 'answer.conclusion', label: '结论', type: 'text', required: true, facts: true, help: '先说结论，最多 120 字', rows: 3 },
        { path: 'answer.steps', label: '步骤', type: 'steps', facts: true, help: '最多 5 步，每步一个动作，不用写序号' },
        { path: 'answer.note', label: '补充说明', type: 'text', facts: true, rows: 2 },
        { path: 'process', label: '服务流程', type: 'text', facts: true, rows: 2 },
        { path: 'fee', label: '收费项目', type: 'text', facts: true, rows: 2 },
        { path: 'risk', label: '风险提示', type: 'text', facts: true, rows: 2 },
        { path: 'notices', label: '附带通知', type: 'lines', help: '通知编号，每行一个，如 RN-GEN', rows: 2 },
        { path: 'elderly', label: '长辈版', type: 'text', facts: true, help: '句子更短、语气更温和，事实与标准答案一致', rows: 3 },
      ],
    },
    {
      title: '处理方式与管理',
      fields: [
        { path: 'personal', label: '真实答案需要客户本人账户信息', type: 'yes', help: '只给通用办法，并提供人工' },
        { path: 'offer_person', label: '答后提供人工', type: 'yes' },
        { path: 'urgent', label: '紧急类别', type: 'choice', options: urgent },
        { path: 'legal_basis', label: '法律依据', type: 'lines', help: '依据编号，每行一个；只能引用已核实的依据', rows: 2 },
        ...validity,
        { path: 'review_due', label: '复审日期', type: 'day' },
        { path: 'owner', label: '归口部门', type: 'line' },
      ],
    },
  ],
  fact: [
    {
      title: '事实',
      fields: [
        { ...id, help: '小写字母、数字和下划线；答案里写作 {编号}' },
        { path: 'name', label: '名称', type: 'line', required: true },
        { path: 'value', label: '数值', type: 'line', required: true, help: '利率、费用、限额、时间、电话，客户看到的原文' },
        { path: 'placeholder', label: '示例数值，尚未替换为本行数值', type: 'yes', help: '客户会看到“〔示例〕”' },
        { path: 'basis', label: '依据', type: 'line', help: '法定数值填写依据编号' },
        ...validity,
      ],
    },
  ],
  notice: [
    {
      title: '通知',
      fields: [
        { ...id, help: '如 RN-GEN' },
        { path: 'name', label: '名称', type: 'line', required: true },
        { path: 'text', label: '内容', type: 'text', required: true, facts: true, rows: 4 },
        { path: 'products', label: '适用产品类型', type: 'lines', help: '这些产品的答案必须附带本通知，每行一个', rows: 3 },
        { path: 'basis', label: '依据', type: 'line' },
      ],
    },
  ],
  script: [
    {
      title: '话术',
      fields: [
        { ...id, help: 'macro. 开头的话术供坐席调用' },
        { path: 'name', label: '名称', type: 'line', required: true },
        { path: 'texts', label: '说法', type: 'steps', required: true, facts: true, help: '多种说法会轮流使用' },
      ],
    },
  ],
  lexicon: [
    {
      title: '词表',
      fields: [
        id,
        { path: 'kind', label: '类型', type: 'line', required: true, fixed: true },
        { path: 'label', label: '标签', type: 'line', help: '情绪、紧急类别、投诉类别等，随类型而定' },
        { path: 'level', label: '级别', type: 'number', help: '情绪 1–4 级' },
        { path: 'severity', label: '处置', type: 'choice', options: choices({ '': '不适用', warn: '提醒', block: '禁止' }) },
        { path: 'advice', label: '建议说法', type: 'text', rows: 2 },
        { path: 'words', label: '词语', type: 'lines', help: '每行一个', rows: 12 },
        { path: 'patterns', label: '句式', type: 'lines', help: '正则表达式（RE2），每行一个', rows: 4 },
        { path: 'except', label: '例外', type: 'lines', help: '包含词语但不算命中的更长词语，每行一个', rows: 4 },
      ],
    },
  ],
  example: [
    {
      title: '客户的话',
      fields: [
        { path: 'text', label: '客户的话', type: 'text', required: true, help: '照客户原话，最多 500 字；保存时自动隐藏个人信息', rows: 3 },
      ],
    },
    {
      title: '机器人应当读出什么',
      fields: [
        { path: 'emotion', label: '情绪', type: 'choice', options: choices(emotionLabel), required: true },
        { path: 'complaint_category', label: '投诉类别', type: 'choice', options: [{ value: '', label: '不是投诉' }, ...complaintCategories.map((value) => ({ value, label: value }))] },
        { path: 'urgent', label: '紧急类别', type: 'choice', options: urgentOptions },
        { path: 'wants_person', label: '客户要求人工', type: 'yes', help: '提到人工但并不要找人的（如“人工智能基金”）不勾选' },
      ],
    },
    {
      title: '来源与备注',
      fields: [
        { path: 'note', label: '备注', type: 'text', help: '为什么这样标注，供复核的同事参考', rows: 2 },
        { path: 'origin', label: '来源', type: 'line', help: '会话编号或文件名' },
        { ...id, required: false, help: '留空则自动编号，保存后不能修改' },
      ],
    },
  ],
  policy: [
    {
      title: '策略阈值',
      fields: [
        { path: 'offer_level', label: '提供人工的情绪级别', type: 'number' },
        { path: 'force_level', label: '直接转人工的情绪级别', type: 'number' },
        { path: 'offer_fallbacks', label: '连续几次答不上时提供人工', type: 'number' },
        { path: 'force_fallbacks', label: '连续几次答不上时直接转人工', type: 'number' },
      ],
    },
  ],
}

/** Word lists that the search reads; what else is a list of words is read by the bot. */
export const wordKinds: Record<string, { title: string; about: string; help: string }> = {
  dictionary: { title: '词典', about: '产品名、业务名等要作为整词看待的词，如“银杏宝”，避免被切成碎片。', help: '每行一个词，2 至 24 个字' },
  synonym: { title: '同义词', about: '意思相同的说法，如“还款|还钱|交账单”：客户用哪个词，都当作同一个意思查找。', help: '每行一组，用竖线 | 分隔，第一个词代表全组' },
}
const wordSections = (kind: string): Section[] => [
  {
    title: wordKinds[kind].title,
    fields: [
      id,
      { path: 'kind', label: '类型', type: 'choice', options: choices(Object.fromEntries(Object.entries(wordKinds).map(([name, one]) => [name, one.title]))), required: true, fixed: true },
      { path: 'label', label: '名称', type: 'line', help: '给同事看的名称，如“手机银行功能名”' },
      { path: 'words', label: '词语', type: 'lines', required: true, help: wordKinds[kind].help, rows: 12 },
    ],
  },
]

/** The fields of an item: a word list of the search has fewer than one of the bot. */
export const sectionsOf = (kind: ItemKind, body: Body): Section[] => (kind === 'lexicon' && String(body.kind) in wordKinds ? wordSections(String(body.kind)) : sections[kind])

/** A new item, with what the page that led here knows already. */
export function started(kind: ItemKind, from: Record<string, unknown>): Body {
  if (kind === 'entry') return { similar: typeof from.similar === 'string' ? [from.similar] : [], answer: {}, owner: '客户服务部' }
  if (kind === 'lexicon' && typeof from.kind === 'string' && from.kind in wordKinds) return { kind: from.kind, words: [] }
  return {}
}

type Body = Record<string, unknown>

export function read(body: Body, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Body | undefined)?.[name], body)
}

/** Sets a value; empty ones are taken out, as the YAML of the starter content leaves them out. */
export function write(body: Body, path: string, value: unknown): void {
  const names = path.split('.')
  const last = names.pop()!
  let at = body
  for (const name of names) at = (at[name] ??= {}) as Body
  const empty = value === '' || value === undefined || value === false || (Array.isArray(value) && !value.length)
  if (empty) delete at[last]
  else at[last] = value
}

/** Lines of a pasted block: trimmed, without list marks, without empty or repeated ones. */
export function toLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^\s*(?:[-•·*]|\d{1,2}[.、)）])\s*/, '').trim())
  return [...new Set(lines.filter(Boolean))]
}

/** The answer of an entry as the server lays it out (facts still as {id}). */
export function answerText(body: Body): string {
  const lines = [String(read(body, 'answer.conclusion') ?? '')]
  ;((read(body, 'answer.steps') as string[] | undefined) ?? []).forEach((step, i) => lines.push(`${i + 1}. ${step}`))
  const labelled = { 服务流程: 'process', 收费说明: 'fee', 风险提示: 'risk' }
  for (const [label, path] of Object.entries(labelled)) if (body[path]) lines.push(`${label}：${String(body[path])}`)
  if (read(body, 'answer.note')) lines.push(String(read(body, 'answer.note')))
  return lines.filter(Boolean).join('\n')
}
