package content

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"yinda/bot"
	"yinda/internal/fault"
)

// teach trains the model of understanding for the examples of a set that is about to be published. The
// model and lesson of the generation before are taken over when nothing that they depend on has changed.
func (s *Set) teach(before *Set, at time.Time) error {
	s.Understanding, s.Lesson = nil, nil
	if len(s.Examples) == 0 {
		return nil
	}
	if why := contradiction(s.Examples); why != "" {
		return fault.New(fault.Conflict, "examples_contradict", why)
	}
	own, lists := turns(s.Examples), s.Playbook(at).Lexicons
	if before.Lesson != nil && before.Lesson.Digest == bot.LessonDigest(own, lists) {
		if _, lost := before.UnderstandingModel(); lost == nil {
			s.Understanding, s.Lesson = before.Understanding, before.Lesson
			return nil
		}
	}
	m, lesson, err := bot.Teach(own, lists)
	if err != nil {
		return err
	}
	s.Lesson = &lesson
	if m == nil {
		return nil
	}
	var b bytes.Buffer
	err = m.Save(&b)
	s.Understanding = b.Bytes()
	return err
}

// UnderstandingModel is the model that reads turns in this generation: the one that was taught the own
// examples when they were published, else the shipped one. fault says why a taught model should be
// there and cannot be used. Nothing is trained.
func (s *Set) UnderstandingModel() (m *bot.Model, fault error) {
	if len(s.Examples) == 0 || s.Lesson != nil && !s.Lesson.Adopted {
		return bot.Default(), nil
	}
	const advice = "using the shipped one; publish again, or run: yinda train published"
	if len(s.Understanding) == 0 {
		return bot.Default(), fmt.Errorf("generation %d has %d examples but no model of understanding; %s", s.Generation, len(s.Examples), advice)
	}
	m, err := bot.LoadModel(bytes.NewReader(s.Understanding))
	if err != nil {
		return bot.Default(), fmt.Errorf("generation %d: %w; %s", s.Generation, err, advice)
	}
	if !m.TaughtFrom(turns(s.Examples)) {
		return bot.Default(), fmt.Errorf("generation %d: the model of understanding was trained from other examples, perhaps by an earlier version of the program; %s", s.Generation, advice)
	}
	return m, nil
}

// Reteach trains the model of understanding of the newest generation anew, from its published examples
// and those of this program, and stores it: after an upgrade of the program. Servers use it from their
// next start or publication on. fault.Conflict with code "no_examples" when none is published.
func (s *Store) Reteach(ctx context.Context) (bot.Lesson, error) {
	set, err := s.Load(ctx, 0)
	if err != nil {
		return bot.Lesson{}, err
	}
	if len(set.Examples) == 0 {
		return bot.Lesson{}, fault.New(fault.Conflict, "no_examples", "没有已发布的例句，机器人使用内置的理解模型，无需训练。")
	}
	if err := set.teach(&Set{}, s.clock()); err != nil {
		return bot.Lesson{}, err
	}
	_, err = s.db.Exec(ctx, `UPDATE content_generation SET understanding = ?, lesson = ? WHERE generation = ?`,
		set.Understanding, lessonJSON(set.Lesson), set.Generation)
	return *set.Lesson, err
}

// lessonJSON is a lesson as it is stored, "" for none.
func lessonJSON(l *bot.Lesson) string {
	if l == nil {
		return ""
	}
	raw, err := json.Marshal(l)
	if err != nil {
		return "" // numbers only: cannot happen
	}
	return string(raw)
}

func readLesson(stored string) (*bot.Lesson, error) {
	if stored == "" {
		return nil, nil
	}
	l := &bot.Lesson{}
	return l, json.Unmarshal([]byte(stored), l)
}

// checkedAgainst is what a draft of a kind is checked against: the published content, and of examples
// the newest version of each, for a new one must not contradict a draft either.
func (s *Store) checkedAgainst(ctx context.Context, kind Kind) (*Set, error) {
	set, err := s.Load(ctx, 0)
	if err != nil || kind != KindExample {
		return set, err
	}
	versions, err := s.versions(ctx, `WHERE kind = ? AND withdrawn = 0 AND version = (SELECT MAX(n.version) FROM content_version n
		WHERE n.kind = content_version.kind AND n.id = content_version.id) ORDER BY id`, KindExample)
	if err != nil {
		return nil, err
	}
	set.Examples = nil
	for _, v := range versions {
		if err := appendJSON(&set.Examples, v.Body); err != nil {
			return nil, fmt.Errorf("example %s: %w", v.ID, err)
		}
	}
	return set, nil
}
