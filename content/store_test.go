package content_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/fault"
)

// small is a set that compiles fast: the starter's lists with three entries.
func small(t testing.TB) *content.Set {
	set := starter(t)
	set.Entries, set.Model = set.Entries[:3], nil
	return set
}

func eachStore(t *testing.T, fn func(t *testing.T, s *content.Store, set *content.Set)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := content.NewStore(d, time.Now)
		set := small(t)
		if seeded, err := s.Seed(t.Context(), set); err != nil || !seeded {
			t.Fatalf("seed: %v %v", seeded, err)
		}
		fn(t, s, set)
	})
}

func body(t testing.TB, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != kind {
		t.Errorf("%s: got %v, want %s", what, err, kind)
	}
}

func TestSeedHappensOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if again, err := s.Seed(context.Background(), set); err != nil || again {
					t.Errorf("second seed: %v %v", again, err)
				}
			})
		}
		wg.Wait()
		got, err := s.Load(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got.Generation != 1 || len(got.Entries) != 3 || len(got.Scripts) != len(set.Scripts) || got.Policy != set.Policy {
			t.Errorf("loaded generation %d with %d entries, %d scripts", got.Generation, len(got.Entries), len(got.Scripts))
		}
	})
}

// TestMakerCheckerPublish walks one change from draft to the bot's mouth and back.
func TestMakerCheckerPublish(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		ctx := t.Context()
		e := set.Entries[0]
		old := e.Answer.Conclusion
		e.Answer.Conclusion = "这是复核后的新答案，请携带有效身份证件办理。"
		item, findings, err := s.SaveDraft(ctx, "bianji", content.KindEntry, body(t, e), 1, nil)
		if err != nil || item.Version != 2 || item.State != content.StateDraft || item.PublishedVersion != 1 {
			t.Fatalf("draft: %+v %v %v", item, findings, err)
		}
		_, err = s.Publish(ctx, "fuhe", "")
		wantKind(t, "publishing a draft", err, fault.Conflict)
		wantKind(t, "approving a draft", s.Approve(ctx, "fuhe", content.KindEntry, e.ID), fault.Conflict)
		if err := s.Submit(ctx, content.KindEntry, e.ID, nil); err != nil {
			t.Fatal(err)
		}
		_, _, err = s.SaveDraft(ctx, "bianji", content.KindEntry, body(t, e), 2, nil)
		wantKind(t, "editing under review", err, fault.Conflict)
		wantKind(t, "approving one's own work", s.Approve(ctx, "bianji", content.KindEntry, e.ID), fault.Forbidden)
		if err := s.Approve(ctx, "fuhe", content.KindEntry, e.ID); err != nil {
			t.Fatal(err)
		}
		edition, err := s.Publish(ctx, "fuhe", "改答案")
		if err != nil {
			t.Fatal(err)
		}
		defer edition.Close()
		if a := edition.Playbook.Answers[e.ID]; !strings.Contains(a.Text, "复核后的新答案") || a.Version != 2 || a.Approver != "fuhe" {
			t.Errorf("generation 2 says %+v", a)
		}
		// What would we have said before?
		before, err := s.Load(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		if was, _ := before.Entry(e.ID); was.Answer.Conclusion != old {
			t.Errorf("generation 1 now says %q", was.Answer.Conclusion)
		}
		if gens, err := s.Generations(ctx); err != nil || len(gens) != 2 || gens[0].By != "fuhe" || gens[0].Changes != 1 {
			t.Errorf("generations %+v %v", gens, err)
		}
		// And back.
		if err := s.Rollback(ctx, "bianji", content.KindEntry, e.ID, 1); err != nil {
			t.Fatal(err)
		}
		release(t, s, e.ID)
		now, err := s.Load(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := now.Entry(e.ID); now.Generation != 3 || got.Answer.Conclusion != old || now.Origin[e.ID].Version != 3 {
			t.Errorf("after rollback generation %d, version %d: %q", now.Generation, now.Origin[e.ID].Version, got.Answer.Conclusion)
		}
	})
}

// release submits (where needed), approves and publishes an entry.
func release(t *testing.T, s *content.Store, id string) {
	t.Helper()
	ctx := t.Context()
	item, _, err := s.Get(ctx, content.KindEntry, id)
	if err != nil {
		t.Fatal(err)
	}
	if item.State == content.StateDraft {
		if err := s.Submit(ctx, content.KindEntry, id, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Approve(ctx, "fuhe", content.KindEntry, id); err != nil {
		t.Fatal(err)
	}
	edition, err := s.Publish(ctx, "fuhe", "")
	if err != nil {
		t.Fatal(err)
	}
	edition.Close()
}

func TestWithdrawTakesAnEntryOutOfService(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		ctx, id := t.Context(), set.Entries[1].ID
		if err := s.Withdraw(ctx, "bianji", content.KindEntry, id, "业务停办"); err != nil {
			t.Fatal(err)
		}
		if now, _ := s.Load(ctx, 0); len(now.Entries) != 3 {
			t.Error("a withdrawal serves before it is reviewed and published")
		}
		release(t, s, id)
		now, err := s.Load(ctx, 0)
		if err != nil || len(now.Entries) != 2 {
			t.Errorf("%d entries serve, %v; want 2", len(now.Entries), err)
		}
		item, _, err := s.Get(ctx, content.KindEntry, id)
		if err != nil || item.State != content.StateWithdrawn || item.PublishedVersion != 0 {
			t.Errorf("item %+v %v", item, err)
		}
		wantKind(t, "withdrawing twice", s.Withdraw(ctx, "bianji", content.KindEntry, id, ""), fault.Conflict)
	})
}

