package content

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"yinda/internal/db"
	"yinda/internal/fault"
)

// Publish gives everything approved, confirmed questions included, one new generation number. The
// edition of the new generation is built before anything is written: content that cannot serve is
// refused, and the old generation goes on. The caller swaps the returned edition in and tells the
// other nodes.
func (s *Store) Publish(ctx context.Context, by, note string) (*Edition, error) {
	set, approved, pairs, err := s.next(ctx)
	if err != nil {
		return nil, err
	}
	before := &Set{}
	if set.Generation > 1 {
		if before, err = s.Load(ctx, set.Generation-1); err != nil {
			return nil, err
		}
	}
	if err := set.teach(before, s.clock()); err != nil {
		return nil, err
	}
	edition, err := NewEdition(ctx, set, s.clock())
	if err != nil {
		return nil, err
	}
	if err := s.record(ctx, edition, by, note, approved, pairs); err != nil {
		edition.Close()
		return nil, err
	}
	return edition, nil
}

// Next is the content that a publication would put in service now. Conflict nothing_to_publish when
// nothing waits for it.
func (s *Store) Next(ctx context.Context) (*Set, error) {
	set, _, _, err := s.next(ctx)
	return set, err
}

func (s *Store) next(ctx context.Context) (set *Set, approved []Version, pairs pairChange, err error) {
	current, err := s.Current(ctx)
	if err != nil {
		return nil, nil, pairs, err
	}
	if approved, err = s.versions(ctx, `WHERE state = ? ORDER BY kind, id, version`, StateApproved); err != nil {
		return nil, nil, pairs, err
	}
	if pairs, err = s.nextPairs(ctx); err != nil {
		return nil, nil, pairs, err
	}
	if len(approved)+pairs.count() == 0 {
		return nil, nil, pairs, fault.New(fault.Conflict, "nothing_to_publish", "没有已复核通过、等待发布的内容。")
	}
	if set, err = s.proposed(ctx, current, current+1, approved); err != nil {
		return nil, nil, pairs, err
	}
	set.Pairs = pairs.serving
	return set, approved, pairs, nil
}

// proposed is the content of the current generation with the approved versions over it.
func (s *Store) proposed(ctx context.Context, current, generation int64, approved []Version) (*Set, error) {
	serving, err := s.versions(ctx, `WHERE state = ? AND withdrawn = 0 ORDER BY kind, id`, StatePublished)
	if err != nil {
		return nil, err
	}
	for _, v := range approved {
		serving = slices.DeleteFunc(serving, func(old Version) bool { return old.Kind == v.Kind && old.ID == v.ID })
		if !v.Withdrawn {
			serving = append(serving, v)
		}
	}
	return s.assemble(ctx, generation, serving)
}

// record writes the generation in one transaction. Two publications at once: the second one finds
// its number taken and fails with Conflict.
func (s *Store) record(ctx context.Context, edition *Edition, by, note string, approved []Version, pairs pairChange) error {
	generation, model := edition.Set.Generation, edition.Index.Model()
	now := db.Micros(s.clock())
	return s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`INSERT INTO content_generation (generation, published_at, published_by, note, changes, model, understanding, lesson)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (generation) DO NOTHING`, generation, now, by, note, len(approved)+pairs.count(), model,
			edition.Set.Understanding, lessonJSON(edition.Set.Lesson))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "published_meanwhile", "其他同事刚刚发布了新内容，请刷新后再发布。")
		}
		for _, v := range approved {
			if _, err := tx.Exec(`UPDATE content_version SET state = ?, to_generation = ? WHERE kind = ? AND id = ? AND state = ?`,
				StateSuperseded, generation, v.Kind, v.ID, StatePublished); err != nil {
				return err
			}
			n, err := tx.Exec(`UPDATE content_version SET state = ?, from_generation = ? WHERE kind = ? AND id = ? AND version = ? AND state = ?`,
				StatePublished, generation, v.Kind, v.ID, v.Version, StateApproved)
			if err != nil {
				return err
			}
			if n == 0 {
				return fault.New(fault.Conflict, "moved_meanwhile", fmt.Sprintf("%s刚被其他同事退回，请刷新后再发布。", v.Title))
			}
		}
		return pairs.record(tx, generation)
	})
}

// Draft is an edition with one draft over the published content, for the test bench: what would the
// bot say with it? The caller closes it.
func (s *Store) Draft(ctx context.Context, kind Kind, body json.RawMessage) (*Edition, error) {
	current, err := s.Current(ctx)
	if err != nil {
		return nil, err
	}
	body, _ = tidied(kind, body)
	id, err := bodyID(kind, body)
	if err != nil {
		return nil, err
	}
	set, err := s.proposed(ctx, current, current, []Version{{Kind: kind, ID: id, Body: body}})
	if err != nil {
		return nil, err
	}
	// Teaching takes seconds and happens at publication: a draft is tried with the model that serves.
	published, err := s.Load(ctx, current)
	if err != nil {
		return nil, err
	}
	set.Examples, set.Understanding, set.Lesson = published.Examples, published.Understanding, published.Lesson
	return NewEdition(ctx, set, s.clock())
}
