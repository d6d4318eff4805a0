#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# doctor.sh: `doctor` finds what is really missing, says how to get it, and its status is what `run` needs.
. tests/host/lib.sh

# state NAME - of a check in $T/doctor
state() {
	jq -r --arg name "$1" '.checks[] | select(.name == $name) | .state' "$T/doctor"
}

# doctor COMMAND... - its JSON to $T/doctor, run by COMMAND; prints its status
doctor() {
	code=0
	"$@" "$cloison" doctor --json >"$T/doctor" || code=$?
	echo "$code"
}

finds_all() {
	equal "$(doctor env)" 0
	equal "$(jq -r .run "$T/doctor")" true
	for name in 'mount namespace' openat2 pidfd 'clone3 into a cgroup' seccomp cgroup2 'device filter'; do
		equal "$name: $(state "$name")" "$name: ok"
	done
	jq -e 'all(.checks[]; .state == "ok" or ((.cost | length) > 0 and (.get | length) > 0))' "$T/doctor" >/dev/null ||
		fail "a check that is not ok has no cost or no way to get it"
}
check "on this host what run needs is there" finds_all

as_text() {
	out=$("$cloison" doctor)
	has "$out" '^ok +openat2 '
	has "$out" '^Containers can be run here\.$'
}
check "as text it is a line for each, and one for all" as_text

no_user_namespaces() {
	# a limit of this user namespace and those below, not of the host's
	equal "$(doctor unshare --user --map-root-user --mount sh -c 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$0" "$@"')" 1
	equal "$(state 'network namespace')" missing
	equal "$(jq -r .run "$T/doctor")" false
	has "$(jq -r '.checks[] | select(.name == "network namespace") | .get' "$T/doctor")" 'user\.max_\*_namespaces'
	equal "$(state 'pid namespace')" ok
}
check "where no network namespace may be made it says so and by which setting, with status 1" no_user_namespaces

no_cgroup2() {
	# in a user namespace the tree can be mounted only by who has a cgroup namespace there
	code=$(doctor unshare --user --map-root-user --mount sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec "$0" "$@"')
	equal "$code" 1
	equal "$(state cgroup2)" missing
	equal "$(state 'memory controller')" limited
	has "$(jq -r '.checks[] | select(.name == "cgroup2") | .get' "$T/doctor")" 'mount -t cgroup2'
}
check "where there is no cgroup2 it says so, and how to mount it" no_cgroup2

no_rights() {
	code=$(doctor setpriv --bounding-set=-sys_admin)
	equal "$code" 1
	equal "$(state 'mount namespace')" missing
	has "$(jq -r '.checks[] | select(.name == "mount namespace") | .get' "$T/doctor")" CAP_SYS_ADMIN
}
check "root without CAP_SYS_ADMIN is told what it lacks" no_rights

ordinary_user() {
	doctor setpriv --reuid=65534 --regid=65534 --clear-groups >/dev/null
	equal "$(state 'subordinate ids')" limited
	equal "$(state 'device filter')" limited
}
check "an ordinary user is told of ids and not of root's device filter" ordinary_user

finish
