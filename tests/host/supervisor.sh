#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# supervisor.sh: cloisond through its socket: the life of containers, their logs and their exit statuses.
. tests/host/supervisor-lib.sh

runs_and_keeps_the_exit_status() {
	run_ct web 'echo out; echo err >&2; exit 7' >/dev/null
	equal "$(exit_of web)" 7
	equal "$(logs_of web 2>/dev/null)" out
	equal "$(logs_of web 2>&1 >/dev/null)" err
	equal "$(field web .State.ExitCode)" 7
	equal "$(state_of web)" exited
	rm_ct web
	has "$(ask '{"verb":"start","container":"web"}' || true)" 'no such container: web'
}

errors_are_the_runtimes() {
	answer=$(ask '{"verb":"run","image":"demo","name":"bad","argv":["/none"]}') && fail "it ran"
	has "$answer" '"error": *"start bad: cannot execute `/none`: ENOENT"'
	has "$answer" '"code": *127'
	equal "$(field bad .State.ExitCode)" 127
	equal "$(logs_of bad 2>&1)" ''
	rm_ct bad
}

a_container_is_killed_when_it_ignores_the_stop() {
	run_ct deaf 'trap "" TERM; echo up; sleep 100 & wait; sleep 100' >/dev/null
	wait_for 5 logs_are deaf up
	begin=$(date +%s)
	ask '{"verb":"stop","container":"deaf","timeout":1}' >/dev/null
	[ $(($(date +%s) - begin)) -lt 10 ] || fail "stop took too long"
	equal "$(field deaf .State.ExitCode)" 137
	rm_ct deaf
}

a_stop_is_the_signal_that_was_asked_for() {
	run_ct polite 'trap "exit 5" USR1; echo up; while :; do sleep 0.1; done' '{"stop_signal":"USR1"}' >/dev/null
	wait_for 5 logs_are polite up
	ask '{"verb":"stop","container":"polite"}' >/dev/null
	equal "$(field polite .State.ExitCode)" 5
	rm_ct polite
}

logs_are() {
	[ "$(logs_of "$1" 2>&1)" = "$2" ]
}

kill_reaches_the_first_process() {
	run_ct target 'trap "echo hup" HUP; echo up; while :; do sleep 0.05; done' >/dev/null
	wait_for 5 logs_are target up
	ask '{"verb":"kill","container":"target","signal":"HUP"}' >/dev/null
	wait_for 5 logs_are target "$(printf 'up\nhup')"
	ask '{"verb":"kill","container":"target","signal":"KILL"}' >/dev/null
	equal "$(exit_of target)" 137
	rm_ct target
}

a_name_is_taken_once_and_can_be_changed() {
	ask '{"verb":"create","image":"demo","name":"one","argv":["true"]}' >/dev/null
	has "$(ask '{"verb":"create","image":"demo","name":"one","argv":["true"]}' || true)" 'name `one` is taken'
	ask '{"verb":"rename","container":"one","name":"two"}' >/dev/null
	equal "$(state_of two)" created
	id=$(field two .Id)
	equal "$(field "$(printf '%.8s' "$id")" .Name)" two
	ask '{"verb":"start","container":"two"}' >/dev/null
	equal "$(exit_of two)" 0
	rm_ct two
}

a_name_is_invented() {
	answer=$(ask '{"verb":"create","image":"demo","argv":["true"]}')
	has "$(printf '%s' "$answer" | jq -r .name)" '^[a-z]+_[a-z]+[0-9]*$'
	rm_ct "$(printf '%s' "$answer" | jq -r .id)"
}

restart_keeps_the_container_and_its_log() {
	run_ct again 'echo run; sleep 100' >/dev/null
	wait_for 5 logs_are again run
	ask '{"verb":"restart","container":"again","timeout":0}' >/dev/null
	wait_for 5 logs_are again "$(printf 'run\nrun')"
	equal "$(state_of again)" running
	rm_ct again
}

rm_refuses_what_runs_and_force_does_not() {
	run_ct busy 'sleep 100' >/dev/null
	has "$(ask '{"verb":"rm","container":"busy"}' || true)" 'container `busy` is running'
	rm_ct busy
	equal "$(ask '{"verb":"ps","all":true}' | jq '.containers | length')" 0
}

