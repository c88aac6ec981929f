#!/usr/bin/env bash
# The middleware in a real Traefik, against bin/souk and simulated providers. Traefik is built from its Go module once, which takes
# some minutes, and kept in a cache outside the tree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

version=3.6.12
sum=h1:6pe4s7aaDTQs+AsF7KP3sM/xnq7zOVvibRQe5tw9eFo= # of the module; its own go.sum holds its dependencies
name=e2e
. ../../../.ci/lib.sh

bin=$(realpath -m "${SOUK_E2E_BIN:-../../../bin/souk}")
[ -x "$bin" ] || fail "there is no $bin: run make build"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/souk/traefik-$version
build() {
	local dir
	say "building Traefik $version"
	dir=$(module "github.com/traefik/traefik/v3@v$version" "$sum") || return 1
	twice nice -n 10 go build -C "$dir" -mod=readonly -trimpath \
		-ldflags "-s -w -X github.com/traefik/traefik/v3/pkg/version.Version=$version" \
		-o "$cache/traefik.new" ./cmd/traefik || return 1
	mv "$cache/traefik.new" "$cache/traefik" # appears only when it is whole
}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # two runs at once build it once
[ -x "$cache/traefik" ] || build || fail "Traefik $version could not be built"
flock -u 9
exec 9>&-

say "souk: $bin, $("$cache/traefik" version | sed -n 's/^Version: */Traefik /p'), $(go version | cut -d' ' -f3)"
export SOUK_E2E_BIN=$bin SOUK_E2E_TRAEFIK=$cache/traefik
go vet ./...
if go test -race -count=1 -timeout=10m "$@"; then
	say "passed: the middleware in a real Traefik"
else
	fail "failed: see above"
fi
