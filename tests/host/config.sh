#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# config.sh: the configuration of the host, applied to a host of the test's own: a network, a name, and
# mounts in namespaces, with files of the test over /etc, /run, /var/lib and /proc/cmdline.
. tests/host/lib.sh

unshare --net ip link add t0 type veth peer name t1 2>/dev/null || skip_all "the kernel has no veth"

config=$PWD/$OUT/bin/cloison-config
export T config

# in_host SCRIPT - run it where there are eth0 and eth1, and $T/image.yaml is in the image
in_host() {
	{
		cat <<-'END'
			mount -t tmpfs none /etc
			mount -t tmpfs none /run
			mount -t tmpfs none /var/lib
			mkdir /etc/cloison /var/lib/cloison
			cp "$T/image.yaml" /etc/cloison/appliance.yaml
			[ ! -e "$T/cmdline" ] || mount --bind "$T/cmdline" /proc/cmdline
			ip link add eth0 address 52:54:00:00:00:01 type veth peer name p0
			ip link add eth1 address 52:54:00:00:00:02 type veth peer name p1
			ip link set p0 up
			ip link set p1 up
		END
		cat
	} | CLOISON_TEST=$T unshare --net --mount --uts sh -eu
}

applied() {
	cat >"$T/image.yaml" <<-'END'
		hostname: h-1
		timezone: Europe/Paris
		network:
		  dns: [10.9.8.1, "fd00:9::1"]
		  search: [lab, b.lab]
		  interfaces:
		    eth0: {addresses: [10.9.8.7/255.255.255.0, "fd00:9::7/64"], gateway: 10.9.8.1, mtu: 1300}
		    52:54:00:00:00:02: {dhcp: yes}
		authorized_keys: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7n1jVhVVxOYjH9y3Uu1lQ8xE3nOBkqVdTpTw7T0Xyz a@b
		sysctl: {net.ipv4.conf.eth0.rp_filter: 2}
	END
	out=$(in_host <<-'END'
		"$config" apply 2>&1
		"$config" apply 2>&1
		hostname
		TZ=:/run/localtime date -d @1782000000
		cat /run/resolv.conf
		ip addr show eth0
		ip route
		echo dhcp: $(cat /run/cloison-config/dhcp)
		stat -c '%a %n' /run/ssh /run/ssh/authorized_keys
		cat /proc/sys/net/ipv4/conf/eth0/rp_filter
	END
	)
	lacks "$out" 'cloison:'
	has "$out" '^h-1$'
	has "$out" 'CEST'
	has "$out" '^search lab b\.lab$'
	has "$out" '^nameserver fd00:9::1$'
	has "$out" 'eth0@.*UP.* mtu 1300'
	has "$out" 'inet 10\.9\.8\.7/24 brd 10\.9\.8\.255'
	[ ! -e /proc/net/if_inet6 ] || has "$out" 'inet6 fd00:9::7/64'
	has "$out" '^default via 10\.9\.8\.1 dev eth0'
	has "$out" '^dhcp: eth1$'
	has "$out" '^700 /run/ssh$'
	has "$out" '^600 /run/ssh/authorized_keys$'
	has "$out" '^2$'
}
check "what is configured is so afterwards, also when it is applied twice" applied

static_wins() {
	cat >"$T/image.yaml" <<-'END'
		network:
		  interfaces:
		    eth0: {dhcp: yes}
		    eth1: {dhcp: yes, addresses: 10.0.0.999/8}
		    52:54:00:00:00:01: {addresses: 10.9.8.7/24}
	END
	out=$(in_host <<-'END'
		"$config" apply 2>&1
		echo "dhcp: $(cat /run/cloison-config/dhcp)"
		timeout 60 "$config" dhcp
		echo "status $?"
	END
	)
	has "$out" ':4: network\.interfaces\.eth1\.addresses: `10\.0\.0\.999/8`: not an IP address'
	has "$out" '^dhcp: $'
	has "$out" '^status 0$'
}
check "an interface that has static addresses by its MAC address, or wrong ones, gets no DHCP client" static_wins

told() {
	cat >"$T/image.yaml" <<-'END'
		hostname: h-2
		network:
		  interfaces:
		    eth9: {addresses: 10.0.0.1/8}
		    eth0: {addresses: 10.9.8.7/24, gateway: 10.1.1.1, mtu: 65535}
		sysctl: {net.no.such: 1}
	END
	printf 'quiet cloison.hostname=h-3 cloison.dns=1.2.3\n' >"$T/cmdline"
	out=$(in_host <<-'END'
		"$config" apply 2>&1
		echo "status $?"
		hostname
		ip addr show eth0
	END
	)
	rm "$T/cmdline"
	has "$out" '^cloison: config: kernel command line /proc/cmdline:3: cloison\.dns: `1\.2\.3`: not an IP address$'
	has "$out" '^cloison: config: image file /etc/cloison/appliance\.yaml:4: .*cannot find `eth9`: ENODEV$'
	has "$out" 'appliance\.yaml:5: network\.interfaces\.eth0\.gateway: cannot add a route by `10\.1\.1\.1`: ENETUNREACH$'
	has "$out" 'appliance\.yaml:6: sysctl\.net\.no\.such: cannot set it to `1`: ENOENT$'
	has "$out" '^status 0$'
	has "$out" '^h-3$'
	has "$out" 'inet 10\.9\.8\.7/24'
}
check "what the kernel refuses is told with its place, and the rest is done" told

no_files() {
	printf 'hostname: x\n' >"$T/image.yaml"
	out=$(in_host <<-'END'
		ln -s /etc/shadow /etc/cloison/appended.yaml
		mkdir /var/lib/cloison/appliance.yaml
		"$config" check 2>&1 || echo "status $?"
	END
	)
	has "$out" 'appended file /etc/cloison/appended\.yaml: cannot open `/etc/cloison/appended\.yaml`: ELOOP'
	has "$out" 'data partition /var/lib/cloison/appliance\.yaml: `/var/lib/cloison/appliance\.yaml` is no regular file'
	has "$out" '^status 1$'
}
check "a channel's file that is a link or a directory is told and not followed" no_files

verb() {
	printf 'hostname: [\n' >"$T/bad.yaml"
	code=0
	out=$("$cloison" config check "$T/bad.yaml" 2>&1) || code=$?
	equal "$code" 1
	has "$out" '^cloison: config: file /.*/bad\.yaml:2: not YAML: .*; nothing of it is used$'
	out=$("$cloison" config show --json --set hostname=x | jq -r '.[] | select(.key == "hostname") | .value + " " + .channel')
	equal "$out" "x flag"
	refuse 125 'config: show: cannot take `--frob`' "$cloison" config show --frob
	refuse 125 'config: unknown command `frob`' "$cloison" config frob
}
check "cloison config is cloison-config" verb
