# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# since13.sh: what version 1.3 of the specification added: network devices, memory policy, more of RDT.

# --- network devices (1.3)

# net_device - $device, one of the host's, which goes with the case. The kernel takes its time to delete it
# with a namespace, so the name is no other case's.
net_device() {
	device=$(exec sh -c 'echo $PPID') # of this subshell
	trap 'ip link delete "$device" 2>/dev/null || ip link delete "cg${device#cf}" 2>/dev/null || :' EXIT
	ip link add "cf$device" type dummy 2>/dev/null ||
		ip link add "cf$device" type veth peer name "cg$device" 2>/dev/null ||
		skip "the kernel makes no network devices"
	device=cf$device
	ip link set "$device" mtu 1360 address 02:00:00:00:13:60
	ip addr add 10.213.60.1/24 dev "$device"
	ip addr add 169.254.213.60/16 scope link dev "$device"
	ip addr add 10.213.61.1/24 dev "$device" valid_lft 1000 preferred_lft 1000
}

# inside_link FILTER NAME - what the container says of its device NAME
inside_link() {
	inside "$1" "ip addr show $2"
	succeeded
}

case_net_device_moved() {
	net_device
	gives ".linux.netDevices = {\"$device\": {}}" "ip link show $device >/dev/null && echo there" there
}
case_net_device_name() {
	net_device
	inside_link ".linux.netDevices = {\"$device\": {name: \"net7\"}}" net7
	has "$out" '02:00:00:00:13:60'
}
case_net_device_name_taken() {
	net_device
	refuses ".linux.netDevices = {\"$device\": {name: \"lo\"}}"
}
case_net_device_missing() { refuses '.linux.netDevices = {"no-such-dev": {}}'; }
case_net_device_template() {
	net_device
	gives ".linux.netDevices = {\"$device\": {name: \"net%d\"}}" 'ip link | sed -n "s/^[0-9]*: \(net[0-9]*\).*/\1/p"' net0
}
case_net_device_attributes() {
	net_device
	inside_link ".linux.netDevices = {\"$device\": {name: \"net7\"}}" net7
	has "$out" 'mtu 1360 '
	has "$out" '02:00:00:00:13:60'
}
case_net_device_addresses() {
	net_device
	inside_link ".linux.netDevices = {\"$device\": {name: \"net7\"}}" net7
	has "$out" 'inet 10\.213\.60\.1/24 '
}
case_net_device_other_addresses() {
	net_device
	inside_link ".linux.netDevices = {\"$device\": {name: \"net7\"}}" net7
	has "$out" ' net7'
	lacks "$out" '169\.254\.213\.60|10\.213\.61\.1'
}
case_net_device_up() {
	net_device
	inside_link ".linux.netDevices = {\"$device\": {name: \"net7\"}}" net7
	has "$out" '[<,]UP[,>]'
}
case_net_device_stays() {
	net_device
	holder --net
	made ".linux.netDevices = {\"$device\": {name: \"net7\"}} |
		.linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$holder/ns/net\" else . end)" true
	begin
	wait_for is_status stopped
	rt delete "$id"
	nsenter --target "$holder" --net ip link show net7
}

# --- memory policy (1.3)

# policy FILTER WANT - as the kernel shows it
policy() {
	[ -e /proc/self/numa_maps ] || skip "the kernel has no memory policies"
	gives "$1" 'head -n 1 /proc/self/numa_maps | cut -d " " -f 2' "$2"
}
case_memory_policy_mode_required() { refuses '.linux.memoryPolicy = {nodes: "0"}'; }
case_memory_policy_mode_invalid() { refuses '.linux.memoryPolicy = {mode: "MPOL_NO_SUCH", nodes: "0"}'; }
case_memory_policy_flag_invalid() { refuses '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_NO_SUCH"]}'; }
case_memory_policy_nodes_invalid() { refuses '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0-x"}'; }
case_memory_policy_bind() { policy '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}' bind:0; }
case_memory_policy_interleave() { policy '.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: "0"}' interleave:0; }
case_memory_policy_preferred() { policy '.linux.memoryPolicy = {mode: "MPOL_PREFERRED", nodes: "0"}' prefer:0; }
case_memory_policy_flags() {
	policy '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}' bind=static:0
}

# --- Intel RDT (1.3): without a resctrl file system both are errors, as the rest of it

case_rdt_schemata() { refuses '.linux.intelRdt = {closID: "conformance", schemata: ["L3:0=ff"]}'; }
case_rdt_enable_monitoring() { refuses '.linux.intelRdt = {enableMonitoring: true}'; }

# --- the features document (1.3)

# recognized FILTER - or the error does not say that there is no such name
recognized() {
	config "$1"
	rt create --bundle "$bundle" "$id" >"$case_dir/out" 2>&1 ||
		lacks "$(cat "$case_dir/out")" '[Uu]nknown|[Nn]o such|not a |[Ii]nvalid (memory )?(policy|mode|flag)'
	rt delete --force "$id" >/dev/null 2>&1 || :
}

case_features_memory_policy_modes() {
	all_of .linux.memoryPolicy.modes
	for name in $names; do
		case $name in
		MPOL_DEFAULT | MPOL_LOCAL) recognized ".linux.memoryPolicy = {mode: \"$name\", nodes: \"\"}" ;;
		*) recognized ".linux.memoryPolicy = {mode: \"$name\", nodes: \"0\"}" ;;
		esac
	done
}
case_features_memory_policy_flags() {
	all_of .linux.memoryPolicy.flags
	for name in $names; do
		recognized ".linux.memoryPolicy = {mode: \"MPOL_BIND\", nodes: \"0\", flags: [\"$name\"]}"
	done
}
case_features_net_devices() {
	features
	net_device
	inside ".linux.netDevices = {\"$device\": {name: \"net7\"}}" 'ip link show net7 >/dev/null && echo there'
	[ "$out" = there ] && does=true || does=false
	equal "$(jq -r '.linux.netDevices.enabled // false' "$case_dir/features")" "$does"
}
