package content

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"yinda/bot"
	"yinda/internal/db"
	"yinda/internal/fault"
)

// State of a version.
//
//	draft → in_review → approved → published → superseded
//	  ↑         │
//	  └ rejected┘
type State string

// The states. An item whose published version takes it out of service shows as StateWithdrawn.
const (
	StateDraft      State = "draft"
	StateInReview   State = "in_review"
	StateRejected   State = "rejected"
	StateApproved   State = "approved"
	StatePublished  State = "published"
	StateSuperseded State = "superseded"
	StateWithdrawn  State = "withdrawn"
)

// Version is one version of an item.
type Version struct {
	Kind           Kind            `json:"kind"`
	ID             string          `json:"id"`
	Version        int             `json:"version"`
	State          State           `json:"state"`
	Withdrawn      bool            `json:"withdrawn"` // takes the item out of service when published
	Title          string          `json:"title"`
	Category       string          `json:"category"`
	ReviewDue      string          `json:"review_due"`
	Author         string          `json:"author"`
	Reviewer       string          `json:"reviewer"`
	Note           string          `json:"note"` // reason of a rejection or of a withdrawal
	At             int64           `json:"at"`   // microseconds UTC of the last save
	ApprovedAt     int64           `json:"approved_at"`
	FromGeneration int64           `json:"from_generation"` // 0: never published
	ToGeneration   int64           `json:"to_generation"`   // 0: still serving, or never published
	Body           json.RawMessage `json:"body,omitempty"`
}

// Item is the newest version of an item with what is published of it.
type Item struct {
	Kind             Kind            `json:"kind"`
	ID               string          `json:"id"`
	Title            string          `json:"title"`
	Category         string          `json:"category"`
	State            State           `json:"state"`
	Version          int             `json:"version"`
	PublishedVersion int             `json:"published_version"` // 0: not in service
	Author           string          `json:"author"`
	Reviewer         string          `json:"reviewer"`
	UpdatedAt        int64           `json:"updated_at"` // microseconds UTC
	ReviewDue        string          `json:"review_due"`
	Note             string          `json:"note,omitempty"`
	Body             json.RawMessage `json:"body,omitempty"`
}

// Generation is one publication.
type Generation struct {
	Generation int64  `json:"generation"`
	At         int64  `json:"at"` // microseconds UTC
	By         string `json:"by"`
	Note       string `json:"note"`
	Changes    int    `json:"changes"`

	Lesson *bot.Lesson `json:"lesson,omitempty"` // what understanding learned; nil: no examples of the bank's own
}

// Store keeps every version of all content in the database.
type Store struct {
	db    *db.DB
	clock func() time.Time
}

// NewStore uses an open database; clock is time.Now outside tests.
func NewStore(d *db.DB, clock func() time.Time) *Store { return &Store{db: d, clock: clock} }

const versionColumns = `kind, id, version, state, withdrawn, title, category, review_due, author, reviewer, note,
	created_at, COALESCE(approved_at, 0), COALESCE(from_generation, 0), COALESCE(to_generation, 0), body`

func scanVersion(row interface{ Scan(...any) error }) (Version, error) {
	var v Version
	var withdrawn int
	var body string
	err := row.Scan(&v.Kind, &v.ID, &v.Version, &v.State, &withdrawn, &v.Title, &v.Category, &v.ReviewDue, &v.Author,
		&v.Reviewer, &v.Note, &v.At, &v.ApprovedAt, &v.FromGeneration, &v.ToGeneration, &body)
	v.Withdrawn, v.Body = withdrawn != 0, json.RawMessage(body)
	return v, err
}

// Current is the number of the newest generation, 0 when nothing has been published.
func (s *Store) Current(ctx context.Context) (int64, error) {
	var g int64
	err := s.db.QueryRow(ctx, `SELECT COALESCE(MAX(generation), 0) FROM content_generation`).Scan(&g)
	return g, db.Explain(err)
}

// Load reads the content of a generation; 0 means the newest. Old generations stay readable for ever.
func (s *Store) Load(ctx context.Context, generation int64) (*Set, error) {
	newest, err := s.Current(ctx)
	if err != nil {
		return nil, err
	}
	if generation == 0 {
		generation = newest
	}
	if generation < 1 || generation > newest {
		return nil, fault.New(fault.NotFound, "no_generation", fmt.Sprintf("没有第%d版内容，最新为第%d版。", generation, newest))
	}
	versions, err := s.versions(ctx, `WHERE from_generation <= ? AND (to_generation IS NULL OR to_generation > ?) AND withdrawn = 0
		ORDER BY kind, id`, generation, generation)
	if err != nil {
		return nil, err
	}
	set, err := s.assemble(ctx, generation, versions)
	if err != nil {
		return nil, err
	}
	var lesson string
	err = s.db.QueryRow(ctx, `SELECT model, understanding, lesson FROM content_generation WHERE generation = ?`, generation).
		Scan(&set.Model, &set.Understanding, &lesson)
	if err != nil {
		return nil, db.Explain(err)
	}
	set.Lesson, err = readLesson(lesson)
	return set, err
}

