package bot

import (
	"strconv"
	"strings"

	"yinda/kb"
)

// answered takes the customer's answer to a question of the bot: a choice, a yes, a no, the wish to
// stay with the bot.
func (m *moment) answered() bool {
	if m.chosen != "" {
		m.after.Fallbacks = 0
		m.reply(m.chosen)
		return true
	}
	u := m.u
	switch {
	case len(m.before.Choices) > 0 && u.no:
		m.after.Fallbacks++
		m.d.Kind = KindClarify
		m.script("clarify_none")
		m.offer(false)
		return m.orTransfer()
	case m.before.Pending == pendingRisk && (u.yes || u.noted || u.no):
		m.d.Kind = KindChat
		if !u.no {
			m.d.Evidence = append(m.d.Evidence, Evidence{Rule: "risk_confirmed", Match: m.turn.Text})
			m.script("risk_confirmed")
		} else {
			m.script("risk_unclear")
			m.offer(false)
		}
		return true
	case (m.before.Pending == pendingOffer || m.before.Pending == pendingUrgent || m.before.Pending == pendingComplaint) && u.no:
		m.d.Kind = KindChat
		m.script("stay")
		return true
	case u.RefusesPerson:
		// 不用转人工,我就问下… : answer what else is said, if anything.
		if m.best() != "" {
			return false
		}
		m.d.Kind = KindChat
		m.script("stay")
		return true
	case u.Unresolved && m.before.LastReply != "":
		if m.best() != "" && m.best() != m.before.LastEntry {
			return false // the turn says better what is meant
		}
		m.d.Kind = KindClarify
		if m.u.Level >= 2 {
			m.soothe()
		}
		m.script("resolved_no")
		m.offer(false)
		return true
	}
	return false
}

// orTransfer hands over when too many turns in a row ended without an answer.
func (m *moment) orTransfer() bool {
	if m.after.Fallbacks >= m.bot.limits.ForceFallbacks {
		m.say, m.list = nil, 0
		m.d.Choices = nil
		m.said = map[string]bool{}
		m.soothe()
		m.script("handoff_failure")
		m.handoff("repeated_failure", 2)
	}
	return true
}

// declined turns down what the bot must not or cannot do, unless an approved entry says it better.
func (m *moment) declined() bool {
	id := m.u.Decline
	if id == "" {
		return false
	}
	switch id {
	case "injection":
	case "off_topic", "other_company":
		if m.sure(0.7) {
			return false
		}
	default:
		if m.sure(0.5) {
			return false
		}
	}
	m.d.Kind = KindDecline
	m.soothe()
	m.script(id)
	m.d.Reason = id
	switch id {
	case "illegal", "account_rental", "data_request", "investment_advice":
		m.offer(false)
		m.after.Pending = ""
	}
	return true
}

// chat answers turns that ask nothing.
func (m *moment) chat() bool {
	id := m.u.Chat
	if id == "" && m.u.Emotion == EmotionPositive && !m.u.asks() && m.result.Verdict != kb.Answer {
		id = "chat_thanks"
	}
	if id == "" {
		if m.u.Level >= 2 && m.u.Emotion == EmotionAngry && m.result.Verdict != kb.Answer && m.insult() {
			m.d.Kind = KindChat
			m.script("abuse")
			m.offer(false)
			return true
		}
		return false
	}
	switch id {
	case "nonsense", "other_language":
		m.d.Kind = KindDecline
		m.script(id) // noise is no failure of the bot: an agent could not answer it either
		m.d.OfferPerson = true
		return true
	case "empty":
		m.d.Kind = KindClarify
		if m.u.Level > 0 && m.before.LastReply != "" {
			m.script("soothe_unclear")
			m.offer(true)
			return true
		}
		m.script("empty")
		return true
	case "chat_identity", "chat_ability", "chat_small_talk", "chat_praise":
		if m.sure(0.72) {
			return false // an entry says it better
		}
	case "hello":
		if m.turn.Elder && m.script("hello_elder") {
			m.d.Kind = KindChat
			return true
		}
	case "chat_ok":
		if m.before.Pending != "" && m.u.yes {
			m.after.Pending = m.before.Pending
		}
	}
	m.d.Kind = KindChat
	if !m.script(id) {
		return false
	}
	if id == "chat_identity" {
		m.d.OfferPerson = true
	}
	if id == "chat_thanks" || id == "chat_bye" || id == "hello" {
		m.after.Fallbacks = 0
	}
	// Close only when nobody is upset (BL-21).
	if id == "chat_bye" && m.after.Heat < 1 {
		m.script("survey")
	}
	return true
}

