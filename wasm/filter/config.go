package filter

import (
	"errors"
	"strconv"
	"strings"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/redact"
)

// config is what the plugin's configuration says, checked.
type config struct {
	nginx       bool // the host is ngx_wasm_module; otherwise Envoy
	key         handoff.Key
	lifetime    int // of a signature, in seconds
	identity    identityConfig
	via         string
	applied     handoff.Applied
	constraints handoff.Constraints
	route       [2]string // name and value of the header that the host routes by
	authority   string
	stripPrefix string
	addPrefix   string
	digest      bool // sign the body
	hold        bool // hold headers back until the body has come
	maxBody     int  // bytes
	maxAnswer   int  // bytes of an answer that is no stream
	redact      redactConfig
}

type identityConfig struct {
	header         string // in lower case
	property       []string
	credential     string
	groupsHeader   string // in lower case
	groupsProperty []string
	scopes         []string
	anonymous      string
	missing        int // status of the refusal
	verified       []string
	verifiedIs     string
}

type redactConfig struct {
	on, restore bool
	mode        redact.Mode
	types       []redact.Type
	allow       []string
	dictionary  []string
}

// Where the configuration says nothing.
const (
	defaultLifetime  = 5
	defaultMaxBody   = 8 << 20
	defaultMaxAnswer = 8 << 20
)

// parseConfig reads the plugin's configuration. Its errors name the field and never hold the secret. getenv reads the environment that the
// host gives the module.
func parseConfig(text string, getenv func(string) string) (*config, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	c := &config{lifetime: defaultLifetime, maxBody: defaultMaxBody, maxAnswer: defaultMaxAnswer}
	c.applied.Credentials = handoff.Done
	c.identity.missing = 401
	r := &reader{}
	held := false
	host, via := "envoy", false
	r.object("", root, []field{
		{"host", func(v value) { host = r.oneOf(v, "envoy", "nginx") }},
		{"key", func(v value) { c.readKey(r, v, getenv) }},
		{"lifetime", func(v value) { c.lifetime = r.integer(v, 1, 60) }},
		{"identity", func(v value) { c.identity.read(r, v) }},
		{"via", func(v value) { via, c.via = true, r.printable(v) }},
		{"applied", func(v value) { c.readApplied(r, v) }},
		{"constraints", func(v value) { c.readConstraints(r, v) }},
		{"route", func(v value) { c.readRoute(r, v) }},
		{"authority", func(v value) { c.authority = r.ascii(v) }},
		{"strip_prefix", func(v value) { c.stripPrefix = r.prefix(v) }},
		{"add_prefix", func(v value) { c.addPrefix = r.prefix(v) }},
		{"body", func(v value) { c.digest = r.oneOf(v, "off", "required") == "required" }},
		{"hold_headers", func(v value) { held, c.hold = true, r.boolean(v) }},
		{"max_body", func(v value) { c.maxBody = r.integer(v, 1, 1<<30) }},
		{"max_answer", func(v value) { c.maxAnswer = r.integer(v, 1, 1<<30) }},
		{"redact", func(v value) { c.redact.read(r, v) }},
	})
	c.nginx = host == "nginx"
	if !via {
		c.via = host
	}
	if !held {
		c.hold = c.digest && !c.nginx
	}
	c.check(r, held)
	return c, r.err
}

// check looks at what fields are to each other.
func (c *config) check(r *reader, held bool) {
	i := &c.identity
	switch {
	case c.key.ID == "":
		r.wrong("key", "missing; it is a key of handoff.keys in souk.yaml: {\"id\", \"secret\"}")
	case (i.header == "") == (i.property == nil):
		r.wrong("identity", "exactly one of header and property says where to read who asks")
	case i.groupsHeader != "" && i.groupsProperty != nil || (i.groupsHeader != "" || i.groupsProperty != nil) && i.scopes != nil:
		r.wrong("identity", "at most one of groups_header, groups_property and scopes says what a caller may ask for")
	case c.digest && !c.nginx && held && !c.hold:
		r.wrong("hold_headers", "the signature covers the body (body: required), so headers have to wait for it")
	case c.redact.on && c.applied.Redaction != handoff.Unsaid:
		r.wrong("applied.redaction", "leave it out: redact is on, and the hand-off says of each request whether it was masked")
	case c.nginx && c.hold:
		r.wrong("hold_headers", "NGINX does not hold headers back; leave it out")
	case c.nginx && c.authority != "":
		r.wrong("authority", "NGINX does not let a filter set it; use proxy_set_header Host")
	}
}

