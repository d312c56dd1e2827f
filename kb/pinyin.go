package kb

import (
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// syllable is the number of a toneless pinyin syllable; 0 means that the character has none.
type syllable uint16

// phonetics knows how characters sound. Typing and voice input confuse characters that sound alike,
// so sounds are compared without tones.
type phonetics struct {
	chars   map[rune]syllable       // first reading of each character
	phrases map[[2]rune][2]syllable // pairs that are read differently: 还款 is huan kuan
	names   []string                // syllable → letters
	numbers map[string]syllable     // letters → syllable
	fuzzy   []syllable              // syllable → representative of those that speakers confuse
	longest int                     // letters of the longest syllable
}

var sounds = sync.OnceValue(loadPhonetics)

var toneless = strings.NewReplacer(
	"ā", "a", "á", "a", "ǎ", "a", "à", "a", "ē", "e", "é", "e", "ě", "e", "è", "e", "ê", "e", "ế", "e", "ề", "e",
	"ī", "i", "í", "i", "ǐ", "i", "ì", "i", "ō", "o", "ó", "o", "ǒ", "o", "ò", "o",
	"ū", "u", "ú", "u", "ǔ", "u", "ù", "u", "ǖ", "v", "ǘ", "v", "ǚ", "v", "ǜ", "v", "ü", "v",
	"ń", "n", "ň", "n", "ǹ", "n", "ḿ", "m")

func loadPhonetics() *phonetics {
	p := &phonetics{
		chars: make(map[rune]syllable, 21000), phrases: map[[2]rune][2]syllable{},
		names: []string{""}, numbers: map[string]syllable{},
	}
	for code := rune(0x4E00); code <= 0x9FFF; code++ { // rare extensions are not typed by customers
		if readings, ok := pinyin.PinyinDict[int(code)]; ok {
			first, _, _ := strings.Cut(readings, ",")
			p.chars[code] = p.number(toneless.Replace(first))
		}
	}
	for word, reading := range shippedPairs("readings") {
		rs, syl := []rune(word), strings.Fields(reading)
		if len(rs) == 2 && len(syl) == 2 {
			p.phrases[[2]rune{rs[0], rs[1]}] = [2]syllable{p.number(syl[0]), p.number(syl[1])}
		}
	}
	p.fuzzy = make([]syllable, len(p.names))
	known := len(p.names)
	for i := 1; i < known; i++ {
		p.fuzzy[i] = p.number(confuse(p.names[i]))
	}
	for i := known; i < len(p.names); i++ { // representatives that are no syllable themselves
		p.fuzzy = append(p.fuzzy, syllable(i))
	}
	return p
}

func (p *phonetics) number(s string) syllable {
	if n, ok := p.numbers[s]; ok {
		return n
	}
	n := syllable(len(p.names))
	p.names = append(p.names, s)
	p.numbers[s] = n
	p.longest = max(p.longest, len(s))
	return n
}

// confuse maps sounds that southern speakers and voice input do not tell apart to one of them.
func confuse(s string) string {
	switch {
	case strings.HasPrefix(s, "zh"), strings.HasPrefix(s, "ch"), strings.HasPrefix(s, "sh"):
		s = s[:1] + s[2:]
	}
	if rest, ok := strings.CutSuffix(s, "ang"); ok {
		s = rest + "an"
	} else if rest, ok := strings.CutSuffix(s, "eng"); ok {
		s = rest + "en"
	} else if rest, ok := strings.CutSuffix(s, "ing"); ok {
		s = rest + "in"
	}
	return s
}

// read returns the syllables of rs; characters without one (letters, digits) get 0.
func (p *phonetics) read(rs []rune) []syllable {
	out := make([]syllable, len(rs))
	for i := 0; i < len(rs); i++ {
		if i+1 < len(rs) {
			if two, ok := p.phrases[[2]rune{rs[i], rs[i+1]}]; ok {
				out[i], out[i+1] = two[0], two[1]
				i++
				continue
			}
		}
		out[i] = p.chars[rs[i]]
	}
	return out
}

// key joins syllables to a map key.
func key(s []syllable) string {
	b := make([]byte, 0, 2*len(s))
	for _, x := range s {
		b = append(b, byte(x>>8), byte(x))
	}
	return string(b)
}

// fuzzyKey is key after confusable sounds were made equal.
func (p *phonetics) fuzzyKey(s []syllable) string {
	b := make([]byte, 0, 2*len(s))
	for _, x := range s {
		x = p.fuzzy[x]
		b = append(b, byte(x>>8), byte(x))
	}
	return string(b)
}

// spell splits letters that are full pinyin into syllables, preferring long ones: zhuanzhang →
// zhuan zhang. It reports nil if the letters are no pinyin.
func (p *phonetics) spell(letters string) []syllable {
	if len(letters) > 64 { // bounded: nobody types more pinyin without a space
		return nil
	}
	// best[i] is the split of letters[i:] with the fewest syllables.
	type split struct {
		n, first int
	}
	best := make([]split, len(letters)+1)
	for i := len(letters) - 1; i >= 0; i-- {
		best[i].n = -1
		for l := min(p.longest, len(letters)-i); l > 0; l-- {
			if p.numbers[letters[i:i+l]] == 0 || !initialOrZero(letters[i:i+l]) {
				continue
			}
			if rest := best[i+l]; rest.n >= 0 && (best[i].n < 0 || rest.n+1 < best[i].n) {
				best[i] = split{rest.n + 1, l}
			}
		}
	}
	if best[0].n <= 0 {
		return nil
	}
	out := make([]syllable, 0, best[0].n)
	for i := 0; i < len(letters); i += best[i].first {
		out = append(out, p.numbers[letters[i:i+best[i].first]])
	}
	return out
}

// initialOrZero excludes the interjections that the dictionary of readings lists as syllables (m,
// n, ng, hm): they would let any letters pass as pinyin.
func initialOrZero(s string) bool { return strings.ContainsAny(s, "aeiouv") }
