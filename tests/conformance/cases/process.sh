# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# process.sh: config.md, Process and User.

case_cwd_required() { refuses 'del(.process.cwd)'; }
case_cwd_absolute() { refuses '.process.cwd = "tmp"'; }
case_cwd() { gives '.process.cwd = "/tmp"' 'pwd; readlink /proc/self/cwd' '/tmp
/tmp'; }
case_args_required() { refuses '.process.args = []'; }

case_args() {
	config '.process.args = ["printf", "%s.", "", "a b", "$HOME"]'
	again
	succeeded
	equal "$out" '.a b.$HOME.'
}

# As execvp: a name without a slash is looked for in the container's PATH.
case_args_search_path() {
	own_rootfs
	mkdir "$rootfs/own"
	printf '#!/bin/sh\necho found\n' >"$rootfs/own/only-there"
	chmod 755 "$rootfs/own/only-there"
	config '.root.path = "\($dir)/rootfs" | .process.env = ["PATH=/nowhere:/own:/bin"] | .process.args = ["only-there"]'
	again
	succeeded
	equal "$out" found
}

case_args_not_found() {
	config '.process.args = ["/bin/no-such-program"]'
	again
	[ "$rc" -ne 0 ] || fail "no error"
}

case_env() {
	inside '.process.env = ["PATH=/bin", "ONE=1", "EMPTY=", "EQUAL=a=b"]' 'cat /proc/self/environ | tr "\0" "\n" | grep -E "^(ONE|EMPTY|EQUAL)"'
	succeeded
	equal "$out" 'ONE=1
EMPTY=
EQUAL=a=b'
}

case_env_not_the_callers() {
	export CALLERS=secret
	gives . 'echo "${CALLERS-unset}"' unset
}

# --- terminal

# on_terminal FILTER SCRIPT - create with a console socket; what is written to the terminal is in $out
on_terminal() {
	config "$1" "$2"
	mkfifo "$case_dir/listening"
	background sh -c '"$1" "$2" 2>&1 | tee "$4" >"$3"' sh "$tools/console-receiver" "$case_dir/console.sock" \
		"$case_dir/listening" "$case_dir/console"
	exec 8<"$case_dir/listening"
	read -r line <&8
	equal "$line" listening
	rt create --bundle "$bundle" --console-socket "$case_dir/console.sock" "$id" >"$case_dir/out" 2>&1 ||
		fail "create: $(cat "$case_dir/out")"
	begin
	wait_for is_status stopped
	out=$(cat <&8 | tr -d '\r')
}

case_terminal() {
	on_terminal '.process.terminal = true' 'test -t 0 && test -t 1 && test -t 2 && echo "all on $(tty)"'
	has "$out" '^all on /dev/(pts/0|console)$'
}

case_terminal_default() { gives . 'test -t 0 || test -t 1 || test -t 2 || echo none' none; }

case_console_size() {
	on_terminal '.process.terminal = true | .process.consoleSize = {height: 11, width: 22}' 'stty size'
	has "$out" '^11 22$'
}

case_console_size_ignored() {
	gives '.process.terminal = false | .process.consoleSize = {height: 11, width: 22}' 'test -t 0 || echo none' none
}

case_console_height_required() { refuses '.process.consoleSize = {width: 22} | .process.terminal = true'; }
case_console_width_required() { refuses '.process.consoleSize = {height: 11} | .process.terminal = true'; }

# --- rlimits

# rlimit NAME - soft and hard, as the kernel's table has them
rlimit_line() {
	awk -v name="$1" 'index($0, name) == 1 { print $(NF - 2), $(NF - 1) }'
}

case_rlimit_soft() {
	inside '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}]' 'cat /proc/self/limits'
	succeeded
	equal "$(printf '%s\n' "$out" | rlimit_line 'Max open files')" '100 200'
}

case_rlimit_hard() {
	inside '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 65536}]' 'cat /proc/self/limits'
	succeeded
	equal "$(printf '%s\n' "$out" | rlimit_line 'Max core file size')" '0 65536'
}

# All that getrlimit(2) names, each within what anybody may have.
case_rlimit_types() {
	inside '.process.rlimits = [
		{type: "RLIMIT_AS", soft: 1073741824, hard: 1073741825}, {type: "RLIMIT_CORE", soft: 1, hard: 2},
		{type: "RLIMIT_CPU", soft: 1000, hard: 1001}, {type: "RLIMIT_DATA", soft: 536870912, hard: 536870913},
		{type: "RLIMIT_FSIZE", soft: 1048576, hard: 1048577}, {type: "RLIMIT_LOCKS", soft: 7, hard: 8},
		{type: "RLIMIT_MEMLOCK", soft: 9000, hard: 9001}, {type: "RLIMIT_MSGQUEUE", soft: 100, hard: 101},
		{type: "RLIMIT_NICE", soft: 0, hard: 0}, {type: "RLIMIT_NOFILE", soft: 64, hard: 65},
		{type: "RLIMIT_NPROC", soft: 500, hard: 501}, {type: "RLIMIT_RSS", soft: 5000, hard: 5001},
		{type: "RLIMIT_RTPRIO", soft: 0, hard: 0}, {type: "RLIMIT_RTTIME", soft: 5000, hard: 5001},
		{type: "RLIMIT_SIGPENDING", soft: 50, hard: 51}, {type: "RLIMIT_STACK", soft: 4194304, hard: 4194305}]' \
		'cat /proc/self/limits'
	succeeded
	got=$(printf '%s\n' "$out" | awk 'NR > 1 {
		for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+$/) { printf "%s:%s ", $i, $(i + 1); break } }')
	equal "$got" '1000:1001 1048576:1048577 536870912:536870913 4194304:4194305 1:2 5000:5001 500:501 64:65 9000:9001 1073741824:1073741825 7:8 50:51 100:101 0:0 0:0 5000:5001 '
}

