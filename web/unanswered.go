package web

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"yinda/bot"
	"yinda/content"
	"yinda/handoff"
	"yinda/kb"
)

// Limits of the list of unanswered questions.
const (
	recentConversations = 300
	unansweredShown     = 100
)

// unansweredJSON is a question that the bot could not answer for sure, as customers asked it, masked.
type unansweredJSON struct {
	Text   string         `json:"text"` // as asked last
	Kind   bot.Kind       `json:"kind"` // what the bot did then: decline or clarify
	Count  int            `json:"count"`
	LastAt int64          `json:"last_at"`
	Best   []kb.Candidate `json:"best"`
	Pair   *pairJSON      `json:"pair"` // an agent's confirmation that waits for an editor
}

// unanswered: GET /api/console/unanswered → {items}: what the newest conversations asked, the bot
// declined or asked back about, and nobody has confirmed yet; most often asked first.
func (s *Server) unanswered(c echo.Context) error {
	ctx := c.Request().Context()
	asked, err := s.service.Unanswered(ctx, recentConversations)
	if err != nil {
		return err
	}
	waiting, settled, err := s.pairsOf(c, asked)
	if err != nil {
		return err
	}
	groups := map[string]*unansweredJSON{}
	for _, a := range asked {
		q, err := content.AskedQuestion(a.Text)
		if err != nil || settled[q] {
			continue // no words to answer, or somebody has seen to it
		}
		found, err := s.live.Search(ctx, a.Text, kb.SearchOptions{})
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
		if a.At > g.LastAt {
			g.Text, g.Kind, g.LastAt = q, a.Kind, a.At
		}
		if p := waiting[q]; p != nil {
			g.Pair = p
		}
	}
	items := make([]unansweredJSON, 0, len(groups))
	for _, g := range groups {
		items = append(items, *g)
	}
	slices.SortFunc(items, func(a, b unansweredJSON) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(b.LastAt, a.LastAt))
	})
	s.record(c, "content.unanswered_view", "", map[string]int{"questions": len(items)})
	return c.JSON(http.StatusOK, map[string]any{"items": items[:min(len(items), unansweredShown)]})
}

// pairsOf finds what has been confirmed of the questions: what waits for an editor, and what needs
// nobody any more.
func (s *Server) pairsOf(c echo.Context, asked []handoff.Asked) (waiting map[string]*pairJSON, settled map[string]bool, err error) {
	n, err := s.names(c.Request().Context())
	if err != nil {
		return nil, nil, err
	}
	waiting, settled = map[string]*pairJSON{}, map[string]bool{}
	looked := map[string]bool{}
	for _, a := range asked {
		q, err := content.AskedQuestion(a.Text)
		if err != nil || looked[q] {
			continue
		}
		looked[q] = true
		pairs, err := s.store.ListPairs(c.Request().Context(), content.PairFilter{Question: q})
		if err != nil {
			return nil, nil, err
		}
		for _, p := range pairs {
			switch p.State {
			case content.PairPending:
				j := n.pair(p, account(c))
				waiting[q] = &j
			case content.PairApproved, content.PairPublished:
				settled[q] = true
			}
		}
		if waiting[q] != nil {
			delete(settled, q) // an agent thinks otherwise
		}
	}
	return waiting, settled, nil
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
