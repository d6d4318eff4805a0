# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# lib.sh: what the host tests share; each of them begins with `. tests/host/lib.sh`.
#
# A test is a function, run by `check "a sentence" FUNCTION` in a subshell under `set -e`: it passes
# when no command in it fails. After each, nothing of a container may be left: no state directory,
# no cgroup, no process, no mount in the host's namespace.
#
# Every container of a run has an id that begins with $tag, and every process of the runtime or of
# a container has CLOISON_TEST=$T in its environment; by these two they are found again.
#
#   c ARGUMENT...                the runtime, with a state directory of its own and a time limit
#   bundle NAME [FILTER]         $T/NAME with what `cloison spec` writes, changed by the jq FILTER
#   ct FILTER SCRIPT             run SCRIPT with sh in a container of its own
#   refuse CODE PATTERN COMMAND  COMMAND has to fail like that, with one clear error
#   equal GOT WANT, has TEXT PATTERN, lacks TEXT PATTERN, fail WHY
set -u
export LC_ALL=C
umask 022

OUT=${OUT:-out/x86_64}
ARCH=${ARCH:-x86_64}
cloison=$PWD/$OUT/bin/cloison
busybox=$PWD/$OUT/pkg/busybox/bin/busybox
# shellcheck disable=SC2034 # used by those that source this
tools=$PWD/$OUT/tools
tag=t$$

# skip_all REASON - end here, with one line that says why
skip_all() {
	echo "skip - $(basename "$0" .sh): $1"
	exit 0
}

[ "$(id -u)" -eq 0 ] || skip_all "needs root"
[ "$(uname -m)" = "$ARCH" ] || skip_all "needs a machine of architecture $ARCH"

T=$(mktemp -d "${TMPDIR:-/tmp}/cloison-host.XXXXXX") || exit 1
chmod 755 "$T"
cgroups=
for dir in /sys/fs/cgroup /sys/fs/cgroup/unified; do
	if [ "$(stat -fc %T "$dir" 2>/dev/null)" = cgroup2fs ]; then
		cgroups=$dir
		break
	fi
done

# our_processes - the ids of the processes that carry this run's mark
our_processes() {
	grep -lsxz "CLOISON_TEST=$T" /proc/[0-9]*/environ | sed 's|^/proc/||; s|/environ$||'
}

# our_cgroups - the containers' cgroups of this run
our_cgroups() {
	[ -z "$cgroups" ] || find "$cgroups" -type d -name "$tag-*" 2>/dev/null
}

clean_up() {
	trap - EXIT
	our_processes | while read -r pid; do kill -KILL "$pid" 2>/dev/null; done
	for state in "$T"/.run/* "$T"/.run/*/*; do
		[ ! -d "$state" ] || c delete --force "${state##*/}" >/dev/null 2>&1
	done
	our_cgroups | sort -r | while read -r cgroup; do rmdir "$cgroup" 2>/dev/null; done
	rm -rf "$T"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

c() {
	CLOISON_TEST=$T timeout -k 5 "${LIMIT:-60}" "$cloison" --root "$T/.run" "$@"
}

# new_rootfs DIR - busybox under all its names, and the few files that programs look for
new_rootfs() {
	mkdir -p "$1/bin" "$1/etc" "$1/tmp" "$1/dev" "$1/proc" "$1/sys" "$1/root"
	cp -L "$busybox" "$1/bin/busybox"
	while read -r applet; do
		case $applet in busybox | '[') continue ;; esac
		ln -s busybox "$1/bin/$applet"
	done <"${busybox%/bin/busybox}/links"
	ln -s busybox "$1/bin/["
	echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
	echo 'user:x:1000:1000:user:/home/user:/bin/sh' >>"$1/etc/passwd"
}

# The default text keeps its seccomp profile word for word, which is what the runtime has compiled.
new_base() {
	mkdir "$T/spec"
	"$cloison" spec --bundle "$T/spec" || return
	sed -e 's|"terminal": *true|"terminal": false|' -e "s|\"rootfs\"|\"$T/rootfs\"|" \
		-e "s|\"TERM=xterm\"|\"CLOISON_TEST=$T\"|" "$T/spec/config.json" >"$T/base.json"
	jq -e '.process.terminal == false' "$T/base.json" >/dev/null
}

