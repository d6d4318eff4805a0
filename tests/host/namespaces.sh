#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# namespaces.sh: each of the eight namespaces new, the host's, and another container's.
. tests/host/lib.sh

all="pid network ipc uts mount cgroup user time"
maps='.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
	.linux.gidMappings = .linux.uidMappings'
look='for n in pid net ipc uts mnt cgroup user time; do echo "$n $(readlink /proc/self/ns/$n)"; done'

# proc_name TYPE - what /proc/PID/ns calls it
proc_name() {
	case $1 in
	network) echo net ;;
	mount) echo mnt ;;
	*) echo "$1" ;;
	esac
}

host_ns() {
	readlink "/proc/self/ns/$(proc_name "$1")"
}

# ns_of NAME TYPE - a running container's
ns_of() {
	readlink "/proc/$(pid_of "$1")/ns/$(proc_name "$2")"
}

# beside NAME - what has to be new when NAME is
beside() {
	case $1 in
	user) echo pid ;;
	*) echo mount ;;
	esac
}

# only NAME - a filter: of the namespaces that can be left out only NAME is new. A procfs takes
# rights over the pid namespace that it shows, so a new user namespace goes with a new one of those.
only() {
	filter=".linux.namespaces = [\"mount\", \"$1\", \"$(beside "$1")\"] | .linux.namespaces |= (unique | map({type: .})) | del(.hostname)"
	[ "$1" != user ] || filter="$filter | $maps"
	# and a sysfs shows a network namespace, an mqueue an ipc namespace: the same is true of those
	echo "$filter | .mounts |= map(select(.type | IN(\"sysfs\", \"mqueue\") | not))"
}

all_new() {
	has "$(ct ".linux.namespaces += [{\"type\": \"user\"}, {\"type\": \"time\"}] | $maps" "$look" |
		tee "$T/inside" | wc -l)" '^8$'
	while read -r name link; do
		has "$link" "^$name:\[[0-9]+\]\$"
		[ "$link" != "$(readlink "/proc/self/ns/$name")" ] || fail "$name is the host's"
	done <"$T/inside"
}
check "eight new namespaces all differ from the host's" all_new

one_new() {
	inside=$(ct "$(only "$1")" "readlink /proc/self/ns/$(proc_name "$1")")
	has "$inside" '^[a-z]+:\[[0-9]+\]$'
	[ "$inside" != "$(host_ns "$1")" ] || fail "is the host's"
	for other in $all; do
		case $other in mount | "$1" | "$(beside "$1")") continue ;; esac
		equal "$(ct "$(only "$1")" "readlink /proc/self/ns/$(proc_name "$other")")" "$(host_ns "$other")"
	done
}
for ns in $all; do
	check "$ns can be new, with the others the host's" one_new "$ns"
done

no_mount() {
	bundle nomount '.linux.namespaces -= [{"type": "mount"}]'
	refuse 125 'never shares the host.s mounts' c run --bundle "$T/nomount" "$tag-nomount"
}
check "the host's mount namespace is refused" no_mount

