# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# seccomp.sh: config-linux.md, Seccomp. The system call that is looked at is lseek(-1, A, B): nobody
# else makes it, and it does nothing.

# filtered RULE "A B" TEXT - what becomes of that call under such a rule
filtered() {
	gives ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"lseek\"], $1}]}" "probe try $2" "$3"
}

case_seccomp_act_allow() {
	gives '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["lseek"], action: "SCMP_ACT_ALLOW"}]}' \
		'probe try 0 0; grep "^Seccomp:" /proc/self/status | tr -d "\t"' 'allowed
Seccomp:2'
}
case_seccomp_act_errno() { filtered 'action: "SCMP_ACT_ERRNO"' '0 0' 'errno 1'; }
case_seccomp_act_kill() { filtered 'action: "SCMP_ACT_KILL"' '0 0' 'signal 31'; }
case_seccomp_act_kill_process() { filtered 'action: "SCMP_ACT_KILL_PROCESS"' '0 0' 'signal 31'; }
case_seccomp_act_kill_thread() { filtered 'action: "SCMP_ACT_KILL_THREAD"' '0 0' 'signal 31'; }
case_seccomp_act_trap() { filtered 'action: "SCMP_ACT_TRAP"' '0 0' 'signal 31'; }
case_seccomp_act_log() { filtered 'action: "SCMP_ACT_LOG"' '0 0' 'allowed'; }
case_seccomp_act_trace() {
	gives '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["lseek"], action: "SCMP_ACT_TRACE", errnoRet: 77}]}' \
		'probe traced' 'event 77'
}

case_seccomp_default_action() {
	# a filter that lets everything through but what it does not know
	gives '.linux.seccomp = {defaultAction: "SCMP_ACT_LOG", syscalls: [{names: ["lseek"], action: "SCMP_ACT_ERRNO"}]}' \
		'probe try 0 0; echo on' 'errno 1
on'
}
case_seccomp_default_action_required() { refuses '.linux.seccomp = {syscalls: [{names: ["lseek"], action: "SCMP_ACT_ERRNO"}]}'; }
case_seccomp_errno_ret() { filtered 'action: "SCMP_ACT_ERRNO", errnoRet: 77' '0 0' 'errno 77'; }
case_seccomp_errno_ret_invalid() {
	refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["lseek"], action: "SCMP_ACT_KILL", errnoRet: 77}]}'
}

# Everything that this program does is allowed; the one call is not, by the default.
case_seccomp_default_errno_ret() {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 77, architectures: ["'"$(native_arch)"'"],
		syscalls: [{names: '"$EVERYTHING_BUT_LSEEK"', action: "SCMP_ACT_ALLOW"}]} | .process.args = ["probe", "try", "0", "0"]'
	again
	succeeded
	equal "$out" 'errno 77'
}
case_seccomp_default_errno_eperm() {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", architectures: ["'"$(native_arch)"'"],
		syscalls: [{names: '"$EVERYTHING_BUT_LSEEK"', action: "SCMP_ACT_ALLOW"}]} | .process.args = ["probe", "try", "0", "0"]'
	again
	succeeded
	equal "$out" 'errno 1'
}
case_seccomp_default_errno_ret_invalid() { refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 77}'; }

