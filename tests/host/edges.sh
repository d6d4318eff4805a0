#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# edges.sh: what went wrong once: each test is a bug that was found by reading or by accident.
. tests/host/lib.sh

host_path() {
	echo "echo on the host" >"$T/outside.sh"
	chmod 755 "$T/outside.sh"
	for fd in 3 4 5 6 7 8; do
		bundle fdpath ".process.args = [\"/proc/self/fd/$fd/../../../../../../../../..$T/outside.sh\"]"
		c run --bundle "$T/fdpath" "$tag-fdpath" >"$T/fdpath/out" 2>&1 && fail "it ran"
		lacks "$(cat "$T/fdpath/out")" "on the host"
	done
}
check "no descriptor of the runtime leads out of the root at execve (CVE-2024-21626)" host_path

shared_cgroup() {
	[ -n "$cgroups" ] || return 0
	bundle one ".linux.cgroupsPath = \"/$tag-shared\"" 'sleep 1000'
	c run --detach --bundle "$T/one" "$tag-one" >/dev/null 2>&1
	bundle two ".linux.cgroupsPath = \"/$tag-shared\"" true
	refuse 125 'EEXIST' c run --bundle "$T/two" "$tag-two"
	equal "$(status_of one)" running
	refuse 125 'root is not a container' c run --bundle "$(bundle three '.linux.cgroupsPath = "/"' true; echo "$T/three")" "$tag-three"
	c delete --force "$tag-one"
}
check "a cgroup that another container has, or the root, is refused and stays unharmed" shared_cgroup

stuck_start() {
	bundle stuck . 'exit 0'
	c create --bundle "$T/stuck" "$tag-stuck" >/dev/null 2>&1
	c kill "$tag-stuck" STOP
	c start "$tag-stuck" >/dev/null 2>&1 &
	starter=$!
	sleep 0.3
	LIMIT=60 c kill "$tag-stuck" CONT
	wait "$starter"
	wait_for 10 is_status stuck stopped
	c delete "$tag-stuck"
}
check "kill reaches a container whose start waits" stuck_start

second_start() {
	bundle race . 'sleep 0.2'
	c create --bundle "$T/race" "$tag-race" >/dev/null 2>&1
	c kill "$tag-race" STOP
	c start "$tag-race" >/dev/null 2>"$T/race/a" & a=$!
	c start "$tag-race" >/dev/null 2>"$T/race/b" & b=$!
	sleep 0.3
	c kill "$tag-race" CONT
	won=0
	wait "$a" && won=$((won + 1))
	wait "$b" && won=$((won + 1))
	equal "$won" 1
	wait_for 10 is_status race stopped
	c delete "$tag-race"
}
check "of two starts exactly one succeeds" second_start

successor() {
	bundle old . 'sleep 1000'
	CLOISON_TEST=$T "$cloison" --root "$T/.run" run --bundle "$T/old" "$tag-heir" >/dev/null 2>&1 &
	old=$!
	wait_for 10 is_status heir running
	kill -STOP "$old"
	c delete --force "$tag-heir"
	c run --detach --bundle "$T/old" "$tag-heir" >/dev/null 2>&1
	kill -CONT "$old"
	wait "$old" || true
	equal "$(status_of heir)" running
	c delete --force "$tag-heir"
}
check "a run that ends late leaves a new container of its id alone" successor

early_exec() {
	# many mounts, so that the container is long in the making
	bundle early '.mounts += [range(600) | {destination: "/tmp/m\(.)", type: "tmpfs", source: "x"}]' 'sleep 1000'
	c run --bundle "$T/early" "$tag-early" >/dev/null 2>&1 &
	tries=0
	while [ "$tries" -lt 200 ]; do
		tries=$((tries + 1))
		out=$(c exec "$tag-early" /bin/busybox ls "$T" 2>/dev/null) && break
	done
	lacks "$out" early
	wait_for 20 is_status early running
	c delete --force "$tag-early"
}
check "exec never lands in a container that is still being built" early_exec

