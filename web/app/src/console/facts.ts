import { reactive, ref } from 'vue'
import { get } from '../shared/api'
import type { ItemAnswer, ItemSummary } from '../shared/protocol'

/** The facts by name, and the values and notices that a preview needs. Fetched once per page. */
export const factNames = ref<ItemSummary[]>([])
export const factValues = reactive<Record<string, string>>({})

let names: Promise<void> | undefined
export function loadFactNames(): Promise<void> {
  names ??= get<{ items: ItemSummary[] | null }>('/api/console/items?kind=fact')
    .then((answer) => void (factNames.value = answer.items ?? []))
    .catch(() => void (names = undefined))
  return names
}

const asked = new Set<string>()
export async function needFact(id: string): Promise<void> {
  if (asked.has(id)) return
  asked.add(id)
  try {
    const { item } = await get<ItemAnswer>(`/api/console/items/fact/${encodeURIComponent(id)}`)
    const value = String(item.body.value ?? '')
    factValues[id] = item.body.placeholder ? `${value}〔示例〕` : value
  } catch {
    factValues[id] = ''
  }
}

export const noticeTexts = reactive<Record<string, string>>({})

const askedNotices = new Set<string>()
export async function needNotice(id: string): Promise<void> {
  if (askedNotices.has(id)) return
  askedNotices.add(id)
  try {
    const { item } = await get<ItemAnswer>(`/api/console/items/notice/${encodeURIComponent(id)}`)
    noticeTexts[id] = String(item.body.text ?? '')
  } catch {
    noticeTexts[id] = ''
  }
}

export const factPattern = /\{([a-z][a-z0-9_]*)\}/g
