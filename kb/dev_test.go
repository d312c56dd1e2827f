package kb

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Development only: never committed.
type devq struct {
	text, trad, typo, kind string
	ids, also              []string
}

func devQueries(t testing.TB) []devq {
	f, err := os.Open(os.Getenv("KBDEV") + "/queries.tsv")
	if err != nil {
		t.Skip()
	}
	defer f.Close()
	var out []devq
	sc := bufio.NewScanner(f)
	sc.Scan()
	for sc.Scan() {
		c := strings.Split(sc.Text(), "\t")
		sp := func(s string) []string {
			if s == "" {
				return nil
			}
			return strings.Split(s, ",")
		}
		out = append(out, devq{c[0], c[3], c[4], c[5], sp(c[1]), sp(c[2])})
	}
	return out
}

func starterBase(t testing.TB) (Base, []devq) {
	var b Base
	var qs []devq
	files, _ := filepath.Glob("../content/starter/entries/*.yaml")
	for _, f := range files {
		raw, _ := os.ReadFile(f)
		var list []map[string]any
		if err := yaml.Unmarshal(raw, &list); err != nil {
			var one map[string]any
			if err := yaml.Unmarshal(raw, &one); err != nil {
				fmt.Println(f, err)
				continue
			}
			for _, v := range one {
				if l, ok := v.([]any); ok {
					for _, e := range l {
						if m, ok := e.(map[string]any); ok {
							list = append(list, m)
						}
					}
				}
			}
		}
		for _, m := range list {
			e := Entry{ID: fmt.Sprint(m["id"])}
			for _, k := range []string{"question", "title", "standard"} {
				if v, ok := m[k]; ok {
					e.Title = fmt.Sprint(v)
				}
			}
			for _, k := range []string{"similar"} {
				if l, ok := m[k].([]any); ok {
					for i, v := range l {
						if i%3 == 2 {
							qs = append(qs, devq{text: fmt.Sprint(v), kind: "in", ids: []string{e.ID}})
							continue
						}
						e.Similar = append(e.Similar, fmt.Sprint(v))
					}
				}
			}
			b.Entries = append(b.Entries, e)
		}
	}
	return b, qs
}

type devset struct {
	x       *Index
	samples []sample
	group   []int
	kinds   []string
}

func has(l []string, id string) bool { return slices.Contains(l, id) }

