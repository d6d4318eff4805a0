#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# limits.sh: memory, processor and process limits, which engines set through the runtime.
#
# It needs cgroup v2 with all controllers, so it runs in the guest. First with what the engines do there
# by default: containers are scopes of systemd. Then a part of it once more with cgroups that the runtime
# makes by itself (cgroupfs).
. tests/engines/lib.sh
. tests/engines/docker.lib.sh
. tests/engines/containerd.lib.sh
. tests/engines/podman.lib.sh

mib=1048576

# cgroup PID - the directory of its cgroup
cgroup() {
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
}

# inspect CONTAINER FORMAT - a field of `docker inspect`
inspect() {
	docker inspect -f "$2" "$1"
}

# value CONTAINER FILE
value() {
	cat "$(cgroup "$(inspect "$1" '{{.State.Pid}}')")/$2"
}

docker_limits() {
	docker run -d --name lim --memory 64m --memory-swap 64m --memory-reservation 32m --cpus 0.5 \
		--cpu-shares 512 --cpuset-cpus 0 --pids-limit 50 box:1 sh -c 'dd if=/dev/zero of=/dev/shm/x bs=1M count=8; sleep 1000'
	equal "$(value lim memory.max) $(value lim memory.swap.max) $(value lim memory.low)" "$((64 * mib)) 0 $((32 * mib))"
	equal "$(value lim cpu.max) $(value lim cpu.weight) $(value lim cpuset.cpus)" "50000 100000 20 0"
	equal "$(value lim pids.max)" 50
	# the container's own view
	equal "$(docker exec lim cat /sys/fs/cgroup/memory.max)" $((64 * mib))
}

docker_stats() {
	said=$(docker stats --no-stream --format '{{.MemUsage}} {{.MemPerc}} {{.PIDs}}' lim)
	has "$said" '^(8|9|1[0-9])(\.[0-9]+)?MiB / 64MiB '
	has "$said" ' 1$'
	has "$(docker run --rm --memory 32m box:1 sh -c 'cat /sys/fs/cgroup/memory.max')" "^$((32 * mib))$"
}

docker_update() {
	docker update --memory 96m --memory-swap 128m --cpus 1.5 --pids-limit 70 --cpu-shares 2048 lim
	equal "$(value lim memory.max) $(value lim memory.swap.max)" "$((96 * mib)) $((32 * mib))"
	equal "$(value lim cpu.max) $(value lim cpu.weight) $(value lim pids.max)" "150000 100000 79 70"
	has "$(docker stats --no-stream --format '{{.MemUsage}}' lim)" '/ 96MiB'
}

docker_pids() {
	docker update --pids-limit 5 lim
	code 2 docker exec lim sh -c 'for i in 1 2 3 4 5 6; do sleep 1 & done; wait'
	has "$said" "can't fork"
	at_least "$(sed -n 's/^max //p' "$(cgroup "$(docker inspect -f '{{.State.Pid}}' lim)")/pids.events")" 1
	docker rm -f lim
}

# Docker learns of it from containerd's shim, which reads memory.events when the kernel says that the
# file has changed: at most once in 10 ms (CGROUP_FILE_NOTIFY_MIN_INTV). systemd takes the scope away
# as soon as it is empty, so a container can be gone before the shim has read, whichever runtime it
# has. That it died of SIGKILL, and of the kernel's killing for memory, holds each time; only then may
# Docker not know, and of five it has to know of one.
oom_is_known() {
	[ "$(docker inspect -f '{{.State.OOMKilled}}' oom)" = true ]
}

