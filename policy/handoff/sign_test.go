package handoff

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAnotherMACSignsTheSame(t *testing.T) {
	called := 0
	o := SignerOptions{
		Key:    Key{ID: "kong-1", Secret: []byte("souk-test-secret-0123456789abcdef")},
		Now:    func() time.Time { return time.Unix(1763800000, 0) },
		Random: strings.NewReader(strings.Repeat("0123456789abcdef", 4)),
	}
	statement := &Statement{Caller: Caller{ID: "alice"}}
	p, err := statement.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	var got [2][2]Headers
	for i := range got {
		s, err := NewSigner(o)
		if err != nil {
			t.Fatal(err)
		}
		for j, r := range []Request{{Method: "POST", Path: "/v1"}, {Method: "POST", Path: "/v1", Query: "a=b", Digest: DigestOf(nil)}} {
			h, err := s.Sign(r, p)
			if err != nil {
				t.Fatal(err)
			}
			got[i][j] = *h
		}
		o.Random = strings.NewReader(strings.Repeat("0123456789abcdef", 4))
		o.MAC = func(inner, outer []byte) func([]byte) func([]byte) [sha256.Size]byte {
			return func(beginning []byte) func([]byte) [sha256.Size]byte {
				return func(rest []byte) [sha256.Size]byte {
					called++
					sum := sha256.Sum256(slices.Concat(inner, beginning, rest))
					return sha256.Sum256(slices.Concat(outer, sum[:]))
				}
			}
		}
	}
	if got[0] != got[1] || called != 2 {
		t.Errorf("signed %+v, and with the other, called %d times, %+v", got[0], called, got[1])
	}
}

// A hash's block is 64 bytes: a key of openssl rand -hex 32 fills it, and a longer one is hashed first.
func TestKeysOfAllLengthsSignAsTheStandardLibraryVerifies(t *testing.T) {
	at := time.Unix(1763800000, 0)
	statement := &Statement{Caller: Caller{ID: "alice"}}
	p, err := statement.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	for n := MinSecret; n <= 200; n++ {
		key := Key{ID: "kong-1", Secret: []byte(strings.Repeat("souk-test\xff", 20)[:n])}
		s, err := NewSigner(SignerOptions{Key: key, Now: func() time.Time { return at }, Random: strings.NewReader("0123456789abcdef")})
		if err != nil {
			t.Fatal(err)
		}
		h, err := s.Sign(Request{Method: "POST", Path: "/v1"}, p)
		if err != nil {
			t.Fatal(err)
		}
		v, err := NewVerifier(VerifierOptions{Keys: []Key{key}, Now: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(Received{Method: "POST", Path: "/v1", Fields: h.Fields()}); err != nil {
			t.Errorf("a key of %d bytes: %v", n, err)
		}
	}
}
