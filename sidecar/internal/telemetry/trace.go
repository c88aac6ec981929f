package telemetry

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
)

// Trace is a position in a distributed trace: W3C Trace Context, https://www.w3.org/TR/trace-context/, section 3.2.
type Trace struct {
	ID    [16]byte // trace-id
	Span  [8]byte  // parent-id: the span that made the request
	Flags byte     // trace-flags; only the known ones
}

const (
	// FlagSampled tells that the caller may have recorded trace data (section 3.2.2.5.1).
	FlagSampled byte = 0x01
	// FlagRandom tells that the trace id is random (Trace Context Level 2, section 3.2.2.5.2).
	FlagRandom byte = 0x02

	traceparentLen = 55 // version 00: 2 + 32 + 16 + 2 digits and three dashes
)

// ParseTrace reads the value of a traceparent header. It tells false for a value that the specification says to
// ignore, along with any tracestate, and to replace by NewTrace; so is a request with more than one traceparent,
// which only its reader can see. A version above 00 is read as far as 00 goes (section 4.3).
func ParseTrace(header []byte) (Trace, bool) {
	var t Trace
	if len(header) < traceparentLen || header[2] != '-' || header[35] != '-' || header[52] != '-' {
		return t, false
	}
	var version, flags [1]byte
	ok := decodeHex(version[:], header[:2]) && decodeHex(t.ID[:], header[3:35]) &&
		decodeHex(t.Span[:], header[36:52]) && decodeHex(flags[:], header[53:55])
	switch {
	case !ok, version[0] == 0xff, t.ID == [16]byte{}, t.Span == [8]byte{}:
		return Trace{}, false
	case version[0] == 0 && len(header) != traceparentLen:
		return Trace{}, false
	case len(header) > traceparentLen && header[traceparentLen] != '-':
		return Trace{}, false
	}
	// Flags without a meaning yet must be sent as zero (section 3.2.2.5.2).
	t.Flags = flags[0] & (FlagSampled | FlagRandom)
	return t, true
}

// decodeHex fills dst from lower-case digits; encoding/hex would take upper-case ones, which the grammar forbids.
func decodeHex(dst, src []byte) bool {
	for _, c := range src {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	_, err := hex.Decode(dst, src)
	return err == nil
}

// NewTrace starts a trace. It is sampled: the access log records every request under its trace id.
func NewTrace() Trace {
	t := Trace{Flags: FlagSampled}
	for t.ID == [16]byte{} {
		binary.BigEndian.PutUint64(t.ID[:8], rand.Uint64())
		binary.BigEndian.PutUint64(t.ID[8:], rand.Uint64())
	}
	return t.Child()
}

// Child is the same trace with a new span, for the request that is sent on.
func (t Trace) Child() Trace {
	t.Span = [8]byte{}
	for t.Span == [8]byte{} {
		binary.BigEndian.PutUint64(t.Span[:], rand.Uint64())
	}
	return t
}

// AppendTraceparent appends the value of a traceparent header, version 00.
func (t Trace) AppendTraceparent(dst []byte) []byte {
	dst = append(dst, "00-"...)
	dst = hex.AppendEncode(dst, t.ID[:])
	dst = append(dst, '-')
	dst = hex.AppendEncode(dst, t.Span[:])
	return append(dst, '-', hexDigits[t.Flags>>4], hexDigits[t.Flags&0xf])
}
