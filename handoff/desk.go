package handoff

import (
	"context"
	"strings"
	"unicode/utf8"

	"yinda/bot"
	"yinda/internal/db"
	"yinda/internal/fault"
)

// Refused is a message of an agent that the guard stopped. Its fault has code "blocked", or "warned"
// when the agent may send it all the same with Message.Confirmed.
type Refused struct {
	Fault   *fault.Error
	Verdict bot.Verdict
}

// Error is the fault's.
func (r *Refused) Error() string { return r.Fault.Error() }

// Unwrap answers the fault, so that fault.KindOf and errors.AsType see it.
func (r *Refused) Unwrap() error { return r.Fault }

// mine ends a change unless the conversation is with f; supervisors may act on those of others.
func (m *room) mine(f Staff) error {
	switch {
	case m.state != StateAgent:
		return fault.New(fault.Conflict, "not_with_agent", "会话当前不在人工接待中，请刷新列表。")
	case m.agent != f.ID && !f.Supervisor:
		return fault.New(fault.Conflict, "not_yours", "这位客户正由其他同事接待，不能代为操作。")
	}
	return nil
}

// Claim takes a conversation from the queue, a ticket, or the bot. fault.Conflict with code
// "already_claimed" when somebody else was faster; claiming one's own again is no error.
func (s *Service) Claim(ctx context.Context, f Staff, conversation string) error {
	_, err := s.do(ctx, &change{conversation: conversation, agents: []string{f.ID}, apply: func(m *room) error {
		a := m.agents[f.ID]
		switch {
		case m.state == StateAgent && m.agent == f.ID:
			return errNothing
		case m.state == StateAgent:
			return fault.New(fault.Conflict, "already_claimed", "这位客户已由其他同事接待。")
		case m.state.Final():
			return fault.New(fault.Conflict, "closed", "会话已结束，不能再接待。")
		case a == nil || !a.present(m.now):
			return fault.New(fault.Conflict, "agent_offline", "您已离线，请重新上线后再接待。")
		}
		return m.accept(a, f.actor(), ReasonClaimed)
	}})
	return err
}

// Reply sends an agent's message to the customer. *Refused when the guard blocks it, or warns and the
// message is not confirmed; fault.Conflict when the conversation is not with this agent.
func (s *Service) Reply(ctx context.Context, f Staff, conversation string, msg Message) (Ack, error) {
	text, err := s.checkText(msg.Text)
	if err != nil {
		return Ack{}, err
	}
	if s.o.Inspect != nil {
		switch v := s.o.Inspect(text); {
		case v.Verdict == bot.VerdictBlock:
			return Ack{}, &Refused{fault.New(fault.Invalid, "blocked", "这句话含有不允许的内容，没有发出。请按提示修改。"), v}
		case v.Verdict == bot.VerdictWarn && !msg.Confirmed:
			return Ack{}, &Refused{fault.New(fault.Invalid, "warned", "这句话可能不合适，没有发出。请修改，或确认后再发。"), v}
		}
	}
	p := s.privacy.Protect(text)
	o, err := s.do(ctx, &change{conversation: conversation, ref: "a:" + msg.Ref, apply: func(m *room) error {
		if err := m.mine(f); err != nil {
			return err
		}
		if _, err := m.add(KindMessage, f.actor(), MessageBody{Text: p.Shown, Masked: p.Found, Secret: p.Secret}, original(p)); err != nil {
			return err
		}
		m.readAgent = m.lastSeq
		if m.firstResponseAt == 0 {
			m.firstResponseAt, m.cold = m.now, true
		}
		if m.ticket != "" {
			return m.exec(`UPDATE tickets SET answered_at = ? WHERE conversation = ? AND answered_at = 0`, m.now, m.id)
		}
		return nil
	}})
	return Ack{Conversation: conversation, Seq: o.seq, Duplicate: o.duplicate, State: o.record.state}, err
}