auto_remove_leaves_nothing() {
	run_ct gone 'echo bye' '{"rm":true}' >/dev/null
	wait_for 5 no_containers
	equal "$(ls "$dir/containers")" ''
}

no_containers() {
	[ "$(ask '{"verb":"ps","all":true}' | jq '.containers | length')" = 0 ]
}

pause_stops_the_clock() {
	[ -n "$cgroups" ] || return 0
	run_ct frozen 'while :; do echo x; sleep 0.05; done' >/dev/null
	ask '{"verb":"pause","container":"frozen"}' >/dev/null
	equal "$(state_of frozen)" paused
	before=$(logs_of frozen | wc -l)
	sleep 0.5
	equal "$(logs_of frozen | wc -l)" "$before"
	ask '{"verb":"unpause","container":"frozen"}' >/dev/null
	equal "$(state_of frozen)" running
	rm_ct frozen
}

ps_lists_what_runs_and_filters() {
	run_ct first 'sleep 100' '{"labels":{"tier":"web"}}' >/dev/null
	run_ct second 'exit 3' >/dev/null
	exit_of second >/dev/null
	equal "$(ask '{"verb":"ps"}' | jq -r '.containers[].names[0]')" first
	equal "$(ask '{"verb":"ps","all":true}' | jq '.containers | length')" 2
	equal "$(ask '{"verb":"ps","all":true,"filters":{"label":["tier=web"]}}' | jq -r '.containers[].names[0]')" first
	equal "$(ask '{"verb":"ps","filters":{"status":["exited"]}}' | jq -r '.containers[].names[0]')" second
	has "$(ask '{"verb":"ps","filters":{"nope":["x"]}}' || true)" 'no filter `nope`'
	has "$(ask '{"verb":"ps"}' | jq -r '.containers[0].status')" '^Up '
	rm_ct first second
}

logs_have_times_and_ends() {
	run_ct lines 'i=0; while [ $i -lt 20 ]; do i=$((i + 1)); echo line $i; done' >/dev/null
	exit_of lines >/dev/null
	equal "$("$client" -q "$socket" '{"verb":"logs","container":"lines","tail":3}')" \
		"$(printf 'line 18\nline 19\nline 20')"
	equal "$("$client" -q "$socket" '{"verb":"logs","container":"lines","tail":0}')" ''
	equal "$("$client" -q "$socket" '{"verb":"logs","container":"lines","tail":"all"}' | wc -l)" 20
	has "$("$client" -q "$socket" '{"verb":"logs","container":"lines","tail":1,"timestamps":true}')" \
		'^20[0-9-]+T[0-9:]+\.[0-9]{9}Z line 20$'
	equal "$("$client" -q "$socket" '{"verb":"logs","container":"lines","until":"10m"}')" ''
	equal "$("$client" -q "$socket" '{"verb":"logs","container":"lines","since":"10m"}' | wc -l)" 20
	has "$(ask '{"verb":"logs","container":"lines","since":"yesterday"}' || true)" 'since: `yesterday` is neither'
	rm_ct lines
}

following_ends_with_the_container() {
	run_ct slow 'for i in 1 2 3; do echo $i; sleep 0.2; done' >/dev/null
	equal "$("$client" -q "$socket" '{"verb":"logs","container":"slow","follow":true}')" "$(printf '1\n2\n3')"
	rm_ct slow
}

a_flood_is_bounded_and_leaves_the_end() {
	run_ct flood 'i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); echo "a line of the flood, number $i"; done' \
		'{"log":{"max_size":65536,"max_file":3}}' >/dev/null
	equal "$(exit_of flood)" 0
	size=$(du -s --apparent-size -B1 "$dir/containers/$(field flood .Id)" | cut -f 1)
	[ "$size" -lt 600000 ] || fail "the log takes $size bytes"
	equal "$(logs_of flood | tail -n 1)" 'a line of the flood, number 30000'
	equal "$("$client" -q "$socket" '{"verb":"logs","container":"flood","tail":2}' | head -n 1)" \
		'a line of the flood, number 29999'
	rm_ct flood
}

