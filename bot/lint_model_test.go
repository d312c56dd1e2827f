package bot

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"os"
	"testing"
)

var updatePhrasing = flag.Bool("update-phrasing", false, "train the phrasing model and write phrasing/model.bin")

// TestPhrasingModel: the model that ships was trained from the examples that stand beside it.
func TestPhrasingModel(t *testing.T) {
	if *updatePhrasing {
		var b bytes.Buffer
		if err := trainPhrasing(phrasingExamples()).write(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("phrasing/model.bin", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	m := phrasing()
	if m == nil || m.digest != sha256.Sum256([]byte(phrasingTSV)) {
		t.Fatal("phrasing/model.bin is not of phrasing/sentences.tsv; run: go test ./bot -run TestPhrasingModel -update-phrasing")
	}
	if p, rule := m.judge(strippedSentence("有录音，咱换个地方说")); p < phrasingBar || rule != RuleContact {
		t.Errorf("%.2f %s", p, rule)
	}
}

// TestPhrasingCross is the cross-validation that the bar was chosen by.
func TestPhrasingCross(t *testing.T) {
	if os.Getenv("CROSS") == "" {
		t.Skip("set CROSS=1")
	}
	all := phrasingExamples()
	var good, bad []float64
	rules := 0
	for fold := range 5 {
		var train, test []phrasingExample
		for i, e := range all {
			if i%5 == fold {
				test = append(test, e)
			} else {
				train = append(train, e)
			}
		}
		m := trainPhrasing(train)
		for _, e := range test {
			p, rule := m.judge(strippedSentence(e.text))
			if e.class == 0 {
				good = append(good, p)
			} else {
				bad = append(bad, p)
				if rule == phrasingClasses[e.class] {
					rules++
				}
			}
		}
	}
	share := func(ps []float64, bar float64) float64 {
		n := 0
		for _, p := range ps {
			if p >= bar {
				n++
			}
		}
		return float64(n) / float64(len(ps))
	}
	t.Logf("%d forbidden (rule right %.3f), %d good", len(bad), float64(rules)/float64(len(bad)), len(good))
	for _, bar := range []float64{0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9} {
		t.Logf("bar %.2f: caught %.3f, good blocked %.4f", bar, share(bad, bar), share(good, bar))
	}
}
