package kb

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	banalysis "github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/registry"
	bquery "github.com/blevesearch/bleve/v2/search/query"
)

// termsAnalyzer is the name under which Bleve knows [cutTerms].
const termsAnalyzer = "yinda_terms"

func init() {
	err := registry.RegisterAnalyzer(termsAnalyzer, func(map[string]any, *registry.Cache) (banalysis.Analyzer, error) {
		return cutTerms{}, nil
	})
	if err != nil {
		panic(err) // the name is taken: two versions of this package in one program
	}
}

// cutTerms is Bleve's analyzer of texts that jieba and language.analyze have cut already: the same
// analysis feeds Bleve and the second stage, so that both see the same terms and jieba runs once.
type cutTerms struct{}

// Analyze implements bleve's analysis.Analyzer.
func (cutTerms) Analyze(input []byte) banalysis.TokenStream {
	var out banalysis.TokenStream
	at, n := 0, 1
	for i := 0; i <= len(input); i++ {
		if i < len(input) && input[i] != '\x1f' {
			continue
		}
		if i > at {
			out = append(out, &banalysis.Token{Term: input[at:i], Start: at, End: i, Position: n})
			n++
		}
		at = i + 1
	}
	return out
}

// Fields of the Bleve document, one for each kind that proposes candidates.
var bleveFields = [...]struct {
	kind  kind
	name  string
	boost float64
}{
	{byConcept, "c", 1.0},
	{byBigram, "b", 0.6},
	{bySound, "s", 0.25},
}

// bleveBatch bounds the memory of building: 100 000 entries in one batch peak at 4.5 GB, in batches
// of this size below 0.9 GB.
const bleveBatch = 5000

// candidateIndex proposes entries with Bleve.
type candidateIndex struct {
	index bleve.Index
	c     *corpus
}

func bleveMapping() mapping.IndexMapping {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = termsAnalyzer
	m.StoreDynamic, m.IndexDynamic, m.DocValuesDynamic = false, false, false
	doc := bleve.NewDocumentStaticMapping() // renamed fields must fail, not fall back silently
	for _, f := range bleveFields {
		fm := bleve.NewTextFieldMapping()
		fm.Analyzer = termsAnalyzer
		fm.Store, fm.IncludeInAll, fm.IncludeTermVectors, fm.DocValues = false, false, false, false
		doc.AddFieldMappingsAt(f.name, fm)
	}
	for _, name := range []string{"product", "category"} {
		fm := bleve.NewKeywordFieldMapping()
		fm.Store, fm.IncludeInAll, fm.DocValues = false, false, false
		doc.AddFieldMappingsAt(name, fm)
	}
	m.DefaultMapping = doc
	return m
}

// buildBleve indexes one document per entry: all its questions, confirmed ones too. (A confirmed
// question must be able to propose its entry; how much it counts is for the second stage to say.)
func buildBleve(ctx context.Context, c *corpus, entries []Entry, qs []written) (*candidateIndex, error) {
	// "" and scorch: in memory. (NewMemOnly would be the old upsidedown index.)
	index, err := bleve.NewUsing("", bleveMapping(), scorch.Name, scorch.Name, map[string]any{"unsafe_batch": true})
	if err != nil {
		return nil, fmt.Errorf("open bleve: %w", err)
	}
	fail := func(err error) (*candidateIndex, error) {
		index.Close()
		return nil, fmt.Errorf("index entries: %w", err)
	}
	batch := index.NewBatch()
	i := 0
	for e := range entries {
		var terms [len(bleveFields)][]string
		for ; i < len(qs) && int(qs[i].entry) == e; i++ {
			if qs[i].source == fromNegative {
				continue
			}
			for f := range bleveFields {
				terms[f] = append(terms[f], qs[i].a.terms[bleveFields[f].kind]...)
			}
		}
		doc := map[string]any{"product": entries[e].Product, "category": entries[e].Category}
		for f := range bleveFields {
			doc[bleveFields[f].name] = joinTerms(terms[f])
		}
		if err := batch.Index(strconv.Itoa(e), doc); err != nil {
			return fail(err)
		}
		if batch.Size() >= bleveBatch {
			if err := index.Batch(batch); err != nil {
				return fail(err)
			}
			batch.Reset()
		}
		if e%1024 == 0 && ctx.Err() != nil {
			return fail(ctx.Err())
		}
	}
	if batch.Size() > 0 {
		if err := index.Batch(batch); err != nil {
			return fail(err)
		}
	}
	return &candidateIndex{index: index, c: c}, nil
}

// Candidates are proposed within a budget of postings, rarest terms first: the cost of a query is
// what its terms post, not how many there are. 1 000 + 1 000 postings kept recall@30 at 0.959 of
// 0.961 among 10 000 entries and took a tenth of the time.
const (
	candidateLimit  = 40
	postingsBudget  = 1000 // of each field
	postingsMinimum = 2    // terms of each field that are asked for beyond the budget,
	postingsCeiling = 8000 // unless they alone post more than this: half the words of 100 000 entries do
)

// propose returns the entries most likely to answer, best first by Bleve's own measure.
func (x *candidateIndex) propose(ctx context.Context, a *analysis, limit int) ([]int32, error) {
	return x.ask(ctx, a, limit, postingsBudget)
}

// ask asks Bleve for the rarest terms of each field, as many as post no more than budget together.
func (x *candidateIndex) ask(ctx context.Context, a *analysis, limit int, budget int32) ([]int32, error) {
	var should []bquery.Query
	for _, f := range bleveFields {
		type cost struct {
			term string
			df   int32
		}
		var terms []cost
		for _, t := range a.terms[f.kind] {
			if id, ok := x.c.vocab[f.kind][t]; ok && x.c.df[id] > 0 {
				terms = append(terms, cost{t, x.c.df[id]})
			}
		}
		slices.SortStableFunc(terms, func(a, b cost) int { return int(a.df) - int(b.df) })
		spent := int32(0)
		for i, t := range terms {
			spent += t.df
			if spent > budget && (i >= postingsMinimum || i > 0 && spent > postingsCeiling) {
				break
			}
			q := bquery.NewTermQuery(t.term)
			q.SetField(f.name)
			q.SetBoost(f.boost)
			should = append(should, q)
		}
	}
	if len(should) == 0 {
		return nil, nil
	}
	req := bleve.NewSearchRequestOptions(bquery.NewDisjunctionQuery(should), limit, 0, false)
	res, err := x.index.SearchInContext(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("bleve search: %w", err)
	}
	out := make([]int32, 0, len(res.Hits))
	for _, h := range res.Hits {
		e, err := strconv.Atoi(h.ID)
		if err != nil {
			return nil, fmt.Errorf("bleve document %q: %w", h.ID, err)
		}
		out = append(out, int32(e))
	}
	return out, nil
}
