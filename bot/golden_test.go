package bot_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinda/bot"
)

// TestGoldenDialogues plays testdata/dialogues/*.txt. A dialogue is a "# title" line and turns:
//
//	客户: 卡丢了                  what the customer says; \n joins bubbles
//	客户(长辈): …                 in elderly mode
//	客户(遮盖): …                 private data was hidden in it
//	机器人: kind=handoff says~挂失 not~保证   what must hold of the decision
//
// Words after says~ must be in the reply, words after not~ must not; new=yes: not the reply before.
func TestGoldenDialogues(t *testing.T) {
	files, _ := filepath.Glob("testdata/dialogues/*.txt")
	e := edition(t)
	count := 0
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var title, last string
		var course bot.Course
		var d bot.Decision
		for n, line := range strings.Split(string(data), "\n") {
			at := fmt.Sprintf("%s:%d %s", filepath.Base(path), n+1, title)
			who, rest, ok := strings.Cut(line, ": ")
			switch {
			case strings.HasPrefix(line, "# "):
				title, course, last = line[2:], bot.Course{}, ""
				count++
			case strings.TrimSpace(line) == "":
			case !ok:
				t.Fatalf("%s: want 客户: or 机器人:", at)
			case strings.HasPrefix(who, "客户"):
				last = d.Reply.Text()
				d = e.Bot.Decide(context.Background(), course, bot.Turn{
					Text: strings.ReplaceAll(rest, `\n`, "\n"), At: time.Date(2026, 1, 5, 10, n, 0, 0, time.UTC),
					Elder: strings.Contains(who, "长辈"), Masked: strings.Contains(who, "遮盖"),
				})
				course = d.Course
			default:
				for _, want := range strings.Fields(rest) {
					if problem := check(d, last, want); problem != "" {
						t.Errorf("%s: %s; %s: %s%d %s/%s 「%s」", at, want, problem, d.Emotion, d.EmotionLevel, d.Reason, d.Urgent, d.Reply.Text())
					}
				}
			}
		}
	}
	t.Logf("%d dialogues", count)
}

func check(d bot.Decision, last, want string) string {
	if word, ok := strings.CutPrefix(want, "says~"); ok {
		if !strings.Contains(d.Reply.Text(), word) {
			return "does not say it"
		}
		return ""
	}
	if word, ok := strings.CutPrefix(want, "not~"); ok {
		if strings.Contains(d.Reply.Text(), word) {
			return "says it"
		}
		return ""
	}
	key, value, _ := strings.Cut(want, "=")
	got := map[string]string{
		"kind": string(d.Kind), "entry": d.EntryID, "reason": d.Reason, "urgent": d.Urgent, "emotion": d.Emotion,
		"category": d.ComplaintCategory, "escalate": yes(d.Escalate), "complaint": yes(d.Complaint),
		"person": yes(d.WantsPerson), "offer": yes(d.OfferPerson), "priority": fmt.Sprint(d.Priority),
		"level": fmt.Sprint(d.EmotionLevel), "confirm": yes(d.ConfirmRisk), "new": yes(d.Reply.Text() != last),
	}[key]
	if key == "choices" {
		got = fmt.Sprint(min(len(d.Choices), 2))
	}
	if got != value {
		return "got " + got
	}
	return ""
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
