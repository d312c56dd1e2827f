package kb

import (
	"context"
	"fmt"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	b, _ := starterBase(t)
	n := 0
	for _, e := range b.Entries {
		n += 1 + len(e.Similar)
	}
	fmt.Println(len(b.Entries), n)
	for _, u := range []bool{true, true, false} {
		b.Untrained = u
		s := time.Now()
		x, err := Build(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(u, time.Since(s), len(x.corpus.df), x.stats)
		s = time.Now()
		trainClassifier(x.corpus, defaultClass)
		fmt.Println("class", time.Since(s))
		s = time.Now()
		trainEncoder(x.corpus, defaultEmbed)
		fmt.Println("embed", time.Since(s))
		s = time.Now()
		trainTranslation(x.corpus)
		fmt.Println("words", time.Since(s))
	}
}
func TestZM(t *testing.T) {
	b, _ := starterBase(t)
	x, err := Build(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	s := time.Now()
	m := x.Model()
	fmt.Println("model", len(m), time.Since(s))
	b.Model = m
	s = time.Now()
	d := b.digest()
	fmt.Println(d, time.Since(s))
	s = time.Now()
	l := loadModel(m, d, x.corpus)
	fmt.Println(l != nil, time.Since(s))
	y, err := Build(context.Background(), b)
	fmt.Println(y.stats)
}
