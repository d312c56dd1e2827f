package kb

import "math"

// The features of an entry for a query. Values are mostly between 0 and 1.
const (
	fConcept        = iota // best question: overlap of concepts (cosine, weighted by rarity)
	fWord                  // … of words
	fBigram                // … of character pairs
	fChar                  // … of characters
	fSound                 // … of syllable pairs
	fOrder                 // … of pairs of concepts in order
	fBest                  // best mixture of the kinds in one single question
	fSecond                // the same for the second-best question of the entry
	fTitle                 // the same for the standard question
	fCoverConcept          // share of the query's concepts found in the best question
	fCoveredConcept        // share of the best question's concepts found in the query
	fCoverBigram           // share of the query's character pairs found in the best question
	fEntryConcept          // share of the query's concepts found anywhere in the entry
	fEntryBigram           // share of the query's character pairs found anywhere in the entry
	fEntryLikely           // log-likelihood of the query under the entry's words, per term
	fEntryChar             // share of the query's characters found anywhere in the entry
	fBM25Concept           // BM25 of the entry as one document, over concepts
	fBM25Bigram            // … over character pairs
	fBM25Char              // … over characters
	fMean                  // mean likeness of the entry's questions
	fMissing               // weight of the heaviest concept of the query that the entry lacks
	fType                  // question types agree (1), differ (−1)
	fNegation              // one is negated, the other is not
	fOpposed               // opposite actions: 开通 against 取消
	fNumber                // numbers differ
	fLength                // lengths differ (log ratio)
	fNegative              // likeness to a negative example of the entry
	fConfirmed             // likeness to a confirmed question of a customer
	fTranslate             // log-likelihood under the word translation table, per word
	fEmbed                 // cosine of embeddings, best question
	fEmbedEntry            // cosine of embeddings, whole entry
	fClass                 // classifier over the bank's own questions
	fCross                 // cross judges query and best question to mean the same
	features
)

// featureNames are shown to editors.
var featureNames = [features]string{
	"词义重合", "用词重合", "二字组重合", "单字重合", "读音重合", "词序重合",
	"最像的问法", "次像的问法", "与标准问相似", "提问被问法覆盖", "问法被提问覆盖", "二字组覆盖",
	"词义见于本条", "二字组见于本条", "用词符合本条", "单字见于本条",
	"全条词义", "全条二字组", "全条单字", "平均相似", "关键词缺失", "问法类型一致", "否定不一致",
	"动作相反", "数字不同", "长短不同", "像反例", "像已确认的提问", "词语对照", "语义相近(问法)",
	"语义相近(条目)", "自学分类", "用词替换",
}

// likeness of a query and one question.
type likeness struct {
	cos     [kinds]float32
	overlap [kinds]float32
	mixed   float32
}

// mixture weighs the kinds in one number that picks the best question of an entry. The ranking
// itself is learned; this only has to choose sensibly.
var mixture = [kinds]float32{byConcept: 0.34, byWord: 0.10, byBigram: 0.22, byChar: 0.14, bySound: 0.12, byOrder: 0.08}

func (c *corpus) compare(q *query, x *question) likeness {
	var l likeness
	for k := range kinds {
		var sum float32
		for _, id := range c.ids[x.off[k]:x.off[k+1]] {
			sum += q.seen[id]
		}
		l.overlap[k] = sum
		if sum > 0 && q.total[k] > 0 {
			l.cos[k] = sum / float32(math.Sqrt(float64(q.total[k]*x.norm[k])))
			l.mixed += mixture[k] * l.cos[k]
		}
	}
	return l
}

// maxCompared bounds the questions of one entry that are compared one by one. An entry with 5 000
// similar questions would otherwise cost a millisecond by itself; evenly spaced ones of it do.
const maxCompared = 96

