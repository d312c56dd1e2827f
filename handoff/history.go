package handoff

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"yinda/internal/db"
	"yinda/internal/fault"
)

// load reads a conversation outside any transaction.
func (s *Service) load(ctx context.Context, id string) (*record, error) {
	r := &record{}
	err := s.db.QueryRow(ctx, `SELECT `+recordColumns+` FROM conversations WHERE id = ?`, clean(id)).Scan(r.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNotFound()
	}
	if err != nil {
		return nil, db.Explain(err)
	}
	return r, nil
}

func (s *Service) lastSeq(ctx context.Context, id string) (int64, error) {
	var seq int64
	err := s.db.QueryRow(ctx, `SELECT last_seq FROM conversations WHERE id = ?`, id).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errNotFound()
	}
	return seq, db.Explain(err)
}

// LastSeq is the newest sequence number of a conversation, for heartbeats. fault.NotFound.
func (s *Service) LastSeq(ctx context.Context, conversation string) (int64, error) {
	return s.lastSeq(ctx, clean(conversation))
}

// Owner is the visitor that a conversation belongs to. fault.NotFound.
func (s *Service) Owner(ctx context.Context, conversation string) (string, error) {
	r, err := s.load(ctx, conversation)
	if err != nil {
		return "", err
	}
	return r.visitor, nil
}

// Events answers up to limit events (at most 1000) after the sequence number after, oldest first, as
// staff may see them. Events of a conversation whose key was destroyed keep their place without text.
func (s *Service) Events(ctx context.Context, conversation string, after int64, limit int) ([]Event, error) {
	conversation = clean(conversation)
	rows, err := s.db.Query(ctx, `SELECT e.seq, e.at, e.kind, e.actor_kind, e.actor_id, e.actor_name, COALESCE(e.ref, ''), e.body, c.data_key
		FROM events e JOIN conversations c ON c.id = e.conversation
		WHERE e.conversation = ? AND e.seq > ? ORDER BY e.seq LIMIT ?`, conversation, after, min(max(limit, 0), 1000))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	events := []Event{}
	for rows.Next() {
		e := Event{Conversation: conversation}
		var body, key []byte
		if err := rows.Scan(&e.Seq, &e.At, &e.Kind, &e.Actor.Kind, &e.Actor.ID, &e.Actor.Name, &e.Ref, &body, &key); err != nil {
			return nil, db.Explain(err)
		}
		e.Ref = sentRef(e.Ref)
		if e.Body, err = s.privacy.Open(conversation, key, bodyRow(e.Seq), body); err != nil || !json.Valid(e.Body) {
			s.log.Warn("body cannot be read", "conversation", conversation, "seq", e.Seq, "err", err)
			e.Body = erased
		}
		events = append(events, e)
	}
	return events, db.Explain(rows.Err())
}

// Views of List.
const (
	ViewMine    = "mine"    // with this agent
	ViewQueue   = "queue"   // waiting, next first
	ViewTickets = "tickets" // with a ticket and nobody in charge, the earliest promise first
	ViewClosed  = "closed"  // this agent's closed ones, newest first
	ViewAgents  = "agents"  // with any agent (supervisors)
)

// List answers up to 200 conversations of a view, for agent where the view is about one.
func (s *Service) List(ctx context.Context, view, agent string) ([]Summary, error) {
	where, args := "", []any{}
	switch view {
	case ViewMine:
		where, args = `c.state = 'agent' AND c.agent = ? ORDER BY c.priority, c.accepted_at, c.id`, append(args, agent)
	case ViewAgents:
		where = `c.state = 'agent' ORDER BY c.priority, c.accepted_at, c.id`
	case ViewQueue:
		where = `c.state = 'queued' ORDER BY c.priority, c.queued_at, c.id`
	case ViewTickets:
		where = `c.state = 'ticket' ORDER BY c.priority, promised_at, c.id`
	case ViewClosed:
		where, args = `c.closed_at > 0 AND c.agent = ? ORDER BY c.closed_at DESC, c.id`, append(args, agent)
	default:
		return nil, fault.New(fault.Invalid, "bad_view", "列表名称只能是 mine、queue、tickets、closed 或 agents。")
	}
	return s.summaries(ctx, where, args...)
}

func (s *Service) summaries(ctx context.Context, where string, args ...any) ([]Summary, error) {
	rows, err := s.db.Query(ctx, `SELECT `+recordColumns+`,
			(SELECT count(*) FROM events e WHERE e.conversation = c.id AND e.seq > c.read_agent AND e.kind = 'message' AND e.actor_kind = 'customer'),
			COALESCE((SELECT promised_at FROM tickets t WHERE t.number = c.ticket), 0) AS promised_at
		FROM conversations c WHERE `+where+` LIMIT 200`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Summary{}
	for rows.Next() {
		r := &record{}
		var unread, promised int64
		if err := rows.Scan(append(r.fields(), &unread, &promised)...); err != nil {
			return nil, db.Explain(err)
		}
		one := r.summary()
		one.Unread, one.PromisedAt = unread, promised
		if r.preview != nil {
			if text, err := s.privacy.Open(r.id, r.dataKey, previewRow, r.preview); err == nil {
				one.LastText = string(text)
			}
		}
		list = append(list, one)
	}
	return list, db.Explain(rows.Err())
}

// Detail is a conversation with its history, for the desk (HO-03).
type Detail struct {
	Conversation Summary   `json:"conversation"`
	Events       []Event   `json:"events"`
	Earlier      []Summary `json:"earlier"` // of the same visitor, newest first, at most 20
}

// Get answers a conversation with its newest 1000 events and the visitor's earlier conversations.
func (s *Service) Get(ctx context.Context, conversation string) (Detail, error) {
	list, err := s.summaries(ctx, `c.id = ?`, clean(conversation))
	if err != nil {
		return Detail{}, err
	}
	if len(list) == 0 {
		return Detail{}, errNotFound()
	}
	d := Detail{Conversation: list[0]}
	if d.Events, err = s.Events(ctx, conversation, max(0, d.Conversation.Seq-1000), 1000); err != nil {
		return Detail{}, err
	}
	earlier, err := s.summaries(ctx, `c.visitor = ? AND c.id <> ? AND c.created_at <= ? AND c.last_seq > 0 ORDER BY c.created_at DESC`,
		d.Conversation.Visitor, d.Conversation.ID, d.Conversation.CreatedAt)
	if err != nil {
		return Detail{}, err
	}
	d.Earlier = slices.Clip(earlier[:min(20, len(earlier))])
	return d, nil
}
