package bot

// automaton finds all words of a fixed set in one pass over a text (Aho–Corasick).
type automaton struct {
	next  map[uint64]int32 // state<<32 | rune → state
	fail  []int32
	out   [][]int32 // values of the words that end in a state, those of its fail states included
	depth []int32
	first map[rune]bool // runes that begin a word
}

func newAutomaton() *automaton {
	return &automaton{next: map[uint64]int32{}, fail: []int32{0}, out: [][]int32{nil}, depth: []int32{0}, first: map[rune]bool{}}
}

func (a *automaton) add(word []rune, value int32) {
	if len(word) == 0 {
		return
	}
	a.first[word[0]] = true
	state := int32(0)
	for _, r := range word {
		key := uint64(state)<<32 | uint64(r)
		to, ok := a.next[key]
		if !ok {
			to = int32(len(a.fail))
			a.next[key] = to
			a.fail = append(a.fail, 0)
			a.out = append(a.out, nil)
			a.depth = append(a.depth, a.depth[state]+1)
		}
		state = to
	}
	a.out[state] = append(a.out[state], value)
}

// finish links the fail states. Nothing may be added afterwards.
func (a *automaton) finish() {
	type edge struct {
		from, to int32
		r        rune
	}
	byDepth := map[int32][]edge{}
	deepest := int32(0)
	for key, to := range a.next {
		d := a.depth[to]
		byDepth[d] = append(byDepth[d], edge{int32(key >> 32), to, rune(uint32(key))})
		deepest = max(deepest, d)
	}
	for d := int32(1); d <= deepest; d++ {
		for _, e := range byDepth[d] {
			if e.from == 0 {
				continue
			}
			f := a.fail[e.from]
			for {
				if to, ok := a.next[uint64(f)<<32|uint64(e.r)]; ok {
					a.fail[e.to] = to
					break
				}
				if f == 0 {
					break
				}
				f = a.fail[f]
			}
			a.out[e.to] = append(a.out[e.to], a.out[a.fail[e.to]]...)
		}
	}
}

// scan calls found with the value of every word and the index after its last rune.
func (a *automaton) scan(text []rune, found func(value int32, end int)) {
	state := int32(0)
	for i, r := range text {
		if state == 0 && !a.first[r] {
			continue
		}
		for {
			if to, ok := a.next[uint64(state)<<32|uint64(r)]; ok {
				state = to
				break
			}
			if state == 0 {
				break
			}
			state = a.fail[state]
		}
		for _, v := range a.out[state] {
			found(v, i+1)
		}
	}
}
