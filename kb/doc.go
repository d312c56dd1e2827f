// Package kb finds the entry that answers a customer's question, and says how sure it is.
//
//	index, err := kb.Build(ctx, kb.Base{Entries: entries})
//	result, err := index.Search(ctx, "请问咋还钱啊", kb.SearchOptions{})
//	if result.Verdict == kb.Answer { … result.Candidates[0].ID … }
//
// # Two stages
//
// A question is cleaned (internal/text, then fillers, abbreviations, pinyin and homophones against
// the words of this very knowledge base) and analysed once into concepts, words, character bigrams
// and pinyin bigrams. Bleve holds one document per entry with all its questions and proposes some
// 40 candidates; its scores are not comparable between queries and are used for nothing else. The
// entries nearest by word vectors join them. The second stage compares the question with every
// single question of the candidates, in memory, by features that are combined by a logistic model
// into the probability that the entry answers.
//
// # What is learned, and from what
//
// What customers of any company say alike ships with the project: a translation table and word
// vectors (data/general.bin), learned from some 900 groups of questions of our own writing
// (data/groups; go generate ./kb). Learning from a knowledge base starts from there, and words that
// it does not have still mean something.
//
// The weights of the model ship too. When an index is built they are refitted on the
// knowledge base's own questions: each similar question, and each confirmed question of a customer
// (Pair), is held out in turn and must find its entry. The same held-out questions decide the
// thresholds, and whether the refitted model is adopted at all. Everything happens on this machine,
// takes seconds, and gives the same result every time.
//
// # Generations
//
// An Index is immutable; whoever serves it swaps it for the next and closes it behind its last
// reader (content.Live does). What an index has learned is saved with its generation
// ([Index.Model]), so that a restart does not learn again.
package kb