case_rlimit_unknown() { refuses '.process.rlimits = [{type: "RLIMIT_NOSUCH", soft: 1, hard: 1}]'; }
case_rlimit_duplicate() {
	refuses '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_NOFILE", soft: 100, hard: 200}]'
}
case_rlimit_type_required() { refuses '.process.rlimits = [{soft: 100, hard: 200}]'; }
case_rlimit_soft_required() { refuses '.process.rlimits = [{type: "RLIMIT_NOFILE", hard: 200}]'; }
case_rlimit_hard_required() { refuses '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 0}]'; }

# --- capabilities

# caps SET - the process's, in hexadecimal
caps() {
	printf '%s\n' "$out" | sed -n "s/^Cap$1:[[:space:]]*0*\([0-9a-f]\)/\1/p"
}

# with_caps FILTER - the status of a program that is no shell: a program without rights of files
with_caps() {
	config ".process.args = [\"cat\", \"/proc/self/status\"] | $1"
	again
	succeeded
}

NONE='.process.capabilities = {}'
case_capabilities_bounding() {
	with_caps "$NONE | .process.capabilities.bounding = [\"CAP_CHOWN\", \"CAP_KILL\"]"
	equal "$(caps Bnd)" 21
}

case_capabilities_effective() {
	with_caps '.process.user = {uid: 1000, gid: 1000} |
		.process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL", "CAP_CHOWN"],
		inheritable: ["CAP_KILL", "CAP_CHOWN"], ambient: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL", "CAP_CHOWN"]}'
	equal "$(caps Eff)" 21
}

case_capabilities_permitted() {
	with_caps '.process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL", "CAP_CHOWN"]}'
	equal "$(caps Prm)" 21
}

case_capabilities_inheritable() {
	with_caps '.process.capabilities = {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], inheritable: ["CAP_KILL"]}'
	equal "$(caps Inh)" 20
}

