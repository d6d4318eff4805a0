#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# resume.sh: runs that are ended at any moment, and gone on with.
#
# One run is left in peace; others with its seed are killed at random moments and resumed until they are
# finished. After each kill the file has to be a whole document that a report can be made of, and in the
# end all have to have made the same starts in the same order.
#
# environment: KILLS, how many runs are killed again and again (3)
set -u
OUT=${OUT:-out/$(uname -m)}
bench=$OUT/bin/cloison-bench
dir=$(mktemp -d "${TMPDIR:-/tmp}/bench-resume.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

ok() { echo "ok - resume: $1"; }
not_ok() { echo "not ok - resume: $1: $2"; }

check() {
	name=$1
	shift
	if "$@" >"$dir/said" 2>&1; then ok "$name"; else not_ok "$name" "$(head -n 1 "$dir/said")"; fi
}

if [ "$(id -u)" -ne 0 ]; then
	echo "skip - resume: needs root"
	exit 0
fi
if [ "$(uname -m)" != "$(basename "$OUT")" ]; then
	echo "skip - resume: programs of another architecture"
	exit 0
fi
TMPDIR=$dir/tmp
export TMPDIR
mkdir -m 1777 "$TMPDIR"

options="--accel tcg --scenario s01-floor --scenario s02-start --scenario s03-exec --only floor
	--only process --only cloison --blocks 4 --seed 42 --deadline-ms 60000"

# order FILE - what was started, in order; s01 times what one program does, and says no order
order() {
	jq -r '.samples[] | select(.scenario != "s01-floor") | [.scenario, .system, .block, .order] | @tsv' "$1"
}

# lists FILE - how long the lists of conclusions are
lists() {
	jq -c '[.systems, .scenarios, .summaries, .ratios, .claims, .targets | length] +
		[[.samples[] | select(.scenario == "s01-floor")] | length]' "$1"
}

left_in_peace() {
	# shellcheck disable=SC2086 # a list of words
	"$bench" run $options --out "$dir/whole.json" >/dev/null 2>"$dir/err" ||
		{ tail -n 1 "$dir/err"; return 1; }
	[ ! -e "$dir/whole.json.journal" ] && [ "$(order "$dir/whole.json" | wc -l)" -gt 200 ] &&
		jq -e '.finished and (has("checkpoint") | not)' "$dir/whole.json" >/dev/null
}

# whole_after_kill FILE - it is a document, with as many samples as it says, and makes a report
whole_after_kill() {
	jq -e '.schema == 1' "$1" >/dev/null || { echo "no document"; return 1; }
	"$bench" report "$1" --out "$dir/page.html" >/dev/null 2>"$dir/err" ||
		{ echo "no report: $(head -n 1 "$dir/err")"; return 1; }
	grep -q '</html>' "$dir/page.html"
}

# one_run NUMBER SIGNAL - killed again and again, later each time, until it is through
one_run() {
	file=$dir/killed$1.json
	ms=$((200 + $(od -An -N2 -tu2 /dev/urandom) % 1500))
	rm -f "$file"
	for round in $(seq 60); do
		: >"$dir/err"
		if [ -e "$file" ]; then
			"$bench" run --resume "$file" >/dev/null 2>"$dir/err" &
		else
			# shellcheck disable=SC2086 # a list of words
			"$bench" run $options --out "$file" >/dev/null 2>"$dir/err" &
		fi
		pid=$!
		# what it says first it says when it can be told to end
		until [ -s "$dir/err" ] || grep -q '^State:.Z' "/proc/$pid/status"; do sleep 0.005; done
		sleep "$(awk "BEGIN{print $ms / 1000}")"
		kill -"$2" "$pid" 2>/dev/null
		wait "$pid"
		got=$?
		[ "$got" -ne 0 ] || break
		case $got in
		130 | 137) ;;
		*) echo "round $round: exit status $got: $(tail -n 1 "$dir/err")"; return 1 ;;
		esac
		[ ! -e "$file" ] || whole_after_kill "$file" || return 1
		ms=$((ms * 3 / 2))
	done
	[ "$got" -eq 0 ] || { echo "not through after $round rounds"; return 1; }
	[ "$round" -gt 1 ] || { echo "it was never killed"; return 1; }
	order "$dir/whole.json" >"$dir/a"
	order "$file" >"$dir/b"
	cmp "$dir/a" "$dir/b" || return 1
	[ "$(lists "$dir/whole.json")" = "$(lists "$file")" ] ||
		{ echo "$(lists "$dir/whole.json"), then $(lists "$file")"; return 1; }
	jq -e '[.threats[] | select(test("gone on with"))] | length > 0' "$file" >/dev/null &&
		[ ! -e "$file.journal" ]
}

