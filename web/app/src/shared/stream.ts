import { ApiError } from './api'

/** How far a long piece of work is; of 0 when nobody knows how much it is. */
export interface Progress {
  step: string
  done: number
  of: number
}

type Line<T> = Partial<Progress> & { result?: T; error?: { code: string; message: string } }

const broken = '连接中断，没有收到结果，请重试。'

/**
 * Posts to a path that answers in lines of JSON: progress, and at last the result. Ending the signal
 * ends the work on the server as well.
 */
export async function stream<T>(path: string, body: unknown, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal })
  } catch (error) {
    if (signal.aborted) throw error
    throw new ApiError(0, 'offline', '连接不上服务器，请检查网络后重试。')
  }
  if (!response.ok || !response.body) {
    const answer = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string; findings?: unknown[] } } | null
    throw new ApiError(response.status, answer?.error?.code ?? String(response.status), answer?.error?.message ?? `服务器返回错误（${response.status}），请稍后重试。`, answer?.error?.findings ?? [])
  }
  let rest = ''
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      const lines = (rest + value).split('\n')
      rest = lines.pop()!
      for (const text of lines) {
        const line = JSON.parse(text) as Line<T>
        if (line.error) throw new ApiError(200, line.error.code, line.error.message)
        if (line.result !== undefined) return line.result
        onProgress({ step: line.step ?? '', done: line.done ?? 0, of: line.of ?? 0 })
      }
    }
  } catch (error) {
    if (error instanceof ApiError || signal.aborted) throw error
  } finally {
    // After the result there is nothing left to cancel; the promise of a broken stream may fail again.
    void reader.cancel().catch(() => {})
  }
  throw new ApiError(0, 'broken', broken)
}
