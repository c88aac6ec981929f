package telemetry

import (
	"time"
	"unicode/utf8"
)

const (
	maxText      = 256 // bytes kept of one string: a caller chooses how long its model's name is
	textPerEntry = 512 // bytes of text that a batch reserves for each of its records, on average
)

// batch holds copied records in three flat slices, so that its memory follows the traffic and not the size of the
// largest Record.
type batch struct {
	entries  []entry
	attempts []attempt // of all entries, in order
	text     []byte    // of all entries: each entry's strings, then its attempts' strings
}

// entry is a Record without its strings and attempts, which are found by reading the batch from its start.
type entry struct {
	Facts
	text   [recordTexts]uint16 // lengths, in the order of texts
	listed uint8               // attempts in the batch
	tried  int                 // attempts made
}

type attempt struct {
	duration      time.Duration
	status        int
	offer, reason uint16 // lengths
}

const recordTexts = 13

// texts is the one place that orders a Record's strings for the batch; appendLine reads them in the same order.
func (r *Record) texts() [recordTexts]string {
	return [...]string{
		r.RequestID, r.Op, r.Caller, r.Via, r.Credential, r.Remote, r.AskedModel,
		r.Model, r.Provider, r.Offer, r.ErrorType, r.ErrorCode, r.Redacted,
	}
}

// add copies r, or tells that the batch is full at size records or their share of text.
func (b *batch) add(r *Record, size int) bool {
	if len(b.entries) >= size || len(b.text) >= size*textPerEntry {
		return false
	}
	b.entries = append(b.entries, entry{Facts: r.Facts, tried: r.tried})
	e := &b.entries[len(b.entries)-1]
	for i, s := range r.texts() {
		e.text[i] = b.keep(s)
	}
	for _, a := range r.Attempts() {
		b.attempts = append(b.attempts, attempt{duration: a.Duration, status: a.Status, offer: b.keep(a.Offer), reason: b.keep(a.Reason)})
		e.listed++
	}
	return true
}

// keep copies s, cut at a rune's boundary when it is too long, and returns the length it kept.
func (b *batch) keep(s string) uint16 {
	if len(s) > maxText {
		end := maxText
		for end > maxText-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	b.text = append(b.text, s...)
	return uint16(len(s))
}

func (b *batch) half(size int) bool {
	return len(b.entries) >= size/2 || len(b.text) >= size*textPerEntry/2
}

func (b *batch) reset() {
	b.entries, b.attempts, b.text = b.entries[:0], b.attempts[:0], b.text[:0]
}

// remains is what has not been read yet of a batch's text and attempts.
type remains struct {
	text     []byte
	attempts []attempt
}

func (r *remains) next(n uint16) []byte {
	s := r.text[:n]
	r.text = r.text[n:]
	return s
}
