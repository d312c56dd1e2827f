import type { ItemKind } from '../shared/protocol'
import { read, sections } from './fields'

export interface Change {
  label: string
  before: Part[]
  after: Part[]
}
export interface Part {
  text: string
  changed: boolean
}

const longest = 1_500

/** Differences of two bodies field by field, as a reviewer reads them. */
export function changes(kind: ItemKind, before: Record<string, unknown>, after: Record<string, unknown>): Change[] {
  const out: Change[] = []
  for (const field of sections[kind].flatMap((section) => section.fields)) {
    const a = asText(read(before, field.path))
    const b = asText(read(after, field.path))
    if (a === b) continue
    const list = field.type === 'lines' || field.type === 'steps'
    const [left, right] = list ? compare(a.split('\n'), b.split('\n'), '\n') : compare([...a], [...b], '')
    out.push({ label: field.label, before: left, after: right })
  }
  return out
}

function asText(value: unknown): string {
  if (value === undefined || value === null || value === false) return ''
  if (value === true) return '是'
  return Array.isArray(value) ? value.join('\n') : String(value)
}

/** Longest common subsequence; what is too long for it is shown as changed altogether. */
function compare(a: string[], b: string[], joint: string): [Part[], Part[]] {
  if (a.length > longest || b.length > longest)
    return [[{ text: a.join(joint), changed: true }], [{ text: b.join(joint), changed: true }]]
  const width = b.length + 1
  const table = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i * width + j] = a[i] === b[j] ? table[(i + 1) * width + j + 1] + 1 : Math.max(table[(i + 1) * width + j], table[i * width + j + 1])
  const left: Part[] = []
  const right: Part[] = []
  const put = (parts: Part[], text: string, changed: boolean) => {
    const last = parts[parts.length - 1]
    if (last?.changed === changed) last.text += joint + text
    else parts.push({ text: (parts.length ? joint : '') + text, changed })
  }
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      put(left, a[i++], false)
      put(right, b[j++], false)
    } else if (j >= b.length || (i < a.length && table[(i + 1) * width + j] >= table[i * width + j + 1])) put(left, a[i++], true)
    else put(right, b[j++], true)
  }
  return [left.filter((part) => part.text), right.filter((part) => part.text)]
}
