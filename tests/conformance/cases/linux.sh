# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# linux.sh: config-linux.md without cgroups and seccomp, and runtime-linux.md.

# --- namespaces. All but pid are compared by the link in /proc/self/ns.

# new_ns TYPE FILE [FILTER] - one of that type of its own
new_ns() {
	inside ".linux.namespaces |= (map(select(.type != \"$1\")) + [{type: \"$1\"}]) ${3:-}" "readlink /proc/self/ns/$2"
	succeeded
	has "$out" "^$2:"
	[ "$out" != "$(ns self "$2")" ] || fail "the namespace is the runtime's"
}

case_namespace_new_pid() {
	new_ns pid pid
	gives . 'echo $$; ls -d /proc/[0-9]* | wc -l | grep -q "^[1-9]$" && echo few' '1
few'
}
case_namespace_new_network() {
	new_ns network net
	gives . 'cat /proc/net/dev | grep -c :' 1
}
case_namespace_new_mount() { new_ns mount mnt; }
case_namespace_new_ipc() { new_ns ipc ipc; }
case_namespace_new_uts() { new_ns uts uts; }
case_namespace_new_cgroup() { new_ns cgroup cgroup; }
case_namespace_new_time() { new_ns time time; }
case_namespace_new_user() {
	new_ns user user '| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
}

# inherited TYPE FILE [FILTER] - not in the list: the runtime's
inherited() {
	gives "del(.hostname) | .linux.namespaces |= map(select(.type != \"$1\")) ${3:-}" "readlink /proc/self/ns/$2" "$(ns self "$2")"
}

case_namespace_inherit_pid() { inherited pid pid; }
case_namespace_inherit_network() { inherited network net; }
case_namespace_inherit_ipc() { inherited ipc ipc; }
case_namespace_inherit_uts() { inherited uts uts; }
case_namespace_inherit_user() { inherited user user; }
case_namespace_inherit_cgroup() { inherited cgroup cgroup; }
case_namespace_inherit_time() { inherited time time; }

# joined TYPE FILE UNSHARE_FLAG... - the one at a path
joined() {
	type=$1
	file=$2
	shift 2
	holder "$@"
	joined_ns=$(ns "$holder" "$file")
	[ "$joined_ns" != "$(ns self "$file")" ] || fail "the holder has no namespace of its own"
	gives "del(.hostname) | .linux.namespaces |= (map(select(.type != \"$type\")) + [{type: \"$type\", path: \"/proc/$holder/ns/$file\"}])" \
		"readlink /proc/self/ns/$file" "$joined_ns"
}

case_namespace_join_network() { joined network net --net; }
case_namespace_join_ipc() { joined ipc ipc --ipc; }
case_namespace_join_uts() { joined uts uts --uts; }
case_namespace_join_cgroup() { joined cgroup cgroup --cgroup; }
case_namespace_join_pid() { joined pid pid --pid --fork; }
case_namespace_join_time() { joined time time --time --fork; }

case_namespace_join_user() {
	holder --user
	echo '0 100000 65536' >"/proc/$holder/uid_map"
	echo '0 100000 65536' >"/proc/$holder/gid_map"
	gives "del(.hostname) | .linux.namespaces += [{type: \"user\", path: \"/proc/$holder/ns/user\"}]" \
		'readlink /proc/self/ns/user; id -u; cat /proc/self/uid_map | tr -s " "' "$(ns "$holder" user)
0
 0 100000 65536"
}

