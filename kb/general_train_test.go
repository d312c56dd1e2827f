package kb

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

type group struct {
	file, id string
	qs       []string
}

func readGroups(t testing.TB) []group {
	files, err := filepath.Glob("data/groups/*.tsv")
	if err != nil || len(files) == 0 {
		t.Fatal("no groups", err)
	}
	var out []group
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			id, q, ok := strings.Cut(strings.TrimSpace(line), "\t")
			if !ok {
				continue
			}
			if len(out) == 0 || out[len(out)-1].id != id {
				out = append(out, group{file: filepath.Base(f), id: id})
			}
			g := &out[len(out)-1]
			g.qs = append(g.qs, q)
		}
	}
	return out
}

var generalEmbed = embedParams{dim: 128, epochs: 10, batch: 128, rate: 0.4, sharp: 10, drop: 90, pairs: 1 << 30}

// trainGeneral learns from groups, keeping terms that least questions have. It also returns the keys of
// the terms by their number.
func trainGeneral(t testing.TB, groups []group, least int32) (*general, []uint32) {
	l := newLanguage(Base{})
	l.general = nil
	var qs []written
	for i, g := range groups {
		for j, q := range g.qs {
			a, err := l.analyze(l.clean(q))
			if err != nil {
				t.Fatal(err)
			}
			s := fromSimilar
			if j == 0 {
				s = fromTitle
			}
			qs = append(qs, written{entry: int32(i), source: s, a: &a})
		}
	}
	c := newCorpus(l, len(groups), qs)
	said := make([]int32, len(c.df))
	for _, id := range c.ids {
		said[id]++
	}
	m := trainEncoder(c, generalEmbed)
	w := trainTranslation(c, 400000)
	g := &general{at: map[uint32]int32{}, vectors: table{width: m.dim}}
	number := make([]int32, len(c.df))
	var kept []int32
	var names []uint32
	keys := make([]uint32, len(c.df))
	for k := range kinds {
		for s, id := range c.vocab[k] {
			keys[id] = termKey(k, s)
		}
	}
	use := make([]bool, len(c.df))
	for _, k := range classKinds {
		for _, id := range c.vocab[k] {
			use[id] = said[id] >= least
		}
	}
	for id := range c.df {
		number[id] = -1
		if use[id] {
			number[id] = int32(len(kept))
			g.at[keys[id]] = number[id]
			kept = append(kept, int32(id))
			names = append(names, keys[id])
		}
	}
	for _, id := range kept {
		g.vectors.q = append(g.vectors.q, m.terms.q[int(id)*m.dim:(int(id)+1)*m.dim]...)
		g.vectors.scale = append(g.vectors.scale, m.terms.scale[id])
		g.first = append(g.first, int32(len(g.rows)))
		for _, r := range w.rows[w.first[id]:w.first[id+1]] {
			if n := number[r.meant]; n >= 0 {
				g.rows = append(g.rows, translated{n, r.chance})
			}
		}
	}
	g.first = append(g.first, int32(len(g.rows)))
	g.cross = trainCross(groups, qs)
	return g, names
}

// Settings of trainCross. 4 and 10 epochs found half a percent less on *dev*; concepts or characters
// alone likewise.
const (
	crossEpochs   = 20
	crossRate     = 0.1
	crossDecay    = 2e-4
	crossNear     = 8 // other groups of the same file in a softmax
	crossFar      = 3 // groups of any file
	crossWordings = 4 // questions of a group that are looked at for the one most like the query
)