func (c *config) readKey(r *reader, v value, getenv func(string) string) {
	secret, variable := "", ""
	r.object("key", v, []field{
		{"id", func(v value) { c.key.ID = r.text(v) }},
		{"secret", func(v value) { secret = r.text(v) }},
		{"secret_env", func(v value) { variable = r.text(v) }},
	})
	if (secret == "") == (variable == "") {
		r.wrong("key", "exactly one of secret and secret_env is needed")
		return
	}
	if variable != "" {
		if secret = getenv(variable); secret == "" {
			r.wrong("key.secret_env",
				"the module's environment does not have this variable, or it is empty; see vm_config.environment_variables of Envoy")
		}
	}
	c.key.Secret = []byte(secret)
}

func (i *identityConfig) read(r *reader, v value) {
	r.object("identity", v, []field{
		{"header", func(v value) { i.header = r.header(v) }},
		{"property", func(v value) { i.property = r.path(v) }},
		{"credential", func(v value) { i.credential = r.ascii(v) }},
		{"groups_header", func(v value) { i.groupsHeader = r.header(v) }},
		{"groups_property", func(v value) { i.groupsProperty = r.path(v) }},
		{"scopes", func(v value) { i.scopes = r.texts(v) }},
		{"anonymous", func(v value) { i.anonymous = r.ascii(v) }},
		{"missing", func(v value) {
			if i.missing = r.integer(v, 401, 403); i.missing == 402 {
				r.wrong(r.at, "it is 401 or 403")
			}
		}},
		{"verified", func(v value) {
			r.object("identity.verified", v, []field{
				{"property", func(v value) { i.verified = r.path(v) }},
				{"is", func(v value) { i.verifiedIs = r.text(v) }},
			})
			if i.verified == nil || i.verifiedIs == "" {
				r.wrong("identity.verified", "both property and is are needed")
			}
		}},
	})
}

func (c *config) readApplied(r *reader, v value) {
	c.applied = handoff.Applied{}
	mark := func(m *handoff.Mark) func(value) {
		return func(v value) {
			if *m = handoff.NotDone; r.boolean(v) {
				*m = handoff.Done
			}
		}
	}
	r.object("applied", v, []field{
		{"credentials", mark(&c.applied.Credentials)},
		{"guardrails", mark(&c.applied.Guardrails)},
		{"redaction", mark(&c.applied.Redaction)},
	})
}

func (c *config) readConstraints(r *reader, v value) {
	n := &c.constraints
	r.object("constraints", v, []field{
		{"region", func(v value) { n.Regions = r.texts(v) }},
		{"type", func(v value) {
			n.Types = r.texts(v)
			for _, kind := range n.Types {
				if kind != "company" && kind != "community" && kind != "self_hosted" {
					r.wrong(r.at, "company, community and self_hosted are known")
				}
			}
		}},
		{"models", func(v value) { n.Models = r.texts(v) }},
		{"max_price", func(v value) {
			if n.MaxPrice = v.text; v.kind != isNumber {
				r.wrong(r.at, "a number is expected: USD per million tokens")
			}
		}},
	})
}

func (c *config) readRoute(r *reader, v value) {
	r.object("route", v, []field{
		{"header", func(v value) { c.route[0] = r.header(v) }},
		{"value", func(v value) { c.route[1] = r.ascii(v) }},
	})
	if c.route[0] == "" || c.route[1] == "" {
		r.wrong("route", "both header and value are needed")
	}
}

