#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# limits.sh: limits in a cgroup v2 tree that has all controllers; run by guest.
# shellcheck source-path=SCRIPTDIR/../..
. tests/host/lib.sh

[ "$cgroups" = /sys/fs/cgroup ] || skip_all "needs a host with cgroup v2 alone"

cg=/sys/fs/cgroup/cloison

# file NAME FILE - a file of the container's cgroup
file() {
	cat "$cg/$tag-$1/$2"
}

every_limit() {
	start_ct e '.linux.resources = {
		memory: {limit: 67108864, reservation: 33554432, swap: 134217728},
		cpu: {shares: 1024, quota: 50000, period: 200000, burst: 10000, cpus: "0", mems: "0"},
		pids: {limit: 50},
		hugepageLimits: [{pageSize: "2MB", limit: 4194304}],
		unified: {"memory.high": "60000000", "memory.oom.group": "1"}}'
	equal "$(file e memory.max)" 67108864
	equal "$(file e memory.low)" 33554432
	equal "$(file e memory.swap.max)" 67108864
	equal "$(file e memory.high)" 59998208
	equal "$(file e memory.oom.group)" 1
	equal "$(file e cpu.weight)" 39
	equal "$(file e cpu.max)" "50000 200000"
	equal "$(file e cpu.max.burst)" 10000
	equal "$(file e cpuset.cpus)" 0
	equal "$(file e cpuset.mems)" 0
	equal "$(file e pids.max)" 50
	equal "$(file e hugetlb.2MB.max)" 4194304
	equal "$(file e hugetlb.2MB.rsvd.max)" 4194304
	c delete --force "$tag-e"
}

# the root disk
device_numbers() {
	set -- "$(stat -fc %t /)" "$(lsblk -dno MAJ:MIN /dev/nvme0n1)"
	echo "$2" | tr -d ' '
}

