# What the scripts that install and build share. They source it, with `name` set to what their lines begin with; standard output is
# left to them.

say() { printf '%s: %s\n' "$name" "$*" >&2; }
fail() {
	say "$@"
	exit 1
}

# Runs a command, and once more after a while if it fails: mirrors, registries and module proxies do so for moments.
twice() {
	"$@" && return
	say "did not go through, once more in ${SOUK_RETRY_SECONDS:-15} s: $*"
	sleep "${SOUK_RETRY_SECONDS:-15}"
	"$@"
}

# Debian packages, for whoever may install them: root, and who needs no password for sudo. What then is not there, the caller names.
debian() {
	local as=() apt=(apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -qq)
	command -v apt-get >/dev/null || return 0
	if [ "$(id -u)" != 0 ]; then
		as=(sudo -n)
		"${as[@]}" true 2>/dev/null || { say "needs the Debian packages $*, and neither root nor sudo to install them"; return 0; }
	fi
	say "installing $*"
	twice "${as[@]}" "${apt[@]}" update >/dev/null || say "apt-get update did not go through: trying with the lists as they are"
	twice "${as[@]}" env DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null ||
		say "apt-get could not install $*"
}

# A module of Go by its version and checksum, as go.sum would have it: its folder. No requirement of it gets into the module around.
module() {
	local path=$1 sum=$2 empty got
	field() { sed -n "s/^\t\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" <<<"$got"; }
	empty=$(mktemp -d)
	got=$(cd "$empty" && GOWORK=off twice go mod download -json "$path") || { rmdir "$empty"; say "go mod download $path: $got"; return 1; }
	rmdir "$empty"
	[ "$(field Sum)" = "$sum" ] || { say "$path has the sum $(field Sum), want $sum"; return 1; }
	field Dir
}
