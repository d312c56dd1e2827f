import type { Dictionary, Key } from './locales/zh-CN'
import { zhCN } from './locales/zh-CN'
import type { Language } from './protocol'

/** Languages of the widget, as a customer reads them. Desk and console are Simplified Chinese. */
export const languages: { code: Language; name: string }[] = [
  { code: 'zh-CN', name: '简体' },
  { code: 'zh-TW', name: '繁體' },
  { code: 'en', name: 'English' },
]

/** Simplified Chinese ships with the page; the others are fetched when they are chosen. */
export async function loadDictionary(language: Language): Promise<Dictionary> {
  if (language === 'zh-TW') return (await import('./locales/zh-TW')).zhTW
  if (language === 'en') return (await import('./locales/en')).en
  return zhCN
}

export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole))
}

export function isLanguage(value: unknown): value is Language {
  return languages.some((language) => language.code === value)
}

/**
 * First choice without a saved one: the Chinese that the browser wishes. English is only ever chosen
 * by the customer: the answers are Chinese, and English labels around them help nobody who did not
 * ask for them.
 */
export function guessLanguage(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    if (/^zh-(TW|HK|MO|Hant)/i.test(wish)) return 'zh-TW'
    if (/^zh/i.test(wish)) return 'zh-CN'
  }
  return 'zh-CN'
}

export { zhCN }
export type { Dictionary, Key }
