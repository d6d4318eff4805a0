#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# systemd.sh: containers in scopes of systemd (--systemd-cgroup); run by guest.
# shellcheck source-path=SCRIPTDIR/../..
. tests/host/lib.sh

[ "$(cat /proc/1/comm)" = systemd ] || skip_all "needs systemd"

# s ARGUMENT... - the runtime with systemd's scopes
s() {
	c --systemd-cgroup "$@"
}

# start_scope NAME [FILTER]
start_scope() {
	bundle "$1" "${2:-.}" 'trap "exit 0" TERM; sleep 1000 & echo up; wait'
	s run --detach --bundle "$T/$1" "$tag-$1" </dev/null >"$T/$1/out" 2>&1 || fail "$(cat "$T/$1/out")"
}

# show UNIT PROPERTY
show() {
	systemctl show --value -p "$2" "$1"
}

in_a_scope() {
	equal "$(c features | jq .linux.cgroup.systemd)" true
	start_scope a ".linux.cgroupsPath = \"system.slice:docker:$tag-a\" |
		.annotations = {\"org.systemd.property.TimeoutStopSec\": \"7\",
			\"org.systemd.property.Documentation\": \"['man:cloison(1)', 'man:docker(1)']\"} |
		.linux.resources = {memory: {limit: 67108864, swap: 67108864}, cpu: {shares: 1024, quota: 50000,
			period: 100000, cpus: \"0-1\"}, pids: {limit: 30}, hugepageLimits: [{pageSize: \"2MB\", limit: 0}],
			devices: [{allow: false, access: \"rwm\"}]}"
	unit=docker-$tag-a.scope
	cg=/sys/fs/cgroup/system.slice/$unit
	equal "$(cat "/proc/$(pid_of a)/cgroup")" "0::/system.slice/$unit"
	wait_for 10 is_up a
	equal "$(wc -l <"$cg/cgroup.procs")" 2
	equal "$(show "$unit" ActiveState) $(show "$unit" Delegate) $(show "$unit" Slice)" "active yes system.slice"
	equal "$(show "$unit" MemoryMax) $(show "$unit" MemorySwapMax) $(show "$unit" TasksMax)" "67108864 0 30"
	equal "$(show "$unit" CPUWeight) $(show "$unit" CPUQuotaPerSecUSec) $(show "$unit" AllowedCPUs)" "39 500ms 0-1"
	equal "$(show "$unit" TimeoutStopUSec) $(show "$unit" Documentation | tr -d '"')" "7s man:cloison(1) man:docker(1)"
	equal "$(cat "$cg/memory.max") $(cat "$cg/pids.max") $(cat "$cg/cpu.max")" "67108864 30 50000 100000"
	equal "$(cat "$cg/cpuset.cpus") $(cat "$cg/hugetlb.2MB.max")" "0-1 0"
	systemctl daemon-reload
	equal "$(cat "$cg/memory.max")" 67108864
	s update --memory 128m --pids-limit 40 "$tag-a"
	equal "$(show "$unit" MemoryMax) $(cat "$cg/memory.max")" "134217728 134217728"
	equal "$(show "$unit" TasksMax) $(cat "$cg/pids.max")" "40 40"
	equal "$(s exec "$tag-a" grep -c docker /proc/self/cgroup || true)" 0
	s pause "$tag-a"
	equal "$(status_of a)" paused
	s resume "$tag-a"
	s kill --all "$tag-a" KILL
	wait_for 10 is_status a stopped
	s delete "$tag-a"
	[ ! -d "$cg" ]
	equal "$(show "$unit" LoadState)" not-found
}

default_name() {
	start_scope d
	equal "$(cat "/proc/$(pid_of d)/cgroup")" "0::/system.slice/cloison-$tag-d.scope"
	s delete --force "$tag-d"
	start_scope d ".linux.cgroupsPath = \"a-b.slice::$tag-d\""
	equal "$(cat "/proc/$(pid_of d)/cgroup")" "0::/a.slice/a-b.slice/$tag-d.scope"
	s delete --force "$tag-d"
	systemctl stop a.slice
}

foreground() {
	bundle f . 'exit 7'
	rc=0
	s run --bundle "$T/f" "$tag-f" || rc=$?
	equal "$rc" 7
	equal "$(show "cloison-$tag-f.scope" LoadState)" not-found
}

what_is_wrong() {
	bundle w '.linux.cgroupsPath = "/docker/x"' true
	refuse 125 'linux.cgroupsPath `/docker/x`' s run --bundle "$T/w" "$tag-w"
	bundle w ".linux.cgroupsPath = \"no:x:$tag-w\"" true
	refuse 125 '`no` is no slice' s run --bundle "$T/w" "$tag-w"
	bundle w '.annotations = {"org.systemd.property.TimeoutStopSec": "soon"}' true
	refuse 125 'annotation org.systemd.property.TimeoutStop.*: `soon`' s run --bundle "$T/w" "$tag-w"
	bundle w '.annotations = {"org.systemd.property.NoSuch": "5"}' true
	refuse 125 'cannot start scope `.*`: systemd refuses: ' s run --bundle "$T/w" "$tag-w"
	start_scope t
	bundle w ".linux.cgroupsPath = \":cloison:$tag-t\"" true
	refuse 125 'cannot start scope `.*`: systemd refuses: Unit .* already' s run --bundle "$T/w" "$tag-w"
	equal "$(status_of t)" running
	s delete --force "$tag-t"
}

without_a_bus() {
	bundle n . true
	refuse 125 'cannot reach systemd over the bus `/run/dbus/system_bus_socket`: ENOENT' \
		unshare -m --propagation private sh -c 'mount -t tmpfs none /run/dbus && exec "$@"' sh \
		timeout 30 "$cloison" --root "$T/.run" --systemd-cgroup run --bundle "$T/n" "$tag-n"
}

# Who is killed before the container is there leaves a scope with nobody in it, and systemd removes it.
killed_half_way() {
	bundle k . 'sleep 1000'
	for ms in 5 10 20 40 80; do
		s run --detach --bundle "$T/k" "$tag-k" </dev/null >"$T/k/out" 2>&1 &
		sleep "0.0$ms"
		kill -KILL $! || true
		wait $! || true
		our_runtimes | while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done
		wait_for 10 s delete --force "$tag-k"
		wait_for 10 is_gone "cloison-$tag-k.scope"
	done
}

is_gone() {
	[ "$(show "$1" LoadState)" = not-found ]
}

our_runtimes() {
	our_processes | while read -r pid; do
		if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = cloison ]; then echo "$pid"; fi
	done
}

check a_container_lives_in_a_scope_with_its_limits in_a_scope
check names_and_slices_are_as_elsewhere default_name
check a_foreground_run_leaves_no_scope foreground
check what_systemd_or_we_refuse_is_said what_is_wrong
check without_a_bus_the_error_says_so without_a_bus
check a_runtime_that_is_killed_leaves_nothing killed_half_way
finish
