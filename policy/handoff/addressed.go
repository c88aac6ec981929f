package handoff

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Addressed is a statement about requests of one method, path and query, and one body if that is signed: all of a hand-off but when it is
// made. It can be signed any number of times, and is immutable.
type Addressed struct {
	signer    *Signer
	request   Request
	statement *Prepared
	headers   Headers
	input     string                              // Signature-Input up to created
	mac       func(rest []byte) [sha256.Size]byte // of what begins as the signature base does; nil: of the standard library's SHA-256

	// Without a MAC of the signer's own:
	base                         []byte   // the signature base, behind the HMAC's key and up to created; without room behind it
	format                       string   // of Signature-Input from there on: created, expires, and the nonce
	caller, applied, constraints []string // the headers' values; nil: not sent
}

// String is whose request it is, without the key.
func (a *Addressed) String() string { return a.request.Method + " " + a.request.Path }

// Address makes a statement one about a request, and refuses what Sign refuses.
func (s *Signer) Address(r Request, p *Prepared) (*Addressed, error) {
	said, err := p.about(&r)
	if err != nil {
		return nil, err
	}
	base := []byte(strings.Join([]string{s.inner, r.Method, pathLine, r.Path, said.rest}, ""))
	a := &Addressed{signer: s, request: r, statement: p, headers: said.headers, input: said.input}
	if s.mac != nil {
		a.mac = s.mac(base)
		return a, nil
	}
	a.base = base[:len(base):len(base)]
	a.format = `%d;expires=%d;nonce="%x` + s.tail // which has no %: no key's id has
	a.caller, a.applied, a.constraints = line(said.headers.Caller), line(said.headers.Applied), line(said.headers.Constraints)
	return a, nil
}

// Sign returns the headers to set, as Signer.Sign does.
func (a *Addressed) Sign() (*Headers, error) {
	s := a.signer
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return nil, noNonce(err)
	}
	created := s.now().Unix()
	const most = 2*20 + len(`;expires=;nonce="`) + 22 // of what is not the same each time, in bytes
	input := append(make([]byte, 0, len(a.input)+most+len(s.tail)), a.input...)
	input = append(strconv.AppendInt(input, created, 10), ";expires="...)
	input = append(strconv.AppendInt(input, created+s.lifetime, 10), `;nonce="`...)
	input = append(append(input, base64.RawStdEncoding.EncodeToString(nonce)...), s.tail...)
	sum := a.hmac(input[len(a.input):])
	h := a.headers
	h.Input = string(input)
	h.Signature = Label + "=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	return &h, nil
}

// hmac is that of a signature base, of which it gets the end.
func (a *Addressed) hmac(end []byte) [sha256.Size]byte {
	if a.mac != nil {
		return a.mac(end)
	}
	sum := sha256.Sum256(append(a.base, end...))
	return sha256.Sum256(append(a.signer.outer, sum[:]...))
}

// With makes it a statement about such a request with a body, of which DigestOf gives the digest.
func (a *Addressed) With(digest string) (*Addressed, error) {
	r := a.request
	r.Digest = digest
	return a.signer.Address(r, a.statement)
}

// line is the value of a header that is sent once, or not at all.
func line(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// SignInto is Sign for interpreted code. It writes the headers in place of any of the same name, but for Content-Digest; those that say
// nothing have no value then, and are not sent.
//
// It is Sign once more because of what an interpreter makes of it. Each expression in a function's body takes memory and time with
// every call, run or not; a call of a compiled function takes 0.5 us, and one of a method more. So there are few of them: the nonce is
// hexadecimal, so that one call writes it with the times, and the signer may not have a MAC of its own.
func SignInto(header map[string][]string, a *Addressed) (err error) {
	s, nonce := a.signer, make([]byte, 16)
	if _, err = io.ReadFull(s.random, nonce); err != nil {
		return noNonce(err)
	}
	created := s.now().Unix()
	end := fmt.Sprintf(a.format, created, created+s.lifetime, nonce)
	sum := sha256.Sum256(append(a.base, end...))
	sum = sha256.Sum256(append(s.outer, sum[:]...))
	header["Signature-Input"] = []string{a.input + end}
	header["Signature"] = []string{"souk-handoff=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}
	header["Souk-Caller"] = a.caller
	header["Souk-Applied"] = a.applied
	header["Souk-Constraints"] = a.constraints
	return nil
}
