package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// isLoopback tells whether only this machine reaches host:port.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// ForbiddenAddr tells whether nothing may ever be sent to an address: the metadata services of clouds, which
// hand out credentials to whoever asks, all of link-local, where most of them live, and addresses that are no
// host's. An IPv4 address inside an IPv6 one counts as itself.
func ForbiddenAddr(addr netip.Addr) bool {
	addr = unwrapped(addr)
	if addr.IsLinkLocalUnicast() || addr.IsMulticast() || addr.IsUnspecified() {
		return true
	}
	switch addr.String() {
	case "100.100.100.200", // Alibaba
		"168.63.129.16", // Azure's host agent
		"192.0.0.192",   // Oracle
		"fd20:ce::254",  // Google
		"fd00:42::42":   // Scaleway
		return true
	}
	return netip.MustParsePrefix("fd00:ec2::/32").Contains(addr) // Amazon
}

// PrivateAddr tells whether an address belongs to this machine or its own network, so that a provider's key may
// travel to it over http://: loopback, RFC 1918, RFC 4193, and the shared space of RFC 6598 that overlay
// networks use.
func PrivateAddr(addr netip.Addr) bool {
	addr = unwrapped(addr)
	return addr.IsLoopback() || addr.IsPrivate() || netip.MustParsePrefix("100.64.0.0/10").Contains(addr)
}

// unwrapped takes an IPv4 address out of an IPv4-mapped, NAT64 (RFC 6052) or 6to4 (RFC 3056) one.
func unwrapped(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	raw := addr.As16()
	switch {
	case addr.Is4():
	case netip.MustParsePrefix("64:ff9b::/96").Contains(addr):
		return netip.AddrFrom4([4]byte(raw[12:16]))
	case netip.MustParsePrefix("2002::/16").Contains(addr):
		return netip.AddrFrom4([4]byte(raw[2:6]))
	}
	return addr
}

// ForbiddenHost is ForbiddenAddr for the names of metadata services.
func ForbiddenHost(host string) bool {
	switch strings.ToLower(strings.TrimSuffix(host, ".")) {
	case "metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal":
		return true
	}
	return false
}

// Hostname is the name or address in a Host header (RFC 9110, section 7.2), without port and brackets and in lower case. It is
// false for one with userinfo or a path, which no client sends by accident.
func Hostname(host string) (string, bool) {
	if strings.ContainsAny(host, "@/\\ ,") {
		return "", false
	}
	if strings.HasPrefix(host, "[") {
		name, _, found := strings.Cut(host[1:], "]")
		return strings.ToLower(name), found
	}
	name, _, _ := strings.Cut(host, ":")
	return strings.ToLower(name), true
}

// OwnHost tells whether a host name is this machine's own, or an address, which no web page can take for its name: the
// defence against DNS rebinding. A caller of HTTP/1.0 sends none.
func OwnHost(name string) bool {
	if name == "" || name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	_, err := netip.ParseAddr(name)
	return err == nil
}

// privateHost tells whether a key may be sent to a host over http://. A name that could be private is believed
// here; where it leads is checked when dialling.
func privateHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return PrivateAddr(addr)
	}
	if !strings.Contains(host, ".") {
		return true
	}
	for _, suffix := range []string{".local", ".internal", ".localhost"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

// parseBaseURL checks a provider's base_url; errors quote none of it, since a key may have been put there.
func parseBaseURL(s string) (*url.URL, error) {
	return parseServiceURL(s, "https://api.alpha.example/v1", "put a key under api_key", "put a key under api_key or headers")
}

// parseServiceURL checks the URL of a service that requests or texts go to. example shows what to write, and the others where to put what a
// URL must not hold: a user, a query.
func parseServiceURL(s, example, user, query string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" {
		return nil, errors.New("not a URL; write one such as " + example)
	}
	host := u.Hostname()
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("must begin with https:// (or http:// on a private network)")
	case host == "":
		return nil, errors.New("has no host; write one such as " + example)
	case u.User != nil:
		return nil, errors.New("must not hold a user or password; " + user)
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("must not hold a query; " + query)
	case u.Fragment != "" || strings.Contains(s, "#"):
		return nil, errors.New("must not hold a fragment (#)")
	case ForbiddenHost(host):
		return nil, errors.New("is a cloud's metadata service, to which nothing is ever sent")
	}
	if port := u.Port(); port != "" {
		if v, err := strconv.ParseUint(port, 10, 16); err != nil || v == 0 {
			return nil, errors.New("the port must be from 1 to 65535")
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return nil, errors.New("has a colon without a port; remove it")
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if ForbiddenAddr(addr) {
			return nil, errors.New("is a metadata, link-local or unusable address, to which nothing is ever sent")
		}
	} else if numericHost(host) {
		return nil, errors.New("an IPv4 address has four decimal numbers, such as 10.0.0.7")
	} else if strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		return nil, errors.New("a host's name has letters, digits, dots and hyphens; write others in punycode (xn--...)")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// numericHost tells whether resolvers may read a name as an IPv4 address in a form of inet_aton, such as
// 2852039166 or 0xa9.254.43518. Those that end in a number are such (WHATWG URL, "ends in a number checker").
func numericHost(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" || strings.Trim(last, "0123456789") == "" {
		return true
	}
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || strings.HasPrefix(strings.ToLower(last), "0x")
}
