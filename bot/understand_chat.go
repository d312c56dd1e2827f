package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func contains(s, w string) bool { return strings.Contains(s, w) }

// readChat finds what needs no entry: greetings, thanks, who are you (only when the turn says
// nothing else), and what the bot declines (lexicon §12).
func (u *understander) readChat(n *Understanding) {
	for _, h := range n.hits {
		if h.list.Kind == lexiconDecline && (n.Decline == "" || rankDecline(h.list.Label) < rankDecline(n.Decline)) {
			n.Decline = h.list.Label
			n.found(h)
		}
	}
	for _, label := range [...]string{"hello", "chat_thanks", "chat_bye", "chat_ok", "chat_wait"} {
		if u.lexicon.phrases["chat/"+label][n.bare] {
			n.Chat = label
			return
		}
	}
	if label := u.clauses(n); label != "" {
		n.Chat = label
		return
	}
	for _, h := range n.hits {
		if h.list.Kind == lexiconChat {
			n.Chat = h.list.Label
			n.found(h)
			if n.Chat == "chat_praise" && n.Emotion == EmotionNeutral {
				n.Emotion, n.Level = EmotionPositive, 2
			}
			return
		}
	}
	switch {
	case n.bare == "":
		n.Chat = "empty"
	case nonsense(n.bare):
		n.Chat = "nonsense"
	case foreign(n.bare):
		n.Chat = "other_language"
	}
}

// clauses joins turns such as 「好的,谢谢,再见」: every clause is chat; the last one gives the script.
func (u *understander) clauses(n *Understanding) string {
	last := ""
	for _, part := range strings.FieldsFunc(string(n.line.runes), func(r rune) bool { return punctuation(r) && r != ' ' }) {
		key := bare([]rune(part))
		if key == "" {
			continue
		}
		label := ""
		for _, l := range [...]string{"hello", "chat_thanks", "chat_bye", "chat_ok", "chat_wait"} {
			if u.lexicon.phrases["chat/"+l][key] {
				label = l
			}
		}
		if label == "" {
			return ""
		}
		if last != "chat_thanks" || label == "chat_bye" {
			last = label
		}
	}
	return last
}

// rankDecline orders scripts when several fit: what must never be done comes first.
func rankDecline(label string) int {
	switch label {
	case "injection":
		return 0
	case "account_rental":
		return 1
	case "illegal":
		return 2
	case "data_request":
		return 3
	case "investment_advice":
		return 4
	case "other_company":
		return 5
	}
	return 6
}

// nonsense reports keyboard noise: digits, symbols or Latin letters without vowels, one character
// repeated.
func nonsense(s string) bool {
	runes := []rune(s)
	distinct := map[rune]bool{}
	letters, vowels, chinese, digits := 0, 0, 0, 0
	for _, r := range runes {
		distinct[r] = true
		switch {
		case han(r):
			chinese++
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsLetter(r):
			letters++
			if strings.ContainsRune("aeiouv", r) {
				vowels++
			}
		}
	}
	switch {
	case chinese > 0:
		return len(runes) >= 5 && len(distinct) == 1
	case letters == 0 && digits > 0:
		return digits > 2
	case letters == 0:
		return true
	case letters >= 5 && vowels*5 < letters:
		return true
	}
	return len(runes) >= 4 && len(distinct) <= 2
}

// foreign reports a text that is neither Chinese nor plausible pinyin: long Latin words.
func foreign(s string) bool {
	letters := 0
	for _, r := range s {
		if han(r) {
			return false
		}
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= 12 && !pinyinLike(s)
}

// pinyinLike reports whether a run of Latin letters can be cut into Chinese syllables.
func pinyinLike(s string) bool {
	letters := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] >= 'a' && s[i] <= 'z' {
			letters = append(letters, s[i])
		}
	}
	known := syllables()
	reach := make([]bool, len(letters)+1)
	reach[0] = true
	for i := range letters {
		if !reach[i] {
			continue
		}
		for k := 1; k <= 6 && i+k <= len(letters); k++ {
			if known[string(letters[i:i+k])] {
				reach[i+k] = true
			}
		}
	}
	return reach[len(letters)]
}

// question is the turn without clauses that ask nothing: greetings, thanks, exclamations. Searching
// them would only blur the query.
func (u *understander) question(n *Understanding, text string) string {
	runes := []rune(readable(text))
	if len(runes) > maxQuestion {
		runes = runes[:maxQuestion]
	}
	var kept strings.Builder
	start := 0
	flush := func(end int) {
		part := strings.TrimSpace(string(runes[start:end]))
		l := newLine(part)
		u.lexicon.repair(&l)
		if key := bare(l.runes); key != "" && !u.filler(key) {
			kept.WriteString(part)
			if end < len(runes) {
				kept.WriteRune(runes[end])
			}
		}
		start = end + 1
	}
	for i, r := range runes {
		if strings.ContainsRune("，,。！!？?；;\n…~～", r) {
			flush(i)
		}
	}
	flush(len(runes))
	if kept.Len() == 0 {
		return strings.TrimSpace(string(runes))
	}
	return strings.TrimRight(kept.String(), "，, 。！!？?；;\n…~～")
}

// maxQuestion is the longest query that is searched; questions of customers in the development data
// have at most 120 characters.
const maxQuestion = 300

// filler reports a clause that asks nothing.
func (u *understander) filler(key string) bool {
	for _, l := range [...]string{"chat/hello", "chat/thanks", "chat/chat_thanks", "chat/chat_bye", "chat/chat_ok", "chat/chat_wait"} {
		if u.lexicon.phrases[l][key] {
			return true
		}
	}
	if first, _ := utf8.DecodeRuneInString(key); strings.ContainsRune("不没别先无", first) && len(key) <= 36 &&
		(contains(key, "投诉") || contains(key, "人工") || contains(key, "真人")) && !contains(key, "怎么") {
		return true // 不是投诉, 先不转人工: what is asked stands in the other clauses
	}
	switch key {
	case "急", "急急急", "很急", "在线等", "急用", "快点", "着急", "麻烦了", "拜托", "求助", "请教", "请问一下", "你好请问", "您好请问":
		return true
	}
	return false
}