recursive_options() {
	out=$(ct '.mounts += [{destination: "/tmp", type: "tmpfs", source: "x", options: ["rro", "rnoexec"]}]' \
		'grep " /tmp " /proc/self/mountinfo; : >/tmp/x' 2>&1) || true
	has "$out" ' ro,noexec'
	has "$out" 'Read-only file system'
}
check "recursive options hold for file systems too" recursive_options

ignored_child() {
	rc=0
	bundle seven . 'exit 7'
	(trap '' CHLD && c run --bundle "$T/seven" "$tag-seven") || rc=$?
	equal "$rc" 7
}
check "the exit code survives a caller that ignores SIGCHLD" ignored_child

small_limit() {
	equal "$(ct '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 8, hard: 8}]' 'ulimit -n')" 8
}
check "limits are the program's, not those of its making" small_limit

dead_before_start() {
	bundle filtered '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["execve"], action: "SCMP_ACT_ERRNO", errnoRet: 13}]}' true
	refuse 126 'cannot execute .*EACCES' c run --bundle "$T/filtered" "$tag-filtered"
	refuse 126 'cannot execute .*EACCES' c run --detach --bundle "$T/filtered" "$tag-filtered"
}
check "an execve that the filter refuses is not taken for a success" dead_before_start

log_records() {
	bundle logged ".process.args = [\"$(printf 'x\\"y')\"]"
	c --log "$T/log" --log-format json run --bundle "$T/logged" "$tag-logged" 2>/dev/null && fail "it ran"
	equal "$(jq -r .level "$T/log")" error
	has "$(jq -r .msg "$T/log")" 'x"y'
	c --log "$T/log.text" run --bundle "$T/logged" "$tag-logged" 2>/dev/null && fail "it ran"
	equal "$(wc -l <"$T/log.text")" 1
	has "$(cat "$T/log.text")" 'x\\"y'
}
check "a log record is one valid line, whatever the names in it" log_records

host_cgroups_hidden() {
	bundle cg '.linux.namespaces -= [{"type": "cgroup"}]' true
	refuse 125 "it would be the host's" c --cgroup-manager=disabled run --bundle "$T/cg" "$tag-cg"
}
check "without a cgroup and a cgroup namespace no cgroup tree is mounted" host_cgroups_hidden

# the options of runc and crun that cgroup v2 has nothing for
not_in_v2() {
	[ -n "$cgroups" ] || return 0
	start_ct v1
	refuse 125 'cpu.realtimePeriod: does not exist in cgroup v2' c update --cpu-rt-period 1000000 "$tag-v1"
	refuse 125 'cpu.realtimeRuntime: does not exist in cgroup v2' c update --cpu-rt-runtime=950000 "$tag-v1"
	refuse 125 'memory.kernel: does not exist in cgroup v2' c update --kernel-memory 64m "$tag-v1"
	refuse 125 'memory.kernelTCP: does not exist in cgroup v2' c update --kernel-memory-tcp 64m "$tag-v1"
	refuse 125 '[-]-l3-cache-schema: Intel RDT is not supported' c update --l3-cache-schema L3:0=f "$tag-v1"
	refuse 125 '[-]-mem-bw-schema: Intel RDT is not supported' c update --mem-bw-schema MB:0=20 "$tag-v1"
	refuse 125 'option --cpu-rt-period: `x` is not a number' c update --cpu-rt-period x "$tag-v1"
	refuse 125 'unknown option `--cpu-rt`' c update --cpu-rt 1 "$tag-v1"
	# as runc has them when nothing is asked for
	c update --cpu-rt-period 0 --cpu-rt-runtime 0 --kernel-memory 0 "$tag-v1"
	c delete --force "$tag-v1"
}
check "update refuses what cgroup v2 has nothing for, and takes the peers' zeros for it" not_in_v2

finish
