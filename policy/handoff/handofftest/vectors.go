package handofftest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"strings"
)

// Vectors are the cases of testdata/vectors.json.
type Vectors struct {
	Keys []struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	} `json:"keys"`
	Verify []Verify `json:"verify"`
	Sign   []Sign   `json:"sign"`
	Text   []struct {
		In  string `json:"in"`
		Hex string `json:"in_hex"`
		Out string `json:"out"`
	} `json:"text"`
}

// Verify is a request, and what a verifier says of it.
type Verify struct {
	Name       string      `json:"name"`
	Expect     string      `json:"expect"` // ok, or a reason
	At         int64       `json:"at"`     // Unix seconds, like since
	Window     int64       `json:"window"` // seconds
	Since      int64       `json:"since"`
	SinceNanos int64       `json:"since_nanos"`
	BodyRule   string      `json:"body_rule"`
	Method     string      `json:"method"`
	Path       string      `json:"path"`
	Query      string      `json:"query"`
	Body       string      `json:"body"`
	Headers    [][2]string `json:"headers"`
	Statement  Statement   `json:"statement"`
}

// Sign is a request and a statement, and the headers that a signer makes of them; none: the statement is invalid.
type Sign struct {
	Name      string      `json:"name"`
	At        int64       `json:"at"`
	KeyID     string      `json:"keyid"`
	Nonce     string      `json:"nonce"`
	Lifetime  int64       `json:"lifetime"`
	Method    string      `json:"method"`
	Path      string      `json:"path"`
	Query     string      `json:"query"`
	Body      *string     `json:"body"`
	Statement Statement   `json:"statement"`
	Headers   [][2]string `json:"headers"`
}

// Statement is what a hand-off says.
type Statement struct {
	Caller struct {
		ID         string   `json:"id"`
		Via        string   `json:"via"`
		Credential string   `json:"credential"`
		Scopes     []string `json:"scopes"`
	} `json:"caller"`
	Applied     map[string]bool `json:"applied"`
	Constraints struct {
		Regions  []string `json:"region"`
		Types    []string `json:"type"`
		Models   []string `json:"models"`
		MaxPrice string   `json:"max-price"`
	} `json:"constraints"`
}

// Load reads the vectors from their file.
func Load(path string) (*Vectors, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	v := &Vectors{}
	if err := json.Unmarshal(text, v); err != nil {
		return nil, err
	}
	for i := range v.Verify {
		c := &v.Verify[i]
		if c.At == 0 {
			c.At = 1763800001
		}
		if c.Window == 0 {
			c.Window = 5
		}
	}
	return v, nil
}

// Names are those of the cases, in the order of Input and Want.
func (v *Vectors) Names() []string {
	var names []string
	for _, c := range v.Verify {
		names = append(names, "verify: "+c.Name)
	}
	for _, c := range v.Sign {
		names = append(names, "sign: "+c.Name)
	}
	for _, c := range v.Text {
		names = append(names, "text: "+c.Out)
	}
	return names
}

// Input is what Exercise reads.
func (v *Vectors) Input() string {
	var out strings.Builder
	for _, c := range v.Verify {
		args := []string{"verify", number(c.At), number(c.Window), number(c.Since), number(c.SinceNanos), c.BodyRule, c.Method, c.Path, c.Query, c.Body, number(int64(len(v.Keys)))}
		for _, k := range v.Keys {
			args = append(args, k.ID, k.Secret)
		}
		for _, h := range c.Headers {
			args = append(args, h[0], h[1])
		}
		line(&out, args)
	}
	for _, c := range v.Sign {
		nonce, err := base64.RawStdEncoding.DecodeString(c.Nonce)
		if err != nil {
			panic(err) // of a file that is in the repository
		}
		args := []string{"sign", number(c.At), c.KeyID, v.secret(c.KeyID), string(nonce), number(c.Lifetime), c.Method, c.Path, c.Query, strconv.FormatBool(c.Body != nil), ""}
		if c.Body != nil {
			args[len(args)-1] = *c.Body
		}
		line(&out, append(args, c.Statement.flatten()...))
	}
	for _, c := range v.Text {
		in := c.In
		if c.Hex != "" {
			raw, err := hex.DecodeString(c.Hex)
			if err != nil {
				panic(err) // likewise
			}
			in = string(raw)
		}
		line(&out, []string{"text", in})
	}
	return out.String()
}

// Want is what Exercise writes if all is well, a line for each case.
func (v *Vectors) Want() []string {
	var want []string
	for _, c := range v.Verify {
		said := c.Expect
		if said == "ok" {
			said += " "
			for _, arg := range c.Statement.flatten() {
				said += strconv.Quote(arg)
			}
			said += " spend:ok again:replayed verify:replayed"
		}
		want = append(want, strconv.Quote(said))
	}
	for _, c := range v.Sign {
		said := ""
		for _, h := range c.Headers {
			said += h[0] + ": " + h[1] + "\n"
		}
		if said == "" {
			said = "invalid"
		}
		want = append(want, strconv.Quote(said))
	}
	for _, c := range v.Text {
		want = append(want, strconv.Quote(c.Out))
	}
	return want
}

func (v *Vectors) secret(id string) string {
	for _, k := range v.Keys {
		if k.ID == id {
			return k.Secret
		}
	}
	return ""
}

// flatten writes a statement as Exercise reads and renders it: texts, lists with a | behind each item, marks.
func (s *Statement) flatten() []string {
	applied := func(key string) string {
		if done, said := s.Applied[key]; said {
			return strconv.FormatBool(done)
		}
		return ""
	}
	return []string{
		s.Caller.ID, s.Caller.Via, s.Caller.Credential, joined(s.Caller.Scopes),
		applied("credentials"), applied("guardrails"), applied("redaction"),
		joined(s.Constraints.Regions), joined(s.Constraints.Types), joined(s.Constraints.Models), s.Constraints.MaxPrice,
	}
}

func line(out *strings.Builder, args []string) {
	for i, arg := range args {
		if i > 0 {
			out.WriteByte('\t')
		}
		out.WriteString(strconv.Quote(arg))
	}
	out.WriteByte('\n')
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