docker_oom() {
	for _ in 1 2 3 4 5; do
		docker rm -f oom >/dev/null 2>&1
		code 137 docker run --name oom --memory 16m --memory-swap 16m box:1 sh -c 'exec tail -c 100000000 /dev/zero'
		wait_for 1 oom_is_known || true
		state=$(docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' oom)
		has "$(dmesg)" "oom-kill:.*oom_memcg=[^,]*$(docker inspect -f '{{.Id}}' oom)"
		[ "$state" = "false 137" ] || break
	done
	equal "$state" "true 137"
	docker rm oom
	# one that stays below is none
	docker run --name fits --memory 16m --memory-swap 16m box:1 true
	equal "$(docker inspect -f '{{.State.OOMKilled}}' fits)" false
	docker rm fits
}

docker_devices() {
	docker run -d --name dev --device-read-bps /dev/nvme0n1:1mb --cap-add MKNOD box:1 sleep 1000
	has "$(value dev io.max)" 'rbps=1048576'
	code 1 docker exec dev sh -c 'mknod /tmp/disk b 259 0 && dd if=/tmp/disk of=/dev/null count=1'
	has "$said" 'not permitted'
	docker rm -f dev
}

docker_pause() {
	docker run -d --name pau --memory 64m box:1 sleep 1000
	docker pause pau
	equal "$(value pau cgroup.freeze)" 1
	docker unpause pau
	equal "$(value pau cgroup.freeze)" 0
	docker rm -f pau
}

docker_privileged() {
	has "$(docker run --rm --privileged box:1 grep CapEff /proc/self/status)" 'fffffffff$'
	wait_for 10 no_shims
	wait_for 1 no_cgroups || fail "there is $(containers_cgroups)"
}

# containers_cgroups - those that are left, and the scopes
containers_cgroups() {
	find /sys/fs/cgroup -type d \( -path '/sys/fs/cgroup/docker/*' -o -path '*/libpod_parent/libpod-[0-9a-f]*' ! -name 'libpod-conmon*' -o \
		-name 'docker-*.scope' -o -name 'libpod-[0-9a-f]*.scope' -o -name 'engines-*.scope' \)
	systemctl list-units --all --plain --no-legend 'docker-*.scope' 'libpod-*.scope' 'engines-*.scope'
}

no_cgroups() {
	[ -z "$(containers_cgroups)" ]
}

docker_driver() {
	equal "$(docker info -f '{{.CgroupDriver}} {{.CgroupVersion}}')" "$driver 2"
	docker run -d --name drv --memory 64m box:1 sleep 1000
	id=$(inspect drv '{{.Id}}')
	case $driver in
	systemd) place=/system.slice/docker-$id.scope ;;
	cgroupfs) place=/docker/$id ;;
	esac
	equal "$(cgroup "$(inspect drv '{{.State.Pid}}')")" "/sys/fs/cgroup$place"
	equal "$(docker exec drv cat /sys/fs/cgroup/memory.max)" $((64 * mib))
	if [ "$driver" = systemd ]; then
		equal "$(systemctl show --value -p MemoryMax "docker-$id.scope")" $((64 * mib))
		systemctl daemon-reload
		equal "$(value drv memory.max)" $((64 * mib))
	fi
	docker rm -f drv
}

docker_slice() {
	docker run -d --name sl --cgroup-parent engines.slice box:1 sleep 1000
	equal "$(cgroup "$(inspect sl '{{.State.Pid}}')")" "/sys/fs/cgroup/engines.slice/docker-$(inspect sl '{{.Id}}').scope"
	docker rm -f sl
}

ctr_limits() {
	shares=1024 run_box -d --memory-limit $((32 * mib)) --cpu-quota 30000 --cpu-period 60000 "$box" lim sleep 1000
	at=$(cgroup "$(task_pid lim)")
	equal "$(cat "$at/memory.max") $(cat "$at/cpu.max") $(cat "$at/cpu.weight")" "$((32 * mib)) 30000 60000 39"
	case $driver in
	systemd) has "$at" '/system.slice/engines-[0-9a-f-]+\.scope$' ;;
	cgroupfs) has "$at" '/sys/fs/cgroup/engines/[0-9a-f-]+$' ;;
	esac
	has "$(ctr task metrics lim)" '^memory.usage_limit +33554432 *$'
	has "$(ctr task metrics lim)" '^pids.current +1 *$'
	remove lim
}

ctr_oom() {
	run_box -d --memory-limit $((8 * mib)) "$box" oom sh -c 'exec tail -c 100000000 /dev/zero'
	wait_for 10 is_stopped oom
	has "$(ctr task delete oom 2>&1)" 'exit code 137'
	ctr container delete oom
}

# what PODMAN-CONTAINER - a field
podman_value() {
	cat "$(cgroup "$(podman inspect -f '{{.State.Pid}}' "$1")")/$2"
}

