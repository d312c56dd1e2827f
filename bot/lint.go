package bot

import (
	"cmp"
	"slices"
	"sort"

	"yinda/internal/text"
)

// reading is one text while the rules look at it. Positions are characters of tight: folded, without
// separators inside words.
type reading struct {
	rules *ruleSet
	tight text.Folded
	runes []rune
	marks [8][]text.Range // by role; words and exceptions are in hits
	hits  []guardHit
	holes []guardHit // exceptions

	understood []guardHit // hits that their context allows: the model has no say there
}

// guardHit is a place where the list matched.
type guardHit struct {
	list       int32
	start, end int
}

// Check judges a text, as it stands, in the mouth of a speaker. Positions of the findings are
// characters of the text. The verdict is block when any finding blocks, else warn when there is one.
func (g *Guard) Check(s string, as Speaker) Verdict {
	return g.check(s, as, as != SpeakerDraft) // a draft is read by a second person
}

// check is Check; phrasingBlocks says whether a sentence may be blocked that no list knows.
func (g *Guard) check(s string, as Speaker, phrasingBlocks bool) Verdict {
	tight := text.Fold(s).Tight()
	r := &reading{rules: g.rules, tight: tight, runes: tight.Runes()}
	r.match()
	original := []rune(s)
	v := Verdict{Verdict: VerdictOK, Findings: []Finding{}}
	for _, h := range r.hits {
		l := &g.rules.lists[h.list]
		if l.traits.bot && as == SpeakerAgent {
			continue
		}
		if r.acknowledges(h) {
			continue
		}
		if r.excepted(h) || r.allowed(h, l.traits) {
			r.understood = append(r.understood, h)
			continue
		}
		start, end := tight.Span(h.start, h.end)
		v.Findings = append(v.Findings, Finding{
			Rule: l.Kind, Start: start, End: end, Match: string(original[start:end]), Advice: l.Advice, List: l.ID,
			Block: l.Severity != "warn",
		})
	}
	v.Findings = append(v.Findings, g.privateData(s, original)...)
	v.Findings = append(v.Findings, g.links(s, original)...)
	v.Findings = merge(r.byPhrasing(original, v.Findings, phrasingBlocks))
	for _, f := range v.Findings {
		if f.Block {
			v.Verdict = VerdictBlock
			break
		}
		v.Verdict = VerdictWarn
	}
	return v
}

// match finds the words and patterns of all lists.
func (r *reading) match() {
	r.rules.words.scan(r.runes, func(value int32, end int) {
		m := r.rules.marks[value]
		start := end - int(m.length)
		switch m.role {
		case markWord:
			r.hits = append(r.hits, guardHit{m.list, start, end})
		case markExcept:
			r.holes = append(r.holes, guardHit{m.list, start, end})
		default:
			r.marks[m.role] = append(r.marks[m.role], text.Range{Start: start, End: end})
		}
	})
	var due []int32
	seen := map[int32]bool{}
	r.rules.anchors.scan(r.runes, func(value int32, _ int) {
		if !seen[value] {
			seen[value] = true
			due = append(due, value)
		}
	})
	due = append(due, r.rules.always...)
	if len(due) == 0 {
		return
	}
	for _, s := range r.sentences() {
		line := string(r.runes[s.Start:s.End])
		index := byteIndex(line)
		for _, p := range due {
			for _, m := range r.rules.patterns[p].re.FindAllStringIndex(line, -1) {
				if m[1] > m[0] {
					r.hits = append(r.hits, guardHit{r.rules.patterns[p].list, s.Start + index[m[0]], s.Start + index[m[1]]})
				}
			}
		}
	}
}

// sentences splits the text at 。!?; and line breaks, each sentence with its mark.
func (r *reading) sentences() []text.Range {
	var out []text.Range
	start := 0
	for i, c := range r.runes {
		if endsSentence(c) {
			out = append(out, text.Range{Start: start, End: i + 1})
			start = i + 1
		}
	}
	if start < len(r.runes) {
		out = append(out, text.Range{Start: start, End: len(r.runes)})
	}
	return out
}

func endsSentence(r rune) bool {
	return r == '。' || r == '!' || r == '?' || r == ';' || r == '\n'
}

// byteIndex maps bytes of s to characters.
func byteIndex(s string) []int {
	index := make([]int, len(s)+1)
	n := -1
	for i := range len(s) {
		if s[i]&0xc0 != 0x80 {
			n++
		}
		index[i] = n
	}
	index[len(s)] = n + 1
	return index
}

// excepted reports whether a longer word of the list's exceptions covers part of the hit.
func (r *reading) excepted(h guardHit) bool {
	i := sort.Search(len(r.holes), func(i int) bool { return r.holes[i].end > h.start })
	for ; i < len(r.holes) && r.holes[i].end <= h.end+longestMark; i++ {
		if e := r.holes[i]; e.list == h.list && e.start < h.end {
			return true
		}
	}
	return false
}

// merge sorts findings and keeps, of those of one rule that overlap, the longest.
func merge(found []Finding) []Finding {
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	out := found[:0]
	last := map[string]int{} // rule → its latest finding in out
	for _, f := range found {
		if i, ok := last[f.Rule]; ok && f.Start < out[i].End {
			o := &out[i]
			o.Block = o.Block || f.Block
			if f.End-f.Start > o.End-o.Start {
				f.Block = o.Block
				*o = f
			}
			continue
		}
		last[f.Rule] = len(out)
		out = append(out, f)
	}
	return out
}
