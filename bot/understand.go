package bot

import (
	"strings"
)

// Understanding is what one turn says, apart from what it asks: how the customer feels, whether it
// is a complaint, an emergency, a wish for a person, with the words that show it (issue: EM-01,
// CP-02, lexicon §6–§11).
type Understanding struct {
	Emotion       string
	Level         int // 0..4
	Complaint     bool
	Category      string // CP-02, "" without a complaint
	Urgent        string
	Priority      int    // of the emergency, 0 = P0
	Card          string // emergency card script, "" for the one of the class
	WantsPerson   bool
	RefusesPerson bool   // 不用转人工
	Chat          string // script that answers a turn without a question, "" otherwise
	Decline       string // script that declines, "" otherwise
	Unresolved    bool   // says that the last answer did not help
	Question      string // what is to be looked up: the turn without greetings and exclamations
	Evidence      []Evidence

	line     line
	hits     []hit
	modality map[int]map[string]bool // sentence → labels
	yes, no  bool
	noted    bool // 明白了, 已理解
	bare     string
	hedged   bool // an emergency word under supposition or prevention: a how-to question
	enquiry  bool // asks about complaining without complaining
	about    bool // speaks about persons without wanting one
	// The model alone speaks for it, and not loudly, or it speaks against the lists: the bot asks
	// before it acts.
	doubtfulUrgent, doubtfulComplaint bool

	weighed [3][]float64 // inputs of judgePerson, judgeComplaint, judgeUrgent
	listed  string       // emotion by the lists, and its level
	level   int
}

// understander reads turns. It is immutable and safe for concurrent use.
type understander struct {
	lexicon *lexicon
	model   *Model
}

// understand reads one turn. limit bounds the characters that are read; see readLimit.
func (u *understander) understand(text string) *Understanding {
	l := newLine(readable(text))
	u.lexicon.repair(&l)
	l.cut()
	n := &Understanding{Emotion: EmotionNeutral, Urgent: UrgentNone, line: l, bare: bare(l.runes), modality: map[int]map[string]bool{}}
	n.hits = u.lexicon.match(&n.line)
	for _, h := range n.hits {
		if h.list.Kind == lexiconModality {
			if n.modality[h.sentence] == nil {
				n.modality[h.sentence] = map[string]bool{}
			}
			n.modality[h.sentence][h.list.Label] = true
		}
	}
	n.yes = u.lexicon.phrases["reply/yes"][n.bare]
	n.no = u.lexicon.phrases["reply/no"][n.bare]
	n.noted = u.lexicon.phrases["reply/understood"][n.bare]
	var guess, meant *Guess // meant is of emergency, complaint and emotion
	if u.model != nil {
		guess = u.model.Guess(n.features())
		if n.line.anyHan() {
			// Pinyin and English: too little of it is in the examples, and wo xiang ban ka came out as
			// self-harm. The lists know the emergencies in pinyin.
			meant = guess
		}
	}
	u.readPerson(n, guess)
	u.readUrgent(n, meant)
	u.readComplaint(n, meant)
	u.readEmotion(n, meant)
	u.readChat(n)
	n.Unresolved = n.any(lexiconReply, "unresolved")
	n.Question = u.question(n, text)
	return n
}

// readLimit is how many characters of a turn are read: 4 000 from its beginning and 1 000 from its
// end. The longest complaint pasted in one piece that we know of had 3 100.
const readLimit = 5000

func readable(text string) string {
	if len(text) <= readLimit {
		return text
	}
	runes := []rune(text)
	if len(runes) <= readLimit {
		return text
	}
	return string(runes[:readLimit-1000]) + "\n" + string(runes[len(runes)-1000:])
}

// any reports whether a list of the kind and label has a hit.
func (n *Understanding) any(kind, label string) bool {
	for _, h := range n.hits {
		if h.list.Kind == kind && h.list.Label == label {
			return true
		}
	}
	return false
}

// found adds a hit to the evidence.
func (n *Understanding) found(h hit) {
	if len(n.Evidence) >= 12 {
		return
	}
	start, end := n.line.span(h.start, h.end)
	e := Evidence{Rule: h.list.ID, Match: strings.Trim(string(n.line.runes[h.start:h.end]), " ,.;:!?\n"), Start: start, End: end}
	for _, old := range n.Evidence {
		if old == e {
			return
		}
	}
	n.Evidence = append(n.Evidence, e)
}

// learned adds a judgement of the model to the evidence, with the words that spoke for it.
func (n *Understanding) learned(rule string, m *Model, output int) {
	from, to := m.evidence(n, output)
	start, end := n.line.span(from, to)
	n.Evidence = append(n.Evidence, Evidence{Rule: "model:" + rule, Match: strings.Trim(string(n.line.runes[from:to]), " ,.;:!?\n"), Start: start, End: end})
}
