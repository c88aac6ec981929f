package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

// Config is the plugin's configuration, as Kong passes it: the fields of schema.go, and Kong's own bookkeeping (__seq__, route_id, $refs
// and what a later Kong adds), which is passed over. What is not set is null.
type Config struct {
	SidecarScheme   string   `json:"sidecar_scheme"`
	SidecarHost     string   `json:"sidecar_host"`
	SidecarPort     int      `json:"sidecar_port"`
	StripPrefix     string   `json:"strip_prefix"`
	AddPrefix       string   `json:"add_prefix"`
	KeyID           string   `json:"key_id"`
	Secret          secret   `json:"secret"`
	Lifetime        int      `json:"lifetime"` // of a signature, in seconds
	Identity        string   `json:"identity"`
	Credential      string   `json:"credential"`
	Anonymous       string   `json:"anonymous"`
	AnonymousScopes list     `json:"anonymous_scopes"`
	GroupsFrom      string   `json:"groups_from"`
	GroupsPrefix    string   `json:"groups_prefix"`
	Via             string   `json:"via"`
	Credentials     string   `json:"credentials"`
	Guardrails      string   `json:"guardrails"`
	Redaction       string   `json:"redaction"`
	Region          list     `json:"region"`
	Type            list     `json:"type"`
	Models          list     `json:"models"`
	MaxPrice        *float64 `json:"max_price"` // USD per million tokens
	FailOpen        bool     `json:"fail_open"`
	ProbeURL        string   `json:"probe_url"`
	ProbeInterval   int      `json:"probe_interval"` // in milliseconds
	Log             bool     `json:"log"`
}

// What identity can be.
const (
	byUsername   = "username"
	byCustomID   = "custom_id"
	byID         = "id"
	byCredential = "credential"
)

func identities() []string { return []string{byUsername, byCustomID, byID, byCredential} }

// Where groups come from. Consumer tags and authenticated groups are Kong's own; the header of the acl plugin is the client's as
// long as no acl plugin on the route overwrites it.
const (
	groupsNone          = "none"
	groupsTags          = "tags"
	groupsAuthenticated = "authenticated_groups"
	groupsACL           = "acl_header"
)

func groupSources() []string {
	return []string{groupsNone, groupsTags, groupsAuthenticated, groupsACL}
}

// What the gateway says of credentials, guardrails and redaction.
const (
	markApplied   = "applied"  // done here
	markRequired  = "required" // not done here: the sidecar has to
	markUnsaid    = "unsaid"
	markNotNeeded = "not_needed" // of redaction: unsaid, and no harm if a request gets past the sidecar
)

// credentialMarks have no required: a sidecar refuses requests of a gateway that has not looked at who asks.
func credentialMarks() []string { return []string{markApplied, markUnsaid} }

func guardrailMarks() []string { return []string{markApplied, markRequired, markUnsaid} }

func redactionMarks() []string { return []string{markApplied, markRequired, markNotNeeded, markUnsaid} }

func providerTypes() []string { return []string{"company", "community", "self_hosted"} }

// secret does not print itself.
type secret string

// String hides it.
func (secret) String() string { return "[secret]" }

// GoString hides it.
func (secret) GoString() string { return "[secret]" }

// list is an array that Kong's JSON encoder may have written as {}, which is what it makes of an empty Lua table.
type list []string

// UnmarshalJSON reads an array of strings, null or {}.
func (l *list) UnmarshalJSON(data []byte) error {
	if string(data) == "{}" {
		*l = list{}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

// parse reads and checks a configuration. Its errors name the field and never hold the secret.
func parse(data []byte) (*Config, error) {
	c := &Config{
		SidecarScheme: "http", SidecarHost: "127.0.0.1", SidecarPort: 8420,
		Lifetime: 5, Identity: byUsername, GroupsFrom: groupsNone, Via: "kong",
		Credentials: markApplied, Guardrails: markUnsaid, Redaction: markUnsaid,
		ProbeInterval: 1000, Log: true,
	}
	if err := json.Unmarshal(data, c); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, fmt.Errorf("%s: %s is not a %s", wrong.Field, wrong.Value, wrong.Type.Kind())
		}
		return nil, errors.New("the configuration is not JSON")
	}
	return c, c.check()
}

