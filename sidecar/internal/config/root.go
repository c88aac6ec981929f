package config

import (
	"encoding/hex"
	"net/url"
	"strings"
)

// references are what can only be checked when the whole file is read.
type references struct {
	listen    []node // where each listener stands
	providers map[string]node
	models    map[string]bool
	aliases   []alias
	// open means that more models exist than models holds: a provider takes the catalogue's, or a model or
	// provider could not be read.
	open bool
}

type alias struct {
	at     node
	target string
}

// root reads the whole configuration and then checks what its parts say of each other.
func (d *decoder) root(n node) {
	cfg := d.cfg
	d.refs = references{providers: map[string]node{}, models: map[string]bool{}}
	seen := d.mapping(n, fields{
		"listen":    d.listen,
		"admin":     d.admin,
		"auth":      d.auth,
		"keys":      d.keys,
		"cors":      func(v node) { cfg.CORS = d.texts(v, "[https://app.example]", d.origin) },
		"hosts":     func(v node) { cfg.Hosts = d.texts(v, "[souk.internal]", d.host) },
		"limits":    d.limits,
		"log":       d.log,
		"providers": d.providers,
		"routing":   d.routing,
		"aliases":   d.aliases,
		"handoff":   d.handoff,
		"redact":    d.redact,
		"store":     d.store,
		"drain":     func(v node) { cfg.Drain = d.duration(v, 0) },
	})
	if seen == nil {
		return
	}
	if v, ok := seen["providers"]; !ok {
		d.errorf(node{yaml: n.yaml, path: "providers"}, "is missing; name at least one provider with its base_url and its models or catalogue: true")
	} else if len(d.refs.providers) == 0 && !d.refs.open {
		d.errorf(v, "is empty; name at least one provider")
	}
	d.checkAccess(seen)
	d.checkAliases()
}

func (d *decoder) auth(n node) {
	switch s := d.text(n); s {
	case "":
		d.cfg.Auth = ""
	case AuthNone, AuthKeys, AuthHandoff, AuthAny:
		d.cfg.Auth = s
	default:
		d.errorf(n, "unknown value %s; use none, keys, handoff or any", quoted(n))
		d.cfg.Auth = ""
	}
}

// checkAccess holds that nobody off this machine gets in without a credential.
func (d *decoder) checkAccess(seen map[string]node) {
	auth, hasAuth := seen["auth"]
	keys, hasKeys := seen["keys"]
	switch {
	case d.cfg.Auth == AuthKeys && !hasKeys:
		d.errorf(auth, "keys needs at least one entry under keys: {name, sha256}")
	case d.cfg.Auth == AuthKeys && len(d.cfg.Keys) == 0 && d.clean(keys):
		d.errorf(keys, "is empty, and auth: keys needs at least one; add {name, sha256}")
	case (d.cfg.Auth == AuthNone || d.cfg.Auth == AuthHandoff) && hasKeys && len(d.cfg.Keys) > 0:
		d.warnf(keys, "has no effect with auth: %s; set auth: %s to ask for one", d.cfg.Auth, map[string]string{AuthNone: AuthKeys, AuthHandoff: AuthAny}[d.cfg.Auth])
	}
	d.checkHandoff(seen)
	for i, l := range d.cfg.Listen {
		if i < len(d.refs.listen) && l.TCP != "" && l.TCP == d.cfg.Admin.Listen && !strings.HasSuffix(l.TCP, ":0") {
			d.errorf(d.refs.listen[i], "admin.listen is the same address; give each its own")
		}
		if d.cfg.Auth != AuthNone || l.Loopback() || i >= len(d.refs.listen) || l.TCP == "" {
			continue
		}
		if hasAuth {
			d.errorf(d.refs.listen[i], "other machines can reach this address, which auth: none on line %d does not allow; set auth: keys, handoff or any, or listen on 127.0.0.1 or a unix socket", auth.yaml.Line)
		} else {
			d.errorf(d.refs.listen[i], "other machines can reach this address, and auth is none unless set; set auth: keys, handoff or any, or listen on 127.0.0.1 or a unix socket")
		}
	}
}

// checkHandoff holds that there is a key to check hand-offs with where they are asked for.
func (d *decoder) checkHandoff(seen map[string]node) {
	at, has := seen["handoff"]
	wanted := d.cfg.Auth == AuthHandoff || d.cfg.Auth == AuthAny
	switch {
	case wanted && !has:
		d.errorf(seen["auth"], "%s needs at least one entry under handoff.keys: {id, secret}", d.cfg.Auth)
	case wanted && len(d.cfg.Handoff.Keys) == 0 && d.clean(at):
		d.errorf(at, "has no keys, and auth: %s needs at least one; add {id, secret}", d.cfg.Auth)
	case !wanted && d.cfg.Auth != "" && len(d.cfg.Handoff.Keys) > 0:
		d.warnf(at, "has no effect with auth: %s; set auth: handoff, or any", d.cfg.Auth)
	}
}

