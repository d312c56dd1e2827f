package content_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/fault"
)

// drum is a turn with a word that only this bank has for complaining.
func drum(branch string) content.Example {
	return content.Example{Text: "我要为" + branch + "支行的事敲大鼓", Emotion: bot.EmotionDissatisfied, ComplaintCategory: bot.CategoryOther, Origin: "c-1"}
}

func messages(findings []content.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.Field + " " + f.Level + " " + f.Message + "\n")
	}
	return b.String()
}

// publishExample takes a draft through review into a generation.
func publishExample(t *testing.T, s *content.Store, id string) *content.Edition {
	t.Helper()
	ctx := t.Context()
	item, _, err := s.Get(ctx, content.KindExample, id)
	if err != nil {
		t.Fatal(err)
	}
	if item.State == content.StateDraft {
		if err := s.Submit(ctx, content.KindExample, id, nil); err != nil {
			t.Fatal(err)
		}
	}
	wantKind(t, "approving one's own example", s.Approve(ctx, "bianji", content.KindExample, id), fault.Forbidden)
	if err := s.Approve(ctx, "fuhe", content.KindExample, id); err != nil {
		t.Fatal(err)
	}
	edition, err := s.Publish(ctx, "fuhe", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(edition.Close)
	return edition
}

// TestExampleIsTaughtWhenItIsPublished walks an example from draft into the bot's understanding, over a
// restart, through a publication of something else, and out again.
func TestExampleIsTaughtWhenItIsPublished(t *testing.T) {
	if testing.Short() {
		t.Skip("trains; make test runs it without the race detector, under which that takes minutes")
	}
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		ctx := t.Context()
		e := drum("城东")
		e.Note = "客户张先生，电话13812345678"
		item, findings, err := s.SaveDraft(ctx, "bianji", content.KindExample, body(t, e), 0, nil)
		if err != nil || !strings.HasPrefix(item.ID, "EX-") || item.Title != e.Text || item.Category != "投诉" || !strings.Contains(messages(findings), "手机号") {
			t.Fatalf("%+v %v %v", item, findings, err)
		}
		if strings.Contains(string(item.Body), "13812345678") {
			t.Fatalf("stored unmasked: %s", item.Body)
		}
		edition := publishExample(t, s, item.ID)
		if lesson := edition.Set.Lesson; lesson == nil || !lesson.Adopted || lesson.Examples != 1 || edition.ModelFault != nil {
			t.Fatalf("%+v %v", lesson, edition.ModelFault)
		}
		// A start loads what was taught, and trains nothing.
		loaded, err := s.Load(ctx, 0)
		if err != nil || len(loaded.Examples) != 1 {
			t.Fatalf("%+v %v", loaded.Examples, err)
		}
		m, why := loaded.UnderstandingModel()
		if why != nil || m == bot.Default() || !bytes.Equal(loaded.Understanding, edition.Set.Understanding) {
			t.Fatalf("after a start: %v", why)
		}
		if before, err := s.Load(ctx, 1); err != nil || len(before.Examples) != 0 || before.Lesson != nil {
			t.Errorf("generation 1 has learned backwards: %+v %v", before.Lesson, err)
		}
		if gens, err := s.Generations(ctx); err != nil || gens[0].Lesson == nil || *gens[0].Lesson != *edition.Set.Lesson || gens[1].Lesson != nil {
			t.Errorf("%+v %v", gens, err)
		}
		// The test bench tries drafts with the model that serves.
		draft, err := s.Draft(ctx, content.KindExample, body(t, drum("城西")))
		if err != nil || draft.ModelFault != nil || len(draft.Set.Examples) != 1 {
			t.Fatalf("%v %v", err, draft)
		}
		draft.Close()
		// Another publication takes the model over.
		if err := s.Withdraw(ctx, "bianji", content.KindEntry, set.Entries[0].ID, "停办"); err != nil {
			t.Fatal(err)
		}
		release(t, s, set.Entries[0].ID)
		if third, err := s.Load(ctx, 3); err != nil || !bytes.Equal(third.Understanding, loaded.Understanding) {
			t.Errorf("generation 3 has another model: %v", err)
		}
		if err := s.Withdraw(ctx, "bianji", content.KindExample, item.ID, "不再需要"); err != nil {
			t.Fatal(err)
		}
		last := publishExample(t, s, item.ID)
		if m, why := last.Set.UnderstandingModel(); m != bot.Default() || why != nil || last.Set.Lesson != nil {
			t.Errorf("retired, but still taught: %v %+v", why, last.Set.Lesson)
		}
	})
}

