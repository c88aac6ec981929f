package handoff_test

import (
	"crypto/rand"
	"io"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/policy/handoff"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "souk-test-secret-0123456789abcdef"

// at is when the tests' requests are signed.
var at = time.Unix(1763800000, 0)

func newSigner(t testing.TB, random io.Reader) *handoff.Signer {
	t.Helper()
	s, err := handoff.NewSigner(handoff.SignerOptions{
		Key: handoff.Key{ID: "kong-1", Secret: []byte(secret)}, Now: func() time.Time { return at }, Random: random,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// clock is a time that tests move.
type clock struct{ now time.Time }

func newVerifier(t testing.TB, o handoff.VerifierOptions) (*handoff.Verifier, *clock) {
	t.Helper()
	c := &clock{at.Add(time.Second)}
	o.Now = func() time.Time { return c.now }
	if o.Keys == nil {
		o.Keys = []handoff.Key{{ID: "kong-1", Secret: []byte(secret)}, {ID: "kong-2", Secret: []byte("another-secret-fedcba9876543210-x")}}
	}
	v, err := handoff.NewVerifier(o)
	if err != nil {
		t.Fatal(err)
	}
	return v, c
}

func alice() handoff.Statement {
	return handoff.Statement{
		Caller:      handoff.Caller{ID: "acme/alice", Via: "kong", Credential: "key-auth", Scopes: []string{"chat", "embeddings"}},
		Applied:     handoff.Applied{Credentials: handoff.Done, Guardrails: handoff.Done, Redaction: handoff.NotDone},
		Constraints: handoff.Constraints{Regions: []string{"eu"}, Types: []string{"company", "self_hosted"}, Models: []string{"meta-llama/*"}, MaxPrice: "2.5"},
	}
}

// signed is a request as the sidecar receives it.
func signed(t testing.TB, s *handoff.Signer, r handoff.Request, st handoff.Statement, body []byte) handoff.Received {
	t.Helper()
	p, err := st.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		r.Digest = handoff.DigestOf(body)
	}
	h, err := s.Sign(r, p)
	if err != nil {
		t.Fatal(err)
	}
	return handoff.Received{Method: r.Method, Path: r.Path, Query: r.Query, Body: body, Fields: h.Fields()}
}

func chat(t testing.TB) handoff.Received {
	t.Helper()
	return signed(t, newSigner(t, rand.Reader), handoff.Request{Method: "POST", Path: "/v1/chat/completions"}, alice(), nil)
}

func wantReason(t testing.TB, err error, want handoff.Reason) {
	t.Helper()
	if handoff.ReasonOf(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
