package caller

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Gateways believes the hand-offs of the gateways that the configuration has keys of. It is immutable but for the memory of spent
// nonces, which goes over to the next configuration's.
type Gateways struct {
	verifier *handoff.Verifier
	vouch    map[string]Vouched // by key id: what its gateway is believed to have applied
	body     string
}

// Replay is what outlives a configuration: the nonces that were spent, since when.
type Replay struct {
	Memory *handoff.Memory
	Since  time.Time // hand-offs that were signed before are refused
}

// NewReplay remembers from the next whole second on. A hand-off's time is in whole seconds, so one that was signed in the second of
// the start may have been spent before it. hold is how long after it arrived a request may be spent.
func NewReplay(now time.Time, hold time.Duration) Replay {
	since := now.Truncate(time.Second)
	if since.Before(now) {
		since = since.Add(time.Second)
	}
	return Replay{Memory: handoff.NewMemory(0, hold), Since: since}
}

// NewGateways compiles the hand-off's configuration; nil when it has no keys.
func NewGateways(c *config.Handoff, replay Replay, now func() time.Time) (*Gateways, error) {
	if len(c.Keys) == 0 {
		return nil, nil
	}
	g := &Gateways{vouch: map[string]Vouched{}, body: c.Body}
	o := handoff.VerifierOptions{Window: c.Window, Now: now, Since: replay.Since, Memory: replay.Memory}
	for _, k := range c.Keys {
		o.Keys = append(o.Keys, handoff.Key{ID: k.ID, Secret: []byte(k.Secret.Reveal())})
		g.vouch[k.ID] = Vouched{Guardrails: slices.Contains(k.Vouch, config.VouchGuardrails), Redaction: slices.Contains(k.Vouch, config.VouchRedaction)}
	}
	var err error
	if g.verifier, err = handoff.NewVerifier(o); err != nil {
		return nil, fmt.Errorf("handoff: %w", err)
	}
	return g, nil
}

// HandOff is one that was verified.
type HandOff struct{ verified handoff.Verified }

// Key is the id of the key that signed it; empty: there is none.
func (h *HandOff) Key() string { return h.verified.KeyID }

// Identify finds the caller that a hand-off names. protected tells that the hop from the gateway is loopback, a unix socket or mutual
// TLS. The error is a 401, whose code ends in the reason.
func (g *Gateways) Identify(r handoff.Received, protected bool) (*Caller, HandOff, *fault.Error) {
	switch {
	case g.body == config.BodyOff:
		r.Rule = handoff.DigestIgnored
	case g.body == config.BodyRequired || !protected:
		r.Rule = handoff.DigestRequired
	}
	v, err := g.verifier.Verify(r)
	if err != nil {
		return nil, HandOff{}, refusal(err)
	}
	who, err := g.caller(&v)
	if err != nil {
		return nil, HandOff{}, refusal(err)
	}
	return who, HandOff{v}, nil
}

// Spend uses the hand-off up, when the first attempt starts. One that is the zero value is nobody's, and costs nothing.
func (g *Gateways) Spend(h *HandOff) *fault.Error {
	if h.verified.KeyID == "" {
		return nil
	}
	if err := g.verifier.Spend(&h.verified); err != nil {
		return refusal(err)
	}
	return nil
}

// highest is more than any price that souk knows.
const highest = 1_000_000 * money.USD

func (g *Gateways) caller(v *handoff.Verified) (*Caller, error) {
	s := &v.Statement
	if s.Applied.Credentials == handoff.NotDone {
		return nil, &handoff.Error{Reason: "credentials", Detail: "the gateway says that it has not checked who asks (credentials=?0)"}
	}
	believed := g.vouch[v.KeyID]
	who := &Caller{
		Name: s.Caller.ID, Via: s.Caller.Via, Credential: s.Caller.Credential, Scopes: s.Caller.Scopes, Models: s.Constraints.Models,
		Constraints: Constraints{Regions: s.Constraints.Regions, Types: s.Constraints.Types},
		Vouched: Vouched{
			Guardrails: believed.Guardrails && s.Applied.Guardrails == handoff.Done,
			Redaction:  believed.Redaction && s.Applied.Redaction == handoff.Done,
		},
	}
	if who.Via == "" {
		who.Via = v.KeyID
	}
	if text := s.Constraints.MaxPrice; text != "" {
		price, err := money.Parse(text)
		if err != nil { // it is a decimal number: only its size can be wrong, and no price is that high
			price = highest
		}
		limit := money.PerMillion(price)
		who.Constraints.MaxPrice = &limit
	}
	return who, nil
}

// FromConstraints is an anonymous caller's, for a plan that nobody asks for yet.
func FromConstraints(value string) (*Caller, error) {
	c, err := handoff.ParseConstraints(value)
	if err != nil {
		return nil, err
	}
	return (&Gateways{}).caller(&handoff.Verified{Statement: handoff.Statement{Constraints: c}})
}

// refusal is the answer to a hand-off that is refused.
func refusal(err error) *fault.Error {
	reason := handoff.ReasonOf(err)
	detail := strings.TrimPrefix(err.Error(), "hand-off ")
	if reason == handoff.Full {
		e := fault.New(503, fault.TypeUnavailable, "handoff_full", "the hand-off cannot be taken now: %s", detail)
		e.RetryAfter = time.Second
		return e
	}
	return fault.New(401, fault.TypeAuth, "handoff_"+string(reason), "the hand-off is refused: %s", detail)
}
