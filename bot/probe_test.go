package bot_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/kb"
	"context"
)

type noSearch struct{}

func (noSearch) Search(context.Context, string, kb.SearchOptions) (kb.Result, error) {
	return kb.Result{Verdict: kb.Decline}, nil
}
func (noSearch) Similar(a, b string) float64 { return 0 }

func TestProbe(t *testing.T) {
	path := os.Getenv("PROBE")
	if path == "" {
		t.Skip()
	}
	set, err := content.Starter()
	if err != nil {
		t.Fatal(err)
	}
	t0 := time.Now()
	b, err := bot.New(set.Playbook(time.Now()), noSearch{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("new", time.Since(t0))
	f, _ := os.Open(path)
	sc := bufio.NewScanner(f)
	var total time.Duration
	n := 0
	for sc.Scan() {
		cols := strings.Split(sc.Text(), "\t")
		t0 := time.Now()
		u := b.Understand(cols[0])
		total += time.Since(t0)
		n++
		ev := []string{}
		for _, e := range u.Evidence {
			ev = append(ev, e.Rule+":"+e.Match)
		}
		flags := ""
		if u.WantsPerson { flags += " PERSON" }
		if u.Complaint { flags += " COMPLAINT/" + u.Category }
		if u.Urgent != "none" { flags += fmt.Sprintf(" URGENT/%s/P%d", u.Urgent, u.Priority) }
		if u.Chat != "" { flags += " chat/" + u.Chat }
		if u.Decline != "" { flags += " decline/" + u.Decline }
		if u.Unresolved { flags += " unresolved" }
		fmt.Printf("%s | %s%d%s | %s\n", sc.Text(), u.Emotion, u.Level, flags, strings.Join(ev, " "))
	}
	fmt.Println("mean", total/time.Duration(max(n,1)))
}
