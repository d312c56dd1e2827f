package bot

import (
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
)

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
	Rule   string `json:"rule"`  // promise, taboo, solicit_secret … (design §8)
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

// Guard checks every outgoing text, of bot, agents and drafts, and is the only maker of replies
// (design §2.3, requirements BL-03, GV-03). Its lists are content; what it reads in them is said in
// lint_rules.go. It is safe for concurrent use.
type Guard struct {
	rules    *ruleSet
	facts    map[string]string
	notices  map[string]Notice
	required map[string][]string // product type → ids of its notices, sorted
	own      []string            // hosts that may be linked to
	fallback string

	said      sync.Map // text → Reply: what was judged already
	saidCount atomic.Int32
}

// lastResort is said when even the approved fallback cannot be: never silence (lexicon §14).
const lastResort = "很抱歉，这个问题我暂时无法准确回答您。您可以换个说法，或输入“人工”联系人工客服。"

// fallbackScripts are looked for in this order when a wanted text was blocked. It must offer a person.
var fallbackScripts = []string{"guard_fallback", "fallback"}

// NewGuard compiles the lists of a playbook. It fails, naming the list, when a pattern is broken.
func NewGuard(p Playbook) (*Guard, error) {
	rules, err := newRuleSet(p.Lexicons)
	if err != nil {
		return nil, err
	}
	g := &Guard{rules: rules, facts: p.Facts, notices: p.Notices, required: map[string][]string{}, own: ownHosts(p.Facts), fallback: lastResort}
	for id, n := range p.Notices {
		for _, product := range n.Products {
			g.required[product] = append(g.required[product], id)
		}
	}
	for _, ids := range g.required {
		slices.Sort(ids)
	}
	for _, id := range fallbackScripts {
		script, ok := p.Scripts[id]
		if !ok || len(script.Texts) == 0 {
			continue
		}
		if text, ok := g.fill(script.Texts[0]); ok && g.Check(text, SpeakerBot).Verdict != VerdictBlock {
			g.fallback = text
			break
		}
	}
	return g, nil
}
