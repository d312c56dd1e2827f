// The bank teaches its bot: an agent marks an escalation, an editor looks back on it and makes an
// example of what the customer said, and the publication trains the model of understanding.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { join } from 'node:path'
import { axe, launch, obstacle, person, say, settled, signIn, startServer } from './world.mjs'

describe('teaching', { skip: obstacle }, () => {
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
  // SHOTS=folder keeps pictures for people to look at.
  const sound = async ({ page, faults }, name) => {
    await settled(page)
    if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true })
    assert.deepEqual(await axe(page), [], `axe, ${name}`)
    assert.deepEqual(faults, [], `faults, ${name}`)
  }

  test('from a mark on the desk to the model in force', async () => {
    const agent = await person(browser)
    await signIn(agent.page, server.base, '/desk', 'agent1', server.accounts.agent1)
    await agent.page.locator('.presence select').selectOption('online')
    const customer = await person(browser, { width: 390, height: 844 })
    await customer.page.goto(`${server.base}/widget`)
    await say(customer.page, '转账多久到账')
    await customer.page.locator('.message[data-who="bot"]').first().waitFor()
    await say(customer.page, '气死我了！回我电话13812345678，我要投诉你们柜员！')
    await customer.page.locator('.bar[data-state="agent"]').waitFor()
    await agent.page.locator('.row').first().click()
    await agent.page.locator('.verdict-button', { hasText: '太晚' }).click()
    await agent.page.getByRole('radio', { name: '内部备注' }).click()
    await agent.page.locator('#reply').fill('第一句就该转过来')
    await agent.page.locator('#reply').press('Control+Enter')
    await agent.page.locator('.said[data-who="note"]').waitFor()
    await customer.context.close()
    await agent.context.close()

    const editor = await person(browser, { width: 1366, height: 768 })
    await signIn(editor.page, server.base, '/console/debrief', 'editor', server.accounts.editor)
    const row = editor.page.locator('.debrief').first()
    await row.waitFor()
    const text = await row.innerText()
    assert.match(text, /太晚/)
    assert.match(text, /138\*\*\*\*5678/)
    assert.match(text, /第一句就该转过来/)
    assert.ok(!text.includes('13812345678'), 'nothing unmasked is shown')
    assert.ok((await row.locator('mark').count()) > 0, 'the words that fired are marked')
    await sound(editor, 'debrief')

    await row.getByRole('button', { name: /做成例句/ }).last().click()
    await editor.page.locator('.item-form').waitFor()
    assert.match(await editor.page.getByLabel('客户的话').inputValue(), /气死我了/)
    await editor.page.getByLabel('投诉类别').selectOption('服务效率')
    await editor.page.getByLabel('紧急类别').selectOption('')
    await sound(editor, 'example')
    await editor.page.getByRole('button', { name: '提交审核' }).click()
    await editor.page.locator('.chip', { hasText: '待审核' }).waitFor()
    assert.match(editor.page.url(), /\/items\/example\/EX-/)

    await editor.page.goto(`${server.base}/console/debrief`)
    await row.getByRole('button', { name: /标为已处理/ }).click()
    await row.getByText('周编辑 已处理').waitFor()
    await editor.page.getByLabel('只看未处理').waitFor()
    await editor.page.reload()
    await editor.page.getByText('没有符合条件的转接').waitFor()
    await editor.page.getByLabel('只看未处理').uncheck()
    await row.getByText('周编辑 已处理').waitFor()
    await sound(editor, 'debrief-done')

    const reviewer = await person(browser, { width: 1366, height: 768 })
    await signIn(reviewer.page, server.base, '/console/items/example', 'reviewer', server.accounts.reviewer)
    await reviewer.page.locator('table.grid tbody a').first().click()
    await reviewer.page.getByRole('button', { name: '通过' }).click()
    await reviewer.page.getByRole('link', { name: '去发布' }).click()
    await reviewer.page.getByText('发布时用例句训练理解模型').waitFor()
    await reviewer.page.getByLabel('发布说明').fill('第一条例句')
    await reviewer.page.getByRole('button', { name: /^发布 1 项/ }).click()
    await reviewer.page.locator('.lesson .chip').waitFor({ timeout: 120_000 }) // three trainings on a shared core
    assert.match(await reviewer.page.locator('.lesson').innerText(), /已采用/)
    await reviewer.page.locator('.lesson button').click()
    await reviewer.page.locator('.lesson table').waitFor()
    await sound(reviewer, 'lesson')
    await editor.context.close()
    await reviewer.context.close()
    assert.ok(!server.log().includes('13812345678'), 'nothing unmasked is logged')
  })
})
