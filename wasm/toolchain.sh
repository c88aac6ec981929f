#!/usr/bin/env bash
# Builds TinyGo from its Go module with Debian's LLVM, keeps it in a cache outside the tree, and prints the path of its
# command, which needs nothing else set. Its target `souk` is made here too. What is built already is used again.
set -euo pipefail

version=v0.41.0
sum=h1:g5/+/NhhmA0v+N7qMu1/aOJQ0H4I9y5W1UwMiC3AtzY= # of the module, as go.sum would have it
llvm=19
packages=(llvm-$llvm-dev libclang-$llvm-dev lld-$llvm clang-$llvm binaryen wasi-libc libclang-rt-$llvm-dev-wasm32)

say() { printf 'toolchain: %s\n' "$*" >&2; }
fail() {
	say "$@"
	exit 1
}

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

if ! complete; then
	command -v apt-get >/dev/null || fail "this needs what Debian has in ${packages[*]} and g++, and there is no apt-get to get it"
	as=()
	[ "$(id -u)" = 0 ] || as=(sudo -n)
	say "installing ${packages[*]}"
	"${as[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq >&2 || say "apt-get update did not go through; trying with the lists as they are"
	"${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
		"${packages[@]}" g++ >&2 || fail "apt-get could not install ${packages[*]}: install them and run this again"
	complete || fail "the packages are installed, but not all of their files are where they belong"
fi

if [ ! -x "$home/tinygo" ]; then
	say "getting TinyGo $version"
	empty=$(mktemp -d)
	fresh=$(mktemp -d "$home.XXXXXX")
	trap 'rm -rf "$empty" "$fresh"' EXIT
	got=$(cd "$empty" && GOWORK=off go mod download -json "github.com/tinygo-org/tinygo@$version") || fail "$got"
	field() { sed -n "s/^\t\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" <<<"$got"; }
	[ "$(field Sum)" = "$sum" ] || fail "the module of TinyGo has the sum $(field Sum), want $sum"
	cp -r "$(field Dir)/." "$fresh"
	chmod -R u+w "$fresh"
	mkdir -p "$fresh/src/net" # a submodule, which modules leave out; the build only asks that it is there

	say "building TinyGo $version with LLVM $llvm (about a minute)"
	(cd "$fresh" && GOWORK=off GOFLAGS=-buildvcs=false CGO_ENABLED=1 go build -tags "llvm$llvm" -o build/tinygo .) >&2 ||
		fail "TinyGo could not be built"

	cat >"$fresh/tinygo" <<-'END'
		#!/bin/sh
		home=$(dirname "$(readlink -f "$0")")
		TINYGOROOT=$home exec "$home/build/tinygo" "$@"
	END
	chmod +x "$fresh/tinygo"
	"$fresh/tinygo" version >&2
	mv -T "$fresh" "$home" || fail "$home could not be made: remove what is there and run this again"
fi

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
