package web

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"yinda/bot"
	"yinda/handoff"
	"yinda/internal/db"
	"yinda/kb"
)

// Limits of the list of unanswered questions: it is read from the newest conversations, because
// their texts are encrypted and cannot be searched.
const (
	recentConversations = 300
	unansweredShown     = 100
)

// unansweredJSON is a question that the bot could not answer, as customers asked it, masked.
type unansweredJSON struct {
	Text   string         `json:"text"` // as asked last
	Count  int            `json:"count"`
	LastAt int64          `json:"last_at"`
	Best   []kb.Candidate `json:"best"`
}

// unanswered: GET /api/console/unanswered → {items}: what the newest conversations asked and the bot
// declined, most often asked first.
func (s *Server) unanswered(c echo.Context) error {
	ctx := c.Request().Context()
	ids, err := s.recent(ctx)
	if err != nil {
		return err
	}
	groups := map[string]*unansweredJSON{}
	for _, id := range ids {
		events, err := s.service.Events(ctx, id, 0, 1000)
		if err != nil {
			return err
		}
		for _, asked := range declined(events) {
			found, err := s.live.Search(ctx, asked.text, kb.SearchOptions{})
			if err != nil {
				return err
			}
			if found.Verdict == kb.Answer {
				continue // answered by what has been published since
			}
			g := groups[found.Normalized]
			if g == nil {
				g = &unansweredJSON{Best: found.Candidates}
				groups[found.Normalized] = g
			}
			g.Count++
			if asked.at > g.LastAt {
				g.Text, g.LastAt = asked.text, asked.at
			}
		}
	}
	items := make([]unansweredJSON, 0, len(groups))
	for _, g := range groups {
		if g.Best == nil {
			g.Best = []kb.Candidate{}
		}
		items = append(items, *g)
	}
	slices.SortFunc(items, func(a, b unansweredJSON) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(b.LastAt, a.LastAt))
	})
	s.record(c, "content.unanswered_view", "", map[string]int{"questions": len(items)})
	return c.JSON(http.StatusOK, map[string]any{"items": items[:min(len(items), unansweredShown)]})
}

// recent answers the newest conversations in which something was said.
func (s *Server) recent(ctx context.Context) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT id FROM conversations WHERE last_seq > 1 ORDER BY created_at DESC LIMIT ?`, recentConversations)
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

type question struct {
	text string
	at   int64
}

// declined finds the customer's words before every decision to decline. The bubbles of one turn are
// joined, as the bot saw them.
func declined(events []handoff.Event) []question {
	var out []question
	var turn string
	for _, e := range events {
		switch {
		case e.Kind == handoff.KindMessage && e.Actor.Kind == handoff.ActorCustomer:
			var b handoff.MessageBody
			if json.Unmarshal(e.Body, &b) == nil {
				if turn != "" {
					turn += "\n"
				}
				turn += b.Text
			}
		case e.Kind == handoff.KindDecision:
			var d handoff.DecisionBody
			if json.Unmarshal(e.Body, &d) == nil && d.Kind == bot.KindDecline && turn != "" {
				out = append(out, question{turn, e.At})
			}
			turn = ""
		}
	}
	return out
}

// lastWords is what the customer said since anybody else spoke.
func lastWords(events []handoff.Event) string {
	words := ""
	for _, e := range slices.Backward(events) {
		if e.Kind != handoff.KindMessage {
			continue
		}
		if e.Actor.Kind != handoff.ActorCustomer {
			if words != "" {
				break
			}
			continue
		}
		var b handoff.MessageBody
		if json.Unmarshal(e.Body, &b) == nil {
			if words != "" {
				words = "\n" + words
			}
			words = b.Text + words
		}
	}
	return words
}
