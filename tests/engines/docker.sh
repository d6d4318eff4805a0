#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docker.sh: Docker 20.10 over the runtime, for all but limits (limits.sh has those).
. tests/engines/lib.sh
. tests/engines/docker.lib.sh

default_runtime() {
	equal "$(docker info -f '{{.DefaultRuntime}} {{.CgroupVersion}}')" "tested 2"
	docker run -d --name ours box:1 sleep 1000
	is_ours /run/docker/runtime-runc/moby "$(of ours '{{.Id}}')" "$(of ours '{{.State.Pid}}')"
	docker rm -f ours
}

exit_code() {
	code 7 docker run --rm box:1 sh -c 'echo out; echo err >&2; exit 7'
	has "$said" '^out$'
	has "$said" '^err$'
	code 143 docker run --rm --init box:1 sh -c 'kill -TERM $$; sleep 5'
}

process_settings() {
	said=$(docker run --rm -e A=b -w /tmp -u user --group-add staff --hostname there --cap-drop ALL \
		--cap-add NET_RAW --security-opt no-new-privileges --ulimit nofile=300:400 --read-only \
		--tmpfs /scratch:size=1m --sysctl net.ipv4.ip_unprivileged_port_start=7 --oom-score-adj 100 \
		--shm-size 2m box:1 sh -c 'echo $A; pwd; id; hostname; ulimit -n; ulimit -Hn
		grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status
		touch /no 2>&1; touch /scratch/yes && echo wrote; df -k /scratch /dev/shm
		cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/self/oom_score_adj')
	for line in '^b$' '^/tmp$' 'uid=1000.user. gid=1000.user. groups=.*50.staff.' '^there$' \
		'^300$' '^400$' '^CapBnd:.0*2000$' '^NoNewPrivs:.1$' '^Seccomp:.2$' \
		'/no: Read-only file system' '^wrote$' ' 1024 .*/scratch$' ' 2048 .*/dev/shm$' '^7$' '^100$'; do
		has "$said" "$line"
	done
}

published_port() {
	docker run -d --name web -p 127.0.0.1:8080:80 -p 9090:80/tcp box:1 httpd -f -p 80 -h /www
	equal "$(docker port web 80 | sort | head -n 1)" 0.0.0.0:9090
	wait_for 5 curl -sf http://127.0.0.1:8080/
	equal "$(curl -s http://127.0.0.1:8080/)" page
	equal "$(curl -s "http://$(ip -4 -o addr show docker0 | awk '{ sub("/.*", "", $4); print $4 }'):9090/")" page
	docker rm -f web
	code 7 curl -s http://127.0.0.1:8080/
}

networks() {
	docker network create inner
	docker run -d --name server --network inner --ipc shareable box:1 httpd -f -p 80 -h /www
	equal "$(docker run --rm --network inner box:1 wget -qO- http://server/)" page
	# joins the namespaces of another container
	equal "$(docker run --rm --network container:server --pid container:server --ipc container:server \
		box:1 sh -c 'wget -qO- http://127.0.0.1/; ps' | grep -c -E '^page$| httpd -f')" 2
	docker rm -f server
	docker network rm inner
	equal "$(docker run --rm --network none box:1 ls /sys/class/net)" lo
	equal "$(docker run --rm --network host --uts host --pid host box:1 sh -c 'hostname; pidof dockerd')" \
		"$(hostname; pidof dockerd)"
}

volumes() {
	docker volume create data
	docker run --rm -v data:/data box:1 sh -c 'echo kept >/data/file'
	equal "$(docker run --rm --mount type=volume,src=data,dst=/d,readonly box:1 cat /d/file)" kept
	docker volume rm data
	mkdir "$T/bind"
	echo bound >"$T/bind/file"
	code 1 docker run --rm -v "$T/bind:/bind:ro" box:1 sh -c 'cat /bind/file; echo x >/bind/file'
	has "$said" '^bound$'
	has "$said" 'Read-only file system'
	docker run --rm -v "$T/bind:/bind" -v "$T/bind/file:/etc/one" box:1 sh -c 'cat /etc/one >/bind/copy'
	equal "$(cat "$T/bind/copy")" bound
	# mounts made later reach the container, when that is asked for
	mount -t tmpfs tmpfs "$T/bind"
	mount --make-shared "$T/bind"
	docker run -d --name slave -v "$T/bind:/bind:rslave" box:1 sleep 1000
	mkdir "$T/bind/later"
	mount -t tmpfs tmpfs "$T/bind/later"
	echo late >"$T/bind/later/file"
	equal "$(docker exec slave cat /bind/later/file)" late
	docker rm -f slave
	umount -R "$T/bind"
}

health() {
	docker run -d --name ill --health-cmd 'test -e /tmp/well' --health-interval 300ms --health-retries 2 \
		box:1 sh -c 'touch /tmp/well; sleep 1000'
	wait_for 10 is_health ill healthy
	equal "$(of ill '{{(index .State.Health.Log 0).ExitCode}}')" 0
	docker exec ill rm /tmp/well
	wait_for 10 is_health ill unhealthy
	docker rm -f ill
}

exec_() {
	docker run -d --name ex box:1 sleep 1000
	code 3 docker exec -e X=y -w /tmp -u 1000:50 ex sh -c 'echo "$X $(pwd) $(id -u):$(id -g)"; exit 3'
	equal "$said" "y /tmp 1000:50"
	equal "$(echo typed | docker exec -i ex cat)" typed
	docker exec -d ex sh -c 'echo done >/tmp/detached'
	wait_for 5 docker exec ex test -e /tmp/detached
	code 126 docker exec ex no-such-program # 127 is for run alone
	has "$said" 'no-such-program'
	code 126 docker exec ex /etc/passwd
	has "$said" '(?i)permission denied|EACCES|not executable'
	equal "$(docker exec --privileged ex grep -c '^CapEff:.*fffff$' /proc/self/status)" 1
	docker rm -f ex
}

terminal() {
	docker run -d --name tt box:1 sleep 1000
	said=$(script -qec 'stty cols 91 rows 37; docker run --rm -it box:1 sh -c "until stty size | grep -q 91; do sleep 0.1; done; tty; stty size"' \
		/dev/null </dev/null)
	has "$said" '/dev/pts/0'
	has "$said" '^37 91'
	said=$(printf 'echo "got $((6 * 7))"\nexit 5\n' | python3 -Ic 'import pty, os, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(["docker", "exec", "-it", "tt", "sh"])))') || rc=$?
	has "$said" 'got 42'
	equal "${rc:-0}" 5
	docker rm -f tt
}

stats() {
	docker run -d --name st box:1 sleep 1000
	said=$(docker stats --no-stream --format '{{.Name}} {{.CPUPerc}}' st)
	has "$said" '^st [0-9.]+%$'
	has "$(docker top st)" 'sleep 1000'
	docker rm -f st
}

# ticks - how many times the container pp has counted
ticks() {
	docker logs pp | tail -n 1
}

# ticked NUMBER - it has counted so far
ticked() {
	[ "$(ticks)" -ge "$1" ]
}

pause() {
	docker run -d --name pp box:1 sh -c 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.05; done'
	wait_for 5 docker exec pp true
	docker pause pp
	equal "$(of pp '{{.State.Status}} {{.State.Paused}}')" "paused true"
	# what was in the pipe has reached the log
	sleep 0.5
	before=$(ticks)
	sleep 0.5
	equal "$(ticks)" "$before"
	code 1 docker exec pp true
	docker unpause pp
	is_state pp running
	wait_for 10 ticked $((before + 2))
	docker pause pp
	docker rm -f pp
}

update() {
	docker run -d --name up box:1 sleep 1000
	docker update --restart always up
	equal "$(of up '{{.HostConfig.RestartPolicy.Name}}')" always
	pid=$(of up '{{.State.Pid}}')
	kill -KILL "$pid"
	wait_for 10 restarted up "$pid"
	equal "$(of up '{{.RestartCount}}')" 1
	docker rm -f up
}

# restarted NAME PID - it runs, with another first process
restarted() {
	is_state "$1" running && [ "$(of "$1" '{{.State.Pid}}')" != "$2" ]
}

logs() {
	docker run --name ll box:1 sh -c 'echo one; echo two >&2; sleep 0.3; echo three'
	equal "$(docker logs ll 2>/dev/null | paste -sd' ')" "one three"
	equal "$(docker logs ll 2>&1 >/dev/null)" two
	equal "$(docker logs --tail 1 ll 2>/dev/null)" three
	docker rm ll
}

is_ready() {
	docker logs "$1" | grep -q ready
}

stop() {
	docker run -d --name polite box:1 sh -c 'trap "echo bye; exit 9" TERM; echo ready; while :; do sleep 0.1; done'
	docker run -d --name stubborn box:1 sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
	docker run -d --name other --stop-signal USR1 box:1 sh -c 'trap "exit 8" USR1; echo ready; while :; do sleep 0.1; done'
	for name in polite stubborn other; do
		wait_for 5 is_ready "$name"
	done
	docker stop -t 10 polite other
	docker stop -t 1 stubborn
	equal "$(of polite '{{.State.ExitCode}}') $(of other '{{.State.ExitCode}}')" "9 8"
	has "$(docker logs polite)" '^bye$'
	equal "$(of stubborn '{{.State.ExitCode}}')" 137
	docker start polite
	docker kill -s KILL polite
	equal "$(docker wait polite)" 137
	docker restart -t 1 polite
	is_state polite running
	docker rm -f polite stubborn other
}

init_() {
	said=$(docker run --rm --init box:1 sh -c 'cat /proc/1/comm; cat /proc/1/cmdline | tr "\0" " "')
	has "$said" 'docker-init'
}

privileged() {
	said=$(docker run --rm --privileged box:1 sh -c 'grep -E "^(CapEff|Seccomp):" /proc/self/status
		mount -t tmpfs tmpfs /tmp && echo mounted; ls -d /dev/net/tun')
	has "$said" '^Seccomp:.0$'
	has "$said" '^mounted$'
	has "$said" '^/dev/net/tun$'
	equal "$(docker run --rm --device /dev/fuse:/dev/other:rw box:1 stat -c '%F %t,%T' /dev/other)" \
		"character special file a,e5"
	code 1 docker run --rm box:1 mount -t tmpfs tmpfs /tmp
	code 1 docker run --rm --cap-add MKNOD box:1 sh -c 'mknod /tmp/tun c 10 200 && cat /tmp/tun'
	has "$said" 'not permitted'
}

seccomp_profile() {
	jq -n '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"],
		action: "SCMP_ACT_ERRNO", errnoRet: 28}]}' >"$T/profile.json"
	code 1 docker run --rm --security-opt "seccomp=$T/profile.json" box:1 mkdir /x
	has "$said" 'No space left'
	equal "$(docker run --rm --security-opt seccomp=unconfined box:1 grep -c '^Seccomp:.0$' /proc/self/status)" 1
}

