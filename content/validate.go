package content

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"yinda/bot"
	"yinda/internal/fault"
	"yinda/internal/text"
)

// Finding is what is wrong with a draft. Level error keeps it from being submitted, warn is shown
// to author and reviewer.
type Finding struct {
	Field   string `json:"field"` // JSON path of the body, e.g. answer.steps[2]
	Level   string `json:"level"` // error or warn
	Message string `json:"message"`
}

// Linter is the guard as content sees it: what may a text of the bank not say.
type Linter func(text string) bot.Verdict

// Limits of an entry. 120 characters and five steps: routine-questions, behavioural rules 1 and 2.
const (
	maxQuestion   = 100
	maxConclusion = 120
	maxSteps      = 5
	maxText       = 4000
	maxSimilar    = 5000
)

var (
	entryID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)
	dateDay = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)
	// literalNumber finds a typed amount, rate, limit or phone number: two digits and more, or any
	// digit with a unit. Counts such as 第1步 or 3张 stay free.
	literalNumber = regexp.MustCompile(`\d[\d,.]*\s*(%|‰|元|万|亿|美元|个点|BP|bp)|\d{2,}`)
	// noise is what scraped documents carry (requirements KB-19).
	noise = regexp.MustCompile(`\x{FFFD}|\?\?|？？？|下载本文档|VIP文档|足球投注|体育官网|必威|博彩|\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}\)`)
)

// checker collects findings about one body.
type checker struct {
	set      *Set
	lint     Linter
	findings []Finding
}

func (c *checker) add(level, field, format string, args ...any) {
	c.findings = append(c.findings, Finding{Field: field, Level: level, Message: fmt.Sprintf(format, args...)})
}

// Check validates one item's body against the rest of the set: fields, facts, notices, legal bases,
// forbidden words. lint may be nil.
func (s *Set) Check(kind Kind, body json.RawMessage, lint Linter) []Finding {
	c := &checker{set: s, lint: lint}
	switch kind {
	case KindEntry:
		if e, ok := decodeBody[Entry](c, body); ok {
			c.entry(e)
		}
	case KindFact:
		if f, ok := decodeBody[Fact](c, body); ok {
			c.fact(f)
		}
	case KindNotice:
		if n, ok := decodeBody[bot.Notice](c, body); ok {
			c.identity(n.ID, n.Name)
			c.said("text", n.Text)
		}
	case KindScript:
		if sc, ok := decodeBody[bot.Script](c, body); ok {
			c.identity(sc.ID, sc.Name)
			if len(sc.Texts) == 0 {
				c.add("error", "texts", "话术至少要有一条文本。")
			}
			for i, t := range sc.Texts {
				c.said(fmt.Sprintf("texts[%d]", i), t)
			}
		}
	case KindLexicon:
		if l, ok := decodeBody[bot.Lexicon](c, body); ok {
			c.lexicon(l)
		}
	case KindExample:
		if e, ok := decodeBody[Example](c, body); ok {
			c.example(e, labelledBy(s.Examples))
		}
	case KindPolicy:
		if p, ok := decodeBody[bot.Thresholds](c, body); ok {
			c.policy(p)
		}
	default:
		c.add("error", "", "未知的内容类型“%s”。", kind)
	}
	return c.findings
}

// decodeBody decodes strictly: an unknown field is a finding.
func decodeBody[T any](c *checker, body json.RawMessage) (T, bool) {
	var v T
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		c.add("error", "", "内容格式不正确：%v。", err)
		return v, false
	}
	return v, true
}

func (c *checker) identity(id, name string) {
	if !entryID.MatchString(id) {
		c.add("error", "id", "编号须为1—64位字母、数字、点、短横或下划线。")
	}
	if strings.TrimSpace(name) == "" {
		c.add("warn", "name", "请填写名称，便于同事识别。")
	}
}

