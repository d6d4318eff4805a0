# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# docker.lib.sh: a Docker daemon with $RUNTIME as its default runtime, and the image loaded.

# start_docker [DRIVER] - dockerd with its own containerd. DRIVER makes the cgroups, cgroupfs or systemd; without
# one it is Docker's default, systemd where that runs.
start_docker() {
	daemon dockerd dockerd ${1:+--exec-opt "native.cgroupdriver=$1"} --add-runtime tested="${runtime:?}" --default-runtime tested
	needs 30 docker info
	archive "$T/box.tar"
	docker load -q -i "$T/box.tar" >/dev/null || exit 1
}

stop_docker() {
	kill "$(cat /run/docker.pid)"
	wait_for 10 no_docker || exit 1
}

no_docker() {
	[ ! -e /run/docker.pid ] && ! pgrep -x dockerd
}

# of CONTAINER FORMAT - a field of `docker inspect`
of() {
	docker inspect -f "$2" "$1"
}

is_state() {
	[ "$(of "$1" '{{.State.Status}}')" = "$2" ]
}

is_health() {
	[ "$(of "$1" '{{.State.Health.Status}}')" = "$2" ]
}

# nothing of containers is left, once they have been removed
docker_left() {
	docker ps -aq | xargs -r docker rm -f >/dev/null
	if [ "$RUNTIME" = cloison ]; then
		equal "$(known_to /run/docker/runtime-runc/moby)" ""
	fi
	equal "$(find /sys/fs/cgroup/docker -mindepth 1 -type d)" ""
	wait_for 5 no_shims || fail "shims are left: $(pgrep -af containerd-shim)"
	equal "$(grep /var/lib/docker/overlay2/ /proc/self/mountinfo)" ""
}

no_shims() {
	! pgrep containerd-shim
}
