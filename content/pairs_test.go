package content_test

import (
	"reflect"
	"strings"
	"testing"

	"yinda/content"
	"yinda/internal/fault"
	"yinda/kb"
)

// next is what the next publication will learn from.
func next(t *testing.T, s *content.Store) []kb.Pair {
	t.Helper()
	set, err := s.Next(t.Context())
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return set.Pairs
}

func publish(t *testing.T, s *content.Store) *content.Set {
	t.Helper()
	edition, err := s.Publish(t.Context(), "fuhe", "提问")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(edition.Close)
	return edition.Set
}

func states(t *testing.T, s *content.Store, question string) (out []string) {
	t.Helper()
	list, err := s.ListPairs(t.Context(), content.PairFilter{Question: question})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		out = append(out, string(p.State)+" "+p.EntryID)
	}
	return out
}

func wantStates(t *testing.T, s *content.Store, question string, want ...string) {
	t.Helper()
	if got := states(t, s, question); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %q, want %q", question, got, want)
	}
}

// An agent's confirmation counts after an editor has approved it, and from the next generation on.
func TestAgentsPairWaitsForAnEditor(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		ctx, a, b := t.Context(), set.Entries[0].ID, set.Entries[1].ID
		const q = "我那个咋弄"
		p, err := s.Propose(ctx, "kefu", "  我那个\n咋弄 ", a)
		if err != nil || p.Question != "我那个 咋弄" || p.State != content.PairPending || p.Title != set.Entries[0].Question {
			t.Fatalf("proposed %+v, %v", p, err)
		}
		if p, err = s.Propose(ctx, "kefu", q, a); err != nil {
			t.Fatal(err)
		}
		if got := next(t, s); got != nil {
			t.Errorf("what nobody approved counts: %v", got)
		}
		// The agent thinks better of it: the later word replaces the first.
		if p, err = s.Propose(ctx, "kefu", q, b); err != nil {
			t.Fatal(err)
		}
		wantStates(t, s, q, "pending "+b)
		approved, err := s.ApprovePair(ctx, "bianji", p.ID)
		if err != nil || approved.State != content.PairApproved || approved.ConfirmedBy != "kefu" || approved.ApprovedBy != "bianji" || approved.ApprovedAt == 0 {
			t.Fatalf("approved %+v, %v", approved, err)
		}
		_, err = s.ApprovePair(ctx, "bianji", p.ID)
		wantKind(t, "approving twice", err, fault.NotFound)
		if got := next(t, s); !reflect.DeepEqual(got, []kb.Pair{{Question: q, EntryID: b}}) {
			t.Errorf("next generation learns from %v", got)
		}
		if now, _ := s.Load(ctx, 0); len(now.Pairs) != 0 {
			t.Errorf("generation 1 learns from %v", now.Pairs)
		}
		if got := publish(t, s); got.Generation != 2 || len(got.Pairs) != 1 {
			t.Errorf("published generation %d with %v", got.Generation, got.Pairs)
		}
		wantStates(t, s, q, "published "+b)
		// The same once more changes nothing; another entry waits beside what serves.
		if p, err = s.Propose(ctx, "kefu", q, b); err != nil || p.State != content.PairPublished {
			t.Errorf("the same again: %+v %v", p, err)
		}
		if _, err := s.Propose(ctx, "kefu", q, ""); err != nil {
			t.Fatal(err)
		}
		wantStates(t, s, q, "pending ", "published "+b)
		wantKind(t, "taking back what is not one's own", s.TakeBack(ctx, "bieren", q), fault.Conflict)
		if err := s.TakeBack(ctx, "kefu", q); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "taking back twice", s.TakeBack(ctx, "kefu", q), fault.Conflict)
		wantStates(t, s, q, "published "+b)
		if now, _ := s.Load(ctx, 1); len(now.Pairs) != 0 {
			t.Errorf("generation 1 has learned later: %v", now.Pairs)
		}
	})
}

