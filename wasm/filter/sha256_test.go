package filter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

// macOf pads a key as package handoff does, and parts a text in two.
func macOf(key []byte) func(text []byte, at int) [sha256.Size]byte {
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	inner, outer := make([]byte, sha256.BlockSize), make([]byte, sha256.BlockSize)
	copy(inner, key)
	copy(outer, key)
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	mac := hmacSHA256(inner, outer)
	return func(text []byte, at int) [sha256.Size]byte { return mac(text[:at])(text[at:]) }
}

// The cases of RFC 4231 whose output is not cut short.
func TestTheMACIsThatOfTheStandard(t *testing.T) {
	for _, c := range []struct{ name, key, text, want string }{
		{"1", strings.Repeat("\x0b", 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"2, with a key shorter than a block", "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"3", strings.Repeat("\xaa", 20), strings.Repeat("\xdd", 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{"6, with a key longer than a block", strings.Repeat("\xaa", 131), "Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	} {
		if got := macOf([]byte(c.key))([]byte(c.text), 0); hex.EncodeToString(got[:]) != c.want {
			t.Errorf("case %s: %x, want %s", c.name, got, c.want)
		}
	}
}

func TestTheMACIsThatOfTheStandardLibraryForEveryLength(t *testing.T) {
	text := []byte(strings.Repeat("The hand-off, \x00\xff. ", 40))
	for _, size := range []int{16, 33, 63, 64, 65, 200} {
		key := text[:size]
		mac := macOf(key)
		for n := range text {
			want := hmac.New(sha256.New, key)
			want.Write(text[:n])
			for _, at := range []int{0, n / 3, n / 2, n &^ 63, max(0, n-1), n} {
				if got := mac(text[:n], at); string(got[:]) != string(want.Sum(nil)) {
					t.Fatalf("of %d bytes in parts at %d under a key of %d it is %x, want %x", n, at, size, got, want.Sum(nil))
				}
			}
		}
	}
}

func FuzzMAC(f *testing.F) {
	f.Add([]byte("souk-test-secret-0123456789abcdef"), []byte("\"@method\": POST\n"), uint(7))
	f.Fuzz(func(t *testing.T, key, text []byte, at uint) {
		want := hmac.New(sha256.New, key)
		want.Write(text)
		if got := macOf(key)(text, int(at%uint(len(text)+1))); string(got[:]) != string(want.Sum(nil)) {
			t.Fatalf("it is %x, want %x", got, want.Sum(nil))
		}
	})
}
