package config

import (
	"strings"
	"time"
)

// This file reads the settings of features that this version does not have: checked all the same, so that a
// file stays right, and refused where ignoring them would leave something unprotected.

func (d *decoder) handoff(n node) {
	h := &d.cfg.Handoff
	d.mapping(n, fields{
		"keys": func(v node) { d.handoffKeys(v) },
		"body": func(v node) { h.Body = d.enum(v, "auto", "required", "off") },
		"window": func(v node) {
			// A signature lives for 60 s at most, so a wider window would accept none that a narrower refuses.
			h.Window = d.duration(v, time.Millisecond)
			if h.Window > time.Minute {
				d.errorf(v, "must be at most 60s")
			}
		},
	})
	d.warnf(n, "has no effect in this version")
}

func (d *decoder) handoffKeys(n node) {
	const leastSecret = 16 // bytes
	known := map[string]bool{}
	d.list(n, "[{id: kong-1, secret: ${HANDOFF_SECRET}}]", func(item node) {
		k := HandoffKey{Vouch: []string{"credentials"}}
		seen := d.mapping(item, fields{
			"id": func(v node) { k.ID = d.pattern(v, isWord, wordRule) },
			"secret": func(v node) {
				k.Secret = d.secret(v)
				if !k.Secret.Empty() && len(k.Secret.Reveal()) < leastSecret {
					d.errorf(v, "is shorter than %d bytes; make one with openssl rand -hex 32", leastSecret)
				}
			},
			"vouch": func(v node) {
				k.Vouch = d.texts(v, "[credentials]", func(item node) string {
					return d.enum(item, "credentials", "guardrails", "redaction")
				})
			},
		})
		if seen == nil {
			return
		}
		d.require(item, seen, "id", "a hand-off key needs the id that the gateway sends, such as id: kong-1")
		d.require(item, seen, "secret", "a hand-off key needs the secret that it shares with the gateway")
		if known[k.ID] && k.ID != "" {
			d.errorf(seen["id"], "another hand-off key has this id; ids must differ")
		}
		known[k.ID] = true
		d.cfg.Handoff.Keys = append(d.cfg.Handoff.Keys, k)
	})
}

func (d *decoder) store(n node) {
	s := &d.cfg.Store
	d.mapping(n, fields{
		"ledger": func(v node) { s.Ledger = d.storeURL(v, "sqlite:", "postgres://", "postgresql://") },
		"shared": func(v node) { s.Shared = d.storeURL(v, "redis://", "rediss://") },
	})
}

// storeURL reads a store's URL, which may hold a password.
func (d *decoder) storeURL(n node, schemes ...string) Secret {
	s := d.text(n)
	if s == "" {
		return Secret{}
	}
	for _, scheme := range schemes {
		if strings.HasPrefix(s, scheme) && len(s) > len(scheme) {
			d.warnf(n, "has no effect in this version")
			return NewSecret(s)
		}
	}
	d.errorf(n, "must begin with %s", alternatives(schemes))
	return Secret{}
}
