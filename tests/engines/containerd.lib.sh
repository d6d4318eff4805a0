# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# containerd.lib.sh: a containerd, tasks with $RUNTIME, and the image loaded.

# shellcheck disable=SC2034 # used by those that source this
box=docker.io/library/box:1

start_containerd() {
	daemon containerd containerd
	needs 30 ctr version
	archive "$T/box.tar"
	ctr image import "$T/box.tar" >/dev/null || exit 1
	mkdir -p /sys/fs/cgroup/engines
}

# run_box ARGUMENT... - ctr run, in a cgroup below /engines, or in a scope if $driver is systemd
run_box() {
	cgroup=$(cat /proc/sys/kernel/random/uuid)
	case ${driver:-} in
	systemd) set -- --runc-systemd-cgroup --cgroup "system.slice:engines:$cgroup" "$@" ;;
	*) set -- --cgroup "/engines/$cgroup" "$@" ;;
	esac
	ctr run --runc-binary "${runtime:?}" --cpu-shares "${shares:-0}" "$@"
}

task() {
	ctr task ls | awk -v id="$1" -v field="$2" '$1 == id { print $field }'
}

task_pid() {
	task "$1" 2
}

task_state() {
	task "$1" 3
}

is_stopped() {
	[ "$(task_state "$1")" = STOPPED ]
}

remove() {
	ctr task delete --force "$1" || true # its code is that of the signal
	ctr container delete "$1"
}
