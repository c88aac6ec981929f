module github.com/soukproxy/souk/examples/nginx/e2e

go 1.26.0

require (
	github.com/soukproxy/souk v0.0.0-00010101000000-000000000000
	go.uber.org/goleak v1.3.0
)

replace github.com/soukproxy/souk => ../../..
