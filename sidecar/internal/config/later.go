package config

import "strings"

// This file reads the settings of features that this version does not have: checked all the same, so that a
// file stays right.

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
