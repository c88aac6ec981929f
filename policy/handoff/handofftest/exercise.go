// Package handofftest runs the hand-off's test vectors wherever package handoff runs: natively, interpreted by yaegi, and
// compiled to WebAssembly. Load reads them on the host, Input and Want turn them into lines, and Exercise, which is what runs
// elsewhere, turns the one into the other.
package handofftest

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

// Exercise reads cases, each a line of Go string literals with tabs between, and writes what package handoff makes of each.
func Exercise(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF && line == "" {
			return nil
		}
		if err != nil {
			return err
		}
		args := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i, arg := range args {
			if args[i], err = strconv.Unquote(arg); err != nil {
				return err
			}
		}
		said := ""
		switch args[0] {
		case "verify":
			said = verify(args[1:])
		case "sign":
			said = sign(args[1:])
		case "text":
			said = handoff.Text(args[1])
		default:
			return errors.New("no such case: " + args[0])
		}
		if _, err := io.WriteString(out, strconv.Quote(said)+"\n"); err != nil {
			return err
		}
	}
}

// Places of the arguments of a case to verify; keys and headers follow.
const (
	verifyAt = iota
	verifyWindow
	verifySince
	verifySinceNanos
	verifyRule
	verifyMethod
	verifyPath
	verifyQuery
	verifyBody
	verifyKeys // how many
	verifyRest
)

func verify(args []string) string {
	o := handoff.VerifierOptions{
		Window: time.Duration(integer(args[verifyWindow])) * time.Second,
		Now:    func() time.Time { return time.Unix(integer(args[verifyAt]), 0) },
	}
	if since := integer(args[verifySince]); since > 0 {
		o.Since = time.Unix(since, integer(args[verifySinceNanos]))
	}
	rest := args[verifyRest:]
	for i := int64(0); i < integer(args[verifyKeys]); i++ {
		o.Keys = append(o.Keys, handoff.Key{ID: rest[2*i], Secret: []byte(rest[2*i+1])})
	}
	rest = rest[2*len(o.Keys):]
	v, err := handoff.NewVerifier(o)
	if err != nil {
		return failed(err)
	}
	r := handoff.Received{Method: args[verifyMethod], Path: args[verifyPath], Query: args[verifyQuery], Body: []byte(args[verifyBody])}
	switch args[verifyRule] {
	case "required":
		r.Rule = handoff.DigestRequired
	case "ignored":
		r.Rule = handoff.DigestIgnored
	}
	for i := 0; i+1 < len(rest); i += 2 {
		r.Fields = append(r.Fields, handoff.Field{Name: rest[i], Value: rest[i+1]})
	}
	got, err := v.Verify(r)
	if err != nil {
		return failed(err)
	}
	said := "ok " + render(&got.Statement)
	said += " spend:" + reason(v.Spend(&got)) + " again:" + reason(v.Spend(&got))
	_, err = v.Verify(r)
	return said + " verify:" + reason(err)
}

// Places of the arguments of a case to sign; a statement follows.
const (
	signAt = iota
	signKeyID
	signSecret
	signNonce
	signLifetime
	signMethod
	signPath
	signQuery
	signHasBody
	signBody
	signRest
)

func sign(args []string) string {
	key := handoff.Key{ID: args[signKeyID], Secret: []byte(args[signSecret])}
	now := func() time.Time { return time.Unix(integer(args[signAt]), 0) }
	s, err := handoff.NewSigner(handoff.SignerOptions{
		Key:      key,
		Lifetime: time.Duration(integer(args[signLifetime])) * time.Second,
		Now:      now,
		Random:   strings.NewReader(args[signNonce] + args[signNonce]),
	})
	if err != nil {
		return failed(err)
	}
	r := handoff.Request{Method: args[signMethod], Path: args[signPath], Query: args[signQuery]}
	if args[signHasBody] == "true" {
		r.Digest = handoff.DigestOf([]byte(args[signBody]))
	}
	st := statement(args[signRest:])
	prepared, err := st.Prepare()
	if err != nil {
		return failed(err)
	}
	headers, err := s.Sign(r, prepared)
	if err != nil {
		return failed(err)
	}
	said := ""
	for _, f := range headers.Fields() {
		said += f.Name + ": " + f.Value + "\n"
	}
	v, err := handoff.NewVerifier(handoff.VerifierOptions{Keys: []handoff.Key{key}, Now: now})
	if err != nil {
		return failed(err)
	}
	return said + signedInto(s, r, prepared, v, args)
}

