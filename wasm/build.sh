#!/usr/bin/env bash
# Compiles the filter: wasm/build.sh standard bin/souk.wasm, or wasm/build.sh tinygo bin/souk-tiny.wasm.
set -euo pipefail
binding=${1:?standard or tinygo} out=$(realpath -m "${2:?the file to write}")
wasm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$(dirname "$out")"
cd "$wasm/$binding"
export GOWORK=off GOFLAGS=-buildvcs=false
case $binding in
standard)
	GOOS=wasip1 GOARCH=wasm CGO_ENABLED=0 go build -trimpath -buildmode=c-shared -ldflags '-s -w' -o "$out" .
	;;
tinygo)
	tinygo=${SOUK_TINYGO:-$("$wasm/toolchain.sh")}
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	# custommalloc: TinyGo would export a malloc that keeps what a host asks it for until the host frees it, which hosts do not.
	# Without that export they ask proxy_on_memory_allocate, and the collector sees to the rest.
	"$tinygo" build -target=souk -buildmode=c-shared -tags=custommalloc -opt=z -panic=trap -no-debug -o "$work/filter.wasm" .
	wasm-opt --flatten --rereloop -Oz -Oz --strip-debug --strip-producers -o "$work/small.wasm" "$work/filter.wasm"
	mv "$work/small.wasm" "$out"
	;;
*)
	echo "there is no binding $binding: standard and tinygo are there" >&2
	exit 2
	;;
esac
