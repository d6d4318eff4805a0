# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# podman.lib.sh: Podman with $RUNTIME as its default runtime, and the image loaded.

# start_podman [MANAGER [LINE]] - MANAGER makes the cgroups, cgroupfs or systemd; without one it is Podman's
# default, systemd where that runs. LINE goes into the section [containers].
start_podman() {
	mkdir -p /etc/containers
	manager=
	[ -z "${1:-}" ] || manager="cgroup_manager = \"$1\""
	cat >/etc/containers/containers.conf <<-END
		[containers]
		default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
		${2:-}
		[network]
		network_backend = "netavark"
		[engine]
		$manager
		events_logger = "file"
		runtime = "tested"
		runtime_supports_json = ["tested"]
		[engine.runtimes]
		tested = ["${runtime:?}"]
	END
	archive "$T/box.tar"
	podman load -q -i "$T/box.tar" >/dev/null || exit 1
}

# of CONTAINER FORMAT - a field of `podman inspect`
of() {
	podman inspect -f "$2" "$1"
}
