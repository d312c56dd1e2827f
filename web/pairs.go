package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"yinda/content"
	"yinda/handoff"
	"yinda/internal/auth"
	"yinda/internal/fault"
)

// pairJSON is a confirmed question with the names of people. Mine: the signed-in person confirmed it.
type pairJSON struct {
	content.Pair
	Mine bool `json:"mine"`
}

func (n names) pair(p content.Pair, a auth.Account) pairJSON {
	mine := p.ConfirmedBy == a.Username
	p.ConfirmedBy, p.ApprovedBy = n.of(p.ConfirmedBy), n.of(p.ApprovedBy)
	return pairJSON{p, mine}
}

// answerPair answers one pair and records what was done with it.
func (s *Server) answerPair(c echo.Context, action string, p content.Pair, detail map[string]any) error {
	n, err := s.names(c.Request().Context())
	if err != nil {
		return err
	}
	if detail == nil {
		detail = map[string]any{}
	}
	detail["question"], detail["entry_id"] = p.Question, p.EntryID
	s.record(c, action, "pair/"+p.ID, detail)
	return c.JSON(http.StatusOK, n.pair(p, account(c)))
}

// pairs: GET /api/console/pairs?state=&q=&before= → {items,more,counts}.
func (s *Server) pairs(c echo.Context) error {
	const page = 100
	state := content.PairState(c.QueryParam("state"))
	if state != "" && !slices.Contains(content.PairStates, state) {
		return fault.New(fault.Invalid, "bad_state", "没有这种状态，可用：pending、approved、published、leaving。")
	}
	ctx := c.Request().Context()
	list, err := s.store.ListPairs(ctx, content.PairFilter{State: state, Query: c.QueryParam("q"), Before: c.QueryParam("before"), Limit: page + 1})
	if err != nil {
		return err
	}
	counts, err := s.store.CountPairs(ctx)
	if err != nil {
		return err
	}
	n, err := s.names(ctx)
	if err != nil {
		return err
	}
	items := make([]pairJSON, 0, len(list))
	for _, p := range list[:min(len(list), page)] {
		items = append(items, n.pair(p, account(c)))
	}
	return c.JSON(http.StatusOK, map[string]any{"items": items, "more": len(list) > page, "counts": counts})
}

// confirmPair: POST /api/console/pairs {question,entry_id} → pair. An entry_id of "" says that no
// entry answers it.
func (s *Server) confirmPair(c echo.Context) error {
	var in struct {
		Question string
		EntryID  *string `json:"entry_id"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.EntryID == nil {
		return errNoEntryChosen
	}
	p, err := s.store.Confirm(c.Request().Context(), account(c).Username, in.Question, *in.EntryID)
	if err != nil {
		return err
	}
	return s.answerPair(c, "pair.confirm", p, nil)
}

var errNoEntryChosen = fault.New(fault.Invalid, "no_entry_chosen", "请选择回答这个问题的知识条目，或选择“没有对应知识”。")

// approvePair: POST /api/console/pairs/:id/approve → pair.
func (s *Server) approvePair(c echo.Context) error {
	p, err := s.store.ApprovePair(c.Request().Context(), account(c).Username, c.Param("id"))
	if err != nil {
		return err
	}
	return s.answerPair(c, "pair.approve", p, nil)
}

// removePair: POST /api/console/pairs/:id/remove → the pair as it was.
func (s *Server) removePair(c echo.Context) error {
	p, err := s.store.RemovePair(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return s.answerPair(c, "pair.remove", p, map[string]any{"state": p.State})
}

// restorePair: POST /api/console/pairs/:id/restore → the pair as it was.
func (s *Server) restorePair(c echo.Context) error {
	p, err := s.store.RestorePair(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return s.answerPair(c, "pair.restore", p, nil)
}

// asked reads what a customer said in one message of a conversation that the account may see, masked.
func (s *Server) asked(ctx context.Context, a auth.Account, conversation string, seq int64) (string, error) {
	if err := s.maySee(ctx, a, conversation); err != nil {
		return "", err
	}
	events, err := s.service.Events(ctx, conversation, seq-1, 1)
	if err != nil {
		return "", err
	}
	var b handoff.MessageBody
	if len(events) == 0 || events[0].Seq != seq || events[0].Kind != handoff.KindMessage || events[0].Actor.Kind != handoff.ActorCustomer ||
		json.Unmarshal(events[0].Body, &b) != nil || b.Text == "" {
		return "", fault.New(fault.NotFound, "no_message", "没有找到客户的这条消息，请刷新后再看。")
	}
	return b.Text, nil
}

// proposePair: POST /api/desk/conversations/:id/pair {seq,entry_id} → pair: the agent says which entry
// ("" : none) answers the customer's message seq. It counts when an editor has approved it.
func (s *Server) proposePair(c echo.Context) error {
	var in struct {
		Seq     int64
		EntryID *string `json:"entry_id"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.EntryID == nil {
		return errNoEntryChosen
	}
	ctx, a, id := c.Request().Context(), account(c), c.Param("id")
	q, err := s.asked(ctx, a, id, in.Seq)
	if err != nil {
		return err
	}
	p, err := s.store.Propose(ctx, a.Username, q, *in.EntryID)
	if err != nil {
		return err
	}
	return s.answerPair(c, "pair.propose", p, map[string]any{"conversation": id, "seq": in.Seq})
}

// takeBackPair: POST /api/desk/conversations/:id/pair/back {seq}. 409 when an editor was faster.
func (s *Server) takeBackPair(c echo.Context) error {
	var in struct{ Seq int64 }
	if err := decode(c, &in); err != nil {
		return err
	}
	return s.act(c, "pair.take_back", in, func(ctx context.Context, _ handoff.Staff, id string) error {
		q, err := s.asked(ctx, account(c), id, in.Seq)
		if err != nil {
			return err
		}
		return s.store.TakeBack(ctx, account(c).Username, q)
	})
}

// deskPair is what has been confirmed of a question, for the agent who looks at it; nil when nothing has.
func (s *Server) deskPair(ctx context.Context, a auth.Account, question string) (*pairJSON, error) {
	q, err := content.AskedQuestion(question)
	if err != nil {
		return nil, nil // greetings and the like: nothing to confirm
	}
	list, err := s.store.ListPairs(ctx, content.PairFilter{Question: q})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	n, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	i := max(0, slices.IndexFunc(list, func(p content.Pair) bool { return p.State == content.PairPending }))
	j := n.pair(list[i], a)
	return &j, nil
}

// seqIn reads a sequence number from the address; 0 when there is none.
func seqIn(c echo.Context, name string) (int64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return 0, nil
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 1 {
		return 0, fault.New(fault.Invalid, "bad_seq", "消息序号须为正整数。")
	}
	return seq, nil
}
