package bot_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
)

// starterEdition is the starter content with its index, built once: it takes seconds.
var starterEdition = sync.OnceValues(func() (*content.Edition, error) {
	set, err := content.Starter()
	if err != nil {
		return nil, err
	}
	return content.NewEdition(context.Background(), set, time.Now())
})

func edition(t testing.TB) *content.Edition {
	t.Helper()
	e, err := starterEdition()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestBlindDialogues(t *testing.T) {
	f, err := os.Open("testdata/blind/dialogues.txt")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	ds, err := bot.ReadDialogues(f)
	if err != nil {
		t.Fatal(err)
	}
	r := edition(t).Bot.EvaluateDialogues(context.Background(), ds)
	t.Logf("blind dialogues: %d, in time %.3f (early %d late %d of %d), needless %.3f", r.Dialogues, r.InTime(), r.Early, r.Late, r.Wanted, r.NeedlessRate())
}
