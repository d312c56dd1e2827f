package kb

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"hash/fnv"
	"io"
	"sync"
)

//go:generate env KB_GENERATE=1 go test -count 1 -run ^TestGeneralIsInStep$ .

// generalFile is what general_train_test.go writes: five megabytes.
//
//go:embed data/general.bin
var generalFile []byte

// general is what was learned from questions of our own writing (data/groups): how customers of any
// company say things. It is where learning from a knowledge base starts, and all there is to say
// about words that the knowledge base does not have.
type general struct {
	at      map[uint32]int32 // number of a term, by termKey
	vectors table            // of the encoder
	first   []int32          // first row of each said word; len = terms + 1
	rows    []translated     // numbers of terms
	cross   cross
}

// generalVersion is part of the digest of general.bin. Raise it whenever the same groups would be
// learned differently.
const generalVersion = 2

// generalMagic begins general.bin; the digest of its sources and the compressed tables follow.
const generalMagic = "YKG2"

// shippedGeneral is what general.bin holds; nil if it is empty, as before the very first generation.
var shippedGeneral = sync.OnceValue(func() *general {
	if len(generalFile) == 0 {
		return nil
	}
	g := readGeneral(generalFile)
	if g == nil {
		panic("kb: data/general.bin is damaged: run go generate ./kb") // embedded: found by every test
	}
	return g
})

func readGeneral(b []byte) *general {
	head := len(generalMagic) + digestSize
	if len(b) < head || string(b[:len(generalMagic)]) != generalMagic {
		return nil
	}
	r := &modelReader{r: flate.NewReader(bytes.NewReader(b[head:]))}
	var terms, dim uint32
	r.get(&terms)
	r.get(&dim)
	if r.broken || terms > 1<<20 || dim > 1<<10 {
		return nil
	}
	keys := make([]uint32, terms)
	r.get(keys)
	g := &general{at: make(map[uint32]int32, terms)}
	for i, k := range keys {
		g.at[k] = int32(i)
	}
	g.vectors = r.table(int(terms), int(dim))
	g.first, g.rows = r.rows(int(terms))
	g.cross.q = make([]int8, crossBuckets)
	r.get(&g.cross.scale)
	r.get(g.cross.q)
	if r.broken {
		return nil
	}
	return g
}

// write writes what readGeneral reads. keys are the terms by their number.
func (g *general) write(out io.Writer, digest [digestSize]byte, keys []uint32) error {
	if _, err := out.Write(append([]byte(generalMagic), digest[:]...)); err != nil {
		return err
	}
	z, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		return err
	}
	w := &modelWriter{w: z}
	w.put(uint32(len(keys)))
	w.put(uint32(g.vectors.width))
	w.put(keys)
	w.table(&g.vectors)
	w.rows(g.first, g.rows)
	w.put(g.cross.scale)
	w.put(g.cross.q)
	return z.Close()
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

// own is the general translation table in the numbers of c.
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
