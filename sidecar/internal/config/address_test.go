package config

import (
	"net/netip"
	"testing"
)

func TestMetadataAndLinkLocalAddressesAreForbidden(t *testing.T) {
	for text, want := range map[string]bool{
		"169.254.169.254": true, "169.254.0.1": true, "100.100.100.200": true, "168.63.129.16": true, "192.0.0.192": true,
		"fd00:ec2::254": true, "fd00:ec2::23": true, "fd20:ce::254": true, "fe80::a9fe:a9fe": true, "fe80::1%eth0": true,
		"::ffff:169.254.169.254": true, "64:ff9b::a9fe:a9fe": true, "2002:a9fe:a9fe::1": true, "0.0.0.0": true, "::": true,
		"224.0.0.1": true, "ff02::1": true,
		"127.0.0.1": false, "10.0.0.1": false, "100.100.100.201": false, "8.8.8.8": false, "fd00:ec1::1": false, "::1": false,
		"2001:db8::1": false, "169.253.255.255": false,
	} {
		if got := ForbiddenAddr(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]bool{
		"metadata.google.internal": true, "METADATA.google.internal.": true, "metadata": true, "metadata.goog": true,
		"instance-data": true, "api.alpha.example": false, "metadata.example": false,
	} {
		if got := ForbiddenHost(text); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestKeysTravelInTheClearOnlyToPrivateHosts(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "172.16.0.1": true, "192.168.1.1": true, "fd12::1": true,
		"100.64.0.1": true, "::ffff:10.0.0.1": true, "localhost": true, "vllm": true, "gpu.local": true,
		"vllm.default.svc.cluster.local": true, "host.docker.internal": true, "a.localhost": true, "GPU.Local.": true,
		"api.alpha.example": false, "203.0.113.7": false, "172.32.0.1": false, "2001:db8::1": false, "local.example": false,
		"evillocal.example.com": false, "64:ff9b::cb00:7107": false,
	} {
		if got := privateHost(host); got != want {
			t.Errorf("%s: got %v, want %v", host, got, want)
		}
		p := minimalProvider(host)
		_, err := Parse("souk.yaml", []byte(p), Env{})
		if (err == nil) != want {
			t.Errorf("a key to http://%s: %v", host, err)
		}
	}
}

func minimalProvider(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		host = "[" + host + "]"
	}
	return "providers: [{name: a, base_url: \"http://" + host + ":8000/v1\", api_key: k, models: [{id: a/b}]}]\n"
}

func TestLoopbackIsThisMachineOnly(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:1": true, "127.9.9.9:1": true, "[::1]:1": true, "localhost:1": true, "[::ffff:127.0.0.1]:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "souk.example:1": false, "127.0.0.1": false, "": false,
	} {
		if got := (Listener{TCP: address}).Loopback(); got != want {
			t.Errorf("%q: got %v, want %v", address, got, want)
		}
	}
	if !(Listener{Unix: "/run/souk.sock"}).Loopback() {
		t.Error("a unix socket is on this machine")
	}
}
