import { describe, expect, test } from 'vitest'
import { changes } from '../src/console/diff'
import { answerText, read, toLines, write } from '../src/console/fields'
import { waitClock } from '../src/desk/clocks'
import { blocks } from '../src/shared/blocks'
import { dateTime, day, duration, elapsed } from '../src/shared/format'
import type { ConversationSummary } from '../src/shared/protocol'
import { evidenceWords, markFindings, markWords } from '../src/staff/evidence'

describe('an answer in blocks', () => {
  test('conclusion, numbered steps, labelled line, notice', () => {
    expect(blocks('请立即挂失。\n1. 打开手机银行。\n2. 选择挂失。\n收费说明：免费。\n温馨提示：请勿透露密码。')).toEqual([
      { kind: 'text', text: '请立即挂失。' },
      { kind: 'steps', items: ['打开手机银行。', '选择挂失。'] },
      { kind: 'field', label: '收费说明', text: '免费。' },
      { kind: 'notice', label: '温馨提示', text: '请勿透露密码。' },
    ])
  })
  test('a number at the start of a sentence is not a step', () => {
    expect(blocks('15日内答复。')).toEqual([{ kind: 'text', text: '15日内答复。' }])
    expect(blocks('110 和 96110 都可以。')[0].kind).toBe('text')
    expect(blocks('1.5倍积分')[0].kind).toBe('text')
  })
})

describe('times', () => {
  test('dates and durations as people read them', () => {
    expect(dateTime(new Date(2026, 10, 22, 14, 5).getTime() * 1000)).toBe('2026年11月22日 14:05')
    expect(dateTime(0)).toBe('—')
    expect(day('2027-06-30')).toBe('2027年6月30日')
    expect(elapsed(42)).toBe('0:42')
    expect(elapsed(3729)).toBe('1:02:09')
    expect(duration(-1)).toBe('—')
    expect(duration(45)).toBe('45 秒')
    expect(duration(190)).toBe('3 分钟')
    expect(duration(4800)).toBe('1 小时 20 分钟')
  })
  test('the clock of a row is late after its due time, soon two minutes before', () => {
    const row = (over: object) => ({ state: 'queued', queued_at: 100e6, created_at: 0, first_response_due: 700e6, last_actor: 'customer', last_at: 100e6, ...over }) as ConversationSummary
    expect(waitClock(row({}), 130)).toMatchObject({ text: '0:30', late: false, soon: false })
    expect(waitClock(row({}), 650)).toMatchObject({ soon: true, late: false })
    expect(waitClock(row({}), 701)).toMatchObject({ late: true })
    expect(waitClock(row({ first_response_at: 650e6 }), 701)).toMatchObject({ late: false })
    expect(waitClock(row({ state: 'closed' }), 701)).toBeNull()
    expect(waitClock(row({ state: 'agent', first_response_at: 5, last_actor: 'agent' }), 701)).toBeNull()
    expect(waitClock(row({ state: 'agent', last_actor: 'bot' }), 701)).toMatchObject({ label: '等候首次响应', late: true })
  })
})

describe('marks', () => {
  test('evidence words, whichever form they come in', () => {
    expect(evidenceWords(['太气人了', { match: '到底管不管', rule: 'x' }, '太气人了'])).toEqual(['太气人了', '到底管不管'])
    expect(evidenceWords(null)).toEqual([])
    expect(markWords('真是太气人了！', ['太气人了'])).toEqual([{ text: '真是', mark: false }, { text: '太气人了', mark: true }, { text: '！', mark: false }])
  })
  test('the longer word wins, and signs have no meaning of their own', () => {
    expect(markWords('骗子公司(*)', ['骗子', '骗子公司', '(*)']).filter((piece) => piece.mark).map((piece) => piece.text)).toEqual(['骗子公司', '(*)'])
  })
  test('offsets of the linter count characters, also beyond the basic plane', () => {
    expect(markFindings('😀保证收益', [{ rule: 'promise', start: 1, end: 5, match: '保证收益', advice: '' }])).toEqual([{ text: '😀', mark: false }, { text: '保证收益', mark: true }])
  })
})

describe('the editor', () => {
  test('a pasted list becomes lines', () => {
    expect(toLines('1. 卡丢了\r\n\r\n• 卡不见了\n卡丢了\n  3、怎么挂失 ')).toEqual(['卡丢了', '卡不见了', '怎么挂失'])
    expect(toLines('95588是哪里')).toEqual(['95588是哪里'])
  })
  test('values are read and written by path; empty ones are left out', () => {
    const body: Record<string, unknown> = {}
    write(body, 'answer.conclusion', '先挂失')
    write(body, 'personal', true)
    expect(read(body, 'answer.conclusion')).toBe('先挂失')
    write(body, 'personal', false)
    expect(body).toEqual({ answer: { conclusion: '先挂失' } })
  })
  test('the preview has the order of the server', () => {
    expect(answerText({ answer: { conclusion: '甲', steps: ['乙', '丙'], note: '己' }, fee: '戊', process: '丁' })).toBe('甲\n1. 乙\n2. 丙\n服务流程：丁\n收费说明：戊\n己')
  })
  test('a diff names the field and marks what changed', () => {
    const list = changes('entry', { question: '怎么挂失', similar: ['a', 'b'] }, { question: '如何挂失', similar: ['a', 'c'] })
    expect(list.map((change) => change.label)).toEqual(['标准问题', '相似问题'])
    expect(list[0].after).toEqual([{ text: '如何', changed: true }, { text: '挂失', changed: false }])
    expect(list[1].before.map((part) => part.text).join('')).toBe('a\nb')
    expect(list[1].before[1]).toEqual({ text: '\nb', changed: true })
    expect(changes('entry', { question: 'x' }, { question: 'x' })).toEqual([])
  })
})
