/** s string, n number, b boolean, a array, o object, x anything; "?" = may be missing. */
type Shape = string

const eventShape: Shape = 'conversation:s seq:n at:n kind:s actor:o ref:s? body:o'

/** What every frame must have. */
export const frameShapes: Record<string, Record<string, Shape>> = {
  'chat/client': {
    hello: 'token:s conversation:s after:n lang:s elder:b page:s',
    say: 'ref:s text:s',
    ask_person: 'ref:s',
    rate: 'ref:s stars:n resolved:x comment:s',
    typing: '',
    read: 'seq:n',
    mode: 'elder:b lang:s',
    new: '',
    ping: '',
  },
  'chat/server': {
    welcome: 'token:s conversation:s seq:n state:s bank:s hotline:s suggestions:a? agent:s? queue:o?',
    event: eventShape,
    ack: 'ref:s seq:n',
    queue: 'position:n wait_p50:n wait_p90:n',
    typing: 'actor:o',
    error: 'code:s message:s ref:s?',
    pong: 'seq:n',
  },
  'desk/client': {
    hello: '',
    subscribe: 'conversation:s after:n',
    unsubscribe: 'conversation:s',
    say: 'conversation:s ref:s text:s confirmed:b?',
    note: 'conversation:s ref:s text:s',
    typing: 'conversation:s',
    read: 'conversation:s seq:n',
    ping: '',
  },
  'desk/server': {
    welcome: 'user:o presence:s',
    event: eventShape,
    ack: 'ref:s seq:n conversation:s?',
    typing: 'conversation:s actor:o',
    error: 'code:s message:s ref:s? conversation:s? findings:a?',
    changed: 'conversation:s?',
    pong: 'seqs:o',
  },
}

const eventKinds = ['message', 'state', 'transfer', 'note', 'decision', 'rating', 'hidden']

function fits(value: unknown, type: string): boolean {
  if (type.endsWith('?') && value == null) return true
  switch (type[0]) {
    case 's':
      return typeof value === 'string'
    case 'n':
      return typeof value === 'number'
    case 'b':
      return typeof value === 'boolean'
    case 'a':
      return Array.isArray(value)
    case 'o':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return true
  }
}

/** Says what is wrong with a frame, or "" when it is sound. Unknown fields are ignored. */
export function frameProblem(frame: unknown, socket: 'chat' | 'desk', from: 'client' | 'server'): string {
  const record = frame as Record<string, unknown> | null
  const type = record?.type
  const shape = typeof type === 'string' ? frameShapes[`${socket}/${from}`]?.[type] : undefined
  if (!record || shape === undefined) return `unknown type ${String(type)}`
  for (const part of shape.split(' ').filter(Boolean)) {
    const [name, kind] = part.split(':')
    if (!fits(record[name], kind)) return `${String(type)}.${name} is not ${kind}`
  }
  if (type === 'event' && !eventKinds.includes(record.kind as string)) return `unknown event kind ${String(record.kind)}`
  return ''
}
