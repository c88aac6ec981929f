package handoff_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

func TestWhatIsSignedIsWhatIsVerified(t *testing.T) {
	v, _ := newVerifier(t, handoff.VerifierOptions{Since: at})
	for _, st := range []handoff.Statement{
		alice(),
		{Caller: handoff.Caller{ID: handoff.Text("Élodie \"é\"\r\n\\")}},
		{Caller: handoff.Caller{ID: strings.Repeat("x", handoff.MaxText)}, Applied: handoff.Applied{Redaction: handoff.Done}},
		{Caller: handoff.Caller{ID: "a"}, Constraints: handoff.Constraints{MaxPrice: "0.001"}},
	} {
		got, err := v.Verify(signed(t, newSigner(t, rand.Reader), handoff.Request{Method: "POST", Path: "/v1/chat/completions", Query: "a=b"}, st, []byte("body")))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Statement, st) || got.KeyID != "kong-1" || got.Created != at.Unix() || got.Expires != at.Unix()+5 || len(got.Nonce) != 22 {
			t.Errorf("got %+v, want %+v", got, st)
		}
	}
}

func TestTheSameHandOffGoesUntilItIsSpent(t *testing.T) {
	v, _ := newVerifier(t, handoff.VerifierOptions{})
	r := chat(t)
	first, err := v.Verify(r)
	if err != nil {
		t.Fatal(err)
	}
	second, err := v.Verify(r)
	if err != nil {
		t.Fatalf("a request that was shed may come again: %v", err)
	}
	if err := v.Spend(&second); err != nil {
		t.Fatal(err)
	}
	wantReason(t, v.Spend(&first), handoff.Replayed)
	_, err = v.Verify(r)
	wantReason(t, err, handoff.Replayed)
}

