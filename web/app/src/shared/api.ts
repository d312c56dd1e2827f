/** An error that the server explained in Chinese, ready to be shown. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly findings: unknown[] = [],
  ) {
    super(message)
  }
}

/** Called once on a 401 outside the sign-in, so that the shell can ask to sign in again. */
let signedOut: () => void = () => {}
export function onSignedOut(handler: () => void): void {
  signedOut = handler
}

const unreachable = '连接不上服务器，请检查网络后重试。'

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    const form = body instanceof FormData
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: body === undefined || form ? undefined : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
    })
  } catch {
    throw new ApiError(0, 'offline', unreachable)
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json().catch(() => undefined)) as T
  const answer = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string; findings?: unknown[] }
  } | null
  const error = new ApiError(
    response.status,
    answer?.error?.code ?? String(response.status),
    answer?.error?.message ?? `服务器返回错误（${response.status}），请稍后重试。`,
    answer?.error?.findings ?? [],
  )
  if (response.status === 401 && path !== '/api/login' && path !== '/api/me') signedOut()
  throw error
}

export const get = <T>(path: string) => request<T>('GET', path)
export const post = <T = unknown>(path: string, body: unknown = {}) => request<T>('POST', path, body)
export const put = <T = unknown>(path: string, body: unknown) => request<T>('PUT', path, body)

/** What to tell the person about any error. */
export function problem(error: unknown): string {
  return error instanceof ApiError ? error.message : '页面出现错误，请刷新后重试。'
}

/** Query string without empty values. */
export function query(values: Record<string, string | number | undefined>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(values)) if (value !== undefined && value !== '') params.set(key, String(value))
  const text = params.toString()
  return text ? `?${text}` : ''
}