EVERYTHING_BUT_LSEEK='["access", "arch_prctl", "brk", "capget", "capset", "chdir", "chmod", "chown", "clone", "clone3", "close",
	"close_range", "dup", "dup2", "dup3", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "execve", "execveat",
	"exit", "exit_group", "faccessat", "faccessat2", "fchdir", "fchmod", "fchmodat", "fchown", "fchownat", "fcntl", "fstat", "fstatfs",
	"futex", "getcwd", "getdents64", "getegid", "geteuid", "getgid", "getgroups", "getpgrp", "getpid", "getppid", "getrandom",
	"getrlimit", "getsockopt", "gettid", "gettimeofday", "getuid", "ioctl", "keyctl", "kill", "lstat", "madvise", "mmap", "mount", "mprotect",
	"mremap", "munmap", "nanosleep", "newfstatat", "open", "openat", "openat2", "pidfd_open", "pipe", "pipe2", "poll", "ppoll", "prctl",
	"pread64", "prlimit64", "pselect6", "read", "readlink", "readlinkat", "readv", "recvfrom", "recvmsg", "rseq", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "sched_getaffinity", "sched_yield", "seccomp", "select", "sendmsg", "sendto", "setfsgid",
	"setfsuid", "setgid", "setgroups", "setpgid", "setresgid", "setresuid", "setrlimit", "setsid", "setsockopt", "set_robust_list",
	"set_tid_address", "setuid", "shutdown", "sigaltstack", "socket", "connect", "stat", "statfs", "statx", "tgkill", "tkill", "umask",
	"uname", "unlink", "unlinkat", "vfork", "wait4", "waitid", "write", "writev", "clock_gettime", "clock_nanosleep", "sysinfo"]'

native_arch() {
	case $(uname -m) in
	aarch64) echo SCMP_ARCH_AARCH64 ;;
	*) echo SCMP_ARCH_X86_64 ;;
	esac
}

case_seccomp_architectures() {
	gives '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_AARCH64"],
		syscalls: [{names: ["lseek"], action: "SCMP_ACT_ERRNO"}]}' 'probe try 0 0' 'errno 1'
}

# flag NAME - a filter with it is installed and works
flag() {
	gives ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", flags: [\"SECCOMP_FILTER_FLAG_$1\"],
		syscalls: [{names: [\"lseek\"], action: \"SCMP_ACT_ERRNO\"}]}" 'probe try 0 0' 'errno 1'
}

case_seccomp_flag_tsync() { flag TSYNC; }
case_seccomp_flag_log() { flag LOG; }
case_seccomp_flag_spec_allow() { flag SPEC_ALLOW; }
case_seccomp_flag_wait_killable_recv() { notifies '"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"'; }

case_seccomp_names_required() { refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{action: "SCMP_ACT_ERRNO"}]}'; }
case_seccomp_names_not_empty() { refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: [], action: "SCMP_ACT_ERRNO"}]}'; }
case_seccomp_action_required() { refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["lseek"]}]}'; }

# op NAME "VALUE [VALUE_TWO]" THAT_MATCHES THAT_DOES_NOT
op() {
	# shellcheck disable=SC2086 # words
	set -- "$1" $2 "$3" "$4"
	[ $# -eq 5 ] || set -- "$1" "$2" 0 "$3" "$4"
	gives ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"lseek\"], action: \"SCMP_ACT_ERRNO\",
		args: [{index: 1, value: $2, valueTwo: $3, op: \"SCMP_CMP_$1\"}]}]}" "probe try $4 0; probe try $5 0" 'errno 1
allowed'
}

case_seccomp_op_ne() { op NE 5 6 5; }
case_seccomp_op_lt() { op LT 5 4 5; }
case_seccomp_op_le() { op LE 5 5 6; }
case_seccomp_op_eq() { op EQ 5 5 6; }
case_seccomp_op_ge() { op GE 5 5 4; }
case_seccomp_op_gt() { op GT 5 6 5; }
case_seccomp_op_masked_eq() { op MASKED_EQ "240 32" 37 53; }
# All 64 bits of a value count.
case_seccomp_op_64_bits() { op EQ 4294967301 4294967301 5; }
case_seccomp_arg_index() {
	gives '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["lseek"], action: "SCMP_ACT_ERRNO",
		args: [{index: 2, value: 5, op: "SCMP_CMP_EQ"}]}]}' 'probe try 5 0; probe try 0 5' 'allowed
errno 1'
}

# arg MEMBERS - refused
arg() {
	refuses ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"lseek\"], action: \"SCMP_ACT_ERRNO\", args: [{$1}]}]}"
}

