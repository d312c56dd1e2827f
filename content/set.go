package content

import (
	"slices"
	"strings"
	"time"

	"yinda/bot"
	"yinda/kb"
)

// Set is the content of one generation.
type Set struct {
	Generation int64
	Entries    []Entry
	Facts      []Fact
	Notices    []bot.Notice
	Scripts    []bot.Script
	Lexicons   []bot.Lexicon
	Policy     bot.Thresholds
	Examples   []Example // the bank's own labelled turns
	Laws       []Law
	Pairs      []kb.Pair // confirmed questions of real customers
	Model      []byte    // what the ranking learned from this set; nil: learned when the index is built

	// What understanding learned from Examples when they were published (Set.teach): the model, nil when
	// it was not adopted or is lost, and what came of it, nil when nothing was taught.
	Understanding []byte
	Lesson        *bot.Lesson

	// Origin tells for every entry which version is in this set and who approved it.
	Origin map[string]Origin
}

// Origin is the owner of a sentence: version and approver (product, promise 2).
type Origin struct {
	Version  int
	Approver string
}

// Kinds of lexicon that belong to the index instead of the bot.
const (
	lexiconDictionary = "dictionary" // banking words and product names, kept whole by the segmenter
	lexiconSynonym    = "synonym"    // one group of equal words each, separated by |
)

// valid reports whether day lies within from and to (both inclusive, 2006-01-02, empty = open).
// Dates in this form compare as strings.
func valid(from, to, day string) bool {
	return (from == "" || from <= day) && (to == "" || day <= to)
}

// chinaTime is the bank's wall clock: validity dates are days in China.
var chinaTime = time.FixedZone("CST", 8*3600)

// facts returns what every fact that is valid at the given time looks like to customers.
func (s *Set) facts(at time.Time) map[string]string {
	day := at.In(chinaTime).Format(time.DateOnly)
	out := make(map[string]string, len(s.Facts))
	for _, f := range s.Facts {
		if valid(f.ValidFrom, f.ValidTo, day) {
			out[f.ID] = f.Shown()
		}
	}
	return out
}

// serving returns the entries that may be said at the given time: valid themselves, and all their
// facts valid. An answer whose rate has expired is withdrawn, not shown with a hole
// (requirements GV-04).
func (s *Set) serving(at time.Time) (entries []Entry, facts map[string]string) {
	day := at.In(chinaTime).Format(time.DateOnly)
	facts = s.facts(at)
	for _, e := range s.Entries {
		if !valid(e.ValidFrom, e.ValidTo, day) {
			continue
		}
		if _, missing := Fill(e.Text()+e.Elderly, facts); len(missing) > 0 {
			continue
		}
		entries = append(entries, e)
	}
	return entries, facts
}

// Playbook is the set as the bot reads it at the given time, facts filled in.
func (s *Set) Playbook(at time.Time) bot.Playbook {
	entries, facts := s.serving(at)
	p := bot.Playbook{
		Generation: s.Generation,
		Answers:    make(map[string]bot.Answer, len(entries)),
		Scripts:    make(map[string]bot.Script, len(s.Scripts)),
		Notices:    make(map[string]bot.Notice, len(s.Notices)),
		Facts:      facts,
		Thresholds: s.Policy,
	}
	for _, e := range entries {
		text, _ := Fill(e.Text(), facts)
		elderly, _ := Fill(e.Elderly, facts)
		urgent := e.Urgent
		if urgent == "" {
			urgent = bot.UrgentNone
		}
		origin := s.Origin[e.ID]
		p.Answers[e.ID] = bot.Answer{
			EntryID: e.ID, Title: e.Question, Product: e.Product,
			Version: origin.Version, Approver: origin.Approver,
			Text: text, Elderly: elderly, Notices: e.Notices,
			Personal: e.Personal, OfferPerson: e.OfferPerson, Risk: e.Risk != "", Urgent: urgent,
		}
	}
	for _, sc := range s.Scripts {
		p.Scripts[sc.ID] = sc
	}
	for _, n := range s.Notices {
		p.Notices[n.ID] = n
	}
	for _, l := range s.Lexicons {
		if l.Kind != lexiconDictionary && l.Kind != lexiconSynonym {
			p.Lexicons = append(p.Lexicons, l)
		}
	}
	return p
}

// Base is the set as the index reads it at the given time.
func (s *Set) Base(at time.Time) kb.Base {
	entries, _ := s.serving(at)
	b := kb.Base{Generation: s.Generation, Pairs: s.Pairs, Model: s.Model}
	for _, e := range entries {
		b.Entries = append(b.Entries, kb.Entry{
			ID: e.ID, Title: e.Question, Similar: e.Similar, Negative: e.Negative,
			Product: e.Product, Category: e.Category,
		})
	}
	for _, l := range s.Lexicons {
		switch l.Kind {
		case lexiconDictionary:
			b.Words = append(b.Words, l.Words...)
		case lexiconSynonym:
			for _, group := range l.Words {
				b.Synonyms = append(b.Synonyms, strings.Split(group, "|"))
			}
		}
	}
	return b
}

// NextChange returns the next moment after at when a validity date begins or ends, zero when there
// is none: the edition has to be made anew then.
func (s *Set) NextChange(at time.Time) time.Time {
	day := at.In(chinaTime).Format(time.DateOnly)
	next := ""
	consider := func(from, to string) {
		if from > day && (next == "" || from < next) {
			next = from
		}
		if to >= day && to != "" {
			if end, err := time.ParseInLocation(time.DateOnly, to, chinaTime); err == nil {
				if after := end.AddDate(0, 0, 1).Format(time.DateOnly); next == "" || after < next {
					next = after
				}
			}
		}
	}
	for _, e := range s.Entries {
		consider(e.ValidFrom, e.ValidTo)
	}
	for _, f := range s.Facts {
		consider(f.ValidFrom, f.ValidTo)
	}
	if next == "" {
		return time.Time{}
	}
	t, _ := time.ParseInLocation(time.DateOnly, next, chinaTime)
	return t
}

// Entry returns the entry with the given id.
func (s *Set) Entry(id string) (Entry, bool) {
	i := slices.IndexFunc(s.Entries, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return Entry{}, false
	}
	return s.Entries[i], true
}
