package filter

import (
	"io"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/redact"
)

// Options are what a filter takes from where it runs, beside its configuration.
type Options struct {
	Now    func() time.Time
	Random io.Reader // of nonces and of redaction's key: the host's
	Getenv func(name string) string
}

// Filter is one plugin configuration. It serves any number of requests, one call at a time.
type Filter struct {
	config   *config
	signer   *handoff.Signer
	template *handoff.Template // what is said of each request
	redacted *handoff.Template // the same, of one that was masked here
	masker   *redact.Masker    // nil: nothing is masked here
	vault    *redact.Vault

	known, knownRedacted map[string]*known // by callers; at most maxKnown each
}

// New reads a plugin configuration: README.md has its fields. Its errors name the field, and hold no secret.
func New(configuration string, o Options) (*Filter, error) {
	c, err := parseConfig(configuration, o.Getenv)
	if err != nil {
		return nil, err
	}
	f := &Filter{config: c}
	r := &reader{}
	f.signer, err = handoff.NewSigner(handoff.SignerOptions{
		Key: c.key, Lifetime: time.Duration(c.lifetime) * time.Second, Now: o.Now, Random: &ahead{from: o.Random}, MAC: hmacSHA256,
	})
	r.note("key", err)
	f.template, err = handoff.NewTemplate(c.applied, c.constraints)
	r.note("constraints", err)
	applied := c.applied
	applied.Redaction = handoff.Done
	if f.redacted, err = handoff.NewTemplate(applied, c.constraints); err != nil {
		r.note("constraints", err)
	}
	if r.err == nil {
		sample := handoff.Caller{ID: "a", Via: c.via, Credential: c.identity.credential, Scopes: texts(c.identity.scopes)}
		if c.identity.anonymous != "" {
			sample.ID = c.identity.anonymous
		}
		_, err = f.template.Prepare(&sample)
		r.note("via or identity", err)
	}
	if r.err == nil && c.redact.on {
		r.note("redact", f.prepareRedaction(o.Random))
	}
	if r.err != nil {
		return nil, r.err
	}
	return f, nil
}

func (f *Filter) prepareRedaction(random io.Reader) error {
	c := &f.config.redact
	finder, err := redact.NewFinder(redact.Options{Types: c.types, Allow: c.allow, Dictionary: c.dictionary})
	if err != nil {
		return err
	}
	if f.masker, err = redact.NewMasker(redact.MaskOptions{Finder: finder, Mode: c.mode, OneWay: !c.restore}); err != nil {
		return err
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return err
	}
	f.vault, err = redact.NewVault(redact.VaultOptions{Key: key})
	return err
}

// note keeps an error of what a field was made into.
func (r *reader) note(at string, err error) {
	if err != nil {
		r.wrong(at, err.Error())
	}
}

// Stream is one request and its answer.
type Stream struct {
	f     *Filter
	host  *Host
	over  bool // refused: nothing of the request goes on
	heads heads

	who      caller
	request  handoff.Request
	awaiting bool // the body has to be read before the request is what was promised
	scope    *redact.Scope
	answer   answer
}

// Stream begins a request.
func (f *Filter) Stream(host *Host) *Stream { return &Stream{f: f, host: host} }

// refuse answers the request here. Whether or not the host takes the answer, the request does not go on.
func (s *Stream) refuse(with *refusal) Action {
	s.over, s.awaiting = true, false
	if err := s.host.Respond(uint32(with.status), with.headers(), with.body(), -1); err != nil {
		s.host.Warn("souk: the host did not send a refusal (" + with.code + "); the request is held back all the same")
	}
	return Pause
}

// Done lets go of what the request held.
func (s *Stream) Done() { *s = Stream{f: s.f, host: s.host, over: s.over} }
