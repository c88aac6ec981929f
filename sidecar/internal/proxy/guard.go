package proxy

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"

	"github.com/soukproxy/souk/redact"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/recogniser"
)

// Guard masks personal data and secrets in requests, and restores them in answers. It is immutable; what it masked is kept by its
// vault for as long as a request runs, or a session lasts.
type Guard struct {
	masker     *redact.Masker
	vault      *redact.Vault
	restore    bool
	session    bool
	recogniser *recogniser.Client // nil: none
	open       bool               // go on without the recogniser
}

// NewGuard makes the guard that a configuration asks for; nil when it is off.
func NewGuard(c *config.Redact) (*Guard, error) {
	if c.Mode == config.RedactOff {
		return nil, nil
	}
	types := c.Types
	if types != nil && len(c.Dictionary) > 0 {
		types = append(slices.Clone(types), redact.Dictionary) // whoever lists terms wants them found
	}
	finder, err := redact.NewFinder(redact.Options{Types: types, Allow: c.Allow, Dictionary: c.Dictionary})
	if err != nil {
		return nil, err
	}
	masker, err := redact.NewMasker(redact.MaskOptions{Finder: finder, Mode: c.Style, OneWay: c.Mode == config.RedactMask})
	if err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	vault, err := redact.NewVault(redact.VaultOptions{Key: key})
	if err != nil {
		return nil, err
	}
	g := &Guard{masker: masker, vault: vault, restore: c.Mode == config.RedactRestore, session: c.Session}
	if c.Recogniser != nil {
		g.recogniser, g.open = recogniser.New(*c.Recogniser), c.Recogniser.Open
	}
	return g, nil
}

// Close closes what the guard holds open; nil has nothing. Requests that still use it are not disturbed.
func (g *Guard) Close() {
	if g != nil && g.recogniser != nil {
		g.recogniser.Close()
	}
}

// guard masks the request's body before anything of it leaves. Whatever goes wrong, it does not leave unmasked. Every attempt of the
// request sends the same masked bytes.
func (x *exchange) guard() *fault.Error {
	g := x.snap.Guard
	if g == nil {
		return nil
	}
	if x.who.Vouched.Redaction {
		x.h.metrics.RedactionVouched()
		return nil
	}
	masker, failed := x.recognised(g)
	if failed != nil {
		return failed
	}
	scope, err := g.scope(x)
	if err == nil {
		var masked redact.Masked
		if masked, err = masker.JSON(scope, x.body); err == nil {
			return x.sendMasked(g, scope, &masked)
		}
	}
	return refusal(err)
}

// refusal is what the caller gets to know of a body that could not be masked.
func refusal(err error) *fault.Error {
	var blocked *redact.BlockedError
	var place *redact.JSONError
	switch {
	case errors.As(err, &blocked):
		return fault.New(446, fault.TypeInvalid, "redact_blocked", "the request %s", blocked.Error())
	case errors.As(err, &place):
		return fault.Invalid("", "the body is not JSON that can be searched for personal data: %s", place.Error())
	case errors.Is(err, redact.ErrVaultFull):
		return fault.New(413, fault.TypeInvalid, "redact_limit", "the request holds more personal data than redaction keeps for one request; send less at a time")
	}
	return fault.New(500, fault.TypeInternal, "redact_failed", "redaction failed, so the request was not sent")
}

func (g *Guard) scope(x *exchange) (*redact.Scope, error) {
	if g.session && x.ask.SessionID != "" {
		return g.vault.Session(x.who.Via + "\x00" + x.who.Name + "\x00" + x.ask.SessionID)
	}
	return g.vault.Request(), nil
}

// sendMasked makes the masked body the one that is sent. What was read of the caller's own body is read anew, since places have
// moved.
func (x *exchange) sendMasked(g *Guard, scope *redact.Scope, m *redact.Masked) *fault.Error {
	if g.restore && scope.Len() > 0 {
		x.masked = scope
	}
	if bytes.Equal(m.Text, x.body) {
		return nil
	}
	total := 0
	line := x.head[:0]
	for _, c := range m.Counts {
		if total > 0 {
			line = append(line, ", "...)
		}
		total += c.Count
		line = append(append(line, c.Type.String()...), '=')
		line = strconv.AppendInt(line, int64(c.Count), 10)
		x.h.metrics.Redacted(c.Type.String(), c.Count)
	}
	x.head = line
	x.record.Redacted = string(line)
	x.body = m.Text
	models := x.ask.Models[:0]
	x.ask.Reset(models)
	x.edits.Reset()
	return x.h.dialect.ReadAsk(x.op, x.body, &x.ask, &x.edits)
}

// restored puts the values back into a whole answer.
func (x *exchange) restored(body []byte) []byte {
	if x.masked == nil {
		return body
	}
	return x.masked.RestoreJSON(nil, body)
}

// restoreStream puts the values back into whole events, and keeps back what may be the beginning of a token.
func (x *exchange) restoreStream(events []byte) []byte {
	if x.masked == nil {
		return events
	}
	if x.restorer == nil {
		x.restorer = x.masked.Stream()
	}
	out := x.unmasked[:0]
	for len(events) > 0 {
		end := eventEnd(events)
		out = x.restorer.Event(out, events[:end])
		events = events[end:]
	}
	x.unmasked = out
	return out
}

// restoreRest is what the restorer still keeps back when a stream ends.
func (x *exchange) restoreRest() []byte {
	if x.restorer == nil {
		return nil
	}
	rest := x.restorer.Close(x.unmasked[:0])
	x.unmasked, x.restorer = rest, nil
	return rest
}

// eventEnd is the index after the empty line that ends the first event, or the end of the text.
func eventEnd(text []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		line := bytes.TrimSuffix(text[at:at+i], []byte("\r"))
		if at += i + 1; len(line) == 0 {
			return at
		}
	}
}
