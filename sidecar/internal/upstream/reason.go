// Package upstream owns the connections to providers: dialling, pooling, HTTP/1.1 as spoken to a provider, the
// timers of an attempt, and the breakers that decide whom not to ask.
//
// It has its own HTTP/1.1 client because fasthttp's cannot do what a failover needs: separate timers for connect,
// headers, first content, gap and total, without cutting a healthy stream; a caller's hang-up that cancels at once;
// and a reader that hands over all that one read brought.
package upstream

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"
)

// Reason is why an attempt ended without a good answer: one word, the same in attempts, logs and metrics.
type Reason string

// The reasons.
const (
	Refused           Reason = "refused"             // connection refused or no route
	Reset             Reason = "reset"               // reset or closed before an answer
	TLS               Reason = "tls"                 // handshake or certificate
	DNS               Reason = "dns"                 // the name does not resolve
	Forbidden         Reason = "forbidden_address"   // it resolves to where souk does not connect
	ConnectTimeout    Reason = "connect_timeout"     //
	AnswerTimeout     Reason = "answer_timeout"      // no headers of a whole answer in time
	FirstTokenTimeout Reason = "first_token_timeout" // no content of a stream in time
	IdleTimeout       Reason = "idle_timeout"        // a gap within the body
	TotalTimeout      Reason = "total_timeout"       // all attempts together
	TooSlow           Reason = "too_slow"            // fewer tokens per second than the floor
	Status            Reason = "status"              // 5xx, 408 or an unexpected status
	RateLimited       Reason = "rate_limited"        // 429
	KeyRefused        Reason = "key_refused"         // 401, 402, 403 or an exhausted quota
	ModelGone         Reason = "model_gone"          // 404
	ContextLength     Reason = "context_length"      // 400, the prompt is too long for this offer
	Malformed         Reason = "malformed"           // not HTTP, not the dialect's JSON, or the wrong content type
	Oversize          Reason = "oversize"            // beyond a cap
	ErrorBody         Reason = "error_body"          // 200 with an error inside
	ErrorEvent        Reason = "error_event"         // an error inside a stream
	Truncated         Reason = "truncated"           // the body ended before the answer did
	Invalid           Reason = "invalid_request"     // the caller's own error
	Cancelled         Reason = "cancelled"           // the caller hung up
	Drained           Reason = "drained"             // souk shut down, and its time to drain was over
	Hedged            Reason = "hedged"              // another offer, asked at the same time, was faster
)

var (
	// ErrMalformed is an answer that is not HTTP/1.1 as RFC 9112 has it.
	ErrMalformed = errors.New("malformed HTTP answer")
	// ErrOversize is an answer beyond a cap.
	ErrOversize = errors.New("answer beyond the limit")
	// ErrForbidden is an address that souk does not connect to.
	ErrForbidden = errors.New("forbidden address")
)

// TimedOut tells whether a deadline ended a read, a write or a dial. Which timer it was only its setter knows.
func TimedOut(err error) bool {
	var dns *net.DNSError
	var timeout net.Error
	return !errors.As(err, &dns) && errors.As(err, &timeout) && timeout.Timeout()
}

// ReasonOf sorts an error of a connection that is no timeout.
func ReasonOf(err error) Reason {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.Is(err, ErrForbidden):
		return Forbidden
	case errors.As(err, &dns):
		return DNS
	case errors.As(err, &cert), errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &record), errors.As(err, &alert), errors.Is(err, errHandshake):
		return TLS
	case errors.Is(err, ErrMalformed):
		return Malformed
	case errors.Is(err, ErrOversize):
		return Oversize
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return Refused
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Reset
	}
	return Reset
}