// signedInto is what is wrong with the other way to sign, which has another nonce; nothing if a verifier accepts what it says.
func signedInto(s *handoff.Signer, r handoff.Request, prepared *handoff.Prepared, v *handoff.Verifier, args []string) string {
	digest := r.Digest
	r.Digest = ""
	a, err := s.Address(r, prepared)
	if err == nil && digest != "" {
		a, err = a.With(digest)
	}
	if err != nil {
		return failed(err)
	}
	header := map[string][]string{handoff.HeaderCaller: {"forged"}, handoff.HeaderApplied: {"forged"}, handoff.HeaderConstraints: {"forged"}}
	if err := handoff.SignInto(header, a); err != nil {
		return failed(err)
	}
	if digest != "" {
		header[handoff.HeaderDigest] = []string{digest}
	}
	received := handoff.Received{Method: r.Method, Path: r.Path, Query: r.Query}
	if digest != "" {
		received.Body = []byte(args[signBody])
	}
	for name, values := range header {
		for _, value := range values {
			received.Fields = append(received.Fields, handoff.Field{Name: name, Value: value})
		}
	}
	got, err := v.Verify(received)
	if err != nil {
		return failed(err)
	}
	st := statement(args[signRest:])
	if said, want := render(&got.Statement), render(&st); said != want {
		return "signed into " + said + ", want " + want
	}
	return ""
}

// statement reads what flatten wrote.
func statement(args []string) handoff.Statement {
	return handoff.Statement{
		Caller:  handoff.Caller{ID: args[0], Via: args[1], Credential: args[2], Scopes: list(args[3])},
		Applied: handoff.Applied{Credentials: mark(args[4]), Guardrails: mark(args[5]), Redaction: mark(args[6])},
		Constraints: handoff.Constraints{
			Regions: list(args[7]), Types: list(args[8]), Models: list(args[9]), MaxPrice: args[10],
		},
	}
}

func list(arg string) []string {
	if arg == "nil" {
		return nil
	}
	if arg == "" {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(arg, "|"), "|")
}

func mark(arg string) handoff.Mark {
	switch arg {
	case "true":
		return handoff.Done
	case "false":
		return handoff.NotDone
	}
	return handoff.Unsaid
}

// render is a statement as flatten writes it.
func render(s *handoff.Statement) string {
	c, a, n := &s.Caller, &s.Applied, &s.Constraints
	return strconv.Quote(c.ID) + strconv.Quote(c.Via) + strconv.Quote(c.Credential) + strconv.Quote(joined(c.Scopes)) +
		strconv.Quote(marked(a.Credentials)) + strconv.Quote(marked(a.Guardrails)) + strconv.Quote(marked(a.Redaction)) +
		strconv.Quote(joined(n.Regions)) + strconv.Quote(joined(n.Types)) + strconv.Quote(joined(n.Models)) + strconv.Quote(n.MaxPrice)
}

func joined(items []string) string {
	if items == nil {
		return "nil"
	}
	out := ""
	for _, item := range items {
		out += item + "|"
	}
	return out
}

func marked(m handoff.Mark) string {
	switch m {
	case handoff.Done:
		return "true"
	case handoff.NotDone:
		return "false"
	}
	return ""
}

func reason(err error) string {
	if err == nil {
		return "ok"
	}
	return string(handoff.ReasonOf(err))
}

// failed is the reason; the detail only has to be there.
func failed(err error) string {
	if len(err.Error()) < len("hand-off : ")+20 {
		return "no detail: " + err.Error()
	}
	return reason(err)
}

func integer(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
