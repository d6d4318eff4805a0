#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# supervisor-boot.sh: what cloisond makes of containers of another boot, and how it stops all of them.
#
# The boot is a file that is mounted over the kernel's boot id, for cloisond alone; a power cut is to kill it with all
# containers and to remove what the runtime has of them.
. tests/host/supervisor-lib.sh

busy='trap "exit 3" TERM; echo up; while :; do sleep 0.05; done'
deaf='trap "" TERM; echo up; while :; do sleep 0.05; done'

# try SENTENCE FUNCTION... - each with a directory of its own, so that what one has left is not in another's way
nth=0
try() {
	nth=$((nth + 1))
	dir=$T/d$nth
	socket=$dir/socket
	check "$@"
	pid=$(cloisond_pid 2>/dev/null)
	[ -z "$pid" ] || kill -KILL "$pid"
	! mountpoint -q "$dir" || umount -l "$dir"
}

# boot NUMBER
boot() {
	printf '01234567-89ab-4cde-8f01-23456789ab%02d\n' "$1" >"$T/boot_id"
	# shellcheck disable=SC2016 # for the inner shell
	start_cloisond unshare -m sh -c 'mount --make-rprivate / &&
		mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$T/boot_id"
}

cut_power() {
	kill -KILL "$(cloisond_pid)"
	wait "$keeper" 2>/dev/null || true
	keeper=
	our_processes | while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done
	for state in "$T"/.run/*; do
		[ ! -d "$state" ] || c delete --force "${state##*/}"
	done
}

# up_ct NAME SCRIPT [JSON] - and wait until it says so
up_ct() {
	run_ct "$@" >/dev/null
	wait_for 10 has_said_up "$1"
}

has_said_up() {
	[ -n "$(logs_of "$1")" ]
}

# has_ups NAME NUMBER - it has said so that often
has_ups() {
	[ "$(logs_of "$1" | grep -c '^up$')" -ge "$2" ]
}

is_gone() {
	! ask "{\"verb\":\"inspect\",\"containers\":[\"$1\"]}" >/dev/null
}

a_killed_supervisor_is_no_reboot() {
	boot 1
	up_ct stays "$busy"
	kill -KILL "$(cloisond_pid)"
	wait "$keeper" 2>/dev/null || true
	boot 1
	equal "$(state_of stays)" running
	rm_ct stays
	down
}

after_a_power_cut() {
	boot 1
	up_ct ran "$busy"
	up_ct again "$busy" '{"restart":"always"}'
	up_ct hand "$busy" '{"restart":"unless-stopped"}'
	up_ct passing "$busy" '{"rm":true}'
	run_ct ended 'exit 5' >/dev/null
	exit_of ended >/dev/null
	ask '{"verb":"stop","container":"hand"}' >/dev/null
	cut_power
	boot 2
	wait_for 10 is_state again running
	wait_for 10 has_ups again 2
	equal "$(state_of ran) $(field ran .State.ExitCode)" 'exited 255'
	equal "$(field ran .State.Error)" 'how it ended is not known: the host went down while it ran'
	equal "$(state_of ended) $(field ended .State.ExitCode)" 'exited 5'
	equal "$(state_of hand) $(field hand .State.ExitCode)" 'exited 3'
	is_gone passing
	equal "$(logs_of ran)" up
	# and once more, with one that the first has left as it was
	cut_power
	boot 3
	wait_for 10 is_state again running
	equal "$(state_of ended) $(field ended .State.ExitCode)" 'exited 5'
	wait_for 10 has_ups again 3
	equal "$(logs_of again | sort | uniq -c | tr -d ' ')" 3up
	rm_ct ran again hand ended
	down
}

# The number that a container had is another's now, and even its start time fits.
a_pid_of_another_boot_is_nobodys() {
	boot 1
	up_ct old "$busy"
	id=$(field old .Id)
	cut_power
	sleep 100 &
	stranger=$!
	ticks=$(sed 's/.*) //' "/proc/$stranger/stat" | cut -d ' ' -f 20)
	sed -i "s/^pid .*/pid $stranger/; s/^start-ticks .*/start-ticks $ticks/" "$dir/containers/$id/state" "$dir/containers/$id/state.kept"
	boot 2
	equal "$(state_of old) $(field old .State.ExitCode)" 'exited 255'
	rm_ct old
	kill -0 "$stranger" || fail "a stranger was killed"
	kill "$stranger"
	down
}

