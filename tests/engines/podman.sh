#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# podman.sh: Podman 4.3 over the runtime, for all but limits (limits.sh has those).
#
# What a machine without systemd and without some capabilities needs is in containers.conf: cgroupfs,
# events in a file, limits that may be set.
. tests/engines/lib.sh
. tests/engines/podman.lib.sh

default_runtime() {
	podman run -d --name ours box:1 sleep 1000
	equal "$(of ours '{{.OCIRuntime}}')" tested
	# without --root, and not as any user: the runtime's own directory
	is_ours /run/cloison "$(of ours '{{.Id}}')" "$(of ours '{{.State.Pid}}')"
	podman rm -f -t 0 ours
}

exit_code() {
	code 7 podman run --rm box:1 sh -c 'echo out; echo err >&2; exit 7'
	has "$said" '^out$'
	has "$said" '^err$'
	code 127 podman run --rm box:1 no-such-program
	has "$said" 'no-such-program'
	code 126 podman run --rm box:1 /etc/passwd
}

process_settings() {
	said=$(podman run --rm -e A=b -w /tmp -u 1000:1000 --hostname there --cap-drop all --cap-add NET_RAW \
		--security-opt no-new-privileges --ulimit nofile=300:400 --ulimit nproc=4096:4096 --read-only --tmpfs /scratch:size=1m \
		--sysctl net.ipv4.ip_unprivileged_port_start=7 --umask 0077 --tz UTC box:1 sh -c '
		echo $A; pwd; id -u; hostname; ulimit -n; umask
		grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status
		touch /no 2>&1; touch /scratch/yes && echo wrote
		cat /proc/sys/net/ipv4/ip_unprivileged_port_start')
	for line in '^b$' '^/tmp$' '^1000$' '^there$' '^300$' '^0077$' '^CapBnd:.0*2000$' '^NoNewPrivs:.1$' \
		'^Seccomp:.2$' '/no: Read-only file system' '^wrote$' '^7$'; do
		has "$said" "$line"
	done
}

published_port() {
	podman run -d --name web -p 8080:80 box:1 httpd -f -p 80 -h /www
	wait_for 5 curl -sf http://127.0.0.1:8080/
	equal "$(curl -s http://127.0.0.1:8080/)" page
	podman rm -f -t 0 web
	code 7 curl -s http://127.0.0.1:8080/
}

volumes() {
	podman run --rm -v data:/data box:1 sh -c 'echo kept >/data/file'
	equal "$(podman run --rm -v data:/d:ro box:1 cat /d/file)" kept
	podman volume rm data
	mkdir "$T/bind"
	code 1 podman run --rm -v "$T/bind:/bind:ro,rslave" box:1 touch /bind/file
	has "$said" 'Read-only file system'
}

exec_() {
	podman run -d --name ex box:1 sleep 1000
	code 3 podman exec -e X=y -w /tmp -u 1000:50 ex sh -c 'echo "$X $(pwd) $(id -u):$(id -g)"; exit 3'
	# Podman warns of its monitor's cgroup where v2 has some controllers and v1 the others.
	equal "$(printf '%s\n' "$said" | sed '/Failed to add conmon to cgroupfs/d')" "y /tmp 1000:50"
	equal "$(echo typed | podman exec -i ex cat)" typed
	podman exec -d ex sh -c 'echo done >/tmp/detached'
	wait_for 5 podman exec ex test -e /tmp/detached
	code 127 podman exec ex no-such-program
	podman rm -f -t 0 ex
}

terminal() {
	said=$(script -qec 'stty cols 91 rows 37; podman run --rm -it box:1 sh -c "until stty size | grep -q 91; do sleep 0.1; done; tty; stty size"' \
		/dev/null </dev/null)
	has "$said" '/dev/pts/0'
	has "$said" '^37 91'
}

# of the cgroup, not of the runtime: only what there is on every machine
stats() {
	podman run -d --name st box:1 sleep 1000
	has "$(podman top st pid args)" 'sleep 1000'
	equal "$(podman stats --no-stream --format '{{.Name}}' st)" st
	podman rm -f -t 0 st
}

ticks() {
	podman logs pp | tail -n 1
}

pause() {
	podman run -d --name pp box:1 sh -c 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.05; done'
	wait_for 5 has_ticks 1
	podman pause pp
	equal "$(of pp '{{.State.Status}}')" paused
	# what was in the pipe has reached the log
	sleep 0.5
	before=$(ticks)
	sleep 0.5
	equal "$(ticks)" "$before"
	podman unpause pp
	wait_for 10 has_ticks $((before + 2))
	podman rm -f -t 0 pp
}

has_ticks() {
	[ "$(ticks)" -ge "$1" ]
}

stop() {
	podman run -d --name polite box:1 sh -c 'trap "echo bye; exit 9" TERM; echo ready; while :; do sleep 0.1; done'
	wait_for 5 is_ready polite
	podman stop -t 10 polite
	equal "$(of polite '{{.State.ExitCode}}')" 9
	has "$(podman logs polite)" '^bye$'
	podman start polite
	podman kill -s KILL polite
	equal "$(podman wait polite)" 137
	podman rm polite
}

is_ready() {
	podman logs "$1" | grep -q ready
}

health() {
	podman run -d --name ill --health-cmd 'test -e /tmp/well' --health-interval disable box:1 sleep 1000
	code 1 podman healthcheck run ill
	podman exec ill touch /tmp/well
	code 0 podman healthcheck run ill
	podman rm -f -t 0 ill
}

pod() {
	# not below the pod's cgroup: Podman 4.3 with cgroupfs forbids all devices there
	podman pod create --name two --share-parent=false -p 8081:80
	podman run -d --pod two --name server box:1 httpd -f -p 80 -h /www
	wait_for 5 curl -sf http://127.0.0.1:8081/
	equal "$(podman run --rm --pod two box:1 wget -qO- http://127.0.0.1/)" page
	equal "$(podman pod inspect two | jq -r .State)" Running
	has "$(podman pod top two args)" 'httpd -f'
	podman pod pause two
	equal "$(of server '{{.State.Status}}')" paused
	podman pod unpause two
	equal "$(curl -s http://127.0.0.1:8081/)" page
	has "$(podman generate kube two)" 'hostPort: 8081'
	podman pod rm -f -t 0 two
	equal "$(podman pod ps -q)" ""
}

user_namespace() {
	said=$(podman run --rm --uidmap 0:100000:65536 --gidmap 0:100000:65536 box:1 sh -c \
		'cat /proc/self/uid_map; id -u; touch /mine; stat -c %u /mine')
	has "$said" '^ *0 +100000 +65536$'
	equal "$(printf '%s\n' "$said" | tail -n 2 | paste -sd' ')" "0 0"
}

left() {
	podman rm -fa -t 0 >/dev/null
	if [ "$RUNTIME" = cloison ]; then
		equal "$(known_to /run/cloison)" ""
	fi
	equal "$(find /sys/fs/cgroup/libpod_parent -mindepth 1 -name 'libpod-*' ! -name 'libpod-conmon*' 2>/dev/null)" ""
	wait_for 5 no_monitors
}

no_monitors() {
	! pgrep conmon
}

# without a controller for it a limit is refused
start_podman cgroupfs 'pids_limit = 0'
check "the default runtime is the one under test, and knows the container" default_runtime
check "run relays both outputs and the exit code, and names what cannot be run" exit_code
check "user, directory, capabilities, limits of a process and sysctls arrive" process_settings
check "a published port answers, and no longer when its container is gone" published_port
check "volumes keep files, binds can be read-only" volumes
check "exec has user, directory, input, exit code" exec_
check "run -it has a terminal of the right size" terminal
check "stats and top answer" stats
check "a paused container stands still and goes on" pause
check "stop waits for the program, kill does not" stop
check "a health check runs in the container" health
check "containers of a pod share a network; the pod publishes its port and pauses" pod
check "a container has a user namespace of its own" user_namespace
check "nothing is left when containers are removed" left
finish
