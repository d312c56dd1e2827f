// The bot learns from the bank's people: what agents confirm, what editors approve and try out first.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe, launch, obstacle, person, say, settled, signIn, startServer } from './world.mjs'

describe('teaching the search', { skip: obstacle }, () => {
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
  const sound = async (page, faults, where) => {
    await settled(page)
    assert.deepEqual(await axe(page), [], `axe, ${where}`)
    assert.deepEqual(faults, [], `faults, ${where}`)
  }

  test('what an agent confirms, an editor approves, and an evaluation measures', async () => {
    const agent = await person(browser)
    await signIn(agent.page, server.base, '/desk', 'agent2', server.accounts.agent2)
    await agent.page.locator('.presence select').selectOption('online')
    const customer = await person(browser, { width: 390, height: 844 })
    await customer.page.goto(`${server.base}/widget`)
    await say(customer.page, '北京天气怎么样')
    await customer.page.locator('.message[data-who="bot"]').first().waitFor()
    await customer.page.getByRole('button', { name: '转人工' }).first().click()
    await customer.page.locator('.bar[data-state="agent"]').waitFor()
    await agent.page.locator('.row').first().click()
    await agent.page.getByRole('button', { name: '没有对应知识' }).click()
    await agent.page.getByText('您已确认没有对应知识（待编辑核对）').waitFor()
    await sound(agent.page, agent.faults, 'a confirmed question on the desk')

    const { page, context, faults } = await person(browser, { width: 1366, height: 768 })
    await signIn(page, server.base, '/console/unanswered', 'editor', server.accounts.editor)
    const row = page.locator('tr', { hasText: '北京天气怎么样' })
    await row.getByText('已确认：没有对应知识').waitFor()
    await sound(page, faults, 'unanswered')
    await row.getByRole('button', { name: '选其他条目' }).click()
    await page.locator('.fact-list li').first().waitFor()
    await sound(page, faults, 'choosing an entry')
    await page.keyboard.press('Escape')
    await row.getByRole('button', { name: '通过' }).click()
    await row.waitFor({ state: 'detached' })
    await page.goto(`${server.base}/console/pairs?state=approved`)
    await page.locator('tr', { hasText: '北京天气怎么样' }).waitFor()
    await sound(page, faults, 'pairs')
    await page.goto(`${server.base}/console/publish`)
    await page.getByRole('button', { name: '发布前评测' }).click()
    await page.locator('.evaluation').waitFor({ timeout: 120_000 }) // learns anew beside what serves
    await sound(page, faults, 'evaluation')
    for (const one of [agent.context, customer.context, context]) await one.close()
  })

  test('words are tried before they are saved', async () => {
    const { page, context, faults } = await person(browser, { width: 1366, height: 768 })
    await signIn(page, server.base, '/console/words', 'editor', server.accounts.editor)
    await page.getByRole('button', { name: '新建同义词' }).click()
    await page.locator('#f-id').fill('bank-synonyms')
    await page.locator('#f-words').fill('挂失|报失联')
    await page.locator('#trial-typed').fill('卡要报失联')
    await page.getByRole('button', { name: '试算' }).click()
    await page.getByText(/试问 \d+ 句/).waitFor({ timeout: 60_000 })
    assert.match(await page.locator('.trial').innerText(), /报失联 → 挂失/)
    await sound(page, faults, 'trial of words')
    await context.close()
  })
})
