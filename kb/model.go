package kb

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
)

// modelVersion is part of the digest of a saved model. Raise it whenever the same questions would
// be learned differently: features, kinds of terms, parameters, order of random numbers.
const modelVersion = 2

const digestSize = 16

// modelMagic begins every saved model.
const modelMagic = "YKM1"

// A saved model is modelMagic, Base.digest, a checksum of the rest, and the rest compressed.

// Model returns what the index has learned from its questions, to be kept with the generation and
// given back as Base.Model. 120 entries with 1 860 questions take under a megabyte. It is nil if
// nothing was fitted: for an Untrained base and after [Rebuild].
func (x *Index) Model() []byte {
	if x.digest == ([digestSize]byte{}) {
		return nil
	}
	var out bytes.Buffer
	z, _ := flate.NewWriter(&out, flate.DefaultCompression) // the level is valid: it cannot fail, nor can writing to memory
	w := &modelWriter{w: z}
	w.trained(x.trained)
	w.classifier(x.learn.class)
	w.encoder(x.learn.embed)
	w.translation(x.learn.words)
	z.Close()
	sum := sha256.Sum256(out.Bytes())
	return slices.Concat([]byte(modelMagic), x.digest[:], sum[:digestSize], out.Bytes())
}

// digest is of everything that learning depends on.
func (b *Base) digest() (d [digestSize]byte) {
	h := sha256.New()
	var n [8]byte
	number := func(i int) {
		binary.LittleEndian.PutUint64(n[:], uint64(i))
		h.Write(n[:])
	}
	text := func(s string) {
		number(len(s))
		io.WriteString(h, s)
	}
	texts := func(list []string) {
		number(len(list))
		for _, s := range list {
			text(s)
		}
	}
	number(modelVersion)
	h.Write(shippedDigest())
	number(len(b.Entries))
	for i := range b.Entries {
		e := &b.Entries[i]
		text(e.ID) // pairs name it
		text(e.Title)
		texts(e.Similar)
		texts(e.Negative)
	}
	number(len(b.Pairs))
	for _, p := range b.Pairs {
		text(p.Question)
		text(p.EntryID)
	}
	texts(b.Words)
	number(len(b.Synonyms))
	for _, g := range b.Synonyms {
		texts(g)
	}
	copy(d[:], h.Sum(nil))
	return d
}

// savedModel is a model read back.
type savedModel struct {
	trained *trained
	learned *learned
}

// loadModel reads a model that was made from what digest describes; nil if it is another one or
// damaged. c is the corpus that it was learned from.
func loadModel(b []byte, digest [digestSize]byte, c *corpus) *savedModel {
	body, ok := bytes.CutPrefix(b, append([]byte(modelMagic), digest[:]...))
	if !ok || len(body) < digestSize {
		return nil
	}
	sum := sha256.Sum256(body[digestSize:])
	if !bytes.Equal(body[:digestSize], sum[:digestSize]) {
		return nil
	}
	body = body[digestSize:]
	// No more is read than a model of this corpus can hold: bytes from outside must not fill the memory.
	most := 4096 + int64(c.entries()+64+10*8)*int64(len(c.df)+1)*2
	r := &modelReader{r: io.LimitReader(flate.NewReader(bytes.NewReader(body)), most)}
	m := &savedModel{trained: r.trained()}
	m.learned = &learned{class: r.classifier(c), embed: r.encoder(c), words: r.translation(c)}
	if r.byte(); !errors.Is(r.err, io.EOF) || r.broken {
		return nil
	}
	return m
}

// modelWriter writes the parts of a model one after the other. Numbers are little-endian.
type modelWriter struct{ w io.Writer }

func (w *modelWriter) put(v any) {
	if err := binary.Write(w.w, binary.LittleEndian, v); err != nil {
		panic(err) // in memory and of fixed size: a mistake in the program
	}
}

func (w *modelWriter) trained(t *trained) {
	w.put(t.model)
	w.put(t.limits)
	w.put(t.adopted)
	w.put(int64(t.asked))
	w.put([]float64{t.before, t.after, t.weight})
}

func (w *modelWriter) table(t *table) {
	w.put(t.scale)
	// Two weights a byte: they have 15 values.
	packed := make([]byte, (len(t.q)+1)/2)
	for i, v := range t.q {
		packed[i/2] |= byte(v+tableLevels) << (4 * (i % 2))
	}
	w.put(packed)
}

