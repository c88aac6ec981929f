package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/policy/handoff"
)

// verifyFlags are the flags of souk handoff verify.
type verifyFlags struct {
	keys               handoffKeys
	method, path, body string
	headers            []string
	window             time.Duration
	at                 moment
	base, json         bool
}

func newHandoffVerify() *cobra.Command {
	var f verifyFlags
	c := &cobra.Command{
		Use:   "verify",
		Short: "check a hand-off and print what was signed",
		Long: "Check a hand-off and print what was signed; the exit code is 1 and the reason is named when it is refused. The request is\n" +
			"read from standard input, as curl -v prints it or as it is on the wire, or from -X, --path and -H.",
		Example: `  curl -v ... 2>&1 | souk handoff verify -c souk.yaml
  souk handoff verify --secret souk-test-secret-0123456789abcdef --at 1763800001 < request.txt`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	f.keys.flags(c)
	flags := c.Flags()
	flags.StringVarP(&f.method, "method", "X", "", "the request's method (default: the request line's, or POST)")
	flags.StringVar(&f.path, "path", "", "its path, with the query (default: the request line's, or /v1/chat/completions)")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "a header, 'Name: value'; standard input is then not read")
	flags.StringVar(&f.body, "body", "", "file with the body, to check the digest")
	flags.DurationVar(&f.window, "window", 5*time.Second, "how far created may be from the clock")
	flags.Var(&f.at, "at", "the time, in Unix seconds or RFC 3339 (default now)")
	flags.BoolVar(&f.base, "base", false, "print the signature base that is signed, right or wrong")
	flags.BoolVar(&f.json, "json", false, "JSON for machines")
	return c
}

func (f *verifyFlags) run(c *cobra.Command) error {
	r, err := f.request(c.InOrStdin())
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	if f.base {
		text, err := handoff.SignatureBase(r)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, text)
		if err != nil {
			return err
		}
	}
	got, err := f.verify(r)
	if reason := handoff.ReasonOf(err); reason != "" && f.json {
		refused := map[string]any{"accepted": false, "reason": reason, "detail": strings.TrimPrefix(err.Error(), "hand-off "+string(reason)+": ")}
		return errors.Join(writeJSON(out, refused), err)
	}
	if err != nil {
		return err
	}
	if f.json {
		return writeJSON(out, f.view(&r, got))
	}
	return f.table(out, &r, got)
}

func (f *verifyFlags) verify(r handoff.Received) (*handoff.Verified, error) {
	said, err := handoff.KeyIDOf(r.Fields)
	if err != nil {
		return nil, err
	}
	keys, err := f.keys.find(said)
	if err != nil {
		return nil, err
	}
	v, err := handoff.NewVerifier(handoff.VerifierOptions{Keys: keys, Window: f.window, Now: f.at.now})
	if err != nil {
		return nil, err
	}
	got, err := v.Verify(r)
	return &got, err
}

// request is the one that is checked.
func (f *verifyFlags) request(in io.Reader) (handoff.Received, error) {
	var r handoff.Received
	if f.headers != nil {
		for _, h := range f.headers {
			field, ok := headerOf(h)
			if !ok {
				return r, usageError{errors.New("-H takes 'Name: value'")}
			}
			r.Fields = append(r.Fields, field)
		}
	} else if err := readRequest(in, &r); err != nil {
		return r, err
	}
	if f.method != "" || r.Method == "" {
		r.Method = orElse(f.method, "POST")
	}
	if f.path != "" || r.Path == "" {
		r.Path, r.Query, _ = strings.Cut(orElse(f.path, "/v1/chat/completions"), "?")
	}
	if f.body == "" {
		r.Rule = handoff.DigestIgnored
		return r, nil
	}
	var err error
	r.Body, err = bodyOf(f.body, in)
	return r, err
}

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// readRequest reads a request line, if there is one, and headers up to an empty line. Of what curl -v prints only what it has sent counts,
// which begins with >; its remarks and its progress do not.
func readRequest(in io.Reader, r *handoff.Received) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), "\r")
		if sent, ok := strings.CutPrefix(line, ">"); ok {
			line = strings.TrimPrefix(sent, " ")
		} else if strings.HasPrefix(line, " ") || len(line) > 1 && strings.Contains("*<{}", line[:1]) && line[1] == ' ' {
			continue
		}
		if line == "" {
			if len(r.Fields) > 0 {
				break
			}
			continue
		}
		if method, rest, ok := strings.Cut(line, " "); ok && r.Method == "" && len(r.Fields) == 0 && strings.HasPrefix(rest, "/") {
			target, _, _ := strings.Cut(rest, " ")
			r.Method = method
			r.Path, r.Query, _ = strings.Cut(target, "?")
			continue
		}
		field, ok := headerOf(line)
		if !ok {
			return fmt.Errorf("line %d is neither a request line nor a header", n)
		}
		r.Fields = append(r.Fields, field)
	}
	return lines.Err()
}

