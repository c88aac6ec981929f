package redact

import (
	"bytes"
	"strings"
)

const (
	// minFake is how many characters of a value have to vary: a shorter one could be guessed, or be another one's fake.
	minFake = 6
	// maxFake is the longest value that gets a fake, in bytes.
	maxFake = 128
	// fakeTries is how many fakes are drawn until one has wrong check digits; one in ten or fewer has right ones.
	fakeTries = 24
)

// fake draws a value of the same form that no check accepts, the same for the same value and key. nil: there is none for this value,
// and it gets a placeholder. f tells what a check accepts.
func (v *Vault) fake(t Type, value []byte, try int, f *Finder) []byte {
	if len(value) > maxFake || alnums(value) < minFake && t != IPAddress || t == PrivateKey || t == ConnectionString || t == URL || t >= DateOfBirth {
		return nil
	}
	for _, c := range value {
		if !alnum(c) && strings.IndexByte(" -./:+_@()", c) < 0 {
			return nil
		}
	}
	label := contextOf(t)
	for i := range fakeTries {
		d := draw{v: v, t: t, value: value, try: byte(try), round: byte(i)}
		b := d.fake()
		if bytes.Equal(b, value) || bytes.HasPrefix(b, []byte("<")) {
			continue
		}
		if !checked(t) || !accepted(f, t, label, b) {
			return b
		}
	}
	return nil
}

// checked tells the types whose check digits or ranges a fake has to break. The others have a form only, and their fakes keep to
// what is reserved where there is such a thing.
func checked(t Type) bool {
	return t >= CreditCard && t <= THTNIN || t == INAadhaar || t >= DETaxID && t <= USNPI
}

// contextOf is a label for the types whose numbers count only beside one.
func contextOf(t Type) string {
	switch t {
	case TRID:
		return "tc kimlik no"
	case CASIN:
		return "social insurance number"
	}
	return strings.ToLower(strings.ReplaceAll(t.String(), "_", " "))
}

// accepted tells whether a value passes its type's check, with its label beside it for the types that need one.
func accepted(f *Finder, t Type, label string, value []byte) bool {
	for _, found := range f.FindLabelled(nil, label, value) {
		if found.Type == t {
			return true
		}
	}
	return false
}

// draw is a stream of bytes that depends on the key, the value and which try it is.
type draw struct {
	v          *Vault
	t          Type
	value      []byte
	try, round byte
	block      byte
	bytes      []byte
}

func (d *draw) next() byte {
	if len(d.bytes) == 0 {
		h := d.v.mac("format", d.t)
		h.Write([]byte{d.try, d.round, d.block})
		h.Write(d.value)
		d.bytes = h.Sum(nil)
		d.block++
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return b
}

// fake draws once.
func (d *draw) fake() []byte {
	value := d.value
	switch d.t {
	case Email:
		at := bytes.LastIndexByte(value, '@')
		if at < 0 {
			break
		}
		b := append(d.like(nil, value[:at]), '@')
		domain := value[at+1:]
		if dot := bytes.LastIndexByte(domain, '.'); dot > 0 {
			domain = domain[:dot]
		}
		// RFC 2606, section 2: nobody ever receives mail there.
		return append(d.like(b, domain), ".invalid"...)
	case IPAddress:
		return d.address()
	case IBAN:
		return d.like(append([]byte(nil), value[:2]...), value[2:])
	case MACAddress:
		b := d.hex(nil, value)
		// IEEE 802, section 8.4: locally administered, so no maker's.
		b[1] = "26ae"[d.next()&3]
		return b
	}
	keep := 0
	if secret(d.t) {
		keep = 1 + bytes.LastIndexAny(value[:min(10, len(value))], "-_")
	}
	return d.like(append([]byte(nil), value[:keep]...), value[keep:])
}

// like appends text with every digit and letter drawn anew.
func (d *draw) like(dst, text []byte) []byte {
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			c = '0' + d.next()%10
		case c >= 'a' && c <= 'z':
			c = 'a' + d.next()%26
		case c >= 'A' && c <= 'Z':
			c = 'A' + d.next()%26
		}
		dst = append(dst, c)
	}
	return dst
}

// hex is like for hexadecimal digits.
func (d *draw) hex(dst, text []byte) []byte {
	for _, c := range text {
		if alnum(c) {
			c = "0123456789abcdef"[d.next()&15]
		}
		dst = append(dst, c)
	}
	return dst
}

// address draws an address that routes nowhere: 240.0.0.0/4 (RFC 1112, section 4) or 2001:db8::/32 (RFC 3849).
func (d *draw) address() []byte {
	if bytes.IndexByte(d.value, ':') >= 0 {
		return d.hex([]byte("2001:db8:"), []byte("0000:0000:0000:0000:0000:0000"))
	}
	b := []byte("24")
	b = append(b, '0'+d.next()%10)
	for range 3 {
		n := d.next()
		b = append(b, '.')
		if n >= 100 {
			b = append(b, '0'+n/100)
		}
		if n >= 10 {
			b = append(b, '0'+n/10%10)
		}
		b = append(b, '0'+n%10)
	}
	return b
}
