package kb

import "hash/fnv"

// general is what was learned from questions of our own writing (data/groups): how customers of any
// company say things. It is where learning from a knowledge base starts, and all there is to say
// about words that the knowledge base does not have.
type general struct {
	at      map[uint32]int32 // number of a term, by termKey
	vectors table            // of the encoder
	first   []int32          // first row of each said word; len = terms + 1
	rows    []translated     // numbers of terms
}

// termKey is the name of a term in general. Among 40 000 terms 0.2 pairs share one by chance.
func termKey(k kind, term string) uint32 {
	h := fnv.New32a()
	h.Write([]byte{byte('0' + k)})
	h.Write([]byte(term))
	return h.Sum32()
}

// find is the number of a term, −1 if it is not known.
func (g *general) find(k kind, term string) int32 {
	if g == nil {
		return -1
	}
	if i, ok := g.at[termKey(k, term)]; ok {
		return i
	}
	return -1
}

// own is the general table in the numbers of c.
func (g *general) own(c *corpus) [][]translated {
	if g == nil {
		return nil
	}
	out := make([][]translated, len(c.df))
	for id, n := range c.generally {
		if n < 0 {
			continue
		}
		for _, r := range g.rows[g.first[n]:g.first[n+1]] {
			if m, ok := c.own[r.meant]; ok {
				out[id] = append(out[id], translated{m, r.chance})
			}
		}
	}
	return out
}

var XGEN *general

func shippedGeneral() *general { return XGEN }