func TestTwoEditorsDoNotOverwriteEachOther(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		e := set.Entries[0]
		if _, _, err := s.SaveDraft(t.Context(), "jia", content.KindEntry, body(t, e), 1, nil); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.SaveDraft(t.Context(), "yi", content.KindEntry, body(t, e), 1, nil)
		wantKind(t, "saving over a newer version", err, fault.Conflict)
		_, _, err = s.SaveDraft(t.Context(), "yi", content.KindEntry, body(t, e), 0, nil)
		wantKind(t, "a new item with a used id", err, fault.Conflict)
	})
}

func TestTwoPublicationsAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		e := set.Entries[2]
		e.Answer.Note = "补充说明。"
		if _, _, err := s.SaveDraft(t.Context(), "jia", content.KindEntry, body(t, e), 1, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Submit(t.Context(), content.KindEntry, e.ID, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Approve(t.Context(), "yi", content.KindEntry, e.ID); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		errs := make(chan error, 3)
		for range cap(errs) {
			wg.Go(func() {
				edition, err := s.Publish(context.Background(), "yi", "")
				if err == nil {
					edition.Close()
				}
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		won := 0
		for err := range errs {
			if err == nil {
				won++
			} else if fault.KindOf(err) != fault.Conflict {
				t.Errorf("lost with %v", err)
			}
		}
		if g, _ := s.Current(t.Context()); won != 1 || g != 2 {
			t.Errorf("%d publications won, generation %d; want one and 2", won, g)
		}
	})
}

// TestBrokenContentIsRefused: errors stop a submission, and content that does not compile stops a
// publication without touching what serves.
func TestBrokenContentIsRefused(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		ctx := t.Context()
		e := set.Entries[0]
		e.Answer.Conclusion = "手续费为{no_such_fact}。"
		e.Answer.Steps = []string{"一", "二", "三", "四", "五", "六"}
		_, findings, err := s.SaveDraft(ctx, "jia", content.KindEntry, body(t, e), 1, guard(t, set))
		if err != nil || len(findings) < 2 {
			t.Errorf("findings %+v, %v", findings, err)
		}
		wantKind(t, "submitting a draft with errors", s.Submit(ctx, content.KindEntry, e.ID, nil), fault.Invalid)
		l := bot.Lexicon{ID: "broken", Kind: "promise", Patterns: []string{"("}}
		if _, _, err := s.SaveDraft(ctx, "jia", content.KindLexicon, body(t, l), 0, nil); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "submitting a broken pattern", s.Submit(ctx, content.KindLexicon, "broken", nil), fault.Invalid)
		_, _, err = s.SaveDraft(ctx, "jia", content.KindEntry, json.RawMessage(`{"id":"a b"}`), 0, nil)
		wantKind(t, "a bad id", err, fault.Invalid)
	})
}

func TestExchangeFormats(t *testing.T) {
	set := small(t)
	for _, format := range []string{"xlsx", "tsv", "yaml"} {
		var file bytes.Buffer
		if err := content.WriteEntries(&file, set.Entries, format); err != nil {
			t.Fatal(err)
		}
		got, err := content.ReadEntries("entries."+format, &file)
		if err != nil {
			t.Fatal(format, err)
		}
		if a, b := string(body(t, got)), string(body(t, set.Entries)); a != b {
			t.Errorf("%s changed the entries:\n%s\n%s", format, a, b)
		}
	}
	for _, c := range []struct{ name, data, want string }{
		{"a.tsv", "编号\t标准问\n", "结论"},
		{"a.tsv", "编号\t标准问\t结论\t乱写\n", "第1行第4列"},
		{"a.tsv", "编号\t标准问\t结论\nA1\t问\t答\nA1\t问\t答\n", "第3行"},
		{"a.tsv", "编号\t标准问\t结论\nA1\t\xff问\t答\n", "第2行第4列"},
		{"a.xlsx", "not a spreadsheet", "Excel"},
		{"a.yaml", "- id: A1\n  quesion: x\n", "line 2"},
		{"a.doc", "", ".doc"},
	} {
		_, err := content.ReadEntries(c.name, strings.NewReader(c.data))
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %s", c.name, c.data, err, c.want)
		}
	}
}

func TestSpreadsheetCellsAreNeverFormulas(t *testing.T) {
	e := small(t).Entries[:1]
	e[0].Similar = []string{`=HYPERLINK("http://evil")`}
	var file bytes.Buffer
	if err := content.WriteEntries(&file, e, "xlsx"); err != nil {
		t.Fatal(err)
	}
	got, err := content.ReadEntries("e.xlsx", bytes.NewReader(file.Bytes()))
	if err != nil || got[0].Similar[0] != e[0].Similar[0] {
		t.Errorf("%v %v", got, err)
	}
}
