package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"yinda/bot"
	"yinda/handoff"
	"yinda/internal/audit"
	"yinda/internal/auth"
	"yinda/internal/fault"
	"yinda/kb"
)

// deskList: GET /api/desk/conversations?view=mine|queue|tickets|closed|agents → {items}.
func (s *Server) deskList(c echo.Context) error {
	view := c.QueryParam("view")
	if view == "" {
		view = handoff.ViewMine
	}
	a := account(c)
	if view == handoff.ViewAgents && !a.May(auth.Supervise) {
		return fault.New(fault.Forbidden, "role", "只有主管可以查看所有坐席的会话。")
	}
	items, err := s.service.List(c.Request().Context(), view, a.ID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"items": items})
}

var errNotYours = fault.New(fault.Forbidden, "not_yours", "这位客户正由其他同事接待，您不能查看。需要协助时请联系主管。")

// allowed is least privilege at the desk (requirements PS-04): a supervisor sees every conversation,
// an agent those that wait, the own ones, and earlier ones of a customer who waits or is the agent's.
func (s *Server) allowed(ctx context.Context, a auth.Account, one handoff.Summary) error {
	if a.May(auth.Supervise) || one.State == handoff.StateQueued || one.State == handoff.StateTicket || one.Agent != nil && one.Agent.ID == a.ID {
		return nil
	}
	for _, view := range []string{handoff.ViewMine, handoff.ViewQueue, handoff.ViewTickets} {
		list, err := s.service.List(ctx, view, a.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(other handoff.Summary) bool { return other.Visitor == one.Visitor }) {
			return nil
		}
	}
	return errNotYours
}

func (s *Server) maySee(ctx context.Context, a auth.Account, id string) error {
	d, err := s.service.Get(ctx, id)
	if err != nil {
		return err
	}
	return s.allowed(ctx, a, d.Conversation)
}

// lookEvery is how long a look at a conversation that stays open counts as the same one.
const lookEvery = 10 * time.Minute

// lookOnce checks that an account may see a conversation, and records the look unless the same one
// was recorded a moment ago: a desk fetches and then follows, and follows again when it reconnects.
func (s *Server) lookOnce(ctx context.Context, a auth.Account, id string) error {
	if err := s.maySee(ctx, a, id); err != nil {
		return err
	}
	return s.recordLook(ctx, a, id)
}

func (s *Server) recordLook(ctx context.Context, a auth.Account, id string) error {
	key, now := a.ID+" "+id, s.clock()
	s.lookMu.Lock()
	recent := now.Sub(s.looks[key]) < lookEvery
	if !recent {
		if len(s.looks) > 10_000 { // a day of a large team; forgetting only repeats a record
			clear(s.looks)
		}
		s.looks[key] = now
	}
	s.lookMu.Unlock()
	if recent {
		return nil
	}
	return s.audit.Append(ctx, audit.Record{Actor: a.ID, ActorName: a.Name, Action: "conversation.view", Object: id})
}

// deskConversation: GET /api/desk/conversations/:id → {conversation,events,earlier}. The look is
// recorded before anything is shown.
func (s *Server) deskConversation(c echo.Context) error {
	ctx, a := c.Request().Context(), account(c)
	detail, err := s.service.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.allowed(ctx, a, detail.Conversation); err != nil {
		s.record(c, "conversation.view_refused", detail.Conversation.ID, nil)
		return err
	}
	if err := s.recordLook(ctx, a, detail.Conversation.ID); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, detail)
}

// act does one thing with a conversation and records it.
func (s *Server) act(c echo.Context, action string, detail any, do func(ctx context.Context, f handoff.Staff, id string) error) error {
	id := c.Param("id")
	if err := do(c.Request().Context(), staff(account(c)), id); err != nil {
		return err
	}
	s.record(c, action, id, detail)
	return c.NoContent(http.StatusNoContent)
}

// claim: POST …/claim. 409 when somebody else was faster.
func (s *Server) claim(c echo.Context) error {
	return s.act(c, "conversation.claim", nil, s.service.Claim)
}

// transfer: POST …/transfer {agent?,group?,note}.
func (s *Server) transfer(c echo.Context) error {
	var in handoff.Target
	if err := decode(c, &in); err != nil {
		return err
	}
	return s.act(c, "conversation.transfer", map[string]string{"agent": in.Agent, "group": in.Group},
		func(ctx context.Context, f handoff.Staff, id string) error { return s.service.Transfer(ctx, f, id, in) })
}

