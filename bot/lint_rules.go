package bot

import (
	"fmt"

	"yinda/internal/text"
)

// Rules of the guard. The kind of a list is the name of its rule (design §8).
const (
	RulePromise     = "promise"
	RuleTaboo       = "taboo"
	RuleSecret      = "solicit_secret"
	RuleContact     = "private_contact"
	RuleDiscrim     = "discrimination"
	RuleBlame       = "blame_customer"
	RuleVague       = "vague"
	RuleCompetitor  = "competitor_disparage"
	RuleUnlicensed  = "unlicensed_promo"
	RuleLiability   = "liability_admission"
	RuleDissuade    = "dissuade_complaint"
	RulePrivateData = "private_data"
	RuleLink        = "link"
	RuleSpam        = "spam"
	RuleTying       = "tying"
	RuleIllegal     = "illegal_advice"
	RuleTippingOff  = "tipping_off"
	RuleFakeHuman   = "fake_human"
	RuleTerm        = "term"
)

// Kinds of lists that say how the others are read (lexicon §1, allowed contexts).
const (
	lexiconNegation = "guard_negation" // label inside: also where the hit itself contains it (我行不承诺保本)
	lexiconWarning  = "guard_warning"  // label strong: the whole sentence; weak: the rest of its clause
	lexiconQuote    = "guard_quote"
)

// ruleTraits say how the words of a rule are read.
type ruleTraits struct {
	denied bool // a negation before the words makes them right: 不保本
	warned bool // a warning around them makes them right: 要求提供验证码的都是诈骗
	quoted bool // so does a quotation: 您问的“保本理财”
	bot    bool // binds the bot and drafts only
}

var ruleTable = map[string]ruleTraits{
	RulePromise:    {denied: true, warned: true, quoted: true},
	RuleTying:      {denied: true, warned: true, quoted: true},
	RuleSpam:       {denied: true, warned: true, quoted: true},
	RuleUnlicensed: {denied: true, warned: true, quoted: true},
	RuleIllegal:    {denied: true, warned: true, quoted: true},
	RuleTippingOff: {denied: true},
	RuleSecret:     {denied: true, warned: true},
	RuleContact:    {denied: true, warned: true},
	RuleCompetitor: {denied: true, warned: true, quoted: true},
	RuleDissuade:   {denied: true, quoted: true},
	RuleLiability:  {denied: true, quoted: true},
	RuleTaboo:      {quoted: true},
	RuleBlame:      {denied: true, quoted: true},
	RuleDiscrim:    {denied: true, quoted: true},
	RuleVague:      {quoted: true},
	RuleTerm:       {quoted: true},
	RuleFakeHuman:  {bot: true, quoted: true},
}

// guardList is a compiled list of a rule.
type guardList struct {
	Lexicon
	traits ruleTraits
}

// ruleSet is all lists of the guard, compiled: one automaton for words, exceptions and reading
// words, one for the literals without which no pattern can match.
type ruleSet struct {
	lists    []guardList
	words    *automaton // value: index into marks
	marks    []mark
	anchors  *automaton // value: index into patterns
	patterns []guardPattern
	always   []int32
}

type markRole uint8

const (
	markWord markRole = iota
	markExcept
	markNegation
	markNegationExcept
	markDenial
	markWarningStrong
	markWarningWeak
	markQuote
)

// mark is what a word of the automaton stands for.
type mark struct {
	role   markRole
	list   int32
	length int32
}

type guardPattern struct {
	compiled
	list int32
}

func newRuleSet(all []Lexicon) (*ruleSet, error) {
	r := &ruleSet{words: newAutomaton(), anchors: newAutomaton()}
	classes := map[string]string{}
	for _, l := range all {
		if l.Kind == lexiconClass {
			classes[l.Label] = alternatives(l.Words)
		}
	}
	for _, l := range all {
		switch l.Kind {
		case lexiconNegation:
			role := markNegation
			if l.Label == "inside" {
				role = markDenial
			}
			r.addWords(l.Words, role, -1)
			r.addWords(l.Except, markNegationExcept, -1)
			continue
		case lexiconWarning:
			role := markWarningWeak
			if l.Label == "strong" {
				role = markWarningStrong
			}
			r.addWords(l.Words, role, -1)
			continue
		case lexiconQuote:
			r.addWords(l.Words, markQuote, -1)
			continue
		}
		traits, ok := ruleTable[l.Kind]
		if !ok {
			continue
		}
		list := int32(len(r.lists))
		r.lists = append(r.lists, guardList{l, traits})
		r.addWords(l.Words, markWord, list)
		r.addWords(l.Except, markExcept, list)
		for _, p := range l.Patterns {
			c, err := compilePattern(p, classes)
			if err != nil {
				return nil, fmt.Errorf("lexicon %s: %w", l.ID, err)
			}
			at := int32(len(r.patterns))
			r.patterns = append(r.patterns, guardPattern{c, list})
			if len(c.anchors) == 0 {
				r.always = append(r.always, at)
			}
			for _, a := range c.anchors {
				r.anchors.add([]rune(a), at)
			}
		}
	}
	r.words.finish()
	r.anchors.finish()
	return r, nil
}

func (r *ruleSet) addWords(words []string, role markRole, list int32) {
	for _, w := range words {
		folded := text.Fold(w).Tight().Runes()
		if len(folded) == 0 {
			continue
		}
		r.words.add(folded, int32(len(r.marks)))
		r.marks = append(r.marks, mark{role, list, int32(len(folded))})
	}
}