func (c *Config) check() error {
	for _, field := range []struct {
		name, value string
		of          []string
	}{
		{"sidecar_scheme", c.SidecarScheme, []string{"http", "https"}},
		{"identity", c.Identity, identities()},
		{"groups_from", c.GroupsFrom, groupSources()},
		{"credentials", c.Credentials, credentialMarks()},
		{"guardrails", c.Guardrails, guardrailMarks()},
		{"redaction", c.Redaction, redactionMarks()},
	} {
		if !slices.Contains(field.of, field.value) {
			return fmt.Errorf("%s: %q is none of %s", field.name, field.value, strings.Join(field.of, ", "))
		}
	}
	for _, field := range []struct {
		name               string
		value, least, most int
	}{
		{"sidecar_port", c.SidecarPort, 1, 65535},
		{"lifetime", c.Lifetime, 1, 60},
		{"probe_interval", c.ProbeInterval, 100, 60000},
	} {
		if field.value < field.least || field.value > field.most {
			return fmt.Errorf("%s: %d is not within %d and %d", field.name, field.value, field.least, field.most)
		}
	}
	for _, check := range []func() error{c.checkSidecar, c.checkKey, c.checkCaller, c.checkConstraints, c.checkProbe, c.checkFailOpen} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkSidecar() error {
	if c.SidecarHost == "" || strings.ContainsAny(c.SidecarHost, "/@?#[]: ") || !printable(c.SidecarHost) {
		return fmt.Errorf("sidecar_host: %q is not a host name or an IPv4 address; the port is sidecar_port, and IPv6 needs a name",
			c.SidecarHost)
	}
	for _, field := range [][2]string{{"strip_prefix", c.StripPrefix}, {"add_prefix", c.AddPrefix}} {
		name, prefix := field[0], field[1]
		if prefix != "" && (prefix[0] != '/' || prefix[len(prefix)-1] == '/' || strings.ContainsAny(prefix, "?# ") || !printable(prefix)) {
			return fmt.Errorf("%s: %q does not begin with /, ends with it, or holds ?, # or spaces", name, prefix)
		}
	}
	return nil
}

func (c *Config) checkKey() error {
	if strings.HasPrefix(string(c.Secret), "{vault://") {
		return errors.New("secret: Kong has not resolved the reference to its vault; see vault_* in kong.conf")
	}
	if len(c.Secret) < handoff.MinSecret {
		return fmt.Errorf("secret: shorter than %d bytes, or its vault has no such entry; make one with openssl rand -hex 32", handoff.MinSecret)
	}
	if c.KeyID == "" {
		return errors.New("key_id: missing; it is the id of the key in the sidecar's handoff.keys")
	}
	return nil
}

func (c *Config) checkCaller() error {
	for _, field := range [][2]string{{"via", c.Via}, {"credential", c.Credential}, {"anonymous", c.Anonymous}} {
		name, value := field[0], field[1]
		if len(value) > 256 || !printable(value) {
			return fmt.Errorf("%s: longer than 256 bytes, or not printable ASCII", name)
		}
	}
	if c.AnonymousScopes != nil && c.Anonymous == "" {
		return errors.New("anonymous_scopes: without anonymous, nobody has them")
	}
	if c.GroupsPrefix != "" && c.GroupsFrom == groupsNone {
		return errors.New("groups_prefix: without groups_from, there are no groups")
	}
	return nil
}

func (c *Config) checkConstraints() error {
	for _, t := range c.Type {
		if !slices.Contains(providerTypes(), t) {
			return fmt.Errorf("type: %q is none of %s", t, strings.Join(providerTypes(), ", "))
		}
	}
	if c.MaxPrice != nil && (*c.MaxPrice < 0 || *c.MaxPrice > 1e6) {
		return errors.New("max_price: not within 0 and 1000000 USD per million tokens")
	}
	for _, field := range []struct {
		name  string
		items list
	}{{"region", c.Region}, {"type", c.Type}, {"models", c.Models}, {"anonymous_scopes", c.AnonymousScopes}} {
		if field.items != nil && len(field.items) == 0 {
			return fmt.Errorf("%s: an empty list would allow nothing; leave it out to allow anything", field.name)
		}
	}
	if _, err := handoff.NewTemplate(handoff.Applied{}, c.constraints()); err != nil {
		return fmt.Errorf("region, type, models or max_price: %w", err)
	}
	return nil
}

func (c *Config) checkFailOpen() error {
	if !c.FailOpen {
		return nil
	}
	for _, field := range [][2]string{{"guardrails", c.Guardrails}, {"redaction", c.Redaction}} {
		if field[1] == markRequired {
			return fmt.Errorf("fail_open: would let requests past the sidecar, while %s: required says that it has to act on them", field[0])
		}
	}
	if c.Redaction == markUnsaid {
		return errors.New("fail_open: would let requests past the sidecar, which may have to redact them; " +
			"say redaction: applied if the gateway has, or redaction: not_needed")
	}
	if _, ok := c.probed(); !ok {
		return errors.New("probe_url: required with fail_open and sidecar_scheme https; " +
			"name a /readyz that the gateway can reach without a client certificate")
	}
	return nil
}

func (c *Config) checkProbe() error {
	if c.ProbeURL == "" {
		return nil
	}
	u, err := url.Parse(c.ProbeURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("probe_url: not a URL such as http://127.0.0.1:8421/readyz")
	}
	return nil
}

// probed is what the probe asks, and how often. Behind TLS it has to be told: the sidecar may want a certificate that Kong has and the
// plugin has not.
func (c *Config) probed() (t target, ok bool) {
	t = target{url: c.ProbeURL, interval: time.Duration(c.ProbeInterval) * time.Millisecond}
	if t.url == "" && c.SidecarScheme == "http" {
		t.url = "http://" + net.JoinHostPort(c.SidecarHost, strconv.Itoa(c.SidecarPort)) + "/readyz"
	}
	return t, t.url != ""
}

func (c *Config) applied() handoff.Applied {
	mark := map[string]handoff.Mark{markApplied: handoff.Done, markRequired: handoff.NotDone}
	return handoff.Applied{Credentials: mark[c.Credentials], Guardrails: mark[c.Guardrails], Redaction: mark[c.Redaction]}
}

func (c *Config) constraints() handoff.Constraints {
	out := handoff.Constraints{Regions: c.Region, Types: c.Type, Models: c.Models}
	if c.MaxPrice != nil {
		out.MaxPrice = strconv.FormatFloat(*c.MaxPrice, 'f', -1, 64)
	}
	return out
}

func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}
