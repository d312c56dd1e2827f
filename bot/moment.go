package bot

import (
	"context"
	"slices"
	"strings"

	"yinda/kb"
)

// moment is one decision in the making.
type moment struct {
	bot    *Bot
	ctx    context.Context
	turn   Turn
	before Course // as it came
	after  Course // as it leaves
	u      *Understanding
	result kb.Result   // of the whole question
	parts  []kb.Result // of its parts, when it asks several things
	chosen string      // entry chosen from a clarifying question
	repeat bool        // asks again what was asked before
	step   string
	d      Decision
	say    []Part
	list   int // place from 1 of the listed choices in say
	said   map[string]bool
}

func (b *Bot) begin(ctx context.Context, course Course, turn Turn) *moment {
	m := &moment{bot: b, ctx: ctx, turn: turn, before: course, after: course.clone(), said: map[string]bool{}}
	m.after.Turns++
	m.after.LastAt = turn.At
	m.after.Pending, m.after.Choices = "", nil
	m.u = b.reader.understand(turn.Text)
	m.look()
	m.after.feel(m.u)
	m.d = Decision{
		Kind: KindDecline, Generation: b.playbook.Generation, Priority: 3,
		Emotion: m.u.Emotion, EmotionLevel: m.u.Level, Trend: m.after.trend(),
		Complaint: m.u.Complaint, ComplaintCategory: m.u.Category, Urgent: m.u.Urgent,
		WantsPerson: m.u.WantsPerson, Evidence: m.u.Evidence, Search: m.result, Candidates: m.result.Candidates,
	}
	if m.d.Candidates == nil {
		m.d.Candidates = []kb.Candidate{}
	}
	return m
}

// look searches for the question of the turn, and for its parts when it asks several things.
func (m *moment) look() {
	m.result = m.find(m.u.Question)
	if parts := questions(m.u.Question); len(parts) > 1 && m.result.Verdict != "" {
		for _, p := range parts {
			m.parts = append(m.parts, m.find(p))
		}
	}
	m.chosen = m.choice()
	if m.chosen == "" && !m.u.yes && !m.u.no && m.u.Chat == "" && m.before.LastText != "" && !m.u.Unresolved {
		same := m.bot.search.Similar(m.before.LastText, m.u.Question) >= sameQuestion
		top := len(m.result.Candidates) > 0 && m.result.Verdict == kb.Answer && m.result.Candidates[0].ID == m.before.LastEntry
		close := m.bot.search.Similar(m.before.LastText, m.u.Question) >= sameEntry
		m.repeat = same || top && close && m.before.LastEntry != ""
	}
}

// find searches; a fault of the index is an honest "cannot answer".
func (m *moment) find(query string) kb.Result {
	if strings.TrimSpace(query) == "" {
		return kb.Result{Query: query, Verdict: kb.Decline}
	}
	r, err := m.bot.search.Search(m.ctx, query, kb.SearchOptions{})
	if err != nil {
		return kb.Result{Query: query, Verdict: kb.Decline}
	}
	return r
}

// connectors begin a further question within one sentence.
var connectors = []string{"另外", "还有", "再问", "再就是", "顺便", "以及", "对了", "那", "然后", "同时", "此外", "其次", "第二", "再请问", "再一个", "还想问", "也想问", "顺带"}

// questions cuts a turn into the questions it asks: bubbles and sentences that each read as one, and
// clauses that begin with 另外, 还有 and the like.
func questions(text string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n?？。;；！!", r) }) {
		open := ""
		for _, clause := range strings.FieldsFunc(part, func(r rune) bool { return r == '，' || r == ',' }) {
			clause = strings.TrimSpace(clause)
			rest, further := clause, false
			for _, c := range connectors {
				if after, ok := strings.CutPrefix(clause, c); ok {
					rest, further = strings.TrimLeft(after, "，, 问一下我想请问的是"), true
					break
				}
			}
			switch {
			case open == "":
				open = rest
			case further && rest != "":
				out, open = append(out, open), rest
			default:
				open += "，" + clause
			}
		}
		if open != "" {
			out = append(out, open)
		}
	}
	out = slices.DeleteFunc(out, func(q string) bool { return len([]rune(q)) < 4 })
	if len(out) > 4 {
		return nil // a story, not a list of questions
	}
	return out
}

// script adds the next variant of a script to the reply.
func (m *moment) script(id string) bool { return m.scriptPart(id, Part{}) }

func (m *moment) scriptPart(id string, p Part) bool {
	s, ok := m.bot.playbook.Scripts[id]
	if !ok || len(s.Texts) == 0 || m.said[id] {
		return false
	}
	m.said[id] = true
	i := m.after.Scripts[id] % len(s.Texts)
	m.after.Scripts[id] = i + 1
	p.Text = s.Texts[i]
	m.say = append(m.say, p)
	return true
}

// styled prefers the elderly variant of a script in elderly mode (BL-10).
func (m *moment) styled(id string) bool {
	if m.turn.Elder && m.script(id+"_elder") {
		return true
	}
	return m.script(id)
}

