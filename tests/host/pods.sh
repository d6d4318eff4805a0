#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pods.sh: containers that share namespaces with another one or with nobody's: what pods are made of;
# and user namespaces with other maps than the usual.
. tests/host/lib.sh

maps='.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
user=".linux.namespaces += [{\"type\": \"user\"}] | $maps"
admin='.process.capabilities |= map_values(. + ["CAP_SETUID", "CAP_SETGID", "CAP_CHOWN"])'

# join PID TYPE... - a filter that takes these namespaces from process PID
join() {
	of=$1
	shift
	for type; do
		file=$type
		[ "$type" != network ] || file=net
		echo ".linux.namespaces |= (map(select(.type != \"$type\")) + [{type: \"$type\", path: \"/proc/$of/ns/$file\"}])"
	done | paste -sd'|'
}

pod_names() {
	start_ct pod '.hostname = "podname"'
	pid=$(pid_of pod)
	joined=$(join "$pid" network ipc uts)
	# as an engine writes it: the name and sysctls again in each member of the pod
	equal "$(ct "$joined | .hostname = \"podname\"" hostname)" podname
	equal "$(ct "$joined | .hostname = \"other\" | .domainname = \"example.org\"" 'hostname; cat /proc/sys/kernel/domainname')" "other
example.org"
	equal "$(c exec "$tag-pod" hostname)" other
	equal "$(ct "$joined | del(.hostname) | .linux.sysctl = {\"kernel.shmmax\": \"123456\", \"net.ipv4.ip_forward\": \"1\", \"fs.mqueue.msg_max\": \"7\", \"kernel.sem\": \"1 2 3 4\"}" \
		'cat /proc/sys/kernel/shmmax /proc/sys/net/ipv4/ip_forward /proc/sys/fs/mqueue/msg_max')" "123456
1
7"
	equal "$(c exec "$tag-pod" cat /proc/sys/kernel/shmmax)" 123456
	c delete --force "$tag-pod"
	[ "$(cat /proc/sys/kernel/shmmax)" != 123456 ] || fail "the host's was changed"
}
check "a member of a pod may set the pod's names and sysctls" pod_names

of_host() {
	for change in 'del(.hostname) | .linux.sysctl = {"kernel.hostname": "x"}' '.hostname = "x"' 'del(.hostname) | .domainname = "x"'; do
		bundle host "$(join self uts) | $change"
		refuse 125 'cause: .*would change the host' c run --bundle "$T/host" "$tag-host"
	done
	bundle host "$(join self network) | .linux.sysctl = {\"net.ipv4.ip_forward\": \"1\"}"
	refuse 125 '/proc/self/ns/net. is the runtime.s own network namespace' c run --bundle "$T/host" "$tag-host"
	bundle host "$(join self ipc) | .linux.sysctl = {\"kernel.msgmax\": \"1\"}"
	refuse 125 'own ipc namespace' c run --bundle "$T/host" "$tag-host"
	bundle host "$(join self user)"
	refuse 125 'hint: .*leave .user. out' c run --bundle "$T/host" "$tag-host"
	equal "$(ct "$(join self network ipc uts) | del(.hostname)" 'readlink /proc/self/ns/net')" "$(readlink /proc/self/ns/net)"
}
check "the host's own namespaces, named by path, are not changed" of_host

