package bot_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"yinda/bot"
	"yinda/content"
)

var update = flag.Bool("update", false, "write generated files anew")

// TestShippedModel keeps data/model.bin in step with the examples it is trained from.
func TestShippedModel(t *testing.T) {
	examples, err := bot.Examples()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		set, err := content.Starter()
		if err != nil {
			t.Fatal(err)
		}
		m, err := bot.Train(examples, set.Lexicons)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := m.Save(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("data/model.bin", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("data/model.bin: %d bytes from %d examples", b.Len(), len(examples))
		return
	}
	m := bot.Default()
	if m == nil {
		t.Fatal("data/model.bin cannot be read; run: go generate ./bot")
	}
	if !m.TrainedFrom(examples) {
		t.Error("data/*.tsv changed since data/model.bin was trained; run: go generate ./bot")
	}
}
