#!/usr/bin/env bash
# The example's files in Debian's NGINX, plain and with njs, against bin/souk and simulated providers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { printf 'e2e: %s\n' "$*"; }
fail() {
	printf 'e2e: %s\n' "$*" >&2
	exit 1
}

bin=$(realpath -m "${SOUK_E2E_BIN:-../../../bin/souk}")
[ -x "$bin" ] || fail "there is no $bin: run make build"

module=/usr/lib/nginx/modules/ngx_http_js_module.so
if ! command -v nginx >/dev/null || [ ! -e "$module" ]; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		say "installing nginx libnginx-mod-http-js"
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx libnginx-mod-http-js; } \
			>/dev/null || say "apt-get could not install them"
	fi
fi
command -v nginx >/dev/null || fail "nginx is not installed: the example cannot be tested without it"
[ -e "$module" ] || fail "there is no $module: install Debian's libnginx-mod-http-js"

say "souk: $bin, $(nginx -v 2>&1 | sed 's/.*: //'), $(go version | cut -d' ' -f3)"
export SOUK_E2E_BIN=$bin
go vet ./...
if go test -race -count=1 -timeout=5m "$@"; then
	say "passed: the example in a real NGINX"
else
	fail "failed: see above"
fi
