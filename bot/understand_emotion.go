package bot

import "slices"

// emotionRank breaks ties between emotions of one level.
var emotionRank = map[string]int{EmotionAngry: 0, EmotionSad: 1, EmotionAnxious: 2, EmotionDissatisfied: 3, EmotionPositive: 4}

// emoji that carry an emotion by themselves (lexicon §10).
var emoji = map[rune]struct {
	emotion string
	level   int
}{
	'😡': {EmotionAngry, 2}, '🤬': {EmotionAngry, 3}, '💢': {EmotionAngry, 2}, '🖕': {EmotionAngry, 3}, '💩': {EmotionAngry, 2},
	'😤': {EmotionAngry, 2}, '😠': {EmotionAngry, 2}, '👿': {EmotionAngry, 2}, '👎': {EmotionDissatisfied, 2},
	'😭': {EmotionSad, 2}, '😢': {EmotionSad, 2}, '💔': {EmotionSad, 2}, '🥺': {EmotionSad, 1}, '😞': {EmotionSad, 1}, '😔': {EmotionSad, 1},
	'😰': {EmotionAnxious, 2}, '😱': {EmotionAnxious, 2}, '😖': {EmotionAnxious, 2}, '😫': {EmotionAnxious, 2}, '😨': {EmotionAnxious, 2},
	'😥': {EmotionAnxious, 1}, '😓': {EmotionAnxious, 1}, '🆘': {EmotionAnxious, 3}, '😩': {EmotionAnxious, 1},
	'🙄': {EmotionDissatisfied, 2}, '😒': {EmotionDissatisfied, 2}, '🥱': {EmotionDissatisfied, 1}, '🤡': {EmotionDissatisfied, 2}, '🙃': {EmotionDissatisfied, 2},
	'😑': {EmotionDissatisfied, 1}, '😐': {EmotionDissatisfied, 1}, '🤦': {EmotionDissatisfied, 2}, '🙂': {EmotionNeutral, 0}, '😅': {EmotionNeutral, 0},
}

// readEmotion finds emotion and level 0..4 (EM-01, lexicon §8): the strongest word, then intensity.
func (u *understander) readEmotion(n *Understanding, guess *Guess) {
	levels := map[string]int{}
	calm := false
	for _, h := range n.hits {
		switch h.list.Kind {
		case lexiconEmotion:
			if n.negated(h) {
				continue
			}
			levels[h.list.Label] = max(levels[h.list.Label], h.list.Level)
			if h.list.Label != EmotionPositive {
				n.found(h)
			}
		case lexiconCalm:
			calm = true
		}
	}
	faces := 0
	for _, r := range n.line.folded.Runes() {
		if e, ok := emoji[r]; ok && e.level > 0 {
			levels[e.emotion] = max(levels[e.emotion], e.level)
			if e.level > 1 {
				faces++
			}
		}
	}
	positive := levels[EmotionPositive]
	delete(levels, EmotionPositive)
	best, level := EmotionNeutral, 0
	for e, l := range levels {
		if l > level || l == level && l > 0 && emotionRank[e] < emotionRank[best] {
			best, level = e, l
		}
	}
	if level == 0 && n.shouting() >= 3 && !n.onlyMarks() && positive == 0 {
		best, level = EmotionDissatisfied, 1
	}
	if level == 0 && n.onlyMarks() {
		// 「???」 after an answer: confused, impatient (lexicon §10).
		best, level = EmotionDissatisfied, 1
	}
	if level > 0 {
		if (n.shouting() >= 3 || n.drawnOut() || faces >= 3) && n.bare != "" {
			level++
		} else if calm && level <= 1 && best == EmotionDissatisfied {
			level, best = 0, EmotionNeutral
		} else if calm && level == 2 && best != EmotionAnxious {
			level = 1
		}
	}
	if level == 0 && positive > 0 && (positive >= 2 || n.courteous(u.lexicon)) {
		best, level = EmotionPositive, min(positive, 3)
	}
	level = min(level, 4)
	n.listed, n.level = best, level
	if guess != nil {
		best, level = weighEmotion(guess, best, level)
		if best != n.listed && best != EmotionNeutral {
			n.learned("emotion:"+best, u.model, emotionAt+slices.Index(emotionClasses, best))
		}
	}
	// What happened is felt, even when no word says so.
	felt := level
	if best == EmotionPositive {
		felt = 0
	}
	switch {
	case n.Urgent == UrgentSelfHarm && n.doubtfulUrgent:
		best, level = EmotionSad, 2
	case n.Urgent == UrgentSelfHarm:
		best, level = EmotionSad, 4
	case n.Card == "emergency_violence" && best == EmotionAngry:
		level = 4
	case felt < 1 && n.doubtfulUrgent:
		best, level = EmotionAnxious, 1
	case felt < 2 && eventClass[n.Urgent] && !n.doubtfulUrgent:
		best, level = EmotionAnxious, 2
	case felt < 2 && (n.Urgent == UrgentRegulator || n.Urgent == UrgentLegal):
		best, level = EmotionAngry, 2
	case n.Complaint && felt == 0:
		best, level = EmotionDissatisfied, 1
	}
	if n.Complaint && n.shouting() >= 3 && level < 3 && best == EmotionDissatisfied {
		best = EmotionAngry
	}
	n.Emotion, n.Level = best, min(level, 4)
}

