#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# seccomp.sh: filters other than the default one: what engines bring, what each action does, listeners,
# the cache of compiled filters.
. tests/host/lib.sh

# engine NAME - a jq filter that sets an engine's profile
engine() {
	echo ".linux.seccomp = $(cat "tests/unit/profiles/$1.json")"
}

# rule ACTION NAME [MORE] - a jq filter: a profile that allows all but NAME
rule() {
	echo ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"$2\"], action: \"SCMP_ACT_$1\"${3:-}}]}"
}

engines_profiles() {
	for e in docker podman containerd; do
		equal "$(ct "$(engine "$e")" 'echo a >/dev/shm/a; cat /dev/shm/a; sed -n "s/Seccomp:.//p" /proc/self/status')" "a
2"
	done
}
check "the profiles of Docker, Podman and containerd work" engines_profiles

actions() {
	has "$(ct "$(rule ERRNO mkdir ', errnoRet: 95')" 'mkdir /dev/shm/x 2>&1')" "[Nn]ot supported"
	has "$(ct "$(rule ERRNO mkdir)" 'mkdir /dev/shm/x 2>&1')" "[Nn]ot permitted"
	equal "$(ct "$(rule LOG mkdir)" 'mkdir /dev/shm/x && echo made; rmdir /dev/shm/x')" made
	has "$(ct "$(rule TRACE mkdir)" 'mkdir /dev/shm/x 2>&1')" "[Nn]ot implemented"
	for kill in KILL KILL_PROCESS KILL_THREAD TRAP; do
		equal "$(ct "$(rule "$kill" mkdir)" 'mkdir /dev/shm/x; echo "$?"' 2>/dev/null)" 159
	done
	rc=0
	bundle killed "$(rule KILL_PROCESS mkdir) | .process.args = [\"mkdir\", \"/dev/shm/x\"]"
	c run --bundle "$T/killed" "$tag-killed" 2>"$T/killed/err" || rc=$?
	equal "$rc" 159
	has "$(ct '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 19, syscalls: [{names: ["exit_group", "execve", "arch_prctl", "set_tid_address", "getuid", "setuid", "setgid", "getpid", "getppid", "getgid", "geteuid", "getegid", "rt_sigaction", "rt_sigprocmask", "brk", "mmap", "munmap", "stat", "lstat", "write", "writev", "getcwd", "ioctl", "newfstatat", "access"], action: "SCMP_ACT_ALLOW"}]}' 'echo >/dev/shm/x' 2>&1)" 'No such device'
}
check "each action does what it says, with its errno" actions

flags() {
	equal "$(ct "$(rule LOG mkdir) | .linux.seccomp.flags = [\"SECCOMP_FILTER_FLAG_TSYNC\", \"SECCOMP_FILTER_FLAG_LOG\", \"SECCOMP_FILTER_FLAG_SPEC_ALLOW\", \"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]" 'echo on')" on
	bundle flags '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_NEW_LISTENER"]'
	refuse 125 'linux.seccomp.flags: no such flag' c run --bundle "$T/flags" "$tag-flags"
}
check "all flags are taken, and no others" flags

# --- listeners

start_agent() {
	rm -f "$T/agent.sock" "$T/agent.out"
	CLOISON_TEST=$T "$OUT/tools/seccomp-agent" "$T/agent.sock" "$T/agent.out" 2>"$T/agent.err" &
	agent=$!
	wait_for 5 [ -S "$T/agent.sock" ]
}

stop_agent() {
	kill "$agent"
	wait "$agent" 2>/dev/null || true
	rm -f "$T/agent.sock" "$T/agent.out"
}

# notify NAMES [MORE] - a jq filter: a profile that asks the agent about NAMES
notify() {
	echo ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", listenerPath: \"$T/agent.sock\", listenerMetadata: \"for the agent\", syscalls: [{names: [\"mkdir\", \"mkdirat\"${1:-}], action: \"SCMP_ACT_NOTIFY\"}]} | .annotations = {a: \"b\"}"
}

agent_run() {
	start_agent
	bundle asked "$(notify)" 'mkdir /dev/shm/x && [ ! -e /dev/shm/x ] && echo pretended'
	equal "$(c run --bundle "$T/asked" "$tag-asked")" pretended
	equal "$(jq -c '[(.ociVersion | startswith("1.")), .fds, .metadata, .state.id, .state.status, .state.bundle, .state.annotations.a, .pid == .state.pid and .pid > 1]' "$T/agent.out")" \
		"[true,[\"seccompFd\"],\"for the agent\",\"$tag-asked\",\"created\",\"$T/asked\",\"b\",true]"
	stop_agent
}
check "a listener gets the container process state, the descriptor, and the last word" agent_run

agent_start() {
	start_agent
	bundle later "$(notify)" 'mkdir /dev/shm/x && [ ! -e /dev/shm/x ] && echo pretended; sleep 100'
	c create --bundle "$T/later" "$tag-later" >"$T/later/out" 2>&1 </dev/null
	[ ! -s "$T/agent.out" ]
	c start "$tag-later"
	wait_for 5 grep -q pretended "$T/later/out"
	equal "$(jq '.pid' "$T/agent.out")" "$(pid_of later)"
	equal "$(c exec "$tag-later" sh -c 'mkdir /dev/shm/y && [ ! -e /dev/shm/y ] && echo again')" again
	equal "$(jq -s -c '[length, .[1].state.status, .[1].pid == .[0].pid, .[1].state.pid == .[0].pid]' "$T/agent.out")" '[2,"running",false,true]'
	c delete --force "$tag-later"
	stop_agent
}
check "so it does after create and start, and for exec" agent_start

