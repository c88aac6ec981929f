package config

import (
	"strings"
)

// secret reads a value that must not be shown: not by errors either.
func (d *decoder) secret(n node) Secret {
	s, ok := d.scalar(n)
	if !ok {
		return Secret{}
	}
	return d.checkSecret(n, s)
}

// secretFile reads a secret from the file that a key names, without the line break at its end.
func (d *decoder) secretFile(n node) Secret {
	path, content := d.readFile(n)
	if path == "" || content == nil {
		return Secret{}
	}
	return d.checkSecret(n, strings.TrimRight(string(content), "\r\n"))
}

func (d *decoder) checkSecret(n node, s string) Secret {
	if s == "" {
		d.errorf(n, "is empty; set the variable or file that it comes from, or remove the key")
		return Secret{}
	}
	if problem := credentialProblem(s); problem != "" {
		d.errorf(n, "%s", problem)
		return Secret{}
	}
	return NewSecret(s)
}

// credentialProblem holds that a value can stand in a header: visible ASCII (RFC 9110, section 5.5), and no
// spaces, which in a credential are a mistake in copying.
func credentialProblem(s string) string {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return "holds a space, a line break or a character beyond ASCII, which no credential has"
		}
	}
	return ""
}

// providerKeys reads api_key, api_key_file and api_keys, of which a provider has at most one.
func (d *decoder) providerKeys(p *Provider) fields {
	first := ""
	only := func(read func(node)) func(node) {
		return func(v node) {
			key := v.path[strings.LastIndexByte(v.path, '.')+1:]
			if first != "" {
				d.errorf(v, "%s is set as well; keep one of api_key, api_key_file and api_keys", first)
				return
			}
			first = key
			read(v)
		}
	}
	one := func(s Secret) {
		if !s.Empty() {
			p.Keys = []Secret{s}
		}
	}
	return fields{
		"api_key":      only(func(v node) { one(d.secret(v)) }),
		"api_key_file": only(func(v node) { one(d.secretFile(v)) }),
		"api_keys": only(func(v node) {
			known := map[string]bool{}
			d.list(v, "[${KEY_1}, ${KEY_2}]", func(item node) {
				s := d.secret(item)
				switch {
				case s.Empty():
				case known[s.Reveal()]:
					d.errorf(item, "the same key is listed before; remove one")
				default:
					known[s.Reveal()] = true
					p.Keys = append(p.Keys, s)
				}
			})
			d.notEmpty(v, len(p.Keys), "for a provider without a key")
		}),
	}
}

// headers reads what is added to every request of a provider.
func (d *decoder) headers(n node) map[string]Secret {
	headers := map[string]Secret{}
	names := map[string]bool{}
	d.entries(n, "header names and values", func(name string, at, value node) {
		lower := strings.ToLower(name)
		s, ok := d.scalar(value)
		switch {
		case !isToken(name):
			d.errorf(at, "not a header's name: letters, digits and any of !#$%%&'*+-.^_`|~")
		case isReservedHeader(lower):
			d.errorf(at, "souk sets or drops this header itself; remove it")
		case names[lower]:
			d.errorf(at, "is set twice in different case; remove one")
		case !ok:
		case strings.Trim(s, " \t") != s || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			d.errorf(value, "a header's value has no line breaks or control characters, and no space around it")
		default:
			names[lower] = true
			headers[name] = NewSecret(s)
		}
	})
	return headers
}

// isToken is RFC 9110, section 5.6.2.
func isToken(s string) bool {
	const special = "!#$%&'*+-.^_`|~"
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(special, c) >= 0) {
			return false
		}
	}
	return s != ""
}

// isReservedHeader names the headers that frame a message, that bind it to one hop, or that are the hand-off's.
func isReservedHeader(lower string) bool {
	switch lower {
	case "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
		"accept-encoding", "expect", "signature", "signature-input", "content-digest":
		return true
	}
	return strings.HasPrefix(lower, "proxy-") || strings.HasPrefix(lower, "souk-")
}

// CarriesCredential tells whether requests to the provider carry a secret: a key, or a header whose name says that its value
// is one.
func (p *Provider) CarriesCredential() bool {
	if len(p.Keys) > 0 {
		return true
	}
	for name := range p.Headers {
		lower := strings.ToLower(name)
		for _, word := range []string{"auth", "key", "token", "secret", "cookie", "credential"} {
			if strings.Contains(lower, word) {
				return true
			}
		}
	}
	return false
}
