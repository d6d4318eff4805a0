#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# exec.sh: one more process in a running container.
. tests/host/lib.sh

maps='.linux.namespaces += [{"type": "user"}] |
	.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
	.linux.gidMappings = .linux.uidMappings'

same_namespaces() {
	for filter in . "$maps | .linux.namespaces += [{\"type\": \"time\"}]"; do
		start_ct ns "$filter"
		for n in pid net ipc uts mnt cgroup user time; do
			equal "$(c exec "$tag-ns" readlink "/proc/self/ns/$n")" "$(readlink "/proc/$(pid_of ns)/ns/$n")"
		done
		c delete --force "$tag-ns"
	done
}
check "the process is in the container's namespaces, all of them" same_namespaces

same_cgroup() {
	[ -n "$cgroups" ] || return 0
	start_ct cg
	c exec --detach --pid-file "$T/cg/pid" "$tag-cg" sleep 1000 >/dev/null
	has "$(cat "/proc/$(cat "$T/cg/pid")/cgroup")" "^0::.*/cloison/$tag-cg\$"
	c delete --force "$tag-cg"
}
check "the process is in the container's cgroup" same_cgroup

inherits() {
	start_ct inh '.process.env = ["PATH=/bin", "A=1", "B=2", "CLOISON_TEST=\($T)"] | .process.cwd = "/etc" |
		.process.user = {uid: 1000, gid: 1001, additionalGids: [7]}'
	equal "$(SECRET=x c exec "$tag-inh" env | grep -v CLOISON_TEST)" "PATH=/bin
A=1
B=2
HOME=/home/user"
	equal "$(c exec "$tag-inh" readlink /proc/self/cwd)" /etc
	equal "$(c exec "$tag-inh" sed -n 's/^\([UG]id\|Groups\):[[:space:]]*//p' /proc/self/status |
		tr -s '\t ' ' ' | sed 's/ $//')" "1000 1000 1000 1000
1001 1001 1001 1001
7"
	equal "$(c exec "$tag-inh" sed -n 's/^\(Seccomp\|NoNewPrivs\):[[:space:]]*//p' /proc/self/status | tr '\n' ' ')" "1 2 "
	equal "$(c exec "$tag-inh" sed -n 's/^Cap\(Eff\|Bnd\|Inh\|Amb\):[[:space:]]*//p' /proc/self/status | tr '\n' ' ')" \
		"0000000000000000 0000000000000000 0000000020000420 0000000000000000 "
	c delete --force "$tag-inh"
}
check "environment, directory, user, capabilities and filter are the container's" inherits

overrides() {
	start_ct over '.process.env = ["PATH=/bin", "A=1", "CLOISON_TEST=\($T)"]'
	equal "$(c exec -e A=2 --env B=3 --env=C= "$tag-over" env | grep -v CLOISON_TEST)" "PATH=/bin
A=2
B=3
C=
HOME=/root"
	equal "$(c exec --cwd /etc "$tag-over" readlink /proc/self/cwd)" /etc
	equal "$(c exec -u 1000 "$tag-over" sh -c 'id -u; id -g' | tr '\n' ' ')" "1000 0 "
	equal "$(c exec --user 1000:1001 "$tag-over" sh -c 'id -u; id -g' | tr '\n' ' ')" "1000 1001 "
	refuse 125 'is not KEY=VALUE' c exec -e NOTHING "$tag-over" true
	refuse 125 'is not KEY=VALUE' c exec -e =x "$tag-over" true
	refuse 125 '`/no/such`: ENOENT' c exec --cwd /no/such "$tag-over" true
	c delete --force "$tag-over"
}
check "options override the container's" overrides

users() {
	start_ct users
	for user in '' : 0: :0 0:0x 0x0 1000: ' 1' '1 ' '1:1 ' 1:1:1 -1 +1 1:-1 root user:user 4294967295 \
		4294967296 99999999999 0:4294967295 18446744073709551616 18446744073709551617 1e3 '1
'; do
		refuse 125 'user `.*EINVAL' c exec -u "$user" "$tag-users" id
		refuse 125 'user `.*EINVAL' c exec --user="$user" "$tag-users" id
	done
	equal "$(c exec -u 4294967294 "$tag-users" id -u)" 4294967294
	equal "$(c exec -u 0 "$tag-users" id -u)" 0
	c delete --force "$tag-users"
}
check "a user that is not exactly UID or UID:GID is refused" users

unmapped_user() {
	start_ct um "$maps"
	rc=0
	c exec -u 70000 "$tag-um" id >"$T/um/out" 2>"$T/um/err" || rc=$?
	equal "$rc" 125
	clear_error "$T/um/err"
	c delete --force "$tag-um"
}
check "a user without a mapping is refused" unmapped_user