func makeSet(t testing.TB, x *Index, qs []devq, mode string) *devset {
	d := &devset{x: x}
	id := map[string]int{}
	for i, e := range x.base.Entries {
		id[e.ID] = i
	}
	for _, q := range qs {
		s := q.text
		if mode == "typo" {
			s = q.typo
		}
		if mode == "trad" {
			s = q.trad
		}
		text := x.lang.clean(s)
		u, err := x.understand(context.Background(), text, SearchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		qq, rs := u.q, u.ranked
		sm := sample{weight: 1, in: len(q.ids) > 0}
		for _, r := range rs {
			sm.rows = append(sm.rows, r.row)
			sm.right = append(sm.right, has(q.ids, x.base.Entries[r.entry].ID))
		}
		sm.query = queryEvidence(qq)
		x.desk.give(qq)
		d.samples = append(d.samples, sm)
		g := 0
		if len(q.ids) > 0 {
			g = id[q.ids[0]]
		} else {
			g = len(d.samples)
		}
		d.group = append(d.group, g)
		d.kinds = append(d.kinds, q.kind)
	}
	return d
}

type outc struct {
	sure  float64
	right bool
	in    bool
	kind  string
}

func measureDev(name string, d *devset, m func(i int) *combiner) {
	defer func() {}()
	var n, r1, r3, r5, rc int
	var outs []outc
	for i, s := range d.samples {
		c := m(i)
		type sc struct {
			z     float32
			right bool
			r     int
		}
		var l []sc
		for r := range s.rows {
			l = append(l, sc{c.score(s.rows[r][:]), s.right[r], r})
		}
		sort.SliceStable(l, func(a, b int) bool { return l[a].z > l[b].z })
		if s.in {
			n++
			for k, v := range l {
				if v.right {
					if k == 0 {
						r1++
					}
					if k < 3 {
						r3++
					}
					if k < 5 {
						r5++
					}
					rc++
					break
				}
			}
		}
		if len(l) > 0 {
			var z []float32
			for _, v := range l {
				z = append(z, v.z)
			}
			ev := withModel(s.query, s.rows[l[0].r][:], l[0].z, softmax(z)[0])
			outs = append(outs, outc{c.sure(ev), l[0].right, s.in, d.kinds[i]})
		}
	}
	sort.SliceStable(outs, func(a, b int) bool { return outs[a].sure > outs[b].sure })
	// coverage of in-scope answered at precision >= 95 % (in-scope precision), and OOS rate there
	best, oos := 0, 0
	bestK, ina, good, outa := 0, 0, 0, 0
	_ = bestK
	nout := 0
	for _, o := range outs {
		if !o.in {
			nout++
		}
	}
	var bySlice = map[string]int{}
	th := 0.0
	for _, o := range outs {
		if o.in {
			ina++
			if o.right {
				good++
			}
		} else {
			outa++
			bySlice[o.kind]++
		}
		if float64(good) >= 0.95*float64(ina) && ina >= 20 {
			best, oos, th = good, outa, o.sure
		}
	}
	f := func(x int) float64 { return float64(x) / float64(max(n, 1)) }
	var rel [10][2]float64
	for _, o := range outs {
		if o.in || true {
			b := min(int(o.sure*10), 9)
			rel[b][0]++
			if o.right {
				rel[b][1]++
			}
		}
	}
	lim := d.x
	if lim != nil {
		var a, ar, oo, cl int
		for _, o := range outs {
			if o.sure >= lim.limits.Answer {
				if o.in {
					a++
					if o.right {
						ar++
					}
				} else {
					oo++
				}
			} else if o.sure >= lim.limits.Clarify && o.in {
				cl++
			}
		}
		fmt.Printf("  limits %+v answered %.3f right %.3f prec %.3f oos %.3f clarify %.3f adopted %v %.4f → %.4f\n", lim.limits, f(a), f(ar), float64(ar)/float64(max(a, 1)), float64(oo)/float64(max(nout, 1)), f(cl), lim.trained.adopted, lim.trained.before/lim.trained.weight, lim.trained.after/lim.trained.weight)
	}
	fmt.Print("  rel ")
	for _, r := range rel {
		fmt.Printf("%.0f:%.2f ", r[0], r[1]/max(r[0], 1))
	}
	fmt.Println()
	fmt.Printf("%-26s n=%d r1 %.3f r3 %.3f r5 %.3f rc %.3f | rightly@95 %.3f th %.2f oos %d/%d\n", name, n, f(r1), f(r3), f(r5), f(rc), f(best), th, oos, nout)
}

func fold(g, k int) int { return int(hashString(fmt.Sprint("x", g)) % uint32(k)) }

func devCross(d *devset, prior combiner, pull float64) func(i int) *combiner {
	const K = 5
	var ms [K]*combiner
	for k := range K {
		var tr []sample
		for i, s := range d.samples {
			if fold(d.group[i], K) != k {
				tr = append(tr, s)
			}
		}
		m := fitAll(tr, prior, pull, pull)
		ms[k] = &m
	}
	return func(i int) *combiner { return ms[fold(d.group[i], K)] }
}

func printWeights(m combiner) {
	fmt.Print("Rank: ")
	for i, w := range m.Rank {
		fmt.Printf("%s %.2f, ", featureNames[i], w)
	}
	fmt.Println("\nSure:", m.Sure)
}

func TestDev(t *testing.T) {
	if s := os.Getenv("POW"); s != "" {
		_ = s
	}
	qs := devQueries(t)
	dir := os.Getenv("KBDEV")
	tab, err := LoadTSV(dir+"/kb.tsv", dir+"/similar.tsv", "")
	if err != nil {
		t.Fatal(err)
	}
	x, err := Build(context.Background(), tab.Base())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%+v\n", x.Stats())
	fmt.Println(x.lang.words[len(x.lang.words)-20:])
	d := makeSet(t, x, qs, "plain")
	ty := makeSet(t, x, qs, "typo")
	ship := func(int) *combiner { return x.model }
	measureDev("dev shipped", d, ship)
	measureDev("dev typo shipped", ty, ship)
	cf := devCross(d, shippedCombiner, 3)
	measureDev("dev cv", d, cf)
	measureDev("dev typo cv", ty, cf)
	all := fitAll(d.samples, shippedCombiner, 3, 3)
	printWeights(all)
	b, sq := starterBase(t)
	xs, err := Build(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	ds := makeSet(t, xs, sq, "plain")
	// out-of-scope for the starter: far ones of dev
	var oos []devq
	for _, q := range qs {
		if q.kind == "oos_far" {
			oos = append(oos, q)
		}
	}
	do := makeSet(t, xs, oos, "plain")
	ds.samples = append(ds.samples, do.samples...)
	ds.kinds = append(ds.kinds, do.kinds...)
	for i := range do.group {
		ds.group = append(ds.group, 1000+i)
	}
	measureDev("starter shipped", ds, func(int) *combiner { return xs.model })
	measureDev("starter dev weights", ds, func(int) *combiner { return &all })
	measureDev("starter cv", ds, devCross(ds, shippedCombiner, 3))
	sall := fitAll(ds.samples, shippedCombiner, 3, 3)
	measureDev("dev starter weights", d, func(int) *combiner { return &sall })
	both := fitAll(append(slices.Clone(ds.samples), d.samples...), shippedCombiner, 3, 3)
	printWeights(both)
	measureDev("dev both", d, func(int) *combiner { return &both })
	measureDev("starter both", ds, func(int) *combiner { return &both })
	printGo(both)
}

func printGo(m combiner) {
	fmt.Printf("PRIOR %v|%v\n", m.Rank, m.Sure)
}

// starterPrior fits shipped weights on the starter content only.
func starterPrior(t testing.TB) {
	b, sq := starterBase(t)
	xs, err := Build(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range devQueries(t) {
		if q.kind == "oos_far" {
			sq = append(sq, q)
		}
	}
	ds := makeSet(t, xs, sq, "plain")
	shippedCombiner = fitAll(ds.samples, shippedCombiner, 3, 3)
}

func devPrior(t testing.TB) {
	dir := os.Getenv("KBDEV")
	tab, _ := LoadTSV(dir+"/kb.tsv", dir+"/similar.tsv", "")
	x, err := Build(context.Background(), tab.Base())
	if err != nil {
		t.Fatal(err)
	}
	shippedCombiner = fitAll(makeSet(t, x, devQueries(t), "plain").samples, shippedCombiner, 3, 3)
}

// TestWarm: half of the dev queries become pairs.
func TestWarm(t *testing.T) {
	starterPrior(t)
	qs := devQueries(t)
	dir := os.Getenv("KBDEV")
	tab, err := LoadTSV(dir+"/kb.tsv", dir+"/similar.tsv", "")
	if err != nil {
		t.Fatal(err)
	}
	x, _ := Build(context.Background(), tab.Base())
	d := makeSet(t, x, qs, "plain")
	measureDev("cold refit", d, func(int) *combiner { return x.model })
	measureDev("cold shipped", d, func(int) *combiner { return &shippedCombiner })
	dt := makeSet(t, x, qs, "typo")
	measureDev("cold refit typo", dt, func(int) *combiner { return x.model })
	const K = 3
	var all devset
	var ms []*combiner
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
			if q.kind == "oos_heldout_intent" && os.Getenv("NOOOS") != "" {
				continue
			}
			b.Pairs = append(b.Pairs, Pair{q.text, id})
		}
		x, err := Build(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		if k == 0 {
			fmt.Println(x.Stats())
			printWeights(*x.model)
		}
		d := makeSet(t, x, test, "plain")
		all.samples = append(all.samples, d.samples...)
		all.kinds = append(all.kinds, d.kinds...)
		for range d.samples {
			ms = append(ms, x.model)
		}
	}
	measureDev("warm refit", &all, func(i int) *combiner { return ms[i] })
	measureDev("warm shipped", &all, func(i int) *combiner { return &shippedCombiner })
}

func TestStarter(t *testing.T) {
	devPrior(t)
	b, sq := starterBase(t)
	xs, err := Build(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range devQueries(t) {
		if q.kind == "oos_far" || q.kind == "oos_other_product" {
			sq = append(sq, q)
		}
	}
	fmt.Println(xs.Stats())
	ds := makeSet(t, xs, sq, "plain")
	measureDev("starter refit", ds, func(int) *combiner { return xs.model })
	measureDev("starter shipped", ds, func(int) *combiner { return &shippedCombiner })
}

// TestSingles: what each learned feature achieves alone, warm.
func TestSingles(t *testing.T) {
	if e := os.Getenv("EMB"); e != "" {
		fmt.Sscan(e, &defaultEmbed.dim, &defaultEmbed.epochs, &defaultEmbed.batch, &defaultEmbed.rate, &defaultEmbed.sharp, &defaultEmbed.drop)
	}
	if e := os.Getenv("CLS"); e != "" {
		fmt.Sscan(e, &defaultClass.epochs, &defaultClass.rate, &defaultClass.drop)
	}
	qs := devQueries(t)
	dir := os.Getenv("KBDEV")
	tab, err := LoadTSV(dir+"/kb.tsv", dir+"/similar.tsv", "")
	if err != nil {
		t.Fatal(err)
	}
	const K = 3
	for _, warm := range []bool{false, true} {
		var all devset
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
				if warm {
					b.Pairs = append(b.Pairs, Pair{q.text, id})
				}
			}
			x, err := Build(context.Background(), b)
			if err != nil {
				t.Fatal(err)
			}
			d := makeSet(t, x, test, "plain")
			all.samples = append(all.samples, d.samples...)
			all.kinds = append(all.kinds, d.kinds...)
			if !warm {
				break
			}
		}
		fmt.Println("WARM", warm)
		for _, f := range []int{fEmbed, fEmbedEntry, fClass} {
			var c combiner
			c.Rank[f] = 1
			measureDev(featureNames[f], &all, func(i int) *combiner { return &c })
		}
	}
}

func TestErrors(t *testing.T) {
	b, sq := starterBase(t)
	x, err := Build(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	title := map[string]string{}
	for _, e := range b.Entries {
		title[e.ID] = e.Title
	}
	n := 0
	for i, q := range sq {
		if i%3 != 0 {
			continue
		}
		r, _ := x.Search(context.Background(), q.text, SearchOptions{Explain: true})
		if len(r.Candidates) == 0 || r.Candidates[0].ID != q.ids[0] {
			n++
			if n > 90 {
				break
			}
			got := ""
			if len(r.Candidates) > 0 {
				got = fmt.Sprintf("%s (%s) %.2f", r.Candidates[0].Title, r.Candidates[0].Question, r.Candidates[0].Score)
			}
			fmt.Printf("%s | 应 %s | 得 %s | %v %v\n", q.text, title[q.ids[0]], got, r.Tokens, r.Synonyms)
		}
	}
}

func TestDevErrors(t *testing.T) {
	qs := devQueries(t)
	dir := os.Getenv("KBDEV")
	tab, _ := LoadTSV(dir+"/kb.tsv", dir+"/similar.tsv", "")
	x, _ := Build(context.Background(), tab.Base())
	title := map[string]string{}
	for _, e := range tab.Entries {
		title[e.ID] = e.Title
	}
	n := 0
	for i, q := range qs {
		if q.kind != "in" || i%4 != 0 {
			continue
		}
		r, _ := x.Search(context.Background(), q.text, SearchOptions{Explain: true})
		if len(r.Candidates) == 0 || !has(q.ids, r.Candidates[0].ID) && !has(q.also, r.Candidates[0].ID) {
			n++
			got := ""
			if len(r.Candidates) > 0 {
				got = fmt.Sprintf("%s (%s) %.2f", r.Candidates[0].Title, r.Candidates[0].Question, r.Candidates[0].Score)
			}
			fmt.Printf("%s | 应 %s | 得 %s | %v\n", q.text, title[q.ids[0]], got, r.Synonyms)
		}
	}
	fmt.Println(n)
}

// TestShip prints the weights to ship.
func TestShip(t *testing.T) {
	qs := devQueries(t)
	dir := os.Getenv("KBDEV")
	tab, _ := LoadTSV(dir+"/kb.tsv", dir+"/similar.tsv", "")
	var set []sample
	add := func(d *devset, w float32) {
		for _, s := range d.samples {
			s.weight = w
			set = append(set, s)
		}
	}
	x, _ := Build(context.Background(), tab.Base())
	add(makeSet(t, x, qs, "plain"), 1)
	add(makeSet(t, x, qs, "typo"), 0.3)
	b, sq := starterBase(t)
	xs, _ := Build(context.Background(), b)
	for _, q := range qs {
		if q.kind == "oos_far" {
			sq = append(sq, q)
		}
	}
	add(makeSet(t, xs, sq, "plain"), 1.5)
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
		add(makeSet(t, x, test, "plain"), 0.5)
	}
	m := fitAll(set, shippedCombiner, 6, 6)
	for i, w := range m.Rank {
		fmt.Printf("W\t\t%.2f, // %s\n", w, featureNames[i])
	}
	for i, w := range m.Sure {
		fmt.Printf("S\t\t%.2f, // %d\n", w, i)
	}
}

func TestBig(t *testing.T) {
	b := benchBase(10000)
	b.Untrained = false
	x, err := Build(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(x.Stats(), x.trained.adopted, x.limits)
}

// TestDistract: dev with 10 000 made-up distractors.
func TestDistract(t *testing.T) {
	qs := devQueries(t)
	dir := os.Getenv("KBDEV")
	tab, _ := LoadTSV(dir+"/kb.tsv", dir+"/similar.tsv", "")
	b := tab.Base()
	b.Untrained = os.Getenv("TR") == ""
	d := benchBase(10000)
	if os.Getenv("DIST") != "" {
		d.Entries = d.Entries[:5800]
		for i := range d.Entries { d.Entries[i].Similar=nil }
		for _, g := range readGroups(t) {
			if g.file[0] != 'b' {
				continue
			}
			for i, q := range g.qs {
				d.Entries = append(d.Entries, Entry{ID: fmt.Sprint(g.id, i), Title: q})
			}
		}
	}
	for i := range d.Entries {
		d.Entries[i].ID = "D" + d.Entries[i].ID
	}
	b.Entries = append(b.Entries, d.Entries...)
	x, err := Build(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(x.Stats(), x.trained.adopted, x.limits)
	ds := makeSet(t, x, qs, "plain")
	if os.Getenv("SINGLES") != "" {
		for _, f := range []int{fBest, fBM25Char, fBM25Concept, fEntryLikely, fTranslate, fEmbed, fEmbedEntry} {
			var c combiner
			c.Rank[f] = 1
			measureDev(featureNames[f], ds, func(i int) *combiner { return &c })
		}
	}
	measureDev("distract refit", ds, func(int) *combiner { return x.model })
	measureDev("distract shipped", ds, func(int) *combiner { return &shippedCombiner })
}

func TestHuge(t *testing.T) {
	x, err := Build(context.Background(), func() Base { b := benchBase(100000); b.Untrained = os.Getenv("TRAIN") == ""; return b }())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(x.Stats(), x.limits)
	qs := benchQueries()
	var took []int
	for i := range 2000 {
		r, _ := x.Search(context.Background(), qs[i*7919%len(qs)], SearchOptions{})
		took = append(took, int(r.Took.Microseconds()))
	}
	sort.Ints(took)
	fmt.Println("p50", took[1000], "p99", took[1980])
}
