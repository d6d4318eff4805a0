# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# config.sh: config.md without mounts, process and hooks.

# --- specification version

case_version_required() { refuses 'del(.ociVersion)'; }
case_version_semver() { refuses '.ociVersion = "one"'; }
case_version_semver_parts() { refuses '.ociVersion = "1.0"'; }
case_version_prerelease() { gives '.ociVersion = "1.0.2-rc.1"' 'echo yes' yes; }
case_version_earlier() { gives '.ociVersion = "1.0.0"' 'echo yes' yes; }

# --- root

case_root_required() { refuses 'del(.root)'; }
case_root_path_required() { refuses 'del(.root.path)'; }
case_root_path_missing() { refuses '.root.path = "\($dir)/nowhere"'; }

case_root_path_is_file() {
	echo no >"$case_dir/file"
	refuses '.root.path = "\($dir)/file"'
}

case_root_path_absolute() {
	own_rootfs
	echo absolute >"$rootfs/etc/which"
	gives '.root.path = "\($dir)/rootfs"' 'cat /etc/which' absolute
}

case_root_path_relative() {
	own_rootfs
	mv "$rootfs" "$bundle/rootfs"
	echo relative >"$bundle/rootfs/etc/which"
	gives '.root.path = "rootfs"' 'cat /etc/which' relative
}

case_root_readonly() {
	own_rootfs
	gives '.root = {path: "\($dir)/rootfs", readonly: true}' \
		'touch /new 2>/dev/null && echo written; touch /etc/passwd 2>/dev/null && echo touched; echo end' end
	[ ! -e "$rootfs/new" ] || fail "the file is there"
}

case_root_readonly_default() {
	own_rootfs
	gives '.root = {path: "\($dir)/rootfs"}' 'touch /new && echo written' written
	[ -e "$rootfs/new" ] || fail "the file is not there"
}

# --- hostname, domainname

case_hostname() { gives '.hostname = "told.example"' 'hostname' told.example; }
case_domainname() { gives '.domainname = "domain.example"' 'cat /proc/sys/kernel/domainname' domain.example; }

# --- annotations

case_annotations_map() { refuses '.annotations = ["org.example.one"]'; }
case_annotation_key_not_empty() { refuses '.annotations = {"": "value"}'; }
case_annotation_value_string() { refuses '.annotations = {"org.example.one": 1}'; }
case_annotation_value_empty() { gives '.annotations = {"org.example.one": ""}' 'echo yes' yes; }

case_annotation_unknown() {
	gives '.annotations = {"org.opencontainers.no-such-key": "x", "com.example.no-such-key": "y"}' 'echo yes' yes
}

# --- extensibility: unknown properties in every kind of object

case_unknown_property() { gives '.noSuchProperty = {a: [1, "b", null]}' 'echo yes' yes; }

case_unknown_property_deeper() {
	gives '.root.noSuch = 1 | .process.noSuch = [1] | .process.user.noSuch = "x" | .process.capabilities.noSuch = [] |
		.mounts[0].noSuch = {} | .linux.noSuch = {a: 1} | .linux.namespaces[0].noSuch = true |
		.linux.resources.noSuch = {limit: 1} | .linux.resources.devices = [{allow: true, access: "rwm", noSuch: 1}]' 'echo yes' yes
}

# --- valid values: what is of the wrong type, or not one of the values there are

case_invalid_json() {
	config .
	echo '{"ociVersion": "1.0.2", ' >"$config"
	must_fail rt create --bundle "$bundle" "$id"
	no_container "$id"
}

case_invalid_not_an_object() {
	echo '[]' >"$config"
	must_fail rt create --bundle "$bundle" "$id"
	no_container "$id"
}

case_invalid_type_string() { refuses '.hostname = 1'; }
case_invalid_type_bool() { refuses '.root.readonly = "yes"'; }
case_invalid_type_number() { refuses '.process.user.uid = "root"'; }
case_invalid_type_array() { refuses '.process.args = "sh"'; }
case_invalid_type_object() { refuses '.process = "sh"'; }
case_invalid_uid() { refuses '.process.user.uid = -2'; }
case_invalid_mount_option_value() { refuses '.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["size=many"]}]'; }
case_invalid_namespace_type() { refuses '.linux.namespaces += [{type: "nosuch"}]'; }
case_invalid_propagation() { refuses '.linux.rootfsPropagation = "sideways"'; }
case_invalid_device_type() { refuses '.linux.devices = [{path: "/dev/x", type: "q", major: 1, minor: 3}]'; }
case_invalid_seccomp_action() { refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_NO_SUCH"}'; }
case_invalid_seccomp_op() {
	refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["lseek"], action: "SCMP_ACT_ERRNO",
		args: [{index: 0, value: 1, op: "SCMP_CMP_NO_SUCH"}]}]}'
}
case_invalid_seccomp_arch() { refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_NO_SUCH"]}'; }
case_invalid_seccomp_flag() { refuses '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_NO_SUCH"]}'; }

# Security modules that the kernel does not run cannot be asked for; one that it runs does not know this.
case_unsupported_apparmor() {
	config '.process.apparmorProfile = "no-such-profile"' 'touch /shared/ran'
	must_fail rt run --bundle "$bundle" "$id"
	[ ! -e "$shared/ran" ] || fail "the program ran"
}
case_unsupported_selinux() { refuses '.process.selinuxLabel = "no_such_u:no_such_r:no_such_t:s0"'; }
case_unsupported_mount_label() { refuses '.linux.mountLabel = "no_such_u:object_r:no_such_t:s0"'; }
