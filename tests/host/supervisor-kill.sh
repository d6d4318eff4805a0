#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# supervisor-kill.sh: cloisond is killed, again and again, and nothing is lost.
#
# PID 1's part is played by init-stand-in, which starts cloisond again. LONG=1 kills it a hundred times.
. tests/host/supervisor-lib.sh

kills=${LONG:+100}
kills=${kills:-20}
big='{"log":{"max_size":67108864,"max_file":4}}'

# kill_it - and wait until another one answers
kill_it() {
	killed=$(cloisond_pid)
	kill -KILL "$killed"
	wait_for 10 is_another "$killed"
}

is_another() {
	now=$(cloisond_pid 2>/dev/null) && [ -n "$now" ] && [ "$now" != "$1" ]
}

# Both streams, as fast as a program without a pause can, until it is told to stop; the numbers say what is
# lost, doubled or moved.
# shellcheck disable=SC2016 # for the container's shell and awk
count='
i=0
while [ ! -e /dev/shm/stop ]; do
	awk -v i=$i "BEGIN { for (j = 1; j <= 20000; j++) {
		n = i * 20000 + j; print n; if (n % 10 == 0) print n >\"/dev/stderr\" } }"
	i=$((i + 1))
done
exit 42'

no_line_is_lost() {
	run_ct counter "$count" '{"log":{"max_size":1073741824,"max_file":2}}' >/dev/null
	n=0
	while [ "$n" -lt "$kills" ]; do
		kill_it
		n=$((n + 1))
	done
	equal "$(state_of counter)" running
	"$client" -q "$socket" '{"verb":"exec","container":"counter","argv":["touch","/dev/shm/stop"]}'
	equal "$(exit_of counter)" 42
	"$client" -q "$socket" '{"verb":"logs","container":"counter"}' >"$T/got" 2>"$T/got2"
	lines=$(wc -l <"$T/got")
	[ "$lines" -ge 20000 ] || fail "only $lines lines"
	seq "$lines" | cmp - "$T/got"
	seq 10 10 "$lines" | cmp - "$T/got2"
	rm -f "$T/got" "$T/got2"
	rm_ct counter
}

# Slow enough that the kills fall everywhere: there is a line for each.
no_line_is_lost_of_a_slow_one() {
	run_ct slow 'i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo $i; [ $((i % 100)) -ne 0 ] || sleep 0.05; done; exit 3' \
		"$big" >/dev/null
	n=0
	while [ "$n" -lt "$kills" ]; do
		kill_it
		n=$((n + 1))
	done
	equal "$(exit_of slow)" 3
	seq 3000 >"$T/want"
	"$client" -q "$socket" '{"verb":"logs","container":"slow"}' >"$T/got"
	cmp "$T/want" "$T/got"
	rm_ct slow
}

no_byte_of_a_terminal_is_lost() {
	run_ct term 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); echo $i; done; exit 5' \
		'{"tty":true,"log":{"max_size":67108864,"max_file":4}}' >/dev/null
	n=0
	while [ "$n" -lt 5 ]; do
		kill_it
		n=$((n + 1))
	done
	equal "$(exit_of term)" 5
	seq 20000 >"$T/want"
	"$client" -q "$socket" '{"verb":"logs","container":"term"}' | tr -d '\r' >"$T/got"
	cmp "$T/want" "$T/got"
	rm_ct term
}

# It ends while there is no cloisond: the one before is held so that the stand-in cannot start another.
an_end_without_a_supervisor_is_told() {
	run_ct short 'echo last words; sleep 0.5; exit 9' >/dev/null
	pid=$(cloisond_pid)
	kill -STOP "$pid"
	sleep 1
	kill -KILL "$pid"
	wait_for 10 is_another "$pid"
	equal "$(exit_of short)" 9
	equal "$(logs_of short)" 'last words'
	rm_ct short
}

every_exit_status_of_many_is_told() {
	n=0
	while [ "$n" -lt 12 ]; do
		run_ct "many$n" "sleep 0.$((n % 10)); exit $((n + 20))" >/dev/null
		[ $((n % 3)) -ne 0 ] || kill_it
		n=$((n + 1))
	done
	kill_it
	n=0
	while [ "$n" -lt 12 ]; do
		equal "$(exit_of "many$n")" "$((n + 20))"
		rm_ct "many$n"
		n=$((n + 1))
	done
}

