#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lifecycle.sh: a container's life, verb by verb, and what happens when a verb comes at the wrong
# time, twice, or beside another.
. tests/host/lib.sh

all_verbs() {
	bundle life . 'trap "exit 7" TERM; echo hello; while :; do sleep 0.1; done'
	c create --bundle "$T/life" --pid-file "$T/life/pid" "$tag-life" >"$T/life/out"
	equal "$(status_of life)" created
	equal "$(cat "$T/life/pid")" "$(pid_of life)"
	equal "$(wc -c <"$T/life/out")" 0
	c start "$tag-life"
	equal "$(status_of life)" running
	wait_for 10 grep -q hello "$T/life/out"
	equal "$(c exec "$tag-life" echo inside)" inside
	c kill "$tag-life" TERM
	wait_for 10 is_status life stopped
	equal "$(pid_of life)" 0
	c delete "$tag-life"
	refuse 125 'does not exist: ENOENT' c state "$tag-life"
}
check "a container goes from created over running to stopped and away" all_verbs

state_shape() {
	bundle shape '.annotations = {"org.example.a": "b"}'
	c create --bundle "$T/shape" "$tag-shape"
	c state "$tag-shape" | jq -e --arg T "$T" --arg id "$tag-shape" '
		.id == $id and .bundle == "\($T)/shape" and .rootfs == "\($T)/rootfs" and
		(.ociVersion | startswith("1.")) and .pid > 1 and .status == "created" and
		(.created | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$")) and
		.annotations == {"org.example.a": "b"}' >/dev/null || fail "$(c state "$tag-shape")"
	c delete --force "$tag-shape"
}
check "state prints what the specification wants" state_shape

exit_codes() {
	for code in 0 1 7 125 126 127 128 255; do
		rc=0
		ct . "exit $code" || rc=$?
		equal "$rc" "$code"
	done
}
check "run ends with the exit code of the program" exit_codes

# The first process of a pid namespace is spared the signals that it does not handle.
signal_codes() {
	for pair in KILL:137 SEGV:139 TERM:143 USR1:138; do
		rc=0
		ct '.linux.namespaces -= [{"type": "pid"}]' "kill -${pair%:*} \$\$" || rc=$?
		equal "$rc" "${pair#*:}"
	done
}
check "run ends with 128 + n when signal n ends the program" signal_codes

killed_run() {
	bundle killed . 'sleep 1000'
	c run --bundle "$T/killed" "$tag-killed" &
	wait_for 10 is_status killed running
	c kill "$tag-killed" KILL
	rc=0
	wait $! || rc=$?
	equal "$rc" 137
}
check "run notices a kill from outside" killed_run

passed_on() {
	bundle passed . 'trap "exit 9" USR1; echo ready; while :; do sleep 0.05; done'
	CLOISON_TEST=$T "$cloison" --root "$T/.run" run --bundle "$T/passed" "$tag-passed" >"$T/passed/out" &
	run=$!
	wait_for 10 grep -q ready "$T/passed/out"
	kill -USR1 "$run"
	rc=0
	wait "$run" || rc=$?
	equal "$rc" 9
}
check "run passes signals on" passed_on

kill_names() {
	start_ct names
	for sig in USR1 SIGUSR1 usr1 10 0010; do
		bundle "n$sig" . 'trap "exit 3" USR1; echo ready; while :; do sleep 0.05; done'
		c run --detach --bundle "$T/n$sig" "$tag-n$sig" >"$T/n$sig/out"
		wait_for 10 grep -q ready "$T/n$sig/out"
		c kill "$tag-n$sig" "$sig"
		wait_for 10 is_status "n$sig" stopped
		c delete "$tag-n$sig"
	done
	for sig in NOSUCH 65 -1 9x '' 99999999999; do
		refuse 125 'EINVAL' c kill "$tag-names" "$sig"
	done
	equal "$(status_of names)" running
	# 0, as kill(1) has it, asks whether it is there
	c kill "$tag-names" 0
	lacks "$(c why "$tag-names")" 'signal'
	c kill "$tag-names" KILL
	wait_for 10 is_status names stopped
	refuse 125 'container not running: .* is stopped: ESRCH' c kill "$tag-names" 0
	c delete "$tag-names"
}
check "kill takes a signal by name or number, and nothing else" kill_names

kill_all() {
	[ -n "$cgroups" ] || return 0
	bundle all . 'sleep 1000 & sleep 1000 & echo ready; wait'
	c run --detach --bundle "$T/all" "$tag-all" >"$T/all/out"
	wait_for 10 grep -q ready "$T/all/out"
	c kill --all "$tag-all" KILL
	wait_for 10 is_status all stopped
	refuse 125 'container not running: .* is stopped: ESRCH' c kill "$tag-all" TERM
	c delete "$tag-all"
}
check "kill --all reaches every process; a stopped container takes no signal" kill_all

lists() {
	equal "$(c list -q)" ""
	equal "$(c list --json | jq -c .)" "[]"
	bundle one .
	bundle two . 'sleep 1000'
	c create --bundle "$T/one" "$tag-one"
	c run --detach --bundle "$T/two" "$tag-two" >/dev/null
	equal "$(c list -q | sort | tr '\n' ' ')" "$tag-one $tag-two "
	has "$(c list)" "^$tag-one +[0-9]+ +created +[^ ]+ +$T/one\$"
	has "$(c list)" "^$tag-two +[0-9]+ +running +[^ ]+ +$T/two\$"
	has "$(c list | head -n 1)" '^ID +PID +STATUS +CREATED +BUNDLE$'
	for format in --json '--format json' --format=json; do
		# shellcheck disable=SC2086 # two words
		equal "$(c list $format | jq -r 'sort_by(.id)[] | .status' | tr '\n' ' ')" "created running "
	done
	refuse 125 'use table or json' c list --format yaml
	c delete --force "$tag-one"
	c delete --force "$tag-two"
}
check "list shows every container, as a table, as JSON and as ids" lists

# What cannot be read is one warning and hides nothing; what is another user's is not believed.
odd_neighbours() {
	bundle good .
	c create --bundle "$T/good" ".$tag"
	equal "$(c list -q)" ".$tag"
	c delete --force ".$tag"
	c create --bundle "$T/good" "$tag-good"
	mkdir "$T/.run/$tag-damaged" "$T/.run/$tag-foreign"
	echo '{' >"$T/.run/$tag-damaged/state.json"
	: >"$T/.run/a-file"
	cp "$T/.run/$tag-good/state.json" "$T/.run/$tag-foreign/state.json"
	chown 1000 "$T/.run/$tag-foreign"
	equal "$(c list --quiet 2>"$T/odd.err" | sort | tr '\n' ' ')" "$tag-foreign $tag-good "
	equal "$(c list --json 2>/dev/null | jq -r '.[].id' | sort | tr '\n' ' ')" "$tag-foreign $tag-good "
	equal "$(grep -c '^cloison: warning: ' "$T/odd.err")" 2
	# the copy lacks the lock by which the other one is created
	equal "$(status_of foreign)" running
	for verb in 'delete --force' 'kill -a' start pause ps; do
		# shellcheck disable=SC2086 # a verb and its option
		refuse 125 "the state of container .$tag-foreign. cannot be believed" c $verb "$tag-foreign"
	done
	chown 0 "$T/.run/$tag-foreign"
	chmod 777 "$T/.run/$tag-foreign"
	refuse 125 "cannot be believed" c delete --force "$tag-foreign"
	equal "$(status_of good)" created
	rm -r "$T/.run/$tag-foreign" "$T/.run/$tag-damaged" "$T/.run/a-file"
	c delete --force "$tag-good"
}
check "list goes on past what it cannot read; nothing is done to a state that others may write to" odd_neighbours

kept() {
	bundle kept . 'exit 3'
	code=0
	c run --keep --bundle "$T/kept" "$tag-kept" || code=$?
	equal "$code" 3
	equal "$(status_of kept)" stopped
	c delete "$tag-kept"
	refuse 125 'does not exist' c state "$tag-kept"
}
check "run --keep leaves the stopped container to delete" kept

# Directories that a killed `create` could have left: nothing runs.
long_lists() {
	i=0
	while [ $((i += 1)) -le 400 ]; do
		mkdir -p "$T/many/c$i"
		printf '{"ociVersion":"1.2.0","bundle":"/b/c%d","rootfs":"/b/c%d/rootfs","created":""}\n' \
			"$i" "$i" >"$T/many/c$i/state.json"
	done
	for format in --quiet --json; do
		prlimit --as=1536000 "$cloison" --root "$T/many" list "$format" >"$T/many.out"
		[ "$format" = --json ] || equal "$(wc -l <"$T/many.out")" 400
	done
	equal "$(jq 'map(.id) | unique | length' "$T/many.out")" 400
}
check "a list takes no more memory for more containers" long_lists

deletes() {
	start_ct twice
	refuse 125 'is running' c delete "$tag-twice"
	equal "$(status_of twice)" running
	c delete --force "$tag-twice"
	c delete --force "$tag-twice"
	refuse 125 'does not exist: ENOENT' c delete "$tag-twice"
}
check "delete refuses a running container, and --force takes it, and succeeds again" deletes

delete_created() {
	bundle fresh .
	c create --bundle "$T/fresh" "$tag-fresh"
	refuse 125 'is created' c delete "$tag-fresh"
	equal "$(status_of fresh)" created
	c delete --force "$tag-fresh"
}
check "delete refuses a container that was never started, and --force takes it" delete_created

start_twice() {
	bundle again . 'sleep 1000'
	c create --bundle "$T/again" "$tag-again" >/dev/null
	c start "$tag-again"
	refuse 125 'is running, not created' c start "$tag-again"
	c kill "$tag-again" KILL
	wait_for 10 is_status again stopped
	refuse 125 'is stopped, not created' c start "$tag-again"
	refuse 125 'is stopped, not running' c exec "$tag-again" true
	c delete "$tag-again"
	refuse 125 'does not exist: ENOENT' c start "$tag-again"
}
check "start is refused unless the container is created" start_twice

taken() {
	start_ct taken
	before=$(c state "$tag-taken" | jq -c .)
	refuse 125 'EEXIST' c create --bundle "$T/taken" "$tag-taken"
	refuse 125 'EEXIST' c run --bundle "$T/taken" "$tag-taken"
	equal "$(c state "$tag-taken" | jq -c .)" "$before"
	c delete --force "$tag-taken"
}
check "an id that is taken is refused, and its owner unharmed" taken

bad_ids() {
	bundle ids .
	long=$(printf '%0129d' 0)
	for id in '' . .. ../x x/y '/x' 'a b' 'a;b' 'é' "$(printf 'a\nb')" "$long"; do
		for verb in "run --bundle $T/ids" "create --bundle $T/ids" start state kill delete 'delete --force'; do
			# shellcheck disable=SC2086 # words
			refuse 125 'container id .*EINVAL' c $verb -- "$id"
		done
	done
	for id in a "$tag-+._A9" "$tag-$(printf "%0$((127 - ${#tag}))d" 0)"; do
		c run --bundle "$T/ids" -- "$id" </dev/null
	done
}
check "an id that could name another path is refused" bad_ids

# As with runc and crun; containerd's shim hands such an exec on.
exec_created() {
	for filter in . '.process.user = {uid: 1000, gid: 1000}' \
		'.hooks = {createRuntime: [{path: "/bin/true"}], startContainer: [{path: "/bin/true"}]}' \
		'.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
			.linux.gidMappings = .linux.uidMappings'; do
		bundle notyet "$filter" 'echo started'
		c create --bundle "$T/notyet" "$tag-notyet" >"$T/notyet/out"
		equal "$(status_of notyet)" created
		for n in mnt pid net ipc uts user; do
			equal "$(c exec "$tag-notyet" readlink "/proc/self/ns/$n")" "$(readlink "/proc/$(pid_of notyet)/ns/$n")"
		done
		equal "$(c exec "$tag-notyet" sh -c 'cd /; echo *')" "$(cd "$T/rootfs" && echo *)"
		equal "$(status_of notyet)" created
		equal "$(cat "$T/notyet/out")" ""
		c start "$tag-notyet"
		wait_for 5 is_status notyet stopped
		equal "$(cat "$T/notyet/out")" started
		c delete "$tag-notyet"
	done
}
check "exec works before start, in the container as it will be" exec_created

# While it is built its mount namespace has the host's tree in it.
exec_building() {
	mkfifo "$T/go"
	printf '#!/bin/sh\nread line <%s\n' "$T/go" >"$T/waits"
	chmod 755 "$T/waits"
	bundle build ".hooks = {createRuntime: [{path: \"$T/waits\"}]}" 'sleep 1000'
	c create --bundle "$T/build" "$tag-build" >"$T/build/out" 2>&1 &
	wait_for 10 test -s "$T/.run/$tag-build/config.json"
	wait_for 10 is_status build created
	refuse 125 'is creating, not running' c exec "$tag-build" ls /
	echo go >"$T/go"
	wait $!
	equal "$(c exec "$tag-build" sh -c 'cd /; echo *')" "$(cd "$T/rootfs" && echo *)"
	c delete --force "$tag-build"
}
check "exec is refused while the container is being built" exec_building

failing_start() {
	bundle nothere '.process.args = ["/no/such"]'
	refuse 127 '`/no/such`: ENOENT' c create --bundle "$T/nothere" "$tag-nothere"
	bundle nothere '.process.args = ["nosuch"]'
	refuse 127 '`nosuch` in PATH: ENOENT' c create --bundle "$T/nothere" "$tag-nothere"
	bundle nothere '.process.args = ["./etc/passwd"]'
	c create --bundle "$T/nothere" "$tag-nothere"
	refuse 126 '`./etc/passwd`: EACCES' c start "$tag-nothere"
	wait_for 5 is_status nothere stopped
	c delete "$tag-nothere"
	# found with the working directory, which is the start's
	bundle here '.process.args = ["sh", "-c", "exit 0"] | .process.cwd = "/bin" | .process.env = ["PATH=/no:."]'
	c create --bundle "$T/here" "$tag-here"
	c start "$tag-here"
	wait_for 5 is_status here stopped
	c delete "$tag-here"
}
check "create says that there is no program, start why it cannot be executed" failing_start

same_id_at_once() {
	bundle race . 'sleep 1000'
	for i in 1 2 3 4 5 6; do
		for k in 1 2 3 4; do
			status_to "$T/race/rc$k" c create --bundle "$T/race" "$tag-race$i" >/dev/null 2>&1 &
		done
		wait
		equal "$(cat "$T"/race/rc? | sort -n | tr '\n' ' ')" "0 125 125 125 "
		equal "$(status_of "race$i")" created
		c delete --force "$tag-race$i"
	done
}
check "of several creates of one id exactly one wins" same_id_at_once

many_at_once() {
	bundle many . 'sleep 0.2; exit 5'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		status_to "$T/many/rc$i" c run --bundle "$T/many" "$tag-many$i" >/dev/null 2>&1 &
	done
	wait
	equal "$(sort -u "$T"/many/rc*)" 5
	equal "$(find "$T/many" -name 'rc*' | wc -l)" 20
}
check "twenty runs at once all succeed" many_at_once

deletes_at_once() {
	for i in 1 2 3 4 5; do
		start_ct "del$i"
		for k in 1 2 3; do
			status_to "$T/del$i/rc$k" c delete --force "$tag-del$i" &
		done
		wait
		equal "$(sort -u "$T/del$i"/rc?)" 0
	done
}
check "several deletes of one container at once all succeed" deletes_at_once

stop_and_delete() {
	start_ct frozen
	pid=$(pid_of frozen)
	kill -STOP "$pid"
	c delete --force "$tag-frozen"
}
check "delete --force takes a container whose process is stopped" stop_and_delete

leftover_tree() {
	[ -n "$cgroups" ] || return 0
	start_ct tree
	mkdir "$cgroups/cloison/$tag-tree/a" "$cgroups/cloison/$tag-tree/a/b" \
		"$cgroups/cloison/$tag-tree/.a" "$cgroups/cloison/$tag-tree/.a/..b"
	c exec --detach --pid-file "$T/tree/pid" "$tag-tree" sleep 1000 >/dev/null
	cat "$T/tree/pid" >"$cgroups/cloison/$tag-tree/a/b/cgroup.procs"
	has "$(c ps --format json "$tag-tree")" "[[,]$(cat "$T/tree/pid")[],]"
	# a name that begins with a dot hides nothing
	cat "$T/tree/pid" >"$cgroups/cloison/$tag-tree/.a/..b/cgroup.procs"
	has "$(c ps --format json "$tag-tree")" "[[,]$(cat "$T/tree/pid")[],]"
	c delete --force "$tag-tree"
}
check "delete --force takes cgroups that were made below the container's" leftover_tree

pid_file_errors() {
	bundle pidfile .
	refuse 125 'pid file .*ENOENT' c run --bundle "$T/pidfile" --pid-file "$T/no/dir/pid" "$tag-pidfile"
	refuse 125 'pid file .*ENOENT' c create --bundle "$T/pidfile" --pid-file "$T/no/dir/pid" "$tag-pidfile"
	refuse 125 'pid file .*ENOENT' c run --detach --bundle "$T/pidfile" --pid-file "$T/no/dir/pid" "$tag-pidfile"
}
check "a pid file that cannot be written undoes the container" pid_file_errors

log_file() {
	rc=0
	c --log "$T/log" --log-format json state "$tag-none" 2>/dev/null || rc=$?
	equal "$rc" 125
	equal "$(jq -r .level "$T/log")" error
	has "$(jq -r .msg "$T/log")" 'does not exist'
	c --log "$T/log.txt" state "$tag-none" 2>/dev/null || rc=$?
	has "$(cat "$T/log.txt")" 'level=error msg=".*does not exist'
}
check "--log gets one record of the error" log_file

log_words() {
	bundle words '.process.args = ["no-such-program"]'
	refuse 127 'no-such-program' c --log "$T/log.words" --log-format json run --bundle "$T/words" "$tag-words"
	has "$(jq -r .msg "$T/log.words")" 'no-such-program.*: ENOENT: no such file or directory'
	bundle words '.process.args = ["/etc/passwd"]'
	refuse 126 '/etc/passwd' c --log "$T/log.words" --log-format json run --bundle "$T/words" "$tag-words"
	has "$(jq -r .msg "$T/log.words" | tail -n 1)" '/etc/passwd.*: EACCES: permission denied'
}
check "--log has the words by which engines tell a missing program from a forbidden one" log_words

deep_root() {
	bundle deep '.process.args = ["true"]'
	timeout 30 "$cloison" --root "$T/deep/er/root" run --bundle "$T/deep" "$tag-deep"
	equal "$(ls -A "$T/deep/er/root")" ""
	equal "$(stat -c %a "$T/deep/er")" 700
}
check "the state directory is made with those above it" deep_root

no_cgroup() {
	bundle none . 'exit 4'
	rc=0
	c --cgroup-manager=disabled run --bundle "$T/none" "$tag-none" || rc=$?
	equal "$rc" 4
	[ -z "$(our_cgroups)" ] || fail "has a cgroup"
	start_ct later
	c --cgroup-manager disabled delete --force "$tag-later"
}
check "--cgroup-manager=disabled makes no cgroup" no_cgroup

fresh_clone() {
	start_ct gone
	rm -rf "$T/gone"
	equal "$(status_of gone)" running
	c delete --force "$tag-gone"
}
check "a container whose bundle is gone can still be deleted" fresh_clone

finish