agent_hook() {
	start_agent
	for nnp in true false; do
		# shellcheck disable=SC2016 # the hook's own
		bundle hooked "$(notify) | .process.noNewPrivileges = $nnp | .hooks.startContainer = [{path: \"/bin/sh\",
			args: [\"sh\", \"-c\", \"mkdir /dev/shm/h && [ ! -e /dev/shm/h ] && echo hook >/dev/shm/said; ls /proc/self/fd | wc -l >>/dev/shm/said\"]}]" \
			'mkdir /dev/shm/x && [ ! -e /dev/shm/x ] && cat /dev/shm/said'
		equal "$(c run --bundle "$T/hooked" "$tag-hooked" | tr '\n' ' ')" "hook 4 "
		c create --bundle "$T/hooked" "$tag-hooked" >"$T/hooked/out" 2>&1 </dev/null
		c start "$tag-hooked"
		wait_for 5 grep -q 4 "$T/hooked/out"
		c delete --force "$tag-hooked"
	done
	equal "$(jq -s 'length' "$T/agent.out")" 8
	stop_agent
}
check "a startContainer hook has the filter, and with it a listener of its own" agent_hook

agent_all() {
	start_agent
	for nnp in true false; do
		equal "$(ct ".process.noNewPrivileges = $nnp | .linux.seccomp = {defaultAction: \"SCMP_ACT_NOTIFY\", listenerPath: \"$T/agent.sock\"}" 'echo on')" on
		equal "$(ct "$(notify ', "sendmsg", "recvmsg", "write", "execve", "close", "futex", "exit_group"') | .process.noNewPrivileges = $nnp" 'echo on')" on
	done
	stop_agent
}
check "a filter may ask about every call, those of the start included" agent_all

agent_strict() {
	start_agent
	# what the runtime would need to send anything is refused or deadly: nobody needs it
	equal "$(ct ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", listenerPath: \"$T/agent.sock\", syscalls: [{names: [\"sendmsg\", \"recvmsg\", \"futex\", \"sched_yield\", \"pidfd_getfd\"], action: \"SCMP_ACT_KILL_PROCESS\"}, {names: [\"mkdir\"], action: \"SCMP_ACT_NOTIFY\"}]} | .process.noNewPrivileges = true" 'mkdir /dev/shm/x && echo on')" on
	stop_agent
}
check "a filter may kill for what would pass the descriptor on" agent_strict

agent_gone() {
	bundle gone "$(notify)" 'true'
	refuse 125 "cannot reach the seccomp listener .$T/agent.sock.: ENOENT" c run --bundle "$T/gone" "$tag-gone"
	c create --bundle "$T/gone" "$tag-gone" </dev/null >/dev/null 2>&1
	refuse 125 "cannot reach the seccomp listener .$T/agent.sock.: ENOENT" c start "$tag-gone"
	wait_for 5 is_status gone stopped
	c delete "$tag-gone"
	bundle gone ".linux.seccomp = {defaultAction: \"SCMP_ACT_NOTIFY\", listenerPath: \"$T/agent.sock\"}" 'true'
	LIMIT=60 refuse 125 "cannot reach the seccomp listener" c run --bundle "$T/gone" "$tag-gone"
}
check "without a listener nothing starts, and nothing hangs" agent_gone

# --- the cache

cached() {
	find "$T/.run/~seccomp" -type f | sort
}

cache() {
	rm -rf "$T/.run/~seccomp"
	# the first container makes the state directory
	ct . true
	equal "$(cached)" ""
	ct "$(engine docker)" true
	file=$(cached)
	equal "$(echo "$file" | wc -l)" 1
	equal "$(stat -c %a "$file") $(stat -c %a "$T/.run/~seccomp")" "600 700"
	before=$(stat -c %i.%Y "$file")
	ct "$(engine docker)" true
	equal "$(stat -c %i.%Y "$file")" "$before"
	cp "$file" "$T/good"
	echo damaged >"$file"
	ct "$(engine docker)" true
	cmp "$file" "$T/good"
	ct "$(engine podman)" true
	equal "$(cached | wc -l)" 2
}
check "a filter is compiled once, and again when its file is damaged" cache

cache_parallel() {
	rm -rf "$T/.run/~seccomp"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		bundle "p$i" "$(engine docker)" 'echo on'
		c run --bundle "$T/p$i" "$tag-p$i" >"$T/p$i/out" 2>&1 </dev/null &
	done
	wait
	equal "$(cat "$T"/p*/out | sort | uniq -c | tr -s ' ')" " 12 on"
	equal "$(cached | wc -l)" 1
}
check "starts side by side share it" cache_parallel

cache_no_container() {
	ct "$(engine docker)" true
	equal "$(c list --quiet)" ""
	refuse 125 'container id' c state '~seccomp'
	refuse 125 'container id' c delete --force '~seccomp'
	[ -d "$T/.run/~seccomp" ]
}
check "the cache is not taken for a container" cache_no_container

finish
