module github.com/soukproxy/souk/wasm/standard

go 1.26.0

require (
	github.com/proxy-wasm/proxy-wasm-go-sdk v0.0.0-20250212164326-ab4161dcf924
	github.com/soukproxy/souk v0.0.0-00010101000000-000000000000
)

require github.com/tetratelabs/wazero v1.7.2 // indirect

replace github.com/soukproxy/souk => ../..