process_file() {
	start_ct pf
	jq -n '{args: ["sh", "-c", "id; pwd; echo $X; exit 5"], cwd: "/etc", env: ["PATH=/bin", "X=y"],
		user: {uid: 7, gid: 8}}' >"$T/pf/process.json"
	rc=0
	c exec --process "$T/pf/process.json" "$tag-pf" >"$T/pf/out" || rc=$?
	equal "$rc" 5
	equal "$(cat "$T/pf/out")" "uid=7 gid=8
/etc
y"
	refuse 125 'exclude each other' c exec --process "$T/pf/process.json" "$tag-pf" true
	refuse 125 'ENOENT' c exec --process "$T/no/such" "$tag-pf"
	echo '{' >"$T/pf/bad.json"
	refuse 125 'bad.json' c exec --process "$T/pf/bad.json" "$tag-pf"
	echo '{}' >"$T/pf/bad.json"
	refuse 125 'bad.json' c exec --process "$T/pf/bad.json" "$tag-pf"
	c delete --force "$tag-pf"
}
check "--process takes everything from a file" process_file

exit_codes() {
	start_ct code
	for code in 0 1 3 126 127 255; do
		rc=0
		c exec "$tag-code" sh -c "exit $code" || rc=$?
		equal "$rc" "$code"
	done
	rc=0
	c exec "$tag-code" sh -c 'kill -KILL $$' || rc=$?
	equal "$rc" 137
	refuse 127 '`/no/such`: ENOENT' c exec "$tag-code" /no/such
	refuse 127 'cannot find the executable `no-such` in PATH' c exec "$tag-code" no-such
	refuse 126 '`/etc`: EACCES' c exec "$tag-code" /etc
	refuse 126 '`/etc/passwd`: EACCES' c exec "$tag-code" /etc/passwd
	refuse 125 'no command' c exec "$tag-code"
	equal "$(status_of code)" running
	c delete --force "$tag-code"
}
check "exit codes are the program's, 126 and 127 for one that cannot be run" exit_codes

detach() {
	start_ct det
	c exec --detach --pid-file "$T/det/pid" "$tag-det" sleep 1000 >/dev/null
	# the kernel says that execve succeeds before it has put the arguments there
	wait_for 5 grep -qa '^sleep' "/proc/$(cat "$T/det/pid")/cmdline"
	has "$(tr '\0' ' ' <"/proc/$(cat "$T/det/pid")/cmdline")" '^sleep 1000'
	has "$(c exec "$tag-det" ps)" 'sleep 1000'
	refuse 125 'pid file' c exec --detach --pid-file "$T/no/such" "$tag-det" sleep 999
	lacks "$(c exec "$tag-det" ps)" 'sleep 999'
	c delete --force "$tag-det"
}
check "a detached process stays, and its pid is in the file" detach

descriptors() {
	start_ct fds
	equal "$(c exec "$tag-fds" ls /proc/self/fd 9</etc/passwd | tr '\n' ' ')" "0 1 2 3 "
	equal "$(echo handed | c exec --preserve-fds 1 "$tag-fds" cat /proc/self/fd/3 3<&0)" handed
	equal "$(echo text | c exec "$tag-fds" cat)" text
	c delete --force "$tag-fds"
}
check "no descriptor leaks into the container; --preserve-fds hands on just those" descriptors

exit_with_it() {
	bundle gone . 'until ps | grep -q "[s]leep 1000"; do sleep 0.1; done; sleep 0.2'
	c run --detach --bundle "$T/gone" "$tag-gone" >/dev/null
	rc=0
	c exec "$tag-gone" sleep 1000 || rc=$?
	equal "$rc" 137
	wait_for 5 is_status gone stopped
	c delete "$tag-gone"
}
check "a process ends with its container, and exec says so" exit_with_it

at_once() {
	start_ct many
	for i in 1 2 3 4 5 6 7 8 9 10; do
		status_to "$T/many/rc$i" c exec "$tag-many" sh -c "exit $i" &
	done
	wait
	equal "$(cat "$T"/many/rc* | sort -n | tr '\n' ' ')" "1 2 3 4 5 6 7 8 9 10 "
	c delete --force "$tag-many"
}
check "ten at once all succeed" at_once

groups_and_capabilities() {
	start_ct gc '.process.user = {uid: 1000, gid: 1000, additionalGids: [5]}'
	equal "$(c exec -g 7 --additional-gids 70000 "$tag-gc" id -G)" "1000 5 7 70000"
	has "$(c exec -u 0:0 --cap CAP_SYS_TIME -c CAP_CHOWN "$tag-gc" grep CapEff /proc/self/status)" '0000000022000421$'
	has "$(c exec -u 0:0 --cap CAP_SYS_TIME "$tag-gc" grep CapInh /proc/self/status)" '0000000000000000$'
	refuse 125 'no such capability: `CAP_X`' c exec --cap CAP_X "$tag-gc" true
	refuse 125 'group `x`' c exec -g x "$tag-gc" true
	refuse 125 'group `4294967295`' c exec -g 4294967295 "$tag-gc" true
	c delete --force "$tag-gc"
}
check "--additional-gids and --cap add to the container's; no capability becomes inheritable" groups_and_capabilities

