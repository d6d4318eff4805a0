#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# process.sh: what config.json's "process" says is what the program has: environment, user, limits,
# capabilities, filter, descriptors; and nothing of the runtime's own.
. tests/host/lib.sh

# status_line KEY FILTER - a line of /proc/self/status inside
status_line() {
	ct "$2" 'cat /proc/self/status' | sed -n "s/^$1:[[:space:]]*//p"
}

environment() {
	bundle env '.process.args = ["env"] | .process.env = ["PATH=/bin", "A=1", "B=two words", "C=", "CLOISON_TEST=\($T)"]'
	SECRET=of-the-host c run --bundle "$T/env" "$tag-env" >"$T/env/out"
	equal "$(grep -v CLOISON_TEST "$T/env/out")" "PATH=/bin
A=1
B=two words
C=
HOME=/root"
}
check "the environment is the config's and HOME, nothing of the runtime's" environment

home() {
	equal "$(ct . 'echo $HOME')" /root
	equal "$(ct '.process.user = {uid: 1000, gid: 1000}' 'echo $HOME')" /home/user
	equal "$(ct '.process.user = {uid: 4242, gid: 1}' 'echo $HOME')" /
	equal "$(ct '.process.env += ["HOME=/mine"]' 'echo $HOME')" /mine
}
check "HOME comes from the container's passwd unless the config sets it" home

home_of_link() {
	cp -a "$T/rootfs" "$T/linked"
	ln -sf /proc/1/environ "$T/linked/etc/passwd"
	ct '.root.path = "\($T)/linked"' 'echo $HOME' >"$T/home" || true
	cp "$T/rootfs/etc/passwd" "$T/host-passwd"
	ln -sf "$T/host-passwd" "$T/linked/etc/passwd"
	equal "$(ct '.root.path = "\($T)/linked"' 'echo $HOME')" /
	rm -f "$T/linked/etc/passwd"
	mkfifo "$T/linked/etc/passwd"
	equal "$(LIMIT=60 && ct '.root.path = "\($T)/linked"' 'echo $HOME')" /
	rm -f "$T/linked/etc/passwd"
	printf 'root:x:0' >"$T/linked/etc/passwd"
	equal "$(ct '.root.path = "\($T)/linked"' 'echo $HOME')" /
	rm -rf "$T/linked"
}
check "a passwd that is a link outside, a fifo or cut off is no way out and no hang" home_of_link

path_lookup() {
	bundle path '.process.env = ["PATH=/nowhere:/bin", "CLOISON_TEST=\($T)"] | .process.args = ["busybox", "echo", "found"]'
	equal "$(c run --bundle "$T/path" "$tag-path")" found
	bundle path '.process.args = ["bin/busybox", "echo", "relative"]'
	equal "$(c run --bundle "$T/path" "$tag-path")" relative
	bundle path '.process.env = ["PATH=/nowhere"] | .process.args = ["busybox"]'
	refuse 127 'cannot find the executable `busybox` in PATH: ENOENT' c run --bundle "$T/path" "$tag-path"
}
check "the program is looked for in the container's PATH" path_lookup

arguments() {
	bundle args '.process.args = ["sh", "-c", "for a; do echo \"[$a]\"; done", "x", "", "a b", "*", "$HOME", "é\n"]'
	equal "$(c run --bundle "$T/args" "$tag-args")" "[]
[a b]
[*]
[\$HOME]
[é
]"
}
check "arguments arrive as they are" arguments

cwd() {
	equal "$(ct '.process.cwd = "/etc"' pwd)" /etc
	cp -a "$T/rootfs" "$T/cwd.d"
	equal "$(ct '.root = {path: "\($T)/cwd.d"} | .process.cwd = "/made/deep"' 'pwd; stat -c "%a %u" .')" "/made/deep
755 0"
	[ ! -e /made ] || fail "made on the host"
	rm -rf "$T/cwd.d"
	mkdir -m 700 "$T/rootfs/closed"
	bundle cwd '.process.cwd = "/closed" | .process.user = {uid: 1000, gid: 1000}'
	refuse 125 'cannot enter the working directory `/closed`: EACCES' c run --bundle "$T/cwd" "$tag-cwd"
	rmdir "$T/rootfs/closed"
	bundle cwd '.process.cwd = "relative"'
	refuse 125 'process.cwd' c run --bundle "$T/cwd" "$tag-cwd"
}
check "the working directory is entered, and made when it is missing" cwd

