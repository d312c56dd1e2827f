package bot

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"yinda/internal/text"
)

// The phrasing model catches forbidden sentences that no list foresaw: 有录音，咱换个地方说. It is a
// linear classifier over hashed character n-grams, trained from phrasing/sentences.tsv, and only
// adds to what the lists find; negations and warnings are in its examples.
const (
	phrasingBuckets = 1 << 18
	// phrasingShortest: fewer characters are too little evidence for the model.
	phrasingShortest = 4
	// A sentence is blocked from this probability of being forbidden: under phrasingShort characters
	// from phrasingBarShort, else from phrasingBarLong. In five-fold cross-validation (CROSS=1) the
	// model alone stops 0.013 of the good sentences with them, and catches 0.70 of the forbidden ones;
	// the lists and the reading of warnings around it do the rest.
	phrasingShort    = 8
	phrasingBarShort = 0.65
	phrasingBarLong  = 0.40
	// phrasingLongest bounds a sentence in characters: forbidden ones are short, and probabilities
	// of long ones are not to be trusted.
	phrasingLongest = 60
	// phrasingPrior is the log-odds of ok against each of the rules while nothing is known of the
	// sentence; it is not learned, since the examples say nothing about how often agents are rude.
	phrasingPrior = 2.8
)

var phrasingClasses = []string{"ok", RulePromise, RuleTaboo, RuleBlame, RuleDiscrim, RuleSecret, RuleContact, RuleCompetitor, RuleUnlicensed, RuleLiability, RuleDissuade}

// phrasingAdvice is what to say instead, by rule, when no list says it.
var phrasingAdvice = map[string]string{
	RulePromise:    "请删除保证、承诺或催促的说法，以产品说明书、合同和审批结果为准。",
	RuleTaboo:      "请改为平和、尊重的说法：我来帮您核实，或为您转接专人，好吗？",
	RuleBlame:      "请不要归责于客户：给您添麻烦了，我们一起看看现在怎么处理。",
	RuleDiscrim:    "任何客户都应得到平等、尊重的服务，请删除。",
	RuleSecret:     "不得索要密码、验证码、卡号或证件，请引导客户到官方渠道完成核实。",
	RuleContact:    "请通过官方渠道沟通，不得提供或索取个人联系方式。",
	RuleCompetitor: "请删除对其他机构的评价，只说明我行的业务。",
	RuleUnlicensed: "我行仅通过官方渠道销售已公示的产品，请删除私下交易或推销。",
	RuleLiability:  "不承认也不否认责任：给您添麻烦了，非常抱歉，将由专人核实后答复。",
	RuleDissuade:   "客户有权投诉，请为客户登记，不得劝阻。",
}

// phrasingModel is immutable and safe for concurrent use.
type phrasingModel struct {
	weights []int8 // bucket × class
	scale   float32
	bias    []float32
	digest  [32]byte // of the examples that it was trained from
}

//go:generate go test -run TestPhrasingModel -update-phrasing
//go:embed phrasing/model.bin
var phrasingBytes []byte

// phrasing is the model that ships; nil when it is damaged, which a test notices.
var phrasing = sync.OnceValue(func() *phrasingModel {
	m, err := readPhrasing(bytes.NewReader(phrasingBytes))
	if err != nil {
		return nil
	}
	return m
})

// judge returns the probability that the sentence is forbidden and the rule that it most likely
// breaks.
func (m *phrasingModel) judge(sentence []rune) (p float64, rule string) {
	features := phrasingFeatures(sentence)
	z := make([]float64, len(phrasingClasses))
	for _, f := range features {
		row := m.weights[int(f)*len(z) : int(f+1)*len(z)]
		for c, w := range row {
			z[c] += float64(w)
		}
	}
	norm := float64(m.scale) / math.Sqrt(float64(max(len(features), 1)))
	best := 1
	for c := range z {
		z[c] = z[c]*norm + float64(m.bias[c])
		if c > 0 && z[c] > z[best] {
			best = c
		}
	}
	return 1 - softmax64(z)[0], phrasingClasses[best]
}

// forbids returns the rule that the sentence breaks, or "". Of the shortest sentences it knows only
// those that are examples themselves: 赖您.
func (m *phrasingModel) forbids(sentence []rune) string {
	if len(sentence) < phrasingShortest {
		return phrasingByHeart()[string(sentence)]
	}
	if p, rule := m.judge(sentence); p >= barFor(len(sentence)) {
		return rule
	}
	return ""
}

// phrasingByHeart are the forbidden examples that are too short for the model, with their rules.
var phrasingByHeart = sync.OnceValue(func() map[string]string {
	known := map[string]string{}
	for _, e := range phrasingExamples() {
		if s := strippedSentence(e.text); e.class > 0 && len(s) < phrasingShortest {
			known[string(s)] = phrasingClasses[e.class]
		}
	}
	return known
})

