/** Dates and durations as people read them here. Times of the protocol are microseconds UTC. */

const pad = (n: number) => String(n).padStart(2, '0')

export function toDate(micros: number): Date {
  return new Date(micros / 1000)
}

/** 2026年11月22日 14:05 */
export function dateTime(micros: number): string {
  if (!micros) return '—'
  const d = toDate(micros)
  return `${d.getFullYear()}年${d.getMonth() + 1}月${d.getDate()}日 ${clock(micros)}`
}

/** 14:05 */
export function clock(micros: number): string {
  const d = toDate(micros)
  return `${pad(d.getHours())}:${pad(d.getMinutes())}`
}

/** 14:05 today, 11月22日 14:05 this year, with the year otherwise. */
export function shortTime(micros: number, now = Date.now()): string {
  if (!micros) return '—'
  const d = toDate(micros)
  const today = new Date(now)
  if (d.toDateString() === today.toDateString()) return clock(micros)
  if (d.getFullYear() === today.getFullYear()) return `${d.getMonth() + 1}月${d.getDate()}日 ${clock(micros)}`
  return dateTime(micros)
}

/** 2026-11-22 → 2026年11月22日 */
export function day(iso: string): string {
  const m = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso ?? '')
  return m ? `${m[1]}年${Number(m[2])}月${Number(m[3])}日` : '—'
}

/** A running clock: 0:42, 12:05, 1:02:09. */
export function elapsed(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  const h = Math.floor(s / 3600)
  const m = Math.floor((s % 3600) / 60)
  return h ? `${h}:${pad(m)}:${pad(s % 60)}` : `${m}:${pad(s % 60)}`
}

/** 45 秒, 3 分钟, 1 小时 20 分钟 */
export function duration(seconds: number): string {
  if (seconds < 0) return '—'
  const s = Math.round(seconds)
  if (s < 60) return `${s} 秒`
  const minutes = Math.round(s / 60)
  if (minutes < 60) return `${minutes} 分钟`
  return minutes % 60 ? `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分钟` : `${minutes / 60} 小时`
}

export function percent(part: number): string {
  return `${Math.round(part * 100)}%`
}
