import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const at = (...path: string[]) => resolve(root, ...path)
const find = (folder: string, pattern: RegExp) => (readdirSync(at(folder), { recursive: true }) as string[]).filter((file) => pattern.test(file)).map((file) => `${folder}/${file}`)

describe('sources', () => {
  const files = find('src', /\.(vue|ts|css)$/)

  test.each(files)('%s', (file) => {
    const text = readFileSync(at(file), 'utf8')
    // Text of the server, or of a customer, is never markup.
    expect(text).not.toMatch(/v-html|innerHTML|insertAdjacentHTML|document\.write/)
    // A message to any origin can be read by any page.
    expect(text).not.toMatch(/postMessage\([^)]*['"]\*['"]/)
    // style-src 'self' would drop it.
    expect(text).not.toMatch(/<[a-z][^>]*\sstyle="/)
    if (file.endsWith('.vue')) expect(text.split('\n').length).toBeLessThan(300)
  })
})

describe.skipIf(!existsSync(at('dist/widget.html')))('the build', () => {
  const size = (file: string) => gzipSync(readFileSync(at('dist', file)), { level: 9 }).length
  const page = (name: string) => readFileSync(at('dist', name), 'utf8')

  test('embed.js is at most 0.6 KB', () => expect(size('embed.js')).toBeLessThanOrEqual(614))

  test('the widget’s entry, with everything it imports, is at most 35 KB', () => {
    const seen = new Set<string>()
    const load = (file: string): number => {
      if (seen.has(file)) return 0
      seen.add(file)
      const imports = [...readFileSync(at('dist', file), 'utf8').matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)]
      return size(file) + imports.reduce((sum, m) => sum + load(`assets/${m[1]}`), 0)
    }
    const entry = /src="\/(assets\/widget-[\w-]+\.js)"/.exec(page('widget.html'))![1]
    expect(load(entry)).toBeLessThanOrEqual(35_000)
  })

  test.each(['index.html', 'widget.html', 'desk.html', 'console.html'])('%s has nothing inline', (name) => {
    const html = page(name)
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/)
    for (const script of html.match(/<script[^>]*>[^<]*/g) ?? []) expect(script).toMatch(/src="\/[^"]+"[^>]*>\s*$/)
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  })

  test('only the entries bring styles, as the dynamic imports rely on', () => {
    const named = ['index.html', 'widget.html', 'desk.html', 'console.html'].map(page).join('')
    for (const file of find('dist/assets', /\.css$/)) expect(named).toContain(file.split('/').pop())
  })
})
