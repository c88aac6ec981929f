package traefik

import (
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

// Config is what Traefik's dynamic configuration says of the middleware. Traefik matches keys in any case, and ignores
// those that it does not find here.
type Config struct {
	// Sidecar is where souk listens: http://127.0.0.1:8420, https://souk.example:8420 or unix:///run/souk/souk.sock.
	Sidecar string `json:"sidecar,omitempty"`
	// TLS is how a sidecar of https:// is known.
	TLS TLS `json:"tls,omitempty"`
	// Key is a key of handoff.keys in souk.yaml.
	Key Key `json:"key,omitempty"`
	// Identity is where to read who asks.
	Identity Identity `json:"identity,omitempty"`
	// Via names this gateway to the sidecar; traefik by default.
	Via string `json:"via,omitempty"`
	// Applied is what has happened to a request before this middleware: credentials (the default), guardrails, redaction. What
	// is not listed, or not in the key's vouch in souk.yaml, the sidecar does itself.
	Applied []string `json:"applied,omitempty"`
	// Constraints narrow where the requests of this middleware may go.
	Constraints Constraints `json:"constraints,omitempty"`
	// Body is whether the signature covers the body: auto (the default: unless the sidecar is on loopback or a unix
	// socket), required, off.
	Body string `json:"body,omitempty"`
	// MaxBody is how many bytes a body may have; 32 MiB by default. A body is held in memory until it is complete.
	MaxBody int64 `json:"maxBody,omitempty"`
	// ConnectTimeout is how long a connection to the sidecar may take; 1s by default.
	ConnectTimeout string `json:"connectTimeout,omitempty"`
	// FailOpen passes requests on to the router's service when the sidecar cannot be reached. It takes effect only if
	// redaction is applied before this middleware, or RedactionRequired is false.
	FailOpen bool `json:"failOpen,omitempty"`
	// RedactionRequired says that no request may leave unredacted; true by default.
	RedactionRequired bool `json:"redactionRequired,omitempty"`
}

// Key is a secret that is shared with the sidecar. One of Secret, SecretFile and SecretEnv is set.
type Key struct {
	ID string `json:"id,omitempty"`
	// Secret is the secret itself, at least 16 bytes. Traefik shows it in its API and dashboard: prefer SecretFile.
	Secret string `json:"secret,omitempty"`
	// SecretFile is a file that holds it; a line end behind it does not count.
	SecretFile string `json:"secretFile,omitempty"`
	// SecretEnv is a variable of Traefik's environment that holds it.
	SecretEnv string `json:"secretEnv,omitempty"`
}

// TLS is how the middleware and a sidecar on another machine know each other. The files are read when Traefik loads the middleware.
type TLS struct {
	// CAFile has the certificates (PEM) of who may sign the sidecar's; empty: the system's.
	CAFile string `json:"caFile,omitempty"`
	// ServerName is the name that the sidecar's certificate is for; empty: the host in Sidecar.
	ServerName string `json:"serverName,omitempty"`
	// CertFile and KeyFile are the middleware's own certificate (PEM), for a sidecar that asks for one.
	CertFile string `json:"certFile,omitempty"`
	KeyFile  string `json:"keyFile,omitempty"`
}

// Identity is where the middleware reads who asks. One of Header and Certificate is set.
type Identity struct {
	// Header is a request header that a middleware before this one sets, and that no client can: see README.md.
	Header string `json:"header,omitempty"`
	// Certificate is a part of the client's verified certificate: commonName, uri, dns, email or subject.
	Certificate string `json:"certificate,omitempty"`
	// Credential names how the caller proved itself, such as basic-auth; mtls by default with Certificate.
	Credential string `json:"credential,omitempty"`
	// GroupsHeader is a request header with the caller's scopes, with commas between. A request without it is refused.
	GroupsHeader string `json:"groupsHeader,omitempty"`
	// Scopes are those of every caller, in place of GroupsHeader.
	Scopes []string `json:"scopes,omitempty"`
	// Anonymous is the caller's id where there is no identity; empty: such requests are refused.
	Anonymous string `json:"anonymous,omitempty"`
}

// Constraints narrow where requests may go; see souk.yaml for what the values mean.
type Constraints struct {
	Region   []string `json:"region,omitempty"`
	Type     []string `json:"type,omitempty"`
	Models   []string `json:"models,omitempty"`
	MaxPrice string   `json:"maxPrice,omitempty"` // USD per million tokens
}

// CreateConfig is the configuration where Traefik's says nothing.
func CreateConfig() *Config {
	return &Config{
		Via:               "traefik",
		Applied:           []string{"credentials"},
		Body:              "auto",
		MaxBody:           32 << 20,
		ConnectTimeout:    "1s",
		RedactionRequired: true,
	}
}

// invalid is an error in the configuration. It names the field, and never holds a secret.
func invalid(field, what string) error { return errors.New("souk: " + field + ": " + what) }

// signer is what signs with the configured key.
func (c *Config) signer() (*handoff.Signer, error) {
	secret, err := c.Key.secret()
	if err != nil {
		return nil, err
	}
	signer, err := handoff.NewSigner(handoff.SignerOptions{
		Key:    handoff.Key{ID: c.Key.ID, Secret: []byte(secret)},
		Now:    time.Now,
		Random: rand.Reader,
	})
	if err != nil {
		return nil, invalid("key", err.Error())
	}
	return signer, nil
}

func (k *Key) secret() (string, error) {
	given := 0
	for _, s := range []string{k.Secret, k.SecretFile, k.SecretEnv} {
		if s != "" {
			given++
		}
	}
	if given != 1 {
		return "", invalid("key", "exactly one of secret, secretFile and secretEnv is needed")
	}
	if k.SecretFile != "" {
		text, err := os.ReadFile(k.SecretFile)
		if err != nil {
			return "", invalid("key.secretFile", err.Error())
		}
		secret := strings.TrimRight(string(text), "\r\n")
		if secret == "" {
			return "", invalid("key.secretFile", k.SecretFile+" is empty")
		}
		return secret, nil
	}
	if k.SecretEnv != "" {
		secret := os.Getenv(k.SecretEnv)
		if secret == "" {
			return "", invalid("key.secretEnv", "the variable "+k.SecretEnv+" is not set in Traefik's environment, or is empty")
		}
		return secret, nil
	}
	return k.Secret, nil
}

// template is what the middleware says with every request, whoever asks.
func (c *Config) template() (*handoff.Template, error) {
	applied, err := c.applied()
	if err != nil {
		return nil, err
	}
	for _, kind := range c.Constraints.Type {
		if kind != "company" && kind != "community" && kind != "self_hosted" {
			return nil, invalid("constraints.type", "company, community and self_hosted are known")
		}
	}
	t, err := handoff.NewTemplate(applied, handoff.Constraints{
		Regions:  orNil(c.Constraints.Region),
		Types:    orNil(c.Constraints.Type),
		Models:   orNil(c.Constraints.Models),
		MaxPrice: c.Constraints.MaxPrice,
	})
	if err != nil {
		return nil, invalid("constraints", err.Error())
	}
	return t, nil
}

func (c *Config) applied() (handoff.Applied, error) {
	a := handoff.Applied{}
	for _, name := range c.Applied {
		switch name {
		case "credentials":
			a.Credentials = handoff.Done
		case "guardrails":
			a.Guardrails = handoff.Done
		case "redaction":
			a.Redaction = handoff.Done
		default:
			return a, invalid("applied", "credentials, guardrails and redaction are known")
		}
	}
	if c.FailOpen && c.RedactionRequired && a.Redaction != handoff.Done {
		return a, invalid("failOpen", "requests would pass the sidecar unredacted; "+
			"list redaction in applied if it is done before, or set redactionRequired to false if it is not needed")
	}
	return a, nil
}

// orNil is nil for a list that is empty: Traefik makes some of what the configuration leaves out.
func orNil(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}
