#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hybrid.sh: a host whose cgroup v2 tree is mounted beside v1, or not at all.
# shellcheck source-path=SCRIPTDIR/../..
. tests/host/lib.sh

[ -n "$cgroups" ] || skip_all "needs a cgroup v2 tree"

# v1_has CONTROLLER
v1_has() {
	awk -v name="$1" '$1 == name && $2 != 0 && $4 == 1 { found = 1 } END { exit !found }' /proc/cgroups
}

v1_is_named() {
	refuse 125 'cannot limit memory: the controller is missing in cgroup `/`$' \
		ct '.linux.resources = {memory: {limit: 67108864}}' true
	has "$(cat "$T/refused.err")" '^  cause: cgroup v1 has it$'
	has "$(cat "$T/refused.err")" '^  hint:  .*systemd.unified_cgroup_hierarchy=1 .*cgroup_no_v1=memory;'
	refuse 125 'cannot limit io: the controller is missing' \
		ct '.linux.resources = {blockIO: {weight: 100}}' true
	has "$(cat "$T/refused.err")" '^  hint:  .*cgroup_no_v1=blkio;'
	start_ct u
	refuse 125 'cannot limit pids: the controller is missing' c update --pids-limit 5 "$tag-u"
	c delete --force "$tag-u"
}

docker_path() {
	start_ct d ".linux.cgroupsPath = \"/docker-$tag/$tag-d\" | .linux.resources |=
		{devices: [{allow: false, access: \"rwm\"}], memory: {disableOOMKiller: false}, cpu: {shares: 0},
		pids: {limit: 0}, blockIO: {weight: 0}}"
	[ -d "$cgroups/docker-$tag/$tag-d" ]
	has "$(cat "/proc/$(pid_of d)/cgroup")" "^0::/docker-$tag/$tag-d\$"
	c events --stats "$tag-d" | jq -e '.type == "stats" and .data.cpu.usage.total > 0'
	c delete --force "$tag-d"
	[ ! -d "$cgroups/docker-$tag" ]
}

# without_v2 COMMAND... - in a mount namespace that has no cgroup v2 mounted
without_v2() {
	unshare -m --propagation private sh -c 'umount -l "$0" && exec "$@"' "$cgroups" "$@"
}

not_mounted() {
	bundle n '.linux.resources = {devices: [{allow: false, access: "rwm"}]}' 'sleep 1000'
	without_v2 timeout 30 "$cloison" --root "$T/.run" run --detach --bundle "$T/n" "$tag-n" \
		</dev/null >"$T/n/out" 2>&1
	has "$(cat "/proc/$(pid_of n)/cgroup")" "^0::/cloison/$tag-n\$"
	without_v2 "$cloison" --root "$T/.run" pause "$tag-n"
	equal "$(status_of n)" paused
	without_v2 "$cloison" --root "$T/.run" resume "$tag-n"
	without_v2 "$cloison" --root "$T/.run" exec "$tag-n" true
	without_v2 "$cloison" --root "$T/.run" delete --force "$tag-n"
	[ ! -d "$cgroups/cloison/$tag-n" ]
}

if v1_has memory; then
	check a_controller_that_cgroup_v1_has_is_named_with_the_way_to_get_it v1_is_named
else
	skip a_controller_that_cgroup_v1_has_is_named_with_the_way_to_get_it "cgroup v1 does not have it"
fi
check an_engines_default_path_works_without_limits docker_path
check without_a_cgroup_v2_mount_the_container_has_its_place_all_the_same not_mounted
finish
