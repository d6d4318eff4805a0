#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# icount.sh: the ratio of a machine's boot to a container's start, in instructions, repeats to within 1%.
#
# usage: icount.sh RUNS
#
# RUNS times a boot of a machine whose init is the probe and a boot of the appliance with containers in
# it, on a quiet machine as far as we go, and the same with a busy loop for each processor; then both
# together: the ratio of the one half has to be that of the other, too. environment: OUT, MACHINE (qemu-microvm)
set -u
OUT=${OUT:-out/$(uname -m)}
runs=${1:-2}
machine=${MACHINE:-qemu-microvm}
[ "$(basename "$OUT")" = x86_64 ] || machine=qemu-virt
dir=$(mktemp -d "${TMPDIR:-/tmp}/icount-test.XXXXXX") || exit 1
busy=
trap 'stop_busy; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

not_ok() { echo "not ok - bench: $1: $2"; }

start_busy() {
	for _ in $(seq "$(nproc)"); do
		sh -c 'while :; do :; done' &
		busy="$busy $!"
	done
}

stop_busy() {
	for pid in $busy; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	busy=
}

# measure NAME - the ratio and its range to $dir/NAME; the bench ends with 1 when it spreads by more than 1%
measure() {
	"$OUT/bin/cloison-bench" run --accel tcg --scenario s22-icount --only "$machine" --only appliance \
		--blocks "$runs" --vm-deadline-ms "${DEADLINE_MS:-240000}" --out "$dir/$1.json" \
		>"$dir/$1.out" 2>"$dir/$1.err"
	rc=$?
	sed -n "s/^  $machine \/ appliance  *\([0-9.]*\) .*spread \([0-9.]*\)%.*/\1 \2/p" "$dir/$1.out" >"$dir/$1"
	[ -s "$dir/$1" ] || { echo "no ratio, exit status $rc: $(tail -n 1 "$dir/$1.err")"; return 1; }
	read -r ratio spread <"$dir/$1"
	echo "# $1: $ratio, spread $spread% over $runs runs"
	[ "$rc" -eq 0 ] || { echo "exit status $rc: $(tail -n 1 "$dir/$1.err")"; return 1; }
}

# check NAME WHAT - as a test line
check() {
	if measure "$1" >"$dir/said"; then
		grep '^#' "$dir/said"
		echo "ok - bench: $2"
	else
		not_ok "$2" "$(tail -n 1 "$dir/said")"
	fi
}

check quiet "the ratio of instructions repeats to within 1% in $runs runs"
start_busy
check busy "it does so with all processors busy"
stop_busy
if [ -s "$dir/quiet" ] && [ -s "$dir/busy" ] &&
	cat "$dir/quiet" "$dir/busy" | awk '{ r[NR] = $1 } END { d = r[1] / r[2] - 1; exit !(d < 0.01 && d > -0.01) }'; then
	echo "ok - bench: both ratios are the same to within 1%"
else
	not_ok "both ratios are the same to within 1%" "$(paste -sd' ' "$dir/quiet" "$dir/busy" 2>/dev/null)"
fi