on_failure_gives_up_after_so_many() {
	run_ct weak 'exit 4' '{"restart":"on-failure:2"}' >/dev/null
	wait_for 10 has_restarted weak 2
	wait_for 5 is_state weak exited
	equal "$(field weak .RestartCount)" 2
	rm_ct weak
}

has_restarted() {
	[ "$(field "$1" .RestartCount)" -ge "$2" ]
}

always_comes_back_with_a_growing_delay_until_it_is_stopped() {
	run_ct phoenix 'exit 0' '{"restart":"always"}' >/dev/null
	wait_for 10 has_restarted phoenix 3
	ask '{"verb":"stop","container":"phoenix"}' >/dev/null
	wait_for 5 is_state phoenix exited
	count=$(field phoenix .RestartCount)
	sleep 1
	equal "$(field phoenix .RestartCount)" "$count"
	[ "$count" -le 6 ] || fail "$count restarts: it did not back off"
	rm_ct phoenix
}

input_goes_in_and_output_comes_out() {
	ask '{"verb":"create","image":"demo","name":"cat","argv":["cat"],"stdin":true}' >/dev/null
	(sleep 0.3; ask '{"verb":"start","container":"cat"}' >/dev/null) &
	equal "$(printf 'one\ntwo\n' | "$client" -qi "$socket" '{"verb":"attach","container":"cat","stdin":true}')" \
		"$(printf 'one\ntwo')"
	wait
	rm_ct cat
}

several_may_attach() {
	run_ct shared 'read line; echo "got $line"; exit 2' '{"stdin":true}' >/dev/null
	for n in 1 2 3; do
		"$client" -q "$socket" '{"verb":"attach","container":"shared","logs":true}' >"$T/shared$n" &
	done
	echo hello | "$client" -qi "$socket" '{"verb":"attach","container":"shared","stdin":true}' >"$T/shared4" || true
	wait_for 5 is_state shared exited
	for n in 1 2 3 4; do
		wait_for 5 grep -qx 'got hello' "$T/shared$n"
	done
	rm_ct shared
}

detaching_leaves_the_container() {
	run_ct stays 'sleep 100' >/dev/null
	"$client" -q "$socket" '{"verb":"attach","container":"stays"}' '{"detach":true}'
	equal "$(state_of stays)" running
	"$client" -q "$socket" '{"verb":"attach","container":"stays"}' '{"signal":"KILL"}' && fail "the end was not told"
	equal "$(field stays .State.ExitCode)" 137
	rm_ct stays
}

exec_has_its_streams_and_its_status() {
	run_ct host 'sleep 100' >/dev/null
	rc=0
	out=$("$client" -q "$socket" '{"verb":"exec","container":"host","argv":["sh","-c","echo $A; id -u; pwd; exit 9"],"env":["A=b"],"user":"user","workdir":"/tmp"}') || rc=$?
	equal "$rc" 9
	equal "$out" "$(printf 'b\n1000\n/tmp')"
	rc=0
	printf 'in' | "$client" -qi "$socket" '{"verb":"exec","container":"host","argv":["cat"],"stdin":true}' >"$T/exec.out" || rc=$?
	equal "$(cat "$T/exec.out")/$rc" in/0
	rc=0
	"$client" -q "$socket" '{"verb":"exec","container":"host","argv":["/none"]}' >/dev/null 2>&1 || rc=$?
	equal "$rc" 127
	equal "$("$client" -q "$socket" '{"verb":"exec","container":"host","argv":["head","-c","3000000","/dev/zero"]}' | wc -c)" 3000000
	rm_ct host
}

exec_has_a_terminal_of_the_size_asked_for() {
	run_ct host 'sleep 100' >/dev/null
	rc=0
	out=$(timeout 20 "$client" -q "$socket" '{"verb":"exec","container":"host","argv":["sh","-c","tty; n=0; until stty size | grep -q 33 || [ $n -gt 100 ]; do n=$((n + 1)); sleep 0.1; done; stty size; exit 4"],"tty":true}' '{"resize":[33,77]}' | tr -d '\r') || rc=$?
	has "$out" '^/dev/pts/'
	has "$out" '^33 77$'
	rm_ct host
}

