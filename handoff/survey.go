package handoff

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"yinda/internal/db"
	"yinda/internal/fault"
)

// lowStars is the best rating that still demands a follow-up (SV-06).
const lowStars = 2

// Rate stores a survey. A closed conversation becomes rated; in an open one it is an opinion on the
// way (SV-08), and a later one on the same subject replaces it. Two stars or fewer write a follow-up
// ticket: answer within 24 h, resolve within 72 h. fault.Conflict with code "rated" the second time
// on a closed conversation.
func (s *Service) Rate(ctx context.Context, conversation, visitor, ref string, rating Rating) (Ack, error) {
	rating.Comment = strings.TrimSpace(clean(rating.Comment))
	switch {
	case rating.Stars < 1 || rating.Stars > 5:
		return Ack{}, fault.New(fault.Invalid, "bad_stars", "请选择 1 到 5 颗星。")
	case rating.Subject != "" && rating.Subject != ActorBot && rating.Subject != ActorAgent:
		return Ack{}, fault.New(fault.Invalid, "bad_subject", "评价对象只能是机器人或人工客服。")
	case utf8.RuneCountInString(rating.Comment) > 1000:
		return Ack{}, fault.New(fault.TooLarge, "too_large", "评价内容最多 1000 字。")
	}
	p := s.privacy.Protect(rating.Comment)
	o, err := s.do(ctx, &change{conversation: conversation, ref: "c:" + ref, apply: func(m *room) error {
		if m.visitor != visitor {
			return errNotFound()
		}
		if m.state == StateRated {
			return fault.New(fault.Conflict, "rated", "您已经评价过了，感谢您的意见。")
		}
		subject := rating.Subject
		if subject == "" {
			subject = ActorBot
			if m.acceptedAt > 0 {
				subject = ActorAgent
			}
		}
		actor := Actor{Kind: ActorCustomer}
		seq, err := m.add(KindRating, actor, RatingBody{Stars: rating.Stars, Resolved: rating.Resolved, Comment: p.Shown, Subject: subject}, original(p))
		if err != nil {
			return err
		}
		m.stars, m.cold = int64(rating.Stars), true
		resolved := 0
		if rating.Resolved {
			resolved = 1
		}
		agent := m.agent
		if subject == ActorBot {
			agent = ""
		}
		if err := m.exec(`INSERT INTO ratings (conversation, subject, agent, stars, resolved, seq, at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (conversation, subject) DO UPDATE SET agent = excluded.agent, stars = excluded.stars, resolved = excluded.resolved,
				seq = excluded.seq, at = excluded.at`, m.id, subject, agent, rating.Stars, resolved, seq, m.now); err != nil {
			return err
		}
		if rating.Stars <= lowStars {
			if err := m.followUp(); err != nil {
				return err
			}
		}
		if m.state == StateClosed {
			return m.move(StateRated, actor, ReasonRated, nil)
		}
		return nil
	}})
	return Ack{Conversation: conversation, Seq: o.seq, Duplicate: o.duplicate, State: o.record.state}, err
}

// followUp writes the ticket of a low rating, once a conversation.
func (m *room) followUp() error {
	var n int64
	if _, err := m.tx.row(`SELECT count(*) FROM tickets WHERE conversation = ? AND kind = 'followup'`, []any{m.id}, []any{&n}); err != nil {
		return broken{err}
	}
	if n > 0 {
		return nil
	}
	now := db.Time(m.now)
	_, err := m.writeTicket(TicketFollowUp, "low_rating", now.Add(followUpAnswer), now.Add(followUpResolve))
	m.desk = true
	return err
}

// revealed begins the note of a look at a message before masking.
const revealed = "查看了第 "

func revealNote(seq int64, reason string) string {
	return fmt.Sprintf(revealed+"%d 条消息的原文。理由：%s", seq, reason)
}
