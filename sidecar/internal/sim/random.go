package sim

// random is a splitmix64 generator: small, fast, and the same on every machine and Go version.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	return mix(uint64(*r))
}

func (r *random) intn(n int) int { return int(r.next() % uint64(n)) }

// float is in [0, 1).
func (r *random) float() float64 { return float64(r.next()>>11) / (1 << 53) }

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// digest hashes parts in order (FNV-1a); the length of each is part of the hash, so that ("ab", "c") is not ("a", "bc").
func digest(seed uint64, parts ...string) uint64 {
	h := mix(seed + 1)
	for _, part := range parts {
		h = mix(h ^ uint64(len(part)))
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * 0x100000001b3
		}
	}
	return mix(h)
}
