# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# mounts.sh: config.md, Mounts.

case_mounts_in_order() {
	mkdir -p "$case_dir/a/sub" "$case_dir/b"
	echo a >"$case_dir/a/file"
	echo b >"$case_dir/b/file"
	gives '.mounts += [{destination: "/mnt", type: "bind", source: "\($dir)/a", options: ["bind"]},
		{destination: "/mnt/sub", type: "bind", source: "\($dir)/b", options: ["bind"]}]' \
		'echo $(cat /mnt/file /mnt/sub/file)' 'a b'
}

# The later mount is on top.
case_mounts_in_order_over() {
	mkdir -p "$case_dir/a" "$case_dir/b/sub"
	echo a >"$case_dir/a/file"
	echo b >"$case_dir/b/file"
	gives '.mounts += [{destination: "/mnt", type: "bind", source: "\($dir)/a", options: ["bind"]},
		{destination: "/mnt", type: "bind", source: "\($dir)/b", options: ["bind"]}]' \
		'cat /mnt/file' b
}

case_mount_destination_required() { refuses '.mounts += [{type: "tmpfs", source: "tmpfs"}]'; }

case_mount_destination_relative() {
	gives '.process.cwd = "/tmp" | .mounts += [{destination: "mnt", type: "tmpfs", source: "tmpfs"}]' \
		'mountpoint -q /mnt && echo yes' yes
}

case_mount_type() {
	gives '.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs"}]' 'stat -f -c %T /mnt' tmpfs
}

case_mount_type_dummy_for_bind() {
	mkdir "$case_dir/a"
	echo a >"$case_dir/a/file"
	gives '.mounts += [{destination: "/mnt", type: "none", source: "\($dir)/a", options: ["bind"]}]' 'cat /mnt/file' a
}

case_mount_source_file() {
	echo text >"$case_dir/file"
	gives '.mounts += [{destination: "/mnt/file", type: "bind", source: "\($dir)/file", options: ["bind"]}]' 'cat /mnt/file' text
}

case_mount_source_relative() {
	mkdir "$bundle/data"
	echo data >"$bundle/data/file"
	gives '.mounts += [{destination: "/mnt", type: "bind", source: "data", options: ["bind"]}]' 'cat /mnt/file' data
}

case_mount_source_missing() {
	refuses '.mounts += [{destination: "/mnt", type: "bind", source: "\($dir)/nowhere", options: ["bind"]}]'
}

# --- options. A tmpfs is mounted with each; what mountinfo says of it is held against the option.

# with OPTION... - mountinfo's fields of a tmpfs with these options: the mount's, the superblock's, the tags
with() {
	options=
	for option; do options="$options,\"$option\""; done
	inside ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"tmpfs\", options: [${options#,}]}]" \
		"awk '\$5 == \"/mnt\" { for (i = 7; \$i != \"-\"; i++) tags = tags \" \" \$i; print \",\" \$6 \",\", \",\" \$(i + 3) \",\", tags }' /proc/self/mountinfo"
	succeeded
	[ -n "$out" ] || fail "nothing is mounted"
}

# of_mount and of_super ERE - one of the options of the mount, of the superblock
of_mount() {
	has "${out%% *}" ",$1,"
}

not_of_mount() {
	lacks "${out%% *}" ",$1,"
}

of_super() {
	has "$(echo "$out" | cut -d ' ' -f 2)" ",$1,"
}

not_of_super() {
	lacks "$(echo "$out" | cut -d ' ' -f 2)" ",$1,"
}

case_option_ro() { with ro && of_mount ro; }
case_option_rw() { with ro rw && of_mount rw; }
case_option_nosuid() { with nosuid && of_mount nosuid; }
case_option_suid() { with nosuid suid && not_of_mount nosuid; }
case_option_nodev() { with nodev && of_mount nodev; }
case_option_dev() { with nodev dev && not_of_mount nodev; }
case_option_noexec() { with noexec && of_mount noexec; }
case_option_exec() { with noexec exec && not_of_mount noexec; }
case_option_noatime() { with noatime && of_mount noatime; }
case_option_atime() { with noatime atime && not_of_mount noatime; }
case_option_nodiratime() { with nodiratime && of_mount nodiratime; }
case_option_diratime() { with nodiratime diratime && not_of_mount nodiratime; }
case_option_relatime() { with relatime && of_mount relatime; }
case_option_norelatime() { with norelatime && not_of_mount noatime; }
case_option_strictatime() { with strictatime && not_of_mount '(relatime|noatime)'; }
case_option_nostrictatime() { with strictatime nostrictatime && of_mount relatime; }
case_option_sync() { with sync && of_super sync; }
case_option_async() { with sync async && not_of_super sync; }
case_option_dirsync() { with dirsync && of_super dirsync; }
case_option_lazytime() { with lazytime && of_super lazytime; }
case_option_nolazytime() { with lazytime nolazytime && not_of_super lazytime; }
case_option_defaults() { with defaults && of_mount rw && not_of_mount '(nosuid|nodev|noexec)'; }
# These change nothing that mountinfo shows: the mount has to be there all the same.
case_option_silent() { with silent; }
case_option_loud() { with silent loud; }
case_option_iversion() { with iversion; }
case_option_noiversion() { with noiversion; }

case_option_bind() {
	mkdir -p "$case_dir/tree/sub"
	mount -t tmpfs inner "$case_dir/tree/sub"
	touch "$case_dir/tree/sub/inner"
	gives '.mounts += [{destination: "/mnt", source: "\($dir)/tree", options: ["bind"]}]' \
		'test -d /mnt/sub && ls /mnt/sub | wc -l' 0
}