case_capabilities_ambient() {
	with_caps '.process.user = {uid: 1000, gid: 1000} |
		.process.capabilities = {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"], effective: ["CAP_KILL"]}'
	equal "$(caps Amb)" 20
}

case_capabilities_none() {
	with_caps "$NONE"
	equal "$(caps Prm)$(caps Eff)$(caps Bnd)" 000
}

# Where a runtime warns is its own: on standard error or in its log.
case_capabilities_warning() {
	config '.process.capabilities.bounding += ["CAP_NO_SUCH"]'
	rt --log "$case_dir/log" run --bundle "$bundle" "$id" >"$case_dir/out" 2>"$case_dir/err" ||
		fail "$(cat "$case_dir/err" "$case_dir/log" 2>/dev/null)"
	grep -q CAP_NO_SUCH "$case_dir/err" "$case_dir/log" || fail "no warning"
}

case_no_new_privileges() { gives '.process.noNewPrivileges = true' 'grep NoNewPrivs /proc/self/status | tr "\t" " "' 'NoNewPrivs: 1'; }
case_no_new_privileges_default() { gives 'del(.process.noNewPrivileges)' 'grep NoNewPrivs /proc/self/status | tr "\t" " "' 'NoNewPrivs: 0'; }

case_oom_score_adj() { gives '.process.oomScoreAdj = 321' 'cat /proc/self/oom_score_adj' 321; }

case_oom_score_adj_unset() {
	echo 123 >/proc/self/oom_score_adj
	gives 'del(.process.oomScoreAdj)' 'cat /proc/self/oom_score_adj' 123
}

# --- scheduler, I/O priority, affinity

# scheduled FILTER WORDS - what the scheduler says of the program
scheduled() {
	config ".process.args = [\"probe\", \"sched\"] | .process.scheduler = $1"
	again
	succeeded
	has "$out" "$2"
}

case_scheduler_other() { scheduled '{policy: "SCHED_OTHER", nice: 5}' '^policy 0 nice 5 '; }
case_scheduler_batch() { scheduled '{policy: "SCHED_BATCH", nice: 7}' '^policy 3 nice 7 '; }
case_scheduler_idle() { scheduled '{policy: "SCHED_IDLE"}' '^policy 5 '; }
case_scheduler_fifo() { scheduled '{policy: "SCHED_FIFO", priority: 11}' '^policy 1 nice 0 priority 11 '; }
case_scheduler_rr() { scheduled '{policy: "SCHED_RR", priority: 12}' '^policy 2 nice 0 priority 12 '; }
case_scheduler_deadline() {
	scheduled '{policy: "SCHED_DEADLINE", runtime: 10000000, deadline: 30000000, period: 30000000}' \
		'^policy 6 .* runtime 10000000 deadline 30000000 period 30000000$'
}
case_scheduler_flags() { scheduled '{policy: "SCHED_BATCH", flags: ["SCHED_FLAG_RESET_ON_FORK"]}' '^policy 3 .* flags 1 '; }
# The runtime's own nice value must not be inherited: 0 when nothing is said.
case_scheduler_nice_default() {
	config '.process.args = ["probe", "sched"] | .process.scheduler = {policy: "SCHED_BATCH"}'
	out=$(nice -n 3 env CONFORMANCE="$mark" timeout "$LIMIT" "$runtime" --root "$runtime_root" run --bundle "$bundle" "$id" 2>"$case_dir/err") ||
		fail "$(cat "$case_dir/err")"
	has "$out" '^policy 3 nice 0 '
}
case_scheduler_policy_required() { refuses '.process.scheduler = {nice: 5}'; }
case_scheduler_policy_invalid() { refuses '.process.scheduler = {policy: "SCHED_NOSUCH"}'; }
case_scheduler_flag_invalid() { refuses '.process.scheduler = {policy: "SCHED_OTHER", flags: ["SCHED_FLAG_NOSUCH"]}'; }

# in_io_class FILTER WORDS
in_io_class() {
	config ".process.args = [\"probe\", \"ioprio\"] | .process.ioPriority = $1"
	again
	succeeded
	equal "$out" "$2"
}

case_io_priority() { in_io_class '{class: "IOPRIO_CLASS_BE", priority: 6}' 'class 2 priority 6'; }
case_io_priority_idle() { in_io_class '{class: "IOPRIO_CLASS_IDLE", priority: 0}' 'class 3 priority 0'; }
case_io_priority_rt() { in_io_class '{class: "IOPRIO_CLASS_RT", priority: 4}' 'class 1 priority 4'; }
case_io_priority_class_required() { refuses '.process.ioPriority = {priority: 4}'; }
case_io_priority_class_invalid() { refuses '.process.ioPriority = {class: "IOPRIO_CLASS_NOSUCH", priority: 4}'; }
case_io_priority_range() { refuses '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}'; }

# It is the executed program's, and not the first process's.
case_exec_cpu_affinity() {
	all=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
	[ "$all" != 0 ] || skip "needs two processors"
	up '.process.execCPUAffinity = {initial: "0", final: "0"}' "$SLEEPER"
	equal "$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$(pid)/status")" "$all"
	equal "$(rt exec "$id" grep Cpus_allowed_list /proc/self/status | tr -d '\t')" 'Cpus_allowed_list:0'
}

# --- user

case_user_uid() { gives '.process.user.uid = 1234' 'id -u' 1234; }
case_user_gid() { gives '.process.user.gid = 1234' 'id -g' 1234; }
case_user_uid_required() { refuses 'del(.process.user.uid)'; }
case_user_gid_required() { refuses 'del(.process.user.gid)'; }
case_user_umask() { gives '.process.user.umask = 63' 'umask' 0077; }

case_user_additional_gids() {
	inside '.process.user.additionalGids = [5, 6]' 'grep Groups /proc/self/status'
	succeeded
	equal "$(printf '%s' "$out" | tr -s '\t ' ' ')" 'Groups: 5 6 '
}
