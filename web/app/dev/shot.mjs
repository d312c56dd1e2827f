// Screenshots for looking at: node dev/shot.mjs URL OUT.png [width] [height] [steps.mjs]
import { chromium } from 'playwright-core'
const [url, out, width = 1440, height = 900, steps] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
const page = await browser.newPage({ viewport: { width: +width, height: +height }, deviceScaleFactor: 1, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
page.on('console', (message) => ['error', 'warning'].includes(message.type()) && console.log('console', message.type(), message.text()))
page.on('pageerror', (error) => console.log('pageerror', error.message))
await page.goto(url)
await page.waitForTimeout(600)
if (steps) await (await import(steps)).default(page, out)
await page.screenshot({ path: out })
await browser.close()
