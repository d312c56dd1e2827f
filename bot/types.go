package bot

import (
	"time"

	"yinda/kb"
)

// Kind is what the bot does with a turn.
type Kind string

// The kinds of a decision (design §8).
const (
	KindAnswer  Kind = "answer"
	KindClarify Kind = "clarify"
	KindDecline Kind = "decline"
	KindHandoff Kind = "handoff"
	KindChat    Kind = "chat"
)

// Urgent classes (design §8), in falling order of priority within P0.
const (
	UrgentNone         = "none"
	UrgentSelfHarm     = "self_harm"
	UrgentInProgress   = "fraud_in_progress"
	UrgentVictim       = "fraud_victim"
	UrgentUnauthorised = "unauthorised_transaction"
	UrgentCardLost     = "card_lost"
	UrgentWrong        = "wrong_transfer"
	UrgentRegulator    = "media_or_regulator_threat"
	UrgentLegal        = "legal_threat"
	UrgentOther        = "other"
)

// Emotions (design §8).
const (
	EmotionNeutral      = "neutral"
	EmotionAnxious      = "anxious"
	EmotionDissatisfied = "dissatisfied"
	EmotionAngry        = "angry"
	EmotionSad          = "sad"
	EmotionPositive     = "positive"
)

// Answer is a published entry as it is said: facts filled in, notices named.
type Answer struct {
	EntryID     string   `json:"entry_id"`
	Title       string   `json:"title"`
	Product     string   `json:"product"`
	Version     int      `json:"version"`
	Approver    string   `json:"approver"`
	Text        string   `json:"text"`    // conclusion, steps, process, fee, risk, note; facts filled in
	Elderly     string   `json:"elderly"` // "" when there is none
	Notices     []string `json:"notices"`
	Personal    bool     `json:"personal"`
	OfferPerson bool     `json:"offer_person"`
	Risk        bool     `json:"risk"`   // the entry carries a risk notice: confirm understanding (BL-09)
	Urgent      string   `json:"urgent"` // UrgentNone unless asking this means an emergency
}

// Script is an approved sentence of the bot, with variants that rotate.
type Script struct {
	ID    string   `yaml:"id" json:"id"`
	Name  string   `yaml:"name" json:"name"`
	Texts []string `yaml:"texts" json:"texts"` // may refer to facts as {id}
}

// Notice is a mandatory notice (domain lexicon §4).
type Notice struct {
	ID       string   `yaml:"id" json:"id"`
	Name     string   `yaml:"name" json:"name"`
	Text     string   `yaml:"text" json:"text"`
	Products []string `yaml:"products" json:"products"` // product types that demand it
	Basis    string   `yaml:"basis" json:"basis"`
}

// Lexicon is one word list. What a kind means is said where it is compiled (lexicon.go).
type Lexicon struct {
	ID       string   `yaml:"id" json:"id"`
	Kind     string   `yaml:"kind" json:"kind"`
	Label    string   `yaml:"label" json:"label"`       // emotion, urgent class, complaint category … by kind
	Level    int      `yaml:"level" json:"level"`       // emotion level 1..4
	Severity string   `yaml:"severity" json:"severity"` // block or warn
	Advice   string   `yaml:"advice" json:"advice"`     // what to say instead
	Words    []string `yaml:"words" json:"words"`
	Patterns []string `yaml:"patterns" json:"patterns"` // RE2, over folded text
	Except   []string `yaml:"except" json:"except"`     // longer words that are not a hit
	Priority int      `yaml:"priority" json:"priority"` // of an urgent list: 0 = P0, 1 = P1 …
}

// Thresholds of the policy. They are content: a bank may change them, through review.
type Thresholds struct {
	OfferLevel     int `yaml:"offer_level" json:"offer_level"`         // emotion level that offers a person
	ForceLevel     int `yaml:"force_level" json:"force_level"`         // emotion level that transfers
	OfferFallbacks int `yaml:"offer_fallbacks" json:"offer_fallbacks"` // fallbacks in a row that offer a person
	ForceFallbacks int `yaml:"force_fallbacks" json:"force_fallbacks"` // fallbacks in a row that transfer
}

