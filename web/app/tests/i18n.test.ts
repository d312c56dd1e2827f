import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fill, guessLanguage, languages, loadDictionary, zhCN } from '../src/shared/i18n'

describe.each(languages.map((language) => language.code))('%s', (code) => {
  test('has every text, and every text has the same values to fill in', async () => {
    const dictionary = await loadDictionary(code)
    expect(Object.keys(dictionary).sort()).toEqual(Object.keys(zhCN).sort())
    for (const [key, text] of Object.entries(dictionary)) {
      expect(text.trim(), key).not.toBe('')
      const names = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
      expect(names(text), key).toEqual(names(zhCN[key as keyof typeof zhCN]))
    }
    expect(dictionary.starWords.split('|')).toHaveLength(5)
  })

  test('says that it is a robot, and names the way to a person', async () => {
    const dictionary = await loadDictionary(code)
    expect(dictionary.greeting).toMatch(/机器人|機器人|robot/)
    expect(dictionary.greeting).toContain(dictionary.askPerson)
  })
})

test('the Traditional dictionary has no Simplified characters', async () => {
  const text = Object.values(await loadDictionary('zh-TW')).join('')
  expect(text).not.toMatch(/[转为务请发连断网络选择评价满问题还没时间预计约单结关闭]/)
})

test('every text is used', () => {
  const folder = resolve(import.meta.dirname, '../src/widget')
  const source = readdirSync(folder).map((file) => readFileSync(resolve(folder, file), 'utf8')).join('')
  expect(Object.keys(zhCN).filter((key) => !new RegExp(`'${key}'|zhCN\\.${key}`).test(source))).toEqual([])
})

test('values are filled in; unknown names stay', () => {
  expect(fill('第 {n} 位，{x}', { n: 2 })).toBe('第 2 位，{x}')
})

test('the first language comes from the browser', () => {
  expect(guessLanguage(['zh-HK', 'en'])).toBe('zh-TW')
  expect(guessLanguage(['fr', 'en-US'])).toBe('zh-CN')
  expect(guessLanguage(['en-US', 'zh-TW'])).toBe('zh-TW')
  expect(guessLanguage(['fr'])).toBe('zh-CN')
})
