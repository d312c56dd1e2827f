package bot_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
)

func TestTalk(t *testing.T) {
	path := os.Getenv("TALK")
	if path == "" {
		t.Skip()
	}
	set, err := content.Starter()
	if err != nil {
		t.Fatal(err)
	}
	t0 := time.Now()
	e, err := content.NewEdition(context.Background(), set, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("edition", time.Since(t0))
	courses := map[string]bot.Course{}
	f, _ := os.Open(path)
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var in struct{ Conversation, Text string }
		if json.Unmarshal(sc.Bytes(), &in) != nil {
			continue
		}
		d := e.Bot.Decide(context.Background(), courses[in.Conversation], bot.Turn{Text: in.Text})
		courses[in.Conversation] = d.Course
		cs := ""
		for _, c := range d.Candidates {
			cs += fmt.Sprintf(" %s/%.2f", c.ID, c.Score)
		}
		esc := ""
		if d.Escalate {
			esc = fmt.Sprintf("ESC/P%d", d.Priority)
		}
		fmt.Print(d.Course.Repeats, " "); fmt.Printf("%s %s => %s %s %s%d %s %s %v |%s\n      %s\n", in.Conversation, in.Text, d.Kind, d.EntryID, d.Emotion, d.EmotionLevel, esc, d.Reason, d.Took.Round(10*time.Microsecond), cs, strings.ReplaceAll(d.Reply.Text(), "\n", " / "))
	}
}
