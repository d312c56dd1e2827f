// The whole story in real browsers: a question is answered, a worried customer reaches a person, an
// editor's change reaches the next customer, and a cut wire loses nothing.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, obstacle, person, say, signIn, startServer, until, wire } from './world.mjs'

describe('the main story', { skip: obstacle }, () => {
  let server
  let browser
  before(async () => {
    server = await startServer()
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await server?.stop()
  })
  const phone = { width: 390, height: 844 }
  const bubbles = (page, who) => page.locator(`.message[data-who="${who}"] .bubble`)

  test('a question is answered by a robot that says it is one', async () => {
    const { page, faults } = await person(browser, phone)
    await page.goto(`${server.base}/widget`)
    await page.getByText('机器人服务中').waitFor()
    assert.match(await page.locator('.greeting').innerText(), /机器人/)
    const suggestions = await page.locator('.suggestions .choice').count()
    assert.ok(suggestions >= 3 && suggestions <= 5, `${suggestions} suggestions`)
    await say(page, '转账多久到账')
    await bubbles(page, 'bot').first().waitFor()
    assert.match(await bubbles(page, 'bot').first().innerText(), /到账/)
    assert.ok(await page.locator('.message[data-who="bot"] .tag').first().isVisible())
    assert.ok(await page.getByRole('button', { name: '转人工' }).first().isVisible())
    assert.deepEqual(faults, [])
    await page.context().close()
  })

  test('an angry customer reaches a person, is helped, and gives five stars', async () => {
    const agent = await person(browser)
    await signIn(agent.page, server.base, '/desk', 'agent1', server.accounts.agent1)
    await agent.page.locator('.presence select').selectOption('online')

    const customer = await person(browser, phone)
    await customer.page.goto(`${server.base}/widget`)
    await customer.page.getByText('机器人服务中').waitFor()
    await say(customer.page, '昨天转的账到现在没到账')
    await bubbles(customer.page, 'bot').first().waitFor()
    await say(customer.page, '气死我了！你们就是骗子银行，到底管不管！！！')
    await customer.page.locator('.bar[data-state="agent"]').waitFor()
    assert.match(await customer.page.locator('.bar').innerText(), /人工服务中：小李/)

    await agent.page.locator('.row').first().click()
    const why = agent.page.locator('.why')
    await why.waitFor()
    assert.match(await why.innerText(), /情绪|投诉/)
    assert.ok((await agent.page.locator('mark').count()) > 0, 'evidence is marked')

    const reply = agent.page.locator('#reply')
    await reply.fill('您好，我是人工客服小李，马上为您核查。')
    await reply.press('Control+Enter')
    await bubbles(customer.page, 'agent').getByText('马上为您核查').waitFor()
    assert.match(await customer.page.locator('.message[data-who="agent"]').first().innerText(), /人工.*小李/s)

    await say(customer.page, '好的，谢谢，已经到账了')
    await agent.page.locator('.said[data-who="customer"]').getByText('已经到账了').waitFor()

    // A note stays inside.
    await agent.page.getByRole('radio', { name: '内部备注' }).click()
    await reply.fill('只有同事能看到的备注')
    await reply.press('Control+Enter')
    await agent.page.locator('.said[data-who="note"]').getByText('只有同事能看到').waitFor()

    await agent.page.getByRole('button', { name: '结束', exact: true }).click()
    const dialog = agent.page.getByRole('dialog', { name: '结束会话并填写小结' })
    await dialog.locator('.el-select').click()
    await agent.page.getByRole('option', { name: '服务效率' }).click()
    await dialog.getByRole('button', { name: '结束会话' }).click()

    await customer.page.locator('.survey').waitFor()
    assert.ok(!(await customer.page.locator('body').innerText()).includes('备注'), 'the note was not shown')
    await customer.page.locator('.star').nth(4).click()
    await customer.page.locator('.solved label').first().click()
    await customer.page.getByRole('button', { name: '提交评价' }).click()
    await customer.page.getByText('您评价了 5 星').waitFor()

    await agent.page.getByRole('tab', { name: /已结束/ }).click()
    await agent.page.locator('.row').getByText('5 星').waitFor()
    assert.deepEqual([...agent.faults, ...customer.faults], [])
    await agent.context.close()
    await customer.context.close()
  })

  test('a promise is stopped before the customer can read it', async () => {
    const agent = await person(browser)
    await signIn(agent.page, server.base, '/desk', 'agent1', server.accounts.agent1)
    await agent.page.locator('.presence select').selectOption('online')
    const customer = await person(browser, phone)
    await customer.page.goto(`${server.base}/widget`)
    await customer.page.getByRole('button', { name: '转人工' }).first().click()
    await customer.page.locator('.bar[data-state="agent"]').waitFor()
    await agent.page.locator('.row').first().click()
    const reply = agent.page.locator('#reply')
    await reply.fill('这款理财保证收益，稳赚不赔')
    await agent.page.locator('.findings.block').waitFor()
    assert.ok((await agent.page.locator('.findings mark').count()) > 0)
    await reply.press('Control+Enter')
    await reply.fill('请以产品说明书为准。')
    await agent.page.locator('.findings.block').waitFor({ state: 'detached' })
    await reply.press('Control+Enter')
    await bubbles(customer.page, 'agent').getByText('产品说明书').waitFor()
    assert.ok(!(await customer.page.locator('body').innerText()).includes('稳赚'))
    await agent.context.close()
    await customer.context.close()
  })

  test('an editor changes an answer, a second person publishes, the next customer reads it', async () => {
    const words = '跨行转账以收款银行入账时间为准，请您留意到账提醒。'
    const editor = await person(browser)
    await signIn(editor.page, server.base, '/console', 'editor', server.accounts.editor)
    await editor.page.goto(`${server.base}/console/items/entry/TRF-032`)
    await editor.page.locator('#f-answer-conclusion').fill(words)
    await editor.page.locator('.phone-answer').getByText('请您留意到账提醒').waitFor()
    await editor.page.getByRole('button', { name: '提交审核' }).click()
    await editor.page.locator('.page-head .chip').getByText('待审核').waitFor()
    assert.equal(await editor.page.getByRole('button', { name: '通过' }).count(), 0, 'an editor cannot approve')

    const reviewer = await person(browser)
    await signIn(reviewer.page, server.base, '/console/items/entry/TRF-032', 'reviewer', server.accounts.reviewer)
    await reviewer.page.locator('ins').first().waitFor()
    await reviewer.page.getByRole('button', { name: '通过' }).click()
    await reviewer.page.getByRole('link', { name: '去发布' }).click()
    await reviewer.page.getByLabel('发布说明').fill('更新到账说明')
    await reviewer.page.getByRole('button', { name: /发布 1 项/ }).click()
    // The index of the new generation is built before it serves.
    await reviewer.page.getByText('已发布第 2 代').waitFor({ timeout: 60_000 })

    const customer = await person(browser, phone)
    await customer.page.goto(`${server.base}/widget`)
    await say(customer.page, '转账多久到账')
    await bubbles(customer.page, 'bot').getByText('请您留意到账提醒').waitFor()
    assert.deepEqual([...editor.faults, ...reviewer.faults, ...customer.faults], [])
    for (const one of [editor, reviewer, customer]) await one.context.close()
  })

  test('a wire that is cut in the middle loses, repeats and reorders nothing', async (t) => {
    const cable = await wire(server.port)
    t.after(() => cable.close())
    const agent = await person(browser)
    await signIn(agent.page, server.base, '/desk', 'agent2', server.accounts.agent2)
    await agent.page.locator('.presence select').selectOption('online')
    const customer = await person(browser, phone)
    await customer.page.goto(`${cable.base}/widget`)
    await customer.page.getByRole('button', { name: '转人工' }).first().click()
    await customer.page.locator('.bar[data-state="agent"]').waitFor()
    await agent.page.locator('.row').first().click()
    await say(customer.page, '第一条')
    await agent.page.locator('.said[data-who="customer"]').getByText('第一条').waitFor()

    cable.cut()
    await customer.page.getByText('网络断开').waitFor()
    await say(customer.page, '断网时写的第二条')
    await say(customer.page, '断网时写的第三条')
    assert.equal(await customer.page.getByText('等待网络').count(), 2)
    const reply = agent.page.locator('#reply')
    for (const text of ['好的，已收到您的补充。', '谢谢您，我们正在核查。']) {
      await reply.fill(text)
      await reply.press('Control+Enter')
      await agent.page.locator('.said[data-who="agent"]').getByText(text).waitFor()
    }
    await customer.page.reload().catch(() => {}) // even the page is gone
    cable.mend()
    await until('重新打开页面', 15, () => customer.page.goto(`${cable.base}/widget`).then(() => true, () => false))

    await agent.page.locator('.said[data-who="customer"]').getByText('第三条').waitFor()
    await bubbles(customer.page, 'agent').getByText('谢谢您，我们正在核查。').waitFor()
    await until('清空未发送', 10, async () => (await customer.page.getByText(/发送中|等待网络/).count()) === 0)
    const plain = (text) => text.replace(/^我：\s*/, '').trim()
    assert.deepEqual((await bubbles(customer.page, 'customer').allInnerTexts()).map(plain), ['第一条', '断网时写的第二条', '断网时写的第三条'])
    assert.deepEqual((await bubbles(customer.page, 'agent').allInnerTexts()).map(plain), ['好的，已收到您的补充。', '谢谢您，我们正在核查。'])
    assert.deepEqual(await agent.page.locator('.said[data-who="customer"] .said-text').allInnerTexts(), ['第一条', '断网时写的第二条', '断网时写的第三条'])
    await agent.context.close()
    await customer.context.close()
  })
})