# With the pod's user namespace, the others are whose they are: the pod's, or made by an engine before.
user_pod() {
	unshare --net --ipc --uts sh -c 'hostname engine; exec sleep 60' &
	keeper=$!
	wait_for 5 sh -c "[ \"\$(readlink /proc/$keeper/ns/uts)\" != \"$(readlink /proc/self/ns/uts)\" ]"
	wait_for 5 sh -c "grep -q sleep /proc/$keeper/cmdline"
	start_ct upod "$user | del(.hostname) | $(join "$keeper" network ipc uts) | .mounts |= map(select(.type | IN(\"sysfs\", \"mqueue\") | not))"
	pid=$(pid_of upod)
	inside=$(ct "$(join "$pid" user network ipc uts) | .hostname = \"engine\" | .root.path = \"$T/shifted\" |
		.mounts |= map(select(.type | IN(\"sysfs\", \"mqueue\") | not))" \
		'for n in user net ipc uts; do readlink /proc/self/ns/$n; done; hostname; cat /proc/self/uid_map; id -u')
	want=$(for n in user net ipc uts; do readlink "/proc/$pid/ns/$n"; done)
	got=$(c exec "$tag-upod" sh -c 'id -u; readlink /proc/self/ns/net')
	c delete --force "$tag-upod"
	kill "$keeper"
	equal "$(printf '%s\n' "$inside" | head -n 4)" "$want"
	has "$inside" '^engine$'
	has "$inside" '^ *0 +100000 +65536$'
	equal "$(printf '%s\n' "$got" | head -n 1)" 0
}
cp -a "$T/rootfs" "$T/shifted"
chown -R 100000:100000 "$T/shifted"
check "a pod's user namespace can be joined beside namespaces that it does not own" user_pod

user_sysctl() {
	start_ct spod "$user"
	pid=$(pid_of spod)
	equal "$(ct "$(join "$pid" user network ipc uts pid) | del(.hostname) | .root.path = \"$T/shifted\" |
		.linux.sysctl = {\"net.ipv4.ip_forward\": \"1\"}" 'cat /proc/sys/net/ipv4/ip_forward')" 1
	c delete --force "$tag-spod"
	equal "$(ct "$user | .linux.sysctl = {\"user.max_user_namespaces\": \"3\"}" 'cat /proc/sys/user/max_user_namespaces')" 3
}
check "sysctls can be set in a user namespace, its own limits among them" user_sysctl

hints() {
	bundle sys "$user | $(join self network) | .linux.namespaces |= map(select(.type != \"network\"))"
	refuse 125 'hint: .*sysfs can be mounted for a network namespace that it owns' c run --bundle "$T/sys" "$tag-sys"
	bundle sys "$user | .linux.namespaces |= map(select(.type != \"pid\"))"
	refuse 125 'hint: .*proc can be mounted for a pid namespace' c run --bundle "$T/sys" "$tag-sys"
}
check "a procfs or sysfs that a user namespace may not mount is explained" hints

all_by_path() {
	start_ct tpod ".linux.namespaces += [{\"type\": \"time\"}] | .linux.timeOffsets = {\"boottime\": {\"secs\": 5000000}}"
	pid=$(pid_of tpod)
	start_ct member "$(join "$pid" network ipc uts cgroup time pid) | del(.hostname)"
	for n in net ipc uts cgroup time pid; do
		equal "$n $(c exec "$tag-member" readlink "/proc/self/ns/$n")" "$n $(readlink "/proc/$pid/ns/$n")"
	done
	[ "$(c exec "$tag-member" cut -d. -f1 /proc/uptime)" -gt 5000000 ] || fail "exec is not in the time namespace"
	c delete --force "$tag-member"
	equal "$(c exec "$tag-tpod" echo there)" there
	c delete --force "$tag-tpod"
}
check "exec enters all the namespaces that a container has joined" all_by_path

no_root() {
	# 0 is not mapped: what the runtime makes belongs to the lowest id, and the program runs as it is told
	map='.linux.namespaces += [{"type": "user"}] | .process.user = {"uid": 1000, "gid": 1000} |
		.linux.uidMappings = [{"containerID": 1000, "hostID": 101000, "size": 10}, {"containerID": 500, "hostID": 100500, "size": 1}] |
		.linux.gidMappings = .linux.uidMappings | (.mounts[] | select(.type == "devpts")).options -= ["gid=5"]'
	cp -a "$T/rootfs" "$T/noroot"
	chown -R 100500:100500 "$T/noroot"
	equal "$(ct "$map | .root.path = \"$T/noroot\"" 'id -u; id -g; stat -c "%u %g" /bin /proc/1; echo x >/dev/null && echo fine')" "1000
1000
500 500
1000 1000
fine"
	rm -rf "$T/noroot"
}
check "a user namespace need not have a root" no_root

ranges() {
	map='.linux.namespaces += [{"type": "user"}] |
		.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 1}, {"containerID": 1, "hostID": 200000, "size": 999},
			{"containerID": 5000, "hostID": 300000, "size": 5}] | .linux.gidMappings = .linux.uidMappings'
	ct "$map | $admin | .process.user.additionalGids = [5001]" 'cat /proc/self/uid_map; id; touch /dev/shm/f; chown 5004:999 /dev/shm/f; stat -c "%u %g" /dev/shm/f
		chown 5005 /dev/shm/f 2>/dev/null || echo unmapped' >"$T/ranges"
	equal "$(awk '{ print $1, $2, $3 }' "$T/ranges" | head -n 3 | tr '\n' ,)" "0 100000 1,1 200000 999,5000 300000 5,"
	has "$(cat "$T/ranges")" 'groups=(0\(root\),|0,)?5001'
	equal "$(tail -n 2 "$T/ranges" | tr '\n' ,)" "5004 999,unmapped,"
	bundle bad "$map | .process.user.uid = 1000"
	refuse 125 'process.user.uid: 1000 is not in linux.uidMappings' c run --bundle "$T/bad" "$tag-bad"
}
check "ids may be mapped in ranges, with groups of the process in them" ranges

user_exec() {
	start_ct ue "$user"
	equal "$(c exec "$tag-ue" sh -c 'id -u; id -g; cat /proc/self/setgroups')" "0
0
allow"
	equal "$(c exec --user 7:8 "$tag-ue" sh -c 'id -u; id -g')" "7
8"
	has "$(c exec "$tag-ue" cat /proc/self/status)" '^Groups:[[:space:]]*$'
	c delete --force "$tag-ue"
}
check "exec in a user namespace is root inside, or whom it is told to be" user_exec

pid_host() {
	[ -n "$cgroups" ] || return 0
	start_ct ph '.linux.namespaces -= [{"type": "pid"}]'
	c exec --detach "$tag-ph" sleep 1000
	c kill --all "$tag-ph" KILL
	wait_for 5 is_status ph stopped
	c delete "$tag-ph"
}
check "kill --all reaches every process of a container in the host's pid namespace" pid_host

finish
