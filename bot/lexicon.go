package bot

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"yinda/internal/text"
)

// Kinds of lexicon that understanding reads. Words and patterns are matched alike; a hit that
// overlaps one of the list's exceptions is dropped. Other kinds belong to the guard or the index.
//
//	class      words that patterns name as {label}
//	variant    misspellings of the word in label, put right before anything is matched
//	sound      words found by ear as well, put right likewise (lexicon §10)
//	person     label request | lookalike | telling | refused: a request counts where none of the
//	           others overlaps it; telling yields to a longer request around it (lexicon §11)
//	urgent     label = class of design §8, priority 0 = P0; the id "urgent-x" names the card
//	           emergency_x (lexicon §6)
//	complaint  label = category of CP-02; label enquiry takes the hits back that it overlaps (§7)
//	emotion    label and level (§8)
//	calm, intensity  lower and raise the level
//	modality   label hypothetical | prevention | longago | settled | other (§9)
//	chat       label = script; says that a turn needs no entry (§12)
//	decline    label = script; answered before the search (§12)
//	reply      label yes | no | unresolved: answers to what the bot said
const (
	lexiconClass     = "class"
	lexiconVariant   = "variant"
	lexiconSound     = "sound"
	lexiconPerson    = "person"
	lexiconUrgent    = "urgent"
	lexiconComplaint = "complaint"
	lexiconEmotion   = "emotion"
	lexiconCalm      = "calm"
	lexiconIntensity = "intensity"
	lexiconModality  = "modality"
	lexiconChat      = "chat"
	lexiconDecline   = "decline"
	lexiconReply     = "reply"
)

// list is a compiled Lexicon.
type list struct {
	Lexicon
	index int
}

// lexicon is all lists that understanding reads, compiled. It is immutable.
type lexicon struct {
	lists    []list
	patterns []compiled
	of       []patternOf // whose pattern it is
	anchors  *automaton  // value = index of the pattern × maxGroups + group
	needs    []uint8     // groups of every pattern, one bit each
	always   []int32     // patterns without anchors

	fixes      *automaton // misspellings, value = index into fixWith
	fixWith    []fix
	soundFixes *automaton
	soundWith  [][]rune
	phrases    map[string]map[string]bool // kind/label → whole texts, for chat and reply
}

type patternOf struct {
	list   int
	except bool
}

// fix replaces a misspelling; both have the same length where possible.
type fix struct{ from, to []rune }

// hit is a place where a list matched; positions are runes of the line.
type hit struct {
	list       *list
	start, end int
	sentence   int
}

// newLexicon compiles the lists of a playbook that understanding reads. It fails, naming the list,
// when a pattern is broken.
func newLexicon(all []Lexicon) (*lexicon, error) {
	x := &lexicon{anchors: newAutomaton(), fixes: newAutomaton(), soundFixes: newAutomaton(), phrases: map[string]map[string]bool{}}
	classes := map[string]string{}
	for _, l := range all {
		if l.Kind == lexiconClass {
			classes[l.Label] = alternatives(l.Words)
		}
	}
	for _, l := range all {
		switch l.Kind {
		case lexiconVariant:
			for _, w := range l.Words {
				x.fixes.add([]rune(text.Fold(w).String()), int32(len(x.fixWith)))
				x.fixWith = append(x.fixWith, fix{[]rune(text.Fold(w).String()), []rune(l.Label)})
			}
		case lexiconSound:
			for _, w := range l.Words {
				x.soundFixes.add(sounds([]rune(w)), int32(len(x.soundWith)))
				x.soundWith = append(x.soundWith, []rune(w))
			}
		case lexiconPerson, lexiconUrgent, lexiconComplaint, lexiconEmotion, lexiconCalm, lexiconIntensity, lexiconModality, lexiconDecline, lexiconChat, lexiconReply:
			if err := x.addList(l, classes); err != nil {
				return nil, fmt.Errorf("lexicon %s: %w", l.ID, err)
			}
		}
	}
	x.anchors.finish()
	x.fixes.finish()
	x.soundFixes.finish()
	return x, nil
}

