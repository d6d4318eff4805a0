#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# selftest.sh: a hundred comparisons of the floor with itself, and with itself slowed down by a tenth.
#
# One to five minutes, whatever else the machine does.
set -u
OUT=${OUT:-out/$(uname -m)}

if [ "$(id -u)" -ne 0 ]; then
	echo "skip - selftest: needs root"
	exit 0
fi
if [ "$(uname -m)" != "$(basename "$OUT")" ]; then
	echo "skip - selftest: programs of another architecture"
	exit 0
fi
said=$("$OUT/bin/cloison-bench" selftest 2>/dev/null)
status=$?
name="99% intervals hold 1 in 95 of 100 comparisons with itself, and a tenth is found in 95 of 100"
if [ "$status" -eq 0 ] && echo "$said" | grep -q '^verdict.*: holds$'; then
	echo "ok - selftest: $name"
else
	echo "not ok - selftest: $name: $(echo "$said" | grep -E 'A/A|A/B' | head -n 2 | tr '\n' ' ')"
fi
