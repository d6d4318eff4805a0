#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tuning.sh: how the kernel schedules the program: scheduler, I/O priority, CPU affinity, memory policy,
# personality.
. tests/host/lib.sh

# What proc_pid_stat(5) has: nice, real-time priority, policy.
scheduling='sed "s/.*) //" /proc/self/stat | cut -d " " -f 17,38,39'

scheduler() {
	equal "$(ct . "$scheduling")" "0 0 0"
	equal "$(ct '.process.scheduler = {policy: "SCHED_OTHER", nice: 5}' "$scheduling")" "5 0 0"
	equal "$(ct '.process.scheduler = {policy: "SCHED_BATCH", nice: 3}' "$scheduling")" "3 0 3"
	equal "$(ct '.process.scheduler = {policy: "SCHED_IDLE"}' "$scheduling")" "0 0 5"
	if chrt -f 7 true 2>/dev/null; then
		equal "$(ct '.process.scheduler = {policy: "SCHED_FIFO", priority: 7}' "$scheduling")" "0 7 1"
		# what it starts in its turn is ordinary again
		equal "$(ct '.process.scheduler = {policy: "SCHED_RR", priority: 9, flags: ["SCHED_FLAG_RESET_ON_FORK"]}' \
			"sed 's/.*) //' /proc/1/stat | cut -d ' ' -f 17,38,39; $scheduling")" "0 9 2
0 0 0"
	fi
}
check "process.scheduler: policy, nice, priority and flags are the program's" scheduler

deadline() {
	bundle deadline '.process.args = ["cut", "-d", " ", "-f", "41", "/proc/self/stat"] |
		.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 10000000, deadline: 100000000, period: 100000000}'
	equal "$(c run --bundle "$T/deadline" "$tag-deadline")" 6
}
if chrt -d --sched-runtime 10000000 --sched-deadline 100000000 --sched-period 100000000 0 true 2>/dev/null; then
	check "process.scheduler: SCHED_DEADLINE" deadline
else
	skip "process.scheduler: SCHED_DEADLINE" "this machine does not grant it"
fi

scheduler_of_mapped() {
	filter='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	equal "$(ct "$filter | .process.scheduler = {policy: \"SCHED_BATCH\", nice: -4}" "$scheduling")" "-4 0 3"
}
check "process.scheduler: also in a user namespace, with the rights of the host" scheduler_of_mapped

io() {
	start_ct io '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	equal "$(ionice -p "$(pid_of io)")" "best-effort: prio 6"
	c delete --force "$tag-io"
	start_ct io '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
	equal "$(ionice -p "$(pid_of io)")" "idle"
	c delete --force "$tag-io"
}
check "process.ioPriority is the program's" io

affinity() {
	start_ct cpu '.process.execCPUAffinity = {initial: "0", final: "0"}'
	cpus='sed -n "s/^Cpus_allowed_list:[[:space:]]*//p" /proc/self/status'
	all=$(eval "$cpus")
	equal "$(sed -n "s/^Cpus_allowed_list:[[:space:]]*//p" "/proc/$(pid_of cpu)/status")" "$all"
	equal "$(c exec "$tag-cpu" sh -c "$cpus")" 0
	jq -n '{args: ["sed", "-n", "s/^Cpus_allowed_list:[[:space:]]*//p", "/proc/self/status"], cwd: "/", env: ["PATH=/bin"],
		execCPUAffinity: {initial: "0"}}' >"$T/cpu/process.json"
	equal "$(c exec --process "$T/cpu/process.json" "$tag-cpu")" "$all"
	c delete --force "$tag-cpu"
}
check "process.execCPUAffinity is for exec alone; without final it is what the cpuset leaves" affinity

memory() {
	policy='.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
	has "$(ct "$policy" 'cat /proc/self/numa_maps')" ' bind=static:0 '
	has "$(ct '.linux.memoryPolicy = {mode: "MPOL_LOCAL", nodes: ""}' 'cat /proc/self/numa_maps')" ' local '
	start_ct mem "$policy"
	has "$(c exec "$tag-mem" cat /proc/self/numa_maps)" ' bind=static:0 '
	c delete --force "$tag-mem"
	bundle mem '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "900"}' true
	refuse 125 'linux.memoryPolicy: EINVAL' c run --bundle "$T/mem" "$tag-mem"
}
if [ -e /proc/self/numa_maps ]; then
	check "linux.memoryPolicy is the program's, and that of exec" memory
else
	skip "linux.memoryPolicy" "the kernel has no NUMA"
fi

persona() {
	equal "$(ct '.linux.personality = {domain: "LINUX"}' 'uname -m')" "$ARCH"
	equal "$(ct '.linux.personality = {domain: "LINUX32"}' 'uname -m')" "$(setarch linux32 uname -m)"
	start_ct pers '.linux.personality = {domain: "LINUX32"}'
	equal "$(c exec "$tag-pers" uname -m)" "$(setarch linux32 uname -m)"
	c delete --force "$tag-pers"
}
check "linux.personality is the program's, and that of exec" persona

finish
