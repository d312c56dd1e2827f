import { shallowRef } from 'vue'
import { clock, shortTime, toDate } from '../shared/format'
import { fill, type Key, loadDictionary, zhCN } from '../shared/i18n'
import type { Language } from '../shared/protocol'

const dictionary = shallowRef(zhCN)
const current = shallowRef<Language>('zh-CN')

/** Text of the user interface in the language that the customer chose. */
export function t(key: Key, values?: Record<string, string | number>): string {
  return fill(dictionary.value[key], values)
}

export async function speak(language: Language): Promise<void> {
  dictionary.value = await loadDictionary(language)
  current.value = language
  document.documentElement.lang = language
  document.title = t('title')
}

export function stamp(micros: number): string {
  if (current.value !== 'en') return shortTime(micros)
  const date = toDate(micros)
  const today = date.toDateString() === new Date().toDateString()
  return today ? clock(micros) : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${clock(micros)}`
}

export function wait(seconds: number): string {
  return seconds < 60 ? t('seconds', { n: Math.max(10, Math.ceil(seconds / 10) * 10) }) : t('minutes', { n: Math.ceil(seconds / 60) })
}
