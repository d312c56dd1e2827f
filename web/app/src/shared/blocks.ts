/** An answer as it is laid out: the text of the protocol is plain, one block a line. */
export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'steps'; items: string[] }
  | { kind: 'field'; label: string; text: string }
  | { kind: 'notice'; label: string; text: string }

const step = /^\s*\d{1,2}(?:[.．、)）]|\s)\s*(?=\D)(.+)$/
const notice = /^\s*[【［]?(温馨提示|风险提示|重要提示|安全提示|特别提示|投诉提示|提示)[】］]?[：:]\s*(.+)$/
const field = /^\s*(服务流程|办理流程|收费说明|收费项目|收费|费用|说明|备注|办理渠道|服务时间)[：:]\s*(.+)$/

export function blocks(text: string): Block[] {
  const out: Block[] = []
  for (const line of text.split('\n')) {
    if (!line.trim()) continue
    const last = out[out.length - 1]
    let m: RegExpExecArray | null
    if ((m = step.exec(line))) {
      if (last?.kind === 'steps') last.items.push(m[1])
      else out.push({ kind: 'steps', items: [m[1]] })
    } else if ((m = notice.exec(line))) out.push({ kind: 'notice', label: m[1], text: m[2] })
    else if ((m = field.exec(line))) out.push({ kind: 'field', label: m[1], text: m[2] })
    else out.push({ kind: 'text', text: line })
  }
  return out
}
