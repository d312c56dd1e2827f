package content

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"yinda/internal/db"
	"yinda/internal/fault"
	"yinda/kb"
)

// Publish gives everything approved one new generation number. The edition of the new generation is
// built before anything is written: content that cannot serve is refused, and the old generation
// goes on. The caller swaps the returned edition in and tells the other nodes.
func (s *Store) Publish(ctx context.Context, by, note string) (*Edition, error) {
	current, err := s.Current(ctx)
	if err != nil {
		return nil, err
	}
	approved, err := s.versions(ctx, `WHERE state = ? ORDER BY kind, id, version`, StateApproved)
	if err != nil {
		return nil, err
	}
	if len(approved) == 0 {
		return nil, fault.New(fault.Conflict, "nothing_to_publish", "没有已复核通过、等待发布的内容。")
	}
	generation := current + 1
	set, err := s.proposed(ctx, current, generation, approved)
	if err != nil {
		return nil, err
	}
	edition, err := NewEdition(ctx, set, s.clock())
	if err != nil {
		return nil, err
	}
	if err := s.record(ctx, edition, by, note, approved); err != nil {
		edition.Close()
		return nil, err
	}
	return edition, nil
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
func (s *Store) record(ctx context.Context, edition *Edition, by, note string, approved []Version) error {
	generation, model := edition.Set.Generation, edition.Index.Model()
	now := db.Micros(s.clock())
	return s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`INSERT INTO content_generation (generation, published_at, published_by, note, changes, model)
			VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (generation) DO NOTHING`, generation, now, by, note, len(approved), model)
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
		return nil
	})
}

// Draft is an edition with one draft over the published content, for the test bench: what would the
// bot say with it? The caller closes it.
func (s *Store) Draft(ctx context.Context, kind Kind, body json.RawMessage) (*Edition, error) {
	current, err := s.Current(ctx)
	if err != nil {
		return nil, err
	}
	id, err := bodyID(kind, body)
	if err != nil {
		return nil, err
	}
	set, err := s.proposed(ctx, current, current, []Version{{Kind: kind, ID: id, Body: body}})
	if err != nil {
		return nil, err
	}
	return NewEdition(ctx, set, s.clock())
}

// Confirm records that a customer's question belongs to an entry ("" : none answers it). The
// ranking learns from it with the next generation.
func (s *Store) Confirm(ctx context.Context, by, question, entryID string) error {
	_, err := s.db.Exec(ctx, `INSERT INTO content_pair (question, entry_id, confirmed_by, confirmed_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (question) DO UPDATE SET entry_id = excluded.entry_id, confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at`,
		question, entryID, by, db.Micros(s.clock()))
	return err
}

// Pairs returns the confirmed questions.
func (s *Store) Pairs(ctx context.Context) ([]kb.Pair, error) {
	rows, err := s.db.Query(ctx, `SELECT question, entry_id FROM content_pair ORDER BY question`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var pairs []kb.Pair
	for rows.Next() {
		var p kb.Pair
		if err := rows.Scan(&p.Question, &p.EntryID); err != nil {
			return nil, db.Explain(err)
		}
		pairs = append(pairs, p)
	}
	return pairs, db.Explain(rows.Err())
}
