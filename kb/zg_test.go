package kb

import (
	"context"
	"fmt"
	"os"
	"slices"

	"sync"
	"testing"
)

func envs() {}

var _ = fmt.Sprint

// groupKB: fold of files held out
func groupFold(gs []group, f, n int) (train []group, b Base, qs []devq) {
	files := map[string]int{}
	for _, g := range gs {
		if _, ok := files[g.file]; !ok {
			files[g.file] = len(files)
		}
		if files[g.file]%n != f {
			train = append(train, g)
			continue
		}
		e := Entry{ID: g.id, Title: g.qs[0]}
		for i, q := range g.qs[1:] {
			if i < 2 {
				e.Similar = append(e.Similar, q)
			} else {
				qs = append(qs, devq{text: q, kind: "in", ids: []string{g.id}})
			}
		}
		b.Entries = append(b.Entries, e)
	}
	return
}
func TestGroupCV(t *testing.T) {
	envs()
	gs := readGroups(t)
	const K = 3
	var all devset
	var ms []*combiner
	var sets [K]*devset
	var mu sync.Mutex
	_ = &mu
	for f := range K {
		tr, b, qs := groupFold(gs, f, K)
		if os.Getenv("OFF") != "all" {
			g, _ := trainGeneral(t, tr, 2)
			shippedGeneral = func() *general { return g }
		} else {
			shippedGeneral = func() *general { return nil }
		}
		b.Untrained = true
		x, err := Build(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		d := makeSet(t, x, qs, "plain")
		sets[f] = d
		all.samples = append(all.samples, d.samples...)
		all.kinds = append(all.kinds, d.kinds...)
		for range d.samples {
			ms = append(ms, x.model)
		}
	}
	measureDev("groups shipped", &all, func(i int) *combiner { return ms[i] })
	// refit across folds
	var ms2 []*combiner
	for f := range K {
		var tr []sample
		for o := range K {
			if o != f {
				tr = append(tr, sets[o].samples...)
			}
		}
		m := fitAll(tr, shippedCombiner, 15, 15)
		for range sets[f].samples {
			ms2 = append(ms2, &m)
		}
	}
	measureDev("groups refit xfold", &all, func(i int) *combiner { return ms2[i] })
	for _, f := range []int{fEmbed, fEmbedEntry, fTranslate} {
		var c combiner
		c.Rank[f] = 1
		measureDev(featureNames[f], &all, func(i int) *combiner { return &c })
	}
}

// TestColdG: dev cold with general of all groups
func TestColdG(t *testing.T) {
	envs()
	if os.Getenv("OFF") == "all" {
		shippedGeneral = func() *general { return nil }
	}
	qs := devQueries(t)
	dir := os.Getenv("KBDEV")
	tab, _ := LoadTSV(dir+"/kb.tsv", dir+"/similar.tsv", "")
	b := tab.Base()
	b.Untrained = os.Getenv("TR") == ""
	x, _ := Build(context.Background(), b)
	d := makeSet(t, x, qs, "plain")
	measureDev("dev cold", d, func(int) *combiner { return x.model })
	if os.Getenv("TR") == "" {
		measureDev("dev cold xfit", d, devCross(d, shippedCombiner, 15))
	}
	for _, f := range []int{fEmbed, fEmbedEntry, fTranslate} {
		var c combiner
		c.Rank[f] = 1
		measureDev(featureNames[f], d, func(i int) *combiner { return &c })
	}
}

func groupSamples(t testing.TB, w float32) (out []sample, kinds []string) {
	gs := readGroups(t)
	full := shippedGeneral()
	for f := range 3 {
		var tr []group
		var b Base
		var qs []devq
		files := map[string]int{}
		for i, g := range gs {
			if _, ok := files[g.file]; !ok {
				files[g.file] = len(files)
			}
			if files[g.file]%3 != f {
				tr = append(tr, g)
				continue
			}
			if i%10 == 7 {
				for _, q := range g.qs {
					qs = append(qs, devq{text: q, kind: "near"})
				}
				continue
			}
			e := Entry{ID: g.id, Title: g.qs[0]}
			for k, q := range g.qs[1:] {
				if k < 2+i%4 {
					e.Similar = append(e.Similar, q)
				} else {
					qs = append(qs, devq{text: q, kind: "in", ids: []string{g.id}})
				}
			}
			b.Entries = append(b.Entries, e)
		}
		if os.Getenv("OFF") != "all" {
			g, _ := trainGeneral(t, tr, 2)
			shippedGeneral = func() *general { return g }
		}
		b.Untrained = true
		x, err := Build(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		d := makeSet(t, x, qs, "plain")
		for i := range d.samples {
			d.samples[i].weight = w
			d.samples[i].half = f
		}
		out = append(out, d.samples...)
		kinds = append(kinds, d.kinds...)
	}
	shippedGeneral = func() *general { return full }
	return
}

func TestShip2(t *testing.T) {
	envs()
	qs := devQueries(t)
	dir := os.Getenv("KBDEV")
	tab, _ := LoadTSV(dir+"/kb.tsv", dir+"/similar.tsv", "")
	var gsm []sample
	gsm, gk := groupSamples(t, 0.2)
	var dv, st []sample
	add := func(set *[]sample, d *devset, w float32) {
		for _, s := range d.samples {
			s.weight = w
			*set = append(*set, s)
		}
	}
	x, _ := Build(context.Background(), tab.Base())
	plain := makeSet(t, x, qs, "plain")
	add(&dv, plain, 1)
	add(&dv, makeSet(t, x, qs, "typo"), 0.3)
	const K = 3
	for k := range K {
		b := tab.Base()
		var test []devq
		for i, q := range qs {
			if i%K == k {
				test = append(test, q)
				continue
			}
			id := ""
			if len(q.ids) > 0 {
				id = q.ids[0]
			}
			b.Pairs = append(b.Pairs, Pair{q.text, id})
		}
		x, _ := Build(context.Background(), b)
		add(&dv, makeSet(t, x, test, "plain"), 0.5)
	}
	b, sq := starterBase(t)
	xs, _ := Build(context.Background(), b)
	for _, q := range qs {
		if q.kind == "oos_far" {
			sq = append(sq, q)
		}
	}
	sp := makeSet(t, xs, sq, "plain")
	add(&st, sp, 1.5)
	gset := &devset{samples: gsm, kinds: gk}
	show := func(n string, m combiner) {
		f := func(int) *combiner { return &m }
		measureDev(n+" dev", plain, f)
		measureDev(n+" starter", sp, f)
		measureDev(n+" groups", gset, f)
	}
	cat := func(l ...[]sample) []sample { return slices.Concat(l...) }
	show("old", shippedCombiner)
	show("fit groups", fitAll(gsm, shippedCombiner, 6, 6))
	show("fit groups+starter", fitAll(cat(gsm, st), shippedCombiner, 6, 6))
	show("fit groups+dev", fitAll(cat(gsm, dv), shippedCombiner, 6, 6))
	m := fitAll(cat(gsm, dv, st), shippedCombiner, 6, 6)
	show("all", m)
	for i, w := range m.Rank {
		fmt.Printf("W\t\t%.2f, // %s\n", w, featureNames[i])
	}
	for i, w := range m.Sure {
		fmt.Printf("S\t\t%.2f, // %d\n", w, i)
	}
}
