// Package fault is the one typed error of the sidecar. Whatever goes wrong on a request's way becomes an
// Error; the caller's dialect writes it once, in its own JSON.
package fault

import (
	"fmt"
	"time"
)

// Error is an answer to the caller that is not a model's. Status, Type, Code and Param follow the OpenAI API's
// error object; the dialects translate. Message says what to change, and never holds a secret.
type Error struct {
	Status     int           // HTTP status, 400 to 599
	Type       string        // one of the Type constants
	Code       string        // machine-readable reason, such as "model_not_found"; may be empty
	Param      string        // the request field at fault; may be empty
	Message    string        // one or two sentences for a person
	RetryAfter time.Duration // sent as Retry-After, rounded up to seconds, when positive

	Attempts []Attempt   // what was tried, in order
	Excluded []Exclusion // what was not tried, and why
}

// Attempt is one try of one offer as the caller may see it.
type Attempt struct {
	Offer    string
	Status   int    // the provider's HTTP status; 0 when none arrived
	Reason   string // one word from the failover vocabulary, such as "refused", "status", "first_token_timeout"
	Duration time.Duration
}

// Exclusion names an offer that was left out of a plan and the constraint that did it.
type Exclusion struct {
	Offer string
	Why   string
}

// The types of error of the OpenAI API, and souk's own for a market that cannot serve.
const (
	TypeInvalid      = "invalid_request_error"
	TypeAuth         = "authentication_error"
	TypePermission   = "permission_error"
	TypeNotFound     = "not_found_error"
	TypeRateLimit    = "rate_limit_error"
	TypeUnavailable  = "service_unavailable_error"
	TypeUpstream     = "upstream_error"
	TypeTimeout      = "timeout_error"
	TypeInternal     = "internal_error"
	TypeInsufficient = "insufficient_quota"
)

// Error implements error; it is for logs, not for callers.
func (e *Error) Error() string {
	if e.Param != "" {
		return fmt.Sprintf("%d %s (%s): %s", e.Status, e.Type, e.Param, e.Message)
	}
	return fmt.Sprintf("%d %s: %s", e.Status, e.Type, e.Message)
}

// Invalid is a 400 for the named request field; param may be empty when the whole body is at fault.
func Invalid(param, format string, args ...any) *Error {
	return &Error{Status: 400, Type: TypeInvalid, Param: param, Message: fmt.Sprintf(format, args...)}
}

// New is an error of any kind.
func New(status int, typ, code, format string, args ...any) *Error {
	return &Error{Status: status, Type: typ, Code: code, Message: fmt.Sprintf(format, args...)}
}
