package kb

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

func envs() {
	if e := os.Getenv("NEAR"); e != "" {
		fmt.Sscan(e, &nearest)
	}

	if e := os.Getenv("GEMB"); e != "" {
		fmt.Sscan(e, &generalEmbed.epochs, &generalEmbed.rate, &generalEmbed.sharp, &generalEmbed.drop, &generalEmbed.batch, &generalEmbed.near, &generalEmbed.dim)
		defaultEmbed.dim = generalEmbed.dim
	}
	if e := os.Getenv("OEMB"); e != "" {
		fmt.Sscan(e, &defaultEmbed.epochs, &defaultEmbed.rate, &defaultEmbed.sharp, &defaultEmbed.drop)
	}
	if e := os.Getenv("X"); e != "" {
		fmt.Sscan(e, &XFW, &XG, &XRAND, &XL)
	}
	o := os.Getenv("OFF")
	XINIT = !strings.Contains(o, "i")
	XFOREIGN = !strings.Contains(o, "f")
	XTRANS = !strings.Contains(o, "t")
}

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
