package bot

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
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
	if p, rule := m.judge(strippedSentence("有录音，咱换个地方说")); p < phrasingBarLong || rule != RuleContact {
		t.Errorf("%.2f %s", p, rule)
	}
}

// TestPhrasingCross is the cross-validation that the bars were chosen by: five folds, sentences by
// length, since a short sentence is little evidence.
func TestPhrasingCross(t *testing.T) {
	if os.Getenv("CROSS") == "" {
		t.Skip("set CROSS=1")
	}
	type judged struct {
		length, class int
		p             float64
		rule          string
	}
	var all []judged
	examples := phrasingExamples()
	for fold := range 5 {
		var train, test []phrasingExample
		for i, e := range examples {
			if i%5 == fold {
				test = append(test, e)
			} else {
				train = append(train, e)
			}
		}
		m := trainPhrasing(train)
		for _, e := range test {
			s := strippedSentence(e.text)
			p, rule := m.judge(s)
			all = append(all, judged{len(s), e.class, p, rule})
		}
		p, _ := m.judge(nil)
		t.Logf("fold %d: nothing said is forbidden with %.2f", fold, p)
	}
	report := func(name string, from, to int, blocked func(judged) bool) {
		var good, bad, stopped, caught, right int
		for _, j := range all {
			switch {
			case j.length < from || j.length >= to:
			case j.class == 0:
				good++
				if blocked(j) {
					stopped++
				}
			default:
				bad++
				if blocked(j) {
					caught++
				}
				if j.rule == phrasingClasses[j.class] {
					right++
				}
			}
		}
		t.Logf("%-14s %4d forbidden: %.3f caught, %.3f with their rule; %4d good: %.4f blocked", name, bad,
			float64(caught)/float64(bad), float64(right)/float64(bad), good, float64(stopped)/float64(good))
	}
	for _, bar := range []float64{0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8} {
		for _, g := range [][2]int{{phrasingShortest, phrasingShort}, {phrasingShort, phrasingLongest + 1}} {
			report(fmt.Sprintf("%2d–%2d at %.2f", g[0], g[1]-1, bar), g[0], g[1], func(j judged) bool { return j.p >= bar })
		}
	}
	report("as used", 0, 1000, func(j judged) bool { return j.p >= barFor(j.length) })
}
