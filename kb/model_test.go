package kb

import (
	"reflect"
	"slices"
	"testing"
)

func TestModelSparesTraining(t *testing.T) {
	x, err := shop()
	if err != nil {
		t.Fatal(err)
	}
	b := loadShop(t)
	b.Model = x.Model()
	y := mustBuild(t, b)
	if y.learn.embed == nil || !reflect.DeepEqual(x.learn, y.learn) {
		t.Error("what was learned comes back changed")
	}
	if y.trained.outcomes != nil {
		t.Error("it was learned again")
	}
	if !slices.Equal(y.Model(), b.Model) {
		t.Error("a model read back is written differently")
	}
	before, after := x.Stats(), y.Stats()
	before.Took, after.Took = 0, 0
	if !reflect.DeepEqual(before, after) || x.Thresholds() != y.Thresholds() {
		t.Errorf("%+v\n%+v", before, after)
	}
	for _, q := range []string{"啥时候发货", "怎么曲消订单"} {
		a, b := search(t, x, q), search(t, y, q)
		a.Took, b.Took = 0, 0
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %+v\n%+v", q, a, b)
		}
	}
	t.Logf("%d questions, %d terms: %d bytes", len(x.corpus.questions), len(x.corpus.df), len(b.Model))
}

// TestModelIsRefused reads models that are of something else, or damaged: none may be used, and none
// may do harm.
func TestModelIsRefused(t *testing.T) {
	x, err := shop()
	if err != nil {
		t.Fatal(err)
	}
	b := loadShop(t)
	good := x.Model()
	digest := b.digest()
	if loadModel(good, digest, x.corpus) == nil {
		t.Fatal("its own model is refused")
	}
	for name, change := range map[string]func(*Base){
		"title":    func(b *Base) { b.Entries[3].Title += "?" },
		"similar":  func(b *Base) { b.Entries[3].Similar = append(slices.Clone(b.Entries[3].Similar), "新问法") },
		"order":    func(b *Base) { b.Entries[0], b.Entries[1] = b.Entries[1], b.Entries[0] },
		"pair":     func(b *Base) { b.Pairs = append(b.Pairs, Pair{"退钱", "S07"}) },
		"word":     func(b *Base) { b.Words = append(b.Words, "礼品卡") },
		"synonyms": func(b *Base) { b.Synonyms = append(b.Synonyms, []string{"退款", "回款"}) },
	} {
		b := loadShop(t)
		change(&b)
		if b.digest() == digest {
			t.Errorf("%s: the digest is the same", name)
		}
		if loadModel(good, b.digest(), x.corpus) != nil {
			t.Errorf("%s: the model is used", name)
		}
	}
	head := len(modelMagic) + digestSize
	for _, n := range []int{0, 3, head - 1, head, head + 1, head + 100, len(good) / 2, len(good) - 1} {
		if loadModel(good[:n], digest, x.corpus) != nil {
			t.Errorf("the first %d of %d bytes are a model", n, len(good))
		}
	}
	random := rng(5)
	for range 40 {
		bad := slices.Clone(good)
		bad[random.below(len(bad))] ^= 1 << random.below(8)
		if loadModel(bad, digest, x.corpus) != nil {
			t.Error("a damaged model is used")
		}
	}
	for _, e := range []Base{{}, {Entries: []Entry{{ID: "a"}}}} {
		e.Model = good
		mustBuild(t, e)
	}
}
