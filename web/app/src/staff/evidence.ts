import type { Evidence, Finding } from '../shared/protocol'

export interface Piece {
  text: string
  mark: boolean
}

export function evidenceWords(evidence: Evidence[] | undefined | null): string[] {
  const words = (evidence ?? []).map((item) => (typeof item === 'string' ? item : item.match)).filter(Boolean)
  return [...new Set(words)]
}

/** Splits a text so that each of the words can be marked. */
export function markWords(text: string, words: string[]): Piece[] {
  const found = words.filter((word) => word && text.includes(word)).sort((a, b) => b.length - a.length)
  if (!found.length) return [{ text, mark: false }]
  const pattern = new RegExp(`(${found.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`)
  return text
    .split(pattern)
    .filter(Boolean)
    .map((part) => ({ text: part, mark: found.includes(part) }))
}

/** The same by places. Offsets of the linter count characters, not UTF-16 units. */
export function markFindings<T extends Pick<Finding, 'start' | 'end'>>(text: string, findings: T[]): Piece[] {
  const characters = [...text]
  const marked = characters.map(() => false)
  for (const finding of findings) marked.fill(true, finding.start, finding.end)
  const pieces: Piece[] = []
  characters.forEach((character, i) => {
    const last = pieces[pieces.length - 1]
    if (last && last.mark === marked[i]) last.text += character
    else pieces.push({ text: character, mark: marked[i] })
  })
  return pieces
}