killed() {
	for i in $(seq "${KILLS:-3}"); do
		one_run "$i" KILL || return 1
	done
}

interrupted() {
	one_run i INT && one_run t TERM
}

# begin_until TEXT COMMAND... - in the background, as $pid, when it has said TEXT; 1: it has not in two minutes
begin_until() {
	text=$1
	shift
	: >"$dir/err"
	"$@" >/dev/null 2>"$dir/err" &
	pid=$!
	for _ in $(seq 24000); do
		grep -q "$text" "$dir/err" && return
		sleep 0.005
	done
	echo "it never said \"$text\""
	return 1
}

# interrupt_at TEXT COMMAND... - interrupted as soon as it has said TEXT
interrupt_at() {
	begin_until "$@"
	said=$?
	kill -INT "$pid"
	wait "$pid"
	got=$?
	[ "$said" -eq 0 ] || return 1
	[ "$got" -eq 130 ] || { echo "at \"$1\": exit status $got: $(tail -n 1 "$dir/err")"; return 1; }
}

# Before the first scenario there is nothing to go on with, and the order must not have moved.
interrupted_early() {
	order "$dir/whole.json" >"$dir/a"
	for text in 'trying KVM' 'virtual machines: ' 'A/A self-test: '; do
		file=$dir/early.json
		rm -f "$file"
		# shellcheck disable=SC2086 # a list of words
		interrupt_at "$text" "$bench" run $options --out "$file" && whole_after_kill "$file" &&
			interrupt_at "$text" "$bench" run --resume "$file" &&
			whole_after_kill "$file" || return 1
		"$bench" run --resume "$file" >/dev/null 2>"$dir/err" ||
			{ echo "$text: $(tail -n 1 "$dir/err")"; return 1; }
		order "$file" >"$dir/b"
		cmp "$dir/a" "$dir/b" || return 1
	done
}

# a file system of 300 KiB, which holds half of the run; the other half after it has been made larger
disk_full() {
	mkdir -p "$dir/small" && mount -t tmpfs -o size=300k small "$dir/small" || return 1
	# shellcheck disable=SC2086 # a list of words
	"$bench" run $options --out "$dir/small/r.json" >/dev/null 2>"$dir/err"
	got=$?
	{
		[ "$got" -eq 125 ] && grep -q ENOSPC "$dir/err" && whole_after_kill "$dir/small/r.json" &&
			mount -o remount,size=10m "$dir/small" &&
			"$bench" run --resume "$dir/small/r.json" >/dev/null 2>"$dir/err" &&
			order "$dir/small/r.json" >"$dir/b" && order "$dir/whole.json" >"$dir/a" &&
			cmp "$dir/a" "$dir/b"
	} || { echo "exit status $got; $(tail -n 1 "$dir/err")"; umount "$dir/small"; return 1; }
	umount "$dir/small"
}

# half - a run that was interrupted
half() {
	# shellcheck disable=SC2086 # a list of words
	begin_until 's02-start: [0-9]* of' "$bench" run $options --out "$dir/half.json"
	said=$?
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	[ "$said" -eq 0 ] && [ -s "$dir/half.json.journal" ]
}