func (o *redactConfig) read(r *reader, v value) {
	r.object("redact", v, []field{
		{"mode", func(v value) {
			mode := r.oneOf(v, "off", "mask", "restore")
			o.on, o.restore = mode != "off", mode == "restore"
		}},
		{"style", func(v value) {
			o.mode, _ = redact.ParseMode(r.oneOf(v, "placeholder", "partial", "hash", "format", "block"))
		}},
		{"types", func(v value) {
			for _, name := range r.texts(v) {
				t, ok := redact.ParseType(name)
				if !ok {
					r.wrong(r.at, "a type is unknown; the first ones are EMAIL, PHONE, CREDIT_CARD, IBAN")
				}
				o.types = append(o.types, t)
			}
		}},
		{"allow", func(v value) { o.allow = r.texts(v) }},
		{"dictionary", func(v value) { o.dictionary = r.texts(v) }},
	})
}

// reader reads fields, and keeps the first error.
type reader struct {
	at  string // the field that is being read
	err error
}

type field struct {
	key  string
	read func(value)
}

func (r *reader) wrong(at, what string) {
	if r.err == nil {
		if at == "" {
			at = "the configuration"
		}
		r.err = errors.New(at + ": " + what)
	}
}

// object reads the fields of an object, and refuses others.
func (r *reader) object(at string, v value, fields []field) {
	if v.kind != isObject {
		r.wrong(at, "an object is expected")
		return
	}
	for _, m := range v.members {
		known := false
		for _, f := range fields {
			if f.key == m.key {
				r.at, known = strings.TrimPrefix(at+"."+m.key, "."), true
				f.read(m.value)
			}
		}
		if !known {
			names := ""
			for _, f := range fields {
				names += ", " + f.key
			}
			r.wrong(at, "it has an unknown field; known are "+names[2:])
		}
	}
}

func (r *reader) text(v value) string {
	if v.kind != isString || v.text == "" {
		r.wrong(r.at, "a string is expected")
		return ""
	}
	return v.text
}

// ascii is text that stands in a header as it is, and not empty; printable may be empty.
func (r *reader) ascii(v value) string {
	r.text(v)
	return r.printable(v)
}

func (r *reader) printable(v value) string {
	if v.kind != isString {
		r.wrong(r.at, "a string is expected")
	} else if strings.IndexFunc(v.text, func(c rune) bool { return c < ' ' || c > '~' }) >= 0 {
		r.wrong(r.at, "it holds characters that are not printable ASCII")
	}
	return v.text
}

func (r *reader) oneOf(v value, known ...string) string {
	text := r.text(v)
	for _, k := range known {
		if text == k {
			return text
		}
	}
	r.wrong(r.at, "it is none of "+strings.Join(known, ", "))
	return known[0]
}

func (r *reader) boolean(v value) bool {
	if v.kind != isBool {
		r.wrong(r.at, "true or false is expected")
	}
	return v.text == "true"
}

func (r *reader) integer(v value, least, most int) int {
	n, err := strconv.Atoi(v.text)
	if v.kind != isNumber || err != nil || n < least || n > most {
		r.wrong(r.at, "a whole number of "+strconv.Itoa(least)+" to "+strconv.Itoa(most)+" is expected")
	}
	return n
}

// texts is a list with something in it.
func (r *reader) texts(v value) []string {
	if v.kind != isList || len(v.items) == 0 {
		r.wrong(r.at, "a list of strings is expected; leave it out to say nothing")
		return nil
	}
	out := make([]string, len(v.items))
	for i, item := range v.items {
		out[i] = r.text(item)
	}
	return out
}

// path is that of a property: names of the host, such as ["connection", "subject_peer_certificate"].
func (r *reader) path(v value) []string {
	path := r.texts(v)
	for _, name := range path {
		if strings.IndexByte(name, 0) >= 0 {
			r.wrong(r.at, "a name holds a zero byte")
		}
	}
	return path
}

// header is the name of one that is not the hand-off's own, in lower case.
func (r *reader) header(v value) string {
	name := strings.ToLower(r.text(v))
	if strings.Trim(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") != "" || reserved(name) {
		r.wrong(r.at, "this is not a header that can be used here")
	}
	return name
}

func (r *reader) prefix(v value) string {
	p := r.ascii(v)
	if p != "" && (p[0] != '/' || strings.HasSuffix(p, "/") || strings.ContainsAny(p, "?# ")) {
		r.wrong(r.at, "it does not begin with /, ends with it, or holds ?, # or spaces")
	}
	return p
}
