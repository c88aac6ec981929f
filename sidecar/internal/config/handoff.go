package config

import (
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

func (d *decoder) handoff(n node) {
	h := &d.cfg.Handoff
	d.mapping(n, fields{
		"keys": func(v node) { d.handoffKeys(v) },
		"body": func(v node) { h.Body = d.enum(v, BodyAuto, BodyRequired, BodyOff) },
		"window": func(v node) {
			// The times in a signature are whole seconds. It lives for 60 s at most, so a wider window would accept none that a narrower
			// refuses.
			h.Window = d.duration(v, time.Second)
			if h.Window > time.Minute {
				d.errorf(v, "must be at most 60s")
			}
		},
	})
}

func (d *decoder) handoffKeys(n node) {
	known := map[string]bool{}
	d.list(n, "[{id: kong-1, secret: ${HANDOFF_SECRET}}]", func(item node) {
		k := HandoffKey{Vouch: []string{VouchCredentials}}
		seen := d.mapping(item, fields{
			"id": func(v node) {
				if k.ID = d.pattern(v, isWord, wordRule); len(k.ID) > handoff.MaxKeyID {
					d.errorf(v, "must have at most %d characters", handoff.MaxKeyID)
				}
			},
			"secret":      func(v node) { k.Secret = d.handoffSecret(v, d.secret(v)) },
			"secret_file": func(v node) { k.Secret = d.handoffSecret(v, d.secretFile(v)) },
			"vouch": func(v node) {
				k.Vouch = d.texts(v, "[credentials]", func(item node) string {
					return d.enum(item, VouchCredentials, VouchGuardrails, VouchRedaction)
				})
			},
		})
		if seen == nil {
			return
		}
		d.require(item, seen, "id", "a hand-off key needs the id that the gateway sends, such as id: kong-1")
		_, direct := seen["secret"]
		file, fromFile := seen["secret_file"]
		switch {
		case direct && fromFile:
			d.errorf(file, "secret is set as well; keep one of secret and secret_file")
		case !direct && !fromFile:
			d.errorf(item, "secret is missing; a hand-off key needs the secret that it shares with the gateway, or secret_file")
		}
		if known[k.ID] && k.ID != "" {
			d.errorf(seen["id"], "another hand-off key has this id; ids must differ")
		}
		known[k.ID] = true
		d.cfg.Handoff.Keys = append(d.cfg.Handoff.Keys, k)
	})
}

func (d *decoder) handoffSecret(n node, s Secret) Secret {
	if !s.Empty() && len(s.Reveal()) < handoff.MinSecret {
		d.errorf(n, "is shorter than %d bytes; make one with openssl rand -hex 32", handoff.MinSecret)
	}
	return s
}
