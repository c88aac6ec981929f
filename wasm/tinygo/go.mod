module github.com/soukproxy/souk/wasm/tinygo

go 1.26.0

require (
	github.com/soukproxy/souk v0.0.0-00010101000000-000000000000
	github.com/tetratelabs/proxy-wasm-go-sdk v0.24.0
)

require github.com/tetratelabs/wazero v1.7.2 // indirect

replace github.com/soukproxy/souk => ../..
