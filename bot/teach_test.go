package bot_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"yinda/bot"
)

// ownExamples teach a word that only this bank has for complaining.
func ownExamples() []bot.Example {
	var own []bot.Example
	for _, branch := range []string{"城东", "城西", "南门", "北关", "火车站", "大学城", "开发区", "老街"} {
		own = append(own,
			bot.Example{Text: "我要为" + branch + "支行的事敲大鼓", Emotion: bot.EmotionNeutral, Category: bot.CategoryOther, Urgent: bot.UrgentNone},
			bot.Example{Text: branch + "支行的大鼓展览几点开始", Emotion: bot.EmotionNeutral, Urgent: bot.UrgentNone})
	}
	return own
}

func reading(t *testing.T, m *bot.Model, text string) *bot.Understanding {
	t.Helper()
	p, err := starterPlaybook()
	if err != nil {
		t.Fatal(err)
	}
	b, err := bot.NewWith(p, noSearch{}, m)
	if err != nil {
		t.Fatal(err)
	}
	return b.Understand(text)
}

func TestTeachLearnsABanksOwnWords(t *testing.T) {
	if testing.Short() {
		t.Skip("trains; make test runs it without the race detector, under which that takes minutes")
	}
	p, err := starterPlaybook()
	if err != nil {
		t.Fatal(err)
	}
	own := ownExamples()
	const said = "我要为江边支行的事敲大鼓"
	if reading(t, bot.Default(), said).Complaint {
		t.Fatal("the shipped model knows the word: the test shows nothing")
	}
	m, lesson, err := bot.Teach(own, p.Lexicons)
	if err != nil {
		t.Fatal(err)
	}
	if !lesson.Adopted || m == nil || lesson.Examples != len(own) || lesson.Factor != bot.OwnFactor || lesson.Own != nil {
		t.Fatalf("%+v", lesson)
	}
	if lesson.Shipped.Before.Examples < 1000 || lesson.Shipped.Before.Examples != lesson.Shipped.After.Examples {
		t.Errorf("held out: %+v", lesson.Shipped)
	}
	if !reading(t, m, said).Complaint || reading(t, m, "江边支行的大鼓展览几点开始").Complaint {
		t.Error("taught, but not learned")
	}
	var file bytes.Buffer
	if err := m.Save(&file); err != nil {
		t.Fatal(err)
	}
	if m, err = bot.LoadModel(&file); err != nil || !m.TaughtFrom(own) || m.TaughtFrom(own[1:]) || bot.Default().TaughtFrom(own) {
		t.Errorf("the digest does not tell what a model was taught from: %v", err)
	}
	again, same, err := bot.Teach(own, p.Lexicons)
	if err != nil || again == nil || same != lesson {
		t.Errorf("the latest lesson was not kept: %v", err)
	}
	if d := bot.LessonDigest(own, p.Lexicons); d != lesson.Digest || d == bot.LessonDigest(own[1:], p.Lexicons) || d == bot.LessonDigest(own, p.Lexicons[1:]) {
		t.Error("the digest misses what a lesson depends on")
	}
}

// TestTeachRefusesWhatSpoilsTheReading: labels drawn by lot must not reach customers.
func TestTeachRefusesWhatSpoilsTheReading(t *testing.T) {
	if testing.Short() {
		t.Skip("trains; make test runs it without the race detector, under which that takes minutes")
	}
	p, err := starterPlaybook()
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := bot.Examples()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	var own []bot.Example
	for i, e := range shipped {
		if i%8 == 0 {
			e.Text, e.Person = e.Text+"啊", rng.IntN(2) == 0
			own = append(own, e)
		}
	}
	m, lesson, err := bot.Teach(own, p.Lexicons)
	if err != nil || m != nil || lesson.Adopted || lesson.Own == nil {
		t.Errorf("adopted: %+v %v", lesson, err)
	}
}
