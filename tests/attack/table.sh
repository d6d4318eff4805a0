#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# table.sh: the attacks against Cloison, and against Debian's crun and runc, side by side.
#
# usage: table.sh            each in tests/debian/chroot, on this machine's kernel
#        GUEST=1 table.sh    in tests/debian/guest, with cgroup v2, each in one of its own
#        table.sh --here RUNTIME...    what the others call: here and now, a table on standard output
#
# "BROKEN" is an attack that has worked; "n/a" one for which the subject has nothing to attack, or of
# which it cannot be said. An attack that breaks an old runtime shows that it can tell. What breaks
# none of the three is either mended in all of them or needs a mistake that none has made: for those
# the head of mutants.sh names the mistake with which it was seen to work.
set -u
cd "$(dirname "$0")/../.." || exit 1
ARCH=${ARCH:-x86_64}
export ARCH OUT="${OUT:-out/$ARCH}"

here() {
	dir=$(mktemp -d)
	for runtime; do
		: >"$dir/$runtime"
		RUNTIME=$runtime TABLE=$dir/$runtime tests/attack/attack.sh >"$dir/$runtime.out" 2>&1 &
		# as they come: a guest whose time is over has said what it knew
		tail -n +1 -f --pid=$! "$dir/$runtime" | while IFS='	' read -r cve case verdict why; do
			printf 'row\t%s\t%s\t%s\t%s\t%s\n' "$runtime" "$cve" "$case" "$verdict" "$why"
		done
		wait $! || sed 's/^/# /' "$dir/$runtime.out"
	done
	rm -rf "$dir"
}

if [ "${1:-}" = --here ]; then
	shift
	here "$@"
	exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
	echo "skip - attack table: needs root"
	exit 0
fi
rows=$(mktemp)
trap 'rm -f "$rows"*' EXIT

# column RUNTIME... - their rows, to $rows.FIRST
column() {
	# shellcheck disable=SC2086 # words
	$run env TRIES="${TRIES:-10}" LONG="${LONG:-}" LIMIT="$limit" tests/attack/table.sh --here "$@" |
		tr -d '\r' >"$rows.$1"
}

if [ -n "${GUEST:-}" ]; then
	# Emulated, a start of runc takes seconds and its column an hour of a processor: each has a machine of its own.
	run="tests/debian/guest -c 1 -m 2048 -t ${GUEST_SECONDS:-9000}"
	limit=120
	for runtime in cloison crun runc; do
		column "$runtime" &
	done
	wait
else
	run=tests/debian/chroot
	limit=
	column cloison crun runc
fi
cat "$rows".* >"$rows"
grep '^#' "$rows"
awk -F '\t' '
	$1 != "row" { next }
	!($3 SUBSEP $4 in seen) { seen[$3, $4] = ++n; cve[n] = $3; name[n] = $4 }
	{ verdict[seen[$3, $4], $2] = $5; if ($5 == "BROKEN") why[seen[$3, $4]] = why[seen[$3, $4]] sprintf("#     %s: %s\n", $2, $6) }
	END {
		printf "# %-32s %-8s %-8s %-8s %s\n", "", "cloison", "crun", "runc", "attack"
		for (i = 1; i <= n; i++) {
			printf "# %-32s %-8s %-8s %-8s %s\n%s", cve[i], verdict[i, "cloison"], verdict[i, "crun"], verdict[i, "runc"], name[i], why[i]
			held += verdict[i, "cloison"] == "held"; broken += verdict[i, "cloison"] == "BROKEN"
			tell += verdict[i, "crun"] == "BROKEN" || verdict[i, "runc"] == "BROKEN"
			lacking += (verdict[i, "cloison"] == "") + (verdict[i, "crun"] == "") + (verdict[i, "runc"] == "")
		}
		if (lacking)
			printf "not ok - attack table: %d verdicts are lacking: it did not come to its end\n", lacking
		else if (broken || held < 20)
			printf "not ok - attack table: %d attacks work on Cloison, %d are held\n", broken, held
		else
			printf "ok - attack table: Cloison holds %d of %d attacks; %d of them work on crun or runc as Debian has them\n", held, n, tell
	}' "$rows" | sed 's/[[:space:]]*$//'