func TestOneOfManyAtOnceSpendsANonce(t *testing.T) {
	v, _ := newVerifier(t, handoff.VerifierOptions{})
	for range 20 {
		r := chat(t)
		var spent atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				got, err := v.Verify(r)
				if err == nil {
					err = v.Spend(&got)
				}
				if err == nil {
					spent.Add(1)
				} else if handoff.ReasonOf(err) != handoff.Replayed {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if spent.Load() != 1 {
			t.Fatalf("spent %d times", spent.Load())
		}
	}
}

func TestTheMemoryGoesOverToTheNextVerifier(t *testing.T) {
	memory := handoff.NewMemory(0, 0)
	before, _ := newVerifier(t, handoff.VerifierOptions{Memory: memory})
	after, clock := newVerifier(t, handoff.VerifierOptions{Memory: memory, Window: time.Minute})
	r := chat(t)
	got, err := before.Verify(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := before.Spend(&got); err != nil {
		t.Fatal(err)
	}
	clock.now = at.Add(5 * time.Second)
	_, err = after.Verify(r)
	wantReason(t, err, handoff.Replayed)
}

func TestTheMemoryIsBoundedAndForgets(t *testing.T) {
	memory := handoff.NewMemory(3, 0)
	v, clock := newVerifier(t, handoff.VerifierOptions{Memory: memory})
	spend := func() error {
		t.Helper()
		got, err := v.Verify(chat(t))
		if err != nil {
			t.Fatal(err)
		}
		return v.Spend(&got)
	}
	for range 3 {
		if err := spend(); err != nil {
			t.Fatal(err)
		}
	}
	wantReason(t, spend(), handoff.Full)
	if memory.Len() != 3 {
		t.Fatalf("%d nonces are kept", memory.Len())
	}
	clock.now = at.Add(5 * time.Second)
	wantReason(t, spend(), handoff.Full)
	old, err := v.Verify(chat(t))
	if err != nil {
		t.Fatal(err)
	}
	clock.now = at.Add(6 * time.Second)
	wantReason(t, v.Spend(&old), handoff.Stale)
	if memory.Len() != 0 {
		t.Errorf("%d expired nonces are kept", memory.Len())
	}
	clock.now = at // the clock was set back: what was forgotten is not accepted again
	_, err = v.Verify(chat(t))
	wantReason(t, err, handoff.Stale)
}

func TestASignatureIsAsFreshAsWhenItsRequestBeganToArrive(t *testing.T) {
	v, clock := newVerifier(t, handoff.VerifierOptions{Memory: handoff.NewMemory(0, 30*time.Second)})
	for _, c := range []struct {
		name           string
		arrived, spent time.Duration // after it was signed
		verify, spend  handoff.Reason
	}{
		{"all at once", 0, 0, "", ""},
		{"a body that takes longer than the window", 5 * time.Second, 30 * time.Second, "", ""},
		{"a body that takes as long as it may", 5 * time.Second, 35 * time.Second, "", ""},
		{"a body that takes longer than that", 5 * time.Second, 36 * time.Second, handoff.Stale, ""},
		{"a head that comes too late", 6 * time.Second, 6 * time.Second, handoff.Stale, ""},
		{"a head from a clock that is ahead", -6 * time.Second, 0, handoff.Stale, ""},
	} {
		clock.now = at.Add(c.spent)
		r := chat(t)
		r.Arrived = at.Add(c.arrived)
		got, err := v.Verify(r)
		if handoff.ReasonOf(err) != c.verify {
			t.Errorf("%s: got %v, want %q", c.name, err, c.verify)
		}
		if err != nil {
			continue
		}
		if err := v.Spend(&got); handoff.ReasonOf(err) != c.spend {
			t.Errorf("%s: got %v, want %q", c.name, err, c.spend)
		}
	}
}

// TestAReplayDoesNotSlipThroughWhileItsBodyArrives tries a spent nonce at each second until nothing can be spent with it.
func TestAReplayDoesNotSlipThroughWhileItsBodyArrives(t *testing.T) {
	for _, hold := range []time.Duration{0, 10 * time.Second} {
		v, clock := newVerifier(t, handoff.VerifierOptions{Memory: handoff.NewMemory(0, hold)})
		r := chat(t)
		got, err := v.Verify(r)
		if err != nil {
			t.Fatal(err)
		}
		early := got // verified before it was spent, and spent once more later
		if err := v.Spend(&got); err != nil {
			t.Fatal(err)
		}
		r.Arrived = clock.now
		for after := time.Duration(0); after < 20*time.Second; after += time.Second {
			clock.now = at.Add(after)
			want := handoff.Replayed
			if after > 5*time.Second+hold {
				want = handoff.Stale
			}
			_, err := v.Verify(r)
			wantReason(t, err, want)
			wantReason(t, v.Spend(&early), want)
		}
	}
}

func TestOptionsThatCannotBeUsed(t *testing.T) {
	now := func() time.Time { return at }
	key := handoff.Key{ID: "kong-1", Secret: []byte(secret)}
	signer := func(o handoff.SignerOptions) error { _, err := handoff.NewSigner(o); return err }
	verifier := func(o handoff.VerifierOptions) error { _, err := handoff.NewVerifier(o); return err }
	for _, c := range []struct {
		name string
		err  error
	}{
		{"a signer without a key", signer(handoff.SignerOptions{Now: now, Random: rand.Reader})},
		{"a signer with a short secret", signer(handoff.SignerOptions{Key: handoff.Key{ID: "a", Secret: []byte("fifteen bytes..")}, Now: now, Random: rand.Reader})},
		{"a key's id with a quote", signer(handoff.SignerOptions{Key: handoff.Key{ID: `a"`, Secret: []byte(secret)}, Now: now, Random: rand.Reader})},
		{"a signer without a clock", signer(handoff.SignerOptions{Key: key, Random: rand.Reader})},
		{"a signer without random bytes", signer(handoff.SignerOptions{Key: key, Now: now})},
		{"a life over a minute", signer(handoff.SignerOptions{Key: key, Now: now, Random: rand.Reader, Lifetime: 61 * time.Second})},
		{"a life under a second", signer(handoff.SignerOptions{Key: key, Now: now, Random: rand.Reader, Lifetime: time.Millisecond})},
		{"a verifier without keys", verifier(handoff.VerifierOptions{Now: now})},
		{"a verifier without a clock", verifier(handoff.VerifierOptions{Keys: []handoff.Key{key}})},
		{"two keys with one id", verifier(handoff.VerifierOptions{Keys: []handoff.Key{key, key}, Now: now})},
		{"a negative window", verifier(handoff.VerifierOptions{Keys: []handoff.Key{key}, Now: now, Window: -1})},
	} {
		if handoff.ReasonOf(c.err) != handoff.Invalid {
			t.Errorf("%s: got %v", c.name, c.err)
		}
		if c.err != nil && strings.Contains(c.err.Error(), "souk-test") {
			t.Errorf("%s: the error shows the secret: %v", c.name, c.err)
		}
	}
	if shown := fmt.Sprintf("%v %+v %s", key, []handoff.Key{key}, handoff.VerifierOptions{Keys: []handoff.Key{key}}.Keys); strings.Contains(shown, "souk") || strings.Contains(shown, "115") {
		t.Errorf("a key shows its secret: %s", shown)
	}
	if handoff.ReasonOf(errors.New("x")) != "" || handoff.ReasonOf(nil) != "" {
		t.Error("an error of others has a reason")
	}
}

func TestANonceNeedsRandomBytes(t *testing.T) {
	st := alice()
	p, err := st.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	_, err = newSigner(t, strings.NewReader("too short")).Sign(handoff.Request{Method: "GET", Path: "/"}, p)
	wantReason(t, err, handoff.Invalid)
}

func TestReservedNames(t *testing.T) {
	for name, want := range map[string]bool{
		"Souk-Caller": true, "souk-x": true, "SOUK-": true, "souk": false, "x-souk-deliver": false, "soukx": false, "": false, "Signature": false,
	} {
		if handoff.Reserved(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	v, _ := newVerifier(b, handoff.VerifierOptions{})
	r := signed(b, newSigner(b, rand.Reader), handoff.Request{Method: "POST", Path: "/v1/chat/completions"}, alice(), nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	s, st := newSigner(b, rand.Reader), alice()
	p, err := st.Prepare()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Sign(handoff.Request{Method: "POST", Path: "/v1/chat/completions"}, p); err != nil {
			b.Fatal(err)
		}
	}
}
