// Modules of their own, so that this file requires none of what only their tests need:
//   sidecar/e2e             real clients: the official OpenAI SDK for Go
//   redact/wasmtest         packages redact and handoff as WebAssembly: a wasm runtime
//   wasm/standard, tinygo   the filter for Envoy and NGINX: an SDK each
//   wasm/hosttest           the filter as compiled: a wasm runtime
//   plugins/traefik/yaegi   what Traefik interprets: its interpreter
//   plugins/traefik/e2e     the middleware in a real Traefik, which it builds from its own module
//   examples/nginx/e2e      the files of that example in a real NGINX
//   examples/schema         the published types of Kubernetes and Envoy, which the examples are held to
module github.com/soukproxy/souk

go 1.26.0

require (
	charm.land/catwalk v0.50.0
	github.com/Kong/go-pdk v0.11.2
	github.com/agnivade/levenshtein v1.2.1
	github.com/hashicorp/golang-lru/v2 v2.0.7
	github.com/klauspost/compress v1.20.3
	github.com/prometheus/client_golang v1.23.2
	github.com/prometheus/client_model v0.6.2
	github.com/prometheus/common v0.66.1
	github.com/segmentio/asm v1.2.1
	github.com/spf13/cobra v1.10.2
	github.com/valyala/fasthttp v1.77.0
	go.uber.org/goleak v1.3.0
	go.yaml.in/yaml/v4 v4.0.0
	google.golang.org/protobuf v1.36.8
)

require (
	github.com/BurntSushi/toml v1.4.1-0.20240526193622-a339e1f7089c // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/charmbracelet/x/etag v0.2.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/molecule-man/go-brrr v1.3.0 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/prometheus/procfs v0.16.1 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	github.com/ugorji/go/codec v1.2.14 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	go.yaml.in/yaml/v2 v2.4.2 // indirect
	golang.org/x/exp/typeparams v0.0.0-20231108232855-2478ac86f678 // indirect
	golang.org/x/mod v0.41.0 // indirect
	golang.org/x/sync v0.23.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/telemetry v0.0.0-20260924152758-ed294f943157 // indirect
	golang.org/x/tools v0.51.0 // indirect
	golang.org/x/tools/go/packages/packagestest v0.1.1-deprecated // indirect
	golang.org/x/vuln v1.1.4 // indirect
	honnef.co/go/tools v0.8.2 // indirect
)

replace charm.land/catwalk => github.com/charmbracelet/catwalk v0.50.0

// fasthttp asks for a version that the module proxy does not have; souk uses no brotli.
replace github.com/molecule-man/go-brrr => github.com/molecule-man/go-brrr v1.0.1

tool (
	golang.org/x/vuln/cmd/govulncheck
	honnef.co/go/tools/cmd/staticcheck
)
