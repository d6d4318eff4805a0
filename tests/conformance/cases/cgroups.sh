# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# cgroups.sh: config-linux.md, Control groups, as cgroup v2 has them.

# --- path

case_cgroups_path_absolute() {
	up '.linux.cgroupsPath = "/CGROUP/in/here"' "$SLEEPER"
	equal "$(cgroup_of "$(pid)")" "/sys/fs/cgroup/$tag.$case/in/here"
}

# A relative one is where the runtime likes it; the same value is the same place.
case_cgroups_path_consistent() {
	for round in 1 2; do
		up '.linux.cgroupsPath = "CGROUP"' "$SLEEPER"
		where=$(cgroup_of "$(pid)")
		has "$where" "$tag.$case"
		[ "$round" -eq 1 ] || equal "$where" "$before"
		before=$where
		rt delete --force "$id"
	done
}

case_cgroups_path_invalid() {
	outside=conformance-outside.$$
	config ".linux.cgroupsPath = \"/../../../$outside\""
	if rt create --bundle "$bundle" "$id" >/dev/null 2>&1; then
		[ ! -d "/sys/fs/$outside" ] || fail "it is outside"
		has "$(cgroup_of "$(pid)")" "^/sys/fs/cgroup/"
	fi
	find /sys/fs/cgroup -maxdepth 1 -name "$outside" -exec sh -c 'sleep 0.1; rmdir "$1" 2>/dev/null' sh {} \; || :
}

# A cgroup that exists and is not fit: the runtime may look, and then has to refuse.
case_cgroup_not_fit() {
	mkdir -p "/sys/fs/cgroup/$tag.$case"
	echo 1 >"/sys/fs/cgroup/$tag.$case/cgroup.freeze"
	config . 'echo ran'
	if timeout -k 1 $((LIMIT / 3 + 1)) "$runtime" --root "$runtime_root" create --bundle "$bundle" "$id" \
		>"$case_dir/program.out" 2>&1 </dev/null; then
		rc=0
	else
		rc=$?
	fi
	echo 0 >"/sys/fs/cgroup/$tag.$case/cgroup.freeze"
	case $rc in
	124 | 137) fail "create waits for ever in a frozen cgroup" ;;
	esac
	[ "$rc" -eq 0 ] || return 0
	# it was not looked at, or found fit: then the container is one
	begin
	wait_for grep -q ran "$case_dir/program.out"
}

# --- who owns it: with a user namespace and a writable cgroup mount of its own

OWNED='.linux.namespaces += [{type: "user"}, {type: "cgroup"}] |
	.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
	.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
	.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev"]}]'

# Files of the kernel's list that the cgroup has not are no error.
case_cgroup_owner_missing_files() {
	missing=
	up "$OWNED" "$SLEEPER"
	cgroup=$(cgroup_of "$(pid)")
	while read -r file; do [ -e "$cgroup/$file" ] || missing="$missing $file"; done </sys/kernel/cgroup/delegate
	equal "$(status)" running
}

# --- devices. A rule that comes later wins over an earlier one.

# rules RULE... and what the program can do
rules() {
	gives ".linux.resources.devices = [$1]" \
		'for d in null zero full; do (exec 3<>/dev/$d) 2>/dev/null && echo "$d"; done; echo end' "$2"
}

case_devices_allow_after_deny() {
	rules '{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 3, access: "rw"},
		{allow: true, type: "c", major: 1, minor: 5, access: "rw"}, {allow: true, type: "c", major: 1, minor: 7, access: "rw"}' 'null
zero
full
end'
}

# The kernel's log: a device that no runtime allows by itself, and that anybody may open for writing.
KMSG='.linux.devices = [{path: "/dev/conformance", type: "c", major: 1, minor: 11, fileMode: 438}]'
TRY='(exec 3>/dev/conformance) 2>/dev/null && echo opened; echo end'

# kmsg RULE... - is it opened under these rules?
kmsg() {
	gives "$KMSG | .linux.resources.devices = [$1]" "$TRY" "$2"
}

