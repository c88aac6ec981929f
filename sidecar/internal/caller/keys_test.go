package caller

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "sk-souk-0123456789abcdef0123456789abcdef"

func testKeys() *Keys {
	return NewKeys([]config.Key{
		{Name: "ci", SHA256: sha256.Sum256([]byte(token)), Scopes: []string{"chat"}, Models: []string{"meta-llama/*"}},
		{Name: "long", SHA256: sha256.Sum256([]byte(strings.Repeat("k", MaxToken)))},
		{Name: "too-long", SHA256: sha256.Sum256([]byte(strings.Repeat("k", MaxToken+1)))},
		{Name: "empty", SHA256: sha256.Sum256(nil)},
	})
}

func TestIdentify(t *testing.T) {
	for _, c := range []struct {
		name                  string
		auth                  string
		authorization, apiKey string
		caller                string // name; "-" for none
		code                  string
	}{
		{"no auth asks for nothing", "none", "", "", "", ""},
		{"no auth ignores what is sent", "none", "Bearer " + token, "x", "", ""},
		{"a Bearer token", "keys", "Bearer " + token, "", "ci", ""},
		{"the scheme in any case, with more space", "keys", " bEARER  \t" + token + " ", "", "ci", ""},
		{"x-api-key", "keys", "", " " + token + "\t", "ci", ""},
		{"the longest token", "keys", "Bearer " + strings.Repeat("k", MaxToken), "", "long", ""},
		{"another scheme beside x-api-key", "keys", "Basic dXNlcjpwYXNz", token, "ci", ""},
		{"a Bearer without a token beside x-api-key", "keys", "Bearer ", token, "ci", ""},
		{"nothing", "keys", "", "", "-", "missing_api_key"},
		{"an empty Bearer token", "keys", "Bearer  ", "", "-", "missing_api_key"},
		{"an empty x-api-key", "keys", "", "  ", "-", "missing_api_key"},
		{"another scheme", "keys", "Basic " + token, "", "-", "missing_api_key"},
		{"a token without a scheme", "keys", token, "", "-", "missing_api_key"},
		{"a scheme that only starts the same", "keys", "Bearerish " + token, "", "-", "missing_api_key"},
		{"an unknown token", "keys", "Bearer wrong-" + token, "", "-", "invalid_api_key"},
		{"an unknown x-api-key", "keys", "", "wrong-" + token, "-", "invalid_api_key"},
		{"a wrong Bearer token does not fall back", "keys", "Bearer wrong", token, "-", "invalid_api_key"},
		{"a token in another case", "keys", "Bearer " + strings.ToUpper(token), "", "-", "invalid_api_key"},
		{"two tokens", "keys", "Bearer " + token + " " + token, "", "-", "invalid_api_key"},
		{"a token that is too long, though its hash is listed", "keys", "Bearer " + strings.Repeat("k", MaxToken+1), "", "-", "invalid_api_key"},
		{"an auth mode that does not exist yet", "handoff", "Bearer " + token, "", "-", "auth_mode"},
		{"no auth mode at all", "", "Bearer " + token, "", "-", "auth_mode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := testKeys().Identify(c.auth, []byte(c.authorization), []byte(c.apiKey))
			if c.code == "" {
				if err != nil || got.Name != c.caller || got.Anonymous() != (c.caller == "") {
					t.Fatalf("got %+v, %v; want caller %q", got, err, c.caller)
				}
				return
			}
			if got != nil || err == nil || err.Code != c.code {
				t.Fatalf("got %+v, %+v; want %s", got, err, c.code)
			}
			status := 401
			if c.code == "auth_mode" {
				status = 500
			}
			if err.Status != status || (status == 401) != (err.Type == fault.TypeAuth) {
				t.Errorf("got %d %s", err.Status, err.Type)
			}
			if c.code == "missing_api_key" && (!strings.Contains(err.Message, "Authorization: Bearer") || !strings.Contains(err.Message, "x-api-key")) {
				t.Errorf("message %q does not say which header to send", err.Message)
			}
			if shown := fmt.Sprintf("%+v %v", *err, err); strings.Contains(strings.ToLower(shown), token) || strings.Contains(shown, "kkkk") {
				t.Errorf("the error repeats the token: %s", shown)
			}
		})
	}
}

func TestACallerHasWhatItsKeySays(t *testing.T) {
	c, ok := testKeys().Lookup([]byte(token))
	if !ok || c.AllowsOp("chat") != nil || c.AllowsOp("embeddings") == nil || !c.MayUse("meta-llama/x") || c.MayUse("openai/x") {
		t.Errorf("got %+v, %v", c, ok)
	}
	if _, ok := testKeys().Lookup(nil); ok {
		t.Error("an empty token is a caller, though its hash is listed")
	}
}

