SHELL := /bin/bash
GO ?= go
BIN := bin
ROUNDS ?= 5

.PHONY: run build kong wasm dist test e2e bench check fuzz soak

run: build ## a simulated market, the sidecar, and a curl line that works
	$(BIN)/souk demo

build: ## bin/souk
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o $(BIN)/souk ./sidecar

kong: ## bin/souk-handoff, the plugin for Kong
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o $(BIN)/souk-handoff ./plugins/kong

dist: ## release archives of every platform, in dist/
	.ci/dist

wasm: ## bin/souk.wasm and bin/souk-tiny.wasm, the filter for Envoy and NGINX; installs what TinyGo is built with
	wasm/build.sh standard $(BIN)/souk.wasm
	wasm/build.sh tinygo $(BIN)/souk-tiny.wasm

test: ## all tests that need nothing but Go
	$(GO) test -race -p 1 ./... # one package at a time: some tests measure how fast a failover is
	$(GO) test -run 'Linear|CleanProse|Gate' ./redact # these measure time, which the race detector distorts
	cd redact/wasmtest && $(GO) test ./...
	cd wasm/standard && $(GO) test ./...
	cd wasm/tinygo && $(GO) test ./...
	cd wasm/hosttest && $(GO) test -count=1 ./... # the cache does not see the modules that it compiles
	cd plugins/traefik/yaegi && $(GO) test -count=1 ./... # the cache does not see the files that it interprets

e2e: export SOUK_CONFORMANCE = $(CURDIR)/$(BIN)/conformance
e2e: build ## real clients and peers; installs what is missing; ends with the table of adapters and cases
	rm -rf $(BIN)/conformance && mkdir -p $(BIN)/conformance
	sidecar/e2e/run.sh
	$(GO) test -count=1 -run Conformance ./plugins/kong
	plugins/traefik/e2e/run.sh
	examples/nginx/e2e/run.sh
	cd examples/schema && $(GO) vet ./... && SOUK_E2E_BIN=$(CURDIR)/$(BIN)/souk $(GO) test -count=1 ./...
	export SOUK_TINYGO && SOUK_TINYGO=$$(wasm/toolchain.sh) && \
		(cd redact/wasmtest && $(GO) test -count=1 -v ./...) && (cd wasm/hosttest && $(GO) test -count=1 -v ./...)
	$(GO) run ./policy/handoff/conformance/table $(BIN)/conformance kong traefik nginx envoy-go envoy-tinygo

bench: build ## side by side with a bare fasthttp proxy and NGINX; GATE=1 fails on a missed gate, ONLY=a,b picks measures
	$(GO) run ./sidecar/internal/bench -souk $(BIN)/souk -rounds $(ROUNDS) $(if $(GATE),-gate) $(if $(ONLY),-only $(ONLY)) -json $(BIN)/bench.json

soak: build ## every fault, flapping providers, reloads and an outage under as many streams as the machine carries; FOR=30m SEED=1 STREAMS=2000
	$(GO) run ./sidecar/internal/soak -souk $(BIN)/souk -for $(or $(FOR),30m) -seed $(or $(SEED),1) $(if $(STREAMS),-streams $(STREAMS)) -json $(BIN)/soak.json

check: ## formatting, vet, staticcheck, known vulnerabilities, every platform
	.ci/check

fuzz: ## every fuzz target for FUZZTIME (10s)
	.ci/fuzz $(or $(FUZZTIME),10s)
