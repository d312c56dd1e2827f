package kb

import (
	"cmp"
	"math"
	"slices"
)

// source says where a question of the corpus comes from.
type source uint8

const (
	fromTitle     source = iota // the standard question
	fromSimilar                 // a similar question of the entry
	fromNegative                // a negative example: looks alike, but another entry answers
	fromConfirmed               // a customer's question, confirmed by an agent or editor
)

// written is a question before it is numbered.
type written struct {
	entry  int32
	source source
	a      *analysis
}

// question is a question of the corpus. Its terms are ids[off[k]:off[k+1]] for each kind k.
type question struct {
	entry  int32
	source source
	marks  marks
	length int32
	off    [kinds + 1]uint32
	norm   [kinds]float32 // sum of the squared weights of the terms
}

// posting is a term of an entry and how many of its questions have it.
type posting struct {
	id    int32
	count float32
}

// corpus holds all questions in the form that the second stage compares: numbers only. It is
// immutable once built.
type corpus struct {
	vocab     [kinds]map[string]int32
	weight    []float32 // squared weight of each term: idf², less for particles
	df        []int32   // entries that have the term
	questions []question
	ids       []int32
	first     []int32 // first question of each entry; len = entries + 1
	bag       []posting
	bagFirst  []int32   // first posting of each entry; len = entries + 1
	bagTotal  []float32 // sum of counts of each entry
	collect   []float32 // count of each term over all entries
	total     float32
	unseen    [kinds]float32  // squared weight of a term that no entry has
	general   *general        // nil: nothing is known beyond these questions
	keys      []uint32        // termKey of each term
	generally []int32         // number in general of each term, −1 for none
	own       map[int32]int32 // term of a number in general
}

// newCorpus numbers questions; they must be ordered by entry, with the title first. entries is the
// number of entries (some may have lost all their questions to a held-out fold).
func newCorpus(l *language, entries int, qs []written) *corpus {
	c := &corpus{
		questions: make([]question, 0, len(qs)),
		first:     make([]int32, entries+1),
		bagFirst:  make([]int32, entries+1),
		bagTotal:  make([]float32, entries),
	}
	for k := range c.vocab {
		c.vocab[k] = make(map[string]int32, 2*len(qs)+16)
	}
	var last []int32 // last entry that was counted for a term, plus one
	var names []string
	var kindOf []kind
	for _, w := range qs {
		q := question{entry: w.entry, source: w.source, marks: w.a.marks, length: int32(w.a.length)}
		for k := range w.a.terms {
			q.off[k] = uint32(len(c.ids))
			for _, t := range w.a.terms[k] {
				id, ok := c.vocab[k][t]
				if !ok {
					id = int32(len(c.df))
					c.vocab[k][t] = id
					c.df = append(c.df, 0)
					last = append(last, 0)
					names = append(names, t)
					kindOf = append(kindOf, kind(k))
				}
				if last[id] != w.entry+1 && w.source != fromNegative {
					last[id] = w.entry + 1
					c.df[id]++
				}
				c.ids = append(c.ids, id)
			}
		}
		q.off[kinds] = uint32(len(c.ids))
		c.questions = append(c.questions, q)
	}
	c.general = l.general
	c.own = map[int32]int32{}
	c.generally = make([]int32, len(names))
	c.keys = make([]uint32, len(names))
	for id, name := range names {
		c.keys[id] = termKey(kindOf[id], name)
		g := c.general.find(kindOf[id], name)
		c.generally[id] = g
		if g >= 0 {
			c.own[g] = int32(id)
		}
	}
	c.weigh(l, entries, names, kindOf)
	c.fillBags(entries)
	return c
}

// weightPower sharpens rarity: a squared weight is idf to this power. 1, 1.3 and 2 found up to one
// question in a hundred less on either development set.
const weightPower = 1.5

// weigh sets the weights: the rarer a term among the entries, the more it says.
func (c *corpus) weigh(l *language, entries int, names []string, kindOf []kind) {
	n := float64(max(entries, 20)) // with few entries rarity is chance: behave as with twenty
	idf := func(df int32) float64 { return math.Log1p(n / (float64(df) + 0.5)) }
	c.weight = make([]float32, len(c.df))
	for id := range c.df {
		w := idf(c.df[id])
		if _, ok := l.particles[names[id]]; ok && (kindOf[id] == byConcept || kindOf[id] == byWord) {
			w /= 3
		}
		c.weight[id] = float32(math.Pow(w, weightPower))
	}
	for k := range c.unseen {
		// An unseen term weighs like one seen in two entries: much of it is chatter.
		w := idf(2)
		c.unseen[k] = float32(math.Pow(w, weightPower))
	}
	for i := range c.questions {
		q := &c.questions[i]
		for k := range kinds {
			for _, id := range c.terms(q, k) {
				q.norm[k] += c.weight[id]
			}
		}
	}
}

// fillBags collects the terms (bagKinds) of all content questions of an entry.
func (c *corpus) fillBags(entries int) {
	c.collect = make([]float32, len(c.df))
	i := 0
	for e := range entries {
		c.first[e] = int32(i)
		c.bagFirst[e] = int32(len(c.bag))
		from := len(c.bag)
		for ; i < len(c.questions) && c.questions[i].entry == int32(e); i++ {
			q := &c.questions[i]
			if q.source > fromSimilar {
				continue
			}
			for _, k := range bagKinds {
				for _, id := range c.terms(q, k) {
					c.bag = append(c.bag, posting{id, 1})
				}
			}
		}
		b := c.bag[from:]
		slices.SortFunc(b, func(x, y posting) int { return cmp.Compare(x.id, y.id) })
		n := 0
		for _, p := range b {
			if n > 0 && b[n-1].id == p.id {
				b[n-1].count++
			} else {
				b[n] = p
				n++
			}
			c.bagTotal[e]++
			c.collect[p.id]++
			c.total++
		}
		c.bag = c.bag[:from+n]
	}
	c.first[entries] = int32(len(c.questions))
	c.bagFirst[entries] = int32(len(c.bag))
}

func (c *corpus) entries() int { return len(c.first) - 1 }

// terms returns the numbers of the terms of one kind.
func (c *corpus) terms(q *question, k kind) []int32 { return c.ids[q.off[k]:q.off[k+1]] }

// of returns the questions of an entry.
func (c *corpus) of(e int32) []question { return c.questions[c.first[e]:c.first[e+1]] }

func (c *corpus) bagOf(e int32) []posting { return c.bag[c.bagFirst[e]:c.bagFirst[e+1]] }
