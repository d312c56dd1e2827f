package content_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/text"
)

func starter(t testing.TB) *content.Set {
	t.Helper()
	set, err := content.Starter()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// guard lints drafts as the console does.
func guard(t testing.TB, set *content.Set) content.Linter {
	t.Helper()
	g, err := bot.NewGuard(set.Playbook(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) bot.Verdict { return g.Check(text, bot.SpeakerDraft) }
}

// TestStarterCoversAllTopics holds issue 2 point 4: 120 topics, each with at least eight similar
// questions, an answer, and ids that carry the topic number.
func TestStarterCoversAllTopics(t *testing.T) {
	set := starter(t)
	topics := map[string]bool{}
	id := regexp.MustCompile(`^(ACC|DEP|TRF|CC|SEC|LOAN|INV|ELE)-(\d{3})$`)
	for _, e := range set.Entries {
		m := id.FindStringSubmatch(e.ID)
		if m == nil || topics[m[2]] {
			t.Errorf("%s: not a topic id, or its number stands twice", e.ID)
			continue
		}
		topics[m[2]] = true
		if len(e.Similar) < 8 {
			t.Errorf("%s has %d similar questions, want at least 8", e.ID, len(e.Similar))
		}
	}
	for n := 1; n <= 120; n++ {
		if !topics[fmt.Sprintf("%03d", n)] {
			t.Errorf("topic %d has no entry", n)
		}
	}
}

// TestStarterPassesItsOwnChecks: what editors may not submit, we may not ship.
func TestStarterPassesItsOwnChecks(t *testing.T) {
	set := starter(t)
	lint := guard(t, set)
	check := func(kind content.Kind, id string, body any) {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range set.Check(kind, raw, lint) {
			if f.Level == "error" {
				t.Errorf("%s %s %s: %s", kind, id, f.Field, f.Message)
			}
		}
	}
	for _, e := range set.Entries {
		check(content.KindEntry, e.ID, e)
	}
	for _, f := range set.Facts {
		check(content.KindFact, f.ID, f)
	}
	for _, n := range set.Notices {
		check(content.KindNotice, n.ID, n)
	}
	for _, s := range set.Scripts {
		check(content.KindScript, s.ID, s)
	}
	for _, l := range set.Lexicons {
		check(content.KindLexicon, l.ID, l)
	}
	check(content.KindPolicy, "thresholds", set.Policy)
}

// TestStarterHasNoSharedQuestions: one question must not lead to two answers.
func TestStarterHasNoSharedQuestions(t *testing.T) {
	owner := map[string]string{}
	for _, e := range starter(t).Entries {
		for _, q := range append([]string{e.Question}, e.Similar...) {
			folded := text.Fold(q).String()
			if other, ok := owner[folded]; ok && other != e.ID {
				t.Errorf("%q stands in %s and %s", q, other, e.ID)
			}
			owner[folded] = e.ID
		}
	}
}

// TestStarterIDsAreUnique across files of one kind.
func TestStarterIDsAreUnique(t *testing.T) {
	set := starter(t)
	seen := map[string]bool{}
	use := func(kind, id string) {
		if id == "" || seen[kind+id] {
			t.Errorf("%s id %q is empty or stands twice", kind, id)
		}
		seen[kind+id] = true
	}
	for _, f := range set.Facts {
		use("fact", f.ID)
	}
	for _, n := range set.Notices {
		use("notice", n.ID)
	}
	for _, s := range set.Scripts {
		use("script", s.ID)
	}
	for _, l := range set.Lexicons {
		use("lexicon", l.ID)
	}
	for _, l := range set.Laws {
		use("law", l.ID)
	}
}

// TestAnswersAreFilledIn: no {reference} reaches a customer, and placeholders are marked.
func TestAnswersAreFilledIn(t *testing.T) {
	set := starter(t)
	p := set.Playbook(time.Now())
	if len(p.Answers) != len(set.Entries) {
		t.Errorf("%d of %d entries can be said", len(p.Answers), len(set.Entries))
	}
	for id, a := range p.Answers {
		if strings.ContainsAny(a.Text+a.Elderly, "{}") {
			t.Errorf("%s: an unfilled reference in %q", id, a.Text)
		}
	}
	if hotline := p.Facts["hotline"]; !strings.Contains(hotline, "〔示例〕") {
		t.Errorf("the placeholder hotline is shown as %q", hotline)
	}
}

// TestExpiredFactWithdrawsItsAnswers (requirements GV-04).
func TestExpiredFactWithdrawsItsAnswers(t *testing.T) {
	set := starter(t)
	for i := range set.Facts {
		if set.Facts[i].ID == "dep_insurance_limit" {
			set.Facts[i].ValidTo = "2026-12-31"
		}
	}
	at := time.Date(2026, 12, 31, 23, 59, 0, 0, time.FixedZone("CST", 8*3600))
	if _, ok := set.Playbook(at).Answers["DEP-026"]; !ok {
		t.Fatal("DEP-026 should still serve on the last day of its fact")
	}
	next := set.NextChange(at)
	if want := at.Add(time.Minute); !next.Equal(want) {
		t.Errorf("next change %v, want %v", next, want)
	}
	if _, ok := set.Playbook(next).Answers["DEP-026"]; ok {
		t.Error("DEP-026 serves with an expired fact")
	}
	if len(set.Base(next).Entries) != len(set.Base(at).Entries)-len(usersOf(set, "{dep_insurance_limit}")) {
		t.Error("the index still leads to withdrawn answers")
	}
}

func usersOf(set *content.Set, ref string) (ids []string) {
	for _, e := range set.Entries {
		if strings.Contains(e.Text()+e.Elderly, ref) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}