func (s *Store) versions(ctx context.Context, where string, args ...any) ([]Version, error) {
	rows, err := s.db.Query(ctx, `SELECT `+versionColumns+` FROM content_version `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Version
	for rows.Next() {
		v, err := scanVersion(rows)
		if err != nil {
			return nil, db.Explain(err)
		}
		list = append(list, v)
	}
	return list, db.Explain(rows.Err())
}

// assemble makes a set from the versions that serve in a generation.
func (s *Store) assemble(ctx context.Context, generation int64, versions []Version) (*Set, error) {
	starter, err := Starter() // the controlled list of laws is part of the program
	if err != nil {
		return nil, err
	}
	set := &Set{Generation: generation, Laws: starter.Laws, Policy: starter.Policy, Origin: map[string]Origin{}}
	// The order decides what the index learns, and whether a learned model fits: databases sort text
	// differently, and a publication appends what it replaces.
	slices.SortStableFunc(versions, func(a, b Version) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	for _, v := range versions {
		if err := set.add(v); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "content_unreadable",
				fmt.Sprintf("内容 %s/%s 第%d版无法读取。", v.Kind, v.ID, v.Version))
		}
	}
	set.Pairs, err = s.Pairs(ctx, generation)
	return set, err
}

func (s *Set) add(v Version) error {
	switch v.Kind {
	case KindEntry:
		var e Entry
		if err := json.Unmarshal(v.Body, &e); err != nil {
			return err
		}
		s.Entries = append(s.Entries, e)
		s.Origin[e.ID] = Origin{Version: v.Version, Approver: v.Reviewer}
		return nil
	case KindFact:
		return appendJSON(&s.Facts, v.Body)
	case KindNotice:
		return appendJSON(&s.Notices, v.Body)
	case KindScript:
		return appendJSON(&s.Scripts, v.Body)
	case KindLexicon:
		return appendJSON(&s.Lexicons, v.Body)
	case KindExample:
		return appendJSON(&s.Examples, v.Body)
	case KindPolicy:
		return json.Unmarshal(v.Body, &s.Policy)
	}
	return fmt.Errorf("unknown kind %q", v.Kind)
}

func appendJSON[T any](list *[]T, body json.RawMessage) error {
	var item T
	if err := json.Unmarshal(body, &item); err != nil {
		return err
	}
	*list = append(*list, item)
	return nil
}

// bodies calls visit with every item of a set as it is stored.
func (s *Set) bodies(visit func(kind Kind, id string, body any) error) error {
	for _, f := range s.Facts {
		if err := visit(KindFact, f.ID, f); err != nil {
			return err
		}
	}
	for _, n := range s.Notices {
		if err := visit(KindNotice, n.ID, n); err != nil {
			return err
		}
	}
	for _, sc := range s.Scripts {
		if err := visit(KindScript, sc.ID, sc); err != nil {
			return err
		}
	}
	for _, l := range s.Lexicons {
		if err := visit(KindLexicon, l.ID, l); err != nil {
			return err
		}
	}
	if s.Policy != (bot.Thresholds{}) {
		if err := visit(KindPolicy, policyID, s.Policy); err != nil {
			return err
		}
	}
	for _, e := range s.Examples {
		if err := visit(KindExample, e.ID, e); err != nil {
			return err
		}
	}
	for _, e := range s.Entries {
		if err := visit(KindEntry, e.ID, e); err != nil {
			return err
		}
	}
	return nil
}

// policyID is the id of the one policy item.
const policyID = "thresholds"

