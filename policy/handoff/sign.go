package handoff

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"time"
)

// Key is a secret that a gateway and the sidecar share. Several can be live, with different ids, so that one replaces another
// without a gap.
type Key struct {
	ID     string // letters, digits and -._~:@/+
	Secret []byte // at least MinSecret bytes, as configured
}

// String is the id alone: a key that is printed by mistake does not show its secret.
func (k Key) String() string { return "key " + k.ID }

func (k *Key) check() error {
	if k.ID == "" || len(k.ID) > MaxKeyID || !only(k.ID, words) {
		return refuse(Invalid, "the key's id is not 1 to 64 letters, digits and -._~:@/+")
	}
	if len(k.Secret) < MinSecret {
		return refuse(Invalid, "the secret of key "+k.ID+" is shorter than 16 bytes; make one with openssl rand -hex 32")
	}
	return nil
}

// SignerOptions are what a Signer works with; all but Lifetime are needed.
type SignerOptions struct {
	Key      Key
	Lifetime time.Duration // until a signature expires, in whole seconds, at most a minute; 0: 5 s
	Now      func() time.Time
	Random   io.Reader // of nonces: crypto/rand.Reader, but for tests

	// MAC makes HMAC-SHA-256 under a key, for where another one is faster than the standard library's; nil: that one.
	MAC MAC
}

// MAC is an HMAC-SHA-256. It gets the key as the two blocks with which HMAC's two hashes begin (RFC 2104, section 2), then what many
// texts begin with, and then the rest of each.
type MAC func(inner, outer []byte) func(beginning []byte) func(rest []byte) [sha256.Size]byte

// Signer signs hand-offs. Any number of goroutines may use one.
type Signer struct {
	inner    string // the HMAC's key, padded (RFC 2104, section 2), and how a signature base begins
	outer    []byte // the HMAC's key, padded for its second hash, without room behind it; empty where mac is not nil, and in inner too
	tail     string // of the signature's parameters, behind the nonce
	lifetime int64  // seconds
	now      func() time.Time
	random   io.Reader
	mac      func(beginning []byte) func(rest []byte) [sha256.Size]byte // nil: of the standard library's SHA-256
}

// NewSigner checks the options.
func NewSigner(o SignerOptions) (*Signer, error) {
	if err := o.Key.check(); err != nil {
		return nil, err
	}
	if o.Lifetime == 0 {
		o.Lifetime = 5 * time.Second
	}
	if o.Lifetime < time.Second || o.Lifetime > maxLifetime*time.Second {
		return nil, refuse(Invalid, "a hand-off lives for 1 s to 60 s")
	}
	if o.Now == nil || o.Random == nil {
		return nil, refuse(Invalid, "a signer needs a clock and a source of random bytes")
	}
	s := &Signer{
		tail:     `";keyid="` + o.Key.ID + `";alg="` + Algorithm + `";tag="` + Label + `"`,
		lifetime: int64(o.Lifetime / time.Second),
		now:      o.Now,
		random:   o.Random,
	}
	inner, outer := padded(o.Key.Secret)
	if o.MAC != nil {
		s.mac = o.MAC(inner, outer)
		inner, outer = nil, nil
	}
	s.inner, s.outer = string(inner)+`"@method": `, outer[:len(outer):len(outer)]
	return s, nil
}

// Request is what is signed of a request beside its statement, as the sidecar receives it: behind every rewrite of the
// gateway, and not decoded.
type Request struct {
	Method string
	Path   string // such as /v1/chat/completions
	Query  string // without its ?
	Digest string // of the body, see DigestOf; empty: the body is not signed
}

// Sign returns the headers to set, in place of any of the same name: those of the statement, Content-Digest if the request has a digest,
// Signature-Input and Signature. Each call takes a new nonce; sign again for each try of a request.
func (s *Signer) Sign(r Request, p *Prepared) (*Headers, error) {
	a, err := s.Address(r, p)
	if err != nil {
		return nil, err
	}
	return a.Sign()
}

func noNonce(err error) error {
	return refuse(Invalid, "no random bytes for a nonce: "+err.Error())
}

// unsignable is the error of a request whose signature base could be read as another's.
func unsignable() error {
	return refuse(Invalid, "the path does not begin with /, or a part of the request holds ?, #, spaces or line ends")
}

// padded is an HMAC's key as its two hashes begin with it (RFC 2104, section 2). Two hashes of whole texts are fewer interpreted calls
// than crypto/hmac takes.
func padded(key []byte) (inner, outer []byte) {
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	inner, outer = make([]byte, sha256.BlockSize), make([]byte, sha256.BlockSize)
	copy(inner, key)
	for i := 0; i < sha256.BlockSize; i++ {
		outer[i] = inner[i] ^ 0x5c
		inner[i] ^= 0x36
	}
	return inner, outer
}

// DigestOf is the value of Content-Digest for a body as it is sent, content-encoding included (RFC 9530, section 2).
func DigestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// mac is the signature of a signature base (RFC 9421, section 3.3.3), in base64.
func mac(secret, base []byte) string {
	h := hmac.New(sha256.New, secret)
	h.Write(base)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
