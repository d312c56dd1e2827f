package bot

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Example is one labelled turn.
type Example struct {
	Text     string
	Emotion  string
	Category string // complaint category, "" when it is no complaint
	Urgent   string
	Person   bool
	// Unasked leaves the wish for a person out of an evaluation: the set has no label for it.
	Unasked bool
}

//go:embed data/*.tsv
var exampleFiles embed.FS

// Examples returns our own written examples (data/*.tsv), which the shipped model is trained from.
func Examples() ([]Example, error) {
	names, err := exampleFiles.ReadDir("data")
	if err != nil {
		return nil, err
	}
	var all []Example
	for _, f := range names {
		file, err := exampleFiles.Open("data/" + f.Name())
		if err != nil {
			return nil, err
		}
		some, err := ReadExamples(file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// ReadExamples reads labelled turns: text, emotion, complaint category or -, urgent class or none,
// wants a person (1 or 0; - where a set to evaluate has no label), separated by tabs; # begins a
// comment. A wrong line is named.
func ReadExamples(r io.Reader) ([]Example, error) {
	var out []Example
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	for line := 1; scan.Scan(); line++ {
		s := strings.TrimRight(scan.Text(), "\r")
		if s == "" || s[0] == '#' {
			continue
		}
		cols := strings.Split(s, "\t")
		if len(cols) < 5 {
			return nil, fmt.Errorf("line %d: want text, emotion, category, urgent, person, separated by tabs", line)
		}
		e := Example{Text: cols[0], Emotion: cols[1], Category: cols[2], Urgent: cols[3], Person: cols[4] == "1", Unasked: cols[4] == "-"}
		if e.Category == "-" {
			e.Category = ""
		}
		if e.Category != "" && !slices.Contains(categoryClasses, e.Category) {
			return nil, fmt.Errorf("line %d: unknown complaint category %q", line, e.Category)
		}
		if !slices.Contains(emotionClasses, e.Emotion) {
			return nil, fmt.Errorf("line %d: unknown emotion %q", line, e.Emotion)
		}
		if !slices.Contains(urgentClasses, e.Urgent) {
			return nil, fmt.Errorf("line %d: unknown urgent class %q", line, e.Urgent)
		}
		out = append(out, e)
	}
	return out, scan.Err()
}

// Training settings, found by cross-validation on data/*.tsv.
const (
	epochs       = 12
	learningRate = 2.0
	decay        = 2e-5 // of a weight, whenever its feature is seen
	rareFeature  = 2    // features of fewer examples are left out
	hidden       = 0.2  // of the features of an example at each step: no judgement may rest on one n-gram
	trainRuns    = 6
	trainSeed    = 20261123
)

// Train fits a model to examples, with the lists of a playbook as features. The same examples give
// the same model. It takes about two seconds for 5 000 examples.
func Train(examples []Example, lists []Lexicon) (*Model, error) {
	if len(examples) == 0 {
		return nil, fmt.Errorf("no examples")
	}
	x, err := newLexicon(lists)
	if err != nil {
		return nil, err
	}
	reader := &understander{lexicon: x}
	rows := make([][]uint32, len(examples))
	count := make([]int, buckets)
	for i, e := range examples {
		rows[i] = reader.understand(e.Text).features()
		for _, f := range rows[i] {
			count[f]++
		}
	}
	index := make([]uint16, buckets)
	used := uint16(0)
	for f, c := range count {
		if c >= rareFeature && used < 65000 {
			used++
			index[f] = used
		}
	}
	// The mean of several trainings in different order: one alone moved by a tenth of a probability
	// when five of 29 000 examples were added, the mean hardly does, and it judges a little better.
	runs := make([][]float32, trainRuns)
	biases := make([][outputs]float32, trainRuns)
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for r := range runs {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			runs[r], biases[r] = descend(examples, rows, index, int(used), uint64(r+1))
		})
	}
	wg.Wait()
	w, bias := runs[0], biases[0]
	for r := 1; r < trainRuns; r++ {
		for i, x := range runs[r] {
			w[i] += x
		}
		for k, x := range biases[r] {
			bias[k] += x
		}
	}
	for i := range w {
		w[i] /= trainRuns
	}
	for k := range bias {
		bias[k] /= trainRuns
	}
	return quantise(w, bias, index, digest(examples)), nil
}

// descend is one training: stochastic gradient descent over the examples in an order of its own.
func descend(examples []Example, rows [][]uint32, index []uint16, used int, run uint64) ([]float32, [outputs]float32) {
	w := make([]float32, used*outputs)
	bias := [outputs]float32{}
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	rng := rand.New(rand.NewPCG(trainSeed, run))
	var shown []uint32
	for epoch := range epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		rate := learningRate * (1 - float32(epoch)/epochs)
		for _, i := range order {
			shown = shown[:0]
			for _, f := range rows[i] {
				if rng.Float64() >= hidden {
					shown = append(shown, f)
				}
			}
			step(w, &bias, index, shown, &examples[i], rate)
		}
	}
	return w, bias
}