case_devices_in_order() {
	kmsg '{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "rwm"},
		{allow: false, type: "c", major: 1, minor: 11, access: "rw"}' end
	kmsg '{allow: false, type: "c", major: 1, minor: 11, access: "rw"}, {allow: false, access: "rwm"},
		{allow: true, type: "c", major: 1, minor: 11, access: "rw"}' 'opened
end'
}

case_devices_unset_is_all() {
	kmsg '{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, access: "rwm"}' 'opened
end'
	kmsg '{allow: true, access: "rwm"}, {allow: false, type: "c", access: "rwm"}' end
}

case_devices_access() {
	kmsg '{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "r"}' end
	kmsg '{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "w"}' 'opened
end'
}

case_devices_allow_required() { refuses '.linux.resources.devices = [{access: "rwm"}]'; }

# --- memory

case_memory_limit() { limit memory.max '.linux.resources.memory.limit = 67108864' 67108864 memory; }
case_memory_unlimited() { limit memory.max '.linux.resources.memory.limit = -1' max memory; }
case_memory_reservation() { limit memory.low '.linux.resources.memory.reservation = 33554432' 33554432 memory; }
# The specification counts memory and swap, the kernel swap alone.
case_memory_swap() {
	need_controller memory
	[ -e /proc/swaps ] || skip "needs a kernel with swap"
	up '.linux.resources.memory = {limit: 67108864, swap: 100663296}' "$SLEEPER"
	equal "$(cat "$(cgroup_of "$(pid)")/memory.swap.max")" 33554432
}

case_memory_is_enforced() {
	need_controller memory
	inside '.linux.resources.memory = {limit: 16777216, swap: 16777216}' \
		'head -c 50000000 /dev/zero >/dev/file && echo survived'
	! printf '%s\n' "$out" | grep -q survived || fail "50 MB in 16 MB"
}

# A runtime may look at the usage before it sets a lower limit; what it finds too low it refuses.
case_memory_check_before_update() {
	need_controller memory
	config '.linux.resources.memory.limit = 268435456' "head -c 33554432 /dev/zero >/dev/shm/file; $SLEEPER"
	jq -c '.mounts += [{destination: "/dev/shm", type: "tmpfs", source: "shm"}]' "$config" >"$config.new"
	mv "$config.new" "$config"
	rt create --bundle "$bundle" "$id" >"$case_dir/out" 2>&1 || fail "create: $(cat "$case_dir/out")"
	begin
	wait_for grep -q ready "$case_dir/out"
	echo '{"memory": {"limit": 8388608, "checkBeforeUpdate": true}}' >"$case_dir/resources"
	must_fail rt update --resources "$case_dir/resources" "$id"
	equal "$(cat "$(cgroup_of "$(pid)")/memory.max") $(status)" "268435456 running"
}

# --- cpu

case_cpu_shares() {
	need_controller cpu
	up '.linux.resources.cpu.shares = 4096' "$SLEEPER"
	[ "$(cat "$(cgroup_of "$(pid)")/cpu.weight")" -gt 100 ] || fail "cpu.weight is $(cat "$(cgroup_of "$(pid)")/cpu.weight")"
}
case_cpu_quota() { limit cpu.max '.linux.resources.cpu = {quota: 50000, period: 200000}' '50000 200000' cpu; }
case_cpu_period() { limit cpu.max '.linux.resources.cpu = {period: 50000}' 'max 50000' cpu; }
case_cpu_burst() {
	need_controller cpu
	limit cpu.max.burst '.linux.resources.cpu = {quota: 50000, period: 100000, burst: 20000}' 20000 cpu
}
case_cpu_burst_above_quota() {
	need_controller cpu
	refuses '.linux.resources.cpu = {quota: 50000, period: 100000, burst: 60000}'
}
case_cpu_idle() { limit cpu.idle '.linux.resources.cpu.idle = 1' 1 cpu; }
case_cpu_cpus() {
	need_controller cpuset
	gives '.linux.resources.cpu.cpus = "0"' 'grep Cpus_allowed_list /proc/self/status | tr -d "\t"' Cpus_allowed_list:0
}
case_cpu_mems() { limit cpuset.mems '.linux.resources.cpu.mems = "0"' 0 cpuset; }

# --- block IO. The device is one that the machine has; without any, no limit on one can be set.

