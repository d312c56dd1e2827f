package bot

import (
	"sort"
	"strings"

	"yinda/internal/text"
)

// Windows of the allowed contexts, in characters (lexicon §1).
const (
	negationWindow = 6  // 不承诺任何保本: the negation stands shortly before
	quoteWindow    = 10 // 您刚才提到的“保本”
	afterWindow    = 16 // …的都是诈骗

	longestMark   = 24  // no word of the reading lists is longer
	longestClause = 400 // how far a clause or sentence is followed; keeps a pasted novel linear
)

// between calls f with the marks that end behind from and begin before to, until it returns true.
func between(marks []text.Range, from, to int, f func(text.Range) bool) bool {
	i := sort.Search(len(marks), func(i int) bool { return marks[i].End > from })
	for ; i < len(marks) && marks[i].End <= to+longestMark; i++ {
		if m := marks[i]; m.Start < to && f(m) {
			return true
		}
	}
	return false
}

// allowed reports whether the context turns the hit into a denial, a warning or a quotation.
func (r *reading) allowed(h guardHit, t ruleTraits) bool {
	from, to := r.around(h, endsSentence)
	clause, clauseEnd := r.around(h, endsClause)
	return t.denied && r.denied(h, clause) ||
		t.warned && r.warned(h, from, to, clause, clauseEnd) ||
		t.quoted && r.quoted(h, from)
}

// acknowledges reports whether the hit is only the 嗯 that an answer begins with: 嗯，是的。 Alone
// it is curt.
func (r *reading) acknowledges(h guardHit) bool {
	last := h.end - 1
	if last <= h.start || r.runes[last] != ',' || h.end == len(r.runes) || endsSentence(r.runes[h.end]) {
		return false
	}
	return strings.Trim(string(r.runes[h.start:last]), "嗯") == ""
}

// around returns the part of the text around the hit up to the nearest stops.
func (r *reading) around(h guardHit, stop func(rune) bool) (from, to int) {
	from, to = h.start, h.end
	for from > 0 && h.start-from < longestClause && !stop(r.runes[from-1]) {
		from--
	}
	for to < len(r.runes) && to-h.end < longestClause && !stop(r.runes[to]) {
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
	if between(r.marks[markDenial], h.start, h.end, func(d text.Range) bool { return d.Start >= h.start && d.End <= h.end }) {
		return true
	}
	return between(r.marks[markNegation], from, h.start, func(n text.Range) bool {
		return n.Start >= from && !overlapsAny(n, r.marks[markNegationExcept])
	})
}

// warned reports whether the sentence warns of what the hit says. A strong word (诈骗, 警惕) counts
// before the hit and shortly after it; a weak one (请勿, 不支持) only before it in the same clause,
// since 请勿外传 behind a promise makes it worse.
func (r *reading) warned(h guardHit, from, to, clause, clauseEnd int) bool {
	strong := between(r.marks[markWarningStrong], from, min(to, h.end+afterWindow), func(w text.Range) bool {
		return w.Start >= from && w.End <= to && !r.disclaimed(w)
	})
	return strong || between(r.marks[markWarningWeak], clause, h.start+1, func(w text.Range) bool {
		return w.Start >= clause && w.End <= max(h.start, w.Start+4) && w.End <= clauseEnd
	})
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
	return between(r.marks[markQuote], window, h.start, func(q text.Range) bool {
		return q.Start >= window && q.End <= h.start
	})
}

func overlapsAny(a text.Range, by []text.Range) bool {
	return between(by, a.Start, a.End, func(b text.Range) bool { return a.Start < b.End && b.Start < a.End })
}
