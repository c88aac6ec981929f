package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// listen reads an address, a mapping, or a list of either.
func (d *decoder) listen(n node) {
	target := n.target()
	d.cfg.Listen = nil
	if target.Kind != yaml.SequenceNode {
		d.listener(n)
		return
	}
	if d.list(n, "[127.0.0.1:8420]", d.listener) && len(target.Content) == 0 {
		d.errorf(n, "is empty; remove it for 127.0.0.1:8420, or name an address")
	}
}

func (d *decoder) listener(n node) {
	var l Listener
	if n.target().Kind == yaml.MappingNode {
		l = d.listenerMapping(n)
	} else {
		l.TCP = d.address(n)
	}
	if l.TCP == "" && l.Unix == "" {
		return
	}
	for _, other := range d.cfg.Listen {
		if l.TCP != "" && other.TCP == l.TCP && !strings.HasSuffix(l.TCP, ":0") || l.Unix != "" && other.Unix == l.Unix {
			d.errorf(n, "another listener has this address; remove one")
			return
		}
	}
	d.cfg.Listen = append(d.cfg.Listen, l)
	d.refs.listen = append(d.refs.listen, n)
}

func (d *decoder) listenerMapping(n node) Listener {
	var l Listener
	seen := d.mapping(n, fields{
		"unix": func(v node) { l.Unix = d.socket(v) },
		"mode": func(v node) { l.Mode = d.mode(v) },
		"tcp":  func(v node) { l.TCP = d.address(v) },
		"tls":  func(v node) { l.TLS = d.tls(v) },
	})
	if seen == nil {
		return Listener{}
	}
	_, hasUnix := seen["unix"]
	_, hasTCP := seen["tcp"]
	switch {
	case !hasUnix && !hasTCP:
		d.errorf(n, "needs tcp: host:port or unix: path")
	case hasUnix && hasTCP:
		d.errorf(seen["unix"], "a listener is either tcp or unix; make two entries of a list")
		return Listener{}
	}
	if v, ok := seen["mode"]; ok && hasTCP {
		d.errorf(v, "only a unix socket has a mode; remove it")
	}
	if v, ok := seen["tls"]; ok && hasUnix {
		d.errorf(v, "a unix socket has no TLS; remove it")
	}
	if l.Unix != "" && l.Mode == 0 {
		l.Mode = 0o660
	}
	return l
}

// address reads host:port.
func (d *decoder) address(n node) string { return d.checkAddress(n, d.text(n)) }

func (d *decoder) checkAddress(n node, s string) string {
	if s == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(s)
	_, portErr := strconv.ParseUint(port, 10, 16)
	switch {
	case strings.HasPrefix(s, "unix:") || strings.HasPrefix(s, "/"):
		d.errorf(n, "a unix socket is written {unix: /run/souk.sock}")
	case strings.Contains(s, "://"):
		d.errorf(n, "must be host:port without a scheme, such as 127.0.0.1:8420")
	case err != nil || portErr != nil || strings.ContainsAny(host, " /\\@?#"):
		d.errorf(n, "must be host:port, such as 127.0.0.1:8420; an IPv6 address stands in brackets, as in [::1]:8420")
	default:
		return s
	}
	return ""
}

func (d *decoder) socket(n node) string {
	const longest = 103 // sockaddr_un on macOS and the BSDs; Linux has 107
	s := d.text(n)
	switch {
	case s == "":
		return ""
	case strings.HasPrefix(s, "@"):
		d.errorf(n, "an abstract socket has no permissions, so anyone could connect; use a path")
		return ""
	}
	s = d.pathOf(s)
	if len(s) > longest {
		d.errorf(n, "a socket's path has at most %d characters; use a shorter one, such as /run/souk.sock", longest)
		return ""
	}
	return s
}

func (d *decoder) tls(n node) *TLS {
	var t TLS
	var cert, key []byte
	seen := d.mapping(n, fields{
		"cert":      func(v node) { t.Cert, cert = d.readFile(v) },
		"key":       func(v node) { t.Key, key = d.readFile(v) },
		"client_ca": func(v node) { t.ClientCA = d.authority(v) },
	})
	if seen == nil {
		return nil
	}
	d.require(n, seen, "cert", "tls needs the certificate's file, PEM")
	d.require(n, seen, "key", "tls needs the private key's file, PEM")
	if cert != nil && key != nil {
		if _, err := tls.X509KeyPair(cert, key); err != nil {
			d.errorf(n, "cert and key do not work together: %v", err)
		}
	}
	return &t
}

// authority reads the path of a file of certificates and checks that it holds one.
func (d *decoder) authority(n node) string {
	path, pem := d.readFile(n)
	if pem != nil && !x509.NewCertPool().AppendCertsFromPEM(pem) {
		d.errorf(n, "the file holds no PEM certificate; it should begin with -----BEGIN CERTIFICATE-----")
	}
	return path
}

// readFile reads the file that a key names. The content is nil if it could not be read.
func (d *decoder) readFile(n node) (path string, content []byte) {
	s := d.text(n)
	if s == "" {
		return "", nil
	}
	path = d.pathOf(s)
	if !slices.Contains(d.cfg.files, path) {
		d.cfg.files = append(d.cfg.files, path)
	}
	content, err := d.env.readFile(path)
	switch {
	case err != nil:
		// The path may be a secret in the wrong place, and a PathError would show it.
		shown := "it"
		if showable(n.target().Value) {
			shown = path
		}
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		d.errorf(n, "names a file that cannot be read; create %s or correct the name: %v", shown, err)
		return path, nil
	case len(content) > maxFile:
		d.errorf(n, "the file is larger than 4 MiB")
		return path, nil
	case content == nil:
		content = []byte{}
	}
	return path, content
}

func (d *decoder) admin(n node) {
	a := &d.cfg.Admin
	seen := d.mapping(n, fields{
		"listen": func(v node) {
			a.Listen = d.text(v)
			if a.Listen != "off" {
				a.Listen = d.checkAddress(v, a.Listen)
			}
		},
		"token_file": func(v node) { a.Token = d.secretFile(v) },
	})
	if seen == nil {
		return
	}
	_, hasToken := seen["token_file"]
	if at, ok := seen["listen"]; ok && a.Listen != "" && a.Listen != "off" && !isLoopback(a.Listen) && !hasToken {
		d.errorf(at, "other machines can reach this address; set admin.token_file, or listen on 127.0.0.1")
	}
}
