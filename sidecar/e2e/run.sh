#!/usr/bin/env bash
# Real clients against bin/souk: installs what is missing, keeps it in a cache outside the tree, and runs the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { printf 'e2e: %s\n' "$*"; }
fail() {
	printf 'e2e: %s\n' "$*" >&2
	exit 1
}

# A Debian package, for whoever may install one.
debian() {
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
	say "installing $*"
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null ||
		say "apt-get could not install $*"
}

bin=$(realpath -m "${SOUK_E2E_BIN:-../../bin/souk}")
[ -x "$bin" ] || fail "there is no $bin: run make build"
command -v node >/dev/null || debian nodejs npm
command -v npm >/dev/null || debian npm
{ command -v nginx || command -v /usr/sbin/nginx; } >/dev/null || debian nginx-light
command -v node >/dev/null || fail "node is not installed: the SDKs for Node cannot be tested without it; install Node 20 or newer"
command -v npm >/dev/null || fail "npm is not installed: it brings the SDKs for Node; install the one of your Node"
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || fail "node is version $(node --version): the SDKs need 20 or newer"

# The packages are kept by what the lock file says and by Node's major version; the folder appears only when it is whole.
key=$(cat node/package.json node/package-lock.json <(echo "$major") | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/souk/e2e-$key
if [ ! -d "$cache/node_modules" ]; then
	say "installing the packages of node/package-lock.json"
	mkdir -p "$(dirname "$cache")"
	fresh=$(mktemp -d "$cache.XXXXXX")
	trap 'rm -rf "$fresh"' EXIT
	cp node/package.json node/package-lock.json "$fresh"
	npm ci --prefix "$fresh" --ignore-scripts --no-audit --no-fund --loglevel=error >"$fresh/npm.log" 2>&1 ||
		{ cat "$fresh/npm.log" >&2; fail "npm ci could not install the SDKs for Node"; }
	mv -T "$fresh" "$cache" 2>/dev/null || [ -d "$cache/node_modules" ] || fail "$cache could not be made"
fi

say "souk: $bin, node $(node --version), $(go version | cut -d' ' -f3)"
say "SDKs: openai-go $(go list -m -f '{{.Version}}' github.com/openai/openai-go/v3)$(node -p '
	Object.entries(require("./node/package.json").dependencies).map(([name, version]) => `, ${name} ${version}`).join("")')"
export SOUK_E2E_BIN=$bin SOUK_E2E_NODE_MODULES=$cache/node_modules
go vet ./...
# Without a list of packages go test shows what the tests print: what was called, and what became of it.
if go test -race -count=1 -timeout=10m; then
	say "passed: real clients see what they should"
else
	fail "failed: see above"
fi