# io_device - $major:$minor of a whole disk
io_device() {
	need_controller io
	for node in /sys/block/[sv]d[a-z]/dev /sys/block/nvme*n1/dev; do
		[ -e "$node" ] || continue
		IFS=: read -r major minor <"$node"
		return
	done
	skip "needs a disk"
}

# throttled KEY WORD - io.max has it
throttled() {
	io_device
	up ".linux.resources.blockIO.$1 = [{major: $major, minor: $minor, rate: 1048576}]" "$SLEEPER"
	has "$(cat "$(cgroup_of "$(pid)")/io.max")" "^$major:$minor .*$2=1048576"
}

case_block_io_read_bps() { throttled throttleReadBpsDevice rbps; }
case_block_io_write_bps() { throttled throttleWriteBpsDevice wbps; }
case_block_io_read_iops() { throttled throttleReadIOPSDevice riops; }
case_block_io_write_iops() { throttled throttleWriteIOPSDevice wiops; }
case_block_io_weight_device_empty() { refuses '.linux.resources.blockIO.weightDevice = [{major: 8, minor: 0}]'; }
case_block_io_weight_device_major() { refuses '.linux.resources.blockIO.weightDevice = [{minor: 0, weight: 100}]'; }
case_block_io_weight_device_minor() { refuses '.linux.resources.blockIO.weightDevice = [{major: 8, weight: 100}]'; }
case_block_io_rate_required() { refuses '.linux.resources.blockIO.throttleReadBpsDevice = [{major: 8, minor: 0}]'; }
case_block_io_major_required() { refuses '.linux.resources.blockIO.throttleReadIOPSDevice = [{minor: 0, rate: 1}]'; }
case_block_io_minor_required() { refuses '.linux.resources.blockIO.throttleWriteIOPSDevice = [{major: 8, rate: 1}]'; }

# --- huge pages, network, pids, RDMA

case_hugepage_limit() {
	need_controller hugetlb
	[ -e /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "needs huge pages of 2 MB"
	up '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]' "$SLEEPER"
	equal "$(cat "$(cgroup_of "$(pid)")/hugetlb.2MB.max")" 4194304
}
case_hugepage_no_such_size() {
	need_controller hugetlb
	refuses '.linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 4194304}]'
}
case_hugepage_size_required() { refuses '.linux.resources.hugepageLimits = [{limit: 4194304}]'; }
case_hugepage_limit_required() { refuses '.linux.resources.hugepageLimits = [{pageSize: "2MB"}]'; }

# cgroup v2 has nothing that these could be converted to.
case_network_class_id_not_v2() { refuses '.linux.resources.network.classID = 1048577'; }
case_network_priorities_not_v2() { refuses '.linux.resources.network.priorities = [{name: "lo", priority: 5}]'; }
case_network_priority_name_required() { refuses '.linux.resources.network.priorities = [{priority: 5}]'; }
case_network_priority_required() { refuses '.linux.resources.network.priorities = [{name: "lo"}]'; }
case_realtime_not_v2() { refuses '.linux.resources.cpu = {realtimeRuntime: 950000, realtimePeriod: 1000000}'; }
case_kernel_memory_not_v2() { refuses '.linux.resources.memory = {swappiness: 10}'; }

case_pids_limit() { limit pids.max '.linux.resources.pids.limit = 17' 17 pids; }
case_pids_limit_required() { refuses '.linux.resources.pids = {}'; }

case_rdma_empty() { refuses '.linux.resources.rdma = {mlx5_1: {}}'; }

# --- unified

case_unified_enables_controller() {
	need_controller pids memory
	up '.linux.resources.unified = {"pids.max": "19", "memory.high": "134217728"}' "$SLEEPER"
	cgroup=$(cgroup_of "$(pid)")
	equal "$(cat "$cgroup/pids.max" "$cgroup/memory.high" | tr '\n' ' ')" '19 134217728 '
}
# No runtime needs to know this file.
case_unified_unknown_file() {
	up '.linux.resources.unified = {"cgroup.max.descendants": "37"}' "$SLEEPER"
	equal "$(cat "$(cgroup_of "$(pid)")/cgroup.max.descendants")" 37
}
case_unified_no_such_controller() { refuses '.linux.resources.unified = {"nosuch.max": "1"}'; }
