#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# killed.sh: the runtime is killed at any moment of its work; `delete --force` then leaves nothing.
#
# The delays are spread over the time that a run takes here and now, so that they fall into the
# work and not behind it. LONG=1 tries many more.
. tests/host/lib.sh

tries=20
fewer=10
[ -z "${LONG:-}" ] || tries=400 fewer=200

# microseconds that COMMAND takes
duration_us() {
	from=$(date +%s%N)
	"$@" >/dev/null 2>&1 </dev/null
	echo $((($(date +%s%N) - from) / 1000))
}

# kill_during DELAY_US COMMAND... - start it, wait, SIGKILL it
kill_during() {
	delay=$1
	shift
	CLOISON_TEST=$T "$cloison" --root "$T/.run" "$@" >/dev/null 2>&1 </dev/null &
	victim=$!
	sleep "$(awk "BEGIN { print $delay / 1000000 }")"
	kill -KILL "$victim" 2>/dev/null || true
	wait "$victim" 2>/dev/null || true
}

# no_process - all of them gone, within a moment
no_process() {
	[ -z "$(our_processes)" ]
}

# sweep NAME VERB... - kill VERB at $tries moments
sweep() {
	name=$1
	shift
	span=$(duration_us c "$@" --bundle "$T/$name" "$tag-$name")
	c delete --force "$tag-$name"
	i=0
	while [ "$i" -lt "$tries" ]; do
		kill_during $((span * i / tries)) "$@" --bundle "$T/$name" "$tag-$name-$i"
		c state "$tag-$name-$i" >/dev/null 2>&1 || true
		c delete --force "$tag-$name-$i"
		[ -z "$(left_over)" ] || wait_for 2 no_process || fail "try $i of $tries: $(left_over)"
		i=$((i + 1))
	done
}

during() {
	bundle "$1" "$2" "$3"
	shift 3
	sweep "$@"
}
check "a run killed at any moment leaves nothing after delete --force" during run . 'sleep 0.01' run run
check "a create killed at any moment leaves nothing after delete --force" \
	during create . 'sleep 1000' create create
check "a detached run killed at any moment leaves nothing after delete --force" \
	during detached . 'sleep 1000' detached run --detach
check "the same with a user namespace" during user '.linux.namespaces += [{"type": "user"}] |
	.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
	.linux.gidMappings = .linux.uidMappings' 'sleep 1000' user create

killed_delete() {
	bundle del . 'sleep 1000'
	i=0
	while [ "$i" -lt "$fewer" ]; do
		start_ct "del$i"
		kill_during $((i * 10000 / fewer)) delete --force "$tag-del$i"
		c delete --force "$tag-del$i"
		i=$((i + 1))
	done
}
check "a delete killed at any moment is finished by the next one" killed_delete

killed_start() {
	bundle start . 'sleep 1000'
	i=0
	while [ "$i" -lt "$fewer" ]; do
		c create --bundle "$T/start" "$tag-start$i" >/dev/null
		kill_during $((i * 8000 / fewer)) start "$tag-start$i"
		has "$(c state "$tag-start$i" | jq -r .status)" '^(created|running|stopped)$'
		c delete --force "$tag-start$i"
		i=$((i + 1))
	done
}
check "a start killed at any moment leaves a container that can be deleted" killed_start

killed_exec() {
	start_ct exec
	i=0
	while [ "$i" -lt "$fewer" ]; do
		kill_during $((i * 12000 / fewer)) exec "$tag-exec" true
		i=$((i + 1))
	done
	equal "$(c exec "$tag-exec" echo fine)" fine
	wait_for 5 sh -c "[ \"\$(wc -l <'$cgroups/cloison/$tag-exec/cgroup.procs')\" -le 2 ]" ||
		fail "processes are left: $(cat "$cgroups/cloison/$tag-exec/cgroup.procs")"
	c delete --force "$tag-exec"
}
check "an exec killed at any moment leaves the container as it was" killed_exec

killed_foreground() {
	bundle fore . 'sleep 1000'
	CLOISON_TEST=$T "$cloison" --root "$T/.run" run --bundle "$T/fore" "$tag-fore" </dev/null >/dev/null 2>&1 &
	run=$!
	wait_for 10 is_status fore running
	kill -KILL "$run"
	wait "$run" 2>/dev/null || true
	has "$(status_of fore)" '^(running|stopped)$'
	c delete --force "$tag-fore"
}
check "a foreground run that is killed while its container runs can be deleted" killed_foreground

finish