// step takes one example into the weights: gradient of the log loss of every task.
func step(w []float32, bias *[outputs]float32, index []uint16, features []uint32, e *Example, rate float32) {
	var z [outputs]float32
	v := norm(len(features))
	for _, f := range features {
		if r := index[f]; r != 0 {
			row := w[int(r-1)*outputs : int(r)*outputs]
			for k := range z {
				z[k] += row[k]
			}
		}
	}
	for k := range z {
		z[k] = z[k]*v + bias[k]
	}
	var g [outputs]float32
	g[personAt] = indicator(e.Person) - float32(sigmoid(z[personAt]))
	g[complaintAt] = indicator(e.Category != "") - float32(sigmoid(z[complaintAt]))
	classGradient(g[urgentAt:], z[urgentAt:], urgentClasses, e.Urgent)
	classGradient(g[emotionAt:], z[emotionAt:], emotionClasses, e.Emotion)
	if e.Category != "" {
		classGradient(g[categoryAt:], z[categoryAt:], categoryClasses, e.Category)
	}
	for k := range g {
		bias[k] += rate * 0.05 * g[k]
	}
	for _, f := range features {
		if r := index[f]; r != 0 {
			row := w[int(r-1)*outputs : int(r)*outputs]
			for k := range g {
				row[k] += rate * (g[k]*v - decay*row[k])
			}
		}
	}
}

func indicator(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func classGradient(g, z []float32, classes []string, is string) {
	for k, p := range softmax(z[:len(classes)]) {
		g[k] = indicator(classes[k] == is) - float32(p)
	}
}

// quantise stores weights in one byte each: the model is a tenth of the size and judges the same.
func quantise(w []float32, bias [outputs]float32, index []uint16, digest [32]byte) *Model {
	m := &Model{rows: index, weights: make([]int8, len(w)), bias: bias, digest: digest}
	var top [outputs]float32
	for i, x := range w {
		top[i%outputs] = max(top[i%outputs], x, -x)
	}
	for k := range top {
		if m.scale[k] = top[k] / 127; m.scale[k] == 0 {
			m.scale[k] = 1
		}
	}
	for i, x := range w {
		q := x / m.scale[i%outputs]
		if q < 0 {
			m.weights[i] = int8(q - 0.5)
		} else {
			m.weights[i] = int8(q + 0.5)
		}
	}
	return m
}

func digest(examples []Example) [32]byte {
	h := sha256.New()
	for _, e := range examples {
		fmt.Fprintf(h, "%s\t%s\t%s\t%s\t%t\n", e.Text, e.Emotion, e.Category, e.Urgent, e.Person)
	}
	return [32]byte(h.Sum(nil))
}

// TrainedFrom reports whether the model was trained from exactly these examples.
func (m *Model) TrainedFrom(examples []Example) bool { return m.digest == digest(examples) }
