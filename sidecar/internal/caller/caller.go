// Package caller finds out who asks: a hand-off identity, a virtual key, or nobody in particular. What a caller may do is decided here;
// how much of it, and where it is routed, is decided elsewhere.
package caller

import (
	"slices"
	"strconv"
	"strings"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Caller is who asks. It is immutable; that of a virtual key is shared by all of its requests.
type Caller struct {
	Name        string   // of the virtual key, or the hand-off's id; empty: anonymous
	Via         string   // of a hand-off: the gateway, as it calls itself or by its key's id; empty: a virtual key, or anonymous
	Credential  string   // of a hand-off: how the caller proved itself to the gateway; empty: not said
	Scopes      []string // operations that it may ask for; empty: all
	Models      []string // patterns of models that it may use, see Match; empty: all
	Constraints Constraints
	Vouched     Vouched
}

// Vouched is what a gateway says that it has applied to the request, and is believed to have; the sidecar need not.
type Vouched struct{ Guardrails, Redaction bool }

// Constraints narrow where a caller's requests may go. They only ever narrow what the configuration allows; the zero
// value does not constrain.
type Constraints struct {
	Regions  []string          // empty: any
	Types    []string          // types of provider; empty: any
	MaxPrice *money.PerMillion // for input and for output; nil: no cap
}

// Anonymous tells whether the caller has no identity, as all have under auth: none.
func (c *Caller) Anonymous() bool { return c.Name == "" }

// AllowsOp tells why the caller may not ask for an operation: a 403 that names what it may, or nil. op is a scope's
// name, such as chat. Which models it may use is for routing to decide, since only that knows what a name stands for.
func (c *Caller) AllowsOp(op string) *fault.Error {
	if len(c.Scopes) == 0 || slices.Contains(c.Scopes, op) {
		return nil
	}
	return fault.New(403, fault.TypePermission, "scope_not_allowed",
		"%s may not be used for %s; it is for %s", c.title(), op, strings.Join(c.Scopes, ", "))
}

// title names the caller in an error.
func (c *Caller) title() string {
	if c.Via != "" {
		return "the hand-off of caller " + strconv.Quote(c.Name)
	}
	return "key " + strconv.Quote(c.Name)
}

// MayUse tells whether the caller's patterns admit a model, by its canonical id.
func (c *Caller) MayUse(model string) bool {
	if len(c.Models) == 0 {
		return true
	}
	for _, pattern := range c.Models {
		if Match(pattern, model) {
			return true
		}
	}
	return false
}

// Match tells whether a name fits a pattern: the name itself, or a prefix of it followed by *. A * elsewhere stands
// for itself. Case counts.
func Match(pattern, name string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return pattern == name
}

func fromKey(k *config.Key) *Caller {
	return &Caller{Name: k.Name, Scopes: slices.Clone(k.Scopes), Models: slices.Clone(k.Models)}
}
