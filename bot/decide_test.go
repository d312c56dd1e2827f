package bot_test

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"yinda/bot"
	"yinda/kb"
)

type brokenSearch struct{ noSearch }

func (brokenSearch) Search(context.Context, string, kb.SearchOptions) (kb.Result, error) {
	panic("index gone")
}

// A fault inside never strands the customer: it hands over.
func TestFaultHandsOver(t *testing.T) {
	p, err := starterPlaybook()
	if err != nil {
		t.Fatal(err)
	}
	b, err := bot.New(p, brokenSearch{})
	if err != nil {
		t.Fatal(err)
	}
	d := b.Decide(context.Background(), bot.Course{}, bot.Turn{Text: "转账多久到账"})
	if !d.Escalate || d.Kind != bot.KindHandoff || d.Reason != "fault" || d.Reply.Text() == "" {
		t.Errorf("after a panic: %+v", d)
	}
}

// Whatever is typed, there is a decision, a reply, and candidates that are not null.
func TestAnyInput(t *testing.T) {
	b := starterBot(t)
	for _, text := range []string{"", " ", "\x00", "\xff\xfe投诉", "。。。", "😀", "{{.}}", "<script>", "1", strings.Repeat("人工智能", 5000),
		strings.Repeat("急", 20000), strings.Repeat("a ", 10000), strings.Repeat("我卡丢了。", 4000), strings.Repeat("\n", 20000), "(((((", "\\", "%s%d"} {
		d := b.Decide(context.Background(), bot.Course{}, bot.Turn{Text: text})
		if d.Reply.Text() == "" || d.Candidates == nil || d.Kind == "" {
			t.Errorf("%.20q: %+v", text, d)
		}
		if d.Reason == "fault" {
			t.Errorf("%.20q: fault %v", text, d.Evidence)
		}
	}
}

// Same course and turn, same decision, also from many goroutines; the given course is not changed.
func TestDeterministic(t *testing.T) {
	b := starterBot(t)
	course := bot.Course{Turns: 2, LastText: "转账多久到账", LastReply: "…", Levels: []int{0, 1}, Scripts: map[string]int{"fallback": 1}}
	turn := bot.Turn{Text: "还是不行啊，你们这什么破系统", At: time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)}
	want := b.Decide(context.Background(), course, turn)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			got := b.Decide(context.Background(), course, turn)
			got.Took = want.Took
			if !reflect.DeepEqual(got, want) {
				t.Errorf("another decision: %+v", got)
			}
		})
	}
	wg.Wait()
	if len(course.Scripts) != 1 || course.Scripts["fallback"] != 1 || len(course.Levels) != 2 {
		t.Errorf("the given course was changed: %+v", course)
	}
}

// The identical fallback is never said twice running.
func TestFallbacksDiffer(t *testing.T) {
	b := starterBot(t)
	var course bot.Course
	last := ""
	for _, text := range []string{"月亮有多重呢", "海水为什么是咸的", "恐龙怎么灭绝的", "彩虹有几种颜色"} {
		d := b.Decide(context.Background(), course, bot.Turn{Text: text})
		if d.Reply.Text() == last {
			t.Errorf("said twice: %s", last)
		}
		course, last = d.Course, d.Reply.Text()
	}
}

// Evidence points at the customer's own characters, also behind folding.
func TestEvidencePositions(t *testing.T) {
	text := "你好😀，我要轉 人 工！！"
	d := starterBot(t).Decide(context.Background(), bot.Course{}, bot.Turn{Text: text})
	if !d.WantsPerson || len(d.Evidence) == 0 {
		t.Fatalf("no request found: %+v", d)
	}
	e := d.Evidence[0]
	if got := string([]rune(text)[e.Start:e.End]); !strings.Contains(got, "轉 人 工") {
		t.Errorf("evidence %+v points at %q", e, got)
	}
}

func BenchmarkUnderstand(b *testing.B) {
	t := starterBot(b)
	for b.Loop() {
		t.Understand("你好，我昨天在手机银行转账，到现在还没有到账，麻烦帮我查一下怎么回事")
	}
}

func BenchmarkUnderstandLong(b *testing.B) {
	t := starterBot(b)
	long := strings.Repeat("我的银行卡丢了怎么办，找人工客服投诉你们，急死了。", 800)
	for b.Loop() {
		t.Understand(long)
	}
}

func BenchmarkDecide(b *testing.B) {
	e := edition(b)
	for b.Loop() {
		e.Bot.Decide(context.Background(), bot.Course{}, bot.Turn{Text: "转账多久到账"})
	}
}