bad_program() {
	code 127 docker run --rm box:1 no-such-program
	has "$said" 'no-such-program'
	code 126 docker run --rm box:1 /etc/passwd
	has "$said" '/etc/passwd'
}

build() {
	mkdir "$T/context"
	printf 'FROM box:1\nRUN echo made by $(id -un) >/made\nCMD cat /made\n' >"$T/context/Dockerfile"
	docker build -q -t made "$T/context"
	equal "$(docker run --rm made)" "made by root"
	docker cp "$(docker create --name cc made)":/made "$T/made"
	equal "$(cat "$T/made")" "made by root"
	docker rm cc
}

live_restore() {
	docker run -d --name lives box:1 sleep 1000
	before=$(of lives '{{.State.Pid}}')
	kill -KILL "$(cat /run/docker.pid)"
	rm -f /run/docker.pid
	daemon dockerd2 dockerd --live-restore --add-runtime tested="$runtime" --default-runtime tested
	wait_for 30 docker info
	docker exec lives true
	equal "$(of lives '{{.State.Pid}}')" "$before"
}

many() {
	for i in 1 2 3 4 5 6 7 8; do
		docker run --rm box:1 echo "n$i" >"$T/many.$i" 2>&1 &
		eval "job$i=$!"
	done
	for i in 1 2 3 4 5 6 7 8; do
		eval "wait \$job$i"
		equal "$(cat "$T/many.$i")" "n$i"
	done
}

start_docker cgroupfs
check "the default runtime is the one under test, and knows the container" default_runtime
check "run relays both outputs and the exit code" exit_code
check "user, directory, capabilities, limits of a process and sysctls arrive" process_settings
check "a published port answers, and no longer when its container is gone" published_port
check "containers find each other by name, share namespaces, or have no network" networks
check "volumes keep files, binds can be read-only, later mounts propagate" volumes
check "a health check sees a container well, then ill" health
check "exec has user, directory, input, exit code; says what cannot be run" exec_
check "run -it and exec -it have a terminal of the right size" terminal
check "stats and top answer" stats
check "a paused container stands still and goes on" pause
check "update changes the restart policy, and a killed container returns" update
check "logs keeps both outputs apart" logs
check "stop asks by the container's signal, and insists after its time" stop
check "--init puts docker-init first" init_
check "--privileged can what others cannot; one device can be given" privileged
check "a seccomp profile of the user's is applied" seccomp_profile
check "a program that cannot be run is named, with 127 or 126" bad_program
check "build runs its steps" build
check "eight containers start at once" many
check "containers outlive a killed daemon, and are known to the next" live_restore
check "nothing is left when containers are removed" docker_left
finish
