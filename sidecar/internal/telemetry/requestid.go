package telemetry

import (
	"math/rand/v2"
	"time"
)

// RequestIDLen is the length of a request id: "req_" and 26 characters.
const RequestIDLen = 30

// crockford is Crockford's base 32 in lower case: no i, l, o, u, and in the order of ASCII, so that ids sort.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// AppendRequestID appends an id for a request that starts at now: "req_" and a ULID in lower case, 48 bits of
// milliseconds and 80 random bits, so that ids sort by time to the millisecond.
//
// The random bits come from the runtime's ChaCha8 generator, which the system seeds and which costs no system call.
// An id is a name and not a credential: whoever looks a request up by it must be allowed to.
func AppendRequestID(dst []byte, now time.Time) []byte {
	dst = append(dst, "req_"...)
	ms := uint64(now.UnixMilli())
	for shift := 45; shift >= 0; shift -= 5 {
		dst = append(dst, crockford[ms>>shift&31])
	}
	for range 2 {
		r := rand.Uint64()
		for range 8 { // 40 of the 64 bits
			dst = append(dst, crockford[r&31])
			r >>= 5
		}
	}
	return dst
}
