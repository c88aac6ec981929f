package config

import "github.com/soukproxy/souk/redact"

// Redact is what leaves a request before a provider sees it.
type Redact struct {
	Mode       string        // RedactOff (default), RedactMask or RedactRestore
	Style      redact.Mode   // what stands in a value's place; placeholder
	Types      []redact.Type // nil: the catalogue's defaults
	Allow      []string      // exact values that stay
	Dictionary []string      // the operator's own terms
	Session    bool          // one value has one token over the requests of a session_id
	Recogniser *Recogniser   // nil: none
}

// The modes of redact.mode.
const (
	RedactOff     = "off"
	RedactMask    = "mask"
	RedactRestore = "restore" // and what comes back has its values again
)

func (d *decoder) redact(n node) {
	r := &d.cfg.Redact
	var names []string
	for _, t := range redact.Types() {
		names = append(names, t.String())
	}
	seen := d.mapping(n, fields{
		"mode": func(v node) { r.Mode = d.enum(v, RedactOff, RedactMask, RedactRestore) },
		"style": func(v node) {
			r.Style, _ = redact.ParseMode(d.enum(v, "placeholder", "partial", "hash", "format", "block"))
		},
		"types": func(v node) {
			d.list(v, "[EMAIL, PHONE]", func(item node) {
				name := d.text(item)
				t, ok := redact.ParseType(name)
				switch {
				case t.Recognised():
					d.errorf(item, "is found by an external recogniser alone; list it under redact.recogniser.entities")
					return
				case !ok && name != "":
					d.errorf(item, "unknown type; known are %s", alternatives(names))
					return
				}
				r.Types = append(r.Types, t)
			})
			d.notEmpty(v, len(r.Types), "for the catalogue's defaults, or set mode: off")
		},
		"allow":      func(v node) { r.Allow = d.texts(v, "[support@acme.example]", d.text) },
		"dictionary": func(v node) { r.Dictionary = d.texts(v, "[Project Falcon]", d.text) },
		"session":    func(v node) { r.Session = d.boolean(v) },
		"recogniser": func(v node) { d.recogniser(v) },
		"on_error": func(v node) {
			if d.enum(v, "closed", "open") == "open" {
				d.errorf(v, "souk's own redaction always fails closed; for an external recogniser write redact.recogniser.on_error: open")
			}
		},
	})
	if r.Recogniser != nil && r.Mode == RedactOff {
		d.warnf(seen["recogniser"], "has no effect with mode: off; set mode: mask or restore")
	}
}
