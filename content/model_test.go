package content_test

import (
	"bytes"
	"flag"
	"os"
	"testing"
	"time"

	"yinda/kb"
)

var update = flag.Bool("update", false, "write starter/model.bin anew")

// TestStarterModel keeps starter/model.bin in step with the starter entries and the ranking: with a
// stale one every first start would learn for seconds.
func TestStarterModel(t *testing.T) {
	set := starter(t)
	base := set.Base(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if *update {
		base.Model = nil
	}
	index, err := kb.Build(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	if *update {
		if err := os.WriteFile("starter/model.bin", index.Model(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(index.Model(), set.Model) {
		t.Error("starter/model.bin belongs to other entries or another ranking; run: go generate ./content")
	}
}
