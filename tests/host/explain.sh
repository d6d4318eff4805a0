#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# explain.sh: `explain` says what `run` would do, and why; nothing is made for it.
. tests/host/lib.sh

# says BUNDLE WHAT VALUE CAUSE - is there such a row?
says() {
	jq -e --arg what "$2" --arg value "$3" --arg cause "$4" \
		'any(.[]; .what == $what and (.value | test($value)) and .cause == $cause)' "$T/$1/plan" >/dev/null ||
		fail "no row $2, $3, $4 in $(jq -c '.[]' "$T/$1/plan")"
}

plan() {
	c explain --json "$T/$1" >"$T/$1/plan"
}

usual() {
	bundle usual .
	plan usual
	says usual network '^its own$' linux.namespaces
	says usual user '^shared with the host$' 'linux.namespaces has no `user`'
	says usual memory '^none$' 'linux.resources.memory.limit is not there'
	says usual program 'compiled when Cloison was built' 'linux.seccomp is what `cloison spec` writes'
	says usual /proc '^proc' 'mounts[0]'
	says usual bounding 'KILL' process.capabilities.bounding
	[ ! -e "$T/.run/usual" ]
}
check "the usual bundle" usual

open_walls() {
	bundle open '.linux.namespaces |= map(select(.type != "network")) | del(.linux.seccomp, .linux.maskedPaths)
		| .linux.resources = {memory: {limit: 1048576}, pids: {limit: 5}} | .process.noNewPrivileges = false
		| .root.readonly = false | .linux.namespaces |= map(if .type == "uts" then .path = "/proc/self/ns/uts" else . end) | del(.hostname)'
	plan open
	says open network '^shared with the host$' 'linux.namespaces has no `network`'
	says open uts '^joined: /proc/self/ns/uts$' linux.namespaces
	says open filter '^none' 'linux.seccomp is not there'
	says open 'memory limit' '^1048576$' linux.resources.memory.limit
	says open 'pids limit' '^5$' linux.resources.pids.limit
	says open 'set-user-id programs' '^give their rights$' 'process.noNewPrivileges is not true'
	says open masked '^0$' 'linux.maskedPaths is empty'
	says open writable '^yes$' 'root.readonly is not true'
}
check "walls that are missing are named" open_walls

engines() {
	for e in docker podman containerd; do
		bundle "$e" ".linux.seccomp = $(cat "tests/unit/profiles/$e.json")"
		plan "$e"
		says "$e" rules "^$(jq '.syscalls | length' "tests/unit/profiles/$e.json")$" linux.seccomp.syscalls
		says "$e" program '^[0-9]+ instructions, compiled for this profile$' linux.seccomp
		says "$e" architectures 'SCMP_ARCH_X32' linux.seccomp.architectures
	done
}
check "an engine's filter" engines

as_table() {
	bundle table '.mounts += [{destination: "/a\u001b[31m", type: "tmpfs", source: "x"}]'
	c explain "$T/table" >"$T/table/out"
	lacks "$(cat "$T/table/out")" "$(printf '\033')"
	has "$(cat "$T/table/out")" '^namespaces +user +shared with the host +linux.namespaces has no `user`$'
	bundle table '.process.cwd = "x"'
	refuse 125 'process.cwd: must be an absolute path' c explain "$T/table"
}
check "the table is for terminals, and a bundle that cannot run is refused" as_table

finish
