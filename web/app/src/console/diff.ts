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
    const [left, right] = list ? compare(a.split('\n'), b.split('\n'), '\n') : compare(characters(a), characters(b), '')
    out.push({ label: field.label, before: left, after: right })
  }
  return out
}

/** A reference to a fact is one character: half of a name says nothing. */
const characters = (text: string) => text.match(/\{[a-z0-9_]+\}|[\s\S]/gu) ?? []

// Shorter runs that happen to agree only make a changed sentence unreadable.
const shortestRun = 3

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
    let run = 0
    while (i + run < a.length && j + run < b.length && a[i + run] === b[j + run]) run++
    if (run) {
      const atEdge = (i === 0 && j === 0) || (i + run === a.length && j + run === b.length)
      const changed = joint === '' && run < shortestRun && !atEdge
      for (let k = 0; k < run; k++) {
        put(left, a[i++], changed)
        put(right, b[j++], changed)
      }
    } else if (j >= b.length || (i < a.length && table[(i + 1) * width + j] >= table[i * width + j + 1])) put(left, a[i++], true)
    else put(right, b[j++], true)
  }
  return [left.filter((part) => part.text), right.filter((part) => part.text)]
}
