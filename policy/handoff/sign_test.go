package handoff

import (
	"crypto/hmac"
	"crypto/sha256"
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
		o.MAC = func(key []byte) func([]byte) [sha256.Size]byte {
			return func(text []byte) [sha256.Size]byte {
				called++
				h := hmac.New(sha256.New, key)
				h.Write(text)
				return [sha256.Size]byte(h.Sum(nil))
			}
		}
	}
	if got[0] != got[1] || called != 2 {
		t.Errorf("signed %+v, and with the other, called %d times, %+v", got[0], called, got[1])
	}
}
