//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// soukConfig writes a souk.yaml for one instance.
type soukConfig func(in instance) []byte

// soukModel is souk's name for a model of the mock: bench/mock-n200-i5, whose upstream name is mock.n200.i5.
func soukModel(directives string) string {
	return "bench/" + strings.ReplaceAll(mockModel(directives), ".", "-")
}

// soukHead is what every configuration of the benchmark has: no access control, access log and metrics on.
func soukHead(in instance, sort string) string {
	return fmt.Sprintf(`listen: %s
admin: {listen: %s}
auth: none
log: {access: %s}
drain: 1s
routing: {sort: %s}
providers:
`, in.addr, in.admin, filepath.Join(in.dir, "access.log"), sort)
}

// plainConfig is one provider with the models that the scenarios ask for.
func plainConfig(mock string, directives []string) soukConfig {
	return func(in instance) []byte {
		var b strings.Builder
		b.WriteString(soukHead(in, "balanced"))
		writeProvider(&b, "mock", mock)
		for _, d := range directives {
			writeModel(&b, soukModel(d), mockModel(d), "0.50")
		}
		return []byte(b.String())
	}
}

// refusedConfig has models whose cheapest offer refuses connections, so that by price it always comes first. Every one
// of these offers has a provider and a loopback address of its own: a breaker opens after three failures, and must
// not spare a later request its refused attempt.
func refusedConfig(mock, closedPort string, models int) soukConfig {
	return func(in instance) []byte {
		var b strings.Builder
		b.WriteString(soukHead(in, "price"))
		writeProvider(&b, "mock", mock)
		writeModel(&b, soukModel(""), mockModel(""), "0.50")
		for i := range models {
			writeModel(&b, refusedModel(i), mockModel(""), "0.50")
		}
		for i := range models {
			writeProvider(&b, fmt.Sprintf("dead-%03d", i), fmt.Sprintf("127.1.%d.%d:%s", i/250, 1+i%250, closedPort))
			writeModel(&b, refusedModel(i), mockModel(""), "0.10")
		}
		return []byte(b.String())
	}
}

func refusedModel(i int) string { return fmt.Sprintf("bench/refused-%03d", i) }

// marketConfig has providers that each offer the same models; the first model is bench/mock. One provider is so much
// cheaper than the others that a draw by price takes it always: what is compared is routing, not connections.
func marketConfig(mock string, providers, models int) soukConfig {
	return func(in instance) []byte {
		var b strings.Builder
		b.WriteString(soukHead(in, "balanced"))
		for p := range providers {
			writeProvider(&b, fmt.Sprintf("mock-%05d", p), mock)
			price := "10"
			if p == 0 {
				price = "0.001"
			}
			writeModel(&b, soukModel(""), mockModel(""), price)
			for m := 1; m < models; m++ {
				writeModel(&b, fmt.Sprintf("bench/other-%05d", m), mockModel(""), price)
			}
		}
		return []byte(b.String())
	}
}

func writeProvider(b *strings.Builder, name, addr string) {
	fmt.Fprintf(b, "  - name: %s\n    base_url: http://%s/v1\n    models:\n", name, addr)
}

// writeModel adds a model to the provider written last; price is in USD per million tokens.
func writeModel(b *strings.Builder, id, upstream, price string) {
	fmt.Fprintf(b, "      - {id: %q, upstream: %q, price: {input: %s, output: %s}}\n", id, upstream, price, price)
}