another_build_is_refused() {
	half || return 1
	mkdir -p "$dir/other/bin" && cp "$OUT"/bin/cloison-bench* "$OUT/bin/cloison" "$dir/other/bin/" &&
		cp "$OUT/bin/cloison-bench-probe" "$dir/other/bin/cloison-bench-floor" || return 1
	cp "$dir/half.json" "$dir/before.json"
	# twice: what was refused must not have become what the next one is compared with
	for _ in 1 2; do
		"$dir/other/bin/cloison-bench" run --resume "$dir/half.json" >/dev/null 2>"$dir/err"
		[ $? -eq 125 ] && grep -q 'is not what it was' "$dir/err" || return 1
	done
	cmp "$dir/before.json" "$dir/half.json"
}

a_finished_run_is_not_gone_on_with() {
	"$bench" run --resume "$dir/whole.json" >/dev/null 2>"$dir/err"
	[ $? -eq 125 ] && grep -q 'was finished' "$dir/err"
}

# cut off in the middle of its last line, or of another run: what can be used is
a_damaged_journal_does_no_harm() {
	half || return 1
	cp "$dir/half.json" "$dir/cut.json"
	head -c -30 "$dir/half.json.journal" >"$dir/cut.json.journal"
	whole_after_kill "$dir/cut.json" || return 1
	sed 's/"run_id":"/&other/' "$dir/half.json.journal" >"$dir/cut.json.journal"
	whole_after_kill "$dir/cut.json" || return 1
	echo '{"journal":' >"$dir/cut.json.journal"
	whole_after_kill "$dir/cut.json"
}

# what SYSTEM - the processes that the bench $pid holds: virtual machines, or those that wrote their pid
what() {
	if [ "$1" != cloison ]; then
		# what is timed has /dev/null there, and ends by itself
		for one in $(pgrep -P "$pid"); do
			case $(readlink "/proc/$one/fd/0") in pipe:*) echo "$one" ;; esac
		done
	else
		awk 1 /proc/"$pid"/root"$TMPDIR"/cloison-bench.*/[0-9]*.pid
	fi
}

# gone PID... - they have ended, or do within ten seconds
gone() {
	for _ in $(seq 100); do
		for one; do
			[ ! -e "/proc/$one" ] || { sleep 0.1; continue 2; }
		done
		return 0
	done
	return 1
}

# What stays for the measuring of something else must not stay when the bench is killed: the next run would
# be measured beside it.
held_end_with_it() {
	machine=qemu-microvm
	[ "$(uname -m)" = x86_64 ] || machine=qemu-virt
	for system in cloison $machine; do
		"$bench" run --accel tcg --mode full --scenario s10-creation-vs-n --only "$system" --seed 1 \
			--out "$dir/held.json" >/dev/null 2>"$dir/err" &
		pid=$!
		for _ in $(seq 1200); do
			held=$(what "$system" 2>/dev/null)
			[ "$(echo "$held" | wc -w)" -lt 2 ] || break
			grep -q '^State:.Z' "/proc/$pid/status" && break
			sleep 0.1
		done
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		[ "$(echo "$held" | wc -w)" -ge 2 ] || { echo "$system: none were held: $(tail -n 1 "$dir/err")"; return 1; }
		# shellcheck disable=SC2086 # pids
		gone $held || { echo "$system: of its $(echo "$held" | wc -w) some are left"; return 1; }
	done
}

check "a run that is left in peace leaves no journal" left_in_peace
check "killed at any moment, it goes on in the same order" killed
check "interrupted or terminated, it goes on in the same order" interrupted
check "interrupted before the first scenario, it begins in the same order" interrupted_early
check "killed, it leaves nothing that it held" held_end_with_it
check "a full disk ends it with what was done, and it goes on" disk_full
check "another build does not go on with it" another_build_is_refused
check "a finished run is not gone on with" a_finished_run_is_not_gone_on_with
check "a damaged journal does no harm" a_damaged_journal_does_no_harm
