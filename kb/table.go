package kb

import "math"

// tableLevels is the largest weight of a table: 15 values from −7 to 7 are told apart. 127 changed
// no recall in its third digit and took twice the room.
const tableLevels = 7

// table is a matrix of learned weights, each row rounded to a few values of its own scale. What is
// learned is rounded at once, so that an index that was just trained and one that was read back give
// the same scores.
type table struct {
	width int
	q     []int8    // rows × width
	scale []float32 // of each row
}

// newTable rounds a matrix of rows of the given width.
func newTable(m []float32, width int) table {
	t := table{width: width, q: make([]int8, len(m)), scale: make([]float32, len(m)/max(width, 1))}
	for r := range t.scale {
		row := m[r*width : (r+1)*width]
		top := float32(0)
		for _, v := range row {
			top = max(top, v, -v)
		}
		if top == 0 {
			continue
		}
		t.scale[r] = top / tableLevels
		for i, v := range row {
			t.q[r*width+i] = int8(math.Round(float64(v / t.scale[r])))
		}
	}
	return t
}

// add adds a times a row to out.
func (t *table) add(a float32, row int32, out []float32) {
	if a *= t.scale[row]; a == 0 {
		return
	}
	q := t.q[int(row)*t.width:][:len(out)]
	for i, v := range q {
		out[i] += a * float32(v)
	}
}
