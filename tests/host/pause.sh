#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pause.sh: a container's processes as a whole: paused, resumed, listed, signalled.
# shellcheck source-path=SCRIPTDIR/../..
. tests/host/lib.sh

[ -n "$cgroups" ] || skip_all "needs a cgroup v2 tree"

cgroup_of() {
	echo "$cgroups/cloison/$tag-$1"
}

# ticks NAME - how often the container's program has gone round
ticks() {
	wc -c <"$T/$1/ticks"
}

# start_ticking NAME - a container that adds a byte to a file again and again
start_ticking() {
	mkdir -p "$T/$1"
	: >"$T/$1/ticks"
	bundle "$1" ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$T/$1\", options: [\"bind\"]}]" \
		'while :; do echo -n x >>/mnt/ticks; usleep 2000; done'
	c run --detach --bundle "$T/$1" "$tag-$1" </dev/null >"$T/$1/out" 2>&1
}

goes_on() {
	[ "$(ticks "$1")" -gt "$2" ]
}

paused_and_resumed() {
	start_ticking p
	wait_for 5 goes_on p 0
	c pause "$tag-p"
	equal "$(status_of p)" paused
	has "$(c list)" "^$tag-p +[0-9]+ +paused "
	before=$(ticks p)
	sleep 0.2
	equal "$(ticks p)" "$before"
	c resume "$tag-p"
	equal "$(status_of p)" running
	wait_for 5 goes_on p "$before"
	c delete --force "$tag-p"
}

wrong_states() {
	start_ticking w
	refuse 125 "resume $tag-w: container .* is running, not paused" c resume "$tag-w"
	c pause "$tag-w"
	refuse 125 "pause $tag-w: container .* is paused, not running" c pause "$tag-w"
	refuse 125 "exec $tag-w: container .* is paused" c exec "$tag-w" true
	refuse 125 "delete $tag-w: container .* is paused" c delete "$tag-w"
	c delete --force "$tag-w"
	refuse 125 'pause .*does not exist' c pause "$tag-w"
}

killed_while_paused() {
	start_ticking k
	c pause "$tag-k"
	c kill "$tag-k" KILL
	wait_for 5 is_status k stopped
	c delete "$tag-k"
	start_ticking k
	c pause "$tag-k"
	c kill --all "$tag-k" KILL
	wait_for 5 is_status k stopped
	c delete "$tag-k"
}

signal_waits_for_resume() {
	start_ct s
	wait_for 10 is_up s
	c pause "$tag-s"
	c kill "$tag-s" TERM
	sleep 0.2
	equal "$(status_of s)" paused
	c resume "$tag-s"
	wait_for 5 is_status s stopped
	c delete "$tag-s"
}

# exec_paused NAME - exec --ignore-paused, in the background: $waiting is its pid
exec_paused() {
	# not c: timeout would be between us and it
	CLOISON_TEST=$T "$cloison" --root "$T/.run" exec --ignore-paused "$tag-$1" echo on >"$T/$1/on" 2>"$T/$1/err" </dev/null &
	waiting=$!
	wait_for 10 polls "$waiting"
	sleep 0.3
	kill -0 "$waiting"
	[ ! -s "$T/$1/on" ]
}

# polls PID - it sleeps in poll or ppoll, by their numbers on x86_64 and aarch64
polls() {
	grep -q -E '^(7|271|73) ' "/proc/$1/syscall"
}

exec_waits() {
	start_ct e
	c pause "$tag-e"
	for signal in TERM:143 HUP:129 USR1:138; do
		exec_paused e
		kill -"${signal%:*}" "$waiting"
		rc=0
		wait "$waiting" || rc=$?
		equal "$rc" "${signal#*:}"
		equal "$(cat "$T/e/err")" ""
	done
	exec_paused e
	c resume "$tag-e"
	wait "$waiting"
	equal "$(cat "$T/e/on")" on
	equal "$(c ps --format json "$tag-e" | jq length)" 2
	# no second time
	equal "$(c exec --ignore-paused "$tag-e" echo on)" on
	c pause "$tag-e"
	exec_paused e
	c kill "$tag-e" KILL
	rc=0
	wait "$waiting" || rc=$?
	equal "$rc" 125
	clear_error "$T/e/err"
	has "$(cat "$T/e/err")" 'ended while it was paused'
	wait_for 5 is_status e stopped
	c delete "$tag-e"
}

no_cgroup() {
	bundle n . 'sleep 1000'
	c --cgroup-manager disabled run --detach --bundle "$T/n" "$tag-n" </dev/null >"$T/n/out" 2>&1
	refuse 125 'has no cgroup' c pause "$tag-n"
	refuse 125 'has no cgroup' c ps "$tag-n"
	c delete --force "$tag-n"
}