case_seccomp_arg_index_required() { arg 'value: 5, op: "SCMP_CMP_EQ"'; }
case_seccomp_arg_value_required() { arg 'index: 1, op: "SCMP_CMP_EQ"'; }
case_seccomp_arg_op_required() { arg 'index: 1, value: 5'; }

# --- the listener

# with_agent - a seccomp agent on $agent that answers EXDEV (18); what it hears is in $shared/heard
with_agent() {
	agent=$case_dir/agent.sock
	background sh -c 'exec "$1" agent "$2" 18 >"$3" 2>&1' sh "$probe" "$agent" "$shared/heard"
	wait_for grep -q listening "$shared/heard"
}

# notifies [FLAG] - run a program whose lseek is the agent's
notifies() {
	with_agent
	inside ".annotations = {\"org.example.one\": \"1\"} | .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", flags: [${1:-}], listenerPath: \"$agent\", listenerMetadata: \"some data\",
		syscalls: [{names: [\"lseek\"], action: \"SCMP_ACT_NOTIFY\"}]}" 'probe try 0 0; probe try 0 0'
	succeeded
	equal "$out" 'errno 18
errno 18'
	wait_for grep -q '^closed' "$shared/heard"
	message=$(sed '/^listening$/d; /^descriptors/d; /^closed$/d' "$shared/heard")
}

# The agent's socket is a stream in the unix domain; it would not hear anything else.
case_seccomp_notify() { notifies; }
case_seccomp_notify_one_state() {
	notifies
	equal "$(grep -c '^descriptors' "$shared/heard") $(printf '%s\n' "$message" | jq -s length)" '1 1'
}
# Closed while the program still runs, and the runtime waits for it.
case_seccomp_notify_closes() {
	with_agent
	gives ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", listenerPath: \"$agent\",
		syscalls: [{names: [\"lseek\"], action: \"SCMP_ACT_NOTIFY\"}]}" \
		'for i in $(seq 50); do grep -q "^closed" /shared/heard && break; sleep 0.1; done
		grep -q "^closed" /shared/heard && echo closed || echo open' closed
}
# The filter is installed by create or by start, and with it the agent is told.
case_seccomp_notify_no_agent() {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "\($dir)/nobody.sock",
		syscalls: [{names: ["lseek"], action: "SCMP_ACT_NOTIFY"}]}' 'touch /shared/ran'
	must_fail rt run --bundle "$bundle" "$id"
	[ ! -e "$shared/ran" ] || fail "the program ran"
}
case_seccomp_listener_unused() {
	gives '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "\($dir)/nobody.sock",
		syscalls: [{names: ["lseek"], action: "SCMP_ACT_ERRNO"}]}' 'probe try 0 0' 'errno 1'
}
case_seccomp_metadata_without_path() {
	refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x",
		syscalls: [{names: ["lseek"], action: "SCMP_ACT_ERRNO"}]}'
}
case_process_state_json() {
	notifies
	printf '%s\n' "$message" | jq -e . >/dev/null || fail "$message"
}
case_process_state_descriptors() {
	notifies
	has "$(grep '^descriptors' "$shared/heard")" '^descriptors 1( 0)*$'
}
# member FILTER - is true of the message
member() {
	notifies
	printf '%s\n' "$message" | jq -e --arg id "$id" --arg bundle "$bundle" "$1" >/dev/null || fail "$message"
}
case_process_state_version() { member '.ociVersion | test("^[0-9]+\\.[0-9]+\\.[0-9]+")'; }
case_process_state_fds() { member '.fds == ["seccompFd"]'; }
case_process_state_pid() { member '(.pid | type) == "number" and .pid > 0 and .pid == .state.pid'; }
case_process_state_metadata() { member '.metadata == "some data"'; }
case_process_state_state() {
	member '.state.id == $id and .state.bundle == $bundle and (.state.ociVersion | type) == "string" and
		(.state.status | IN("creating", "created")) and .state.annotations["org.example.one"] == "1"'
}
