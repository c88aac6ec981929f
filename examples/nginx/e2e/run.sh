#!/usr/bin/env bash
# The example's files in Debian's NGINX, plain and with njs, against bin/souk and simulated providers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
name=e2e
. ../../../.ci/lib.sh

bin=$(realpath -m "${SOUK_E2E_BIN:-../../../bin/souk}")
[ -x "$bin" ] || fail "there is no $bin: run make build"

module=/usr/lib/nginx/modules/ngx_http_js_module.so
PATH=$PATH:/usr/sbin # where Debian has nginx
command -v nginx >/dev/null && [ -e "$module" ] || debian nginx libnginx-mod-http-js
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
