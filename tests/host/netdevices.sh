#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# netdevices.sh: devices of the host's network that become a container's. The host is a network namespace
# of the test's own, in which the runtime runs.
. tests/host/lib.sh

unshare --net ip link add t0 type veth peer name t1 2>/dev/null || skip_all "the kernel has no veth"

export T tag cloison

# in_net SCRIPT - run it where there are the pairs h0-p0, h1-p1 with addresses; `run NAME` is the runtime
in_net() {
	{
		cat <<-'END'
			run() {
				name=$1
				shift
				timeout 30 "$cloison" --root "$T/.run" run --bundle "$T/$name" "$@" "$tag-$name"
			}
			ip link add h0 type veth peer name p0
			ip link add h1 type veth peer name p1
			ip link set h0 mtu 1300 address 02:00:00:00:00:01 up
			ip link set p0 up
			ip addr add 10.9.8.7/24 broadcast 10.9.8.255 dev h0
			ip addr add 10.9.7.7/32 dev h0
			ip addr add 169.254.9.9/16 scope link dev h0
			ip addr add 10.9.6.6/24 dev h0 valid_lft 1000 preferred_lft 1000
			ip -6 addr add fd00:9::7/64 dev h0 nodad 2>/dev/null || :
		END
		cat
	} | CLOISON_TEST=$T unshare --net sh -eu
}

show='ip addr; ip link'

moved() {
	bundle moved '.linux.netDevices = {"h0": {"name": "eth0"}, "h1": {}}' "$show"
	in_net >"$T/moved/out" <<-'END'
		run moved
		echo after
		i=0
		while ip link show p0 2>/dev/null && [ $i -lt 200 ]; do sleep 0.05; i=$((i + 1)); done >/dev/null
		ip link
	END
	inside=$(sed '/^after/,$d' "$T/moved/out")
	has "$inside" ' eth0@?[^:]*: <.*UP.*mtu 1300'
	has "$inside" '02:00:00:00:00:01'
	has "$inside" 'inet 10\.9\.8\.7/24 brd 10\.9\.8\.255 .*eth0'
	has "$inside" 'inet 10\.9\.7\.7/32 '
	[ ! -e /proc/net/if_inet6 ] || has "$inside" 'inet6 fd00:9::7/64 '
	lacks "$inside" '169\.254\.9\.9|10\.9\.6\.6'
	has "$inside" ' h1@?[^:]*: <.*UP'
	# a virtual device dies with the namespace
	lacks "$(sed '1,/^after/d' "$T/moved/out")" ' [hp]0@'
}
check "devices are moved, renamed, brought up, and keep their permanent addresses" moved

to_joined() {
	bundle tojoined '.linux.netDevices = {"h0": {}} | .linux.namespaces |= map(if .type == "network" then .path = "/proc/KEEPER/ns/net" else . end)' "$show"
	in_net >"$T/tojoined/out" <<-'END'
		unshare --net sleep 60 &
		keeper=$!
		while [ "$(readlink /proc/$keeper/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
		sed -i "s/KEEPER/$keeper/" "$T/tojoined/config.json"
		run tojoined
		ip link show h0 2>/dev/null && echo "still on the host"
		kill $keeper
	END
	has "$(cat "$T/tojoined/out")" 'inet 10\.9\.8\.7/24 .*h0'
	lacks "$(cat "$T/tojoined/out")" 'still'
}
check "a device can be moved to a network namespace that is joined" to_joined

userns() {
	bundle nduser '.linux.netDevices = {"h0": {"name": "net0"}} | .linux.namespaces += [{"type": "user"}] |
		.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings' "$show"
	in_net >"$T/nduser/out" <<-'END'
		run nduser
	END
	has "$(cat "$T/nduser/out")" 'inet 10\.9\.8\.7/24 .*net0'
}
check "a device can be moved to a container with a user namespace" userns

numbered() {
	bundle ndnumber '.linux.netDevices = {"h0": {"name": "eth%d"}, "h1": {"name": "eth%d"}}' "$show"
	bundle ndlong '.linux.netDevices = {"h0": {"name": "thirteenbytes%d"}, "lo": {"name": "thirteenbytes%d"}}' true
	echo 'run ndnumber' | in_net >"$T/ndnumber/out"
	in_net <<-'END'
		! run ndlong 2>"$T/ndlong/err"
		ip link show h0 >/dev/null
	END
	has "$(cat "$T/ndnumber/out")" 'inet 10\.9\.8\.7/24 .*eth[01]$'
	has "$(cat "$T/ndnumber/out")" ' eth0@?[^:]*: <.*UP'
	has "$(cat "$T/ndnumber/out")" ' eth1@?[^:]*: <.*UP'
	clear_error "$T/ndlong/err"
	has "$(cat "$T/ndlong/err")" 'cannot move `lo`: EINVAL'
}
check "a name that ends in %d gets a number that is free" numbered

refused_nd() {
	bundle ndmissing '.linux.netDevices = {"h0": {}, "nosuch": {}}' true
	bundle ndlo '.linux.netDevices = {"h0": {"name": "lo"}}' true
	bundle ndself '.linux.netDevices = {"lo": {"name": "lo2"}}' true
	bundle ndfail '.linux.netDevices = {"h0": {"name": "x0"}, "lo": {"name": "lo2"}}' true
	bundle ndhost '.linux.netDevices = {"h0": {}} | .linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)' true
	in_net <<-'END'
		for name in ndmissing ndlo ndself ndfail ndhost; do
			! run $name 2>"$T/$name/err"
			ip link show h0 >/dev/null
		done
	END
	for name in ndmissing ndlo ndself ndfail ndhost; do clear_error "$T/$name/err"; done
	has "$(cat "$T/ndmissing/err")" 'cannot find `nosuch`: ENODEV'
	has "$(cat "$T/ndlo/err")" 'cannot move `h0`: the container has a `lo`: EEXIST'
	has "$(cat "$T/ndself/err")" 'cannot move `lo`: EINVAL'
	has "$(cat "$T/ndfail/err")" 'cannot move `lo`: EINVAL'
	has "$(cat "$T/ndhost/err")" 'cause: `netDevices` would change the host'
}
check "a device that cannot be moved is named, and those before it go back" refused_nd

finish