user() {
	equal "$(ct '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 70000]}' \
		'sed -n "s/^[UG]id:[[:space:]]*//p; s/^Groups:[[:space:]]*//p" /proc/self/status' | tr '\t' ' ' | sed 's/ *$//')" "1000 1000 1000 1000
1001 1001 1001 1001
5 70000"
	equal "$(status_line Groups . | tr -d ' ')" ""
}
check "user, group and groups are exactly those of the config" user

mask() {
	equal "$(ct . umask)" 0022
	equal "$(ct '.process.user.umask = 63' umask)" 0077
	equal "$(ct '.process.user.umask = 0' umask)" 0000
	equal "$(umask 077 && ct . umask)" 0022
}
check "the umask is the config's, 022 otherwise, never the caller's" mask

limits() {
	has "$(ct '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
		{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]' 'cat /proc/self/limits' | tr -s ' ')" 'Max open files 100 200 files'
	bundle limits '.process.rlimits = [{"type": "RLIMIT_NONE", "soft": 1, "hard": 1}]'
	refuse 125 'RLIMIT_NONE' c run --bundle "$T/limits" "$tag-limits"
	bundle limits '.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 2, "hard": 1}]'
	refuse 125 'rlimits\[0\]' c run --bundle "$T/limits" "$tag-limits"
}
check "resource limits are set" limits

capabilities() {
	# kill 5, net_bind_service 10, audit_write 29
	for set in CapEff CapPrm CapBnd; do equal "$(status_line "$set" .)" 0000000020000420; done
	for set in CapInh CapAmb; do equal "$(status_line "$set" .)" 0000000000000000; done
	equal "$(status_line CapEff 'del(.process.capabilities)')" 0000000000000000
	equal "$(status_line CapBnd 'del(.process.capabilities)')" 0000000000000000
}
check "capabilities are exactly those of the config, none inheritable" capabilities

user_capabilities() {
	filter='.process.user = {uid: 1000, gid: 1000} |
		.process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}'
	equal "$(status_line CapEff "$filter")" 0000000000000000
	equal "$(status_line CapBnd "$filter")" 0000000000000021
	filter="$filter | .process.capabilities.inheritable = [\"CAP_KILL\"] | .process.capabilities.ambient = [\"CAP_KILL\"]"
	for set in CapEff CapPrm CapInh CapAmb; do equal "$(status_line "$set" "$filter")" 0000000000000020; done
}
check "a user other than root keeps only ambient capabilities" user_capabilities

fewer_capabilities() {
	bundle fewer '.process.args = ["grep", "^Cap", "/proc/self/status"] |
		.process.capabilities |= map_values(. + ["CAP_SYS_BOOT"]) |
		.process.capabilities.inheritable = ["CAP_KILL", "CAP_SYS_BOOT"] |
		.process.capabilities.ambient = ["CAP_KILL", "CAP_SYS_BOOT"]'
	CLOISON_TEST=$T setpriv --bounding-set=-sys_boot "$cloison" --root "$T/.run" run --bundle "$T/fewer" \
		"$tag-fewer" >"$T/fewer/out" 2>"$T/fewer/err"
	for set in Eff Prm Bnd; do has "$(grep "Cap$set" "$T/fewer/out")" '0000000020000420$'; done
	for set in Inh Amb; do has "$(grep "Cap$set" "$T/fewer/out")" '0000000000000020$'; done
	equal "$(cat "$T/fewer/err")" "cloison: warning: process.capabilities: left out, since the runtime lacks them: CAP_SYS_BOOT"
}
check "a runtime with fewer capabilities hands on those it has" fewer_capabilities

no_such_capability() {
	filter='.process.capabilities |= map_values(. + ["CAP_NONSENSE"]) |
		.process.capabilities.effective += ["CAP_SYS_BOOT"] | .process.args = ["grep", "CapEff", "/proc/self/status"]'
	bundle caps "$filter"
	for format in text json; do
		c --log "$T/caps/$format" --log-format "$format" run --bundle "$T/caps" "$tag-caps" >"$T/caps/out" 2>"$T/caps/err"
		has "$(cat "$T/caps/out")" '0000000020000420$'
		has "$(cat "$T/caps/err")" '^cloison: warning: process.capabilities: left out, .* no such capability: CAP_NONSENSE$'
		has "$(cat "$T/caps/err")" '^cloison: warning: process.capabilities: left out of a set, .*: CAP_SYS_BOOT$'
		equal "$(wc -l <"$T/caps/err")" 2
	done
	equal "$(jq -r .level "$T/caps/json" | tr '\n' ' ')" "warning warning "
	has "$(cat "$T/caps/text")" 'level=warning msg="process.capabilities: .*CAP_NONSENSE'
	c create --bundle "$T/caps" "$tag-caps" </dev/null >"$T/caps/out" 2>"$T/caps/err"
	equal "$(wc -l <"$T/caps/err")" 2
	c start "$tag-caps" 2>"$T/caps/err"
	[ ! -s "$T/caps/err" ] || fail "warned twice"
	c delete --force "$tag-caps"
}
check "capabilities that cannot be granted are left out with a warning on standard error and in the log" no_such_capability