a_terminal_is_logged_and_attached() {
	run_ct term 'tty; read line; echo "got $line"; exit 6' '{"tty":true,"stdin":true}' >/dev/null
	rc=0
	out=$({ sleep 0.3; echo hello; sleep 1; } | timeout 20 "$client" -qi "$socket" '{"verb":"attach","container":"term","stdin":true,"logs":true}' | tr -d '\r') || rc=$?
	has "$out" '^/dev/pts/'
	has "$out" '^got hello$'
	equal "$(exit_of term)" 6
	has "$(logs_of term)" 'got hello'
	rm_ct term
}

health_turns() {
	run_ct sick 'sleep 100' '{"health":{"test":["CMD-SHELL","test -e /dev/shm/well"],"interval_ms":1000,"retries":2}}' >/dev/null
	equal "$(field sick .State.Health.Status)" starting
	wait_for 10 is_health sick unhealthy
	[ "$(field sick .State.Health.FailingStreak)" -ge 2 ] || fail "streak"
	"$client" -q "$socket" '{"verb":"exec","container":"sick","argv":["touch","/dev/shm/well"]}'
	wait_for 10 is_health sick healthy
	has "$(ask '{"verb":"ps"}' | jq -r '.containers[0].status')" '\(healthy\)'
	has "$(ask '{"verb":"events","since":"1m","follow":false}')" 'health_status: unhealthy'
	rm_ct sick
}

is_health() {
	[ "$(field "$1" .State.Health.Status)" = "$2" ]
}

a_check_that_hangs_is_killed() {
	run_ct hung 'sleep 100' '{"health":{"test":["CMD","sleep","77"],"interval_ms":100,"timeout_ms":200,"retries":1}}' >/dev/null
	wait_for 10 is_health hung unhealthy
	has "$(field hung '.State.Health.Log[0].Output')" 'longer than its time-out'
	lacks "$(ask '{"verb":"top","container":"hung"}' | jq -r '.processes[][7]' | sort | uniq -c)" '[2-9] sleep 77'
	rm_ct hung
}

readiness_comes_from_inside() {
	cp -L "$tools/datagram" "$T/rootfs/bin/datagram"
	run_ct unready 'sleep 0.5; datagram send "$NOTIFY_SOCKET" READY=1 || echo failed; sleep 100' \
		'{"sdnotify":"container"}' >"$T/ready.out"
	has "$(ask '{"verb":"events","since":"1m","follow":false}' | jq -r .Action)" '^ready$'
	equal "$(field unready .State.Ready)" true
	rm_ct unready
	rm "$T/rootfs/bin/datagram"
}

# Its program has run for long when it is stopped, and may even say that it is ready after that.
an_unready_one_has_its_time() {
	cp -L "$tools/datagram" "$T/rootfs/bin/datagram"
	for script in 'trap "sleep 0.3; echo bye; exit 6" TERM; echo up; while :; do sleep 0.05; done' \
		'trap "echo bye; datagram send $NOTIFY_SOCKET READY=1" TERM; echo up; while :; do sleep 0.05; done'; do
		run_ct unready "$script" '{"sdnotify":"container","stop_timeout":20}' >/dev/null 2>&1 &
		starter=$!
		wait_for 10 has_line unready up
		ask '{"verb":"stop","container":"unready"}' >/dev/null
		wait "$starter" || true
		has "$(logs_of unready)" bye
		rm_ct unready
	done
	rm "$T/rootfs/bin/datagram"
}

has_line() {
	logs_of "$1" 2>/dev/null | grep -qx "$2"
}

events_tell_the_life() {
	run_ct life 'exit 2' >/dev/null
	exit_of life >/dev/null
	rm_ct life
	equal "$(ask '{"verb":"events","since":"1m","follow":false,"filters":{"container":["life"]}}' | jq -r 'select(.Action) | .Action' | tr '\n' ' ')" \
		'create start die destroy '
}

