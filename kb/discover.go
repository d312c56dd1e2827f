package kb

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Two neighbouring words are one name if they stand together this often, and mostly together.
const (
	discoverCount = 5
	discoverShare = 0.6
	discoverLimit = 2000
)

// discover finds names that the segmenter does not know (微粒 + 贷): neighbours that hardly ever
// stand without each other in the knowledge base's own questions. The result is in order of first
// appearance.
func discover(qs []written) []string {
	type pair struct{ a, b string }
	single := map[string]int{}
	double := map[pair]int{}
	var order []pair
	for _, w := range qs {
		if w.source > fromSimilar {
			continue
		}
		tokens := w.a.tokens
		for i, t := range tokens {
			single[t]++
			if i == 0 {
				continue
			}
			p := pair{tokens[i-1], t}
			if !strings.Contains(w.a.text, p.a+p.b) || !nameable(p.a) || !nameable(p.b) {
				continue
			}
			if double[p] == 0 {
				order = append(order, p)
			}
			double[p]++
		}
	}
	var out []string
	for _, p := range order {
		n := float64(double[p])
		if n < discoverCount || n < discoverShare*float64(single[p.a]) || n < discoverShare/3*float64(single[p.b]) {
			continue
		}
		if utf8.RuneCountInString(p.a+p.b) > 8 || len(out) == discoverLimit {
			continue
		}
		out = append(out, p.a+p.b)
	}
	return out
}

// nameable tells words that may be part of a name from particles and numbers.
func nameable(w string) bool {
	for _, r := range w {
		if !unicode.Is(unicode.Han, r) && !unicode.IsLetter(r) {
			return false
		}
	}
	switch w {
	case "的", "了", "吗", "呢", "是", "不", "没", "我", "你", "能", "可以", "怎么", "什么", "为什么", "多少", "有", "在", "要", "会", "就", "都", "还":
		return false
	}
	return true
}
