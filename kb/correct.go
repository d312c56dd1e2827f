package kb

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"yinda/kb/segment"
)

// speller knows how the words of one knowledge base sound, and puts right what was typed or heard
// wrongly: 花被 → 花呗 where the entries speak of 花呗, zhuanzhang → 转账. It knows only words that
// the knowledge base uses, so it never leads away from it.
type speller struct {
	lang  *language
	sound *phonetics
	exact map[string]string // syllables → most frequent word of the entries
	fuzzy map[string]string // the same with confusable sounds made equal
	words map[string]struct{}
	pairs map[string]struct{} // neighbouring characters in the entries
}

// Words of the entries that are restored by sound have this many characters.
const (
	shortestFix = 2
	longestFix  = 5
)

// newSpeller collects the words of content questions that stand in the dictionary: what the
// segmenter only guessed to be a word is no reason to change what a customer wrote.
func newSpeller(l *language, qs []written) (*speller, error) {
	s := &speller{lang: l, sound: l.sound, exact: map[string]string{}, fuzzy: map[string]string{},
		words: map[string]struct{}{}, pairs: map[string]struct{}{}}
	count := map[string]int{}
	var order []string // first seen first: the result must not depend on map order
	for _, w := range qs {
		if w.source > fromSimilar {
			continue
		}
		for _, t := range w.a.terms[byWord] {
			if count[t] == 0 {
				order = append(order, t)
			}
			count[t]++
		}
		for _, t := range w.a.terms[byBigram] {
			s.pairs[t] = struct{}{}
		}
	}
	freq := func(key string, m map[string]string, w string) {
		if prior, ok := m[key]; !ok || count[w] > count[prior] {
			m[key] = w
		}
	}
	for _, w := range order {
		s.words[w] = struct{}{}
		rs := []rune(w)
		if len(rs) < shortestFix || len(rs) > longestFix {
			continue
		}
		syl := l.sound.read(rs)
		if !complete(syl) {
			continue
		}
		known, err := segment.Known(w)
		if err != nil {
			return nil, err
		}
		if !known && !l.lexicon.Has(w) {
			continue
		}
		freq(key(syl), s.exact, w)
		freq(l.sound.fuzzyKey(syl), s.fuzzy, w)
	}
	return s, nil
}

func complete(syl []syllable) bool {
	for _, x := range syl {
		if x == 0 {
			return false
		}
	}
	return len(syl) > 0
}

// correct returns text with misheard and mistyped words put right, and what was changed as "花被 → 花呗".
// bold also changes what might have been meant as it stands: the caller must compare the outcomes.
func (s *speller) correct(text string, bold bool) (string, []string, error) {
	text, fixes := s.fromPinyin(text)
	tokens, err := segment.Tokens(text)
	if err != nil {
		return text, nil, err
	}
	rs := []rune(text)
	// settled[i]: character i belongs to a word of two or more characters that the entries use.
	settled := make([]bool, len(rs))
	whole := map[[2]int]bool{} // words as cut, by their characters
	inDoubt := false
	at, pos := 0, 0 // byte and rune position
	for _, t := range tokens {
		pos += utf8.RuneCountInString(text[at:t.Start])
		n := utf8.RuneCountInString(t.Text)
		_, used := s.words[t.Text]
		_, usual := s.lang.group[t.Text]
		if (used || usual) && n >= 2 {
			for i := range n {
				settled[pos+i] = true
			}
		} else {
			inDoubt = true
			if n >= 2 {
				if known, err := segment.Known(t.Text); err != nil {
					return text, nil, err
				} else if known {
					whole[[2]int{pos, pos + n}] = true
				}
			}
		}
		pos += n
		at = t.End
	}
	if !inDoubt {
		return text, fixes, nil
	}
	syl := s.sound.read(rs)
	var b strings.Builder
	changed := false
	for i := 0; i < len(rs); {
		n, word := s.misheard(rs, syl, settled, whole, i, bold)
		if n == 0 {
			b.WriteRune(rs[i])
			i++
			continue
		}
		b.WriteString(word)
		fixes = append(fixes, string(rs[i:i+n])+" → "+word)
		changed = true
		i += n
	}
	if !changed {
		return text, fixes, nil
	}
	return b.String(), fixes, nil
}

// misheard looks for a word of the entries that sounds like the characters from i on, longest
// first. n is 0 when there is none or when the characters are fine as they are.
func (s *speller) misheard(rs []rune, syl []syllable, settled []bool, whole map[[2]int]bool, i int, bold bool) (n int, word string) {
	for n := min(longestFix, len(rs)-i); n >= shortestFix; n-- {
		if !complete(syl[i : i+n]) {
			continue
		}
		fine := 0
		for k := i; k < i+n; k++ {
			if settled[k] {
				fine++
			}
		}
		// A settled word is left alone unless it is the smaller part of a longer one.
		if fine > 0 && (n < 3 || 2*fine >= n) {
			continue
		}
		typed := string(rs[i : i+n])
		if _, ok := s.words[typed]; ok {
			return 0, ""
		}
		word, exact := s.exact[key(syl[i:i+n])]
		if !exact {
			var ok bool
			if word, ok = s.fuzzy[s.sound.fuzzyKey(syl[i:i+n])]; !ok {
				continue
			}
		}
		shared := strings.ContainsAny(typed, word)
		fit := s.fit(rs, i, n, []rune(word))
		switch {
		case bold && (fit >= 1 || fit >= 0 && (shared || exact)):
		case whole[[2]int{i, i + n}]: // a proper word: the neighbours must speak for another one
			if fit < 1 || !shared && fit < 2 {
				continue
			}
		case n >= 3 && exact:
		case (shared || exact) && fit >= 0:
		default:
			continue
		}
		return n, word
	}
	return 0, ""
}