joined() {
	start_ct "first$1" ".linux.namespaces += [{\"type\": \"time\"}]"
	path="/proc/$(pid_of "first$1")/ns/$(proc_name "$1")"
	want=$(readlink "$path")
	got=$(ct ".linux.namespaces |= map(select(.type != \"$1\")) |
		.linux.namespaces += [{\"type\": \"$1\", \"path\": \"$path\"}] |
		if \"$1\" == \"uts\" then del(.hostname) else . end" \
		"readlink /proc/self/ns/$(proc_name "$1")")
	c delete --force "$tag-first$1"
	equal "$got" "$want"
}
for ns in network ipc uts pid cgroup time; do
	check "another container's $ns namespace can be joined" joined "$ns"
done

joined_mount() {
	start_ct firstmnt
	path=/proc/$(pid_of firstmnt)/ns/mnt
	want=$(readlink "$path")
	join=".linux.namespaces |= map(select(.type != \"mount\" and .type != \"pid\")) |
		.linux.namespaces += [{\"type\": \"mount\", \"path\": \"$path\"},
			{\"type\": \"pid\", \"path\": \"${path%mnt}pid\"}]"
	got=$(ct "$join | del(.root.readonly, .mounts, .linux.maskedPaths, .linux.readonlyPaths)" \
		'readlink /proc/self/ns/mnt')
	bundle mountstoo "$join"
	refuse 125 'root.readonly: not possible in a mount namespace that is joined' \
		c run --bundle "$T/mountstoo" "$tag-mountstoo"
	c delete --force "$tag-firstmnt"
	equal "$got" "$want"
}
check "another container's mount namespace can be joined" joined_mount

pod() {
	start_ct pod ".linux.namespaces += [{\"type\": \"user\"}] | $maps"
	pid=$(pid_of pod)
	for name in user net ipc uts; do readlink "/proc/$pid/ns/$name"; done >"$T/pod/want"
	ct ".linux.namespaces |= map(select(.type | IN(\"network\", \"ipc\", \"uts\") | not)) |
		.linux.namespaces += [{\"type\": \"user\", \"path\": \"/proc/$pid/ns/user\"},
		{\"type\": \"network\", \"path\": \"/proc/$pid/ns/net\"},
		{\"type\": \"ipc\", \"path\": \"/proc/$pid/ns/ipc\"},
		{\"type\": \"uts\", \"path\": \"/proc/$pid/ns/uts\"}] | del(.hostname)" \
		'for n in user net ipc uts; do readlink /proc/self/ns/$n; done' >"$T/pod/got"
	c delete --force "$tag-pod"
	equal "$(cat "$T/pod/got")" "$(cat "$T/pod/want")"
}
check "a pod's user, network, ipc and uts namespaces can be joined together" pod

named_netns() {
	# kept by a process of the test, as no mount may be made on the host
	unshare --net sleep 60 &
	keeper=$!
	wait_for 5 sh -c "[ \"\$(readlink /proc/$keeper/ns/net)\" != \"$(readlink /proc/self/ns/net)\" ]"
	got=$(ct ".linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$keeper/ns/net\" else . end)" \
		'readlink /proc/self/ns/net')
	want=$(readlink "/proc/$keeper/ns/net")
	kill "$keeper"
	equal "$got" "$want"
}
check "a network namespace that somebody else made can be joined" named_netns

bad_paths() {
	echo text >"$T/file"
	mkfifo "$T/fifo"
	for type in network pid user; do
		for path in "$T/no-such" "$T/file" "$T/fifo" /dev/null "$T" /proc/self/ns/uts; do
			bundle badns ".linux.namespaces |= map(select(.type != \"$type\")) |
				.linux.namespaces += [{\"type\": \"$type\", \"path\": \"$path\"}]"
			refuse 125 "($type|pid|user|network) namespace" c run --bundle "$T/badns" "$tag-badns"
		done
	done
}
check "what is no namespace of the kind cannot be joined" bad_paths

user_map() {
	bundle map ".linux.namespaces += [{\"type\": \"user\"}] | $maps" \
		'id -u; cat /proc/self/uid_map /proc/self/gid_map; stat -c "%u %g" /bin/busybox /etc /; cat /proc/self/setgroups'
	c run --bundle "$T/map" "$tag-map" >"$T/map/out"
	equal "$(sed -n 1p "$T/map/out")" 0
	has "$(sed -n 2p "$T/map/out")" '^ *0 +100000 +65536$'
	has "$(sed -n 3p "$T/map/out")" '^ *0 +100000 +65536$'
	equal "$(sed -n 4,6p "$T/map/out" | sort -u)" "0 0"
	start_ct mapped ".linux.namespaces += [{\"type\": \"user\"}] | $maps"
	has "$(cat "/proc/$(pid_of mapped)/status")" '^Uid:[[:space:]]100000'
	c delete --force "$tag-mapped"
}
check "root inside is host id 100000, and root's files are root's inside" user_map

user_writes() {
	cp -a "$T/rootfs" "$T/rw"
	ct ".linux.namespaces += [{\"type\": \"user\"}] | $maps | .root = {\"path\": \"\(\$T)/rw\"}" \
		'echo text >/tmp/made && stat -c "%u %g" /tmp/made' >"$T/made"
	equal "$(cat "$T/made")" "0 0"
	equal "$(stat -c '%u %g' "$T/rw/tmp/made")" "0 0"
	rm -rf "$T/rw"
}
check "what root inside writes is root's on disk: the root is idmapped, nothing is chowned" user_writes

user_prepared() {
	cp -a "$T/rootfs" "$T/shifted"
	chown -R 100000:100000 "$T/shifted"
	ct ".linux.namespaces += [{\"type\": \"user\"}] | $maps | .root = {\"path\": \"\(\$T)/shifted\"}" \
		'echo text >/tmp/made && stat -c "%u %g" /tmp/made /bin' >"$T/made"
	equal "$(sort -u "$T/made")" "0 0"
	equal "$(stat -c '%u %g' "$T/shifted/tmp/made")" "100000 100000"
	rm -rf "$T/shifted"
}
check "a root that an engine has shifted already is left as it is" user_prepared

user_devices() {
	equal "$(ct ".linux.namespaces += [{\"type\": \"user\"}] | $maps" \
		'echo x >/dev/null && head -c 4 /dev/zero | wc -c && head -c 4 /dev/urandom | wc -c && stat -c %F /dev/full')" "4
4
character special file"
}
check "a user namespace has the default devices" user_devices

names() {
	equal "$(ct '.hostname = "box" | .domainname = "example.org"' 'hostname; cat /proc/sys/kernel/domainname')" "box
example.org"
	[ "$(hostname)" != box ] || fail "the host's name was changed"
}
check "hostname and domain name are the container's own" names

first_process() {
	equal "$(ct . 'echo $$; cat /proc/1/comm; ls -d /proc/[0-9]* | wc -l')" "1
sh
3"
}
check "the program is process 1 and sees no process of the host" first_process

own_network() {
	has "$(ct . 'cat /proc/net/dev')" '^ +lo:'
	lacks "$(ct . 'cat /proc/net/dev')" 'eth|ens|veth'
}
check "a new network namespace has a loopback and nothing else" own_network

time_offset() {
	host=$(cut -d. -f1 /proc/uptime)
	inside=$(ct '.linux.namespaces += [{"type": "time"}] |
		.linux.timeOffsets = {"boottime": {"secs": 1000000, "nanosecs": 0}, "monotonic": {"secs": 5}}' \
		'cat /proc/uptime; cat /proc/self/timens_offsets')
	has "$inside" '^boottime +1000000 +0$'
	has "$inside" '^monotonic +5 +0$'
	inside=$(printf '%s\n' "$inside" | head -n 1 | cut -d. -f1)
	[ "$inside" -ge $((host + 1000000)) ] || fail "uptime inside is $inside"
	[ "$(cut -d. -f1 /proc/uptime)" -lt 1000000 ] || fail "the host's clock was moved"
}
check "a time namespace has its offsets" time_offset

host_ipc() {
	equal "$(ct '.linux.sysctl = {"kernel.msgmax": "4242", "net.ipv4.ip_forward": "1"}' \
		'cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward')" "4242
1"
	[ "$(cat /proc/sys/kernel/msgmax)" != 4242 ] || fail "the host's was changed"
	bundle sysctl '.linux.sysctl = {"kernel.msgmax": "1"} | .linux.namespaces -= [{"type": "ipc"}]'
	refuse 125 'needs a ipc namespace of its own' c run --bundle "$T/sysctl" "$tag-sysctl"
	bundle sysctl '.linux.sysctl = {"kernel.panic": "1"}'
	refuse 125 'would change the host' c run --bundle "$T/sysctl" "$tag-sysctl"
}
check "a sysctl is set in the container's namespace, and never on the host" host_ipc

own_cgroup() {
	[ -n "$cgroups" ] || return 0
	bundle cg . 'cat /proc/self/cgroup'
	has "$(c run --bundle "$T/cg" "$tag-cg")" '^0::/$'
	bundle cg '.linux.namespaces -= [{"type": "cgroup"}]' 'cat /proc/self/cgroup'
	has "$(c run --bundle "$T/cg" "$tag-cg")" "^0::.*/cloison/$tag-cg\$"
	bundle cg '.linux.cgroupsPath = "/'"$tag-other"'/x" | .linux.namespaces -= [{"type": "cgroup"}]' 'cat /proc/self/cgroup'
	has "$(c run --bundle "$T/cg" "$tag-cg")" "^0::/$tag-other/x\$"
	# what was made above it for its sake goes with it
	[ ! -e "$cgroups/$tag-other" ] || fail "its parent is left"
}
check "a cgroup namespace shows the container's own cgroup as the root" own_cgroup

finish
