package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"slices"
	"sync"

	"yinda/internal/text"
)

// OwnFactor is how many times an example of a bank's own counts against one of ours (TestOwnFactor, 603
// turns of other authors beside 19 988 of ours): of the taught turns, F1 of requests, complaints and
// emergencies is 0.81, 0.63 and 0.69 untaught, 0.98 each at 1, 0.99 each at 2 and no better above;
// from 5 on complaints of our own held-out turns are read worse.
const OwnFactor = 2

// Emotions and ComplaintCategories list every label of their kind; urgent classes: UrgentClasses.
var (
	Emotions            = emotionClasses
	ComplaintCategories = categoryClasses
)

// ownHeldOut is how many own examples at least must be in the held-out fifth for it to be asked: of
// fewer, one turn more or less moves F1 by more than a twentieth.
const ownHeldOut = 20

// worsening is how much F1 may fall on a held-out fifth before a taught model is not adopted.
const worsening = 0.01

// Scores are how well labelled turns are read, by rules and model together: F1 of what an escalation
// hangs on, 0..1, −1 when none of the turns has it; of the emotion, macro-F1.
type Scores struct {
	Examples  int     `json:"examples"` // turns read
	Person    float64 `json:"person"`
	Complaint float64 `json:"complaint"`
	Urgent    float64 `json:"urgent"`
	Emotion   float64 `json:"emotion"`
}

// Comparison is how the same turns are read before and after teaching. None of them was taught.
type Comparison struct {
	Before Scores `json:"before"`
	After  Scores `json:"after"`
}

// worse reports whether what an escalation hangs on is read worse by more than a hundredth. What none of
// the turns has is −1 on both sides.
func (c Comparison) worse() bool {
	return c.Before.Person-c.After.Person > worsening || c.Before.Complaint-c.After.Complaint > worsening ||
		c.Before.Urgent-c.After.Urgent > worsening
}

// Lesson is what came of teaching the model a bank's own examples.
type Lesson struct {
	Examples int         `json:"examples"`      // own ones
	Factor   int         `json:"factor"`        // how many times each counted
	Shipped  Comparison  `json:"shipped"`       // on a fifth of our examples
	Own      *Comparison `json:"own,omitempty"` // on a fifth of the own ones; nil when there are too few of them
	Adopted  bool        `json:"adopted"`       // neither is read worse by more than a hundredth
	Digest   string      `json:"digest"`        // LessonDigest of what it was made from
}

// Teach trains a model from our examples and a bank's own, each counting OwnFactor times; where both
// label the same words, the bank's labels count. The model is nil when the lesson is not adopted.
// 20 000 examples take about ten seconds. The latest lesson is kept: a publication that failed for
// another reason is repeated at once.
func Teach(own []Example, lists []Lexicon) (*Model, Lesson, error) {
	digest := LessonDigest(own, lists)
	latest.Lock() // one at a time: training keeps a core busy that customers wait for
	defer latest.Unlock()
	if digest != "" && latest.lesson.Digest == digest {
		return latest.model, latest.lesson, nil
	}
	m, lesson, err := teach(own, lists)
	if err == nil {
		latest.model, latest.lesson = m, lesson
	}
	return m, lesson, err
}

var latest struct {
	sync.Mutex
	model  *Model
	lesson Lesson
}

func teach(own []Example, lists []Lexicon) (*Model, Lesson, error) {
	lesson := Lesson{Examples: len(own), Factor: OwnFactor}
	shipped, err := besides(own)
	if err != nil {
		return nil, lesson, err
	}
	lesson.Digest = lessonDigest(shipped, own, lists)
	taught, heldOwn := split(own, 0)
	if len(heldOwn) < ownHeldOut {
		taught, heldOwn = own, nil
	}
	rest, heldShipped := split(shipped, 0)
	before, err := Train(rest, lists)
	if err != nil {
		return nil, lesson, err
	}
	after, err := Train(mix(rest, taught), lists)
	if err != nil {
		return nil, lesson, err
	}
	if lesson.Shipped, err = compare(before, after, heldShipped, lists); err != nil {
		return nil, lesson, err
	}
	lesson.Adopted = !lesson.Shipped.worse()
	if heldOwn != nil {
		c, err := compare(before, after, heldOwn, lists)
		if err != nil {
			return nil, lesson, err
		}
		lesson.Own, lesson.Adopted = &c, lesson.Adopted && !c.worse()
	}
	if !lesson.Adopted {
		return nil, lesson, nil
	}
	m, err := Train(mix(shipped, own), lists)
	return m, lesson, err
}