stats_and_top_show_the_processes() {
	run_ct load 'sleep 100 & sleep 100' >/dev/null
	stats=$(ask '{"verb":"stats","containers":["load"],"stream":false}' | jq -c 'select(.containers) | .containers[0]')
	equal "$(printf '%s' "$stats" | jq -r .name)" load
	has "$(ask '{"verb":"top","container":"load"}' | jq -r '.processes[][7]')" 'sleep 100'
	rm_ct load
}

update_changes_the_policy() {
	run_ct changed 'sleep 100' >/dev/null
	ask '{"verb":"update","container":"changed","restart":"on-failure:3"}' >/dev/null
	equal "$(field changed .HostConfig.RestartPolicy.Name)" on-failure
	equal "$(field changed .HostConfig.RestartPolicy.MaximumRetryCount)" 3
	has "$(ask '{"verb":"update","container":"changed","restart":"sometimes"}' || true)" 'restart: `sometimes`'
	rm_ct changed
}

# A client that asks for more than it reads, and one that says half of something.
nobody_holds_the_others_up() {
	run_ct flood 'head -c 8000000 /dev/zero | tr "\0" x; echo; sleep 100' '{"log":{"max_size":16777216}}' >/dev/null
	"$client" -q "$socket" '{"verb":"logs","container":"flood","follow":true}' | (sleep 100) &
	slow=$!
	sleep 0.3
	begin=$(date +%s%N)
	for n in 1 2 3 4 5 6 7 8 9 10; do
		answers
	done
	[ $((($(date +%s%N) - begin) / 1000000)) -lt 5000 ] || fail "ten requests took longer than 5 s"
	memory=$(awk '/^Rss:/ { print $2 }' "/proc/$(cloisond_pid)/smaps_rollup")
	[ "$memory" -lt 2048 ] || fail "it uses $memory KiB"
	pkill -P $$ -x sleep || true
	kill "$slow" 2>/dev/null || true
	rm_ct flood
}

# Its limits are those of a client: a hundred and more that say nothing are refused, and nothing else suffers.
many_clients_are_bounded() {
	pids=
	for n in $(seq 140); do
		"$client" -q "$socket" '{"verb":"events"}' >>"$T/many" 2>&1 &
		pids="$pids $!"
	done
	wait_for 10 grep -q . "$T/many" || true
	sleep 0.5
	has "$(ask '{"verb":"version"}' || true)" 'too many clients'
	# shellcheck disable=SC2086 # these are several
	kill $pids 2>/dev/null || true
	wait_for 5 answers
}

a_held_supervisor_loses_nothing() {
	run_ct held 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); echo $i; done; exit 8' \
		'{"log":{"max_size":16777216}}' >/dev/null
	pid=$(cloisond_pid)
	kill -STOP "$pid"
	sleep 1
	kill -CONT "$pid"
	equal "$(exit_of held)" 8
	seq 20000 >"$T/want"
	logs_of held | cmp - "$T/want"
	rm_ct held
}

strangers_are_refused() {
	chmod 755 "$dir"
	chmod 666 "$socket"
	has "$(setpriv --reuid 1000 --regid 1000 --clear-groups "$client" "$socket" '{"verb":"version"}' || true)" 'permission denied'
	chmod 600 "$socket"
}

nonsense_is_refused() {
	has "$(ask '{"verb":"fly"}' || true)" 'unknown verb `fly`'
	has "$(ask '[1]' || true)" 'a request is a JSON object'
	has "$(ask '{"verb":"ps","all":7}' || true)" 'all: must be true or false'
	has "$(ask '{"verb":"ps"' || true)" 'request'
	has "$(ask '{"verb":"run","image":"none","argv":["x"]}' || true)" 'none'
	equal "$(ls "$dir/containers")" ''
}

