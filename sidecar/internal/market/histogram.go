package market

import (
	"math/bits"
	"sync/atomic"
)

// A histogram's buckets grow with the value: each power of two is divided into ten equal parts, so that a bucket
// is at most a tenth of its value wide and its middle at most 4.8 % off, found without a logarithm. Durations
// are counted in microseconds, from 0.26 ms to 18 min; rates in 1/1024 token per second, from 0.25 to a million.
const (
	parts       = 10
	firstOctave = 8
	octaves     = 22
	buckets     = 1 + octaves*parts + 1 // below, between, above
)

// histogram counts values; the zero value is empty. It may be added to by many goroutines.
type histogram [buckets]atomic.Uint32

// counts is a histogram's sum over some slots.
type counts [buckets]uint32

func bucketOf(v uint64) int {
	octave := bits.Len64(v) - 1
	switch {
	case octave < firstOctave:
		return 0
	case octave >= firstOctave+octaves:
		return buckets - 1
	}
	return 1 + (octave-firstOctave)*parts + int((v-1<<octave)*parts>>octave)
}

// valueOf stands for all values in a bucket: the point between its edges a and b that is relatively as far from
// either, 2ab/(a+b).
func valueOf(bucket int) float64 {
	switch bucket {
	case 0:
		return 1 << (firstOctave - 1)
	case buckets - 1:
		return 1 << (firstOctave + octaves)
	}
	octave := uint64(1) << (firstOctave + (bucket-1)/parts)
	a := float64(octave) * (1 + float64((bucket-1)%parts)/parts)
	b := a + float64(octave)/parts
	return 2 * a * b / (a + b)
}

func (h *histogram) add(v uint64) { h[bucketOf(v)].Add(1) }

// addAbove counts a value of which only a lower bound is known: in the bucket after the bound's.
func (h *histogram) addAbove(v uint64) { h[min(bucketOf(v)+1, buckets-1)].Add(1) }

func (h *histogram) addTo(sum *counts) {
	for i := range h {
		sum[i] += h[i].Load()
	}
}

func (c *counts) total() int64 {
	var n int64
	for _, k := range c {
		n += int64(k)
	}
	return n
}

// quantile is the smallest value that a share q of all n values does not exceed; 0 when there are none.
func (c *counts) quantile(q float64, n int64) float64 {
	if n == 0 {
		return 0
	}
	rank := max(int64(q*float64(n)+0.999999), 1)
	var seen int64
	for i, k := range c {
		if seen += int64(k); seen >= rank {
			return valueOf(i)
		}
	}
	return valueOf(buckets - 1)
}
