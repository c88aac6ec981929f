module github.com/soukproxy/souk/plugins/traefik/yaegi

go 1.26.0

require (
	github.com/soukproxy/souk v0.0.0-00010101000000-000000000000
	github.com/traefik/yaegi v0.16.1
)

replace github.com/soukproxy/souk => ../../..
