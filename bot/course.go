package bot

// Pending values of a Course: what the bot asked last.
const (
	pendingOffer     = "offer_person"
	pendingUrgent    = "confirm_urgent"
	pendingRisk      = "confirm_risk"
	pendingComplaint = "complaint"
)

const (
	// heatDecay halves the heat of a conversation with every turn (lexicon §8).
	heatDecay = 0.5
	// heatForce transfers: one clear outburst (level 2) after a first sign (level 1) is 2.5, two
	// outbursts running are 3; an outburst out of a calm conversation is 2 and only offers.
	heatForce = 2.5
	// heatForceWorried is the same for worry: urgency alone is no quarrel, so it takes more.
	heatForceWorried = 3.0
	// calmTurns after which an offer that emotion caused is no longer repeated.
	calmTurns = 2
	// rememberedLevels of the latest turns.
	rememberedLevels = 6
	// doubtsForce: the second turn of a conversation that reads like a complaint or an emergency,
	// though not for sure, is taken for one.
	doubtsForce = 2
	// sameQuestion is the similarity from which two turns ask the same (kb.Similar).
	sameQuestion = 0.62
	// sameEntry is the same where both turns lead to the same entry; below, the second asks more about it.
	sameEntry = 0.45
)

// feel takes this turn's emotion into the course (EM-03): decayed heat and the latest levels.
func (c *Course) feel(u *Understanding) {
	level := float64(u.Level)
	if u.Emotion == EmotionPositive {
		level = 0
	}
	c.Heat = min(4, c.Heat*heatDecay+level)
	if u.Emotion == EmotionPositive && u.Level >= 1 {
		c.Heat = min(c.Heat, 1) // thanks calms, but does not erase what was (lexicon §9.9)
	}
	c.Emotion = u.Emotion
	c.Levels = append(append([]int(nil), c.Levels...), int(level))
	if n := len(c.Levels); n > rememberedLevels {
		c.Levels = c.Levels[n-rememberedLevels:]
	}
}

// trend is the level now minus the level two turns ago (or as far back as there is).
func (c *Course) trend() int {
	n := len(c.Levels)
	if n < 2 {
		return 0
	}
	return c.Levels[n-1] - c.Levels[max(0, n-3)]
}

// calm reports whether the latest turns were all quiet: the hysteresis between offering and leaving
// the customer alone (lexicon §8).
func (c *Course) calm() bool {
	n := len(c.Levels)
	if n < calmTurns {
		return true
	}
	for _, l := range c.Levels[n-calmTurns:] {
		if l > 1 {
			return false
		}
	}
	return true
}

// clone copies what a decision changes, so that the caller's course stays as it was.
func (c Course) clone() Course {
	scripts := make(map[string]int, len(c.Scripts)+4)
	for k, v := range c.Scripts {
		scripts[k] = v
	}
	c.Scripts = scripts
	c.Choices = append([]string(nil), c.Choices...)
	return c
}
