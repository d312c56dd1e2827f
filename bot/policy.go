package bot

import "strings"

// steps is the order of decisions (design §6, lexicon §14): the first that takes the turn decides.
// Reading this table is reading the policy; every step is one function below or in policy_answer.go.
var steps = []struct {
	name string
	take func(*moment) bool
}{
	{"emergency", (*moment).emergency},
	{"person_requested", (*moment).person},
	{"complaint", (*moment).complaint},
	{"emotion", (*moment).emotion},
	{"repeated_failure", (*moment).failing},
	{"asked_back", (*moment).answered}, // the customer answers a question of the bot
	{"declined", (*moment).declined},
	{"chat", (*moment).chat},
	{"answer", (*moment).answer},
	{"follow_up", (*moment).followUp},
	{"clarify", (*moment).clarify},
	{"fallback", (*moment).fallback},
}

// emergency says the fixed card of the class word for word and puts the conversation at the top of
// the queue (lexicon §6). When an entry about it exists, it is named, but the card is what is said.
func (m *moment) emergency() bool {
	if m.before.Pending == pendingUrgent && m.confirms() {
		m.d.Urgent = m.before.Suspected
		m.script("emergency_" + m.d.Urgent)
		m.script("handoff_urgent")
		m.handoff("emergency", 0)
		return true
	}
	if m.u.Urgent == UrgentNone {
		return false
	}
	if m.u.doubtfulUrgent {
		if m.after.Doubts++; m.after.Doubts < doubtsForce {
			return false // answered first, and asked back (ask)
		}
	}
	card := m.u.Card
	if _, ok := m.bot.playbook.Scripts[card]; !ok {
		card = "emergency_" + m.u.Urgent
	}
	switch m.u.Urgent {
	case UrgentSelfHarm:
		m.script(card) // nothing else: no soothing formula, no business
	case UrgentRegulator, UrgentLegal:
		m.script(card)
		m.after.Pending = ""
	default:
		if m.u.Level >= 2 && m.u.Emotion != EmotionAnxious {
			m.soothe()
		}
		m.script(card)
	}
	m.script("handoff_urgent")
	if id := m.best(); id != "" && m.u.Urgent != UrgentSelfHarm {
		m.name(m.bot.playbook.Answers[id])
	}
	m.handoff("emergency", m.u.Priority)
	return true
}

// confirms reports a yes to the question about an emergency, whatever else is said with it: 是的,他还
// 在门口等着.
func (m *moment) confirms() bool {
	if m.u.yes {
		return true
	}
	for _, no := range [...]string{"是不是", "有没有", "有什么", "有啥", "对不"} {
		if strings.HasPrefix(m.u.bare, no) {
			return false
		}
	}
	for _, yes := range [...]string{"是的", "是啊", "是呀", "是,", "对的", "对,", "对啊", "对呀", "没错", "嗯,", "就是"} {
		if strings.HasPrefix(m.u.bare, yes) || strings.HasPrefix(string(m.u.line.runes), yes) {
			return true
		}
	}
	return false
}

// person serves an explicit request at once, without a counter-question (HO-01), and the acceptance
// of an offer.
func (m *moment) person() bool {
	accepted := m.u.yes && m.before.Pending == pendingOffer && len(m.before.Choices) == 0
	if m.turn.Elder && m.before.Offered && m.u.bare == "要" {
		accepted = true
	}
	if !m.u.WantsPerson && !accepted {
		return false
	}
	m.d.WantsPerson = true
	m.soothe()
	m.script("handoff")
	priority := 2
	if m.u.Complaint || m.u.Level >= m.bot.limits.ForceLevel {
		priority = 1
	}
	m.handoff("person_requested", priority)
	return true
}

// complaint accepts a complaint at once: 安抚 → 处理 → 反馈, never an argument whether it counts
// (CP-01, EM-04).
func (m *moment) complaint() bool {
	accepted := m.before.Pending == pendingComplaint && m.bot.reader.lexicon.phrases["reply/complaint"][m.u.bare]
	if !m.u.Complaint && !accepted {
		return false
	}
	if m.u.doubtfulComplaint && !accepted && m.u.Level < m.bot.limits.ForceLevel {
		if m.after.Doubts++; m.after.Doubts < doubtsForce {
			return false
		}
	}
	m.d.Complaint = true
	if m.d.ComplaintCategory == "" {
		m.d.ComplaintCategory = CategoryOther
	}
	if m.u.Level >= 2 {
		m.soothe()
	} else {
		m.script("complaint_soothe")
	}
	m.script("complaint_register")
	m.script("complaint_confirm")
	if id := m.best(); id != "" {
		m.name(m.bot.playbook.Answers[id])
	}
	m.handoff("complaint", 1)
	return true
}

// emotion transfers on a strong emotion or one that rises; a lesser one is soothed on the way and
// offered a person (EM-03, lexicon §8).
func (m *moment) emotion() bool {
	u := m.u
	if u.Emotion == EmotionNeutral || u.Emotion == EmotionPositive {
		return false
	}
	force := u.Level >= m.bot.limits.ForceLevel
	if u.Level >= m.bot.limits.OfferLevel && m.after.Turns > 1 {
		bar := heatForce
		if u.Emotion == EmotionAnxious {
			bar = heatForceWorried
		}
		force = force || m.after.Heat >= bar
	}
	if !force {
		return false
	}
	m.soothe()
	m.script("handoff")
	if id := m.best(); id != "" {
		m.name(m.bot.playbook.Answers[id])
	}
	priority := 1
	if u.Level >= 4 {
		priority = 0
	} else if u.Emotion == EmotionAnxious || u.Level < m.bot.limits.ForceLevel {
		priority = 2
	}
	m.handoff("emotion", priority)
	return true
}

// failing counts what did not help: the customer says so, or asks the same again. The second time
// transfers, and so does the third turn in a row that the bot could not answer.
func (m *moment) failing() bool {
	asked := m.before.LastReply != "" && m.before.LastText != ""
	switch {
	case m.u.Unresolved && asked:
		m.after.Repeats++
	case m.repeat:
		m.after.Repeats++
	case m.u.Emotion == EmotionPositive || m.u.Chat == "chat_thanks":
		m.after.Repeats = 0
	}
	if m.after.Repeats+m.before.Fallbacks >= m.bot.limits.ForceFallbacks || m.after.Repeats >= m.bot.limits.OfferFallbacks && m.after.Repeats > m.before.Repeats {
		reason := "repeated_question"
		if m.u.Unresolved || m.before.Fallbacks > 0 {
			reason = "repeated_failure"
		}
		if m.after.Repeats == m.before.Repeats {
			return false // nothing new went wrong in this turn
		}
		m.soothe()
		m.script("handoff_failure")
		if id := m.best(); id != "" {
			m.name(m.bot.playbook.Answers[id])
		}
		m.handoff(reason, 2)
		return true
	}
	return false
}