who_joins_comes_after_the_other() {
	boot 1
	up_ct other "$busy" '{"restart":"always"}'
	for n in 1 2 3; do
		up_ct "join$n" "$busy" '{"restart":"always","namespaces":{"uts":"container:other"}}'
	done
	cut_power
	boot 2
	for n in 1 2 3; do
		wait_for 10 is_state "join$n" running
		equal "$(field "join$n" .RestartCount)" 0
		equal "$(readlink "/proc/$(field "join$n" .State.Pid)/ns/uts")" \
			"$(readlink "/proc/$(field other .State.Pid)/ns/uts")"
	done
	rm_ct join1 join2 join3 other
	down
}

# Neither was told to anybody: a directory without all its files, and one whose files never came to the disk.
what_was_cut_off_goes() {
	boot 1
	mkdir "$dir/containers/$(printf '%064d' 1)" "$dir/containers/$(printf '%064d' 2)"
	echo '{}' >"$dir/containers/$(printf '%064d' 1)/request.json"
	for file in request.json config.json state; do
		: >"$dir/containers/$(printf '%064d' 2)/$file"
	done
	mkdir "$dir/containers/$(printf '%064d' 3)"
	for file in request.json config.json state; do
		head -c 196 /dev/zero >"$dir/containers/$(printf '%064d' 3)/$file"
	done
	cut_power
	boot 2
	equal "$(ls "$dir/containers")" ''
	down
}

# What was told is there, though the power went while its files were replaced.
what_was_told_survives_empty_files() {
	boot 1
	up_ct told "$busy"
	run_ct half 'exit 5' >/dev/null
	exit_of half >/dev/null
	ask '{"verb":"update","container":"told","restart":"always"}' >/dev/null
	told=$(field told .Id)
	half=$(field half .Id)
	cut_power
	for file in request.json config.json state; do
		rm "$dir/containers/$told/$file"
		head -c 196 /dev/zero >"$dir/containers/$told/$file"
	done
	rm "$dir/containers/$half/request.json" "$dir/containers/$half/request.json.kept"
	boot 2
	wait_for 10 is_state told running
	equal "$(field told .HostConfig.RestartPolicy.Name)" always
	[ -e "$dir/containers/$half/state" ] || fail "one that was told of was removed"
	has "$(cat "$T/cloisond.out")" "container $(printf '%.12s' "$half") is left alone"
	rm_ct told
	down
	equal "$(ls "$dir/containers")" "$half"
}

a_directory_of_the_host_is_made_again() {
	boot 1
	up_ct mounts "$busy" "{\"restart\":\"always\",\"mounts\":[{\"type\":\"bind\",\"source\":\"$T/made\",\"target\":\"/tmp\",\"create\":true}]}"
	cut_power
	rmdir "$T/made"
	boot 2
	wait_for 10 is_state mounts running
	rm_ct mounts
	down
}

# went_down - it was told to stop all: wait for its end, which takes at most $1 seconds
went_down() {
	begin=$(date +%s)
	(sleep $(($1 + 5)) && kill -KILL "$keeper") >/dev/null 2>&1 &
	limit=$!
	wait "$keeper" || fail "cloisond: status $?"
	keeper=
	kill "$limit"
	[ $(($(date +%s) - begin)) -le "$1" ] || fail "it took $(($(date +%s) - begin)) s"
}

all_are_stopped_at_sigpwr() {
	boot 1
	up_ct polite "$busy"
	up_ct own 'trap "exit 6" USR1; echo up; while :; do sleep 0.05; done' '{"stop_signal":"USR1"}'
	up_ct slow "$deaf" '{"stop_timeout":1}'
	up_ct again "$busy" '{"restart":"unless-stopped"}'
	up_ct hand "$busy" '{"restart":"unless-stopped"}'
	up_ct passing "$busy" '{"rm":true}'
	ask '{"verb":"stop","container":"hand"}' >/dev/null
	kill -PWR "$(cloisond_pid)"
	went_down 30
	equal "$(our_processes | wc -l)" 0
	boot "$1"
	wait_for 10 is_state again running
	equal "$(state_of polite) $(field polite .State.ExitCode)" 'exited 3'
	equal "$(field polite .State.Error)" ''
	equal "$(state_of own) $(field own .State.ExitCode)" 'exited 6'
	equal "$(state_of slow) $(field slow .State.ExitCode)" 'exited 137'
	equal "$(state_of hand) $(field hand .State.ExitCode)" 'exited 3'
	is_gone passing
	rm_ct polite own slow again hand
	down
}

