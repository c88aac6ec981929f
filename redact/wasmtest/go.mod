module github.com/soukproxy/souk/redact/wasmtest

go 1.26.0

require (
	github.com/soukproxy/souk v0.0.0-00010101000000-000000000000
	github.com/tetratelabs/wazero v1.12.0
	golang.org/x/sys v0.49.0
)

replace github.com/soukproxy/souk => ../..
