# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# features.sh: features.md and features-linux.md. The document is optional: without one there is
# nothing to observe. Every name in it is tried.

features() {
	rt features >"$case_dir/features" 2>/dev/null || skip "this runtime has no features document"
	jq -e . "$case_dir/features" >/dev/null || fail "no JSON"
}

# all_of FILTER - the names in that list, skip without it
all_of() {
	features
	names=$(jq -r "($1)[]?" "$case_dir/features")
	[ -n "$names" ] || skip "the features document does not say"
}

# accepts FILTER - a container can be made with it
accepts() {
	config "$1"
	rt create --bundle "$bundle" "$id" >"$case_dir/out" 2>&1 || fail "$(tail -n 2 "$case_dir/out" | tr '\n' ' '), with $1"
	rt delete --force "$id"
}

case_features_version_min() {
	features
	jq -e '.ociVersionMin | type == "string"' "$case_dir/features" >/dev/null || fail "no ociVersionMin"
}
case_features_version_max() {
	features
	jq -e '.ociVersionMax | type == "string"' "$case_dir/features" >/dev/null || fail "no ociVersionMax"
}
case_features_accepts_min() {
	features
	accepts ".ociVersion = \"$(jq -r .ociVersionMin "$case_dir/features")\""
}
case_features_accepts_max() {
	features
	accepts ".ociVersion = \"$(jq -r .ociVersionMax "$case_dir/features")\""
}
case_features_min_not_above_max() {
	features
	jq -e 'def v: split("-")[0] | split(".") | map(tonumber); (.ociVersionMin | v) <= (.ociVersionMax | v)' \
		"$case_dir/features" >/dev/null || fail "$(jq -c '[.ociVersionMin, .ociVersionMax]' "$case_dir/features")"
}

# What 1.2 defines, and 1.3 where the document says that it is of that version.
case_features_no_other_properties() {
	features
	other=$(jq -r '
		(.ociVersionMax | split(".")[1] | tonumber) as $minor |
		(keys_unsorted - ["ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations",
			"potentiallyUnsafeConfigAnnotations"]),
		((.linux // {}) | keys_unsorted - ["namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux",
			"intelRdt", "mountExtensions"] - (if $minor >= 3 then ["netDevices", "memoryPolicy"] else [] end)),
		((.linux.cgroup // {}) | keys_unsorted - ["v1", "v2", "systemd", "systemdUser", "rdma"]),
		((.linux.seccomp // {}) | keys_unsorted - ["enabled", "actions", "operators", "archs", "knownFlags", "supportedFlags"]),
		((.linux.mountExtensions // {}) | keys_unsorted - ["idmap"]) | .[]' "$case_dir/features")
	[ -z "$other" ] || fail "$other"
}

# One container with a hook of each kind that is named.
case_features_hooks() {
	all_of .hooks
	write_hook
	filter=.
	for name in $names; do filter="$filter$(hook "$name")"; done
	made "$filter" true
	begin
	wait_for is_status stopped
	rt delete "$id"
	for name in $names; do has "$(order)" "(^| )$name "; done
}

# Most go together on a tmpfs; those that mean a bind mount, on one; the rest one by one.
case_features_mount_options() {
	all_of .mountOptions
	mkdir "$case_dir/a"
	together=
	for name in $names; do
		case $name in
		acl | noacl | mand | nomand | sync | dirsync | iversion | noiversion) # of some file systems only
			continue
			;;
		idmap | ridmap)
			accepts ".mounts += [{destination: \"/mnt\", source: \"$case_dir/a\", options: [\"rbind\", \"$name\"],
				uidMappings: [{containerID: 0, hostID: 1000, size: 1}], gidMappings: [{containerID: 0, hostID: 1000, size: 1}]}]"
			;;
		remount)
			accepts ".mounts += [{destination: \"/mnt\", source: \"$case_dir/a\", options: [\"bind\"]},
				{destination: \"/mnt\", source: \"$case_dir/a\", options: [\"bind\", \"remount\", \"ro\"]}]"
			;;
		copy-symlink | src-nofollow | dest-nofollow) # of bind mounts alone
			accepts ".mounts += [{destination: \"/mnt\", source: \"$case_dir/a\", options: [\"bind\", \"$name\"]}]"
			;;
		bind | rbind | shared | rshared | slave | rslave | private | rprivate | unbindable | runbindable) ;;
		tmpcopyup) accepts ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"tmpfs\", options: [\"tmpcopyup\"]}]" ;;
		*) together="$together, {destination: \"/mnt/$name\", type: \"tmpfs\", source: \"tmpfs\", options: [\"$name\"]}" ;;
		esac
	done
	accepts ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"tmpfs\"}$together]"
	lacks "$(rt features | jq -r '.mountOptions[]')" '^(size|mode|uid|gid)='
}

case_features_annotations() {
	features
	jq -e '(.annotations // {}) | type == "object" and all(to_entries[]; .key != "" and (.value | type) == "string")' \
		"$case_dir/features" >/dev/null || fail "$(jq -c .annotations "$case_dir/features")"
}

