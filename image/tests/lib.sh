# SPDX-License-Identifier: GPL-2.0-or-later
#
# lib.sh: what the tests of the build share. Sourced; makes $dir, which is removed at the end.
# shellcheck shell=sh disable=SC2034 # failed is for the test that sources this

OUT=${OUT:-out/x86_64}
dir=$(mktemp -d "${TMPDIR:-/tmp}/cloison-test.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
failed=0

# check NAME COMMAND... - report whether the command succeeds
check() {
	name=$1
	shift
	if "$@" >"$dir/check.out" 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name: $(head -c 300 "$dir/check.out" | tr '\n' ' ')"
		failed=1
	fi
}

# refuses MESSAGE COMMAND... - the command must fail and say MESSAGE
refuses() {
	message=$1
	shift
	if "$@" >"$dir/refuses.out" 2>&1; then
		echo "it succeeded"
		return 1
	fi
	grep -q -F -- "$message" "$dir/refuses.out" || {
		cat "$dir/refuses.out"
		return 1
	}
}
