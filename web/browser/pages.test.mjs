// Every page: usable with assistive technology (axe-core), under the strict CSP, by keyboard, in the
// sizes that people have.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe, bankSite, launch, obstacle, person, say, settled, signIn, startServer, until } from './world.mjs'

describe('the pages', { skip: obstacle }, () => {
  let server
  let site
  let browser
  before(async () => {
    site = await bankSite(() => `${server.base}/embed.js`)
    server = await startServer({ YINDA_ORIGINS: site.origin })
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await server?.stop()
    await site?.close()
  })
  const sound = async (page, faults, where) => {
    await settled(page)
    assert.deepEqual(await axe(page), [], `axe, ${where}`)
    assert.deepEqual(faults, [], `faults, ${where}`)
  }

  test('the bank’s page: one button opens the chat, Escape closes it, the keyboard is enough', async () => {
    const { page, context, faults } = await person(browser)
    await page.goto(server.base)
    await sound(page, faults, '/')
    const button = page.getByRole('button', { name: '在线客服' })
    await button.focus()
    await page.keyboard.press('Enter')
    const widget = page.frameLocator('iframe')
    await widget.getByText('机器人服务中').waitFor()
    await until('聚焦输入框', 5, () => page.frames()[1].evaluate(() => document.activeElement?.id === 'words'))
    await page.keyboard.type('转账多久到账')
    await page.keyboard.press('Enter')
    await widget.locator('.message[data-who="bot"]').first().waitFor()
    await sound(page, faults, '/ with the chat open')
    await page.keyboard.press('Escape')
    await page.locator('iframe').waitFor({ state: 'hidden' })
    assert.ok(await button.isVisible())
    await context.close()
  })

  test('an answer that comes while the chat is folded is counted on the button', async () => {
    const { page, context } = await person(browser)
    await page.goto(server.base)
    await page.getByRole('button', { name: '在线客服' }).click()
    const widget = page.frameLocator('iframe')
    await widget.locator('#words').fill('转账多久到账')
    await widget.locator('#words').press('Enter')
    await widget.locator('#words').press('Escape')
    await page.getByRole('button', { name: /在线客服 \(\d\)/ }).waitFor()
    await page.goto(server.base)
    await page.getByRole('button', { name: /在线客服/ }).click()
    await widget.getByText('转账多久到账').first().waitFor()
    await context.close()
  })

  test('on the bank’s own website, another origin with a strict CSP', async () => {
    const { page, context, faults } = await person(browser)
    await page.goto(site.origin)
    await page.getByRole('button', { name: '在线客服' }).click()
    const widget = page.frameLocator('iframe')
    await widget.getByText('机器人服务中').waitFor()
    await until('聚焦输入框', 5, () => page.frames()[1].evaluate(() => document.activeElement?.id === 'words'))
    await widget.locator('#words').fill('转账多久到账')
    await widget.locator('#words').press('Enter')
    await widget.locator('.message[data-who="bot"]').first().waitFor()
    await widget.getByRole('button', { name: '收起客服窗口' }).click()
    await page.locator('iframe').waitFor({ state: 'hidden' })
    assert.deepEqual(faults, [])
    await context.close()
  })

  for (const [width, height] of [[360, 640], [390, 844], [1280, 800]]) {
    test(`the widget at ${width} × ${height}, plain and in elderly mode`, async () => {
      const { page, context, faults } = await person(browser, { width, height })
      await page.goto(`${server.base}/widget`)
      await page.getByText('机器人服务中').waitFor()
      await say(page, '理财产品亏了怎么办')
      await page.locator('.message[data-who="bot"]').first().waitFor()
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
      assert.ok(await fits(), 'no sideways scrolling')
      await sound(page, faults, 'widget')
      await page.getByRole('button', { name: '长辈模式' }).click()
      assert.ok(await fits(), 'no sideways scrolling in elderly mode')
      const measured = await page.evaluate(() => ({
        text: Math.min(...[...document.querySelectorAll('.bubble, .bubble p, .bar-status, .hint span:not(.sr), .message-note, .head-button')].map((element) => parseFloat(getComputedStyle(element).fontSize))),
        target: Math.min(...[...document.querySelectorAll('button, select, textarea')].filter((element) => element.offsetParent).map((element) => element.getBoundingClientRect().height)),
      }))
      assert.ok(measured.text >= 18, `smallest text ${measured.text}px`)
      assert.ok(measured.target >= 60, `smallest target ${measured.target}px`)
      assert.ok(await page.getByRole('button', { name: '转人工' }).first().isVisible())
      await sound(page, faults, 'widget, elderly mode')
      await page.reload()
      await page.locator('html.elder').waitFor()
      await context.close()
    })
  }

  test('Traditional Chinese and English', async () => {
    const { page, context, faults } = await person(browser, { width: 390, height: 844 })
    await page.goto(`${server.base}/widget`)
    for (const [code, button] of [['zh-TW', '轉人工'], ['en', 'Talk to a person']]) {
      await page.locator('.head-select').selectOption(code)
      await page.getByRole('button', { name: button }).waitFor()
      assert.equal(await page.evaluate(() => document.documentElement.lang), code)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
      await sound(page, faults, code)
    }
    await context.close()
  })

  test('without any storage the chat works and says what it cannot keep', async () => {
    const { page, context, faults } = await person(browser, { width: 390, height: 844 })
    await page.addInitScript(() => {
      Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })
    })
    await page.goto(`${server.base}/widget`)
    await say(page, '转账多久到账')
    await page.locator('.message[data-who="bot"]').first().waitFor()
    await page.getByText('浏览器限制了本地保存').waitFor()
    assert.deepEqual(faults, [])
    await context.close()
  })

  test('signing in says what is wrong', async () => {
    const { page, context, faults } = await person(browser)
    await page.goto(`${server.base}/desk`)
    await page.getByRole('button', { name: '登录' }).waitFor()
    await sound(page, faults, 'sign-in')
    await page.getByLabel('用户名').fill('agent1')
    await page.getByLabel('密码').fill('wrong-password')
    await page.getByRole('button', { name: '登录' }).click()
    await page.getByRole('alert').waitFor()
    assert.match(await page.getByRole('alert').innerText(), /密码|用户名/)
    await context.close()
  })

  test('the desk, with a conversation, a dialog and findings', async () => {
    const agent = await person(browser)
    await signIn(agent.page, server.base, '/desk', 'agent1', server.accounts.agent1)
    await agent.page.locator('.presence select').selectOption('online')
    await sound(agent.page, agent.faults, 'empty desk')
    const customer = await person(browser, { width: 390, height: 844 })
    await customer.page.goto(`${server.base}/widget`)
    await say(customer.page, '气死我了！你们到底管不管，我要投诉！')
    await customer.page.locator('.bar[data-state="agent"]').waitFor()
    await agent.page.locator('.row').waitFor()
    await agent.page.locator('.nobody').click()
    await agent.page.keyboard.press('j')
    await agent.page.locator('.why').waitFor()
    await agent.page.locator('.suggestion, .context .muted').first().waitFor()
    await sound(agent.page, agent.faults, 'desk with a conversation')
    await agent.page.locator('#reply').fill('加我微信，保证收益')
    await agent.page.locator('.findings').waitFor()
    await sound(agent.page, agent.faults, 'desk with findings')
    await agent.page.locator('#reply').fill('')
    await agent.page.keyboard.press('Escape')
    await agent.page.keyboard.press('?')
    await agent.page.getByRole('dialog', { name: '快捷键' }).waitFor()
    await agent.page.keyboard.press('Escape')
    await agent.page.getByRole('dialog', { name: '快捷键' }).waitFor({ state: 'hidden' })
    await agent.page.locator('.talk-head h2').click()
    await agent.page.keyboard.press('e')
    await agent.page.getByRole('dialog', { name: '结束会话并填写小结' }).waitFor()
    await sound(agent.page, agent.faults, 'wrap-up')
    await agent.context.close()
    await customer.context.close()
  })

  test('the supervisor’s overview', async () => {
    const { page, context, faults } = await person(browser)
    await signIn(page, server.base, '/desk/team', 'supervisor', server.accounts.supervisor)
    await page.getByText('未被响应的人工请求').waitFor()
    await sound(page, faults, 'team')
    await context.close()
  })

  test('the console: every list, an entry, the test bench', async () => {
    const { page, context, faults } = await person(browser)
    await signIn(page, server.base, '/console', 'reviewer', server.accounts.reviewer)
    for (const kind of ['entry', 'fact', 'notice', 'script', 'lexicon', 'policy']) {
      await page.goto(`${server.base}/console/items/${kind}`)
      await page.locator('table.grid').waitFor()
      await sound(page, faults, `list of ${kind}`)
      await page.locator('table.grid tbody a').first().click()
      await page.locator('.item-form').waitFor()
      await sound(page, faults, `a ${kind}`)
    }
    for (const path of ['publish', 'debrief', 'unanswered', 'pairs', 'words']) {
      await page.goto(`${server.base}/console/${path}`)
      await page.locator('h1').waitFor()
      await until('读取完成', 10, async () => (await page.getByText('正在读取').count()) === 0)
      await sound(page, faults, path)
    }
    await page.keyboard.press('t')
    await page.locator('#bench').fill('卡丢了咋办')
    await page.keyboard.press('Enter')
    await page.locator('.candidates').waitFor()
    await sound(page, faults, 'test bench')
    await page.getByRole('button', { name: '为什么是这个概率' }).first().click()
    assert.ok((await page.locator('.bench-panel rect').count()) > 12, 'every feature has a bar')
    await page.getByRole('button', { name: '对比前两名的全部特征' }).click()
    const dialog = page.getByRole('dialog', { name: '前两名为什么这样排' })
    await dialog.getByText('合计（排序分）').waitFor()
    await sound(page, faults, 'features of the best two')
    await context.close()
  })

  test('users and audit', async () => {
    const { page, context, faults } = await person(browser)
    await signIn(page, server.base, '/console/admin/users', 'admin', server.accounts.admin)
    await page.locator('table.grid').waitFor()
    await sound(page, faults, 'users')
    await page.getByRole('link', { name: '审计记录' }).click()
    await page.locator('table.grid').waitFor()
    await page.getByRole('button', { name: '核验完整性' }).click()
    await page.getByRole('status').getByText('完整').waitFor()
    await sound(page, faults, 'audit')
    await context.close()
  })
})
