package bot

import (
	"strings"

	"yinda/internal/text"
)

// Windows of the allowed contexts, in characters (lexicon §1).
const (
	negationWindow = 6  // 不承诺任何保本: the negation stands shortly before
	quoteWindow    = 10 // 您刚才提到的“保本”
	afterWindow    = 16 // …的都是诈骗
)

// allowed reports whether the context turns the hit into a denial, a warning or a quotation.
func (r *reading) allowed(h guardHit, t ruleTraits) bool {
	from, to := r.around(h, endsSentence)
	clause, clauseEnd := r.around(h, endsClause)
	return t.denied && r.denied(h, clause) ||
		t.warned && r.warned(h, from, to, clause, clauseEnd) ||
		t.quoted && r.quoted(h, from)
}

// around returns the part of the text around the hit up to the nearest stops.
func (r *reading) around(h guardHit, stop func(rune) bool) (from, to int) {
	from, to = h.start, h.end
	for from > 0 && !stop(r.runes[from-1]) {
		from--
	}
	for to < len(r.runes) && !stop(r.runes[to]) {
		to++
	}
	return from, to
}

func endsClause(c rune) bool { return c == ',' || c == ':' || endsSentence(c) }

// turns are characters that end the reach of a negation inside a clause: 不贵还保本.
const turns = "但而却就也才还又且倒"

// denied reports whether a negation stands in the window before the hit.
func (r *reading) denied(h guardHit, clause int) bool {
	from := max(clause, h.start-negationWindow)
	for i := h.start - 1; i >= from; i-- {
		if strings.ContainsRune(turns, r.runes[i]) {
			from = i + 1
			break
		}
	}
	for _, d := range r.marks[markDenial] {
		if d.Start >= h.start && d.End <= h.end {
			return true
		}
	}
	for _, n := range r.marks[markNegation] {
		if n.Start >= from && n.Start < h.start && !overlapsAny(n, r.marks[markNegationExcept]) {
			return true
		}
	}
	return false
}

// warned reports whether the sentence warns of what the hit says. A strong word (诈骗, 警惕) counts
// before the hit and shortly after it; a weak one (请勿, 不支持) only before it in the same clause,
// since 请勿外传 behind a promise makes it worse.
func (r *reading) warned(h guardHit, from, to, clause, clauseEnd int) bool {
	for _, w := range r.marks[markWarningStrong] {
		if w.Start < from || w.End > to || r.disclaimed(w) {
			continue
		}
		if w.End <= h.start || w.Start < h.end+afterWindow {
			return true
		}
	}
	for _, w := range r.marks[markWarningWeak] {
		if w.Start >= clause && w.Start <= h.start && w.End <= max(h.start, w.Start+4) && w.End <= clauseEnd {
			return true
		}
	}
	return false
}

// disclaimed reports whether the warning word is itself denied: 这不是骗局.
func (r *reading) disclaimed(w text.Range) bool {
	before := string(r.runes[max(0, w.Start-4):w.Start])
	for _, no := range []string{"不是", "没有", "不算", "不会是", "非", "又不"} {
		if strings.HasSuffix(before, no) {
			return true
		}
	}
	return false
}

// quoted reports whether the hit repeats somebody else's words: 您问的“保本理财”.
func (r *reading) quoted(h guardHit, from int) bool {
	window := max(from, h.start-quoteWindow)
	for _, q := range r.marks[markQuote] {
		if q.Start >= window && q.End <= h.start {
			return true
		}
	}
	return false
}

func overlapsAny(a text.Range, by []text.Range) bool {
	for _, b := range by {
		if a.Start < b.End && b.Start < a.End {
			return true
		}
	}
	return false
}
