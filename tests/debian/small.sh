#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# small.sh: a container whose memory limit is 512 KiB; run by guest.
#
# What the kernel charges to it is what the container needs from its birth on: the process, its page
# tables, its namespaces and mounts, and whatever memory the runtime makes it touch before execve. The
# same bundle is given to crun and runc, and what they make of it is printed beside.
# shellcheck source-path=SCRIPTDIR/../..
. tests/host/lib.sh

[ "$cgroups" = /sys/fs/cgroup ] || skip_all "needs a host with cgroup v2 alone"

limit=524288
times=10
cg=/sys/fs/cgroup/cloison

small() {
	bundle small ".process.args = [\"true\"] | .linux.resources.memory = {limit: $limit, swap: $limit} |
		.linux.cgroupsPath = \"/cloison/$tag-small\""
}

# peak - what was charged at most, and how often the limit was met
peak() {
	echo "peak $(cat "$cg/$tag-small/memory.peak") bytes, $(tr '\n' ' ' <"$cg/$tag-small/memory.events")"
}

runs() {
	small
	for n in $(seq "$times"); do
		c run --bundle "$T/small" "$tag-small" || fail "run $n of $times: code $?"
	done
}

creates_and_starts() {
	small
	for n in $(seq "$times"); do
		c create --bundle "$T/small" "$tag-small" || fail "create $n of $times: code $?"
		equal "$(cat "$cg/$tag-small/memory.max")" "$limit"
		c start "$tag-small"
		wait_for 10 is_status small stopped
		peak >"$T/peak"
		has "$(cat "$T/peak")" ' oom_kill 0 '
		has "$(c why "$tag-small")" 'exit status: (not known|0$)'
		c delete "$tag-small"
	done
}

# others RUNTIME - how often the same succeeds with it
others() {
	command -v "$1" >/dev/null || return 0
	good=0
	for n in $(seq "$times"); do
		if CLOISON_TEST=$T timeout 60 "$1" --root "$T/$1" run --bundle "$T/small" "$tag-small" >"$T/$1.out" 2>&1; then
			good=$((good + 1))
		fi
		timeout 60 "$1" --root "$T/$1" delete --force "$tag-small" >/dev/null 2>&1 || :
	done
	echo "# $1: $good of $times runs$(tail -n 1 "$T/$1.out" | sed 's/^/; the last: /')"
}

check "true_runs_within_512_kib" runs
check "true_is_created_and_started_within_512_kib" creates_and_starts
[ ! -s "$T/peak" ] || echo "# cloison: $(cat "$T/peak")"
small
others crun
others runc
finish
