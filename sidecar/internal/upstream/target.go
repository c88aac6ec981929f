package upstream

import (
	"bytes"
	"strings"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
)

// Target is what an attempt needs to ask an offer: compiled once for a configuration.
type Target struct {
	Offer   *market.Offer
	Origin  *Origin
	Breaker *Breaker

	ModelJSON []byte // the offer's upstream name as a JSON string

	path    string   // of the base URL, without a closing slash
	tail    []byte   // the header lines that every request to the provider carries
	names   []string // of the headers in tail that are configured
	secrets [][]byte // keys and header values, which nothing that the provider sends may carry on
	ring    *keyRing
}

// shortestSecret keeps harmless words in headers, such as a team's name, from being masked.
const shortestSecret = 12

// Mask takes the provider's own keys and header values out of what it sent: some echo them in their errors. It returns text
// itself when there is nothing to take out.
func (t *Target) Mask(text []byte) []byte {
	for _, secret := range t.secrets {
		if bytes.Contains(text, secret) {
			text = bytes.ReplaceAll(text, secret, []byte("[secret]"))
		}
	}
	return text
}

// Configures tells whether the provider's configuration sets a header; the caller's own is then not sent.
func (t *Target) Configures(name []byte) bool {
	for _, own := range t.names {
		if strings.EqualFold(own, string(name)) {
			return true
		}
	}
	return false
}

// HasOtherKey tells whether the provider has a key that nothing is known against.
func (t *Target) HasOtherKey() bool {
	if t.ring == nil {
		return false
	}
	for _, k := range t.ring.keys {
		if k.Breaker.Closed() {
			return true
		}
	}
	return false
}

// Key picks the provider's key for an attempt: nil and true when the provider has none, nil and false when all are in
// quarantine. With force a quarantined one is given rather than none.
func (t *Target) Key(now time.Time, force bool) (*Key, bool) {
	if t.ring == nil {
		return nil, true
	}
	k := t.ring.pick(now, force)
	return k, k != nil
}

// UsableAt is when the offer, or the first of its provider's keys, may be asked again; the zero time means now.
func (t *Target) UsableAt() time.Time {
	at := t.Breaker.UsableAt()
	if t.ring != nil {
		if k := t.ring.usableAt(); k.After(at) {
			at = k
		}
	}
	return at
}

// AppendHead begins a request's head: the request line, the provider's own header lines, and its key behind the
// dialect's keyPrefix, such as "Authorization: Bearer ". No other origin ever sees the key. The caller adds its own
// lines, the body's length and the empty line.
func (t *Target) AppendHead(dst []byte, path, keyPrefix string, key *Key) []byte {
	dst = append(dst, "POST "...)
	dst = append(dst, t.path...)
	dst = append(dst, path...)
	dst = append(dst, " HTTP/1.1\r\n"...)
	dst = append(dst, t.tail...)
	if key != nil {
		dst = append(dst, keyPrefix...)
		dst = append(dst, key.secret.Reveal()...)
		dst = append(dst, "\r\n"...)
	}
	return dst
}