// trainCross learns cross from the questions qs of groups: one of each group is asked, against a
// wording of its own group and those of others.
func trainCross(groups []group, qs []written) cross {
	type wording struct {
		keys []uint32
		has  map[string]struct{}
	}
	own := make([][]wording, len(groups))
	for _, w := range qs {
		has := map[string]struct{}{}
		for _, k := range []kind{byBigram, byChar} {
			for _, s := range w.a.terms[k] {
				has[s] = struct{}{}
			}
		}
		own[w.entry] = append(own[w.entry], wording{crossKeys(w.a), has})
	}
	near := map[string][]int{}
	for i, g := range groups {
		near[g.file] = append(near[g.file], i)
	}
	like := func(a, b wording) float32 {
		n := 0
		for s := range a.has {
			if _, ok := b.has[s]; ok {
				n++
			}
		}
		return float32(n) / sqrt32(float32(len(a.has)*len(b.has)+1))
	}
	w, g2 := make([]float32, crossBuckets), make([]float32, crossBuckets)
	random := rng(9)
	// pick chooses the wording of group e that is most like the query, of a few; skip is the query.
	pick := func(q wording, e, skip int) (best wording, ok bool) {
		top := float32(-1)
		for n := range crossWordings {
			i := 0 // the title is always there
			if n > 0 {
				i = random.below(len(own[e]))
			}
			if i == skip {
				continue
			}
			if s := like(q, own[e][i]); s > top {
				top, best, ok = s, own[e][i], true
			}
		}
		return best, ok
	}
	var features [1 + crossNear + crossFar][]uint32
	for range crossEpochs * len(groups) {
		g := random.below(len(groups))
		at := random.below(len(own[g]))
		q := own[g][at]
		x, ok := pick(q, g, at)
		if !ok {
			continue
		}
		features[0] = crossFeatures(q.keys, x.keys, features[0][:0])
		n := 1
		for k := range crossNear + crossFar {
			e := random.below(len(groups))
			if k < crossNear {
				list := near[groups[g].file]
				e = list[random.below(len(list))]
			}
			if e == g {
				continue
			}
			x, _ := pick(q, e, -1)
			features[n] = crossFeatures(q.keys, x.keys, features[n][:0])
			n++
		}
		scores := make([]float32, n)
		for k := range n {
			for _, f := range features[k] {
				scores[k] += w[f]
			}
			scores[k] /= sqrt32(float32(len(features[k]) + 1))
		}
		softmaxInPlace(scores)
		scores[0]--
		for k := range n {
			step := scores[k] / sqrt32(float32(len(features[k])+1))
			if step == 0 {
				continue
			}
			for _, f := range features[k] {
				g2[f] += step * step
				w[f] -= crossRate * (step/(1e-2+sqrt32(g2[f])) + crossDecay*w[f])
			}
		}
	}
	return newCross(w)
}

// generalDigest is of the sources of general.bin.
func generalDigest(t testing.TB) (d [digestSize]byte) {
	h := sha256.New()
	fmt.Fprintln(h, generalVersion, generalEmbed)
	files, err := filepath.Glob("data/groups/*.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(h, filepath.Base(f), len(b))
		h.Write(b)
	}
	copy(d[:], h.Sum(nil))
	return d
}

// TestGeneralIsInStep fails when the groups have changed since general.bin was written. With
// KB_GENERATE=1 it writes it, which takes two minutes.
func TestGeneralIsInStep(t *testing.T) {
	digest := generalDigest(t)
	if os.Getenv("KB_GENERATE") != "" {
		shipped := shippedGeneral
		shippedGeneral = func() *general { return nil } // the file may be of another version
		defer func() { shippedGeneral = shipped }()
		g, keys := trainGeneral(t, readGroups(t), 2)
		var out bytes.Buffer
		if err := g.write(&out, digest, keys); err != nil {
			t.Fatal(err)
		}
		if back := readGeneral(out.Bytes()); !reflect.DeepEqual(back, g) {
			t.Fatal("general.bin is read back changed")
		}
		if err := os.WriteFile("data/general.bin", out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d terms, %d translations, %d bytes", len(keys), len(g.rows), out.Len())
		return
	}
	if !bytes.HasPrefix(generalFile, append([]byte(generalMagic), digest[:]...)) {
		t.Error("data/general.bin is not of these groups: run go generate ./kb")
	}
	for _, bad := range [][]byte{nil, []byte(generalMagic), generalFile[:len(generalFile)/2]} {
		if readGeneral(bad) != nil {
			t.Errorf("%d bytes of a file are taken for the whole", len(bad))
		}
	}
}
