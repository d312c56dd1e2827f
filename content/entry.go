package content

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind names a kind of content item.
type Kind string

// The kinds of content.
const (
	KindEntry   Kind = "entry"
	KindFact    Kind = "fact"
	KindNotice  Kind = "notice"
	KindScript  Kind = "script"
	KindLexicon Kind = "lexicon"
	KindPolicy  Kind = "policy"
	KindExample Kind = "example"
)

// Kinds lists every kind in the order in which they are loaded and shown.
var Kinds = []Kind{KindFact, KindNotice, KindScript, KindLexicon, KindPolicy, KindExample, KindEntry}

// Entry is one approved answer with the questions that lead to it.
type Entry struct {
	ID       string   `yaml:"id" json:"id"`
	Question string   `yaml:"question" json:"question"` // the standard question
	Category string   `yaml:"category" json:"category"` // requirements PC-07
	Product  string   `yaml:"product" json:"product"`   // one of Products
	Similar  []string `yaml:"similar" json:"similar"`
	Negative []string `yaml:"negative,omitempty" json:"negative,omitempty"`

	Answer  Answer `yaml:"answer" json:"answer"`
	Elderly string `yaml:"elderly,omitempty" json:"elderly,omitempty"`
	Process string `yaml:"process,omitempty" json:"process,omitempty"` // 服务流程 (requirements BL-08)
	Fee     string `yaml:"fee,omitempty" json:"fee,omitempty"`         // 收费项目 (requirements BL-08)
	Risk    string `yaml:"risk,omitempty" json:"risk,omitempty"`       // 风险提示 (requirements BL-08)

	Notices     []string `yaml:"notices,omitempty" json:"notices,omitempty"`
	Personal    bool     `yaml:"personal,omitempty" json:"personal,omitempty"`
	OfferPerson bool     `yaml:"offer_person,omitempty" json:"offer_person,omitempty"`
	Urgent      string   `yaml:"urgent,omitempty" json:"urgent,omitempty"`
	LegalBasis  []string `yaml:"legal_basis,omitempty" json:"legal_basis,omitempty"`

	ValidFrom string `yaml:"valid_from,omitempty" json:"valid_from,omitempty"` // 2006-01-02, first day
	ValidTo   string `yaml:"valid_to,omitempty" json:"valid_to,omitempty"`     // 2006-01-02, last day
	ReviewDue string `yaml:"review_due,omitempty" json:"review_due,omitempty"`
	Owner     string `yaml:"owner,omitempty" json:"owner,omitempty"` // department (requirements GV-07)
}

// Answer is the body of an entry: conclusion first, then at most five steps of one action each.
type Answer struct {
	Conclusion string   `yaml:"conclusion" json:"conclusion"`
	Steps      []string `yaml:"steps,omitempty" json:"steps,omitempty"`
	Note       string   `yaml:"note,omitempty" json:"note,omitempty"`
}

// Products are the product types that an entry may have; they decide the notices that its answer
// must carry and the fields that it must fill.
var Products = []string{
	"none", "account", "deposit", "treasury_bond", "structured_deposit", "transfer", "credit_card", "loan",
	"wealth", "fund", "insurance", "precious_metal", "fx", "ebank", "security", "service",
}

// needsFee and needsRisk are the product types whose answers must name fees and risks
// (requirements BL-08).
var (
	needsFee  = map[string]bool{"credit_card": true, "loan": true, "wealth": true, "fund": true, "insurance": true, "precious_metal": true}
	needsRisk = map[string]bool{"credit_card": true, "loan": true, "wealth": true, "fund": true, "insurance": true, "precious_metal": true, "structured_deposit": true}
)

// Text lays the answer out as customers read it, facts still as {id}: conclusion, numbered steps,
// process, fee, risk, note.
func (e Entry) Text() string {
	var b strings.Builder
	line := func(label, s string) {
		if s = strings.TrimSpace(s); s == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(label)
		b.WriteString(s)
	}
	line("", e.Answer.Conclusion)
	for i, s := range e.Answer.Steps {
		line(string(rune('1'+i))+". ", s)
	}
	line("服务流程：", e.Process)
	line("收费说明：", e.Fee)
	line("风险提示：", e.Risk)
	line("", e.Answer.Note)
	return b.String()
}

// Fact is a named value that answers refer to as {id}: a rate, fee, limit, hour or phone number.
// Answers never type such a number themselves (product, promise 4).
type Fact struct {
	ID          string `yaml:"id" json:"id"`
	Name        string `yaml:"name" json:"name"`
	Value       string `yaml:"value" json:"value"`
	Placeholder bool   `yaml:"placeholder" json:"placeholder"` // 示例银行's own: shown with 〔示例〕
	Basis       string `yaml:"basis,omitempty" json:"basis,omitempty"`
	ValidFrom   string `yaml:"valid_from,omitempty" json:"valid_from,omitempty"`
	ValidTo     string `yaml:"valid_to,omitempty" json:"valid_to,omitempty"`
}

// Shown is the fact as customers read it.
func (f Fact) Shown() string {
	if f.Placeholder {
		return f.Value + "〔示例〕"
	}
	return f.Value
}

// Law is one entry of the controlled list of legal bases: nothing else may be cited
// (requirements T-13).
type Law struct {
	ID       string `yaml:"id" json:"id"`
	Title    string `yaml:"title" json:"title"`
	Article  string `yaml:"article" json:"article"`
	Verified string `yaml:"verified" json:"verified"`
}

// factRefs calls visit for every {id} in s with the byte offsets of the reference.
func factRefs(s string, visit func(id string, start, end int)) {
	for i := 0; i < len(s); {
		open := strings.IndexByte(s[i:], '{')
		if open < 0 {
			return
		}
		open += i
		end := strings.IndexByte(s[open:], '}')
		if end < 0 {
			return
		}
		end += open
		if id := s[open+1 : end]; isFactID(id) {
			visit(id, open, end+1)
		}
		i = open + 1
	}
}

func isFactID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, r := range s {
		if r != '_' && (r > unicode.MaxASCII || !unicode.IsLower(r) && !unicode.IsDigit(r)) {
			return false
		}
	}
	return true
}

// Fill replaces every {id} in s by its value. References without a value stay as they are and are
// returned in missing.
func Fill(s string, facts map[string]string) (filled string, missing []string) {
	var b strings.Builder
	last := 0
	factRefs(s, func(id string, start, end int) {
		value, ok := facts[id]
		if !ok {
			missing = append(missing, id)
			return
		}
		b.WriteString(s[last:start])
		b.WriteString(value)
		last = end
	})
	if last == 0 {
		return s, missing
	}
	b.WriteString(s[last:])
	return b.String(), missing
}

func runes(s string) int { return utf8.RuneCountInString(s) }
