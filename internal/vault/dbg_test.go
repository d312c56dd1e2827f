package vault

import (
	"os"
	"testing"
	"yinda/internal/text"
)

func TestDbg(t *testing.T) {
	s := os.Getenv("DBG")
	if s == "" {
		t.Skip()
	}
	f := text.Fold(s)
	sc := &scan{f: f, str: f.String(), runes: f.Runes()}
	for _, m := range addressRE.FindAllString(sc.str, -1) {
		t.Log("addr", m)
	}
	for _, m := range strongRE.FindAllString(sc.str, -1) {
		t.Log("strong", m)
	}
	t.Log(Mask(s))
}