// insult reports a turn that is little more than abuse.
func (m *moment) insult() bool {
	return len([]rune(m.u.bare)) <= 14 && !m.u.asks() && m.result.Verdict == kb.Decline
}

// answer gives the entries that the turn asks for, in the order asked.
func (m *moment) answer() bool {
	ids := m.several()
	if len(ids) == 0 {
		if id := m.best(); id != "" {
			ids = []string{id}
		}
	}
	if len(ids) == 0 {
		return false
	}
	m.after.Fallbacks = 0
	m.reply(ids...)
	return true
}

// several returns the entries of a turn that asks two things, or of the only part of it that the
// search is sure of; nil when the turn is best read as one question.
func (m *moment) several() []string {
	var ids []string
	for _, r := range m.parts {
		if r.Verdict != kb.Answer || len(r.Candidates) == 0 {
			continue
		}
		id := r.Candidates[0].ID
		if _, ok := m.bot.playbook.Answers[id]; !ok {
			continue
		}
		known := false
		for _, old := range ids {
			known = known || old == id
		}
		if !known {
			ids = append(ids, id)
		}
	}
	if len(ids) == 1 && m.best() != "" {
		return nil // the whole turn is the better question
	}
	return ids[:min(2, len(ids))]
}

// reply says answers with everything that belongs to them: soothing first (EM-02), notices through
// the guard, confirmation of risk (BL-09), the offer of a person.
func (m *moment) reply(ids ...string) {
	m.d.Kind = KindAnswer
	if m.repeat {
		if !(m.u.Level >= 1 && m.u.Emotion != EmotionPositive) {
			m.script("repeat_answer")
		}
	}
	m.soothe()
	risk, personal, offered := false, false, false
	for i, id := range ids {
		if i > 0 {
			m.script("and_also")
		}
		if !m.entry(id) {
			continue
		}
		a := m.bot.playbook.Answers[id]
		risk = risk || a.Risk && asksRisk(m.u)
		personal = personal || a.Personal
		offered = offered || a.OfferPerson
		if i == 0 && a.Urgent != "" && a.Urgent != UrgentNone && m.u.hedged {
			m.script("hotline_hint")
		}
	}
	if risk {
		m.d.ConfirmRisk = true
		m.script("risk_confirm")
		m.after.Pending = pendingRisk
	}
	if personal {
		m.script("personal_matter")
		m.d.Reason = "personal_matter"
	}
	if m.u.enquiry {
		m.script("complaint_offer")
		m.after.Pending = pendingComplaint
		m.d.OfferPerson = true
	}
	m.ask()
	switch {
	case m.u.Level >= m.bot.limits.OfferLevel && m.u.Emotion != EmotionPositive && !m.before.Offered:
		m.offer(!personal)
	case m.u.Level >= m.bot.limits.OfferLevel && m.u.Emotion != EmotionPositive, m.before.Offered && !m.after.calm(), m.repeat:
		m.offer(m.repeat && !personal)
	case personal, offered:
		m.offer(false)
	case m.turn.Elder:
		m.offer(false) // earlier offer in elderly mode (BL-10)
	}
}

// ask asks what the model alone suspects: an emergency, a complaint.
func (m *moment) ask() {
	switch {
	case m.u.doubtfulUrgent && m.u.Urgent == UrgentSelfHarm:
		m.offer(true) // soothed already; nobody is asked whether he wants to die by a machine
	case m.u.doubtfulUrgent:
		m.script("confirm_urgent")
		m.after.Pending, m.after.Suspected = pendingUrgent, m.u.Urgent
		m.offer(false)
	case m.u.doubtfulComplaint && m.u.Complaint:
		m.script("complaint_offer")
		m.after.Pending = pendingComplaint
		m.offer(false)
	}
}