// barFor is the probability of being forbidden from which a sentence of so many characters is blocked.
func barFor(length int) float64 {
	switch {
	case length < phrasingShortest || length > phrasingLongest:
		return 2 // never
	case length < phrasingShort:
		return phrasingBarShort
	}
	return phrasingBarLong
}

func softmax64(z []float64) []float64 {
	top := z[0]
	for _, x := range z {
		top = max(top, x)
	}
	p := make([]float64, len(z))
	sum := 0.0
	for i, x := range z {
		p[i] = math.Exp(x - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// phrasingFeatures are the hashed n-grams of one to four characters with the edges of the sentence,
// and pairs of characters up to four apart, each once: over the characters, and again over the
// sentence with groups of words as single symbols. Digits are all alike.
func phrasingFeatures(sentence []rune) []uint32 {
	seen := make(map[uint32]bool, 12*len(sentence))
	out := make([]uint32, 0, 12*len(sentence))
	add := func(h uint32) {
		if h %= phrasingBuckets; !seen[h] {
			seen[h] = true
			out = append(out, h)
		}
	}
	ngrams(framed(sentence), 2166136261, add)
	ngrams(framed([]rune(classSymbols.Replace(string(sentence)))), 2166136261^0x5bd1e995, add)
	return out
}

// framed marks the edges, makes runs of digits one, and lets 你 be both second person and rude.
func framed(sentence []rune) []rune {
	rs := make([]rune, 0, len(sentence)+2)
	rs = append(rs, '^')
	for _, r := range sentence {
		switch {
		case r >= '0' && r <= '9':
			r = '0'
			if rs[len(rs)-1] == '0' {
				continue
			}
		case r == '你':
			rs = append(rs, '您')
		}
		rs = append(rs, r)
	}
	return append(rs, '$')
}

func ngrams(rs []rune, seed uint32, add func(uint32)) {
	const prime = 16777619 // FNV-1a
	for i := range rs {
		h := seed
		for n := 0; n < 4 && i+n < len(rs); n++ {
			h = (h ^ uint32(rs[i+n])) * prime
			if n == 0 && (i == 0 || i == len(rs)-1) {
				continue // an edge alone is in every sentence and would stand for its length
			}
			add(h ^ h>>15)
		}
		for gap := 2; gap <= 4 && i+gap < len(rs); gap++ {
			h := (seed^uint32(rs[i]))*prime ^ 0x9e3779b9
			h = (h ^ uint32(rs[i+gap])) * prime
			add(h ^ h>>13)
		}
	}
}

// byPhrasing adds the sentences that the model holds forbidden and in which no list found anything.
func (r *reading) byPhrasing(original []rune, found []Finding, block bool) []Finding {
	m := phrasing()
	if m == nil {
		return found
	}
	taken := make([]bool, len(original)) // by a finding that blocks already
	for _, f := range found {
		for i := f.Start; f.Block && i < f.End; i++ {
			taken[i] = true
		}
	}
	for _, h := range r.understood {
		from, to := r.around(h, endsSentence)
		from, to = r.tight.Span(from, to)
		for i := from; i < to; i++ {
			taken[i] = true
		}
	}
	for _, s := range r.sentences() {
		end := s.End
		for end > s.Start && (endsSentence(r.runes[end-1]) || r.runes[end-1] == ' ') {
			end--
		}
		rule := m.forbids(r.runes[s.Start:end])
		if rule == "" || r.noted(s) {
			continue
		}
		from, to := r.tight.Span(s.Start, end)
		if slices.Contains(taken[from:to], true) {
			continue
		}
		found = append(found, Finding{Rule: rule, Start: from, End: to, Match: string(original[from:to]), Advice: phrasingAdvice[rule], List: "phrasing", Block: block})
	}
	return found
}

// noted reports whether the sentence warns or quotes: such sentences are left to the lists.
func (r *reading) noted(s text.Range) bool {
	for _, role := range []markRole{markWarningStrong, markQuote} {
		if between(r.marks[role], s.Start, s.End, func(w text.Range) bool {
			return w.Start >= s.Start && w.End <= s.End && !r.disclaimed(w)
		}) {
			return true
		}
	}
	return false
}

// write stores the model: gzip of the digest, the classes' biases, the scale, and the weights.
func (m *phrasingModel) write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, part := range []any{m.digest, m.bias, m.scale, m.weights} {
		if err := binary.Write(z, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return z.Close()
}

func readPhrasing(r io.Reader) (*phrasingModel, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("phrasing model: %w", err)
	}
	m := &phrasingModel{bias: make([]float32, len(phrasingClasses)), weights: make([]int8, phrasingBuckets*len(phrasingClasses))}
	for _, part := range []any{&m.digest, m.bias, &m.scale, m.weights} {
		if err := binary.Read(z, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("phrasing model: %w", err)
		}
	}
	return m, nil
}
