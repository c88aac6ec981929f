package caller

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

const secret = "souk-test-secret-0123456789abcdef"

var signedAt = time.Unix(1763800000, 0)

func gateways(t testing.TB, body string, replay Replay, vouch ...string) *Gateways {
	t.Helper()
	g, err := NewGateways(&config.Handoff{
		Keys:   []config.HandoffKey{{ID: "kong-1", Secret: config.NewSecret(secret), Vouch: vouch}},
		Window: 5 * time.Second, Body: body,
	}, replay, func() time.Time { return signedAt })
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func handedOver(t testing.TB, st handoff.Statement, body string, signBody bool) handoff.Received {
	t.Helper()
	s, err := handoff.NewSigner(handoff.SignerOptions{
		Key: handoff.Key{ID: "kong-1", Secret: []byte(secret)}, Now: func() time.Time { return signedAt }, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := st.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	r := handoff.Request{Method: "POST", Path: "/v1/chat/completions"}
	if signBody {
		r.Digest = handoff.DigestOf([]byte(body))
	}
	h, err := s.Sign(r, p)
	if err != nil {
		t.Fatal(err)
	}
	return handoff.Received{Method: r.Method, Path: r.Path, Fields: h.Fields(), Body: []byte(body)}
}

func TestAHandOffBecomesItsCaller(t *testing.T) {
	g := gateways(t, config.BodyAuto, NewReplay(signedAt, 0), config.VouchRedaction)
	st := handoff.Statement{
		Caller:      handoff.Caller{ID: "acme/alice", Credential: "jwt", Scopes: []string{"chat"}},
		Applied:     handoff.Applied{Guardrails: handoff.Done, Redaction: handoff.Done},
		Constraints: handoff.Constraints{Regions: []string{"eu"}, Types: []string{"company"}, Models: []string{"meta-llama/*"}, MaxPrice: "2.5"},
	}
	who, h, err := g.Identify(handedOver(t, st, "body", false), true)
	if err != nil {
		t.Fatal(err)
	}
	if who.Name != "acme/alice" || who.Via != "kong-1" || who.Credential != "jwt" || who.Anonymous() || h.Key() != "kong-1" {
		t.Errorf("got %+v of key %s", who, h.Key())
	}
	if c := who.Constraints; !slices.Equal(c.Regions, []string{"eu"}) || !slices.Equal(c.Types, []string{"company"}) || *c.MaxPrice != 2_500_000_000 || !who.MayUse("meta-llama/x") || who.MayUse("x/y") {
		t.Errorf("got %+v", c)
	}
	if who.Vouched != (Vouched{Redaction: true}) {
		t.Errorf("vouched for %+v", who.Vouched)
	}
	if err := who.AllowsOp("embeddings"); err == nil || !strings.Contains(err.Message, `hand-off of caller "acme/alice"`) {
		t.Errorf("got %v", err)
	}
}

func TestTheBodysRuleFollowsTheHop(t *testing.T) {
	st := handoff.Statement{Caller: handoff.Caller{ID: "a"}}
	for _, c := range []struct {
		rule      string
		protected bool
		signed    bool
		code      string
	}{
		{config.BodyAuto, true, false, ""},
		{config.BodyAuto, false, false, "handoff_not_covered"},
		{config.BodyAuto, false, true, ""},
		{config.BodyRequired, true, false, "handoff_not_covered"},
		{config.BodyRequired, true, true, ""},
		{config.BodyOff, false, false, ""},
	} {
		_, _, err := gateways(t, c.rule, Replay{}).Identify(handedOver(t, st, "body", c.signed), c.protected)
		if c.code == "" && err != nil || c.code != "" && (err == nil || err.Code != c.code || err.Status != 401) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

func TestAFullMemoryIsNotTheCallersFault(t *testing.T) {
	g := gateways(t, config.BodyAuto, Replay{Memory: handoff.NewMemory(1, 0)})
	st := handoff.Statement{Caller: handoff.Caller{ID: "a"}}
	for i, status := range []int{0, 503} {
		_, h, err := g.Identify(handedOver(t, st, "", false), true)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Spend(&h); (err == nil) != (status == 0) || err != nil && (err.Status != status || err.RetryAfter <= 0) {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if err := g.Spend(&HandOff{}); err != nil {
		t.Errorf("spending no hand-off: %v", err)
	}
}

func TestAPriceBeyondAllPricesIsNoCap(t *testing.T) {
	st := handoff.Statement{Caller: handoff.Caller{ID: "a"}, Constraints: handoff.Constraints{MaxPrice: "999999999999.999"}}
	who, _, err := gateways(t, config.BodyAuto, Replay{}).Identify(handedOver(t, st, "", false), true)
	if err != nil || *who.Constraints.MaxPrice != 1_000_000*money.PerMillion(money.USD) {
		t.Errorf("got %+v, %v", who, err)
	}
}

func TestAReplayMemoryBeginsWithAWholeSecond(t *testing.T) {
	for _, c := range []struct{ now, since time.Time }{
		{time.Unix(100, 0), time.Unix(100, 0)}, {time.Unix(100, 1), time.Unix(101, 0)}, {time.Unix(100, 999_999_999), time.Unix(101, 0)},
	} {
		if got := NewReplay(c.now, 0).Since; !got.Equal(c.since) {
			t.Errorf("%v: got %v", c.now, got)
		}
	}
}

func TestWithoutKeysThereAreNoGateways(t *testing.T) {
	if g, err := NewGateways(&config.Handoff{}, Replay{}, time.Now); g != nil || err != nil {
		t.Errorf("got %v, %v", g, err)
	}
}

func TestConstraintsAloneMakeACaller(t *testing.T) {
	who, err := FromConstraints(`region=("eu"), max-price=1`)
	if err != nil || !who.Anonymous() || *who.Constraints.MaxPrice != 1_000_000_000 || who.Constraints.Regions[0] != "eu" {
		t.Errorf("got %+v, %v", who, err)
	}
	if _, err := FromConstraints("colour=1"); handoff.ReasonOf(err) != handoff.Malformed {
		t.Errorf("got %v", err)
	}
}