// An editor's confirmation needs no other editor; the reviewer who publishes is the second person.
func TestEditorsPairs(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		ctx, a, b := t.Context(), set.Entries[0].ID, set.Entries[1].ID
		for q, id := range map[string]string{"甲的问题": a, "乙的问题": b, "北京天气": ""} {
			if _, err := s.Confirm(ctx, "bianji", q, id); err != nil {
				t.Fatal(err)
			}
		}
		set2 := publish(t, s)
		if want := []kb.Pair{{Question: "乙的问题", EntryID: b}, {Question: "北京天气"}, {Question: "甲的问题", EntryID: a}}; !reflect.DeepEqual(set2.Pairs, want) {
			t.Errorf("generation 2 learns from %v", set2.Pairs)
		}
		loaded, err := s.Load(ctx, 2)
		if err != nil || !reflect.DeepEqual(loaded.Pairs, set2.Pairs) {
			t.Errorf("loaded %v, published %v, %v", loaded.Pairs, set2.Pairs, err)
		}
		// Another answer to the same question takes the place of the first one with the next publication.
		if _, err := s.Confirm(ctx, "bianji", "甲的问题", b); err != nil {
			t.Fatal(err)
		}
		wantStates(t, s, "甲的问题", "approved "+b, "published "+a)
		// Removed, restored, removed.
		list, _ := s.ListPairs(ctx, content.PairFilter{Query: "天气"})
		if len(list) != 1 {
			t.Fatalf("found %v", list)
		}
		id := list[0].ID
		for _, step := range []func() (content.Pair, error){
			func() (content.Pair, error) { return s.RemovePair(ctx, id) },
			func() (content.Pair, error) { return s.RestorePair(ctx, id) },
			func() (content.Pair, error) { return s.RemovePair(ctx, id) },
		} {
			if _, err := step(); err != nil {
				t.Fatal(err)
			}
		}
		_, err = s.RemovePair(ctx, id)
		wantKind(t, "removing twice", err, fault.Conflict)
		wantStates(t, s, "北京天气", "leaving ")
		if now, _ := s.Load(ctx, 0); len(now.Pairs) != 3 {
			t.Errorf("a removal counts before it is published: %v", now.Pairs)
		}
		if got := publish(t, s).Pairs; !reflect.DeepEqual(got, []kb.Pair{{Question: "乙的问题", EntryID: b}, {Question: "甲的问题", EntryID: b}}) {
			t.Errorf("generation 3 learns from %v", got)
		}
		if before, _ := s.Load(ctx, 2); !reflect.DeepEqual(before.Pairs, set2.Pairs) {
			t.Errorf("generation 2 now learns from %v", before.Pairs)
		}
		// What was never published simply goes.
		p, err := s.Confirm(ctx, "bianji", "丙的问题", a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.RemovePair(ctx, p.ID); err != nil {
			t.Fatal(err)
		}
		wantStates(t, s, "丙的问题")
		_, err = s.RestorePair(ctx, p.ID)
		wantKind(t, "restoring what is gone", err, fault.NotFound)
		counts, err := s.CountPairs(ctx)
		if err != nil || counts[content.PairPublished] != 2 || counts[content.PairSuperseded] != 2 || counts[content.PairLeaving] != 0 {
			t.Errorf("counts %v %v", counts, err)
		}
	})
}

func TestPairsAreMaskedAndChecked(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		ctx, a := t.Context(), set.Entries[0].ID
		p, err := s.Propose(ctx, "kefu", "我手机13812345678收不到验证码，密码是abc123456，怎么办", a)
		if err != nil || strings.Contains(p.Question, "13812345678") || strings.Contains(p.Question, "abc123456") {
			t.Fatalf("stored %q, %v", p.Question, err)
		}
		if _, err := s.ApprovePair(ctx, "bianji", p.ID); err != nil {
			t.Errorf("a masked question cannot be approved: %v", err)
		}
		for what, bad := range map[string][2]string{
			"no words": {"？？…", a}, "too long": {strings.Repeat("问", 501), a}, "control characters": {"怎么\x00挂失", a},
		} {
			_, err := s.Confirm(ctx, "bianji", bad[0], bad[1])
			wantKind(t, what, err, fault.Invalid)
		}
		_, err = s.Confirm(ctx, "bianji", "问题", "NONE-1")
		wantKind(t, "an unknown entry", err, fault.NotFound)
		_, err = s.RemovePair(ctx, "none")
		wantKind(t, "an unknown pair", err, fault.NotFound)
	})
}

func TestPairsArePaged(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		for _, q := range []string{"问题一", "问题二", "问题三"} {
			if _, err := s.Confirm(t.Context(), "bianji", q, ""); err != nil {
				t.Fatal(err)
			}
		}
		var seen []string
		before := ""
		for range 4 {
			list, err := s.ListPairs(t.Context(), content.PairFilter{Limit: 2, Before: before, State: content.PairApproved})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				seen, before = append(seen, p.Question), p.ID
			}
		}
		if !reflect.DeepEqual(seen, []string{"问题三", "问题二", "问题一"}) {
			t.Errorf("seen %q", seen)
		}
	})
}

// A publication and every later start must build the same index, or the learned model is worthless.
func TestPublishedOrderIsLoadedOrder(t *testing.T) {
	eachStore(t, func(t *testing.T, s *content.Store, set *content.Set) {
		e := set.Entries[0]
		e.Similar = append(e.Similar, "还有一种说法")
		if _, _, err := s.SaveDraft(t.Context(), "bianji", content.KindEntry, body(t, e), 1, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Submit(t.Context(), content.KindEntry, e.ID, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Approve(t.Context(), "fuhe", content.KindEntry, e.ID); err != nil {
			t.Fatal(err)
		}
		published := publish(t, s)
		loaded, err := s.Load(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(body(t, loaded.Entries)), string(body(t, published.Entries)); got != want {
			t.Errorf("loaded in another order than published:\n%s\n%s", got, want)
		}
	})
}
