package bot

// Weighed is what the judgements weighed in a turn, with the emotion that the lists show: for fitting
// their weights.
func (n *Understanding) Weighed() (inputs [3][]float64, emotion string, level int) {
	return n.weighed, n.listed, n.level
}

// EmotionClasses are the emotions in the order of Guess.Emotions.
var EmotionClasses = emotionClasses

// GuessOf is what the model makes of a turn.
func (b *Bot) GuessOf(n *Understanding) *Guess { return b.reader.model.Guess(n.features()) }
