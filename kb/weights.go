package kb

// shippedCombiner is used as it is by a knowledge base that has too few questions of its own to
// learn from, and is what refitting starts from and is drawn back to. It was fitted on questions of
// unlike knowledge bases: the groups of data/groups (three times 280 entries with two to five
// similar questions, each with a general model of the other files, every tenth entry taken away), the
// starter content with a third of its similar questions held out, and a research set of 111 loan
// questions, plain and with typos; the numbers are all that is left of the latter.
var shippedCombiner = combiner{
	Rank: [features]float32{
		fConcept:        0.69,
		fWord:           -3.04,
		fBigram:         -0.17,
		fChar:           0.99,
		fSound:          -0.64,
		fOrder:          1.26,
		fBest:           1.03,
		fSecond:         1.21,
		fTitle:          2.17,
		fCoverConcept:   -1.25,
		fCoveredConcept: 0.15,
		fCoverBigram:    -1.23,
		fEntryConcept:   0.16,
		fEntryBigram:    0.83,
		fEntryLikely:    0.89,
		fEntryChar:      -1.02,
		fBM25Concept:    0.31,
		fBM25Bigram:     -1.71,
		fBM25Char:       2.31,
		fMean:           -0.82,
		fMissing:        0.17,
		fType:           0.01,
		fNegation:       -0.12,
		fOpposed:        0.06,
		fNumber:         0.31,
		fLength:         0.34,
		fNegative:       -1.00,
		fConfirmed:      2.47,
		fTranslate:      1.53,
		fEmbed:          3.82,
		fEmbedEntry:     4.35,
		fClass:          0.49,
		fCross:          0.40,
	},
	Sure: [evidences]float32{
		eBias:      -3.76,
		eMargin:    0.46,
		eScore:     2.80,
		eBest:      0.74,
		eCover:     -0.62,
		eEntry:     -0.68,
		eUnseen:    -1.11,
		eMissing:   -0.18,
		eBigrams:   1.52,
		eLength:    0.28,
		eFixes:     -0.05,
		eEmbed:     0.56,
		eConfirmed: -1.74,
		eClass:     -0.01,
	},
}

// shippedThresholds hold where there are too few questions to choose better ones: with shipped
// weights, 95 % of the answers from 0.85 on were right.
var shippedThresholds = Thresholds{Answer: 0.85, Clarify: 0.20, Margin: leastMargin}