// clean tells whether nothing under the key was refused.
func (d *decoder) clean(n node) bool {
	for _, e := range d.errs {
		if strings.HasPrefix(e.Path, n.path) {
			return false
		}
	}
	return true
}

func (d *decoder) keys(n node) {
	names, hashes := map[string]bool{}, map[[32]byte]bool{}
	d.list(n, "[{name: ci, sha256: ...}]", func(item node) {
		var k Key
		seen := d.mapping(item, fields{
			"name":   func(v node) { k.Name = d.pattern(v, isName, nameRule) },
			"sha256": func(v node) { k.SHA256 = d.sha256(v, hashes) },
			"scopes": func(v node) {
				k.Scopes = d.texts(v, "[chat]", func(item node) string { return d.enum(item, Scopes()...) })
				d.notEmpty(v, len(k.Scopes), "for a key that may use every operation")
			},
			"models": func(v node) {
				k.Models = d.texts(v, "[\"meta-llama/*\"]", func(item node) string { return d.pattern(item, isPattern, patternRule) })
				d.notEmpty(v, len(k.Models), "for a key that may use every model")
			},
		})
		if seen == nil {
			return
		}
		d.require(item, seen, "name", "a key needs a name, such as name: ci")
		d.require(item, seen, "sha256", "a key needs the SHA-256 of its text in 64 hexadecimal digits")
		if names[k.Name] && k.Name != "" {
			d.errorf(seen["name"], "another key has this name; names must differ")
		}
		names[k.Name] = true
		d.cfg.Keys = append(d.cfg.Keys, k)
	})
}

// require reports a key that a mapping lacks.
func (d *decoder) require(n node, seen map[string]node, key, message string) {
	if _, ok := seen[key]; !ok {
		d.errorf(n, "%s is missing; %s", key, message)
	}
}

// notEmpty refuses an empty list where no list means everything: its writer may have meant nothing.
func (d *decoder) notEmpty(n node, length int, meaning string) {
	if length == 0 && d.clean(n) {
		d.errorf(n, "is empty; remove it %s", meaning)
	}
}

func (d *decoder) sha256(n node, known map[[32]byte]bool) (sum [32]byte) {
	s, ok := d.scalar(n)
	if !ok {
		return sum
	}
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(sum) {
		d.errorf(n, "must be 64 hexadecimal digits: the SHA-256 of the key, as sha256sum prints it")
		return sum
	}
	copy(sum[:], raw)
	if known[sum] {
		d.errorf(n, "another key has this hash; remove one")
	}
	known[sum] = true
	return sum
}

// origin reads a web origin as a browser writes it in the Origin header (RFC 6454, section 6.2).
func (d *decoder) origin(n node) string {
	s := d.text(n)
	if s == "" {
		return ""
	}
	if s == "*" || s == "null" {
		d.errorf(n, "any web page could spend; list each origin, such as https://app.example")
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || s != u.Scheme+"://"+strings.ToLower(u.Host) {
		d.errorf(n, "must be an origin in lower case, scheme://host[:port] with no path and no slash at its end, such as https://app.example")
		return ""
	}
	if u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80" {
		d.errorf(n, "browsers leave the default port out of an origin; remove it")
		return ""
	}
	return s
}

// host reads a name that the Host header may have.
func (d *decoder) host(n node) string {
	return strings.ToLower(d.pattern(n, isWord, wordRule))
}

func (d *decoder) limits(n node) {
	const least, most, mostHeaders = 1 << 10, 1 << 30, 1 << 20
	l := &d.cfg.Limits
	d.mapping(n, fields{
		"body":    func(v node) { l.Body = d.size(v, least, most) },
		"answer":  func(v node) { l.Answer = d.size(v, least, most) },
		"event":   func(v node) { l.Event = d.size(v, least, most) },
		"headers": func(v node) { l.Headers = d.size(v, least, mostHeaders) },
	})
}

func (d *decoder) log(n node) {
	l := &d.cfg.Log
	d.mapping(n, fields{
		"level": func(v node) { l.Level = d.enum(v, "debug", "info", "warn", "error") },
		"access": func(v node) {
			s := d.text(v)
			switch {
			case s == "stdout" || s == "stderr" || s == "off" || s == "":
				l.Access = s
			case strings.ContainsAny(s, `./\`):
				l.Access = d.pathOf(s)
			default:
				d.errorf(v, "unknown value %s; use stdout, stderr, off, or a file with its folder, such as ./access.log", quoted(v))
			}
		},
	})
}