// asksRisk: the confirmation of BL-09 is due when the customer asks about risk, loss or safety, or
// buys; asking where a button is needs none.
func asksRisk(u *Understanding) bool {
	s := string(u.line.runes)
	for _, w := range [...]string{"风险", "亏", "保本", "安全吗", "赔", "损失", "收益", "买", "购", "赎回", "会不会跌"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// clarify asks back with two or three choices (BL-11).
func (m *moment) clarify() bool {
	if m.result.Verdict != kb.Clarify {
		return false
	}
	m.d.Kind = KindClarify
	m.soothe()
	if m.u.doubtfulUrgent {
		return false // one question at a time, and this one first
	}
	if !m.styled("clarify") || !m.choices() {
		m.say, m.list, m.said = nil, 0, map[string]bool{}
		return false
	}
	// Asking back is no failure, unless it is asked back about the same thing again.
	if m.repeat {
		m.after.Fallbacks = m.before.Fallbacks + 1
	}
	if m.after.Fallbacks >= m.bot.limits.OfferFallbacks || m.u.Level >= m.bot.limits.OfferLevel && m.u.Emotion != EmotionPositive || m.turn.Elder {
		m.offer(true)
	} else if m.u.doubtfulComplaint && m.u.Complaint {
		m.offer(false)
	}
	return m.orTransfer()
}

// singleChoice is the score from which asking back with one choice makes sense.
const singleChoice = 0.45

// choices lists up to three entries to choose from; false when there are not two.
func (m *moment) choices() bool {
	var list strings.Builder
	for _, c := range m.result.Candidates {
		a, ok := m.bot.playbook.Answers[c.ID]
		if !ok || len(m.d.Choices) == 3 || c.Score < m.result.Thresholds.Clarify/4 {
			continue
		}
		m.d.Choices = append(m.d.Choices, Choice{EntryID: c.ID, Title: a.Title})
		m.after.Choices = append(m.after.Choices, c.ID)
		if list.Len() > 0 {
			list.WriteByte('\n')
		}
		list.WriteString(strconv.Itoa(len(m.d.Choices)) + ". " + a.Title)
	}
	if n := len(m.d.Choices); n == 0 || n == 1 && m.result.Candidates[0].Score < singleChoice {
		m.d.Choices, m.after.Choices = nil, nil
		return false
	}
	m.say = append(m.say, Part{Text: list.String()})
	m.list = len(m.say)
	return true
}

// fallback says honestly that there is no answer and offers a person (BL-15); the second in a row
// offers in words, the third transfers.
func (m *moment) fallback() bool {
	m.d.Kind = KindDecline
	// Only what was asked can remain unanswered; 「我用的是苹果手机」 is the customer's side of a talk.
	if m.u.asks() || m.u.Level >= 1 && m.u.Emotion != EmotionPositive || m.repeat {
		m.after.Fallbacks = m.before.Fallbacks + 1
	}
	if m.after.Fallbacks >= m.bot.limits.ForceFallbacks {
		return m.orTransfer()
	}
	if m.u.enquiry {
		m.script("complaint_channels")
		m.script("complaint_offer")
		m.after.Pending = pendingComplaint
		m.d.OfferPerson = true
		m.after.Fallbacks = 0
		return true
	}
	if m.u.Level >= 1 && m.u.Emotion != EmotionPositive {
		m.soothe()
	}
	if m.u.doubtfulUrgent || m.u.doubtfulComplaint && m.u.Complaint {
		m.ask()
		m.after.Fallbacks = m.before.Fallbacks // asked back, not failed
		m.d.Kind, m.d.Reason = KindClarify, "doubt"
		return true
	}
	m.styled("fallback")
	m.offer(m.after.Fallbacks >= m.bot.limits.OfferFallbacks || m.u.Level >= m.bot.limits.OfferLevel && m.u.Emotion != EmotionPositive)
	m.d.Reason = "no_answer"
	return true
}