io_limits() {
	device=$(device_numbers)
	start_ct io ".linux.resources.blockIO = {
		weight: 500,
		throttleReadBpsDevice: [{major: ${device%:*}, minor: ${device#*:}, rate: 1048576}],
		throttleWriteIOPSDevice: [{major: ${device%:*}, minor: ${device#*:}, rate: 100}]}"
	equal "$(file io io.max)" "$device rbps=1048576 wbps=max riops=max wiops=100"
	has "$(file io io.weight 2>/dev/null || file io io.bfq.weight)" '^default (4950|500)$'
	c delete --force "$tag-io"
}

too_little_memory() {
	refuse 125 'cause: OOM: memory.max, 32768 bytes, is not enough to start in' \
		ct '.linux.resources.memory = {limit: 32768} | .process.args = ["true"]' true
}

refused_by_the_kernel() {
	refuse 125 'cannot write `0-9999` to cpuset.cpus' \
		ct '.linux.resources.cpu = {cpus: "0-9999"}' true
	refuse 125 'cannot write `x` to memory.high' \
		ct '.linux.resources.unified = {"memory.high": "x"}' true
	refuse 125 'cannot write `1` to no.such: ENOENT|no.such' \
		ct '.linux.resources.unified = {"no.such": "1"}' true
	refuse 125 'the controller is missing|cannot write' \
		ct '.linux.resources.unified = {"rdma.max": "x hca_handle=1"}' true
}

updated() {
	start_ct u '.linux.resources = {memory: {limit: 67108864}, cpu: {quota: 50000, period: 100000}}'
	c update --memory 32m --pids-limit 20 --cpu-share 2048 "$tag-u"
	equal "$(file u memory.max)" 33554432
	equal "$(file u pids.max)" 20
	equal "$(file u cpu.weight)" 79
	equal "$(file u cpu.max)" "50000 100000"
	c update --cpu-period 200000 "$tag-u"
	equal "$(file u cpu.max)" "50000 200000"
	c update --cpu-quota 100000 --cpu-burst 80000 "$tag-u"
	equal "$(file u cpu.max) $(file u cpu.max.burst)" "100000 200000 80000"
	c update --cpu-quota 20000 --cpu-burst 10000 "$tag-u"
	equal "$(file u cpu.max) $(file u cpu.max.burst)" "20000 200000 10000"
	c update --cpu-quota -1 "$tag-u"
	equal "$(file u cpu.max)" "max 200000"
	c update --memory-swap 64m "$tag-u"
	equal "$(file u memory.swap.max)" 33554432
	c update --memory -1 --pids-limit -1 "$tag-u"
	equal "$(file u memory.max) $(file u memory.swap.max) $(file u pids.max)" "max max max"
	c update --cpuset-cpus 0-1 --cpu-idle 1 "$tag-u"
	equal "$(file u cpuset.cpus) $(file u cpu.idle)" "0-1 1"
	c update --cpu-idle 0 --cpu-share 1024 "$tag-u"
	equal "$(file u cpu.idle) $(file u cpu.weight)" "0 39"
	echo '{"memory":{"limit":50331648,"swap":0},"cpu":{"shares":0,"cpus":""},"pids":{"limit":9},
		"devices":[{"allow":false,"access":"rwm"}]}' >"$T/r.json"
	c update --resources - "$tag-u" <"$T/r.json"
	equal "$(file u memory.max) $(file u pids.max) $(file u cpu.weight)" "50331648 9 39"
	c exec "$tag-u" sh -c ': </dev/null'
	c update -r "$T/r.json" "$tag-u"
	c delete --force "$tag-u"
}

all_or_nothing() {
	start_ct n '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 30}}'
	refuse 125 'cpu.cpus: must be a list' c update --memory 32m --cpuset-cpus all "$tag-n"
	equal "$(file n memory.max)" 67108864
	refuse 125 'cannot write `7` to cpuset.mems' c update --memory 32m --pids-limit 3 --cpuset-mems 7 "$tag-n"
	equal "$(file n memory.max) $(file n pids.max)" "67108864 30"
	refuse 125 'option --memory: `lots` is not a number' c update --memory lots "$tag-n"
	refuse 125 'nothing to update' c update "$tag-n"
	echo '{"memory":{"limit":4096,"checkBeforeUpdate":true}}' >"$T/check.json"
	refuse 125 'is not above the [0-9]+ bytes in use' c update -r "$T/check.json" "$tag-n"
	equal "$(file n memory.max)" 67108864
	echo '{"memory":' >"$T/cut.json"
	refuse 125 'cut.json: line [0-9]+ column' c update -r "$T/cut.json" "$tag-n"
	c delete --force "$tag-n"
	refuse 125 'does not exist' c update --memory 1m "$tag-n"
}

# The first limit may need a controller that none has needed before.
update_hands_controllers_down() {
	mkdir "$cgroups/fresh-$tag"
	start_ct h ".linux.cgroupsPath = \"/fresh-$tag/$tag-h\""
	echo '-pids -memory -io -cpu' >"$cgroups/fresh-$tag/cgroup.subtree_control"
	[ ! -e "$cgroups/fresh-$tag/$tag-h/pids.max" ]
	c update --pids-limit 7 "$tag-h"
	equal "$(cat "$cgroups/fresh-$tag/$tag-h/pids.max")" 7
	c delete --force "$tag-h"
	rmdir "$cgroups/fresh-$tag"
}

stats() {
	start_ct s '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 30}, cpu: {quota: 50000},
		blockIO: {weight: 100}, hugepageLimits: [{pageSize: "2MB", limit: 0}]}'
	wait_for 10 is_up s
	lines=$(c events --stats "$tag-s")
	equal "$(printf '%s\n' "$lines" | wc -l)" 1
	printf '%s' "$lines" | jq -e --arg id "$tag-s" '.type == "stats" and .id == $id and
		(.data | .cpu.usage.total > 0 and .cpu.usage.user >= 0 and .cpu.throttling.periods >= 0 and
		.cpuset.mems == [0] and
		.memory.usage.limit == 67108864 and .memory.usage.usage > 0 and .memory.raw.anon >= 0 and
		.pids == {current: 2, limit: 30} and (.blkio | has("ioServiceBytesRecursive")) and
		.hugetlb["2MB"] == {usage: 0, failcnt: 0})' ||
		fail "$lines"
	if [ -e /proc/pressure/cpu ] && file s cpu.pressure >/dev/null; then
		printf '%s' "$lines" | jq -e '.data | .cpu.psi.some.avg10 >= 0 and
			.memory.psi.full.total >= 0 and .blkio.psi.some.avg300 >= 0'
	fi
	c delete --force "$tag-s"
	refuse 125 'does not exist' c events --stats "$tag-s"
}

events_until_the_end() {
	bundle o '.linux.resources = {memory: {limit: 16777216, swap: 16777216}}' \
		'trap "exit 0" TERM; tail /dev/zero; sleep 1000 & wait'
	c create --bundle "$T/o" "$tag-o" </dev/null >"$T/o/out" 2>&1
	LIMIT=60 c events --interval 500ms "$tag-o" >"$T/o/events" 2>&1 &
	watcher=$!
	c start "$tag-o"
	wait_for 30 grep -q '"oom"' "$T/o/events"
	wait_for 10 grep -q '"stats"' "$T/o/events"
	c kill "$tag-o" TERM
	wait_for 10 is_status o stopped
	wait "$watcher"
	equal "$(jq -r 'select(.type == "oom") | .id' "$T/o/events")" "$tag-o"
	jq -es 'map(.type) | unique == ["oom", "stats"]' "$T/o/events"
	c delete "$tag-o"
}

bad_intervals() {
	start_ct i
	for interval in 0s -1s 5 1x '' 5ss s; do
		refuse 125 "interval: \`$interval\`|needs a value" c events "--interval=$interval" "$tag-i"
	done
	c delete --force "$tag-i"
}

# What was made on the way to a deep path goes with the last container below it.
intermediate_directories() {
	mkdir "$cgroups/own-$tag"
	start_ct x ".linux.cgroupsPath = \"/own-$tag/a/b/$tag-x\" | .linux.resources = {pids: {limit: 10}}"
	start_ct y ".linux.cgroupsPath = \"/own-$tag/a/$tag-y\" | .linux.resources = {pids: {limit: 10}}"
	equal "$(cat "$cgroups/own-$tag/a/b/$tag-x/pids.max")" 10
	c delete --force "$tag-x"
	[ ! -d "$cgroups/own-$tag/a/b" ]
	[ -d "$cgroups/own-$tag/a" ]
	c delete --force "$tag-y"
	[ -d "$cgroups/own-$tag" ]
	rmdir "$cgroups/own-$tag"
}

# An engine asks how much its containers use, limits or not.
engines_get_counts() {
	start_ct dk ".linux.cgroupsPath = \"/docker-$tag/$tag-dk\""
	for f in memory.current cpu.stat pids.current io.stat; do
		[ -e "$cgroups/docker-$tag/$tag-dk/$f" ]
	done
	c delete --force "$tag-dk"
	[ ! -d "$cgroups/docker-$tag" ]
}

no_inner_processes() {
	mkdir "$cgroups/inner-$tag"
	sleep 1000 &
	echo $! >"$cgroups/inner-$tag/cgroup.procs"
	refuse 125 "cannot hand the controller pids down from cgroup \`/inner-$tag\`: EBUSY" \
		ct ".linux.cgroupsPath = \"/inner-$tag/c\" | .linux.resources = {pids: {limit: 5}}" true
	has "$(cat "$T/refused.err")" 'cause: cgroup .* has processes of its own'
	# without limits there is nothing to hand down
	ct ".linux.cgroupsPath = \"/inner-$tag/c\" | del(.linux.resources)" true
	# one that is a threaded domain takes no container below it at all
	echo +pids >"$cgroups/inner-$tag/cgroup.subtree_control"
	refuse 125 'cannot make the container.s process: EOPNOTSUPP' \
		ct ".linux.cgroupsPath = \"/inner-$tag/c\" | del(.linux.resources)" true
	has "$(cat "$T/refused.err")" 'cause: cgroup .* is of type `domain invalid`'
	kill $!
	wait $! || true
	rmdir "$cgroups/inner-$tag"
}

one_below_the_other() {
	start_ct outer
	start_ct inner ".linux.cgroupsPath = \"/cloison/$tag-outer/$tag-inner\""
	[ -d "$cg/$tag-outer/$tag-inner" ]
	c delete --force "$tag-inner"
	equal "$(status_of outer)" running
	start_ct inner ".linux.cgroupsPath = \"/cloison/$tag-outer/$tag-inner\""
	c delete --force "$tag-outer"
	equal "$(status_of inner)" stopped
	c delete "$tag-inner"
}

# A container that manages cgroups of its own, as systemd does in one, leaves its top cgroup empty.
exec_below() {
	bundle m '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup"}] |
		.mounts |= map(select(.destination != "/sys")) | .root.readonly = false |
		.linux.maskedPaths = [] | .linux.readonlyPaths = [] |
		.process.capabilities = ([("bounding", "effective", "permitted") as $s |
			{($s): ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_KILL"]}] | add) |
		.linux.resources = {memory: {limit: 67108864}}' \
		'mkdir /sys/fs/cgroup/init && echo 1 >/sys/fs/cgroup/init/cgroup.procs &&
		echo +memory >/sys/fs/cgroup/cgroup.subtree_control && echo ready >/tmp/ready; sleep 1000'
	rm -f "$T/rootfs/tmp/ready"
	c run --detach --bundle "$T/m" "$tag-m" </dev/null >"$T/m/out" 2>&1 || fail "$(cat "$T/m/out")"
	wait_for 10 test -e "$T/rootfs/tmp/ready" || fail "not ready: $(cat "$T/m/out")"
	equal "$(c exec "$tag-m" grep ^0:: /proc/self/cgroup)" 0::/init
	c pause "$tag-m"
	c resume "$tag-m"
	c kill --all "$tag-m" KILL
	wait_for 5 is_status m stopped
	c delete "$tag-m"
}

check every_limit_reaches_its_file every_limit
check io_limits_reach_their_device io_limits
check a_limit_that_the_kernel_refuses_is_named refused_by_the_kernel
check a_start_that_runs_out_of_memory_says_so too_little_memory
check update_changes_what_it_names_and_nothing_else updated
check update_applies_all_or_nothing all_or_nothing
check update_hands_controllers_down update_hands_controllers_down
check events_stats_prints_what_engines_read stats
check events_tells_of_an_oom_kill_and_ends_with_the_container events_until_the_end
check a_wrong_interval_is_refused bad_intervals
check directories_made_for_a_deep_path_go_with_the_last_container intermediate_directories
check a_cgroup_that_an_engine_asked_for_is_accounted engines_get_counts
check a_cgroup_with_processes_hands_nothing_down no_inner_processes
check containers_one_below_the_other one_below_the_other
check exec_joins_a_container_that_manages_its_own_cgroups exec_below

# The same without a cgroup that exec could go to: the first process is elsewhere.
exec_nowhere() {
	mkdir -p "$cgroups/apart-$tag"
	start_ct n '.linux.resources = {memory: {limit: 67108864}}'
	pid=$(c state "$tag-n" | jq .pid)
	while read -r process; do
		echo "$process" >"$cgroups/apart-$tag/cgroup.procs"
	done <"$cg/$tag-n/cgroup.procs"
	echo +memory >"$cg/$tag-n/cgroup.subtree_control"
	refuse 125 EBUSY c exec "$tag-n" true
	grep -q 'cause: cgroup .* hands controllers down' "$T/refused.err" || fail "$(cat "$T/refused.err")"
	mkdir "$cg/$tag-n/below"
	refuse 125 EBUSY c exec "$tag-n" true
	grep -q 'cause: it hands controllers down, and the container' "$T/refused.err" || fail "$(cat "$T/refused.err")"
	rmdir "$cg/$tag-n/below"
	kill -KILL "$pid"
	c delete --force "$tag-n"
	wait_for 10 rmdir "$cgroups/apart-$tag"
}
check exec_where_no_process_may_be_says_why exec_nowhere
finish
