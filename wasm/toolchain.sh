#!/usr/bin/env bash
# Builds TinyGo from its Go module with Debian's LLVM, keeps it in a cache outside the tree, and prints the path of its
# command, which needs nothing else set. Its target `souk` is made here too. What is built already is used again.
set -euo pipefail

version=v0.41.0
sum=h1:g5/+/NhhmA0v+N7qMu1/aOJQ0H4I9y5W1UwMiC3AtzY= # of the module, as go.sum would have it
llvm=19
packages=(llvm-$llvm-dev libclang-$llvm-dev lld-$llvm clang-$llvm binaryen wasi-libc libclang-rt-$llvm-dev-wasm32)

name=toolchain
. "$(dirname "${BASH_SOURCE[0]}")/../.ci/lib.sh"

# What the build and the linked modules need, by file, because distributions name their packages differently.
libc=/usr/lib/wasm32-wasi/libc.a
builtins() { compgen -G "/usr/lib/llvm-$llvm/lib/clang/$llvm*/lib/wasi/libclang_rt.builtins-wasm32.a" | head -n 1; }
complete() {
	local command file
	for command in "clang-$llvm" "wasm-ld-$llvm" wasm-opt g++; do
		command -v "$command" >/dev/null || return 1
	done
	for file in "/usr/lib/llvm-$llvm/include/clang-c/Index.h" "/usr/include/llvm-c-$llvm/llvm-c/Core.h" "$libc" "$(builtins)"; do
		[ -e "$file" ] || return 1
	done
}

root=${XDG_CACHE_HOME:-$HOME/.cache}/souk
home=$root/tinygo-${version#v}
mkdir -p "$root"
# One at a time: whoever comes second finds what the first has made.
exec 9>"$home.lock"
flock 9

complete || debian "${packages[@]}" g++
complete || fail "this needs what Debian has in ${packages[*]} and g++: not all of their files are where they belong"

if [ ! -x "$home/build/tinygo" ]; then
	say "getting TinyGo $version"
	fresh=$(mktemp -d "$home.XXXXXX")
	trap 'rm -rf "$fresh"' EXIT
	source=$(module "github.com/tinygo-org/tinygo@$version" "$sum") || fail "TinyGo could not be got"
	cp -r "$source/." "$fresh"
	chmod -R u+w "$fresh"
	mkdir -p "$fresh/src/net" # a submodule, which modules leave out; the build only asks that it is there

	say "building TinyGo $version with LLVM $llvm (about a minute)"
	(cd "$fresh" && GOWORK=off GOFLAGS=-buildvcs=false CGO_ENABLED=1 twice go build -tags "llvm$llvm" -o build/tinygo .) >&2 ||
		fail "TinyGo could not be built"

	TINYGOROOT=$fresh "$fresh/build/tinygo" version >&2
	mv -T "$fresh" "$home" || fail "$home could not be made: remove what is there and run this again"
fi

# The standard library links the self-tests of FIPS 140, and all that they test, where the mode is off too, as in a filter: they would be
# 29 KB of it. So TinyGo reads the library from a tree of links, in which one file leaves them out.
goroot=$home/goroot-$(go env GOVERSION)
if [ ! -d "$goroot" ]; then
	fresh=$(mktemp -d "$goroot.XXXXXX")
	trap 'rm -rf "$fresh"' EXIT
	library=$(go env GOROOT) cast=src/crypto/internal/fips140/cast.go
	cp -rs "$library/." "$fresh"
	find "$fresh" -type d -exec chmod u+w {} +
	sed 's/^\tif !Enabled {$/\tif true {/' "$library/$cast" >"$fresh/cast.go"
	grep -q 'if true {' "$fresh/cast.go" || fail "$library/$cast is not as it was: see where the self-tests are left out now"
	mv -f "$fresh/cast.go" "$fresh/$cast"
	mv -T "$fresh" "$goroot" || fail "$goroot could not be made: remove what is there and run this again"
fi
cat >"$home/tinygo.new" <<END
#!/bin/sh
GOROOT=$goroot TINYGOROOT=$home exec "$home/build/tinygo" "\$@"
END
chmod +x "$home/tinygo.new"
mv "$home/tinygo.new" "$home/tinygo"

# TinyGo's wasip1 without the C library and collector that its module lacks: Debian's take their place, and the two features
# that LLVM 20 added are left out. libc.o stands first, so that Debian's is asked only for what it lacks. The fold over lines takes
# the comma away that a removed last line leaves.
object=$(mktemp "$home/targets/libc.XXXXXX")
"clang-$llvm" --target=wasm32-unknown-wasi -Os -Wall -Werror -c -o "$object" "$(dirname "${BASH_SOURCE[0]}")/libc.c"
mv "$object" "$home/targets/libc.o"
target=$(mktemp "$home/targets/souk.XXXXXX")
sed -e '/"libc":/d' -e '/"rtlib":/d' -e '/gc_boehm\.c/d' -e '/"emulator":/d' \
	-e 's/"scheduler": *"[a-z]*"/"scheduler":     "none"/' -e 's/+bulk-memory-opt,+call-indirect-overlong,//' \
	-e "s|\"--no-demangle\"|\"--no-demangle\", \"$home/targets/libc.o\", \"$libc\", \"$(builtins)\"|" "$home/targets/wasip1.json" |
	sed -e ':all' -e 'N;$!ball' -e 's/,\(\n\t*[]}]\)/\1/g' >"$target"
mv "$target" "$home/targets/souk.json"
printf '%s\n' "$home/tinygo"
