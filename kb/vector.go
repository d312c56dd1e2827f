package kb

import "math"

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// axpy adds a·x to y. Unrolled by four: the compiler does not vectorise, this is twice as fast.
func axpy(a float32, x, y []float32) {
	if a == 0 {
		return
	}
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		u, v := x[i:i+4:i+4], y[i:i+4:i+4]
		v[0] += a * u[0]
		v[1] += a * u[1]
		v[2] += a * u[2]
		v[3] += a * u[3]
	}
	for ; i < len(x); i++ {
		y[i] += a * x[i]
	}
}

// dot is the inner product, with four sums so that additions need not wait for each other.
func dot(x, y []float32) float32 {
	y = y[:len(x)]
	var a, b, c, d float32
	i := 0
	for ; i+4 <= len(x); i += 4 {
		u, v := x[i:i+4:i+4], y[i:i+4:i+4]
		a += u[0] * v[0]
		b += u[1] * v[1]
		c += u[2] * v[2]
		d += u[3] * v[3]
	}
	for ; i < len(x); i++ {
		a += x[i] * y[i]
	}
	return a + b + c + d
}

// normalize makes x of length one, if it is not all zero, and returns the length it had.
func normalize(x []float32) float32 {
	n := sqrt32(dot(x, x))
	if n > 0 {
		for i := range x {
			x[i] /= n
		}
	}
	return n
}

func softmaxInPlace(x []float32) {
	top := float32(math.Inf(-1))
	for _, v := range x {
		top = max(top, v)
	}
	var sum float32
	for i, v := range x {
		if v-top < -20 { // e⁻²⁰ adds nothing to a float32 sum
			x[i] = 0
			continue
		}
		x[i] = float32(math.Exp(float64(v - top)))
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

// rng is a small random generator (xorshift64*), seeded by whoever learns: the same seed, the same
// model.
type rng uint64

func (r *rng) next() uint32 {
	x := uint64(*r)
	if x == 0 {
		x = 0x9E3779B97F4A7C15
	}
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	*r = rng(x)
	return uint32((x * 0x2545F4914F6CDD1D) >> 32)
}

func (r *rng) below(n int) int { return int(uint64(r.next()) * uint64(n) >> 32) }

func (r *rng) shuffle(x []int32) {
	for i := len(x) - 1; i > 0; i-- {
		j := r.below(i + 1)
		x[i], x[j] = x[j], x[i]
	}
}
