package vault

import (
	"os"
	"testing"
)

// TestGold holds the figures reached on invented private lines: nothing leaks, nothing else is masked.
// The blind sets are of two other authors: their development halves were tuned on, the held ones are
// only measured, and the leaks known there are allowed, not one more.
func TestGold(t *testing.T) {
	for path, leaks := range map[string]int{
		"testdata/mask.tsv": 0, "../../bot/testdata/blind/mask.tsv": 0, "../../bot/testdata/blind2/mask.tsv": 0,
		"../../bot/testdata/held/mask.tsv": 1, "../../bot/testdata/held2/mask.tsv": 3,
	} {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		samples, err := ReadSamples(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		r := Evaluate(samples)
		t.Logf("%s: %d private, %d exact, %d leaks; %d clean, %d wrongly masked", path, r.Private, r.Exact, r.Leaks, r.Clean, r.Wrong)
		if r.Leaks > leaks || r.Wrong*100 > r.Clean*3 {
			t.Errorf("%s: at most %d leaks, wrongly masked at most 3 %%", path, leaks)
			if path == "testdata/mask.tsv" { // the lines of the others stay unread
				for _, f := range r.Faults {
					t.Log(f)
				}
			}
		}
	}
}