// TestTaughtModelMayBeLost: the shipped model reads then, and somebody is told.
func TestTaughtModelMayBeLost(t *testing.T) {
	if testing.Short() {
		t.Skip("trains; make test runs it without the race detector, under which that takes minutes")
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := content.NewStore(d, time.Now)
		if _, err := s.Seed(t.Context(), small(t)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reteach(t.Context()); fault.KindOf(err) != fault.Conflict {
			t.Errorf("nothing to teach: %v", err)
		}
		item, _, err := s.SaveDraft(t.Context(), "bianji", content.KindExample, body(t, drum("城东")), 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		publishExample(t, s, item.ID)
		for _, broken := range []any{nil, []byte("not a model")} {
			if _, err := d.Exec(t.Context(), `UPDATE content_generation SET understanding = ? WHERE generation = 2`, broken); err != nil {
				t.Fatal(err)
			}
			set, err := s.Load(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			if m, why := set.UnderstandingModel(); m != bot.Default() || why == nil || !strings.Contains(why.Error(), "yinda train published") {
				t.Errorf("%v: %v", broken, why)
			}
			edition, err := content.NewEdition(t.Context(), set, time.Now())
			if err != nil || edition.ModelFault == nil {
				t.Fatalf("%v %v", err, edition)
			}
			edition.Close()
		}
		// The next publication makes it good, and so does the command.
		entry := small(t).Entries[0].ID
		if err := s.Withdraw(t.Context(), "bianji", content.KindEntry, entry, "停办"); err != nil {
			t.Fatal(err)
		}
		release(t, s, entry)
		if set, err := s.Load(t.Context(), 0); err != nil || set.Generation != 3 {
			t.Fatalf("%v", err)
		} else if _, why := set.UnderstandingModel(); why != nil {
			t.Errorf("after another publication: %v", why)
		}
		if _, err := d.Exec(t.Context(), `UPDATE content_generation SET understanding = NULL WHERE generation = 3`); err != nil {
			t.Fatal(err)
		}
		if lesson, err := s.Reteach(t.Context()); err != nil || !lesson.Adopted {
			t.Fatalf("%+v %v", lesson, err)
		}
		set, err := s.Load(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, why := set.UnderstandingModel(); why != nil {
			t.Errorf("after training anew: %v", why)
		}
		// The model of other examples is not used either.
		set.Examples[0].Emotion = bot.EmotionAngry
		if m, why := set.UnderstandingModel(); m != bot.Default() || why == nil {
			t.Errorf("a model of other examples: %v", why)
		}
	})
}

func TestExamplesAreChecked(t *testing.T) {
	set := small(t)
	old := drum("城东")
	old.ID = "EX-1"
	set.Examples = []content.Example{old}
	good := drum("城西")
	good.ID = "EX-2"
	for want, change := range map[string]func(*content.Example){
		"":                func(*content.Example) {},
		"请填写客户的原话":        func(e *content.Example) { e.Text = " " },
		"最多500字，现有501字":   func(e *content.Example) { e.Text = strings.Repeat("啊", 501) },
		"控制字符":            func(e *content.Example) { e.Text = "转\x00账" },
		"个人信息（手机号）":       func(e *content.Example) { e.Text = "打13812345678给我" },
		"情绪“blue”":        func(e *content.Example) { e.Emotion = "blue" },
		"投诉类别“天气”":        func(e *content.Example) { e.ComplaintCategory = "天气" },
		"紧急类别“fire”":      func(e *content.Example) { e.Urgent = "fire" },
		"EX-1已有同样的话和标注":   func(e *content.Example) { e.Text = "我要为 城东支行的事敲大鼓" },
		"EX-1是同样的话，标注却不同": func(e *content.Example) { e.Text, e.WantsPerson = "我要爲城東支行的事敲大鼓", true },
	} {
		e := good
		change(&e)
		got := messages(set.Check(content.KindExample, body(t, e), nil))
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: got %q", want, got)
		}
	}
	if got := messages(set.Check(content.KindExample, json.RawMessage(`{"id":"a","txt":"x"}`), nil)); !strings.Contains(got, "格式不正确") {
		t.Errorf("unknown field: %s", got)
	}
}

// TestDraftsOfExamplesDoNotContradict: what two editors write at the same time is compared as well.
func TestDraftsOfExamplesDoNotContradict(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, _ *content.Set) {
		ctx := t.Context()
		one := drum("城东")
		if _, _, err := s.SaveDraft(ctx, "jia", content.KindExample, body(t, one), 0, nil); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.SaveDraft(ctx, "yi", content.KindExample, body(t, one), 0, nil)
		wantKind(t, "the same words again", err, fault.Conflict)
		other := drum("城东")
		other.ID, other.WantsPerson = "EX-other", true
		_, findings, err := s.SaveDraft(ctx, "yi", content.KindExample, body(t, other), 0, nil)
		if err != nil || !strings.Contains(messages(findings), "标注却不同") {
			t.Errorf("%v %v", findings, err)
		}
		wantKind(t, "submitting a contradiction", s.Submit(ctx, content.KindExample, "EX-other", nil), fault.Invalid)
	})
}