func (c *checker) entry(e Entry) {
	if !entryID.MatchString(e.ID) {
		c.add("error", "id", "编号须为1—64位字母、数字、点、短横或下划线。")
	}
	c.question("question", e.Question)
	if len(e.Similar) == 0 {
		c.add("warn", "similar", "还没有相似问，客户换个说法时可能找不到这条知识。")
	}
	if len(e.Similar) > maxSimilar {
		c.add("error", "similar", "相似问最多%d条，现有%d条。", maxSimilar, len(e.Similar))
	}
	c.similar(e)
	if !slices.Contains(Products, e.Product) {
		c.add("error", "product", "产品类型“%s”不在清单内。", e.Product)
	}
	if n := runes(e.Answer.Conclusion); n == 0 {
		c.add("error", "answer.conclusion", "请填写结论，客户最先看到这一句。")
	} else if n > maxConclusion {
		c.add("error", "answer.conclusion", "结论最多%d字，现有%d字。", maxConclusion, n)
	}
	if len(e.Answer.Steps) > maxSteps {
		c.add("error", "answer.steps", "步骤最多%d步，现有%d步。", maxSteps, len(e.Answer.Steps))
	}
	if needsFee[e.Product] && strings.TrimSpace(e.Fee) == "" {
		c.add("error", "fee", "该类产品必须写明收费项目（BL-08）。")
	}
	if needsRisk[e.Product] && strings.TrimSpace(e.Risk) == "" {
		c.add("error", "risk", "该类产品必须写明风险提示（BL-08）。")
	}
	if e.Urgent != "" && !slices.Contains(bot.UrgentClasses, e.Urgent) {
		c.add("error", "urgent", "紧急类别“%s”不在清单内。", e.Urgent)
	}
	c.said("answer.conclusion", e.Answer.Conclusion)
	for i, s := range e.Answer.Steps {
		c.said(fmt.Sprintf("answer.steps[%d]", i), s)
	}
	c.said("answer.note", e.Answer.Note)
	c.said("elderly", e.Elderly)
	c.said("process", e.Process)
	c.said("fee", e.Fee)
	c.said("risk", e.Risk)
	for i, id := range e.Notices {
		if !slices.ContainsFunc(c.set.Notices, func(n bot.Notice) bool { return n.ID == id }) {
			c.add("error", fmt.Sprintf("notices[%d]", i), "通知“%s”不存在。", id)
		}
	}
	for i, id := range e.LegalBasis {
		if !slices.ContainsFunc(c.set.Laws, func(l Law) bool { return l.ID == id }) {
			c.add("error", fmt.Sprintf("legal_basis[%d]", i), "依据“%s”不在已核实的法规清单内。", id)
		}
	}
	c.dates(e.ValidFrom, e.ValidTo)
	if e.ReviewDue != "" && !dateDay.MatchString(e.ReviewDue) {
		c.add("error", "review_due", "日期请写成2026-11-23的形式。")
	}
}

func (c *checker) question(field, q string) {
	switch n := runes(strings.TrimSpace(q)); {
	case n == 0:
		c.add("error", field, "问题不能为空。")
	case n > maxQuestion:
		c.add("error", field, "问题最多%d字，现有%d字。", maxQuestion, n)
	case noise.MatchString(q):
		c.add("error", field, "问题里有乱码或垃圾文字，请清理后再提交。")
	}
}

// similar checks every similar question, and that no other entry claims the same one: the same
// words leading to two answers are a contradiction.
func (c *checker) similar(e Entry) {
	owner := map[string]string{}
	for _, other := range c.set.Entries {
		if other.ID == e.ID {
			continue
		}
		for _, q := range append([]string{other.Question}, other.Similar...) {
			owner[text.Fold(q).String()] = other.ID
		}
	}
	seen := map[string]bool{}
	for i, q := range e.Similar {
		field := fmt.Sprintf("similar[%d]", i)
		c.question(field, q)
		folded := text.Fold(q).String()
		if seen[folded] {
			c.add("warn", field, "与本条其他相似问重复。")
		}
		seen[folded] = true
		if id, ok := owner[folded]; ok {
			c.add("warn", field, "知识%s已有相同的问法，客户会得到哪一条不确定。", id)
		}
	}
}

// said checks a text that customers will read.
func (c *checker) said(field, s string) {
	if s == "" {
		return
	}
	if runes(s) > maxText {
		c.add("error", field, "文字过长，最多%d字。", maxText)
		return
	}
	if noise.MatchString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		c.add("error", field, "文字里有乱码、垃圾文字或控制字符，请清理后再提交。")
	}
	var bare strings.Builder
	last := 0
	factRefs(s, func(id string, start, end int) {
		bare.WriteString(s[last:start])
		last = end
		if !slices.ContainsFunc(c.set.Facts, func(f Fact) bool { return f.ID == id }) && !slotNames[id] {
			c.add("error", field, "事实“{%s}”不在事实表内，请先登记。", id)
		}
	})
	bare.WriteString(s[last:])
	if m := literalNumber.FindString(bare.String()); m != "" {
		c.add("warn", field, "“%s”是直接写入的数字，利率、费用、额度、时间和电话请登记到事实表后引用。", m)
	}
	if c.lint != nil {
		for _, f := range c.lint(bare.String()).Findings {
			level := "warn"
			if f.Block {
				level = "error"
			}
			c.add(level, field, "“%s”：%s", f.Match, f.Advice)
		}
	}
}