# What is mounted there is what the program sees; busybox is at the same path in both worlds.
case_namespace_join_mount() {
	mkdir "$case_dir/there"
	holder --mount --propagation private
	nsenter --target "$holder" --mount mount -t tmpfs there "$case_dir/there"
	config ".mounts = [] | .linux.namespaces |= map(if .type == \"mount\" then .path = \"/proc/$holder/ns/mnt\" else . end) |
		.process.args = [\"/bin/readlink\", \"/proc/self/ns/mnt\"]"
	again
	succeeded
	equal "$out" "$(ns "$holder" mnt)"
}

case_namespace_type_required() { refuses '.linux.namespaces += [{path: "/proc/self/ns/uts"}]'; }
case_namespace_path_absolute() {
	config '.linux.namespaces |= map(if .type == "network" then .path = "proc/self/ns/net" else . end)'
	(cd / && must_fail rt create --bundle "$bundle" "$id")
	no_container "$id"
}
case_namespace_path_other_type() { refuses '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/ipc" else . end)'; }
case_namespace_path_no_namespace() { refuses '.linux.namespaces |= map(if .type == "network" then .path = "/etc/passwd" else . end)'; }
case_namespace_path_missing() { refuses '.linux.namespaces |= map(if .type == "network" then .path = "\($dir)/nowhere" else . end)'; }
case_namespace_duplicate() { refuses '.linux.namespaces += [{type: "network"}]'; }

# --- user namespace mappings

case_uid_mappings() {
	inside '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}, {containerID: 1000, hostID: 300000, size: 5}] |
		.linux.gidMappings = [{containerID: 0, hostID: 200000, size: 2000}]' 'cat /proc/self/uid_map'
	succeeded
	equal "$(printf '%s\n' "$out" | tr -s ' ')" ' 0 100000 1000
 1000 300000 5'
}

case_gid_mappings() {
	inside '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] |
		.linux.gidMappings = [{containerID: 0, hostID: 200000, size: 2000}]' 'cat /proc/self/gid_map'
	succeeded
	equal "$(printf '%s\n' "$out" | tr -s ' ')" ' 0 200000 2000'
}

# refuses_mapping ENTRY - in uidMappings
refuses_mapping() {
	refuses ".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [$1] |
		.linux.gidMappings = [{containerID: 0, hostID: 200000, size: 2000}]"
}

case_mapping_container_id_required() { refuses_mapping '{hostID: 100000, size: 1000}'; }
case_mapping_host_id_required() { refuses_mapping '{containerID: 0, size: 1000}'; }
case_mapping_size_required() { refuses_mapping '{containerID: 0, hostID: 100000}'; }

# --- time offsets

# between LOW IT HIGH
between() {
	[ "$1" -le "$2" ] || fail "$2 is less than $1"
	[ "$2" -le "$3" ] || fail "$2 is more than $3"
}

TIME='.linux.namespaces += [{type: "time"}]'
case_time_offset_boottime() {
	config "$TIME | .linux.timeOffsets = {boottime: {secs: 1000000}} | .process.args = [\"probe\", \"clock\", \"boottime\"]"
	before=$("$probe" clock boottime)
	again
	succeeded
	between $((before + 1000000)) "$out" $((before + 1000060))
}

case_time_offset_monotonic() {
	config "$TIME | .linux.timeOffsets = {monotonic: {secs: 2000000, nanosecs: 5}} | .process.args = [\"probe\", \"clock\", \"monotonic\"]"
	before=$("$probe" clock monotonic)
	again
	succeeded
	between $((before + 2000000)) "$out" $((before + 2000060))
}

# --- devices

FULL='{path: "/dev/conformance", type: "c", major: 1, minor: 7'
# device ENTRY SCRIPT TEXT
device() {
	gives ".linux.devices = [$1]" "$2" "$3"
}

case_device_char() { device "$FULL}" 'stat -c "%F %t:%T" /dev/conformance' 'character special file 1:7'; }
case_device_block() {
	device '{path: "/dev/conformance", type: "b", major: 7, minor: 0}' 'stat -c "%F %t:%T" /dev/conformance' 'block special file 7:0'
}
case_device_unbuffered() {
	device '{path: "/dev/conformance", type: "u", major: 1, minor: 7}' 'stat -c "%F %t:%T" /dev/conformance' 'character special file 1:7'
}
case_device_fifo() { device '{path: "/dev/conformance", type: "p"}' 'stat -c "%F" /dev/conformance' 'fifo'; }
case_device_works() {
	gives ".linux.devices = [$FULL, fileMode: 438}] | .linux.resources.devices = [{allow: true, access: \"rwm\"}]" \
		'head -c 3 /dev/conformance | wc -c' 3
}
case_device_anywhere() {
	own_rootfs
	gives '.root.path = "\($dir)/rootfs" | .linux.devices = [{path: "/etc/deep/device", type: "c", major: 1, minor: 7}]' \
		'stat -c %t:%T /etc/deep/device' 1:7
}
case_device_file_mode() { device "$FULL, fileMode: 416}" 'stat -c %a /dev/conformance' 640; }
case_device_uid() { device "$FULL, uid: 12}" 'stat -c %u /dev/conformance' 12; }
case_device_gid() { device "$FULL, gid: 34}" 'stat -c %g /dev/conformance' 34; }

# in_the_way COMMAND - something else is at the device's path
in_the_way() {
	own_rootfs
	mkdir "$rootfs/dev2"
	(cd "$rootfs/dev2" && "$@")
	refuses '.root.path = "\($dir)/rootfs" | .linux.devices = [{path: "/dev2/device", type: "c", major: 1, minor: 7}]'
}

case_device_other_file() { in_the_way touch device; }
case_device_other_device() { in_the_way mknod device c 1 5; }
case_device_same_device() {
	own_rootfs
	mknod "$rootfs/same" c 1 7
	gives '.root.path = "\($dir)/rootfs" | .linux.devices = [{path: "/same", type: "c", major: 1, minor: 7}]' 'stat -c %t:%T /same' 1:7
}
case_device_type_required() { refuses '.linux.devices = [{path: "/dev/conformance", major: 1, minor: 7}]'; }
case_device_path_required() { refuses '.linux.devices = [{type: "c", major: 1, minor: 7}]'; }
case_device_major_required() { refuses '.linux.devices = [{path: "/dev/conformance", type: "c", minor: 7}]'; }
case_device_minor_required() { refuses '.linux.devices = [{path: "/dev/conformance", type: "c", major: 1}]'; }

# default_device NAME MAJOR:MINOR
default_device() {
	gives . "stat -c '%F %t:%T' /dev/$1; test -r /dev/$1 && test -w /dev/$1 && echo usable" "character special file $2
usable"
}

case_default_null() { default_device null 1:3; }
case_default_zero() { default_device zero 1:5; }
case_default_full() { default_device full 1:7; }
case_default_random() { default_device random 1:8; }
case_default_urandom() { default_device urandom 1:9; }
case_default_tty() { gives . 'stat -c "%F %t:%T" /dev/tty' 'character special file 5:0'; }
case_default_console() {
	on_terminal '.process.terminal = true' 'stat -c "%d:%i %t:%T" /dev/console; stat -L -c "%t:%T" /proc/self/fd/0'
	has "$out" ' 88:0'
	equal "$(printf '%s\n' "$out" | tail -n 1)" 88:0
}
case_default_ptmx() { gives . 'test /dev/ptmx -ef /dev/pts/ptmx && echo same' same; }

# --- sysctl

case_sysctl() {
	gives '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1"}' \
		'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced' '1
1'
}

# --- root file system's propagation

# root_propagates VALUE - the tags of the root's mount
root_propagates() {
	mkdir "$case_dir/outer"
	cp -a "$T/rootfs" "$case_dir/outer/rootfs"
	mount --bind "$case_dir/outer" "$case_dir/outer"
	mount --make-shared "$case_dir/outer"
	inside ".root.path = \"$case_dir/outer/rootfs\" | .linux.rootfsPropagation = \"$1\"" \
		"awk '\$5 == \"/\" { for (i = 7; \$i != \"-\"; i++) printf \"%s \", \$i; print \"\" }' /proc/self/mountinfo"
	succeeded
}

case_rootfs_shared() { root_propagates shared && has "$out" 'shared:'; }

# What is mounted on the host later is seen inside.
case_rootfs_slave() {
	mkdir "$case_dir/outer"
	cp -a "$T/rootfs" "$case_dir/outer/rootfs"
	mount --bind "$case_dir/outer" "$case_dir/outer"
	mount --make-shared "$case_dir/outer"
	up '.root.path = "\($dir)/outer/rootfs" | .linux.rootfsPropagation = "slave"' \
		'echo ready; while ! test -e /mnt/later; do sleep 0.05; done; echo seen'
	mount -t tmpfs later "$case_dir/outer/rootfs/mnt"
	touch "$case_dir/outer/rootfs/mnt/later"
	LIMIT=4 wait_for grep -q seen "$case_dir/out"
}

case_rootfs_private() { root_propagates private && equal "$out" ''; }
case_rootfs_unbindable() { root_propagates unbindable && has "$out" unbindable; }

# --- masked and read-only paths

case_masked_file() {
	gives '.linux.maskedPaths = ["/proc/uptime"]' 'wc -c </proc/uptime 2>/dev/null' 0
}
case_masked_directory() {
	own_rootfs
	echo secret >"$rootfs/etc/file"
	gives '.root.path = "\($dir)/rootfs" | .linux.maskedPaths = ["/etc"]' 'ls /etc | wc -l' 0
}
case_masked_absolute() { refuses '.linux.maskedPaths = ["proc/uptime"]'; }
case_readonly_path() {
	own_rootfs
	gives '.root.path = "\($dir)/rootfs" | .linux.readonlyPaths = ["/etc"]' \
		'touch /etc/new 2>/dev/null && echo written; touch /tmp/new && echo elsewhere' elsewhere
}
case_readonly_path_absolute() { refuses '.linux.readonlyPaths = ["etc"]'; }

# --- personality

case_personality_linux32() {
	config '.linux.personality = {domain: "LINUX32"} | .process.args = ["probe", "personality"]'
	again
	succeeded
	equal "$out" 0x8
}
case_personality_linux() {
	config '.linux.personality = {domain: "LINUX"} | .process.args = ["probe", "personality"]'
	again
	succeeded
	equal "$out" 0
}
case_personality_domain_required() { refuses '.linux.personality = {flags: []}'; }
case_personality_domain_invalid() { refuses '.linux.personality = {domain: "NOSUCH"}'; }
case_personality_flags() { refuses '.linux.personality = {domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"]}'; }

# --- Intel RDT, on a machine without it

case_rdt_needs_resctrl() {
	! grep -q ' - resctrl ' /proc/self/mountinfo || skip "this machine has resctrl"
	refuses '.linux.intelRdt = {closID: "conformance", l3CacheSchema: "L3:0=ff"}'
}
case_rdt_mem_bw_prefix() { refuses '.linux.intelRdt = {closID: "conformance", memBwSchema: "L3:0=ff"}'; }
case_rdt_mem_bw_newline() { refuses '.linux.intelRdt = {closID: "conformance", memBwSchema: "MB:0=20\nMB:1=70"}'; }

# --- runtime-linux.md

case_fds_only_standard() {
	config '.process.args = ["probe", "fds"]'
	exec 7</dev/null 9</dev/null
	again
	succeeded
	equal "$out" '0 1 2 '
}

case_link_fd() { gives . 'readlink /dev/fd' /proc/self/fd; }
case_link_stdin() { gives . 'readlink /dev/stdin' /proc/self/fd/0; }
case_link_stdout() { gives . 'readlink /dev/stdout' /proc/self/fd/1; }
case_link_stderr() { gives . 'readlink /dev/stderr' /proc/self/fd/2; }