// soothe puts one soothing sentence before everything else (EM-02; never more than one a turn).
func (m *moment) soothe() {
	if m.u.Level < 1 || m.u.Emotion == EmotionPositive || m.u.Emotion == EmotionNeutral {
		return
	}
	m.script("soothe_" + m.u.Emotion + "_" + string(rune('0'+min(m.u.Level, 4))))
}

// offer shows a person, in words when words is set.
func (m *moment) offer(words bool) {
	m.d.OfferPerson = true
	m.after.Offered = true
	if words {
		m.styled("offer_person")
	}
}

// handoff ends the bot's part: the action is the field, the sentence only says so.
func (m *moment) handoff(reason string, priority int) {
	m.d.Kind, m.d.Escalate, m.d.OfferPerson = KindHandoff, true, true
	m.d.Reason, m.d.Priority = reason, priority
	m.after.Pending, m.after.Choices = "", nil
	m.after.Fallbacks, m.after.Repeats = 0, 0
}

// entry adds the answer of an entry to the reply.
func (m *moment) entry(id string) bool {
	a, ok := m.bot.playbook.Answers[id]
	if !ok {
		return false
	}
	text := a.Text
	if m.turn.Elder && a.Elderly != "" {
		text = a.Elderly
	}
	if text == "" {
		text = a.Title
	}
	m.say = append(m.say, Part{Text: text, Product: a.Product, Notices: a.Notices})
	if m.d.EntryID == "" {
		m.name(a)
	}
	return true
}

// name records whose answer the decision is.
func (m *moment) name(a Answer) {
	m.d.EntryID, m.d.Title, m.d.Version, m.d.Approver = a.EntryID, a.Title, a.Version, a.Approver
}

// best returns the entry that the search is sure of, or "".
func (m *moment) best() string {
	if m.result.Verdict == kb.Answer && len(m.result.Candidates) > 0 {
		if _, ok := m.bot.playbook.Answers[m.result.Candidates[0].ID]; ok {
			return m.result.Candidates[0].ID
		}
	}
	return ""
}

// sure reports whether the best entry is not only above the bar but asks what the customer asks.
func (m *moment) sure(similarity float64) bool {
	if m.best() == "" {
		return false
	}
	c := m.result.Candidates[0]
	return m.bot.search.Similar(m.u.Question, c.Question) >= similarity || m.bot.search.Similar(m.u.Question, c.Title) >= similarity
}

// finish makes the reply and closes the course.
func (m *moment) finish() Decision {
	if m.turn.Secret {
		m.script("fraud_hint")
		m.offer(false)
	}
	if m.turn.Masked && !m.before.Warned {
		m.script("privacy")
		m.after.Warned = true
	}
	if len(m.say) == 0 {
		m.styled("fallback")
	}
	m.d.Reply = m.bot.guard.Say(m.say...)
	if m.d.Reply.Replaced() {
		m.d.Reply = m.essential()
	}
	if m.d.Reply.Replaced() {
		m.d.OfferPerson, m.after.Offered = true, true
		m.after.Scripts["fallback"]++ // the guard has just said the first variant
	}
	m.after.LastReply = m.d.Reply.Text()
	if m.after.Pending == "" && !m.d.Escalate && len(m.after.Choices) == 0 && asksAboutPerson(m.after.LastReply) {
		m.after.Pending = pendingOffer // a bare 好的 accepts only what was asked in words
	}
	if m.d.EntryID != "" {
		m.after.LastEntry = m.d.EntryID
	}
	if m.u.Chat == "" && !m.u.yes && !m.u.no && m.chosen == "" && m.u.Question != "" && !m.u.Unresolved {
		m.after.LastText = m.u.Question
	}
	if m.chosen != "" {
		m.lead(m.chosen)
	}
	m.d.Course = m.after
	return m.d
}

// essential is the reply without what may be left out, for when the guard objects to the whole:
// first the listed choices (they are shown as buttons anyway), then everything but the main part.
func (m *moment) essential() Reply {
	if m.list > 0 {
		if r := m.bot.guard.Say(slices.Delete(slices.Clone(m.say), m.list-1, m.list)...); !r.Replaced() {
			return r
		}
	}
	main := m.say[0]
	for _, p := range m.say {
		if len(p.Text) > len(main.Text) {
			main = p
		}
	}
	return m.bot.guard.Say(main)
}

// asksAboutPerson reports whether a reply ends by asking whether a person is wanted.
func asksAboutPerson(reply string) bool {
	last := reply[strings.LastIndexByte(reply, '\n')+1:]
	return (strings.Contains(last, "人工") || strings.Contains(last, "工作人员")) && (strings.Contains(last, "吗？") || strings.Contains(last, "好吗"))
}

// lead puts a chosen entry first among the candidates.
func (m *moment) lead(id string) {
	rest := slices.DeleteFunc(slices.Clone(m.d.Candidates), func(c kb.Candidate) bool { return c.ID == id })
	m.d.Candidates = append([]kb.Candidate{{ID: id, Title: m.bot.playbook.Answers[id].Title, Score: 1}}, rest...)
	if len(m.d.Candidates) > 5 {
		m.d.Candidates = m.d.Candidates[:5]
	}
}
