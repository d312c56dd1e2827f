import type { ConversationSummary } from '../shared/protocol'
import { elapsed } from '../shared/format'

export interface Clock {
  label: string
  text: string
  late: boolean
  soon: boolean
}

/** The one clock that matters in a row: how long the customer has waited, or how much time is left. */
export function waitClock(item: ConversationSummary, now: number): Clock | null {
  if (item.state === 'closed' || item.state === 'rated') return null
  const due = item.first_response_due && !item.first_response_at ? item.first_response_due / 1e6 : 0
  const late = due > 0 && now > due
  const soon = due > 0 && !late && due - now < 120
  if (item.state === 'queued' || item.state === 'ticket') {
    const since = (item.queued_at || item.created_at) / 1e6
    return { label: '已等待', text: elapsed(now - since), late, soon }
  }
  if (item.state === 'agent' && item.queued_at && !item.first_response_at)
    return { label: '等候首次响应', text: elapsed(now - item.queued_at / 1e6), late, soon }
  if (item.state === 'agent' && item.last_actor === 'customer')
    return { label: '客户等候回复', text: elapsed(now - item.last_at / 1e6), late, soon: soon || now - item.last_at / 1e6 > 60 }
  return null
}

/** First response: a countdown until it is late, then how late. Null when it was given. */
export function responseClock(item: ConversationSummary, now: number): Clock | null {
  if (!item.first_response_due || item.first_response_at || item.state === 'closed' || item.state === 'rated') return null
  const left = item.first_response_due / 1e6 - now
  return left >= 0
    ? { label: '首次响应剩余', text: elapsed(left), late: false, soon: left < 120 }
    : { label: '首次响应已超时', text: elapsed(-left), late: true, soon: false }
}
