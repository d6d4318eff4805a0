# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# lib.sh: what the tests of engines share; each of them begins with `. tests/engines/lib.sh`.
#
# They run inside tests/debian/chroot or tests/debian/guest (tests/engines/run starts them there), so
# nothing of an engine's is seen outside, and what they forget ends with the namespaces. A test is a
# function, run by `check "a sentence" FUNCTION` in a subshell under `set -e`.
#
# $RUNTIME is the OCI runtime that engines are given: cloison (default), crun, runc, or a path.
#
#   archive FILE                 an image, box:1, of busybox, as every engine loads it
#   wait_for SECONDS COMMAND     until COMMAND succeeds
#   equal GOT WANT, has TEXT PATTERN, lacks TEXT PATTERN, fail WHY, code WANT COMMAND
set -u
export LC_ALL=C.UTF-8
umask 022
OUT=${OUT:-out/x86_64}
RUNTIME=${RUNTIME:-cloison}
case $RUNTIME in
cloison) runtime=$PWD/$OUT/bin/cloison ;;
crun | runc) runtime=$(command -v "$RUNTIME") ;;
*) runtime=$RUNTIME ;;
esac
script=$(basename "$0" .sh)
# a guest without hardware help is some twenty times slower
slow=${SLOW:-1}

[ -d /cloison ] || {
	echo "cloison: engines: run it with tests/engines/run $script" >&2
	exit 1
}
[ -x "$runtime" ] || {
	echo "cloison: engines: no runtime \`$runtime\`" >&2
	exit 1
}
T=$(mktemp -d /tmp/engines.XXXXXX)
chmod 755 "$T"

# the programs of the image
new_root() {
	mkdir -p "$1/bin" "$1/etc" "$1/dev" "$1/proc" "$1/sys" "$1/tmp" "$1/root" "$1/www"
	cp -L "$OUT/pkg/busybox/bin/busybox" "$1/bin/busybox"
	while read -r applet; do
		[ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
	done <"$OUT/pkg/busybox/links"
	printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:\nuser:x:1000:\nstaff:x:50:user\n' >"$1/etc/group"
	echo page >"$1/www/index.html"
	chmod 1777 "$1/tmp"
}

# what `docker save` would write: a layer, a configuration named by its hash, a manifest
archive() {
	[ ! -e "$1" ] || return 0
	new_root "$T/root"
	mkdir "$T/image" "$T/image/layer"
	tar -C "$T/root" --owner=0 --group=0 -cf "$T/image/layer/layer.tar" .
	layer=$(sha256sum "$T/image/layer/layer.tar" | cut -d' ' -f1)
	jq -n --arg layer "sha256:$layer" '{architecture: "amd64", os: "linux",
		config: {Env: ["PATH=/bin"], Cmd: ["/bin/sh"], WorkingDir: "/"},
		rootfs: {type: "layers", diff_ids: [$layer]},
		history: [{created: "2026-01-01T00:00:00Z", created_by: "test"}]}' >"$T/image/config"
	config=$(sha256sum "$T/image/config" | cut -d' ' -f1).json
	mv "$T/image/config" "$T/image/$config"
	jq -n --arg config "$config" \
		'[{Config: $config, RepoTags: ["docker.io/library/box:1"], Layers: ["layer/layer.tar"]}]' \
		>"$T/image/manifest.json"
	tar -C "$T/image" -cf "$1" manifest.json "$config" layer/layer.tar
}

wait_for() {
	tries=$(($1 * 10 * slow))
	shift
	while ! ("$@") >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

fail() {
	echo "$*" >&2
	exit 1
}

equal() {
	[ "$1" = "$2" ] || fail "is \`$1\`, should be \`$2\`"
}

has() {
	printf '%s\n' "$1" | grep -q -E -e "$2" || fail "\`$1\` has no match of /$2/"
}

lacks() {
	! printf '%s\n' "$1" | grep -q -E -e "$2" || fail "\`$1\` has a match of /$2/"
}

# at_least NUMBER MINIMUM
at_least() {
	[ "$1" -ge "$2" ] || fail "is $1, should be at least $2"
}

# code WANT COMMAND... - COMMAND ends with that exit code; what it says is in $said
code() {
	want=$1
	shift
	rc=0
	said=$("$@" 2>&1) || rc=$?
	[ "$rc" -eq "$want" ] || fail "exit code $rc, should be $want: $said"
}

# daemon NAME COMMAND... - start it in the background, its output in $T/NAME.log
daemon() {
	daemon_log=$T/$1.log
	shift
	"$@" >"$daemon_log" 2>&1 </dev/null &
}

# needs SECONDS COMMAND - or all of it has failed, with the end of the last daemon's log
needs() {
	wait_for "$@" && return
	tail -n 20 "$daemon_log" | sed 's/^/# /' >&2
	echo "not ok - $script: $* does not come up"
	exit 1
}

failures=0
check() {
	sentence=$1
	shift
	printf '%s\n' "$sentence" | grep -q -E -e "${ONLY:-}" || return 0
	(
		exec >"$T/detail" 2>&1 </dev/null
		set -e
		"$@"
	)
	rc=$?
	if [ "$rc" -eq 0 ]; then
		echo "ok - $script: $sentence"
		return
	fi
	failures=$((failures + 1))
	sed 's/^/# /' "$T/detail" >&2
	echo "not ok - $script: $sentence: $(tail -n 1 "$T/detail" | cut -c 1-300)"
}

finish() {
	[ "$failures" -eq 0 ]
	exit
}

# known_to ROOT - the ids that Cloison has there
known_to() {
	"$runtime" --root "$1" list | sed 1d
}

# is_ours ROOT ID PID - with Cloison as the runtime: it knows ID, as running, and its process is PID
is_ours() {
	[ "$RUNTIME" = cloison ] || return 0
	state=$("$runtime" --root "$1" state "$2")
	equal "$(printf '%s\n' "$state" | jq -r .status)" running
	equal "$(printf '%s\n' "$state" | jq -r .pid)" "$3"
}