below() {
	start_ct below
	if [ -z "$cgroups" ]; then
		refuse 125 'has no cgroup' c exec --cgroup sub "$tag-below" true
	else
		dir=$cgroups$(sed -n 's/^0:://p' "/proc/$(pid_of below)/cgroup")
		mkdir "$dir/sub"
		has "$(c exec --cgroup /sub "$tag-below" cat /proc/self/cgroup)" '/sub$'
		for wrong in .. ../x sub/../.. cpu:/x; do
			refuse 125 'must be a path below' c exec --cgroup "$wrong" "$tag-below" true
		done
		refuse 125 'ENOENT' c exec --cgroup no/such "$tag-below" true
	fi
	c delete --force "$tag-below"
}
check "--cgroup is a cgroup below the container's, and no other" below

labels() {
	start_ct lab
	if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ]; then
		refuse 125 'cannot apply process.apparmorProfile `docker-default`' c exec --apparmor docker-default "$tag-lab" true
		has "$(cat "$T/refused.err")" 'AppArmor is not enabled'
	fi
	if [ ! -d /sys/fs/selinux ]; then
		refuse 125 'cannot apply process.selinuxLabel `x:y:z:s0`' c exec --process-label x:y:z:s0 "$tag-lab" true
	fi
	c exec --apparmor unconfined --process-label "" "$tag-lab" true
	refuse 125 '[-]-apparmor: has a control character' c exec --apparmor "a
b" "$tag-lab" true
	c delete --force "$tag-lab"
}
check "a label that the kernel has no module for is an error; none and unconfined are none" labels

pidfd_socket() {
	start_ct pidfd
	"$tools/console-receiver" "$T/pidfd/sock" >"$T/pidfd/received" &
	wait_for 5 grep -q listening "$T/pidfd/received"
	c exec --detach --pid-file "$T/pidfd/pid" --pidfd-socket "$T/pidfd/sock" "$tag-pidfd" sleep 1000 >/dev/null
	wait
	equal "$(sed -n 's/^Pid:[[:space:]]*//p' "$T/pidfd/received")" "$(cat "$T/pidfd/pid")"
	refuse 125 'cannot connect to the pidfd socket' c exec --detach --pidfd-socket "$T/no/such" "$tag-pidfd" sleep 999
	lacks "$(c exec "$tag-pidfd" ps)" 'sleep 999'
	c delete --force "$tag-pidfd"
	rm "$T/pidfd/sock"
	"$tools/console-receiver" "$T/pidfd/sock" >"$T/pidfd/received" &
	wait_for 5 grep -q listening "$T/pidfd/received"
	c create --bundle "$T/pidfd" --pid-file "$T/pidfd/pid" --pidfd-socket "$T/pidfd/sock" "$tag-pidfd" </dev/null >"$T/pidfd/out" 2>&1
	wait
	equal "$(sed -n 's/^Pid:[[:space:]]*//p' "$T/pidfd/received")" "$(cat "$T/pidfd/pid")"
	c delete --force "$tag-pidfd"
}
check "--pidfd-socket gets a descriptor of the process" pidfd_socket

accepted() {
	bundle accepted . 'echo on'
	equal "$(c run --no-subreaper --bundle "$T/accepted" "$tag-accepted")" on
	equal "$(c run -no-subreaper -bundle="$T/accepted" "$tag-accepted")" on
	equal "$(c run -b="$T/accepted" -d=false "$tag-accepted")" on
	refuse 125 '.checkpoint. is not supported' c checkpoint "$tag-accepted"
	refuse 125 '.restore. is not supported' c restore --help
	equal "$(c run --no-pivot=false --bundle "$T/accepted" "$tag-accepted")" on
	refuse 125 'no-pivot is refused' c run --no-pivot --bundle "$T/accepted" "$tag-accepted"
	refuse 125 'no-pivot is refused' c create --no-pivot --bundle "$T/accepted" "$tag-accepted"
}
check "engines' options without effect are accepted, with one dash too; --no-pivot is refused" accepted

limits() {
	start_ct lim '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 64, "hard": 128}] | .process.oomScoreAdj = 77'
	has "$(c exec "$tag-lim" cat /proc/self/limits | tr -s ' ')" 'Max open files 64 128'
	equal "$(c exec "$tag-lim" cat /proc/self/oom_score_adj)" 77
	c delete --force "$tag-lim"
}
check "limits are the container's" limits

finish
