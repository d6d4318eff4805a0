#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# apparmor.sh: AppArmor profiles, where the kernel has them: the program is confined from its first
# instruction, and so is what exec adds and a hook that is the container's own.
. tests/host/lib.sh
LIMIT=120

[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip_all "AppArmor is not enabled here"
command -v apparmor_parser >/dev/null || skip_all "needs apparmor_parser"

profile=cloison-$tag
cat >"$T/profile" <<PROFILE
abi <abi/3.0>,
profile $profile flags=(attach_disconnected,mediate_deleted) {
	capability,
	file,
	network,
	signal,
	unix,
	ptrace,
	mount,
	umount,
	deny /secret r,
}
PROFILE
apparmor_parser --replace --skip-cache "$T/profile" || skip_all "the profile does not load"
trap 'apparmor_parser --remove "$T/profile" 2>/dev/null; clean_up' EXIT
echo secret >"$T/rootfs/secret"

with=".process.apparmorProfile = \"$profile\""
current='cat /proc/self/attr/current; cat /secret 2>&1'

confined() {
	for nnp in true false; do
		out=$(ct "$with | .process.noNewPrivileges = $nnp" "$current" || true)
		has "$out" "^$profile \\(enforce\\)"
		has "$out" 'Permission denied'
	done
	has "$(ct . "$current")" '^secret$'
	has "$(ct '.process.apparmorProfile = "unconfined"' "$current")" '^unconfined'
}
check "the program is confined by process.apparmorProfile, with and without no_new_privs" confined

mapped() {
	filter="$with | .linux.namespaces += [{type: \"user\"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings"
	has "$(ct "$filter" "$current" || true)" "^$profile \\(enforce\\)"
}
check "also in a user namespace" mapped

execs() {
	start_ct aa "$with"
	has "$(cat "/proc/$(pid_of aa)/attr/current")" "^$profile \\(enforce\\)"
	has "$(c exec "$tag-aa" sh -c "$current" || true)" "^$profile \\(enforce\\)"
	has "$(c exec --apparmor unconfined "$tag-aa" cat /secret)" '^secret$'
	c delete --force "$tag-aa"
	start_ct aa
	has "$(c exec --apparmor "$profile" "$tag-aa" sh -c "$current" || true)" 'Permission denied'
	c delete --force "$tag-aa"
}
check "exec is confined like the container, or as it says" execs

hook() {
	bundle hook "$with | .hooks.startContainer = [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat /proc/self/attr/current >&2; cat /secret; exit 1\"]}]" true
	refuse 125 'hooks.startContainer' c run --bundle "$T/hook" "$tag-hook"
	has "$(cat "$T/refused.err")" 'Permission denied'
}
check "a startContainer hook is confined like the program" hook

unknown() {
	bundle unknown '.process.apparmorProfile = "cloison-no-such"' true
	refuse 125 'cannot apply the AppArmor profile .cloison-no-such.: ENOENT' c run --bundle "$T/unknown" "$tag-unknown"
}
check "a profile that is not loaded is an error" unknown

finish
