#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# containerd.sh: containerd 1.6 and its ctr over the runtime, for all but limits (limits.sh has those).
. tests/engines/lib.sh
. tests/engines/containerd.lib.sh

relays() {
	code 7 run_box --rm "$box" aa sh -c 'echo out; exit 7'
	has "$said" '^out$'
	code 1 run_box --rm "$box" ab no-such-program
	has "$said" 'no-such-program'
}

known() {
	run_box -d "$box" bb sleep 1000
	equal "$(task_state bb)" RUNNING
	is_ours /run/containerd/runc/default bb "$(task_pid bb)"
	remove bb
}

exec_() {
	run_box -d "$box" cc sleep 1000
	code 3 ctr task exec --exec-id one --cwd /tmp --user 1000 cc sh -c 'echo "$(pwd) $(id -u)"; exit 3'
	equal "$said" "/tmp 1000"
	equal "$(echo typed | ctr task exec --exec-id two cc cat)" typed
	said=$(script -qec 'ctr task exec -t --exec-id three cc tty' /dev/null </dev/null)
	has "$said" '/dev/pts/0'
	has "$(ctr task ps cc)" "$(task_pid cc)"
	remove cc
}

# has_counted NUMBER - the container that counts into $ticks
has_counted() {
	[ "$(cat "$ticks")" -ge "$1" ]
}

pause() {
	run_box -d "$box" dd sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/new; mv /tmp/new /tmp/ticks; sleep 0.05; done'
	ticks=/proc/$(task_pid dd)/root/tmp/ticks
	wait_for 5 test -s "$ticks"
	ctr task pause dd
	equal "$(task_state dd)" PAUSED
	before=$(cat "$ticks")
	sleep 0.5
	equal "$(cat "$ticks")" "$before"
	ctr task resume dd
	equal "$(task_state dd)" RUNNING
	wait_for 10 has_counted $((before + 2))
	remove dd
}

metrics() {
	run_box -d "$box" ee sleep 1000
	has "$(ctr task metrics ee)" '^ee +'
	remove ee
}

kill_() {
	run_box -d "$box" ff sh -c 'trap "exit 9" TERM; touch /tmp/ready; while :; do sleep 0.1; done'
	wait_for 5 test -e "/proc/$(task_pid ff)/root/tmp/ready"
	code 1 ctr task delete ff
	ctr task kill -s TERM ff
	wait_for 5 is_stopped ff
	code 0 ctr task delete ff
	has "$said" 'exit code 9$|exit code 9"$'
	ctr container delete ff
	run_box -d "$box" gg sleep 1000
	ctr task kill -s KILL --all gg
	wait_for 5 is_stopped gg
	code 0 ctr task delete gg
	has "$said" 'exit code 137'
	ctr container delete gg
}

settings() {
	said=$(run_box --rm --read-only --env A=b --mount "type=bind,src=$T,dst=/mnt,options=rbind:ro" \
		--seccomp "$box" hh sh -c 'echo $A; touch /no 2>&1; touch /mnt/no 2>&1
		grep ^Seccomp: /proc/self/status')
	for line in '^b$' '/no: Read-only' '/mnt/no: ' '^Seccomp:.2$'; do
		has "$said" "$line"
	done
}

left() {
	equal "$(ctr container ls -q)" ""
	if [ "$RUNTIME" = cloison ]; then
		equal "$(known_to /run/containerd/runc/default)" ""
	fi
	equal "$(find /sys/fs/cgroup/engines -mindepth 1 -type d)" ""
	wait_for 5 no_shims
	equal "$(grep /run/containerd/io /proc/self/mountinfo)" ""
}

no_shims() {
	! pgrep containerd-shim
}

start_containerd
check "run relays output and exit code, and names what cannot be run" relays
check "a task runs, and the runtime knows it" known
check "exec has directory, user, input, a terminal, exit code; ps shows the processes" exec_
check "a paused task stands still and goes on" pause
check "metrics are printed" metrics
check "kill ends a task, a stopped one is deleted with its exit code" kill_
check "environment, user, mounts and seccomp arrive" settings
check "nothing is left when containers are removed" left
finish
