#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rootless.sh: containers of an ordinary user, and of root in a user namespace.
. tests/host/lib.sh

uid=12345
as=$T/as # COMMAND... - as that user
printf '#!/bin/sh\nexec setpriv --reuid %s --regid %s --clear-groups --inh-caps=-all "$@"\n' "$uid" "$uid" >"$as"
chmod 755 "$as"
"$as" unshare --user true 2>/dev/null || skip_all "this host gives ordinary users no user namespaces"

mkdir "$T/.run" "$T/xdg" "$T/bin"
cp "$cloison" "$T/bin/cloison"
cp -a "$T/rootfs" "$T/home"
chown -R "$uid:$uid" "$T/.run" "$T/xdg" "$T/home"
mkdir -m 777 "$T/bundles"

# u ARGUMENT... - the runtime as that user; the program belongs to root
u() {
	CLOISON_TEST=$T timeout -k 5 30 "$as" "$T/bin/cloison" --root "$T/.run" "$@"
}

"$as" "$T/bin/cloison" spec --rootless --bundle "$T/bundles" || exit 1

# ubundle NAME FILTER SCRIPT - what `spec --rootless` writes, changed
ubundle() {
	mkdir -p "$T/$1"
	chmod 755 "$T/$1"
	jq --arg script "$3" --arg mark "CLOISON_TEST=$T" --arg root "$T/home" ".process.terminal = false | .process.env += [\$mark] |
		.root.path = \$root | .process.args = [\"sh\", \"-c\", \$script] | $2" "$T/bundles/config.json" >"$T/$1/config.json"
}

# uct FILTER SCRIPT - run it in a container of the user's
uct() {
	name=$(new_name)
	ubundle "$name" "$1" "$2"
	u run --bundle "$T/$name" "$tag-$name"
}

ustart() {
	ubundle "$1" "$2" 'trap "exit 0" TERM; sleep 1000 & wait'
	u run --detach --bundle "$T/$1" "$tag-$1" </dev/null >"$T/$1/out" 2>&1 || fail "$(cat "$T/$1/out")"
}

own_id() {
	uct '.hostname = "mine"' 'id -u; awk "{ print \$1, \$2, \$3 }" /proc/self/uid_map /proc/self/gid_map; cat /proc/self/setgroups; hostname
		echo x >/dev/null && head -c 3 /dev/zero | wc -c; ls /proc/1/exe' >"$T/out"
	equal "$(tr '\n' , <"$T/out")" "0,0 $uid 1,0 $uid 1,deny,mine,3,/proc/1/exe,"
}
check "an ordinary user's container is root of one id" own_id

writes() {
	uct '.root.readonly = false' 'echo text >/tmp/file'
	equal "$(stat -c %u "$T/home/tmp/file")" "$uid"
	rm "$T/home/tmp/file"
	mkdir "$T/vol"
	chown "$uid" "$T/vol"
	uct ".mounts += [{destination: \"/tmp\", type: \"bind\", source: \"$T/vol\", options: [\"rbind\", \"nosuid\", \"nodev\"]}]" 'echo text >/tmp/file'
	equal "$(stat -c %u "$T/vol/file")" "$uid"
	equal "$(uct ".mounts += [{destination: \"/tmp\", type: \"bind\", source: \"$T/vol\", options: [\"rbind\", \"ro\"]}]" 'echo x 2>/dev/null >/tmp/file || echo refused')" refused
	equal "$(uct ".mounts += [{destination: \"/tmp\", type: \"tmpfs\", source: \"x\", options: [\"tmpcopyup\"]},
		{destination: \"/root\", type: \"bind\", source: \"$T/vol\", options: [\"rbind\"]}]" 'cat /root/file')" text
}
check "its files are the user's, in the root and in volumes" writes

not_more() {
	echo secret >"$T/secret"
	chmod 600 "$T/secret"
	mkdir -m 700 "$T/sealed"
	equal "$(uct ".mounts += [{destination: \"/etc/secret\", type: \"bind\", source: \"$T/secret\", options: [\"bind\"]}]" 'cat /etc/secret 2>/dev/null || echo refused')" refused
	ubundle closed ".mounts += [{destination: \"/tmp\", type: \"bind\", source: \"$T/sealed/x\", options: [\"bind\"]}]" true
	refuse 125 'cannot bind .*EACCES' u run --bundle "$T/closed" "$tag-closed"
	ubundle net '.linux.namespaces += [{"type": "network", "path": "/proc/1/ns/net"}]' true
	refuse 125 'network namespace .*(EACCES|EPERM)' u run --bundle "$T/net" "$tag-net"
	ubundle map '.linux.uidMappings[0].hostID = 0' true
	refuse 125 'newuidmap' u run --bundle "$T/map" "$tag-map"
	ubundle host '.linux.namespaces -= [{"type": "user"}] | del(.linux.uidMappings, .linux.gidMappings)' true
	refuse 125 'hint: .*spec --rootless' u run --bundle "$T/host" "$tag-host"
	ubundle groups '.process.user.additionalGids = [0]' true
	refuse 125 'cause: .*denies setgroups' u run --bundle "$T/groups" "$tag-groups"
	ubundle limit '.linux.resources.memory.limit = 1000000' true
	refuse 125 'cannot limit memory' u run --bundle "$T/limit" "$tag-limit"
	ubundle mknod '.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .root.readonly = false' 'mknod /tmp/m b 1 0 || echo refused'
	equal "$(u run --bundle "$T/mknod" "$tag-mknod" 2>/dev/null)" refused
}
check "the user gets nothing that the user had not" not_more

life() {
	ubundle life . 'trap "exit 3" TERM; echo started >/dev/shm/f; sleep 1000 & wait'
	u create --bundle "$T/life" "$tag-life"
	equal "$(u state "$tag-life" | jq -r .status)" created
	equal "$(stat -c %u "$T/.run/$tag-life")" "$uid"
	# not dumpable, so that nobody inside can trace it: its files in /proc are not the user's but root's
	equal "$(stat -c %u "/proc/$(u state "$tag-life" | jq .pid)/environ")" 0
	u start "$tag-life"
	wait_for 5 u exec "$tag-life" cat /dev/shm/f
	equal "$(u exec --user 0:0 --env A=b "$tag-life" sh -c 'id -u; echo $A; readlink /proc/self/ns/user')" "0
b
$(readlink "/proc/$(u state "$tag-life" | jq .pid)/ns/user")"
	equal "$(u list | grep -c "$tag-life.*running")" 1
	refuse 125 'is running' u delete "$tag-life"
	u kill "$tag-life" TERM
	wait_for 5 sh -c "\"$cloison\" --root $T/.run state $tag-life | grep -q stopped"
	u delete "$tag-life"
	[ ! -e "$T/.run/$tag-life" ] || fail "something is left"
	ustart forced .
	u delete --force "$tag-forced"
	rc=0
	uct . 'exit 7' || rc=$?
	equal "$rc" 7
}
check "create, start, exec, list, kill and delete work without root" life

namespaces() {
	equal "$(uct '.linux.namespaces += [{"type": "network"}, {"type": "time"}] | .linux.timeOffsets = {"boottime": {"secs": 7000000}} |
		.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4242"} |
		(.mounts[] | select(.destination == "/sys")) |= {destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"]}' \
		'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax; ls /sys/class/net; [ $(cut -d. -f1 /proc/uptime) -gt 7000000 ] && echo later')" "1
4242
lo
later"
}
check "network and time namespaces and sysctls are the container's own" namespaces

member() {
	ustart upod '.linux.namespaces += [{"type": "network"}] | .mounts |= map(select(.destination != "/sys"))'
	pid=$(u state "$tag-upod" | jq .pid)
	rc=0
	uct "del(.hostname, .linux.uidMappings, .linux.gidMappings) | .mounts |= map(select(.destination != \"/sys\")) |
		.linux.namespaces = [{type: \"mount\"}, {type: \"pid\"}, {type: \"cgroup\"}, {type: \"user\", path: \"/proc/$pid/ns/user\"},
			{type: \"uts\", path: \"/proc/$pid/ns/uts\"}, {type: \"ipc\", path: \"/proc/$pid/ns/ipc\"},
			{type: \"network\", path: \"/proc/$pid/ns/net\"}]" 'for n in user uts ipc net; do readlink /proc/self/ns/$n; done' >"$T/out" || rc=$?
	want=$(for n in user uts ipc net; do "$as" readlink "/proc/$pid/ns/$n" || readlink "/proc/$pid/ns/$n"; done)
	u delete --force "$tag-upod"
	equal "$rc $(cat "$T/out")" "0 $want"
}
check "a user's pod can be joined, its user namespace too" member

limits() {
	equal "$(uct '.process.oomScoreAdj = 321 | .process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 77, "hard": 78}]' \
		'cat /proc/self/oom_score_adj; ulimit -n; ulimit -Hn')" "321
77
78"
	ubundle raise '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 99999999, "hard": 99999999}]' true
	refuse 125 'cause: .*lacks CAP_SYS_RESOURCE' u run --bundle "$T/raise" "$tag-raise"
}
check "limits that a user may set are set, others refused" limits

terminal() {
	ubundle tty '.process.terminal = true' 'tty; ls -l /dev/console | cut -c1'
	has "$("$as" script -qec "env CLOISON_TEST=$T $T/bin/cloison --root $T/.run run --bundle $T/tty $tag-tty" /dev/null </dev/null | tr -d '\r')" '/dev/(pts/0|console)'
}
check "a terminal works without root" terminal

default_dir() {
	ubundle dir . 'sleep 1000'
	CLOISON_TEST=$T "$as" env XDG_RUNTIME_DIR="$T/xdg" "$T/bin/cloison" run -d --bundle "$T/dir" "$tag-dir" </dev/null >/dev/null 2>&1
	[ -e "$T/xdg/cloison/$tag-dir/state.json" ] || fail "is elsewhere"
	CLOISON_TEST=$T "$as" env XDG_RUNTIME_DIR="$T/xdg" "$T/bin/cloison" delete --force "$tag-dir"
	refuse 125 'hint: .*XDG_RUNTIME_DIR' "$as" env -u XDG_RUNTIME_DIR "$T/bin/cloison" run --bundle "$T/dir" "$tag-dir"
	refuse 125 'use true, false or auto' u --rootless=maybe list
	refuse 125 'cannot clone' u --rootless=false run --bundle "$T/dir" "$tag-dir"
}
check "state is kept in XDG_RUNTIME_DIR" default_dir

# The runtime's program: root's own is run as it is, the user's own from a sealed copy.
own_program() {
	mkdir "$T/ubin"
	cp "$cloison" "$T/ubin/cloison"
	chown -R "$uid" "$T/ubin"
	ubundle self '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE"])' 'sleep 1000'
	for bin in "$T/bin" "$T/ubin"; do
		CLOISON_TEST=$T "$as" "$bin/cloison" --root "$T/.run" create --bundle "$T/self" "$tag-self"
		readlink "/proc/$("$cloison" --root "$T/.run" state "$tag-self" | jq .pid)/exe"
		u delete --force "$tag-self"
	done >"$T/out" 2>&1
	equal "$(cat "$T/out")" "$T/bin/cloison
/memfd:cloison (deleted)"
}
check "CVE-2019-5736: a user's container cannot write to the user's runtime" own_program

# Ranges of /etc/subuid, for a user that exists in a mount namespace of the test's own alone.
ranges() {
	{ cat /etc/passwd; echo "ranger:x:$uid:$uid::/:/bin/sh"; } >"$T/passwd"
	echo "ranger:500000:65536" >"$T/subid"
	ubundle range '.linux.uidMappings = [{"containerID": 0, "hostID": '"$uid"', "size": 1}, {"containerID": 1, "hostID": 500000, "size": 65536}] |
		.linux.gidMappings = .linux.uidMappings | .process.user.additionalGids = [7] | .process.capabilities |= map_values(. + ["CAP_SETUID", "CAP_SETGID", "CAP_CHOWN"]) |
		.root.readonly = false' \
		'awk "{ print \$1, \$2, \$3 }" /proc/self/uid_map; cat /proc/self/setgroups; id -G; echo x >/tmp/f; chown 3:4 /tmp/f; stat -c "%u %g" /tmp/f'
	ubundle notmine '.linux.uidMappings = [{"containerID": 0, "hostID": 600000, "size": 2}] | .linux.gidMappings = .linux.uidMappings' true
	export as
	CLOISON_TEST=$T unshare --mount --propagation private sh -eu -c '
		mount --bind "$T/passwd" /etc/passwd
		mount --bind "$T/subid" /etc/subuid
		mount --bind "$T/subid" /etc/subgid
		"$as" "$T/bin/cloison" --root "$T/.run" run --bundle "$T/range" "$tag-range" >"$T/range/out"
		"$as" "$T/bin/cloison" --root "$T/.run" run --bundle "$T/notmine" "$tag-notmine" 2>"$T/notmine/err" || :'
	equal "$(tr '\n' , <"$T/range/out")" "0 $uid 1,1 500000 65536,allow,0 7,3 4,"
	equal "$(stat -c '%u %g' "$T/home/tmp/f")" "500002 500003"
	rm "$T/home/tmp/f"
	clear_error "$T/notmine/err"
	has "$(cat "$T/notmine/err")" 'newuidmap did not write the container.s uid_map'
	has "$(cat "$T/notmine/err")" 'cause: newuidmap: '
	ubundle nohelper '.linux.uidMappings = [{"containerID": 0, "hostID": 600000, "size": 2}] | .linux.gidMappings = .linux.uidMappings' true
	refuse 125 'cannot execute `newuidmap`: ENOENT' "$as" env PATH=/nowhere "$T/bin/cloison" --root "$T/.run" run --bundle "$T/nohelper" "$tag-nohelper"
}
export T tag
if [ -e /etc/subuid ] && [ -e /etc/subgid ] && command -v newuidmap >/dev/null; then
	check "a user's ranges of ids are mapped by newuidmap" ranges
else
	skip "a user's ranges of ids are mapped by newuidmap" "the package uidmap is not installed"
fi

# As Podman runs a runtime: root of a user namespace, with and without a mount namespace of its own.
nested() {
	for flags in --map-root-user "--map-root-user --mount"; do
		ubundle nested '.linux.namespaces -= [{"type": "user"}] | del(.linux.uidMappings, .linux.gidMappings)' 'id -u; cat /dev/null; hostname'
		# shellcheck disable=SC2086 # words
		equal "$(CLOISON_TEST=$T "$as" unshare --user $flags "$T/bin/cloison" --root "$T/.run" run --bundle "$T/nested" "$tag-nested" | tr '\n' ,)" "0,cloison,"
		ubundle nested '.linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0' 'id -u; cat /proc/self/uid_map | awk "{ print \$2 }"'
		# shellcheck disable=SC2086
		equal "$(CLOISON_TEST=$T "$as" unshare --user $flags "$T/bin/cloison" --root "$T/.run" run --bundle "$T/nested" "$tag-nested" | tr '\n' ,)" "0,0,"
	done
}
check "root of a user namespace runs containers, in a user namespace below or without" nested

finish
