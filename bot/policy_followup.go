package bot

import (
	"slices"
	"strings"

	"yinda/kb"
)

// followUpLimit is the length in characters up to which a turn may lean on the answer before it:
// 三年的呢, 可以免吗, 怎么查进度.
const followUpLimit = 8

// ellipsis begins a question that names no subject of its own: 能不能改, 要几天, 那三年的呢.
var ellipsis = []string{"那", "能", "可以", "可不可以", "要", "得", "需要", "会", "多久", "几", "多少", "怎么", "在哪", "哪", "什么时候", "为什么", "如果", "万一", "一年", "一个月", "一天", "每"}

// elliptical reports a question that leaves its subject to the one before.
func elliptical(q string) bool {
	q = strings.TrimRight(q, "?？吗么啊呀 ")
	return strings.HasSuffix(q, "呢") || slices.ContainsFunc(ellipsis, func(w string) bool { return strings.HasPrefix(q, w) })
}

// followUp takes a short question that no entry answers by itself, but whose best candidates include
// the entry that was answered last, or that has no subject of its own, as one about that entry. Its answer has just been read, so the
// reply points back to it and offers a person, instead of listing entries about other things.
func (m *moment) followUp() bool {
	last, ok := m.bot.playbook.Answers[m.before.LastEntry]
	if !ok || len([]rune(m.u.Question)) > followUpLimit || m.u.Chat != "" || m.u.yes || m.u.no || m.repeat {
		return false
	}
	near := m.result.Candidates[:min(3, len(m.result.Candidates))]
	if !slices.ContainsFunc(near, func(c kb.Candidate) bool { return c.ID == last.EntryID }) &&
		!elliptical(m.u.Question) {
		return false
	}
	s, ok := m.bot.playbook.Scripts["follow_up"]
	if !ok || len(s.Texts) == 0 {
		return false
	}
	i := m.after.Scripts["follow_up"] % len(s.Texts)
	m.after.Scripts["follow_up"] = i + 1
	m.say = append(m.say, Part{Text: strings.ReplaceAll(s.Texts[i], "{title}", last.Title)})
	m.name(last)
	m.d.Kind, m.d.Reason = KindAnswer, "follow_up"
	m.offer(false)
	m.after.LastEntry = last.EntryID
	return true
}