// Note adds an internal note; customers never see it. It is possible in every state, also afterwards
// for quality review.
func (s *Service) Note(ctx context.Context, f Staff, conversation, ref, text string) (Ack, error) {
	text, err := s.checkText(text)
	if err != nil {
		return Ack{}, err
	}
	p := s.privacy.Protect(text)
	o, err := s.do(ctx, &change{conversation: conversation, ref: "a:" + ref, apply: func(m *room) error {
		_, err := m.add(KindNote, f.actor(), NoteBody{Text: p.Shown}, original(p))
		return err
	}})
	return Ack{Conversation: conversation, Seq: o.seq, Duplicate: o.duplicate, State: o.record.state}, err
}

// Target is where a conversation is transferred: an agent, or a group's queue.
type Target struct {
	Agent string // id
	Group string
	Note  string // for the colleague
}

// Transfer hands a conversation on. To an agent: fault.Conflict unless that agent is at work. To a
// group: it waits there with its old waiting time; fault.Conflict when nobody of the group is online.
func (s *Service) Transfer(ctx context.Context, f Staff, conversation string, to Target) error {
	to.Group, to.Note = clean(strings.TrimSpace(to.Group)), s.privacy.Protect(cut(clean(to.Note), 1000)).Shown
	if (to.Agent == "") == (to.Group == "") {
		return fault.New(fault.Invalid, "bad_target", "请选择一位同事或一个技能组。")
	}
	c := &change{conversation: conversation, apply: func(m *room) error {
		if err := m.mine(f); err != nil {
			return err
		}
		from := m.agentName
		if to.Agent != "" {
			a := m.agents[to.Agent]
			if a == nil || !a.present(m.now) {
				return fault.New(fault.Conflict, "agent_offline", "对方不在线，请选择其他同事或技能组。")
			}
			if m.agent == a.id {
				return fault.New(fault.Conflict, "same_agent", "会话已经在这位同事名下。")
			}
			if _, err := m.add(KindTransfer, f.actor(), TransferBody{FromAgent: from, ToAgent: a.name, Group: m.group, Note: to.Note}, ""); err != nil {
				return err
			}
			return m.accept(a, f.actor(), ReasonTransfer)
		}
		old := m.group
		m.group = to.Group
		st, err := m.staffing()
		if err != nil {
			return err
		}
		if st.online == 0 {
			m.group = old
			return fault.New(fault.Conflict, "group_offline", "该技能组当前无人在线，请选择其他同事或技能组。")
		}
		if _, err := m.add(KindTransfer, f.actor(), TransferBody{FromAgent: from, Group: to.Group, Note: to.Note}, ""); err != nil {
			return err
		}
		return m.requeue(f.actor(), ReasonTransfer, scriptMoved)
	}}
	if to.Agent != "" {
		c.agents = []string{to.Agent}
	}
	_, err := s.do(ctx, c)
	return err
}

// requeue puts a conversation that a person had back into the queue, with its old waiting time.
func (m *room) requeue(by Actor, reason, script string) error {
	if m.queuedAt == 0 {
		m.queuedAt = m.acceptedAt
	}
	m.queueSince, m.agent, m.agentName = m.now, "", ""
	if err := m.move(StateQueued, by, reason, nil); err != nil {
		return err
	}
	return m.script(script, nil)
}

// WrapUp is an agent's summary of a conversation.
type WrapUp struct {
	Category string // of the bank's own list; up to 100 characters
	Result   string // resolved, followup or customer_left
	Note     string // internal; up to 1000 characters
}

