#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lean.sh: what the runtime itself holds in memory while it starts a container.
. tests/host/lib.sh

LIMIT_KIB=700

# peak VERB... - the runtime's own peak, in KiB; the container's memory is its own
peak() {
	CLOISON_TEST=$T "$tools/peak-rss" "$cloison" --root "$T/.run" "$@" 3>"$T/peak" </dev/null >/dev/null ||
		fail "ended with $?"
	cat "$T/peak"
}

run_is_lean() {
	bundle lean '.process.args = ["true"]'
	kib=$(peak run --bundle "$T/lean" "$tag-lean")
	echo "# run: $kib KiB"
	[ "$kib" -gt 0 ]
	[ "$kib" -le "$LIMIT_KIB" ] || fail "$kib KiB"
}
check "a run with the default specification holds at most $LIMIT_KIB KiB" run_is_lean

exec_is_lean() {
	start_ct lean
	kib=$(peak exec "$tag-lean" true)
	echo "# exec: $kib KiB"
	[ "$kib" -gt 0 ]
	[ "$kib" -le "$LIMIT_KIB" ] || fail "$kib KiB"
	c delete --force "$tag-lean"
}
check "an exec holds at most $LIMIT_KIB KiB" exec_is_lean

# What runs at each start is put together in the program by name (bench/hot).
hot_names_are_there() {
	nm "$OUT/debug/cloison" | sed -n 's/.* [tTwW] //p' | sed 's/\..*//' | sort -u >"$T/there"
	sed -n 's/.*\*(\.text\.\([^ .]*\) .*/\1/p' runtime/hot.ld | sort -u >"$T/hot"
	[ "$(wc -l <"$T/hot")" -gt 100 ]
	gone=$(comm -23 "$T/hot" "$T/there" | tr '\n' ' ')
	[ -z "$gone" ] || fail "\`make hot' is to be run: gone is $gone"
}
# other compilers put other functions into one
if [ "${OUT##*/}" = x86_64 ]; then
	check "runtime/hot.ld names functions that there are" hot_names_are_there
fi

finish