// extract computes the features of entry e. row must have room for all of them. It returns the
// number of the question that is most alike, −1 if the entry has none.
func (c *corpus) extract(q *query, e int32, row []float32) (best int32) {
	clear(row)
	best = -1
	qs := c.of(e)
	step := 1
	if len(qs) > maxCompared {
		step = (len(qs) + maxCompared - 1) / maxCompared
	}
	var top likeness
	var sum float32
	content := 0
	for i := 0; i < len(qs); i += step {
		x := &qs[i]
		l := c.compare(q, x)
		switch x.source {
		case fromNegative:
			row[fNegative] = max(row[fNegative], l.mixed)
			continue
		case fromConfirmed:
			row[fConfirmed] = max(row[fConfirmed], l.mixed)
			continue
		case fromTitle:
			row[fTitle] = max(row[fTitle], l.mixed)
		}
		sum += l.mixed
		content++
		for k := range kinds {
			row[fConcept+int(k)] = max(row[fConcept+int(k)], l.cos[k])
		}
		if best < 0 || l.mixed > top.mixed {
			row[fSecond] = top.mixed
			top, best = l, c.first[e]+int32(i)
		} else {
			row[fSecond] = max(row[fSecond], l.mixed)
		}
	}
	if best < 0 {
		return best
	}
	x := &c.questions[best]
	row[fBest] = top.mixed
	row[fMean] = sum / float32(content)
	if q.total[byConcept] > 0 {
		row[fCoverConcept] = top.overlap[byConcept] / q.total[byConcept]
	}
	if x.norm[byConcept] > 0 {
		row[fCoveredConcept] = top.overlap[byConcept] / x.norm[byConcept]
	}
	if q.total[byBigram] > 0 {
		row[fCoverBigram] = top.overlap[byBigram] / q.total[byBigram]
	}
	c.extractBag(q, e, row)
	row[fType] = agreement(q.a.marks.types, x.marks.types)
	if q.a.marks.negated != x.marks.negated {
		row[fNegation] = 1
	}
	row[fOpposed] = min(opposed(q.a.marks, x.marks), 2)
	if q.a.marks.numbers != 0 && x.marks.numbers != 0 && q.a.marks.numbers&x.marks.numbers == 0 {
		row[fNumber] = 1
	}
	row[fLength] = float32(math.Abs(math.Log(float64(q.a.length+2) / float64(x.length+2))))
	return best
}

// Constants of BM25 and of the smoothing of an entry's language model (in terms: a short entry is
// believed less).
const (
	bm25K     = 1.2
	bm25B     = 0.6
	smoothing = 40
)

// count is how many questions of an entry have a term. A bag is sorted by term and a query is
// short: look each term of the query up.
func count(bag []posting, id int32) float32 {
	lo, hi := 0, len(bag)
	for lo < hi {
		if m := int(uint(lo+hi) >> 1); bag[m].id < id {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(bag) && bag[lo].id == id {
		return bag[lo].count
	}
	return 0
}

// bagKinds are the kinds of terms that the bag of an entry holds.
var bagKinds = [3]kind{byConcept, byBigram, byChar}

// extractBag compares with all questions of the entry together.
func (c *corpus) extractBag(q *query, e int32, row []float32) {
	bag := c.bagOf(e)
	var found, bm25 [len(bagKinds)]float32
	likely := 0.0
	share := smoothing / float64(c.total+1)
	norm := bm25K * (1 - bm25B + bm25B*c.bagTotal[e]/(c.total/float32(max(c.entries(), 1))+1))
	missing := float32(0)
	n := 0
	for i, k := range bagKinds {
		n += len(q.a.terms[k])
		for _, id := range q.ids[k] {
			if c.df[id] == 0 {
				continue
			}
			tf := count(bag, id)
			if tf == 0 {
				if k == byConcept {
					missing = max(missing, c.weight[id])
				}
				continue
			}
			w := c.weight[id]
			found[i] += w
			bm25[i] += w * tf * (bm25K + 1) / (tf + norm)
			likely += math.Log(1 + float64(tf)/(share*float64(c.collect[id])))
		}
	}
	if n == 0 {
		return
	}
	// Terms that the entry lacks cost it the more, the more text it has.
	likely -= float64(n) * math.Log((float64(c.bagTotal[e])+smoothing)/smoothing)
	row[fEntryLikely] = float32(likely / float64(n) / 4)
	for i, k := range bagKinds {
		if q.total[k] > 0 {
			row[[...]int{fEntryConcept, fEntryBigram, fEntryChar}[i]] = found[i] / q.total[k]
			row[[...]int{fBM25Concept, fBM25Bigram, fBM25Char}[i]] = bm25[i] / q.total[k]
		}
	}
	if q.total[byConcept] > 0 {
		row[fMissing] = missing / q.total[byConcept]
	}
}
