package proxytest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/sidecar/internal/config"
)

// HandOffSecret is that of HandOffKey.
const HandOffSecret = "souk-test-secret-0123456789abcdef"

// HandOffKey is the key of a gateway that is believed to have applied what vouch lists.
func HandOffKey(id string, vouch ...string) config.HandoffKey {
	return config.HandoffKey{ID: id, Secret: config.NewSecret(HandOffSecret), Vouch: vouch}
}

// Alice is a statement about a caller and nothing else.
func Alice() handoff.Statement {
	return handoff.Statement{Caller: handoff.Caller{ID: "acme/alice", Via: "kong", Credential: "key-auth"}}
}

// Gateway signs hand-offs as a gateway in front of a sidecar does.
type Gateway struct {
	t      testing.TB
	signer *handoff.Signer
}

// NewGateway has the key of the id, and a clock that is ahead of the sidecar's by skew.
func NewGateway(t testing.TB, id string, skew time.Duration) *Gateway {
	t.Helper()
	s, err := handoff.NewSigner(handoff.SignerOptions{
		Key: handoff.Key{ID: id, Secret: []byte(HandOffSecret)}, Now: func() time.Time { return time.Now().Add(skew) }, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &Gateway{t, s}
}

// Chat is the header lines of a hand-off of a chat request, whose body is signed unless it is nil.
func (g *Gateway) Chat(st handoff.Statement, body []byte) []string {
	g.t.Helper()
	return g.Sign(handoff.Request{Method: "POST", Path: ChatPath}, st, body)
}

// Sign is the header lines of a hand-off.
func (g *Gateway) Sign(r handoff.Request, st handoff.Statement, body []byte) []string {
	g.t.Helper()
	if body != nil {
		r.Digest = handoff.DigestOf(body)
	}
	p, err := st.Prepare()
	if err != nil {
		g.t.Fatal(err)
	}
	h, err := g.signer.Sign(r, p)
	if err != nil {
		g.t.Fatal(err)
	}
	var lines []string
	for _, f := range h.Fields() {
		lines = append(lines, f.Name+": "+f.Value)
	}
	return lines
}
