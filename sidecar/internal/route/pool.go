package route

import "math/bits"

// pool is a run of places that are drawn by weight. A draw from all of it takes constant time (an alias table,
// A. J. Walker 1977 with M. D. Vose's construction of 1991); one that leaves out what was drawn before takes
// a binary search.
type pool struct {
	first int      // the place that index 0 stands for
	sums  []uint64 // sums[i]: the weights of 0 to i-1; one longer than the pool
	slots []slot
}

// slot is a column of the alias table: itself below the threshold, another index from there on.
type slot struct {
	below uint32
	alias int32
}

// weightScale is the heaviest offer's weight as an integer. Integers make sums exact, so that a draw can leave
// out what was drawn before without drift; a million offers sum up to less than 2^53.
const weightScale = 1 << 32

// newPool makes a pool of the places from first on. Weights are positive, in any unit.
func newPool(first int, weights []float64) pool {
	n := len(weights)
	p := pool{first: first}
	if n == 0 {
		return p
	}
	heaviest := weights[0]
	for _, w := range weights {
		heaviest = max(heaviest, w)
	}
	p.sums = make([]uint64, n+1)
	for i, w := range weights {
		p.sums[i+1] = p.sums[i] + max(uint64(w/heaviest*weightScale), 1)
	}
	p.slots = make([]slot, n)
	p.fillSlots()
	return p
}

// fillSlots builds the alias table: every column holds an equal share of the sum, made up of a light index
// and what a heavy one has left over.
func (p *pool) fillSlots() {
	n := len(p.slots)
	scaled := make([]float64, n)
	light, heavy := make([]int32, 0, n), make([]int32, 0, n)
	for i := range scaled {
		scaled[i] = float64(p.weight(p.first+i)) * float64(n) / float64(p.sums[n])
		if scaled[i] < 1 {
			light = append(light, int32(i))
		} else {
			heavy = append(heavy, int32(i))
		}
	}
	for len(light) > 0 && len(heavy) > 0 {
		l, h := light[len(light)-1], heavy[len(heavy)-1]
		light = light[:len(light)-1]
		p.slots[l] = slot{uint32(scaled[l] * (1 << 32)), h}
		scaled[h] -= 1 - scaled[l]
		if scaled[h] < 1 {
			heavy = heavy[:len(heavy)-1]
			light = append(light, h)
		}
	}
	// What is left is 1 but for rounding: such a column is all its own.
	for _, rest := range [][]int32{light, heavy} {
		for _, i := range rest {
			p.slots[i] = slot{1<<32 - 1, i}
		}
	}
}

func (p *pool) len() int { return len(p.slots) }

// weight is the integer weight of a place.
func (p *pool) weight(at int) uint64 { return p.sums[at-p.first+1] - p.sums[at-p.first] }

// draw picks a place by weight.
func (p *pool) draw(r *rng) int {
	column, within := bits.Mul64(r.next(), uint64(len(p.slots)))
	s := p.slots[column]
	if uint32(within>>32) < s.below {
		return p.first + int(column)
	}
	return p.first + int(s.alias)
}

// drawOther picks a place by weight from those that are not in drawn, which is in ascending order, lies within
// the pool and does not exhaust it.
func (p *pool) drawOther(r *rng, drawn []int32) int {
	left := p.sums[len(p.slots)]
	for _, at := range drawn {
		left -= p.weight(int(at))
	}
	x := r.below(left)
	for _, at := range drawn {
		if x < p.sums[int(at)-p.first] {
			break
		}
		x += p.weight(int(at))
	}
	// The last index whose sum before it is at most x.
	lo, hi := 0, len(p.slots)
	for hi-lo > 1 {
		mid := int(uint(lo+hi) >> 1)
		if p.sums[mid] <= x {
			lo = mid
		} else {
			hi = mid
		}
	}
	return p.first + lo
}

// rng is SplitMix64 (Steele, Lea, Flood 2014): one word of state, so that a seed is enough to repeat a draw.
type rng uint64

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	return mix(uint64(*r))
}

// below is a number from 0 to n-1; n is far below 2^64, so the bias of the plain product is of no account.
func (r *rng) below(n uint64) uint64 {
	hi, _ := bits.Mul64(r.next(), n)
	return hi
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit is a number strictly between 0 and 1 made of a hash.
func unit(hash uint64) float64 { return (float64(hash>>11) + 0.5) / (1 << 53) }