// alternatives is a group of words, longest first so that the longest wins.
func alternatives(words []string) string {
	sorted := make([]string, 0, len(words))
	for _, w := range words {
		sorted = append(sorted, regexp.QuoteMeta(text.Fold(w).String()))
	}
	slices.SortFunc(sorted, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	return "(?:" + strings.Join(slices.Compact(sorted), "|") + ")"
}

func (x *lexicon) addList(l Lexicon, classes map[string]string) error {
	i := len(x.lists)
	x.lists = append(x.lists, list{Lexicon: l, index: i})
	if l.Kind == lexiconChat || l.Kind == lexiconReply {
		// Words of these lists are whole texts, not parts.
		key := l.Kind + "/" + l.Label
		if x.phrases[key] == nil {
			x.phrases[key] = map[string]bool{}
		}
		for _, w := range l.Words {
			x.phrases[key][bare(newLine(w).runes)] = true
		}
	} else if len(l.Words) > 0 {
		if err := x.addPattern(alternatives(l.Words), patternOf{list: i}, nil); err != nil {
			return err
		}
	}
	for _, p := range l.Patterns {
		if err := x.addPattern(p, patternOf{list: i}, classes); err != nil {
			return err
		}
	}
	for _, p := range l.Except {
		if err := x.addPattern(p, patternOf{list: i, except: true}, classes); err != nil {
			return err
		}
	}
	return nil
}

func (x *lexicon) addPattern(p string, of patternOf, classes map[string]string) error {
	var c compiled
	var err error
	if classes == nil {
		c, err = compilePlain(p)
	} else {
		c, err = compilePattern(p, classes)
	}
	if err != nil {
		return err
	}
	n := int32(len(x.patterns))
	x.patterns = append(x.patterns, c)
	x.of = append(x.of, of)
	x.needs = append(x.needs, uint8(1<<len(c.groups)-1))
	if len(c.groups) == 0 {
		x.always = append(x.always, n)
	}
	for g, anchors := range c.groups {
		for _, a := range anchors {
			x.anchors.add([]rune(a), n*maxGroups+int32(g))
		}
	}
	return nil
}

// repair puts misspelt key words right, in place where the lengths agree.
func (x *lexicon) repair(l *line) {
	x.fixes.scan(l.runes, func(v int32, end int) {
		f := x.fixWith[v]
		if len(f.from) == len(f.to) {
			copy(l.runes[end-len(f.from):end], f.to)
		}
	})
	// Of unequal length: rebuild. Rare, so simple.
	for changed := true; changed; {
		changed = false
		var found fix
		var at int
		x.fixes.scan(l.runes, func(v int32, end int) {
			if f := x.fixWith[v]; !changed && len(f.from) != len(f.to) {
				found, at, changed = f, end-len(f.from), true
			}
		})
		if changed {
			pos := l.at[at]
			var at2 []int
			for range found.to {
				at2 = append(at2, pos)
			}
			at2[len(at2)-1] = l.at[at+len(found.from)-1]
			l.runes = slices.Concat(l.runes[:at], found.to, l.runes[at+len(found.from):])
			l.at = slices.Concat(l.at[:at], at2, l.at[at+len(found.from):])
		}
	}
	x.soundFixes.scan(sounds(l.runes), func(v int32, end int) {
		copy(l.runes[end-len(x.soundWith[v]):end], x.soundWith[v])
	})
}

// maxRegexSentences bounds the sentences in which regular expressions run: a customer who writes
// more says what matters in the first or the last of them.
const maxRegexSentences = 40

// match finds the hits of all lists in a line, exceptions taken out.
func (x *lexicon) match(l *line) []hit {
	var hits, excepts []hit
	seen := make([]uint8, len(x.patterns)) // groups found in the sentence
	var touched, todo []int32
	ran := 0
	for s := range l.sentences {
		sent := &l.sentences[s]
		for _, p := range touched {
			seen[p] = 0
		}
		touched, todo = touched[:0], append(todo[:0], x.always...)
		x.anchors.scan(l.runes[sent.start:sent.end], func(v int32, _ int) {
			p, bit := v/maxGroups, uint8(1)<<(v%maxGroups)
			if seen[p]&bit != 0 {
				return
			}
			if seen[p] == 0 {
				touched = append(touched, p)
			}
			if seen[p] |= bit; seen[p] == x.needs[p] {
				todo = append(todo, p)
			}
		})
		if ran >= maxRegexSentences && s < len(l.sentences)-8 {
			continue
		}
		if len(todo) > len(x.always) {
			ran++
		}
		for _, p := range todo {
			of := x.of[p]
			for _, m := range x.patterns[p].re.FindAllStringIndex(sent.str, 6) {
				if m[0] == m[1] {
					continue
				}
				start := sent.start + utf8.RuneCountInString(sent.str[:m[0]])
				h := hit{&x.lists[of.list], start, start + utf8.RuneCountInString(sent.str[m[0]:m[1]]), s}
				if of.except {
					excepts = append(excepts, h)
				} else {
					hits = append(hits, h)
				}
			}
		}
	}
	if len(excepts) > 0 {
		hits = slices.DeleteFunc(hits, func(h hit) bool {
			return slices.ContainsFunc(excepts, func(e hit) bool { return e.list == h.list && overlap(e, h) })
		})
	}
	return hits
}

func overlap(a, b hit) bool { return a.start < b.end && b.start < a.end }

// bare is a text without punctuation, blanks and closing particles: what whole texts are compared in.
func bare(runes []rune) string {
	out := make([]rune, 0, len(runes))
	for _, r := range runes {
		if !punctuation(r) {
			out = append(out, r)
		}
	}
	for len(out) > 1 && strings.ContainsRune("呀啊哈哦呢啦嘛噢喔哟诶嗷捏~", out[len(out)-1]) {
		out = out[:len(out)-1]
	}
	return string(out)
}

func punctuation(r rune) bool {
	switch {
	case r == '\n' || r == '。' || r == '、' || r == '…' || r == '～':
		return true
	case r < 0x80:
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r == '+' || r == '=')
	case r >= 0x2010 && r <= 0x205e, r >= 0x3000 && r <= 0x303f, r >= 0xff00 && r <= 0xff0f:
		return true
	}
	return false
}