# Each member has its own type: an empty list is no null, and no null stands for an empty list.
case_features_types() {
	features
	jq -e 'def list: . == null or (type == "array" and all(.[]; type == "string"));
		def flag: . == null or type == "boolean";
		(.hooks | list) and (.mountOptions | list) and (.potentiallyUnsafeConfigAnnotations | list) and
		(.linux.namespaces | list) and (.linux.capabilities | list) and
		(.linux.cgroup | .v1, .v2, .systemd, .systemdUser, .rdma | flag) and
		(.linux.seccomp | .actions, .operators, .archs, .knownFlags, .supportedFlags | list) and
		(.linux.seccomp.enabled | flag) and (.linux.apparmor.enabled | flag) and (.linux.selinux.enabled | flag) and
		(.linux.intelRdt | .enabled, .schemata, .monitoring | flag) and (.linux.netDevices.enabled | flag) and
		(.linux.memoryPolicy | .modes, .flags | list)' "$case_dir/features" >/dev/null || fail "$(jq -c . "$case_dir/features" | cut -c 1-200)"
}

case_features_namespaces() {
	all_of .linux.namespaces
	filter=
	for name in $names; do filter="$filter, {type: \"$name\"}"; done
	accepts ".linux.namespaces = [${filter#, }] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]"
}

case_features_capabilities() {
	all_of .linux.capabilities
	list=$(jq -c .linux.capabilities "$case_dir/features")
	config ".process.capabilities = {bounding: $list}"
	rt --log "$case_dir/log" create --bundle "$bundle" "$id" >"$case_dir/out" 2>"$case_dir/err" || fail "$(cat "$case_dir/err")"
	# recognized is not granted: a warning may say so, but not that there is no such capability
	lacks "$(cat "$case_dir/err" "$case_dir/log" 2>/dev/null)" '[Nn]o such capability|unknown capability'
}

# each LIST FILTER - a filter that uses each name once is installed
case_features_seccomp_actions() {
	all_of .linux.seccomp.actions
	with_agent
	filter=
	number=0
	for name in $names; do
		case $name in
		SCMP_ACT_NOTIFY) filter="$filter, {names: [\"getpriority\"], action: \"$name\"}" ;;
		*)
			number=$((number + 1))
			filter="$filter, {names: [\"lseek\"], action: \"$name\", args: [{index: 1, value: $((number + 1000)), op: \"SCMP_CMP_EQ\"}]}"
			;;
		esac
	done
	# the rules of the default's own action would be refused as useless by libseccomp
	accepts ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", listenerPath: \"$agent\",
		syscalls: ([${filter#, }] | map(select(.action != \"SCMP_ACT_ALLOW\")))}"
}

case_features_seccomp_operators() {
	all_of .linux.seccomp.operators
	filter=
	for name in $names; do
		filter="$filter, {names: [\"lseek\"], action: \"SCMP_ACT_ERRNO\", args: [{index: 1, value: 5, valueTwo: 5, op: \"$name\"}]}"
	done
	accepts ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [${filter#, }]}"
}

# Architectures of both byte orders do not go into one filter. What is recognized may be unsupported.
case_features_seccomp_archs() {
	all_of .linux.seccomp.archs
	big='MIPS|MIPS64|MIPS64N32|PPC|PPC64|S390|S390X|PARISC|PARISC64|M68K|SHEB'
	for order in "select(test(\"_($big)\$\"))" "select(test(\"_($big)\$\") | not)"; do
		config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"lseek\"], action: \"SCMP_ACT_ERRNO\"}],
			architectures: $(jq -c "[.linux.seccomp.archs[] | $order]" "$case_dir/features")}"
		rt create --bundle "$bundle" "$id" >"$case_dir/out" 2>&1 ||
			lacks "$(cat "$case_dir/out")" '[Uu]nknown|not a valid|[Nn]o such'
		rt delete --force "$id" >/dev/null 2>&1 || :
	done
}

# A flag that is known and not supported may be refused, but not as unknown.
case_features_seccomp_known_flags() {
	all_of .linux.seccomp.knownFlags
	for name in $names; do
		config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", flags: [\"$name\"], syscalls: [{names: [\"lseek\"], action: \"SCMP_ACT_ERRNO\"}]}"
		if ! rt create --bundle "$bundle" "$id" >"$case_dir/out" 2>&1; then
			jq -e --arg name "$name" '.linux.seccomp.supportedFlags | index($name) | not' "$case_dir/features" >/dev/null ||
				fail "$name: $(cat "$case_dir/out")"
			lacks "$(cat "$case_dir/out")" 'unknown|no such'
		fi
		rt delete --force "$id" >/dev/null 2>&1 || :
	done
}

case_features_seccomp_supported_flags() {
	all_of .linux.seccomp.supportedFlags
	with_agent
	for name in $names; do
		case $name in
		*WAIT_KILLABLE_RECV)
			accepts ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", flags: [\"$name\"], listenerPath: \"$agent\",
				syscalls: [{names: [\"lseek\"], action: \"SCMP_ACT_NOTIFY\"}]}"
			;;
		*) accepts ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", flags: [\"$name\"], syscalls: [{names: [\"lseek\"], action: \"SCMP_ACT_ERRNO\"}]}" ;;
		esac
	done
}

# A runtime that makes an id-mapped mount says so, and the other way round.
case_features_idmap() {
	features
	mapped_source
	inside ".mounts += [{destination: \"/mnt\", source: \"$case_dir/tree\", options: [\"bind\", \"idmap\"], $MAPPED}]" \
		'stat -c %u:%g /mnt/file'
	[ "$rc" -eq 0 ] && [ "$out" = 70000:80000 ] && does=true || does=false
	equal "$(jq -r '.linux.mountExtensions.idmap.enabled // false' "$case_dir/features")" "$does"
}