// CloseConversation ends a conversation. The customer is thanked and asked for a rating.
func (s *Service) CloseConversation(ctx context.Context, f Staff, conversation string, w WrapUp) error {
	if w.Result != "resolved" && w.Result != "followup" && w.Result != "customer_left" {
		return fault.New(fault.Invalid, "bad_result", "请选择处理结果：已解决、需跟进或客户离开。")
	}
	if utf8.RuneCountInString(w.Category) > 100 || utf8.RuneCountInString(w.Note) > 1000 {
		return fault.New(fault.TooLarge, "too_large", "小结太长：类别最多 100 字，备注最多 1000 字。")
	}
	w.Category = clean(strings.TrimSpace(w.Category))
	note := s.privacy.Protect(clean(strings.TrimSpace(w.Note))).Shown
	_, err := s.do(ctx, &change{conversation: conversation, apply: func(m *room) error {
		if m.state.Final() && m.agent == f.ID {
			return errNothing
		}
		if err := m.mine(f); err != nil {
			return err
		}
		if note != "" {
			if _, err := m.add(KindNote, f.actor(), NoteBody{Text: "小结：" + note}, ""); err != nil {
				return err
			}
		}
		m.wrapCategory, m.wrapResult = w.Category, w.Result
		for _, script := range []string{scriptClosing, scriptSurvey} {
			if err := m.script(script, nil); err != nil {
				return err
			}
		}
		if err := m.end(f.actor(), ReasonAgentClosed); err != nil {
			return err
		}
		if w.Result == "followup" {
			return nil // the ticket stays open until the promise is kept
		}
		return m.closeTickets(w.Result)
	}})
	return err
}

// end closes the conversation.
func (m *room) end(by Actor, reason string) error {
	m.endTurn()
	m.closedAt, m.closeReason = m.now, reason
	return m.move(StateClosed, by, reason, nil)
}

// The verdicts on an escalation: thresholds are tuned from them.
const (
	Right    = "right"
	Late     = "late"     // a person was needed earlier
	Needless = "needless" // no person was needed
)

// Verdict stores an agent's opinion of the escalation; a later one replaces it.
func (s *Service) Verdict(ctx context.Context, f Staff, conversation, verdict string) error {
	if verdict != Right && verdict != Late && verdict != Needless {
		return fault.New(fault.Invalid, "bad_verdict", "评价只能是：恰当、太晚或不必。")
	}
	_, err := s.do(ctx, &change{conversation: conversation, apply: func(m *room) error {
		if m.escalatedAt == 0 {
			return fault.New(fault.Conflict, "not_escalated", "这个会话没有转过人工，无需评价。")
		}
		m.verdict, m.verdictBy, m.cold = verdict, f.ID, true
		return nil
	}})
	return err
}

// ReadByAgent moves the desk's read mark; it never goes back.
func (s *Service) ReadByAgent(ctx context.Context, f Staff, conversation string, seq int64) error {
	_, err := s.do(ctx, &change{conversation: conversation, apply: func(m *room) error {
		if n := min(seq, m.lastSeq); m.agent == f.ID && n > m.readAgent {
			m.readAgent, m.hot = n, true
		}
		return nil
	}})
	return err
}

// Reveal answers the text of a message before masking (C2 data; C3 data no longer exists). It leaves
// a note with the reason in the conversation: who looked cannot be taken out of the hash chain. fault.NotFound when nothing was masked.
func (s *Service) Reveal(ctx context.Context, f Staff, conversation string, seq int64, reason string) (string, error) {
	reason, err := s.checkText(reason)
	if err != nil {
		return "", fault.New(fault.Invalid, "no_reason", "查看原文需要填写理由。")
	}
	r, err := s.load(ctx, conversation)
	if err != nil {
		return "", err
	}
	var sealed []byte
	err = s.db.QueryRow(ctx, `SELECT original FROM events WHERE conversation = ? AND seq = ?`, conversation, seq).Scan(&sealed)
	if err != nil || sealed == nil {
		if err != nil && db.Temporary(err) {
			return "", db.Explain(err)
		}
		return "", fault.New(fault.NotFound, "nothing_masked", "这条消息没有被遮盖的内容。")
	}
	text, err := s.privacy.Open(r.id, r.dataKey, originalRow(seq), sealed)
	if err != nil {
		return "", fault.Wrap(err, fault.NotFound, "erased", "这条消息的原文已按规定删除，或密钥不可用。")
	}
	_, err = s.do(ctx, &change{conversation: conversation, apply: func(m *room) error {
		_, err := m.add(KindNote, f.actor(), NoteBody{Text: revealNote(seq, reason)}, "")
		return err
	}})
	if err != nil {
		return "", err // no trace, no text
	}
	return string(text), nil
}
