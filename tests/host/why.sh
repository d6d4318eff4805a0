#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# why.sh: `why` says what is known of an end and where it is from, and what is not known.
. tests/host/lib.sh

filter='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_KILL_PROCESS"}]}'

# log_readable - are seccomp kills in a log whose pids are ours?
log_readable() {
	[ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] && dmesg 2>/dev/null | grep -q type=1326
}

running() {
	start_ct live
	equal "$(c why "$tag-live")" "$tag-live is running
  exit status: it has not ended"
	wait_for 10 is_up live
	c kill "$tag-live" TERM
	wait_for 5 is_status live stopped
	has "$(c why "$tag-live")" '^  signal: `cloison kill` sent signal 15 at 20'
	has "$(c why "$tag-live")" 'exit status: (not known|0$)'
	c delete "$tag-live"
	refuse 125 'does not exist' c why "$tag-live"
}
check "a running container, and one that was killed" running

failed_start() {
	# `create` looks whether the program is there, not whether it can be run
	printf '#!/no/such\n' >"$T/rootfs/script"
	chmod 755 "$T/rootfs/script"
	bundle bad '.process.args = ["/script"]'
	c create --bundle "$T/bad" "$tag-bad" </dev/null >/dev/null 2>&1
	has "$(c why "$tag-bad")" "is created"
	refuse 127 'cannot execute ./script.' c start "$tag-bad"
	wait_for 5 is_status bad stopped
	has "$(c why "$tag-bad")" 'never started: cannot execute ./script.: ENOENT \(its interpreter ./no/such. does not exist\)'
	c delete "$tag-bad"
}
check "a start that failed" failed_start

seccomp_run() {
	rc=0
	bundle call "$filter | .process.args = [\"mkdir\", \"/dev/shm/x\"]"
	c run --bundle "$T/call" "$tag-call" 2>"$T/call/err" || rc=$?
	equal "$rc" 159
	if log_readable; then
		equal "$(cat "$T/call/err")" "cloison: run $tag-call: the seccomp filter killed \`mkdir\` for the system call mkdir"
	fi
	# a program that says 159 by itself was not killed
	rc=0
	bundle says "$filter" 'exit 159'
	c run --bundle "$T/says" "$tag-says" 2>"$T/says/err" || rc=$?
	equal "$rc $(cat "$T/says/err")" "159 "
}
check "a foreground run names the call that the filter killed for" seccomp_run

seccomp_detached() {
	bundle gone "$filter | .process.args = [\"mkdir\", \"/dev/shm/x\"]"
	c run --detach --bundle "$T/gone" "$tag-gone" </dev/null >/dev/null 2>&1
	wait_for 5 is_status gone stopped
	if log_readable; then
		has "$(c why "$tag-gone")" 'seccomp: the filter killed `mkdir` for the system call mkdir'
	fi
	c delete "$tag-gone"
}
check "and why names it for a detached one" seccomp_detached

oom() {
	bundle oom '.linux.resources.memory = {limit: 16777216, swap: 16777216} | .process.args = ["dd", "if=/dev/zero", "of=/dev/shm/x", "bs=1M", "count=60"]'
	c run --detach --bundle "$T/oom" "$tag-oom" </dev/null >/dev/null 2>&1
	wait_for 20 is_status oom stopped
	has "$(c why "$tag-oom")" 'out of memory: the kernel killed 1 process; the limit memory.max is 16777216 bytes(; at most [0-9]+ were used)? \(memory.events\)'
	c delete "$tag-oom"
}
if bundle limited '.linux.resources.memory = {limit: 16777216}' true && c run --bundle "$T/limited" "$tag-limited" >/dev/null 2>&1 </dev/null; then
	check "a container that was killed for memory" oom
else
	skip "a container that was killed for memory" "limits need the memory controller of cgroup v2"
fi

# zombie - a container whose first process nobody reaps: its parent sleeps
zombie() {
	bundle zombie . 'exit 130'
	CLOISON_TEST=$T sh -c '"$1" --root "$2/.run" run --detach --bundle "$2/zombie" "$3"; exec sleep 1000' x \
		"$cloison" "$T" "$tag-zombie" </dev/null >/dev/null 2>&1 &
	keeper=$!
	wait_for 5 is_status zombie stopped
	has "$(c why "$tag-zombie")" 'exit status: (not known to Cloison|130, a shell.s for signal 2 \(INT\))'
	c delete "$tag-zombie"
	kill "$keeper"
}
check "an exit status is told while it can be known" zombie

finish
