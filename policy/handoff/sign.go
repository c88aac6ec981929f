package handoff

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strconv"
	"strings"
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

	// MAC makes the function that is the HMAC-SHA-256 of a text under a key, for where another one is faster than the standard
	// library's; nil: that one.
	MAC func(key []byte) func(text []byte) [sha256.Size]byte
}

// Signer signs hand-offs. Any number of goroutines may use one.
type Signer struct {
	secret   []byte
	tail     string // of the signature's parameters, behind the nonce
	lifetime int64  // seconds
	now      func() time.Time
	random   io.Reader
	mac      func(text []byte) [sha256.Size]byte // nil: the standard library's
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
		secret:   append([]byte(nil), o.Key.Secret...),
		tail:     `";keyid="` + o.Key.ID + `";alg="` + Algorithm + `";tag="` + Label + `"`,
		lifetime: int64(o.Lifetime / time.Second),
		now:      o.Now,
		random:   o.Random,
	}
	if o.MAC != nil {
		s.mac = o.MAC(s.secret)
	}
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
//
// Interpreted, a call costs by the expressions of the function's whole body, run or not: what is rare is elsewhere.
func (s *Signer) Sign(r Request, p *Prepared) (*Headers, error) {
	if r.Query != "" || r.Digest != "" || strings.ContainsAny(r.Method+r.Path, "?# \t\r\n") || !strings.HasPrefix(r.Path, "/") {
		return s.signMore(r, p)
	}
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return nil, noNonce(err)
	}
	created := s.now().Unix()
	end := strings.Join([]string{strconv.FormatInt(created, 10), ";expires=", strconv.FormatInt(created+s.lifetime, 10),
		`;nonce="`, base64.RawStdEncoding.EncodeToString(nonce), s.tail}, "")
	base := strings.Join([]string{`"@method": `, r.Method, "\n\"@path\": ", r.Path, p.rest, end}, "")
	h := p.headers
	h.Input = p.input + end
	if s.mac != nil {
		h.Signature = s.otherwise(base)
		return &h, nil
	}
	h.Signature = Label + "=:" + mac(s.secret, []byte(base)) + ":"
	return &h, nil
}

// otherwise is the signature by another HMAC than the standard library's.
func (s *Signer) otherwise(base string) string {
	sum := s.mac([]byte(base))
	return Label + "=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

func noNonce(err error) error {
	return refuse(Invalid, "there are no random bytes for a nonce: "+err.Error())
}

// signMore signs a request that has a query or a digest, or that cannot be signed: a line end would let one request's signature base be
// read as another's.
func (s *Signer) signMore(r Request, p *Prepared) (*Headers, error) {
	if strings.ContainsAny(r.Method+r.Path, "?# \t\r\n") || !strings.HasPrefix(r.Path, "/") {
		return nil, refuse(Invalid, "the method or path holds ?, #, spaces or line ends, or the path does not begin with /")
	}
	if strings.ContainsAny(r.Query, "# \t\r\n") || !only(r.Digest, printable) {
		return nil, refuse(Invalid, "the query holds #, spaces or line ends, or the digest is not a value of content-digest")
	}
	return s.Sign(Request{Method: r.Method, Path: r.Path}, p.with(r.Query, r.Digest))
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
