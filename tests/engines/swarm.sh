#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# swarm.sh: a Swarm of three Docker daemons over the runtime, and the loss of one.
#
# Each node has process, mount, network and host name namespaces of its own, on a bridge in this one:
# 10.99.0.1 to .3. Swarm chooses no runtime for a service, so it is each daemon's default. The virtual
# addresses of services need IPVS, which a host may lack: services answer by DNS and publish
# ports of their nodes (--endpoint-mode dnsrr, mode=host).
. tests/engines/lib.sh
. tests/engines/docker.lib.sh

# node NUMBER - start it; in the foreground of its namespaces
node() {
	mkdir -p "$T/node$1"
	cat >"$T/node$1/start" <<-END
		mount -t tmpfs tmpfs /run
		mount -t tmpfs tmpfs /var/lib/docker
		echo node$1 >/proc/sys/kernel/hostname
		ip link set lo up
		until ip link set port$1 name eth0; do sleep 0.05; done
		ip addr add 10.99.0.$1/24 dev eth0
		ip link set eth0 up
		exec dockerd -H "unix://$T/node$1/sock" --cgroup-parent /node$1 \\
			--add-runtime tested="$runtime" --default-runtime tested
	END
	ip link add "hub$1" type veth peer name "port$1"
	ip link set "hub$1" master hub up
	daemon "node$1" unshare --mount --propagation private --net --uts --pid --fork --kill-child \
		--mount-proc sh "$T/node$1/start"
	eval "node$1=\$!"
	# the child of unshare, which is the node's first process
	wait_for 10 pgrep -P "$!" -x 'sh|dockerd'
	first=$(pgrep -P "$!")
	echo "$first" >"$T/node$1/pid"
	ip link set "port$1" netns "$first"
}

# on NUMBER ARGUMENT... - docker, there
on() {
	number=$1
	shift
	docker -H "unix://$T/node$number/sock" "$@"
}

# tasks SERVICE - "node state" of each task that should run and does
tasks() {
	on 1 service ps --filter desired-state=running --format '{{.Node}} {{.CurrentState}}' "$1" |
		awk '$2 == "Running" { print $1 }' | sort
}

# runs SERVICE NUMBER
runs() {
	[ "$(tasks "$1" | wc -l)" -eq "$2" ]
}

form() {
	on 1 swarm init --advertise-addr 10.99.0.1 --dispatcher-heartbeat 5s
	token=$(on 1 swarm join-token -q worker)
	on 2 swarm join --advertise-addr 10.99.0.2 --token "$token" 10.99.0.1:2377
	on 3 swarm join --advertise-addr 10.99.0.3 --token "$token" 10.99.0.1:2377
	equal "$(on 1 node ls --format '{{.Hostname}} {{.Status}}' | sort | paste -sd' ')" \
		"node1 Ready node2 Ready node3 Ready"
}

serve() {
	on 1 network create -d overlay --attachable mesh
	on 1 service create -d --no-resolve-image --name web --network mesh --mode global --endpoint-mode dnsrr \
		--publish mode=host,target=80,published=8080 box:1 \
		sh -c 'hostname >/www/index.html; httpd -f -p 80 -h /www'
	wait_for 30 runs web 3
	equal "$(tasks web | paste -sd' ')" "node1 node2 node3"
	for i in 1 2 3; do
		wait_for 5 curl -sf "http://10.99.0.$i:8080/"
		has "$(curl -s "http://10.99.0.$i:8080/")" '^[0-9a-f]{12}$'
		id=$(on "$i" ps -q --no-trunc --filter name=web)
		equal "$(on "$i" inspect -f '{{.HostConfig.Runtime}}' "$id")" tested
	done
}

scale() {
	on 1 service create -d --no-resolve-image --name back --network mesh --endpoint-mode dnsrr --replicas 2 \
		--stop-grace-period 1s box:1 sh -c 'hostname >/www/index.html; httpd -f -p 80 -h /www'
	wait_for 30 runs back 2
	on 1 service scale -d back=6
	wait_for 30 runs back 6
	equal "$(tasks back | sort -u | paste -sd' ')" "node1 node2 node3"
}

# the overlay network reaches from node 1 to the tasks of all three
cross() {
	id=$(on 1 ps -q --filter name=web)
	wait_for 10 all_known "$id"
	for address in $(on 1 exec "$id" nslookup tasks.back 2>/dev/null | sed -n 's/^Address[^:]*: \(10\.[0-9.]*\).*/\1/p'); do
		on 1 exec "$id" timeout 5 wget -qO- "http://$address/"
	done >"$T/answers"
	equal "$(sort -u "$T/answers" | wc -l)" 6
}

all_known() {
	[ "$(on 1 exec "$1" nslookup tasks.back | grep -c '^Address.* 10\.')" -eq 6 ]
}

is_down() {
	[ "$(on 1 node ls --format '{{.Hostname}} {{.Status}}' | grep node3)" = "node3 Down" ]
}

on_two() {
	runs back 6 && [ "$(tasks back | sort -u | paste -sd' ')" = "node1 node2" ]
}

loss() {
	kill -KILL "$(cat "$T/node3/pid")"
	wait_for 90 is_down
	wait_for 60 on_two
	equal "$(tasks web | grep -v node3 | paste -sd' ')" "node1 node2"
	! curl -s --connect-timeout 1 http://10.99.0.3:8080/
}

update() {
	on 1 service update -d --no-resolve-image --env-add X=new --update-parallelism 0 back
	wait_for 30 updated
	wait_for 30 runs back 6
	id=$(on 1 ps -q --filter name=back | head -n 1)
	equal "$(on 1 exec "$id" sh -c 'echo $X')" new
}

updated() {
	[ "$(on 1 service inspect -f '{{.UpdateStatus.State}}' back)" = completed ]
}

remove() {
	on 1 service rm web back
	wait_for 30 empty 1
	wait_for 30 empty 2
}

empty() {
	[ -z "$(on "$1" ps -aq)" ]
}

ip link add hub type bridge
ip addr add 10.99.0.254/24 dev hub
ip link set hub up
archive "$T/box.tar"
for i in 1 2 3; do
	node "$i"
done
for i in 1 2 3; do
	needs 30 on "$i" info
	on "$i" load -q -i "$T/box.tar" >/dev/null
done
check "three daemons form a swarm" form
check "a global service answers on each node" serve
check "a service is scaled from two to six tasks, on all nodes" scale
check "the overlay network reaches the tasks on every node by the service's name" cross
check "when a node is lost, its tasks run on the others" loss
check "a rolling update replaces the tasks" update
check "removed services leave no container" remove
finish