func headerOf(line string) (handoff.Field, bool) {
	name, value, ok := strings.Cut(line, ":")
	return handoff.Field{Name: name, Value: strings.Trim(value, " \t")}, ok && name != "" && !strings.ContainsAny(name, " \t")
}

// component is one line of the signature base.
type component struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// handoffView is what souk handoff verify --json prints of a hand-off that is right.
type handoffView struct {
	Accepted    bool            `json:"accepted"`
	Key         string          `json:"key"`
	Created     int64           `json:"created"`
	Expires     int64           `json:"expires"`
	Nonce       string          `json:"nonce"`
	Body        string          `json:"body"` // checked, not checked, or not signed
	Caller      map[string]any  `json:"caller"`
	Applied     map[string]bool `json:"applied"`
	Constraints map[string]any  `json:"constraints"`
	Signed      []component     `json:"signed"`
}

func (f *verifyFlags) view(r *handoff.Received, got *handoff.Verified) *handoffView {
	v := &handoffView{Accepted: true, Key: got.KeyID, Created: got.Created, Expires: got.Expires, Nonce: got.Nonce, Body: "not signed",
		Caller: map[string]any{"id": got.Caller.ID}, Applied: map[string]bool{}, Constraints: map[string]any{}}
	for key, mark := range map[string]handoff.Mark{"credentials": got.Applied.Credentials, "guardrails": got.Applied.Guardrails, "redaction": got.Applied.Redaction} {
		if mark != handoff.Unsaid {
			v.Applied[key] = mark == handoff.Done
		}
	}
	if got.Caller.Via != "" {
		v.Caller["via"] = got.Caller.Via
	}
	if got.Caller.Credential != "" {
		v.Caller["credential"] = got.Caller.Credential
	}
	if got.Constraints.MaxPrice != "" {
		v.Constraints["max-price"] = json.Number(got.Constraints.MaxPrice)
	}
	for key, list := range map[string][]string{"region": got.Constraints.Regions, "type": got.Constraints.Types, "models": got.Constraints.Models} {
		if list != nil {
			v.Constraints[key] = list
		}
	}
	if got.Caller.Scopes != nil {
		v.Caller["scopes"] = got.Caller.Scopes
	}
	base, err := handoff.SignatureBase(*r)
	if err != nil {
		return v // not of a request that has just been verified
	}
	for line := range strings.Lines(base) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), `": `)
		name = strings.TrimPrefix(name, `"`)
		if name == "content-digest" {
			v.Body = "checked"
			if r.Rule == handoff.DigestIgnored {
				v.Body = "signed, not checked without --body"
			}
		}
		if name != "@signature-params" {
			v.Signed = append(v.Signed, component{name, value})
		}
	}
	return v
}

func (f *verifyFlags) table(out io.Writer, r *handoff.Received, got *handoff.Verified) error {
	v := f.view(r, got)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	when := func(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }
	rows := [][2]string{
		{"accepted", "key " + v.Key + ", created " + when(v.Created) + ", expires " + when(v.Expires)},
		{"nonce", v.Nonce},
		{"body", v.Body},
	}
	for _, c := range v.Signed {
		rows = append(rows, [2]string{c.Name, c.Value})
	}
	for _, row := range rows {
		fmt.Fprintf(t, "%s\t%s\n", row[0], row[1])
	}
	return t.Flush()
}