ps_lists() {
	start_ct l
	wait_for 5 two_processes l
	pids=$(c ps --format json "$tag-l")
	printf '%s' "$pids" | jq -e --argjson first "$(pid_of l)" \
		'length == 2 and .[0] == $first and (map(type) | unique) == ["number"]'
	table=$(c ps "$tag-l")
	has "$table" '^UID +PID +PPID '
	equal "$(printf '%s\n' "$table" | wc -l)" 3
	equal "$(c ps "$tag-l" -- -o pid,args -e | awk 'NR == 1 { print $1, $2 } $2 == "sleep" { print $1, $2 }')" \
		"PID COMMAND
$(printf '%s' "$pids" | jq '.[1]') sleep"
	refuse 125 'no column PID' c ps "$tag-l" -o args
	refuse 125 'use table or json' c ps --format yaml "$tag-l"
	c delete --force "$tag-l"
}

two_processes() {
	[ "$(c ps --format json "$tag-$1" | jq length)" -eq 2 ]
}

# sub_cgroups NAME - move the container's second process two cgroups further down
sub_cgroups() {
	mkdir -p "$(cgroup_of "$1")/a/b"
	wait_for 5 two_processes "$1"
	c ps --format json "$tag-$1" | jq '.[1]' >"$(cgroup_of "$1")/a/b/cgroup.procs"
	equal "$(wc -l <"$(cgroup_of "$1")/cgroup.procs")" 1
}

# both_up NAME - both its shells have set their traps
both_up() {
	[ "$(grep -c '^up$' "$T/$1/out")" -eq 2 ]
}

below_is_listed_and_signalled() {
	bundle t . 'sh -c "trap \"\" HUP; trap \"exit 0\" USR1; echo up; while :; do usleep 10000; done" & trap "" USR1; echo up; wait; sleep 1000'
	c run --detach --bundle "$T/t" "$tag-t" </dev/null >"$T/t/out" 2>&1
	mkdir -p "$(cgroup_of t)/a/b"
	wait_for 10 both_up t
	below=$(c ps --format json "$tag-t" | jq '.[1]')
	echo "$below" >"$(cgroup_of t)/a/b/cgroup.procs"
	[ -d "/proc/$below" ]
	has "$(c ps --format json "$tag-t")" "$below"
	c kill --all "$tag-t" USR1
	equal "$(cat "$(cgroup_of t)/cgroup.freeze")" 0
	wait_for 5 gone "$below"
	equal "$(status_of t)" running
	c delete --force "$tag-t"
}

gone() {
	[ ! -d "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status"
}

all_in_below_when_paused() {
	start_ct a
	sub_cgroups a
	c pause "$tag-a"
	c delete --force "$tag-a"
}

# The processes of a threaded cgroup are listed above it.
threaded() {
	start_ct th
	wait_for 5 two_processes th
	mkdir "$(cgroup_of th)/threads"
	echo threaded >"$(cgroup_of th)/threads/cgroup.type"
	c ps --format json "$tag-th" | jq '.[1]' >"$(cgroup_of th)/threads/cgroup.threads"
	if cat "$(cgroup_of th)/threads/cgroup.procs"; then fail "it is not threaded"; fi
	equal "$(c ps --format json "$tag-th" | jq length)" 2
	c kill --all "$tag-th" TERM
	wait_for 5 is_status th stopped
	c delete "$tag-th"
}

nested_deep() {
	start_ct d
	(
		cd "$(cgroup_of d)"
		name=0123456789012345678901234567890123456789012345678901234567890123456789
		i=0
		while [ "$i" -lt 100 ]; do
			mkdir "$name" || break
			cd "$name" || break
			i=$((i + 1))
		done
		echo "$i" >"$T/depth"
	)
	[ "$(cat "$T/depth")" -gt 20 ]
	c delete --force "$tag-d"
}

check paused_and_resumed_a_container_stops_and_goes_on paused_and_resumed
check what_does_not_fit_the_state_is_refused wrong_states
check SIGKILL_reaches_a_paused_container killed_while_paused
check another_signal_waits_until_it_is_resumed signal_waits_for_resume
check exec_that_ignores_the_pause_waits_for_its_end_or_a_signal exec_waits
check without_a_cgroup_pause_and_ps_say_so no_cgroup
check ps_lists_the_containers_processes_only ps_lists
check ps_and_kill_all_reach_the_cgroups_below below_is_listed_and_signalled
check delete_removes_a_paused_tree all_in_below_when_paused
check the_processes_of_a_threaded_cgroup_are_listed_once_and_signalled threaded
check delete_removes_cgroups_nested_deeper_than_a_path_can_name nested_deep
finish
