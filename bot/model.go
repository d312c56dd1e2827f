package bot

// Guess is what the learned model makes of a turn.
type Guess struct {
	Person    float64
	Complaint float64
	Category  string
	Urgent    string
	UrgentP   float64
	Emotion   string
	EmotionP  float64
}

// Probabilities from which the model is believed where no rule speaks.
const (
	personBar        = 0.80
	complaintBar     = 0.75
	urgentBar        = 0.80
	emotionBar       = 0.60
	strongEmotionBar = 0.97
)

// Model is a placeholder until trained.
type Model struct{}

// Guess judges.
func (m *Model) Guess(features []uint32) *Guess { return nil }

func (n *Understanding) features() []uint32 { return nil }