up alone
check "a container runs, and its output and exit status are kept" runs_and_keeps_the_exit_status
check "an error of the runtime reaches the client and not the log" errors_are_the_runtimes
check "a container that ignores the stop is killed after the time-out" a_container_is_killed_when_it_ignores_the_stop
check "stop sends the container's own signal" a_stop_is_the_signal_that_was_asked_for
check "kill reaches the first process" kill_reaches_the_first_process
check "a name is taken once and can be changed" a_name_is_taken_once_and_can_be_changed
check "a container without a name gets one" a_name_is_invented
check "a restart keeps the container and its log" restart_keeps_the_container_and_its_log
check "rm refuses what runs, and with force does not" rm_refuses_what_runs_and_force_does_not
check "a container that removes itself leaves nothing" auto_remove_leaves_nothing
check "pause stops a container and unpause lets it go on" pause_stops_the_clock
check "ps lists what runs, and filters" ps_lists_what_runs_and_filters
check "logs have times, a tail and limits" logs_have_times_and_ends
check "who follows the logs sees the end of the container" following_ends_with_the_container
check "the log of a flood is bounded and keeps its end" a_flood_is_bounded_and_leaves_the_end
check "on-failure gives up after so many restarts" on_failure_gives_up_after_so_many
check "always comes back, later each time, until it is stopped" always_comes_back_with_a_growing_delay_until_it_is_stopped
check "attach gives input and shows output" input_goes_in_and_output_comes_out
check "several clients may attach" several_may_attach
check "to detach leaves the container, and a signal reaches it" detaching_leaves_the_container
check "exec has streams, user, directory, environment and exit status" exec_has_its_streams_and_its_status
check "exec has a terminal of the size asked for" exec_has_a_terminal_of_the_size_asked_for
check "a container's terminal is logged and can be attached to" a_terminal_is_logged_and_attached
check "health is starting, unhealthy, healthy as the check says" health_turns
check "a check that hangs is killed and has failed" a_check_that_hangs_is_killed
check "readiness from inside a container reaches the client" readiness_comes_from_inside
check "one that is not ready yet has its time to stop" an_unready_one_has_its_time
check "events tell the life of a container" events_tell_the_life
check "stats and top show what runs" stats_and_top_show_the_processes
check "update changes the restart policy" update_changes_the_policy
check "a client that does not read holds nobody up, and costs little" nobody_holds_the_others_up
check "clients are bounded in number" many_clients_are_bounded
check "stopped and continued, it has lost nothing" a_held_supervisor_loses_nothing
check "who is not root is refused" strangers_are_refused
check "nonsense is refused, and leaves nothing" nonsense_is_refused
down

# datagram prints the first message and ends; who comes after it hears the next.
hears() {
	rm -f "$T/manager" "$T/said"
	"$tools/datagram" receive "$T/manager" >"$T/said" &
	wait_for 5 grep -q listening "$T/said"
}

the_manager_hears_that_it_is_ready_and_alive() {
	hears
	start_cloisond NOTIFY_SOCKET="$T/manager" WATCHDOG_USEC=300000
	wait_for 5 grep -q READY=1 "$T/said"
	hears
	wait_for 5 grep -q WATCHDOG=1 "$T/said"
	pid=$(cloisond_pid)
	kill -STOP "$pid"
	hears
	sleep 0.5
	lacks "$(cat "$T/said")" WATCHDOG
	kill -CONT "$pid"
	wait_for 5 grep -q WATCHDOG=1 "$T/said"
	down
}
check "the service manager hears that it is ready, and of its loop as long as it turns" the_manager_hears_that_it_is_ready_and_alive

idle_costs_nothing() {
	start_cloisond
	run_ct idle 'sleep 100' >/dev/null
	pid=$(cloisond_pid)
	sleep 0.5
	before=$(grep ctxt_switches "/proc/$pid/status")
	sleep 3
	equal "$(grep ctxt_switches "/proc/$pid/status")" "$before"
	rm_ct idle
	down
}
check "an idle supervisor is not woken up" idle_costs_nothing

# The figure of the whole is the slope: base and one container more.
a_container_costs_little() {
	start_cloisond
	run_ct c0 'sleep 100' >/dev/null
	pid=$(cloisond_pid)
	before=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")
	for n in $(seq 20); do
		run_ct "c$n" 'sleep 100' >/dev/null
	done
	after=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")
	[ $(((after - before) / 20)) -le 32 ] || fail "$(((after - before) / 20)) KiB for each container"
	for n in $(seq 0 20); do
		rm_ct "c$n"
	done
	down
}
check "an idle container costs at most 32 KiB" a_container_costs_little
finish