// Playbook is everything published that the bot reads besides the index: one generation.
type Playbook struct {
	Generation int64
	Answers    map[string]Answer
	Scripts    map[string]Script
	Notices    map[string]Notice
	Lexicons   []Lexicon
	Facts      map[string]string // values as shown to customers
	Thresholds Thresholds
}

// Turn is one turn of the customer: one bubble, or several within the debounce time joined by \n.
// Text has already lost its C3 private data (internal/vault).
type Turn struct {
	Text   string
	At     time.Time
	Masked bool // private data was found in it: the customer is warned once
	Secret bool // C3 data was destroyed in it: a fraud hint is due
	Elder  bool // the customer chose elderly mode
}

// Course is what the bot remembers of a conversation between turns. It is stored with the
// conversation and is a pure function of its turns.
type Course struct {
	Turns     int            `json:"turns"`
	Fallbacks int            `json:"fallbacks"` // in a row
	Emotion   string         `json:"emotion,omitempty"`
	Heat      float64        `json:"heat"`              // decayed emotion level, 0..4
	Levels    []int          `json:"levels,omitempty"`  // of the latest turns, newest last
	Offered   bool           `json:"offered,omitempty"` // a person was offered
	Warned    bool           `json:"warned,omitempty"`  // the private-data notice was given
	LastEntry string         `json:"last_entry,omitempty"`
	LastReply string         `json:"last_reply,omitempty"`
	LastText  string         `json:"last_text,omitempty"`
	Choices   []string       `json:"choices,omitempty"` // entry ids of the clarifying question asked last
	Repeats   int            `json:"repeats,omitempty"`
	Suspected string         `json:"suspected,omitempty"` // emergency that the bot has asked about
	Doubts    int            `json:"doubts,omitempty"`    // turns that read like a complaint or an emergency, though not for sure
	Scripts   map[string]int `json:"scripts,omitempty"`   // next variant of each script
	LastAt    time.Time      `json:"last_at,omitzero"`
	// Pending says what a bare 是/好的 answers: "", "offer_person", "confirm_urgent", "confirm_risk", "complaint".
	Pending string `json:"pending,omitempty"`
}

// Evidence is one reason for a decision: what was found, where, by which list or rule.
type Evidence struct {
	Rule  string `json:"rule"`  // list id or rule name
	Match string `json:"match"` // the customer's own words
	Start int    `json:"start"` // characters of Turn.Text
	End   int    `json:"end"`
}

// Choice is one answer to a clarifying question, shown as a button.
type Choice struct {
	EntryID string `json:"entry_id"`
	Title   string `json:"title"`
}

// Decision is what the bot does with one turn, and why. An action is a field, never a sentence.
type Decision struct {
	Kind       Kind
	EntryID    string
	Title      string
	Version    int
	Approver   string
	Generation int64
	Reply      Reply // made by the guard only
	Choices    []Choice
	Candidates []kb.Candidate

	Emotion           string
	EmotionLevel      int // 0..4
	Trend             int // level now minus level two turns ago
	Complaint         bool
	ComplaintCategory string // CP-02
	Urgent            string
	WantsPerson       bool
	OfferPerson       bool // show the offer beside the reply
	Escalate          bool
	Priority          int    // 0 (P0) highest … 3 ordinary; meaningful when Escalate
	Reason            string // emergency, person_requested, complaint, emotion, repeated_failure, repeated_question, personal_matter …
	Evidence          []Evidence
	ConfirmRisk       bool // ask whether the risk notice is understood (BL-09)

	Course Course    // the conversation's course after this turn
	Search kb.Result // explanation; empty when no search was made
	Took   time.Duration
}

// UrgentClasses lists every urgent class but UrgentNone.
var UrgentClasses = []string{UrgentSelfHarm, UrgentInProgress, UrgentVictim, UrgentUnauthorised,
	UrgentCardLost, UrgentWrong, UrgentRegulator, UrgentLegal, UrgentOther}
