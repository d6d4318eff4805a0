#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# idmap.sh: bind mounts whose files have other owners inside than on disk.
. tests/host/lib.sh

maps='.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
	.linux.gidMappings = .linux.uidMappings'
look='stat -c "%u %g" /tmp /tmp/file /tmp/sub /tmp/sub/file'

mkdir -p "$T/vol/sub"
: >"$T/vol/file"
: >"$T/vol/sub/file"
chown 5:6 "$T/vol/file"

# mapped OPTIONS MEMBERS - a filter that binds the volume on /tmp
mapped() {
	echo ".mounts += [{\"destination\": \"/tmp\", \"source\": \"$T/vol\", \"type\": \"bind\",
		\"options\": [\"rbind\", $1]} + {$2}]"
}

# The volume with a mount below it, in a namespace of the test's own.
with_submount() {
	CLOISON_TEST=$T unshare --mount --propagation private sh -eu -c '
		mount -t tmpfs none "$T/vol/sub"
		: >"$T/vol/sub/file"
		"$cloison" --root "$T/.run" run --bundle "$T/$1" "$tag-$1"' sh "$1"
}
export T tag cloison

container_map() {
	bundle own "$maps | $(mapped '"idmap"' '')" "$look"
	equal "$(with_submount own | tr '\n' ,)" "0 0,5 6,65534 65534,65534 65534,"
	bundle own "$maps | $(mapped '"ridmap"' '')" "$look"
	equal "$(with_submount own | tr '\n' ,)" "0 0,5 6,0 0,0 0,"
	bundle own "$maps | $(mapped '"rw"' '')" "$look"
	equal "$(with_submount own | tr '\n' ,)" "65534 65534,65534 65534,65534 65534,65534 65534,"
}
check "idmap takes the container's own map, for the mount or for the whole tree" container_map

own_map() {
	equal "$(ct "$(mapped '"idmap"' '"uidMappings": [{"containerID": 0, "hostID": 7, "size": 1}, {"containerID": 5, "hostID": 1000, "size": 10}],
		"gidMappings": [{"containerID": 0, "hostID": 8, "size": 100}]')" 'stat -c "%u %g" /tmp /tmp/file' | tr '\n' ,)" "7 8,1000 14,"
	equal "$(ct "$maps | $(mapped '"rw"' '"uidMappings": [{"containerID": 0, "hostID": 100001, "size": 9}],
		"gidMappings": [{"containerID": 0, "hostID": 100002, "size": 9}]')" 'stat -c "%u %g" /tmp /tmp/file' | tr '\n' ,)" "1 2,6 8,"
}
check "a map of the mount's own works with and without a user namespace" own_map

writes() {
	ct "$maps | .process.capabilities |= map_values(. + [\"CAP_CHOWN\"]) | $(mapped '"idmap"' '')" 'echo text >/tmp/new && chown 3:4 /tmp/new'
	equal "$(stat -c '%u %g' "$T/vol/new")" "3 4"
	rm "$T/vol/new"
	equal "$(stat -c '%u %g' "$T/vol" "$T/vol/file" | tr '\n' ,)" "0 0,5 6,"
}
check "what is written through the map has the owner on disk that the map says" writes

joined_map() {
	start_ct pod "$maps"
	pid=$(pid_of pod)
	equal "$(ct ".linux.namespaces |= map(select(.type | IN(\"pid\", \"network\", \"ipc\", \"uts\") | not)) | del(.hostname) |
		.linux.namespaces += [\"user\", \"net\", \"ipc\", \"uts\", \"pid\" | {type: (if . == \"net\" then \"network\" else . end),
			path: \"/proc/$pid/ns/\\(.)\"}] | .root.path = \"$T/shifted\" | $(mapped '"idmap"' '')" \
		'stat -c "%u %g" /tmp /tmp/file' | tr '\n' ,)" "0 0,5 6,"
	c delete --force "$tag-pod"
}
cp -a "$T/rootfs" "$T/shifted"
chown -R 100000:100000 "$T/shifted"
check "idmap takes the map of a user namespace that is joined" joined_map

many_maps() {
	lines=$(jq -nc '[range(340) | {containerID: ., hostID: (. * 2 + 1000), size: 1}]')
	equal "$(ct "$(mapped '"idmap"' "\"uidMappings\": $lines, \"gidMappings\": $lines")" 'stat -c "%u %g" /tmp/file')" "1010 1012"
}
check "a map may have as many lines as the kernel takes" many_maps

refused() {
	bundle bad "$(mapped '"idmap"' '')"
	refuse 125 'mounts\[[0-9]+\]: idmap needs a user namespace' c run --bundle "$T/bad" "$tag-bad"
	bundle bad "$(mapped '"idmap"' '"uidMappings": [{"containerID": 0, "hostID": 7, "size": 1}]')"
	refuse 125 'gidMappings: is missing' c run --bundle "$T/bad" "$tag-bad"
	bundle bad "$(mapped '"idmap"' '"uidMappings": [{"containerID": 0, "hostID": 7, "size": 2}, {"containerID": 1, "hostID": 9, "size": 1}],
		"gidMappings": [{"containerID": 0, "hostID": 7, "size": 1}]')"
	refuse 125 'entries 0 and 1 overlap' c run --bundle "$T/bad" "$tag-bad"
	bundle bad "$maps | .mounts += [{destination: \"/tmp\", type: \"tmpfs\", source: \"x\", options: [\"idmap\"]}]"
	refuse 125 'ids are mapped on bind mounts only' c run --bundle "$T/bad" "$tag-bad"
	bundle bad "$maps | .mounts += [{destination: \"/tmp\", type: \"bind\", source: \"/proc\", options: [\"rbind\", \"idmap\"]}]"
	refuse 125 'cannot map the ids of the mount on `/tmp`: E(INVAL|PERM)' c run --bundle "$T/bad" "$tag-bad"
}
check "a map that cannot be is refused with its place" refused

finish