// slotNames are references that are filled at run time, not from the fact table.
var slotNames = map[string]bool{"title": true, "ticket": true, "position": true, "wait": true, "agent": true,
	"due": true, "no": true, "days": true, "choices": true, "issuer": true, "insurer": true, "apr": true}

func (c *checker) fact(f Fact) {
	if !isFactID(f.ID) {
		c.add("error", "id", "事实编号只能用小写字母、数字和下划线。")
	}
	if strings.TrimSpace(f.Name) == "" {
		c.add("error", "name", "请填写事实名称。")
	}
	if strings.TrimSpace(f.Value) == "" {
		c.add("error", "value", "请填写数值。")
	}
	if f.Basis != "" && !slices.ContainsFunc(c.set.Laws, func(l Law) bool { return l.ID == f.Basis }) {
		c.add("error", "basis", "依据“%s”不在已核实的法规清单内。", f.Basis)
	}
	c.dates(f.ValidFrom, f.ValidTo)
	if noise.MatchString(f.Value) || runes(f.Value) > maxQuestion {
		c.add("error", "value", "数值里有乱码或过长，请清理后再提交。")
	}
}

func (c *checker) dates(from, to string) {
	for field, d := range map[string]string{"valid_from": from, "valid_to": to} {
		if d != "" && !dateDay.MatchString(d) {
			c.add("error", field, "日期请写成2026-11-23的形式。")
		}
	}
	if from != "" && to != "" && to < from {
		c.add("error", "valid_to", "失效日期早于生效日期。")
	}
}

func (c *checker) lexicon(l bot.Lexicon) {
	c.identity(l.ID, l.ID)
	if l.Kind == "" {
		c.add("error", "kind", "请选择词表类型。")
	}
	if len(l.Words)+len(l.Patterns) == 0 {
		c.add("error", "words", "词表是空的。")
	}
	if ForIndex(l.Kind) {
		c.indexWords(l)
		return
	}
	for i, w := range l.Words {
		if strings.TrimSpace(w) == "" {
			c.add("error", fmt.Sprintf("words[%d]", i), "词语不能为空：空词会命中每一句话。")
		}
	}
	for i, p := range l.Patterns {
		if re, err := regexp.Compile(p); err != nil {
			c.add("error", fmt.Sprintf("patterns[%d]", i), "正则表达式无法使用：%v。", err)
		} else if re.MatchString("") {
			c.add("error", fmt.Sprintf("patterns[%d]", i), "正则表达式能匹配空文字，会命中每一句话。")
		}
	}
}

func (c *checker) policy(p bot.Thresholds) {
	if p.OfferLevel < 1 || p.ForceLevel > 4 || p.OfferLevel > p.ForceLevel {
		c.add("error", "offer_level", "情绪等级须满足 1 ≤ 提示 ≤ 转接 ≤ 4。")
	}
	if p.OfferFallbacks < 1 || p.OfferFallbacks > p.ForceFallbacks || p.ForceFallbacks > 5 {
		c.add("error", "offer_fallbacks", "连续未答次数须满足 1 ≤ 提示 ≤ 转接 ≤ 5：客户不能被困在机器人里。")
	}
}

// errorsIn returns an Invalid fault with the findings of level error, nil when there are none.
func errorsIn(findings []Finding) error {
	for _, f := range findings {
		if f.Level == "error" {
			return &CheckError{Findings: findings,
				Fault: fault.New(fault.Invalid, "content_invalid", "内容未通过检查："+f.Message)}
		}
	}
	return nil
}

// CheckError is an Invalid fault that carries all findings of a check.
type CheckError struct {
	Fault    *fault.Error
	Findings []Finding
}

// Error is the first finding of level error.
func (e *CheckError) Error() string { return e.Fault.Error() }

// Unwrap gives the fault.
func (e *CheckError) Unwrap() error { return e.Fault }
