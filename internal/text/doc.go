// Package text folds what people type into one form for matching: NFKC, case, zero-width
// characters, Traditional → Simplified, regional words, repeated characters, spoken digits. Every
// folded text keeps an offset map, so that a match can be shown and masked in the original.
//
// It is the contract of domain lexicon §0 and is used by kb, bot and internal/vault alike: a list
// entry, a question and a private number are folded the same way everywhere.
//
//	n := text.Fold("我要投​訴！")     // n.String() == "我要投诉!"
//	from, to := n.Span(2, 4)          // characters of the original that 投诉 came from
package text
