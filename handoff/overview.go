package handoff

import (
	"context"
	"slices"
	"time"

	"yinda/internal/db"
)

// Overview is the supervisor's screen.
type Overview struct {
	Queue  []Summary `json:"queue"`
	Agents []Agent   `json:"agents"`
	Today  Today     `json:"today"`
}

// Today counts since midnight in China. Waits are seconds, −1 = none yet.
type Today struct {
	Conversations   int64   `json:"conversations"`    // in which something was said
	BotResolved     int64   `json:"bot_resolved"`     // ended without a person
	Escalated       int64   `json:"escalated"`        // a person was needed
	Requests        int64   `json:"requests"`         // explicit requests for a person
	IgnoredRequests int64   `json:"ignored_requests"` // of them ended in none of queue, agent, ticket: must be 0
	Tickets         int64   `json:"tickets"`
	LateResponses   int64   `json:"late_responses"` // first human answer missing or after its due time
	WaitP50         int64   `json:"wait_p50"`       // from queue to agent
	WaitP90         int64   `json:"wait_p90"`
	EstimatesKept   float64 `json:"estimates_kept"` // share of waits no longer than the p90 promised; −1 = none yet
	RatingAvg       float64 `json:"rating_avg"`     // stars; 0 = none yet
	Ratings         int64   `json:"ratings"`
	Right           int64   `json:"right"` // verdicts of agents on escalations
	Late            int64   `json:"late"`
	Needless        int64   `json:"needless"`
}

// Overview answers the queue, the agents and today's figures.
func (s *Service) Overview(ctx context.Context) (Overview, error) {
	var o Overview
	var err error
	if o.Queue, err = s.List(ctx, ViewQueue, ""); err != nil {
		return o, err
	}
	if o.Agents, err = s.Agents(ctx); err != nil {
		return o, err
	}
	o.Today, err = s.Today(ctx)
	return o, err
}

// Today answers the figures since midnight in China.
func (s *Service) Today(ctx context.Context) (Today, error) {
	at := s.now().In(china)
	now := db.Micros(at)
	midnight := db.Micros(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, china))
	var d Today
	for _, q := range []struct {
		query string
		args  []any
		dest  []any
	}{
		{`SELECT count(*), CAST(COALESCE(SUM(CASE WHEN escalated_at = 0 AND closed_at > 0 THEN 1 ELSE 0 END), 0) AS BIGINT)
			FROM conversations WHERE created_at >= ? AND last_seq > 1`, []any{midnight}, []any{&d.Conversations, &d.BotResolved}},
		{`SELECT count(*),
				CAST(COALESCE(SUM(CASE WHEN first_response_due > 0 AND (first_response_at > first_response_due OR first_response_at = 0 AND first_response_due < ?) THEN 1 ELSE 0 END), 0) AS BIGINT),
				CAST(COALESCE(SUM(CASE WHEN verdict = 'right' THEN 1 ELSE 0 END), 0) AS BIGINT),
				CAST(COALESCE(SUM(CASE WHEN verdict = 'late' THEN 1 ELSE 0 END), 0) AS BIGINT),
				CAST(COALESCE(SUM(CASE WHEN verdict = 'needless' THEN 1 ELSE 0 END), 0) AS BIGINT)
			FROM conversations WHERE escalated_at >= ?`, []any{now, midnight}, []any{&d.Escalated, &d.LateResponses, &d.Right, &d.Late, &d.Needless}},
		{`SELECT count(*), CAST(COALESCE(SUM(CASE WHEN outcome NOT IN ('queued', 'agent', 'ticket') THEN 1 ELSE 0 END), 0) AS BIGINT)
			FROM person_requests WHERE asked_at >= ?`, []any{midnight}, []any{&d.Requests, &d.IgnoredRequests}},
		{`SELECT count(*) FROM tickets WHERE created_at >= ?`, []any{midnight}, []any{&d.Tickets}},
		{`SELECT count(*), CAST(COALESCE(AVG(stars), 0) AS DOUBLE PRECISION) FROM ratings WHERE at >= ?`, []any{midnight}, []any{&d.Ratings, &d.RatingAvg}},
	} {
		if err := s.db.QueryRow(ctx, q.query, q.args...).Scan(q.dest...); err != nil {
			return d, db.Explain(err)
		}
	}
	return d, s.waits(ctx, midnight, &d)
}

// waits computes the quantiles of today's waits, and how honest the estimates were.
func (s *Service) waits(ctx context.Context, since int64, d *Today) error {
	rows, err := s.db.Query(ctx, `SELECT accepted_at - queued_at, wait_p90 FROM conversations
		WHERE escalated_at >= ? AND accepted_at > 0 AND queued_at > 0 AND accepted_at >= queued_at`, since)
	if err != nil {
		return err
	}
	defer rows.Close()
	var waits []int64
	promised, kept := 0, 0
	for rows.Next() {
		var wait, p90 int64
		if err := rows.Scan(&wait, &p90); err != nil {
			return db.Explain(err)
		}
		waits = append(waits, wait/1e6)
		if p90 >= 0 {
			promised++
			// A promise of nothing means at once, which is within a few seconds.
			if wait/1e6 <= max(p90, 5) {
				kept++
			}
		}
	}
	d.WaitP50, d.WaitP90, d.EstimatesKept = -1, -1, -1
	if len(waits) > 0 {
		slices.Sort(waits)
		d.WaitP50, d.WaitP90 = waits[(len(waits)-1)*50/100], waits[(len(waits)-1)*90/100]
	}
	if promised > 0 {
		d.EstimatesKept = float64(kept) / float64(promised)
	}
	return db.Explain(rows.Err())
}
