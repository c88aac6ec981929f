package handoff

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// Addressed is a statement about requests of one method, path and query, and one body if that is signed: all of a hand-off but when it is
// made. SignInto signs it any number of times. It is immutable.
type Addressed struct {
	signer    *Signer
	request   Request
	statement *Prepared
	base      []byte // of the signature, behind the HMAC's key and up to created; without room behind it
	input     string // Signature-Input up to created
	format    string // and from there on: created, expires, and the nonce

	caller, applied, constraints []string // the headers' values; nil: not sent
}

// String is what is signed, without the key.
func (a *Addressed) String() string { return a.request.Method + " " + a.request.Path }

// Address makes a statement one about a request, and refuses what Sign refuses.
func (s *Signer) Address(r Request, p *Prepared) (*Addressed, error) {
	said, err := p.about(&r)
	if err != nil {
		return nil, err
	}
	base := []byte(strings.Join([]string{s.inner, r.Method, pathLine, r.Path, said.rest}, ""))
	return &Addressed{
		signer:    s,
		request:   r,
		statement: p,
		base:      base[:len(base):len(base)],
		input:     said.input,
		format:    `%d;expires=%d;nonce="%x` + s.tail, // which has no %: no key's id has
		caller:    line(said.headers.Caller), applied: line(said.headers.Applied), constraints: line(said.headers.Constraints),
	}, nil
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
// hexadecimal, so that one call writes it with the times, and the signer's MAC is passed over.
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