case_option_rbind() {
	mkdir -p "$case_dir/tree/sub"
	mount -t tmpfs inner "$case_dir/tree/sub"
	touch "$case_dir/tree/sub/inner"
	gives '.mounts += [{destination: "/mnt", source: "\($dir)/tree", options: ["rbind"]}]' 'ls /mnt/sub' inner
}

# A bind mount's own options are of the mount alone.
case_option_remount() {
	mkdir "$case_dir/a"
	gives '.mounts += [{destination: "/mnt", source: "\($dir)/a", options: ["bind"]},
		{destination: "/mnt", source: "\($dir)/a", options: ["remount", "bind", "ro"]}]' \
		'touch /mnt/file 2>/dev/null || echo read-only; grep -c " /mnt " /proc/self/mountinfo' 'read-only
1'
}

# tree_with OPTION - a bind mount with one mount in it; the tags of both
tree_with() {
	mkdir -p "$case_dir/tree/sub"
	mount --bind "$case_dir/tree" "$case_dir/tree"
	mount -t tmpfs inner "$case_dir/tree/sub"
	[ "$1" = shared ] || [ "$1" = rshared ] || mount --make-rshared "$case_dir/tree"
	inside ".mounts += [{destination: \"/mnt\", source: \"$case_dir/tree\", options: [\"rbind\", \"$1\"]}]" \
		"awk '\$5 ~ \"^/mnt\" { printf \"%s\", \$5; for (i = 7; \$i != \"-\"; i++) printf \" %s\", \$i; print \"\" }' /proc/self/mountinfo"
	succeeded
}

case_option_private() { tree_with private && has "$out" '^/mnt$'; }
case_option_rprivate() { tree_with rprivate && equal "$out" '/mnt
/mnt/sub'; }
case_option_shared() { tree_with shared && has "$out" '^/mnt shared:'; }
case_option_rshared() { tree_with rshared && has "$out" '^/mnt shared:' && has "$out" '^/mnt/sub shared:'; }
case_option_slave() { tree_with slave && has "$out" '^/mnt master:'; }
case_option_rslave() { tree_with rslave && has "$out" '^/mnt master:' && has "$out" '^/mnt/sub master:'; }
case_option_unbindable() { tree_with unbindable && has "$out" '^/mnt unbindable'; }
case_option_runbindable() { tree_with runbindable && has "$out" '^/mnt unbindable' && has "$out" '^/mnt/sub unbindable'; }

case_option_of_file_system() {
	inside '.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["size=64k", "mode=0711"]}]' \
		'stat -c %a /mnt; df -k /mnt | tail -n 1 | awk "{ print \$2 }"'
	succeeded
	equal "$out" '711
64'
}

# --- id-mapped mounts

USER_NS='.linux.namespaces += [{type: "user"}] |
	.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
	.linux.gidMappings = [{containerID: 0, hostID: 200000, size: 65536}]'
MAPPED='uidMappings: [{containerID: 1000, hostID: 70000, size: 10}], gidMappings: [{containerID: 1000, hostID: 80000, size: 10}]'

# A file of 1000:1000 in the source; the mapping of the mount makes it the host's 70000:80000, which in
# a container without a user namespace is what it looks like.
mapped_source() {
	mkdir -p "$case_dir/tree/sub" "$case_dir/inner"
	mount --bind "$case_dir/inner" "$case_dir/tree/sub"
	touch "$case_dir/tree/file" "$case_dir/tree/sub/file"
	chown 1000:1000 "$case_dir/tree/file" "$case_dir/tree/sub/file"
}

case_idmap_uses_mappings() {
	mapped_source
	gives ".mounts += [{destination: \"/mnt\", source: \"$case_dir/tree\", options: [\"bind\", \"idmap\"], $MAPPED}]" \
		'stat -c %u:%g /mnt/file' 70000:80000
}

case_ridmap_uses_mappings() {
	mapped_source
	gives ".mounts += [{destination: \"/mnt\", source: \"$case_dir/tree\", options: [\"rbind\", \"ridmap\"], $MAPPED}]" \
		'stat -c %u:%g /mnt/file /mnt/sub/file' '70000:80000
70000:80000'
}

# Without mappings of its own: the user namespace's, or an error; never no mapping.
idmap_in_user_ns() {
	mapped_source
	inside "$USER_NS | .mounts += [{destination: \"/mnt\", source: \"$case_dir/tree\", options: [\"rbind\", \"$1\"]}]" \
		'stat -c %u:%g /mnt/file'
	[ "$rc" -ne 0 ] || equal "$out" 1000:1000
}

case_idmap_user_namespace() { idmap_in_user_ns idmap; }
case_ridmap_user_namespace() { idmap_in_user_ns ridmap; }

case_idmap_without_mappings() {
	mkdir "$case_dir/a"
	refuses '.mounts += [{destination: "/mnt", source: "\($dir)/a", options: ["bind", "idmap"]}]'
}

case_ridmap_without_mappings() {
	mkdir "$case_dir/a"
	refuses '.mounts += [{destination: "/mnt", source: "\($dir)/a", options: ["rbind", "ridmap"]}]'
}

case_mount_uid_mappings_alone() {
	mkdir "$case_dir/a"
	refuses '.mounts += [{destination: "/mnt", source: "\($dir)/a", options: ["bind", "idmap"],
		uidMappings: [{containerID: 0, hostID: 1000, size: 1}]}]'
}

case_mount_gid_mappings_alone() {
	mkdir "$case_dir/a"
	refuses '.mounts += [{destination: "/mnt", source: "\($dir)/a", options: ["bind", "idmap"],
		gidMappings: [{containerID: 0, hostID: 1000, size: 1}]}]'
}
