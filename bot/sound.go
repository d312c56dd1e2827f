package bot

import (
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// Sounds make misspellings by ear findable: 转忍攻 sounds like 转人工. Tones are ignored, and the
// pairs that southern speakers do not tell apart are one: zh/z, ch/c, sh/s, n/l, ng/n.

// soundOf maps a Chinese character to the number of its coarse syllable, 0 when it has none.
var soundOf = sync.OnceValue(func() map[rune]rune {
	out := make(map[rune]rune, len(pinyin.PinyinDict))
	ids := map[string]rune{}
	for code, readings := range pinyin.PinyinDict {
		if code < 0x4e00 || code > 0x9fff {
			continue
		}
		reading, _, _ := strings.Cut(readings, ",")
		out[rune(code)] = soundID(ids, coarse(plainSyllable(reading)))
	}
	return out
})

// soundID numbers syllables in a private range, so that they can be searched like characters.
func soundID(ids map[string]rune, syllable string) rune {
	id, ok := ids[syllable]
	if !ok {
		id = 0xF0000 + rune(len(ids))
		ids[syllable] = id
	}
	return id
}

var toneMarks = strings.NewReplacer(
	"ā", "a", "á", "a", "ǎ", "a", "à", "a", "ē", "e", "é", "e", "ě", "e", "è", "e", "ê", "e",
	"ī", "i", "í", "i", "ǐ", "i", "ì", "i", "ō", "o", "ó", "o", "ǒ", "o", "ò", "o",
	"ū", "u", "ú", "u", "ǔ", "u", "ù", "u", "ǖ", "v", "ǘ", "v", "ǚ", "v", "ǜ", "v", "ü", "v",
	"ń", "n", "ň", "n", "ǹ", "n", "ḿ", "m")

// plainSyllable takes the tone mark off a syllable: zhuǎn → zhuan.
func plainSyllable(s string) string { return toneMarks.Replace(s) }

func coarse(s string) string {
	for _, p := range [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"l", "n"}} {
		if strings.HasPrefix(s, p[0]) {
			s = p[1] + s[len(p[0]):]
			break
		}
	}
	return strings.TrimSuffix(s, "g")
}

// sounds returns the syllable numbers of a text, the character itself where it has none.
func sounds(text []rune) []rune {
	table := soundOf()
	out := make([]rune, len(text))
	for i, r := range text {
		if s, ok := table[r]; ok {
			out[i] = s
		} else {
			out[i] = r
		}
	}
	return out
}

// syllables is the set of toneless Pinyin syllables.
var syllables = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, readings := range pinyin.PinyinDict {
		for reading := range strings.SplitSeq(readings, ",") {
			if s := plainSyllable(reading); len(s) <= 6 && s != "" {
				out[s] = true
			}
		}
	}
	return out
})