// fit says how much better word stands between its neighbours than the n characters at i: pairs of
// characters across the two borders that the entries have, gained or lost.
func (s *speller) fit(rs []rune, i, n int, word []rune) int {
	known := func(a, b rune) int {
		if _, ok := s.pairs[string([]rune{a, b})]; ok {
			return 1
		}
		return 0
	}
	gain := 0
	if i > 0 {
		gain += known(rs[i-1], word[0]) - known(rs[i-1], rs[i])
	}
	if i+n < len(rs) {
		gain += known(word[len(word)-1], rs[i+n]) - known(rs[i+n-1], rs[i+n])
	}
	return gain
}

// fromPinyin turns letters that spell words of the entries into these words: "zhuanzhang xiane" →
// 转账限额. Letters that the entries use themselves (app, etc) stay.
func (s *speller) fromPinyin(text string) (string, []string) {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < 0x80 && unicode.IsLetter(r) }) {
		return text, nil
	}
	// Neighbouring pinyin words belong together: zhuan zhang is one word with a space in it.
	type piece struct {
		text string
		syl  []syllable
	}
	var pieces []piece
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && text[end] >= 'a' && text[end] <= 'z' {
			end++
		}
		if end > i {
			p := piece{text: text[i:end]}
			// Letters that the entries use stay (app, etc), unless they are pinyin there as well.
			syl := s.sound.spell(p.text)
			if _, own := s.words[p.text]; !own || len(syl) >= 2 && s.exact[key(syl)] != "" {
				p.syl = syl
			}
			pieces = append(pieces, p)
			i = end
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		pieces = append(pieces, piece{text: text[i : i+size]})
		i += size
	}
	var b strings.Builder
	var fixes []string
	for i := 0; i < len(pieces); {
		if pieces[i].syl == nil {
			b.WriteString(pieces[i].text)
			i++
			continue
		}
		j := i
		var syl []syllable
		typed := ""
		for j < len(pieces) && (pieces[j].syl != nil || pieces[j].text == " " && j+1 < len(pieces) && pieces[j+1].syl != nil) {
			syl = append(syl, pieces[j].syl...)
			typed += pieces[j].text
			j++
		}
		if words, share := s.spelled(syl); share >= 0.5 && len(syl) >= 2 {
			b.WriteString(words)
			fixes = append(fixes, typed+" → "+words)
		} else {
			b.WriteString(typed)
		}
		i = j
	}
	return b.String(), fixes
}

// commonSyllables are read as these characters where no longer word of the entries fits.
var commonSyllables = map[string]string{
	"de": "的", "le": "了", "ma": "吗", "wo": "我", "ni": "你", "nin": "您", "shi": "是", "bu": "不", "mei": "没",
	"you": "有", "ne": "呢", "ba": "吧", "ka": "卡", "qian": "钱", "hao": "号", "ru": "入", "he": "和", "ke": "可",
	"yao": "要", "xiang": "想", "neng": "能", "hui": "会", "na": "哪", "li": "里", "ge": "个", "zai": "在", "dao": "到",
}

// commonWords are question words that every language of customers has.
var commonWords = map[string]string{
	"zen me": "怎么", "zen me ban": "怎么办", "wei shen me": "为什么", "shen me": "什么", "duo shao": "多少",
	"duo shao qian": "多少钱", "duo jiu": "多久", "na li": "哪里", "zai na": "在哪", "zai na li": "在哪里", "ru he": "如何",
	"ke yi": "可以", "ke yi ma": "可以吗", "bu neng": "不能", "wu fa": "无法", "shi bai": "失败", "mei you": "没有",
	"shen me shi hou": "什么时候", "wei sha": "为啥", "zen yang": "怎样", "ji tian": "几天", "neng bu neng": "能不能",
	"qing wen": "请问", "bu liao": "不了", "wo de": "我的", "ji dian": "几点", "duo chang shi jian": "多长时间",
}

// spelled writes syllables with words of the entries, longest first, and returns the share of the
// syllables that words of two or more characters account for.
func (s *speller) spelled(syl []syllable) (string, float64) {
	var b strings.Builder
	inWords := 0
	for i := 0; i < len(syl); {
		n := 0
		for l := min(longestFix, len(syl)-i); l >= 2; l-- {
			w, ok := s.exact[key(syl[i:i+l])]
			if !ok {
				names := make([]string, l)
				for k := range l {
					names[k] = s.sound.names[syl[i+k]]
				}
				if w, ok = commonWords[strings.Join(names, " ")]; !ok {
					continue
				}
			}
			b.WriteString(w)
			n = l
			inWords += l
			break
		}
		if n == 0 {
			if c, ok := commonSyllables[s.sound.names[syl[i]]]; ok {
				b.WriteString(c)
			} else {
				b.WriteString(s.sound.names[syl[i]])
			}
			n = 1
		}
		i += n
	}
	if len(syl) == 0 {
		return "", 0
	}
	return b.String(), float64(inWords) / float64(len(syl))
}