# Whatever the disk has no room for: what is on it is there.
full_disks_hide_nothing() {
	mkdir -p "$dir"
	mount -t tmpfs -o size=512k,mode=755 none "$dir"
	boot 1
	run_ct ended 'echo one; sleep 0.2; echo two; exit 5' >/dev/null
	exit_of ended >/dev/null
	id=$(field ended .Id)
	cut_power
	: >"$dir/containers/$id/i.1"
	dd if=/dev/zero of="$dir/full" bs=4096 2>/dev/null && fail "it is not full"
	boot 2
	equal "$(state_of ended) $(field ended .State.ExitCode)" 'exited 5'
	has "$(cat "$T/cloisond.out")" 'no index of its last 8 bytes: ENOSPC'
	kill -KILL "$(cloisond_pid)"
	wait "$keeper" 2>/dev/null || true
	rm "$dir/full"
	boot 2
	equal "$(logs_of ended)" 'one
two'
	rm_ct ended
	down
	umount "$dir"
}

volumes_go_with_it() {
	printf '#!/bin/sh\n[ "$1" != purge ] || { sleep 1; echo "$2" >>%s/purged; }\nexec %s "$@"\n' \
		"$T" "$cloison" >"$T/slow-purge"
	chmod 755 "$T/slow-purge"
	export CLOISON_RUNTIME="$T/slow-purge"
	boot 1
	up_ct passing "$busy" '{"rm":true,"mounts":[{"type":"volume","target":"/tmp"}]}'
	id=$(field passing .Id)
	[ -d "/var/lib/cloison/volumes/$id.0" ] || fail "there is no volume"
	kill -PWR "$(cloisond_pid)"
	went_down 30
	equal "$(cat "$T/purged")" "$id"
	[ ! -e "/var/lib/cloison/volumes/$id.0" ] || fail "its volume is left"
}

in_the_time_that_there_is() {
	boot 1
	up_ct long "$deaf" '{"stop_timeout":1000}'
	up_ct paused "$deaf" '{"stop_timeout":1000}'
	[ -z "$cgroups" ] || ask '{"verb":"pause","container":"paused"}' >/dev/null
	ask '{"verb":"wait","container":"long"}' >"$T/waited" &
	waiter=$!
	env kill -q 12000 -s PWR "$(cloisond_pid)"
	sleep 0.5
	has "$(ask '{"verb":"start","container":"long"}' || true)" 'all containers are being stopped'
	went_down 40
	wait "$waiter" || true
	equal "$(jq 'select(.end).exit' "$T/waited")" 137
	boot 2
	equal "$(field long .State.ExitCode) $(field paused .State.ExitCode)" '137 137'
	rm_ct long paused
	down
}

try "a supervisor that was killed is no reboot" a_killed_supervisor_is_no_reboot
try "after a power cut what ran has ended, and the policies decide as Docker's" after_a_power_cut
try "a process that has an old container's number is left alone" a_pid_of_another_boot_is_nobodys
try "who joins another's namespaces starts after it" who_joins_comes_after_the_other
try "a container whose making was cut off goes" what_was_cut_off_goes
try "what was told of survives files that came to the disk with nothing in them" what_was_told_survives_empty_files
try "a directory of the host that a container asked for is made again" a_directory_of_the_host_is_made_again
try "SIGPWR stops all with their own signals, and a reboot starts what is to be" all_are_stopped_at_sigpwr 2
try "and so does the next supervisor when there was no reboot" all_are_stopped_at_sigpwr 1
try "a disk that is full hides no container" full_disks_hide_nothing
try "the volumes of one that goes with it are gone before it ends" volumes_go_with_it
try "whatever their time-outs, all end in the time that there is, and who waits is told" in_the_time_that_there_is
finish
