package vault

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

// goldLine is a line of testdata/mask.tsv: text (\n for a line break), findings as type:start-end
// or none, part (dev or held).
type goldLine struct {
	text, want, part string
}

func readGold(t *testing.T) []goldLine {
	t.Helper()
	f, err := os.Open("testdata/mask.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []goldLine
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		if c := strings.Split(sc.Text(), "\t"); len(c) == 3 && !strings.HasPrefix(c[0], "#") {
			out = append(out, goldLine{strings.ReplaceAll(c[0], `\n`, "\n"), c[1], c[2]})
		}
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestGold holds the figures reached: a private character left in the open is a leak whatever its
// type; a line without private data in which anything is masked is wrongly masked.
func TestGold(t *testing.T) {
	type score struct{ leaks, wrong, typed, private, clean, exact int }
	parts := map[string]*score{"dev": {}, "held": {}}
	for _, g := range readGold(t) {
		p := parts[g.part]
		m := Mask(g.text)
		var got []string
		covered := map[int]bool{}
		for _, f := range m.Found {
			got = append(got, fmt.Sprintf("%s:%d-%d", f.Type, f.Start, f.End))
			for i := f.Start; i < f.End; i++ {
				covered[i] = true
			}
		}
		exact := strings.Join(got, " ")
		if exact == "" {
			exact = "none"
		}
		if g.want == "none" {
			p.clean++
			if exact != "none" {
				p.wrong++
				t.Logf("%s wrongly masked: %q %s", g.part, g.text, exact)
			}
			continue
		}
		p.private++
		if exact == g.want {
			p.exact++
			continue
		}
		leak := false
		for _, want := range strings.Fields(g.want) {
			var start, end int
			_, span, _ := strings.Cut(want, ":")
			if _, err := fmt.Sscanf(span, "%d-%d", &start, &end); err != nil {
				t.Fatal(err)
			}
			for i := start; i < end; i++ {
				leak = leak || !covered[i]
			}
		}
		if leak {
			p.leaks++
			t.Logf("%s leak: %q want %s, got %s", g.part, g.text, g.want, exact)
		} else {
			p.typed++
			t.Logf("%s other type or span: %q want %s, got %s", g.part, g.text, g.want, exact)
		}
	}
	for name, p := range parts {
		t.Logf("%s: %d private lines, %d exact, %d leaks; %d clean lines, %d wrongly masked", name, p.private, p.exact, p.leaks, p.clean, p.wrong)
		if p.leaks > 0 || p.wrong*100 > p.clean*3 {
			t.Errorf("%s: leaks must be 0, wrongly masked at most 3 %%", name)
		}
	}
}