# A request that was cut off is repeated by who made it; what is there must be whole, or not be there.
a_start_is_made_or_not() {
	n=0
	while [ "$n" -lt "$kills" ]; do
		run_ct "half$n" 'echo once; sleep 100' >/dev/null 2>&1 &
		starter=$!
		sleep "0.0$((n % 10))"
		kill_it
		wait "$starter" || true
		if ask '{"verb":"ps","all":true}' | grep -q "half$n\""; then
			ask "{\"verb\":\"start\",\"container\":\"half$n\"}" >/dev/null
			wait_for 5 is_state "half$n" running
			wait_for 5 has_words "half$n"
			rm_ct "half$n"
		fi
		n=$((n + 1))
	done
	equal "$(ls "$dir/containers")" ''
}

has_words() {
	[ "$(logs_of "$1")" = once ]
}

a_policy_goes_on() {
	run_ct comes 'exit 1' '{"restart":"always"}' >/dev/null
	kill_it
	before=$(field comes .RestartCount)
	wait_for 10 restarted_more comes "$before"
	kill_it
	ask '{"verb":"stop","container":"comes"}' >/dev/null
	kill_it
	sleep 0.5
	equal "$(state_of comes)" exited
	rm_ct comes
}

restarted_more() {
	[ "$(field "$1" .RestartCount)" -gt "$2" ]
}

# three times at most: what is slow by itself is slow each time
it_is_back_in_a_second() {
	run_ct idle 'sleep 100' >/dev/null
	for _ in 1 2 3; do
		pid=$(cloisond_pid)
		begin=$(date +%s%N)
		kill -KILL "$pid"
		wait_for 10 is_another "$pid"
		took=$((($(date +%s%N) - begin) / 1000000))
		[ "$took" -ge 1000 ] || break
	done
	[ "$took" -lt 1000 ] || fail "it took longer than a second"
	equal "$(state_of idle)" running
	rm_ct idle
}

up init
check "killed $kills times: a flooding container loses no line and no exit status" no_line_is_lost
check "killed $kills times: a container that pauses loses no line" no_line_is_lost_of_a_slow_one
check "a terminal loses no byte" no_byte_of_a_terminal_is_lost
check "who ends while there is no supervisor has ended with its status" an_end_without_a_supervisor_is_told
check "the exit statuses of many are told" every_exit_status_of_many_is_told
check "killed $kills times in a start: a container is there whole, or not at all" a_start_is_made_or_not
check "a restart policy goes on, and so does a stop" a_policy_goes_on
check "it is back in a second" it_is_back_in_a_second
down

# On a host whose PID 1 keeps nothing: containers run on, and what was lost is said.
alone() {
	start_cloisond
	run_ct orphan 'sleep 100' >/dev/null
	pid=$(cloisond_pid)
	kill -KILL "$pid"
	wait "$keeper" 2>/dev/null || true
	start_cloisond
	equal "$(state_of orphan)" running
	has "$(cat "$T/cloisond.out")" 'container orphan runs on; what it writes can no longer be read'
	ask '{"verb":"stop","container":"orphan","timeout":0}' >/dev/null
	has "$(field orphan .State.Error)" 'how it ended is not known'
	rm_ct orphan
	down
}
check "without PID 1's help containers run on, and it is said what is lost" alone
# What a killed one had forked keeps the lock for a moment.
locked_for_a_moment() {
	flock "$dir" sleep 0.4 3>&- &
	sleep 0.1
	start_cloisond || fail "it did not wait: $(tail -n 1 "$T/cloisond.out")"
	rc=0
	timeout 20 "$cloisond" --dir "$dir" --root "$T/.run" >"$T/second.out" 2>&1 || rc=$?
	equal "$rc" 125
	has "$(cat "$T/second.out")" "another cloisond has .$dir.: EAGAIN"
	down
}
check "a lock that is held for a moment is waited for, one that stays is not" locked_for_a_moment

finish