// closeConversation: POST …/close {wrap_up:{category,result,note}}.
func (s *Server) closeConversation(c echo.Context) error {
	var in struct {
		WrapUp handoff.WrapUp `json:"wrap_up"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	return s.act(c, "conversation.close", map[string]string{"category": in.WrapUp.Category, "result": in.WrapUp.Result},
		func(ctx context.Context, f handoff.Staff, id string) error {
			return s.service.CloseConversation(ctx, f, id, in.WrapUp)
		})
}

// verdict: POST …/verdict {verdict}.
func (s *Server) verdict(c echo.Context) error {
	var in struct{ Verdict string }
	if err := decode(c, &in); err != nil {
		return err
	}
	return s.act(c, "conversation.verdict", in, func(ctx context.Context, f handoff.Staff, id string) error {
		if err := s.maySee(ctx, account(c), id); err != nil {
			return err
		}
		return s.service.Verdict(ctx, f, id, in.Verdict)
	})
}

// reveal: POST …/reveal {seq,reason} → {text}: a message before masking. The reason is required and
// recorded, here and in the conversation itself (requirements PS-04).
func (s *Server) reveal(c echo.Context) error {
	var in struct {
		Seq    int64
		Reason string
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if strings.TrimSpace(in.Reason) == "" {
		return fault.New(fault.Invalid, "no_reason", "查看原文需要填写理由。")
	}
	ctx, a, id := c.Request().Context(), account(c), c.Param("id")
	if err := s.maySee(ctx, a, id); err != nil {
		return err
	}
	if err := s.look(c, a, "conversation.reveal", id, map[string]any{"seq": in.Seq, "reason": masked(in.Reason)}); err != nil {
		return err
	}
	text, err := s.service.Reveal(ctx, staff(a), id, in.Seq, in.Reason)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"text": text})
}

type suggestionJSON struct {
	EntryID string  `json:"entry_id"`
	Title   string  `json:"title"`
	Score   float64 `json:"score"`
	Text    string  `json:"text"`
}

// suggest: GET /api/desk/suggest?conversation=&seq=&q= → {items,pair}. Without q it looks for the
// customer's message seq, without that for what the customer said last. pair is what has been confirmed
// of the message seq.
func (s *Server) suggest(c echo.Context) error {
	ctx := c.Request().Context()
	q := c.QueryParam("q")
	seq, err := seqIn(c, "seq")
	if err != nil {
		return err
	}
	var pair *pairJSON
	if seq > 0 {
		words, err := s.asked(ctx, account(c), c.QueryParam("conversation"), seq)
		if err != nil {
			return err
		}
		if pair, err = s.deskPair(ctx, account(c), words); err != nil {
			return err
		}
		if strings.TrimSpace(q) == "" {
			q = words
		}
	} else if strings.TrimSpace(q) == "" && c.QueryParam("conversation") != "" {
		detail, err := s.service.Get(ctx, c.QueryParam("conversation"))
		if err != nil {
			return err
		}
		if err := s.allowed(ctx, account(c), detail.Conversation); err != nil {
			return err
		}
		q = lastWords(detail.Events)
	}
	items := []suggestionJSON{}
	if r := []rune(q); len(r) > maxQuestion {
		q = string(r[:maxQuestion])
	}
	if strings.TrimSpace(q) == "" {
		return c.JSON(http.StatusOK, map[string]any{"items": items, "pair": pair})
	}
	found, err := s.live.Search(ctx, masked(q), kb.SearchOptions{})
	if err != nil {
		return err
	}
	for _, candidate := range found.Candidates {
		if answer, ok := s.live.Answer(candidate.ID); ok {
			items = append(items, suggestionJSON{candidate.ID, candidate.Title, candidate.Score, answer.Text})
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"items": items, "pair": pair})
}

// lintText: POST /api/desk/lint {text} → the JSON of `yinda lint`.
func (s *Server) lintText(c echo.Context) error {
	var in struct{ Text string }
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := checkText(in.Text); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		Text string `json:"text"`
		bot.Verdict
	}{in.Text, s.lint(in.Text, bot.SpeakerAgent)})
}

// setPresence: POST /api/desk/presence {presence}.
func (s *Server) setPresence(c echo.Context) error {
	var in struct{ Presence handoff.Presence }
	if err := decode(c, &in); err != nil {
		return err
	}
	a := account(c)
	if err := s.service.SetPresence(c.Request().Context(), agentOf(a), in.Presence); err != nil {
		return err
	}
	s.record(c, "agent.presence", a.ID, map[string]any{"presence": in.Presence})
	return c.NoContent(http.StatusNoContent)
}

// agents: GET /api/desk/agents → {items}.
func (s *Server) agents(c echo.Context) error {
	items, err := s.service.Agents(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"items": items})
}
