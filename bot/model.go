package bot

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"sync"
)

// Guess is what the learned model makes of a turn: probabilities and likeliest classes. What the
// lists say is weighed against it in judge.go.
type Guess struct {
	Person    float64
	Complaint float64
	Category  string
	Urgent    string  // likeliest class but none
	UrgentP   float64 // of any emergency
	Emotion   string
	Emotions  [6]float64 // of emotionClasses
}

// The tasks of the model share features; every task is one slice of a weight row.
var (
	urgentClasses   = []string{UrgentNone, UrgentSelfHarm, UrgentInProgress, UrgentVictim, UrgentUnauthorised, UrgentCardLost, UrgentWrong, UrgentRegulator, UrgentLegal, UrgentOther}
	emotionClasses  = []string{EmotionNeutral, EmotionAnxious, EmotionDissatisfied, EmotionAngry, EmotionSad, EmotionPositive}
	categoryClasses = []string{CategoryAdvice, CategoryAttitude, CategoryEfficiency, CategoryProduct, CategoryInformation, CategoryOther}
)

const (
	personAt    = 0
	complaintAt = 1
	urgentAt    = 2
	emotionAt   = urgentAt + 10
	categoryAt  = emotionAt + 6
	outputs     = categoryAt + 6

	// buckets of hashed features. 2^16 keeps the collisions of about 60 000 n-grams below those
	// that cross-validation notices.
	buckets = 1 << 16
)

// Model is a set of linear classifiers over hashed features of a turn. It is
// immutable and safe for concurrent use.
type Model struct {
	rows    []uint16 // bucket → row + 1, 0 when the bucket has no weight
	weights []int8   // rows × outputs
	scale   [outputs]float32
	bias    [outputs]float32
	digest  [32]byte // of the examples that it was trained from
}

//go:generate go test -run TestShippedModel -update
//go:embed data/model.bin
var shippedModel []byte

// Default is the model that ships with the program, trained from data/*.tsv.
var defaultModel = sync.OnceValue(func() *Model {
	m, err := LoadModel(bytes.NewReader(shippedModel))
	if err != nil {
		return nil // rules alone; a test keeps this from happening unseen
	}
	return m
})

// Default returns the model that ships with the program, nil when it cannot be read.
func Default() *Model { return defaultModel() }

// Guess judges the features of a turn.
func (m *Model) Guess(features []uint32) *Guess {
	var z [outputs]float32
	for _, f := range features {
		r := m.rows[f%buckets]
		if r == 0 {
			continue
		}
		row := m.weights[int(r-1)*outputs : int(r)*outputs]
		for k := range z {
			z[k] += float32(row[k])
		}
	}
	norm := norm(len(features))
	for k := range z {
		z[k] = z[k]*m.scale[k]*norm + m.bias[k]
	}
	return judge(&z)
}

// norm keeps long turns from being surer than short ones.
func norm(features int) float32 {
	return float32(1 / math.Sqrt(float64(max(features, 1))))
}

func judge(z *[outputs]float32) *Guess {
	g := &Guess{Person: sigmoid(z[personAt]), Complaint: sigmoid(z[complaintAt])}
	p := softmax(z[urgentAt : urgentAt+len(urgentClasses)])
	// p[0] is none: the probability of an emergency is the rest, the class the likeliest of the rest.
	g.Urgent, g.UrgentP = urgentClasses[1+argmax(p[1:])], 1-p[0]
	p = softmax(z[emotionAt : emotionAt+len(emotionClasses)])
	g.Emotion = emotionClasses[argmax(p)]
	copy(g.Emotions[:], p)
	g.Category = categoryClasses[argmax(softmax(z[categoryAt:categoryAt+len(categoryClasses)]))]
	return g
}

func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }

func softmax(z []float32) []float64 {
	top := z[0]
	for _, x := range z {
		top = max(top, x)
	}
	p, sum := make([]float64, len(z)), 0.0
	for i, x := range z {
		p[i] = math.Exp(float64(x - top))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

func argmax(p []float64) int {
	best := 0
	for i, x := range p {
		if x > p[best] {
			best = i
		}
	}
	return best
}

// modelMagic begins a stored model; the digit is the version of features and layout.
const modelMagic = "yinda-understanding-1"

// Save writes the model; LoadModel reads it.
func (m *Model) Save(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(z, modelMagic); err != nil {
		return err
	}
	for _, part := range []any{m.digest, m.scale, m.bias, m.rows, uint32(len(m.weights)), m.weights} {
		if err := binary.Write(z, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return z.Close()
}

// LoadModel reads a model that Save wrote.
func LoadModel(r io.Reader) (*Model, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("understanding model: %w", err)
	}
	magic := make([]byte, len(modelMagic))
	if _, err := io.ReadFull(z, magic); err != nil || string(magic) != modelMagic {
		return nil, fmt.Errorf("understanding model: not a model of this version")
	}
	m := &Model{rows: make([]uint16, buckets)}
	var n uint32
	for _, part := range []any{&m.digest, &m.scale, &m.bias, m.rows, &n} {
		if err := binary.Read(z, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("understanding model: %w", err)
		}
	}
	if n > 1<<24 || n%outputs != 0 {
		return nil, fmt.Errorf("understanding model: %d weights", n)
	}
	m.weights = make([]int8, n)
	if err := binary.Read(z, binary.LittleEndian, m.weights); err != nil {
		return nil, fmt.Errorf("understanding model: %w", err)
	}
	for _, row := range m.rows {
		if int(row)*outputs > len(m.weights) {
			return nil, fmt.Errorf("understanding model: row %d does not exist", row)
		}
	}
	return m, nil
}
