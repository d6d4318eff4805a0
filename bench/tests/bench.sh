#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh: cloison-bench as its users meet it, without virtual machines.
#
# Systems that fail or hang are shell scripts given with --program. Needs root for what makes
# namespaces; those tests are skipped without.
set -u
OUT=${OUT:-out/$(uname -m)}
bench=$OUT/bin/cloison-bench
dir=$(mktemp -d "${TMPDIR:-/tmp}/bench-test.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

ok() { echo "ok - bench: $1"; }
not_ok() { echo "not ok - bench: $1: $2"; }

# check NAME COMMAND... - the command succeeds
check() {
	name=$1
	shift
	if "$@" >"$dir/said" 2>&1; then ok "$name"; else not_ok "$name" "$(head -n 1 "$dir/said")"; fi
}

# status WANT COMMAND... - the command ends with this status
status() {
	want=$1
	shift
	"$@" >"$dir/out" 2>"$dir/err"
	got=$?
	[ "$got" -eq "$want" ] || { echo "exit status $got, wanted $want; $(tail -n 1 "$dir/err")"; return 1; }
}

# says WHERE PATTERN - the last output has it
says() { grep -q -e "$2" "$dir/$1" || { echo "no '$2' in $1"; return 1; }; }

lists_everything() {
	status 0 "$bench" list &&
		for id in s01-floor s02-start s12-mem s22-icount floor cloison crun appliance \
			qemu-microvm qemu-q35; do
			says out "^  $id " || return 1
		done
}

explains_itself() {
	status 0 "$bench" --help && says out '^usage: cloison-bench list$' && says out -- '--scenario ID'
}

refuses_wrong_usage() {
	status 2 "$bench" && status 2 "$bench" frobnicate && says err 'frobnicate' &&
		status 2 "$bench" run --mode slow && says err 'slow' &&
		status 2 "$bench" run --scenario s99 && says err 's99' &&
		status 2 "$bench" run --blocks many && says err 'many' &&
		status 2 "$bench" run --seed && says err -- '--seed' &&
		status 2 "$bench" report && says err 'result file'
}

names_what_is_missing() {
	mkdir -p "$dir/empty" &&
		status 125 "$bench" run --artifacts "$dir/empty" --out "$dir/r.json" &&
		says err 'cloison-bench-probe' && says err 'ENOENT' && [ ! -e "$dir/r.json" ]
}

refuses_what_is_no_result() {
	echo '{"schema": 7}' >"$dir/other.json"
	echo '{"schema": 1, "samp' >"$dir/cut.json"
	status 125 "$bench" report "$dir/other.json" && says err 'schema' &&
		status 125 "$bench" report "$dir/cut.json" && says err 'cut.json'
}

check "lists scenarios and systems" lists_everything
check "help names commands and options" explains_itself
check "wrong usage ends with 2 and names the word" refuses_wrong_usage
check "a missing probe is named" names_what_is_missing
check "a file of another schema or cut short is refused" refuses_what_is_no_result

# --- with namespaces

# where the bench works, so that what it leaves can be told from what others do
TMPDIR=$dir/tmp
export TMPDIR
mkdir -m 1777 "$TMPDIR"

if [ "$(id -u)" -ne 0 ]; then
	echo "skip - bench: measuring: needs root"
	exit 0
fi
if [ "$(uname -m)" != "$(basename "$OUT")" ]; then
	echo "skip - bench: measuring: programs of another architecture"
	exit 0
fi

# fake NAME BODY - a system under test that says its version and then does BODY
fake() {
	printf '#!/bin/sh\n[ "$1" = --version ] && { echo "fake 1.0"; exit 0; }\n%s\n' "$2" >"$dir/$1"
	chmod +x "$dir/$1"
}

# run ARGUMENT... - s02 with crun and the floor in two blocks
run() {
	"$bench" run --accel tcg --scenario s02-start --only crun --only floor --blocks 3 --seed 1 \
		--out "$dir/r.json" "$@"
}

# count PATTERN - in the results
count() { grep -c -e "$1" "$dir/r.json"; }

records_a_failure() {
	fake broken 'echo "it is broken" >&2; exit 3'
	status 1 run --program "crun=$dir/broken" && says out '^  crun  *0  *3 ' &&
		says out 'it is broken.*given up after 3 failures' &&
		[ "$(count '"flag":"failed"')" -eq 3 ] && [ "$(count '"rc":3')" -eq 3 ] &&
		says out '^  floor  *42  *0 '
}

records_a_timeout() {
	fake slow 'sleep 60'
	before=$(date +%s)
	status 1 run --program "crun=$dir/slow" --deadline-ms 300 &&
		[ "$(count '"flag":"timeout"')" -eq 3 ] &&
		[ $(($(date +%s) - before)) -lt 30 ] && ! pgrep -f "$dir/slow"
}

records_silence() {
	fake silent 'exit 0'
	status 1 run --program "crun=$dir/silent" && [ "$(count 'the probe did not report')" -eq 3 ]
}

refuses_unwritable_results_at_once() {
	before=$(date +%s)
	status 125 "$bench" run --out "$dir/no/such/dir/r.json" && says err 'no/such/dir' &&
		[ $(($(date +%s) - before)) -lt 10 ]
}

# dead_artifacts - every file that machines want, and a machine that only ends
dead_artifacts() {
	fake dead 'echo "no machine today" >&2; exit 0'
	mkdir -p "$dir/dead.d/bench" && cp -r "$OUT/bin" "$dir/dead.d/" &&
		touch "$dir/dead.d/vmlinuz" "$dir/dead.d/bench/probe.cpio.lz4" \
			"$dir/dead.d/bench/appliance.cpio.lz4"
}

a_broken_appliance_is_a_failure() {
	dead_artifacts || return 1
	status 1 "$bench" run --accel tcg --scenario s02-start --only floor --only appliance \
		--blocks 3 --seed 1 --artifacts "$dir/dead.d" --program "appliance=$dir/dead" \
		--out "$dir/r.json" &&
		says out '^  appliance  *the appliance did not show a container.*no machine today' &&
		says out '^  - appliance is broken' && says out '^  floor  *42  *0 ' &&
		[ "$(count '"skip":"the appliance did not show')" -eq 1 ]
}

# machines that boot and count nothing: what was to be compared is missing
a_missing_ratio_is_a_failure() {
	dead_artifacts || return 1
	fake mute 'exit 0'
	status 1 "$bench" run --accel tcg --scenario s22-icount --only qemu-q35 --only appliance \
		--artifacts "$dir/dead.d" --program "appliance=$dir/dead" \
		--program "qemu-q35=$dir/mute" --out "$dir/r.json" &&
		says err 's22-icount: no ratio of qemu-q35'
}

a_failing_scenario_leaves_the_others() {
	mkdir -p "$dir/nofloor/bin" && cp "$OUT"/bin/cloison-bench* "$dir/nofloor/bin/" &&
		printf '#!/bin/sh\necho "floor: cannot" >&2\nexit 9\n' \
			>"$dir/nofloor/bin/cloison-bench-floor" || return 1
	status 1 "$bench" run --accel tcg --scenario s01-floor --scenario s02-start --only floor \
		--only process --blocks 3 --artifacts "$dir/nofloor" --out "$dir/r.json" &&
		says out '^  - s01-floor could not be finished: .*floor: cannot' &&
		says out '^  process  *42  *0 '
}

exec_has_rows() {
	status 0 "$bench" run --accel tcg --scenario s03-exec --only cloison --only floor --blocks 3 \
		--out "$dir/r.json" && says out '^s03-exec: ' && says out '^  cloison  *30  *0 ' &&
		says out '^  cloison / floor  *[0-9.]* \[.*host$'
}

# a floor in a user namespace that may not have time namespaces
a_missing_namespace_is_skipped() {
	mkdir -p "$dir/notime/bin" && cp "$OUT"/bin/cloison-bench* "$dir/notime/bin/" || return 1
	printf '#!/bin/sh\nexec unshare -Ur sh -c "%s" sh "$@"\n' \
		'echo 0 >/proc/sys/user/max_time_namespaces && exec '"$OUT/bin/cloison-bench-floor"' \"\$@\"' \
		>"$dir/notime/bin/cloison-bench-floor"
	unshare -Ur true || { echo "no user namespaces here"; return 1; }
	status 0 "$bench" run --accel tcg --scenario s01-floor --only floor --blocks 3 \
		--artifacts "$dir/notime" --out "$dir/r.json" &&
		says out '^  time  *skipped: ENOSPC' && says out '^  net  *150 ' &&
		[ "$(count '"time":"ENOSPC"')" -eq 1 ] && ! says out '^  time  *[0-9]' >/dev/null
}

cgroups_are_as_they_are() {
	kind=$(stat -f -c %t /sys/fs/cgroup)
	status 0 run && grep -q '"f_type":"0x63677270 (cgroup2)"' "$dir/r.json" || return 1
	# where the host has cgroup2 itself, what was read is the host's
	[ "$kind" != 63677270 ] ||
		grep -q "\"controllers\":\"$(cat /sys/fs/cgroup/cgroup.controllers)\"" "$dir/r.json"
}

same_seed_same_order() {
	fake quick "exec $OUT/bin/cloison-bench-probe"
	for i in 1 2; do
		status 0 run --program "crun=$dir/quick" || return 1
		grep -e '"system"' -e '"order"' "$dir/r.json" >"$dir/order$i"
	done
	cmp "$dir/order1" "$dir/order2"
}

interrupted_keeps_what_was_done() {
	# not through a function: the signal has to reach the program itself
	"$bench" run --accel tcg --scenario s02-start --only floor --blocks 5000 \
		--out "$dir/r.json" >"$dir/out" 2>"$dir/err" &
	pid=$!
	for _ in $(seq 100); do
		grep -q 'block 3 of 5000' "$dir/err" && break
		sleep 0.1
	done
	kill -INT "$pid"
	wait "$pid"
	got=$?
	[ "$got" -eq 130 ] || { echo "exit status $got"; return 1; }
	grep -q '"interrupted":true' "$dir/r.json" && says out '(interrupted)' &&
		status 0 "$bench" report "$dir/r.json"
}

reports_in_one_page() {
	status 0 run && status 0 "$bench" report "$dir/r.json" --out "$dir/page.html" &&
		grep -q '</html>' "$dir/page.html" && grep -q '<svg ' "$dir/page.html" &&
		! grep -q -E '(src|href)="?https?:' "$dir/page.html" &&
		[ "$(wc -c <"$dir/page.html")" -lt 1000000 ]
}

without_root_rows_are_skipped() {
	command -v setpriv >/dev/null || { echo "no setpriv"; return 1; }
	mkdir -p "$dir/art/bin" && cp "$OUT"/bin/cloison-bench* "$dir/art/bin/" && chmod 755 "$dir" &&
		mkdir -m 777 "$dir/results" &&
		status 0 setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/art/bin/cloison-bench" \
			run --accel tcg --scenario s02-start --blocks 3 --only process --only floor \
			--out "$dir/results/r.json" &&
		says out 'floor  *needs root' && says out '^  process  *42  *0 '
}

selftest_passes() {
	status 0 "$bench" selftest && says out 'A/A: .*contains 1' && says out 'A/B: .*found'
}

# what a run could leave behind
leftovers() {
	ls "$TMPDIR"
	grep "$TMPDIR" /proc/self/mountinfo
	pgrep -a -f "$TMPDIR"
}

nothing_is_left() {
	leftovers >"$dir/left"
	cat "$dir/left"
	[ ! -s "$dir/left" ]
}

check "a system that fails is recorded, not dropped" records_a_failure
check "a system that hangs meets its deadline" records_a_timeout
check "a system that says nothing has failed" records_silence
check "a broken appliance is a failure and stays in the results" a_broken_appliance_is_a_failure
check "a ratio of instructions that is missing is a failure" a_missing_ratio_is_a_failure
check "a scenario that fails leaves the others" a_failing_scenario_leaves_the_others
check "exec has rows and a ratio in the table" exec_has_rows
check "a namespace that cannot be had is skipped with its error" a_missing_namespace_is_skipped
check "the results have the cgroups that were seen" cgroups_are_as_they_are
check "results that cannot be written are refused before measuring" refuses_unwritable_results_at_once
check "the same seed gives the same order" same_seed_same_order
check "an interrupted run keeps what was done" interrupted_keeps_what_was_done
check "the report is one page without references" reports_in_one_page
check "without root rows are skipped with the reason" without_root_rows_are_skipped
check "the self-test finds what is there and nothing else" selftest_passes
check "nothing is left behind" nothing_is_left
