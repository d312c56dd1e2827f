package kb

// shippedCombiner is used as it is by a knowledge base that has too few questions of its own to
// learn from, and is what refitting starts from and is drawn back to. It was fitted on questions of
// two unlike knowledge bases (the starter content with a third of its similar questions held out,
// and a research set of 111 loan questions, plain and with typos); the numbers are all that is left
// of them.
var shippedCombiner = combiner{
	Rank: [features]float32{
		fConcept:        0.69,
		fWord:           -2.78,
		fBigram:         -0.06,
		fChar:           0.89,
		fSound:          -0.49,
		fOrder:          1.04,
		fBest:           1.43,
		fSecond:         1.41,
		fTitle:          1.93,
		fCoverConcept:   -1.14,
		fCoveredConcept: 0.30,
		fCoverBigram:    -1.27,
		fEntryConcept:   0.54,
		fEntryBigram:    0.59,
		fEntryLikely:    0.78,
		fEntryChar:      -0.45,
		fBM25Concept:    0.64,
		fBM25Bigram:     -1.51,
		fBM25Char:       2.21,
		fMean:           -0.41,
		fMissing:        -0.06,
		fType:           0.07,
		fNegation:       -0.13,
		fOpposed:        0.03,
		fNumber:         0.31,
		fLength:         0.38,
		fNegative:       -1.00,
		fConfirmed:      2.59,
		fTranslate:      0.84,
		fEmbed:          2.72,
		fEmbedEntry:     2.67,
		fClass:          1.29,
	},
	Sure: [evidences]float32{
		eBias:      -4.29,
		eMargin:    0.46,
		eScore:     2.16,
		eBest:      1.44,
		eCover:     -0.77,
		eEntry:     -0.63,
		eUnseen:    -1.30,
		eMissing:   0.10,
		eBigrams:   1.71,
		eLength:    0.25,
		eFixes:     -0.03,
		eEmbed:     0.31,
		eConfirmed: -1.11,
		eClass:     1.01,
	},
}

// shippedThresholds hold where there are too few questions to choose better ones: with shipped
// weights, 95 % of the answers from 0.85 on were right.
var shippedThresholds = Thresholds{Answer: 0.85, Clarify: 0.20, Margin: leastMargin}
