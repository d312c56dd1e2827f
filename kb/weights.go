package kb

// shippedCombiner is used as it is by a knowledge base that has too few questions of its own to
// learn from, and is what refitting starts from and is drawn back to. It was fitted on questions of
// two unlike knowledge bases (the starter content with a third of its similar questions held out,
// and a research set of 111 loan questions, plain and with typos); the numbers are all that is left
// of them.
var shippedCombiner = combiner{
	Rank: [features]float32{
		fConcept:        0.71,
		fWord:           -2.13,
		fBigram:         0.05,
		fChar:           0.73,
		fSound:          -0.34,
		fOrder:          0.69,
		fBest:           2.02,
		fSecond:         1.27,
		fTitle:          1.55,
		fCoverConcept:   -0.52,
		fCoveredConcept: 0.35,
		fCoverBigram:    -0.88,
		fEntryConcept:   0.70,
		fEntryBigram:    0.33,
		fEntryLikely:    0.93,
		fEntryChar:      -0.06,
		fBM25Concept:    -0.02,
		fBM25Bigram:     -1.18,
		fBM25Char:       1.72,
		fMean:           -0.16,
		fMissing:        -0.52,
		fType:           0.03,
		fNegation:       -0.15,
		fOpposed:        -0.11,
		fNumber:         0.04,
		fLength:         0.40,
		fNegative:       -1.00,
		fConfirmed:      2.71,
		fTranslate:      0.44,
		fEmbed:          2.43,
		fEmbedEntry:     2.45,
		fClass:          1.31,
	},
	Sure: [evidences]float32{
		eBias:      -4.35,
		eMargin:    0.47,
		eScore:     1.31,
		eBest:      2.02,
		eCover:     -0.70,
		eEntry:     -0.18,
		eUnseen:    -1.32,
		eMissing:   0.31,
		eBigrams:   1.41,
		eLength:    0.37,
		eFixes:     -0.01,
		eEmbed:     0.52,
		eConfirmed: -1.02,
		eClass:     1.05,
	},
}

// shippedThresholds hold where there are too few questions to choose better ones: with shipped
// weights, 95 % of the answers from 0.85 on were right.
var shippedThresholds = Thresholds{Answer: 0.85, Clarify: 0.20, Margin: leastMargin}