podman_limits() {
	podman run -d --name lim --memory 64m --cpus 0.5 --pids-limit 50 box:1 sleep 1000
	equal "$(podman_value lim memory.max) $(podman_value lim cpu.max) $(podman_value lim pids.max)" \
		"$((64 * mib)) 50000 100000 50"
	has "$(podman stats --no-stream --format '{{.MemUsage}}' lim)" '/ 67.11MB'
	podman pause lim
	equal "$(podman_value lim cgroup.freeze)" 1
	podman unpause lim
	equal "$(podman info -f '{{.Host.CgroupManager}}')" "$driver"
	case $driver in
	systemd) has "$(cgroup "$(podman inspect -f '{{.State.Pid}}' lim)")" '/machine.slice/libpod-[0-9a-f]+\.scope' ;;
	cgroupfs) has "$(cgroup "$(podman inspect -f '{{.State.Pid}}' lim)")" '/libpod_parent/libpod-[0-9a-f]+' ;;
	esac
	podman rm -f -t 0 lim
}

# Podman's monitor hears of it from the container's cgroup and leaves a file `oom` where Podman was called;
# this Podman looks for it in the bundle instead, and says OOMKilled=false with any runtime. From a scope it
# may hear nothing: systemd removes that with its last process.
podman_oom() {
	mkdir -p "$T/here"
	cd "$T/here"
	code 137 podman run --name oom --memory 16m --memory-swap 16m box:1 sh -c 'exec tail -c 100000000 /dev/zero'
	[ "$driver" = systemd ] || [ -e oom ] || fail "the monitor has seen no OOM kill"
	podman rm oom
}

# with cgroups of systemd the pod's is a slice
podman_pod() {
	podman pod create --name two
	podman run -d --pod two --name one --memory 32m box:1 sleep 1000
	has "$(cgroup "$(podman inspect -f '{{.State.Pid}}' one)")" '/machine-libpod_pod_[0-9a-f]+\.slice/libpod-[0-9a-f]+\.scope'
	equal "$(podman_value one memory.max)" $((32 * mib))
	equal "$(podman exec one sh -c 'echo >/dev/null && cat /sys/fs/cgroup/memory.max')" $((32 * mib))
	podman pod pause two
	equal "$(podman inspect -f '{{.State.Status}}' one)" paused
	podman pod unpause two
	podman pod rm -f -t 0 two
}

podman_left() {
	podman rm -fa -t 0
	wait_for 1 no_cgroups || fail "there is $(containers_cgroups)"
}

driver=systemd
start_docker
check "docker's containers are scopes of systemd by default" docker_driver
check "docker run puts a scope into a slice of its own" docker_slice
check "docker run writes memory, cpu, cpuset and pids limits" docker_limits
check "docker stats shows use and limit" docker_stats
check "docker update changes the limits of a running container" docker_update
check "docker: a container cannot have more processes than its limit" docker_pids
check "docker: a container over its memory is killed, and Docker says OOMKilled" docker_oom
check "docker: a rate of a disk is limited, another device is forbidden" docker_devices
check "docker pause freezes the cgroup" docker_pause
check "docker run --privileged has all capabilities; no cgroup is left" docker_privileged
stop_docker

start_containerd
check "ctr run with systemd's cgroups writes limits, metrics show them" ctr_limits
check "ctr: a task in a scope over its memory is killed" ctr_oom

start_podman
check "podman run writes limits, stats shows them, pause freezes, in a scope by default" podman_limits
check "podman: a container over its memory is killed" podman_oom
check "podman: a pod is a slice, its containers are scopes in it" podman_pod
check "podman: no scope is left" podman_left

driver=cgroupfs
check "cgroupfs: ctr run writes limits, metrics show them" ctr_limits
check "cgroupfs: ctr: a task over its memory is killed" ctr_oom
start_podman cgroupfs
check "cgroupfs: podman run writes limits, stats shows them, pause freezes" podman_limits
check "cgroupfs: podman: a container over its memory is killed, and its monitor is told" podman_oom
check "cgroupfs: podman: no cgroup is left" podman_left
kill "$(pgrep -x containerd)"
start_docker cgroupfs
check "cgroupfs: docker's cgroups are below /docker" docker_driver
check "cgroupfs: docker run writes memory, cpu, cpuset and pids limits" docker_limits
check "cgroupfs: docker update changes the limits of a running container" docker_update
check "cgroupfs: docker: a container cannot have more processes than its limit" docker_pids
check "cgroupfs: docker: a container over its memory is killed, and Docker says OOMKilled" docker_oom
check "cgroupfs: docker run --privileged has all capabilities; no cgroup is left" docker_privileged
finish
