package handoff

import (
	"context"
	"encoding/json"

	"yinda/bot"
	"yinda/internal/db"
)

// Asked is what a customer asked in one turn and the bot could not answer for sure.
type Asked struct {
	Text string   // masked; the bubbles of the turn joined by line breaks, as the bot saw them
	At   int64    // of the decision, microseconds UTC
	Kind bot.Kind // KindDecline or KindClarify
}

// Unanswered answers the turns of the newest conversations that the bot declined or asked back about,
// newest conversation first. It reads no more conversations than the given number (at least 1):
// their texts are encrypted and cannot be searched.
func (s *Service) Unanswered(ctx context.Context, conversations int) ([]Asked, error) {
	ids, err := s.newest(ctx, conversations)
	if err != nil {
		return nil, err
	}
	var out []Asked
	for _, id := range ids {
		events, err := s.Events(ctx, id, 0, 1000)
		if err != nil {
			return nil, err
		}
		out = append(out, unsure(events)...)
	}
	return out, nil
}

// newest answers the newest conversations in which something was said.
func (s *Service) newest(ctx context.Context, limit int) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT id FROM conversations WHERE last_seq > 1 ORDER BY created_at DESC LIMIT ?`, max(limit, 1))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, db.Explain(err)
		}
		ids = append(ids, id)
	}
	return ids, db.Explain(rows.Err())
}

// unsure finds the customer's words before every decision to decline or to ask back.
func unsure(events []Event) []Asked {
	var out []Asked
	var turn string
	for _, e := range events {
		switch {
		case e.Kind == KindMessage && e.Actor.Kind == ActorCustomer:
			var b MessageBody
			if json.Unmarshal(e.Body, &b) == nil {
				if turn != "" {
					turn += "\n"
				}
				turn += b.Text
			}
		case e.Kind == KindDecision:
			var d DecisionBody
			if json.Unmarshal(e.Body, &d) == nil && (d.Kind == bot.KindDecline || d.Kind == bot.KindClarify) && turn != "" {
				out = append(out, Asked{turn, e.At, d.Kind})
			}
			turn = ""
		}
	}
	return out
}
