package bot_test

import (
	"testing"

	"yinda/bot"
)

func TestGuardTexts(t *testing.T) {
	e := edition(t)
	for id, s := range e.Playbook.Scripts {
		for _, x := range s.Texts {
			v := e.Bot.Guard().Check(x, bot.SpeakerBot)
			for _, f := range v.Findings {
				t.Log("script", id, v.Verdict, f.Rule, f.Match)
			}
		}
	}
	for id, a := range e.Playbook.Answers {
		v := e.Bot.Guard().Check("1. "+a.Title, bot.SpeakerBot)
		for _, f := range v.Findings {
			t.Log("title", id, v.Verdict, f.Rule, f.Match)
		}
		v = e.Bot.Guard().Check(a.Text, bot.SpeakerBot)
		for _, f := range v.Findings {
			t.Log("answer", id, v.Verdict, f.Rule, f.Match)
		}
	}
}