// Seed publishes a set as generation 1 unless something has been published already; several nodes
// may start at once. It reports whether it did.
func (s *Store) Seed(ctx context.Context, set *Set) (bool, error) {
	seeded := false
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		seeded = false
		now := db.Micros(s.clock())
		n, err := tx.Exec(`INSERT INTO content_generation (generation, published_at, published_by, note, changes, model)
			VALUES (1, ?, ?, '初始内容', ?, ?) ON CONFLICT (generation) DO NOTHING`, now, StarterApprover, len(set.Entries), set.Model)
		if err != nil || n == 0 {
			return err
		}
		seeded = true
		return set.bodies(func(kind Kind, id string, body any) error {
			raw, err := json.Marshal(body)
			if err != nil {
				return err
			}
			title, category, due := describe(kind, raw)
			_, err = tx.Exec(`INSERT INTO content_version (kind, id, version, state, title, category, review_due, body, author,
				reviewer, created_at, approved_at, from_generation) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
				kind, id, StatePublished, title, category, due, string(raw), StarterAuthor, StarterApprover, now, now)
			return err
		})
	})
	return seeded, err
}

// describe reads what lists show of an item from its body.
func describe(kind Kind, body json.RawMessage) (title, category, reviewDue string) {
	var b struct {
		Question, Category, Name, Label, Kind, ID string
		ReviewDue                                 string `json:"review_due"`
	}
	_ = json.Unmarshal(body, &b) // a body that does not decode was refused before
	switch kind {
	case KindEntry:
		return b.Question, b.Category, b.ReviewDue
	case KindLexicon:
		if b.Label == "" {
			return b.ID, b.Kind, ""
		}
		return b.ID + "（" + b.Label + "）", b.Kind, ""
	case KindPolicy:
		return "机器人策略阈值", "", ""
	case KindExample:
		var e Example
		_ = json.Unmarshal(body, &e)
		return e.title(), e.class(), ""
	}
	if b.Name == "" {
		return b.ID, "", ""
	}
	return b.Name, "", ""
}

// Get returns the newest version of an item and all its versions, newest first.
func (s *Store) Get(ctx context.Context, kind Kind, id string) (Item, []Version, error) {
	versions, err := s.versions(ctx, `WHERE kind = ? AND id = ? ORDER BY version DESC`, kind, id)
	if err != nil {
		return Item{}, nil, err
	}
	if len(versions) == 0 {
		return Item{}, nil, fault.New(fault.NotFound, "no_item", fmt.Sprintf("没有编号为%s的内容。", id))
	}
	item := itemOf(versions[0])
	for _, v := range versions {
		if v.State == StatePublished && !v.Withdrawn {
			item.PublishedVersion = v.Version
		}
	}
	return item, versions, nil
}

func itemOf(v Version) Item {
	state := v.State
	if state == StatePublished && v.Withdrawn {
		state = StateWithdrawn
	}
	return Item{Kind: v.Kind, ID: v.ID, Title: v.Title, Category: v.Category, State: state, Version: v.Version,
		Author: v.Author, Reviewer: v.Reviewer, UpdatedAt: v.At, ReviewDue: v.ReviewDue, Note: v.Note, Body: v.Body}
}

// List returns the items of a kind (all kinds when empty) by id, without bodies; state and q filter
// when not empty. q is searched in ids, titles and bodies.
func (s *Store) List(ctx context.Context, kind Kind, state State, q string) ([]Item, error) {
	where := `WHERE version = (SELECT MAX(n.version) FROM content_version n WHERE n.kind = content_version.kind AND n.id = content_version.id)`
	var args []any
	if kind != "" {
		where, args = where+` AND kind = ?`, append(args, kind)
	}
	if q != "" {
		where += ` AND (id LIKE ? ESCAPE '!' OR body LIKE ? ESCAPE '!')`
		args = append(args, like(q), like(q))
	}
	versions, err := s.versions(ctx, where+` ORDER BY kind, id`, args...)
	if err != nil {
		return nil, err
	}
	published := map[string]int{}
	rows, err := s.db.Query(ctx, `SELECT kind, id, version FROM content_version WHERE state = ? AND withdrawn = 0`, StatePublished)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k, id string
		var version int
		if err := rows.Scan(&k, &id, &version); err != nil {
			return nil, db.Explain(err)
		}
		published[k+"/"+id] = version
	}
	if err := rows.Err(); err != nil {
		return nil, db.Explain(err)
	}
	items := []Item{}
	for _, v := range versions {
		item := itemOf(v)
		item.PublishedVersion = published[string(v.Kind)+"/"+v.ID]
		item.Body = nil
		if state == "" || item.State == state {
			items = append(items, item)
		}
	}
	return items, nil
}

// like makes a LIKE pattern that finds q anywhere; ! escapes.
func like(q string) string {
	out := []rune{'%'}
	for _, r := range q {
		if r == '%' || r == '_' || r == '!' {
			out = append(out, '!')
		}
		out = append(out, r)
	}
	return string(append(out, '%'))
}

// Generations lists the publications, newest first.
func (s *Store) Generations(ctx context.Context) ([]Generation, error) {
	rows, err := s.db.Query(ctx, `SELECT generation, published_at, published_by, note, changes, lesson FROM content_generation
		ORDER BY generation DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Generation{}
	for rows.Next() {
		var g Generation
		var lesson string
		if err := rows.Scan(&g.Generation, &g.At, &g.By, &g.Note, &g.Changes, &lesson); err != nil {
			return nil, db.Explain(err)
		}
		if g.Lesson, err = readLesson(lesson); err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, db.Explain(rows.Err())
}

// newest reads the newest version of an item inside a transaction.
func newest(tx *db.Tx, kind Kind, id string) (Version, error) {
	v, err := scanVersion(tx.QueryRow(`SELECT `+versionColumns+` FROM content_version WHERE kind = ? AND id = ?
		ORDER BY version DESC LIMIT 1`, kind, id))
	if errors.Is(err, sql.ErrNoRows) {
		return v, fault.New(fault.NotFound, "no_item", fmt.Sprintf("没有编号为%s的内容。", id))
	}
	return v, err
}