# bundle NAME [FILTER [SCRIPT]] - SCRIPT, if given, is what its sh runs
bundle() {
	mkdir -p "$T/$1"
	if [ $# -eq 1 ]; then
		cp "$T/base.json" "$T/$1/config.json"
	elif [ $# -eq 2 ]; then
		jq --arg T "$T" "$2" "$T/base.json" >"$T/$1/config.json"
	else
		jq --arg T "$T" --arg script "$3" ".process.args = [\"sh\", \"-c\", \$script] | $2" \
			"$T/base.json" >"$T/$1/config.json"
	fi
}

# new_name - a name that no other container of this run has
new_name() {
	name=$(mktemp -d "$T/XXXXXXXX")
	basename "$name"
}

ct() {
	ct_name=$(new_name)
	bundle "$ct_name" "$1" "$2"
	c run --bundle "$T/$ct_name" "$tag-$ct_name"
}

# start_ct NAME [FILTER] - a detached container $tag-NAME that sleeps; is_up NAME - it has got that far
start_ct() {
	bundle "$1" "${2:-.}" 'trap "exit 0" TERM; sleep 1000 & echo up; wait'
	c run --detach --bundle "$T/$1" "$tag-$1" </dev/null >"$T/$1/out" 2>&1
}

is_up() {
	grep -q '^up$' "$T/$1/out"
}

# pid_of NAME - the first process of the container $tag-NAME, as the host numbers it
pid_of() {
	c state "$tag-$1" | jq .pid
}

status_of() {
	c state "$tag-$1" | jq -r .status
}

# wait_for SECONDS COMMAND... - until COMMAND succeeds
wait_for() {
	tries=$(($1 * 50))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.02
	done
}

is_status() {
	[ "$(status_of "$1")" = "$2" ]
}

# status_to FILE COMMAND... - run it and leave its exit code in FILE
status_to() {
	status_file=$1
	shift
	rc=0
	"$@" || rc=$?
	echo "$rc" >"$status_file"
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

# clear_error FILE - one line of ours, then at most one cause and one hint, and nothing else
clear_error() {
	awk '
		NR == 1 && /^cloison: ./ { next }
		/^  cause: ./ && !cause && !hint { cause = 1; next }
		/^  hint:  ./ && !hint { hint = 1; next }
		{ bad = 1 }
		END { exit bad || NR == 0 }' "$1" || fail "not one clear error: $(cat "$1")"
}

refuse() {
	refuse_code=$1
	refuse_pattern=$2
	shift 2
	rc=0
	"$@" >"$T/refused.out" 2>"$T/refused.err" </dev/null || rc=$?
	[ "$rc" -eq "$refuse_code" ] ||
		fail "exit code $rc, should be $refuse_code: $(cat "$T/refused.err")"
	clear_error "$T/refused.err"
	grep -q -E -e "$refuse_pattern" "$T/refused.err" ||
		fail "\`$(cat "$T/refused.err")\` has no match of /$refuse_pattern/"
}

# left_over - what a test left behind, one line each
left_over() {
	[ ! -d "$T/.run" ] || find "$T/.run" -mindepth 1 -maxdepth 1 ! -name "~seccomp" | sed 's/^/state: /'
	our_cgroups | sed 's/^/cgroup: /'
	our_processes | while read -r pid; do
		echo "process: $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
	done
	diff "$T/mounts" /proc/self/mountinfo | grep '^[<>]' | sed 's/^/mount: /'
}

nothing_left() {
	[ -z "$(left_over)" ]
}

# check SENTENCE FUNCTION [ARGUMENT...]
failures=0
check() {
	sentence=$1
	shift
	# to a file: a pipe would stay open as long as a container that was forgotten
	(
		exec >"$T/detail" 2>&1 </dev/null
		set -e
		"$@"
	)
	rc=$?
	detail=$(cat "$T/detail")
	if ! wait_for 5 nothing_left; then
		detail="$detail
left behind: $(left_over | tr '\n' ' ')"
		rc=1
		our_processes | while read -r pid; do kill -KILL "$pid" 2>/dev/null; done
		for state in "$T"/.run/*; do c delete --force "${state##*/}" >/dev/null 2>&1; done
	fi
	if [ "$rc" -eq 0 ] && [ -s "$T/not-applicable" ]; then
		echo "skip - $sentence: $(cat "$T/not-applicable")"
		return
	fi
	if [ "$rc" -eq 0 ]; then
		echo "ok - $sentence"
		return
	fi
	failures=$((failures + 1))
	printf '%s\n' "$detail" | sed 's/^/# /' >&2
	echo "not ok - $sentence: $(printf '%s\n' "$detail" | tail -n 1 | cut -c 1-300)"
}

skip() {
	echo "skip - $1: $2"
}

finish() {
	[ "$failures" -eq 0 ]
	exit
}

cat /proc/self/mountinfo >"$T/mounts"
new_rootfs "$T/rootfs" || exit 1
new_base || exit 1
