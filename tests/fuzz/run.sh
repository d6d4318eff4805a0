#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh: run each fuzz target for FUZZ_SECONDS (default 600).
#
# usage: run.sh DICT TARGET...
#
# FUZZ_SEED (default: another each time) makes the inputs the same, as far as the time goes, and forgets what is
# learnt: a test of a change must not fail for what another change has brought. `make fuzz` is for finding that.
#
# What a run learns is kept in $OUT/fuzz/corpus and used by the next; an input that breaks something
# is left in $OUT/fuzz/found. When the mistake is mended, the input goes to tests/fuzz/corpus.
set -u
seconds=${FUZZ_SECONDS:-600}
# seconds of the clock: a test's must not be those that the machine had no time for it
hang=10
[ -z "${FUZZ_SEED:-}" ] || hang=60
dict=$1
shift
status=0
# in memory, so that the disk does not set the pace
[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/cloison-fuzz.XXXXXX") || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM

for target; do
	program=$OUT/fuzz/fuzz_$target
	known=tests/fuzz/corpus/$target
	learnt=$OUT/fuzz/corpus/$target
	[ -z "${FUZZ_SEED:-}" ] || learnt=$TMPDIR/learnt/$target
	found=$OUT/fuzz/found
	log=$OUT/fuzz/$target.log
	mkdir -p "$learnt" "$found"
	if "$program" -max_total_time="$seconds" -max_len=65536 -timeout="$hang" -rss_limit_mb=1024 \
		-seed="${FUZZ_SEED:-0}" \
		-dict="$dict" -artifact_prefix="$found/$target-" -print_final_stats=1 \
		"$learnt" "$known" >"$log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
		echo "ok - fuzz $target: $runs inputs in $seconds s, $edges edges"
	else
		tail -n 40 "$log" >&2
		input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
		echo "not ok - fuzz $target: see $log${input:+, input $input}"
		status=1
	fi
done
exit $status
