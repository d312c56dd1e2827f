package kb

// shippedCombiner is used as it is by a knowledge base that has too few questions of its own to
// learn from, and is what refitting starts from and is drawn back to.
var shippedCombiner = combiner{
	Rank: [features]float32{
		fConcept: 2, fWord: 0.5, fBigram: 1.5, fChar: 1, fSound: 1, fOrder: 0.5, fBest: 4, fSecond: 1, fTitle: 1,
		fCoverConcept: 2, fCoveredConcept: 1, fCoverBigram: 1, fEntryConcept: 2, fEntryBigram: 1, fEntryLikely: 1,
		fMissing: -2, fType: 0.6, fNegation: -0.3, fOpposed: -0.8, fNumber: -0.3, fLength: -0.2, fNegative: -1, fConfirmed: 3,
	},
	Sure: [evidences]float32{eBias: -5, eMargin: 0.6, eBest: 5, eCover: 2, eEntry: 1, eUnseen: -2},
}

// shippedThresholds hold where there are too few questions to choose better ones.
var shippedThresholds = Thresholds{Answer: 0.75, Clarify: 0.3, Margin: 0.15}
