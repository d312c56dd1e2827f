// Puts several screenshots side by side: node dev/sheet.mjs OUT.png A.png B.png …
import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
const [out, ...files] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const page = await browser.newPage({ viewport: { width: 100, height: 100 } })
const images = files.map((file) => `<img src="data:image/png;base64,${readFileSync(file).toString('base64')}">`)
await page.setContent(`<body style="margin:0;display:inline-flex;gap:8px;background:#888">${images.join('')}</body>`)
await (await page.$('body')).screenshot({ path: out })
await browser.close()
