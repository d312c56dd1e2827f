package bot_test

import (
	"testing"

	"yinda/bot"
)

// BenchmarkGuard measures Check on a short sentence of an agent and Say on the answers that ship,
// each said for the first time.
func BenchmarkGuard(b *testing.B) {
	g, p := starterGuard(b)
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			g.Check("非常理解您着急的心情，请您先在手机银行办理挂失，再携带身份证原件到网点补卡。", bot.SpeakerAgent)
		}
	})
	var parts []bot.Part
	for _, a := range p.Answers {
		parts = append(parts, bot.Part{Text: a.Text, Product: a.Product, Notices: a.Notices})
	}
	b.Run("say", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			g.Say(parts[i%len(parts)])
		}
	})
}