no_new_privileges() {
	equal "$(status_line NoNewPrivs .)" 1
	equal "$(status_line NoNewPrivs '.process.noNewPrivileges = false')" 0
}
check "no_new_privs is as the config says" no_new_privileges

default_filter() {
	ct '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])' \
		'sed -n "s/^Seccomp:[[:space:]]*//p" /proc/self/status
		 unshare -U true 2>/dev/null || echo "no unshare"
		 mount -t tmpfs none /dev/shm 2>/dev/null || echo "no mount"
		 umount /dev/shm 2>/dev/null || echo "no umount"
		 pivot_root . . 2>/dev/null || echo "no pivot_root"
		 ls / >/dev/null && ps >/dev/null && sleep 0.01 && date >/dev/null && (echo a | sort | grep -q a) && echo fine' >"$T/filter" || true
	equal "$(cat "$T/filter")" "2
no unshare
no mount
no umount
no pivot_root
fine"
	equal "$(ct 'del(.linux.seccomp)' 'sed -n "s/^Seccomp:[[:space:]]*//p" /proc/self/status')" 0
}
check "the default filter refuses what opens doors, and lets ordinary programs be" default_filter

without_filter() {
	equal "$(ct 'del(.linux.seccomp) | .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])' \
		'mount -t tmpfs none /dev/shm && echo mounted')" mounted
}
check "it is the filter that refuses: without it the same mount works" without_filter

custom_filter() {
	filter='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28},
			{names: ["symlink", "symlinkat"], action: "SCMP_ACT_ERRNO"},
			{names: ["sched_yield", "getpriority"], action: "SCMP_ACT_KILL_PROCESS"}]}'
	has "$(ct "$filter" 'mkdir /dev/shm/x 2>&1')" 'No space left'
	has "$(ct "$filter" 'ln -s a /dev/shm/x 2>&1')" 'Operation not permitted'
	equal "$(ct "$filter" 'touch /dev/shm/x && echo fine')" fine
	equal "$(ct "$filter | .process.noNewPrivileges = false |
		.process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"])" 'mkdir /dev/shm/x 2>&1 || echo refused' | tail -n 1)" refused
	bundle sec '.linux.seccomp = {defaultAction: "SCMP_ACT_NONSENSE"}'
	refuse 125 'SCMP_ACT_NONSENSE' c run --bundle "$T/sec" "$tag-sec"
}
check "a filter of the config's own returns the errno it names" custom_filter

filtered_exec() {
	bundle kill '.linux.seccomp = {defaultAction: "SCMP_ACT_KILL_PROCESS",
		syscalls: [{names: ["execve", "brk", "mmap"], action: "SCMP_ACT_ALLOW"}]}'
	rc=0
	c run --bundle "$T/kill" "$tag-kill" 2>/dev/null || rc=$?
	equal "$rc" 159
}
check "a program that its filter kills ends with 128 + SIGSYS" filtered_exec

oom_score() {
	equal "$(ct '.process.oomScoreAdj = 321' 'cat /proc/self/oom_score_adj')" 321
	equal "$(ct . 'cat /proc/self/oom_score_adj')" "$(cat /proc/self/oom_score_adj)"
	bundle oom '.process.oomScoreAdj = 5000'
	refuse 125 'oomScoreAdj' c run --bundle "$T/oom" "$tag-oom"
}
check "oom_score_adj is set" oom_score

pass_through() {
	bundle cat '.process.args = ["cat"]'
	equal "$(printf 'one\ntwo' | c run --bundle "$T/cat" "$tag-cat")" "one
two"
	head -c 1000000 /dev/zero | c run --bundle "$T/cat" "$tag-cat" | wc -c | grep -qx 1000000
	ct . 'echo out; echo err >&2' >"$T/o" 2>"$T/e"
	equal "$(cat "$T/o") $(cat "$T/e")" "out err"
	ct . 'echo closed' >&-
}
check "standard input, output and error are the caller's" pass_through

