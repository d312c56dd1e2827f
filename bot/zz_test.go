package bot

import (
	"fmt"
	"os"
	"testing"
	"sort"
	"go.yaml.in/yaml/v3"
	"path/filepath"
)

func TestZZ(t *testing.T) {
	var all []Lexicon
	fs, _ := filepath.Glob("../content/starter/lexicons/*.yaml")
	for _, f := range fs {
		b, _ := os.ReadFile(f)
		var l []Lexicon
		yaml.Unmarshal(b, &l)
		all = append(all, l...)
	}
	x, err := newLexicon(all)
	if err != nil { t.Fatal(err) }
	fmt.Println("patterns", len(x.patterns), "always", len(x.always))
	for _, p := range x.always { fmt.Println("ALWAYS", x.lists[x.of[p].list].ID, fmt.Sprintf("%.100s", x.patterns[p].re.String())) }
	l := newLine("你好，我昨天在手机银行转账，到现在还没有到账，麻烦帮我查一下怎么回事")
	l.cut()
	hit := map[int32]bool{}
	x.anchors.scan(l.runes, func(p int32, _ int) { hit[p] = true })
	fmt.Println("run", len(hit))
	short := map[string]int{}
	for p := range hit {
		for _, a := range x.patterns[p].anchors {
			if contains(string(l.runes), a) { short[a]++ }
		}
	}
	var ks []string
	for k := range short { ks = append(ks, k) }
	sort.Slice(ks, func(i, j int) bool { return short[ks[i]] > short[ks[j]] })
	for _, k := range ks { fmt.Print(k, short[k], " ") }
	fmt.Println()
}