// TestMaskedExamplesPassTheCheck: what is hidden when a draft is saved must not be found again.
func TestMaskedExamplesPassTheCheck(t *testing.T) {
	file, err := os.ReadFile("../internal/vault/testdata/mask.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var in strings.Builder
	n := 0
	for line := range strings.Lines(string(file)) {
		if text, _, ok := strings.Cut(line, "\t"); ok && line[0] != '#' && strings.TrimSpace(text) != "" {
			in.WriteString(text + "\tneutral\t-\tnone\t0\n")
			n++
		}
	}
	got, err := small(t).ReadTranscripts("mask.tsv", strings.NewReader(in.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got.Refused {
		if strings.Contains(r.Message, "个人信息") {
			t.Errorf("line %d: %s", r.Line, r.Message)
		}
	}
	if n < 300 || len(got.New) < n*9/10 {
		t.Errorf("%d of %d texts taken", len(got.New), n)
	}
}

func TestTranscriptsAreReadLineByLine(t *testing.T) {
	set := small(t)
	old := drum("城东")
	old.ID = "EX-1"
	set.Examples = []content.Example{old}
	in, err := set.ReadTranscripts("dir/turns.tsv", strings.NewReader(strings.Join([]string{
		"\ufeff# text\temotion\tcategory\turgent\tperson",
		"我要为城西支行的事敲大鼓\tdissatisfied\t其他\tnone\t0\r",
		"",
		"我要为城西支行的事敲大鼓\tdissatisfied\t其他\tnone\t0",
		"我要为城东支行的事敲大鼓\tdissatisfied\t其他\tnone\t0",
		"我要为城东支行的事敲大鼓\tangry\t其他\tnone\t0",
		"少了列\tneutral",
		"没有标\tneutral\t-\tnone\t-",
		"半个字\xe4\tneutral\t-\tnone\t0",
		"我的卡13812345678\tneutral\t-\tcard_lost\t1",
		"\tneutral\t-\tnone\t0",
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if len(in.New) != 2 || in.Known != 2 || in.New[0].Origin != "turns.tsv" || in.New[0].ComplaintCategory != "其他" || in.New[0].Urgent != "" ||
		!in.New[1].WantsPerson || in.New[1].Urgent != "card_lost" || strings.Contains(in.New[1].Text, "13812345678") {
		t.Errorf("%+v", in)
	}
	for i, want := range []struct {
		line int
		part string
	}{{6, "EX-1"}, {7, "只有2列"}, {8, "应为1或0"}, {9, "UTF-8"}, {11, "原话"}} {
		if i >= len(in.Refused) || in.Refused[i].Line != want.line || !strings.Contains(in.Refused[i].Message, want.part) {
			t.Fatalf("refused: %+v", in.Refused)
		}
	}
}

func TestExamplesAreExportedAndImported(t *testing.T) {
	one, two := drum("城东"), content.Example{ID: "EX-2", Text: "第一句\n第二句", Emotion: bot.EmotionAngry, Urgent: "card_lost", WantsPerson: true, Note: "备注"}
	one.ID = "EX-1"
	for _, format := range []string{"xlsx", "tsv", "yaml"} {
		var file bytes.Buffer
		if err := content.WriteExamples(&file, []content.Example{one, two}, format); err != nil {
			t.Fatal(err)
		}
		got, err := content.ReadExamples("examples."+format, &file)
		if err != nil || string(body(t, got)) != string(body(t, []content.Example{one, two})) {
			t.Errorf("%s changed the examples: %s %v", format, body(t, got), err)
		}
	}
	got, err := content.ReadExamples("a.tsv", strings.NewReader("客户的话\t情绪\n卡号6222021234567890123丢了\tanxious\n"))
	if err != nil || len(got) != 1 || !strings.HasPrefix(got[0].ID, "EX-") || strings.Contains(got[0].Text, "6222021234567890123") {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := content.ReadExamples("a.tsv", strings.NewReader("客户的话\n你好\n")); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "情绪") {
		t.Errorf("a missing column: %v", err)
	}
	eachStore(t, func(t *testing.T, s *content.Store, _ *content.Set) {
		contrary := one
		contrary.ID, contrary.WantsPerson = "EX-3", true
		done, err := s.ImportExamples(t.Context(), "jia", []content.Example{one, two, contrary})
		if err != nil || done.Added != 3 || !strings.Contains(messages(done.Findings["EX-3"]), "EX-1") {
			t.Errorf("%+v %v", done, err)
		}
		if done, err = s.ImportExamples(t.Context(), "jia", []content.Example{one, two}); err != nil || done.Unchanged != 2 {
			t.Errorf("again: %+v %v", done, err)
		}
	})
}