func (w *modelWriter) classifier(k *classifier) {
	if w.put(k != nil); k != nil {
		w.table(&k.weights)
		w.table(&k.bias)
	}
}

func (w *modelWriter) encoder(m *encoder) {
	if w.put(m != nil); m != nil {
		w.table(&m.terms)
	}
}

func (w *modelWriter) translation(t *translation) {
	if w.put(t != nil); t == nil {
		return
	}
	w.rows(t.first, t.rows)
}

// rows writes a translation table: rows[first[s]:first[s+1]] belong to term s.
func (w *modelWriter) rows(first []int32, rows []translated) {
	var b []byte
	for s := range len(first) - 1 {
		own := rows[first[s]:first[s+1]]
		b = append(b, byte(len(own)))
		for _, r := range own {
			b = binary.LittleEndian.AppendUint32(b, uint32(r.meant))
			b = append(b, chanceCode(r.chance))
		}
	}
	w.put(b)
}

// modelReader reads them back. After the first fault all it reads is zero.
type modelReader struct {
	r      io.Reader
	err    error
	broken bool // something was read that is no model
}

func (r *modelReader) bytes(b []byte) {
	if r.err == nil {
		_, r.err = io.ReadFull(r.r, b)
	}
	if r.err != nil {
		clear(b)
	}
}

func (r *modelReader) byte() byte {
	var b [1]byte
	r.bytes(b[:])
	return b[0]
}

func (r *modelReader) get(v any) {
	b := make([]byte, binary.Size(v))
	r.bytes(b)
	binary.Decode(b, binary.LittleEndian, v) // of just this size: it cannot fail
	r.broken = r.broken || r.err != nil
}

// float refuses what no learning yields.
func (r *modelReader) float(list ...float32) {
	for _, v := range list {
		if !(math.Abs(float64(v)) < 1e6) {
			r.broken = true
		}
	}
}

func (r *modelReader) trained() *trained {
	t := &trained{}
	r.get(&t.model)
	r.float(t.model.Rank[:]...)
	r.float(t.model.Sure[:]...)
	r.get(&t.limits)
	if l := t.limits; !(l.Clarify >= 0 && l.Clarify <= l.Answer && l.Answer <= 1 && l.Margin >= 0 && l.Margin <= 1) {
		r.broken = true
	}
	r.get(&t.adopted)
	var asked int64
	r.get(&asked)
	t.asked = int(asked)
	var sums [3]float64
	r.get(&sums)
	t.before, t.after, t.weight = sums[0], sums[1], sums[2]
	return t
}

func (r *modelReader) present() bool {
	b := r.byte()
	r.broken = r.broken || r.err != nil || b > 1
	return b == 1 && !r.broken
}

func (r *modelReader) table(rows, width int) table {
	t := table{width: width, q: make([]int8, rows*width), scale: make([]float32, rows)}
	r.get(t.scale)
	r.float(t.scale...)
	packed := make([]byte, (len(t.q)+1)/2)
	r.get(packed)
	for i := range t.q {
		v := packed[i/2] >> (4 * (i % 2)) & 15
		r.broken = r.broken || v > 2*tableLevels
		t.q[i] = int8(v) - tableLevels
	}
	return t
}

func (r *modelReader) classifier(c *corpus) *classifier {
	if !r.present() || len(c.df)*c.entries() > maxClassWeights {
		return nil
	}
	return &classifier{entries: c.entries(), weights: r.table(len(c.df), c.entries()), bias: r.table(1, c.entries())}
}

func (r *modelReader) encoder(c *corpus) *encoder {
	if !r.present() {
		return nil
	}
	m := &encoder{dim: defaultEmbed.dim, terms: r.table(len(c.df), defaultEmbed.dim)}
	if !r.broken {
		m.settle(c)
	}
	return m
}

func (r *modelReader) translation(c *corpus) *translation {
	if !r.present() {
		return nil
	}
	t := &translation{}
	t.first, t.rows = r.rows(len(c.df))
	return t
}

func (r *modelReader) rows(terms int) (first []int32, rows []translated) {
	first = make([]int32, terms+1)
	var row [5]byte
	for s := range terms {
		for range r.byte() {
			r.bytes(row[:])
			meant := int32(binary.LittleEndian.Uint32(row[:]))
			if meant < 0 || int(meant) >= terms || r.err != nil {
				r.broken = true
				return first, nil
			}
			rows = append(rows, translated{meant, chances[row[4]]})
		}
		first[s+1] = int32(len(rows))
	}
	r.broken = r.broken || r.err != nil
	return first, rows
}
