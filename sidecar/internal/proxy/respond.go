package proxy

import (
	"strconv"
	"time"
	"unsafe"
)

// answerHeaders writes the headers of a good answer: the provider's that may pass, and souk's own.
func (x *exchange) answerHeaders() {
	h := &x.ctx.Response.Header
	var own nominated
	if x.try.answer.Nominates {
		own = nominate(x.try.nominated())
	}
	for name, value := range x.try.answer.Fields {
		if name != nil && keeps(name) && !own.has(name) {
			h.AddBytesKV(name, x.target.Mask(value))
		}
	}
	x.soukHeaders()
	offer := x.target.Offer
	h.Set("x-souk-provider", offer.Provider.Name)
	h.Set("x-souk-offer", offer.ID)
	if offer.Provider.Simulated {
		h.Set("x-souk-simulated", "true")
	}
	x.noteAnswer()
}

// nominated is which headers the provider says are for its hop alone.
func (t *try) nominated() []byte {
	var list []byte
	for name, value := range t.answer.Fields {
		if fold(name, "connection") {
			list = joined(list, value)
		}
	}
	return list
}

// soukHeaders writes what every answer to an exchange has. Attempts that still run count.
func (x *exchange) soukHeaders() {
	h := &x.ctx.Response.Header
	h.SetBytesV("x-souk-request-id", x.id)
	attempts := len(x.record.Attempts())
	if x.counted {
		attempts++
	}
	buf := x.head[:0]
	buf = strconv.AppendInt(buf, int64(attempts), 10)
	h.SetBytesV("x-souk-attempts", buf)
	waited := x.waited
	if x.counted {
		waited += time.Since(x.began)
	}
	buf = append(buf[:0], "souk;dur="...)
	buf = appendMillis(buf, time.Since(x.start)-waited)
	buf = append(buf, ", upstream;dur="...)
	buf = appendMillis(buf, waited)
	h.SetBytesV("server-timing", buf)
	x.head = buf
	if x.record.Redacted != "" {
		h.Set("x-souk-redacted", x.record.Redacted)
	}
	if x.snap.origins[alias(x.headers.origin)] {
		allowOrigin(h, x.headers.origin)
	}
}

// appendMillis writes a duration in milliseconds with three decimals.
func appendMillis(dst []byte, d time.Duration) []byte {
	us := max(d.Microseconds(), 0)
	dst = strconv.AppendInt(dst, us/1000, 10)
	dst = append(dst, '.')
	frac := us % 1000
	return append(dst, byte('0'+frac/100), byte('0'+frac/10%10), byte('0'+frac%10))
}

// alias makes a string of bytes that outlive its use, without a copy.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
