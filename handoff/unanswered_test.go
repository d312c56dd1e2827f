package handoff

import (
	"context"
	"strings"
	"testing"

	"yinda/bot"
	"yinda/internal/db"
)

func TestUnansweredTurnsAreFound(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		unsure := func(ctx context.Context, c bot.Course, turn bot.Turn) bot.Decision {
			decision := simple(ctx, c, turn)
			switch {
			case strings.Contains(turn.Text, "天气"):
				decision.Kind = bot.KindDecline
			case strings.Contains(turn.Text, "限额"):
				decision.Kind = bot.KindClarify
			}
			return decision
		}
		s := start(t, d, func(o *Options) { o.Decider = brain(unsure) })
		old, g := enter(t, s), enter(t, s)
		old.say("昨天天气")
		old.hears("回答：昨天天气")
		for _, words := range []string{"怎么挂失", "北京天气", "限额多少"} {
			g.say(words)
			g.hears("回答：" + words)
		}
		got, err := s.Unanswered(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || got[0].Text != "北京天气" || got[0].Kind != bot.KindDecline || got[1].Text != "限额多少" || got[1].Kind != bot.KindClarify || got[0].At == 0 {
			t.Errorf("of the newest conversation: %+v", got)
		}
		if got, err = s.Unanswered(t.Context(), 10); err != nil || len(got) != 3 || got[2].Text != "昨天天气" {
			t.Errorf("of all: %+v %v", got, err)
		}
	})
}