// negated reports whether a negation stands directly before a hit: 不生气, 没有不满意.
func (n *Understanding) negated(h hit) bool {
	if h.start == 0 {
		return false
	}
	word := n.line.runes[h.start:h.end]
	if word[0] == '不' || word[0] == '没' || word[0] == '<' || len(word) > 6 {
		return false
	}
	from := max(0, h.start-2)
	before := n.line.runes[from:h.start]
	last := before[len(before)-1]
	if last == '不' || last == '没' || last == '别' || last == '非' {
		return true
	}
	if len(before) == 2 {
		switch string(before) {
		case "没有", "不是", "不太", "不算", "不怎", "不用", "不必", "不会", "不很":
			return string(before) != "不是" || h.list.Label != EmotionDissatisfied
		}
	}
	return false
}

// shouting counts exclamation and question marks beyond a single question mark.
func (n *Understanding) shouting() int {
	bang, ask := 0, 0
	for _, r := range n.line.folded.Runes() {
		switch r {
		case '!':
			bang++
		case '?':
			ask++
		}
	}
	if ask >= 3 {
		bang += ask
	}
	return bang
}

// onlyMarks reports a turn of nothing but ??? or !!! or 。。。.
func (n *Understanding) onlyMarks() bool {
	if n.bare != "" {
		return false
	}
	marks := 0
	for _, r := range n.line.folded.Runes() {
		if r == '?' || r == '!' || r == '。' || r == '.' {
			marks++
		}
	}
	return marks >= 2
}

// drawnOut reports a character written three times or more, as in 滚滚滚 and 快点啊啊啊.
func (n *Understanding) drawnOut() bool {
	run := 1
	for i := 1; i < len(n.line.runes); i++ {
		if n.line.runes[i] == n.line.runes[i-1] && han(n.line.runes[i]) {
			if run++; run >= 3 && !slices.Contains([]rune("哈嘿呵嗯哦"), n.line.runes[i]) {
				return true
			}
		} else {
			run = 1
		}
	}
	return false
}

// courteous reports a turn that says nothing but thanks and the like.
func (n *Understanding) courteous(x *lexicon) bool {
	left := 0
	covered := make([]bool, len(n.line.runes))
	for _, h := range n.hits {
		if h.list.Kind == lexiconEmotion && h.list.Label == EmotionPositive || h.list.Kind == lexiconCalm {
			for i := h.start; i < h.end; i++ {
				covered[i] = true
			}
		}
	}
	for i, r := range n.line.runes {
		if !covered[i] && !punctuation(r) {
			left++
		}
	}
	return left <= 4 && !n.asks()
}

// asks reports whether a turn reads as a question.
func (n *Understanding) asks() bool {
	s := string(n.line.runes)
	for _, w := range [...]string{"?", "吗", "怎么", "如何", "多少", "什么", "哪", "能不能", "可以", "为什么", "几", "多久", "咋", "谁", "是不是", "有没有", "呢", "么", "是否", "多"} {
		if contains(s, w) {
			return true
		}
	}
	return false
}