// LessonDigest names everything that a lesson depends on: the examples, ours and the own, the lists, and
// the features of this program. The same digest means the same lesson; "" when ours cannot be read.
func LessonDigest(own []Example, lists []Lexicon) string {
	shipped, err := besides(own)
	if err != nil {
		return ""
	}
	return lessonDigest(shipped, own, lists)
}

func lessonDigest(shipped, own []Example, lists []Lexicon) string {
	h := sha256.New()
	d := digest(mix(shipped, own))
	h.Write(d[:])
	h.Write([]byte(modelMagic))
	_ = json.NewEncoder(h).Encode(lists) // plain strings and numbers into memory: cannot fail
	return hex.EncodeToString(h.Sum(nil))
}

// TaughtFrom reports whether Teach made the model from exactly these own examples and the examples of
// this program.
func (m *Model) TaughtFrom(own []Example) bool {
	shipped, err := besides(own)
	return err == nil && m.TrainedFrom(mix(shipped, own))
}

// Trial measures what further examples would bring before they are taught. onData: each fifth of data
// read by now and by a model that was taught own and the other four fifths. onShipped: a fifth of our
// examples read without and with data. progress is called before each of the seven trainings.
func Trial(now *Model, own, data []Example, lists []Lexicon, progress func(step, of int)) (onData, onShipped Comparison, err error) {
	const steps = folds + 2
	all := slices.Concat(own, data)
	shipped, err := besides(all)
	if err != nil {
		return onData, onShipped, err
	}
	var before, after UnderstandingReport
	for k := range folds {
		progress(k+1, steps)
		taught, held := split(data, uint32(k))
		m, err := Train(mix(shipped, slices.Concat(own, taught)), lists)
		if err != nil {
			return onData, onShipped, err
		}
		b, err := readWith(now, held, lists)
		if err != nil {
			return onData, onShipped, err
		}
		a, err := readWith(m, held, lists)
		if err != nil {
			return onData, onShipped, err
		}
		if k == 0 {
			before, after = b, a
			continue
		}
		before.Add(b)
		after.Add(a)
	}
	onData = Comparison{scores(before), scores(after)}
	rest, held := split(shipped, 0)
	progress(folds+1, steps)
	without, err := Train(mix(rest, own), lists)
	if err != nil {
		return onData, onShipped, err
	}
	progress(folds+2, steps)
	with, err := Train(mix(rest, all), lists)
	if err != nil {
		return onData, onShipped, err
	}
	onShipped, err = compare(without, with, held, lists)
	return onData, onShipped, err
}

// besides are our examples without those whose words the bank has labelled itself.
func besides(own []Example) ([]Example, error) {
	shipped, err := Examples()
	if err != nil {
		return nil, err
	}
	theirs := make(map[string]bool, len(own))
	for _, e := range own {
		theirs[text.Fold(e.Text).String()] = true
	}
	kept := shipped[:0]
	for _, e := range shipped {
		if !theirs[text.Fold(e.Text).String()] {
			kept = append(kept, e)
		}
	}
	return kept, nil
}

// mix is shipped with every own example OwnFactor times.
func mix(shipped, own []Example) []Example {
	all := make([]Example, 0, len(shipped)+OwnFactor*len(own))
	all = append(all, shipped...)
	for range OwnFactor {
		all = append(all, own...)
	}
	return all
}

const folds = 5

// split holds out fold k of the examples. An example is always in the same fold, whatever stands
// beside it: figures of two generations can be compared.
func split(examples []Example, k uint32) (rest, held []Example) {
	for _, e := range examples {
		h := fnv.New32a()
		h.Write([]byte(e.Text))
		if h.Sum32()%folds == k {
			held = append(held, e)
		} else {
			rest = append(rest, e)
		}
	}
	return rest, held
}

func compare(before, after *Model, examples []Example, lists []Lexicon) (Comparison, error) {
	b, err := readWith(before, examples, lists)
	if err != nil {
		return Comparison{}, err
	}
	a, err := readWith(after, examples, lists)
	return Comparison{scores(b), scores(a)}, err
}

// readWith reads turns as a bot with these lists and this model does.
func readWith(m *Model, examples []Example, lists []Lexicon) (UnderstandingReport, error) {
	x, err := newLexicon(lists)
	if err != nil {
		return UnderstandingReport{}, err
	}
	b := &Bot{reader: &understander{lexicon: x, model: m}}
	return b.EvaluateUnderstanding(examples), nil
}

func scores(r UnderstandingReport) Scores {
	f1 := func(b Binary) float64 {
		if b.TP+b.FN == 0 {
			return -1 // a single false alarm would turn 1 into 0
		}
		return b.F1()
	}
	return Scores{r.Examples, f1(r.Person), f1(r.Complaint), f1(r.Urgent), r.Emotion.MacroF1()}
}