descriptors() {
	exec 5<"$T/base.json" 9</etc/passwd
	equal "$(ct . 'ls /proc/self/fd | tr "\n" " "')" "0 1 2 3 "
	bundle fds . 'ls /proc/self/fd | tr "\n" " "'
	equal "$(c run --preserve-fds 0 --bundle "$T/fds" "$tag-fds")" "0 1 2 3 "
	equal "$(exec 9<&- 3</dev/null 4</dev/null && c run --preserve-fds 3 --bundle "$T/fds" "$tag-fds")" \
		"0 1 2 3 4 5 6 "
	# one that is not open would be taken by a file of the runtime's
	c run --preserve-fds 3 --bundle "$T/fds" "$tag-fds" 2>"$T/fds/err" && fail "it ran"
	grep -q -- '--preserve-fds: descriptor 3: EBADF' "$T/fds/err"
	bundle fds . 'read -r line <&3; echo "$line"'
	echo handed >"$T/handed"
	equal "$(c run --preserve-fds 1 --bundle "$T/fds" "$tag-fds" 3<"$T/handed")" handed
	bundle fds . 'ls /proc/self/fd | tr "\n" " "'
	c create --bundle "$T/fds" "$tag-fds" >"$T/fds/out" 2>&1
	c start "$tag-fds"
	wait_for 10 is_status fds stopped
	c delete "$tag-fds"
	equal "$(cat "$T/fds/out")" "0 1 2 3 "
}
check "no descriptor of the runtime or its caller leaks; --preserve-fds hands on just those" descriptors

signals_clear() {
	# without a shell, which ignores QUIT on its own account
	bundle sig '.process.args = ["sed", "-n", "s/^Sig\\(Blk\\|Ign\\):[[:space:]]*//p", "/proc/self/status"]'
	equal "$(trap '' HUP USR1 && c run --bundle "$T/sig" "$tag-sig" | sort -u)" 0000000000000000
	equal "$(c run --detach --bundle "$T/sig" "$tag-sig" >"$T/sig/out"; wait_for 10 is_status sig stopped
		c delete "$tag-sig"; sort -u "$T/sig/out")" 0000000000000000
}
check "no signal is blocked or ignored when the program starts" signals_clear

own_session() {
	equal "$(ct . 'cut -d" " -f6 /proc/1/stat')" 1
	equal "$(ct . 'cut -d" " -f7 /proc/1/stat')" 0
}
check "the program leads a session of its own without a terminal" own_session

keyring() {
	bundle key '.process.args = ["true"]'
	CLOISON_TEST=$T strace -f -qq -o "$T/key/trace" -e trace=keyctl,execve \
		"$cloison" --root "$T/.run" run --bundle "$T/key" "$tag-key"
	equal "$(sed 's/^[0-9]* *//; s/(.*//' "$T/key/trace" | tr '\n' ' ')" "execve keyctl execve "
	has "$(cat "$T/key/trace")" 'keyctl\(KEYCTL_JOIN_SESSION_KEYRING, NULL\) = [1-9]'
}
check "the program gets a session keyring of its own" keyring

# keyrings VERB... - the calls for a keyring that the runtime makes
keyrings() {
	CLOISON_TEST=$T strace -f -qq -o "$T/keyrings" -e trace=keyctl "$cloison" --root "$T/.run" "$@"
	wc -l <"$T/keyrings"
}

callers_keyring() {
	bundle nokey '.process.args = ["true"]'
	equal "$(keyrings run --no-new-keyring --bundle "$T/nokey" "$tag-nokey")" 0
	bundle nokey . 'sleep 1000'
	c run --detach --no-new-keyring --bundle "$T/nokey" "$tag-nokey"
	equal "$(keyrings exec "$tag-nokey" true)" 0
	c delete --force "$tag-nokey"
	c run --detach --bundle "$T/nokey" "$tag-nokey"
	equal "$(keyrings exec "$tag-nokey" true)" 1
	c delete --force "$tag-nokey"
}
check "--no-new-keyring leaves the caller's to the program, and to what exec adds" callers_keyring

detached() {
	bundle det . 'sleep 2; echo done >/dev/shm/x; exit 0'
	c run --detach --bundle "$T/det" --pid-file "$T/det/pid" "$tag-det" </dev/null >/dev/null
	equal "$(cat "$T/det/pid")" "$(pid_of det)"
	# execve is told before the arguments are there
	wait_for 5 grep -qa '^sh.-c.' "/proc/$(cat "$T/det/pid")/cmdline"
	wait_for 10 is_status det stopped
	c delete "$tag-det"
}
check "a detached run leaves the program running and its pid in the file" detached

finish
