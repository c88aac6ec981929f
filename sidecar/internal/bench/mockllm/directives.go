package mockllm

import (
	"strconv"
	"strings"
	"time"
)

// Directives say how the mock answers one request. They are written as letters with a number, joined by dots.
type Directives struct {
	Delay    time.Duration // d<ms>: before the first byte
	Interval time.Duration // i<ms> or u<us>: between the chunks of a stream
	Chunks   int           // n<N>: of a stream; 20
	Status   int           // s<code>: 200
	Kill     int           // k<K>: close after K chunks of a stream; -1: do not
	SizeKiB  int           // z<KiB>: of an answer that is not streamed; 0: about 1 KiB
	Tag      int           // t<N>: name under which an answer that the proxy gave up is listed in /stats
	Hang     bool          // h1: never answer
	Drop     bool          // x1: close without an answer
}

// Default is how the mock answers a request that asks for nothing special.
func Default() Directives { return Directives{Chunks: 20, Status: 200, Kill: -1} }

// Parse changes what the directives in s name; what it does not understand is left alone, as a model's name may hold
// dots of its own.
func (d *Directives) Parse(s string) {
	for part := range strings.SplitSeq(s, ".") {
		if len(part) < 2 {
			continue
		}
		n, err := strconv.Atoi(part[1:])
		if err != nil || n < 0 {
			continue
		}
		switch part[0] {
		case 'd':
			d.Delay = time.Duration(n) * time.Millisecond
		case 'i':
			d.Interval = time.Duration(n) * time.Millisecond
		case 'u':
			d.Interval = time.Duration(n) * time.Microsecond
		case 'n':
			d.Chunks = n
		case 's':
			d.Status = n
		case 'k':
			d.Kill = n
		case 'z':
			d.SizeKiB = n
		case 't':
			d.Tag = n
		case 'h':
			d.Hang = n > 0
		case 'x':
			d.Drop = n > 0
		}
	}
}