// source is a Source that can change, and counts how often it is asked.
type source struct {
	mu     sync.Mutex
	keys   map[Hash]*Caller
	lookup atomic.Int64
}

func (s *source) Find(h Hash) (*Caller, bool) {
	s.lookup.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.keys[h]
	return c, ok
}

func (s *source) set(token string, c *Caller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c == nil {
		delete(s.keys, sha256.Sum256([]byte(token)))
		return
	}
	s.keys[sha256.Sum256([]byte(token))] = c
}

func TestAnswersAreRememberedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{keys: map[Hash]*Caller{}}
		k := NewKeysFrom(s)
		expect := func(known bool, asked int64, when string) {
			t.Helper()
			if _, ok := k.Lookup([]byte(token)); ok != known || s.lookup.Load() != asked {
				t.Fatalf("%s: known %v after %d look-ups, want %v after %d", when, ok, s.lookup.Load(), known, asked)
			}
		}
		expect(false, 1, "an unknown token")
		s.set(token, &Caller{Name: "ci"})
		expect(false, 1, "at once")
		time.Sleep(unknownFor)
		expect(true, 2, "when the miss is over")
		expect(true, 2, "again")
		s.set(token, nil)
		time.Sleep(knownFor - 1)
		expect(true, 2, "just before the answer is over")
		time.Sleep(time.Nanosecond)
		expect(false, 3, "after a revocation")
		expect(false, 3, "again")
		s.set(token, &Caller{Name: "ci"})
		time.Sleep(unknownFor)
		expect(true, 4, "restored")
	})
}

func TestAFloodOfGuessesIsBoundedAndForgetsNoKnownKey(t *testing.T) {
	s := &source{keys: map[Hash]*Caller{}}
	s.set(token, &Caller{Name: "ci"})
	k := NewKeysFrom(s)
	k.Lookup([]byte(token))
	for i := range 3 * unknownSize {
		k.Lookup(fmt.Appendf(nil, "guess-%d", i))
	}
	asked := s.lookup.Load()
	if _, ok := k.Lookup([]byte(token)); !ok || s.lookup.Load() != asked {
		t.Error("the known key had to be looked up again")
	}
	if k.unknown.Len() != unknownSize || k.known.Len() != 1 {
		t.Errorf("%d unknown and %d known are remembered, want %d and 1", k.unknown.Len(), k.known.Len(), unknownSize)
	}
}

func TestKeysMayBeLookedUpAtOnce(t *testing.T) {
	k := testKeys()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				if c, err := k.Identify(config.AuthKeys, []byte("Bearer "+token), nil); err != nil || c.Name != "ci" {
					t.Errorf("got %+v, %v", c, err)
				}
				if _, ok := k.Lookup(fmt.Appendf(nil, "guess-%d-%d", g, i)); ok {
					t.Error("a guess is a caller")
				}
			}
		})
	}
	wg.Wait()
}

func TestIdentifyingAKnownKeyAllocatesNothing(t *testing.T) {
	k, header := testKeys(), []byte("Bearer "+token)
	for _, auth := range []string{config.AuthKeys, config.AuthNone} {
		if n := testing.AllocsPerRun(100, func() {
			c, err := k.Identify(auth, header, nil)
			if err != nil || c.AllowsOp("chat") != nil || !c.MayUse("meta-llama/x") {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations, want 0", auth, n)
		}
	}
}

func FuzzIdentify(f *testing.F) {
	f.Add("Bearer "+token, "")
	f.Add("bearer\t"+token, token)
	f.Add("Basic x", "")
	k := testKeys()
	f.Fuzz(func(t *testing.T, authorization, apiKey string) {
		c, err := k.Identify(config.AuthKeys, []byte(authorization), []byte(apiKey))
		if (c == nil) == (err == nil) {
			t.Fatalf("caller %v and error %v", c, err)
		}
		sent := authorization + " " + apiKey
		if c != nil && !strings.Contains(sent, token) && !strings.Contains(sent, strings.Repeat("k", MaxToken)) {
			t.Fatalf("%q is caller %s", sent, c.Name)
		}
	})
}

func BenchmarkIdentify(b *testing.B) {
	k, header := testKeys(), []byte("Bearer "+token)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Identify(config.AuthKeys, header, nil); err != nil {
			b.Fatal(err)
		}
	}
}
