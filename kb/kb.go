package kb

import "time"

// Entry is what the index knows of a knowledge entry: the questions that lead to it. Answers live
// with the content; the index only finds.
type Entry struct {
	ID       string
	Title    string   // the standard question
	Similar  []string // similar questions, as customers type
	Negative []string // questions that look alike but that another entry answers
	Product  string
	Category string
}

// Pair is a question of a real customer, confirmed by an agent or editor. An empty EntryID marks a
// question that has no answer in this knowledge base.
type Pair struct {
	Question string
	EntryID  string
}

// Base is everything that an index is built from: one generation of published content.
type Base struct {
	Generation int64
	Entries    []Entry
	Pairs      []Pair
	Words      []string   // dictionary words to keep whole (banking terms, product names)
	Synonyms   [][]string // groups of words with the same meaning
	// Untrained skips refitting on the base's own questions and uses the shipped weights and
	// thresholds: a tenth of the time, for previews and for tests that are not about ranking.
	Untrained bool
	// Model is what [Index.Model] returned for a Base with the same questions, pairs and words: the
	// index is then made without learning again. Any other bytes are ignored.
	Model []byte
}

// Verdict says what the scores allow: answering, asking back, or declining.
type Verdict string

// The verdicts of a search.
const (
	Answer  Verdict = "answer"
	Clarify Verdict = "clarify"
	Decline Verdict = "decline"
)

// Thresholds turn scores into a verdict. Scores are probabilities between 0 and 1.
type Thresholds struct {
	Answer  float64 `json:"answer"`  // answer from here on, if the margin allows
	Clarify float64 `json:"clarify"` // ask back from here on; decline below
	Margin  float64 `json:"margin"`  // least distance between the two best for an answer
}

// Candidate is an entry with the probability that it answers the question.
type Candidate struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Score    float64   `json:"score"`              // probability, 0..1
	Question string    `json:"question,omitempty"` // the question of the entry that matched best
	Features []Feature `json:"features,omitempty"` // filled when an explanation was asked for
}

// Feature is one reason for a score. Contribution is Value × weight in log-odds.
type Feature struct {
	Name         string  `json:"name"`
	Value        float64 `json:"value"`
	Contribution float64 `json:"contribution"`
}

// Result is the outcome of one search. Candidates are best first, at most five.
type Result struct {
	Query      string        `json:"query"`      // as given
	Normalized string        `json:"normalized"` // as searched
	Tokens     []string      `json:"tokens,omitempty"`
	Synonyms   []string      `json:"synonyms,omitempty"` // "还钱 → 还款"
	Candidates []Candidate   `json:"candidates"`
	Margin     float64       `json:"margin"` // score of the best minus score of the second
	Verdict    Verdict       `json:"verdict"`
	Thresholds Thresholds    `json:"thresholds"`
	Generation int64         `json:"generation"`
	Took       time.Duration `json:"-"`
}
