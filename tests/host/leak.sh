#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# leak.sh: a thousand runs in a row leave nothing: no mount, cgroup, process, network namespace,
# state or file. RUNS=N for another number.
#
# Network namespaces are counted twice: by the numbers that the containers themselves report, which
# no process may be in and no mount may hold afterwards, and in the kernel's own count, which has to
# come back to what it was. The kernel takes them apart in the background, and since 6.14 the memory
# of one batch is only freed while the next is taken apart (defer_free_list in net_namespace.c), so
# each count is preceded by a namespace that is made and left for that purpose, and by a moment in
# which that one is taken apart itself.
. tests/host/lib.sh

RUNS=${RUNS:-1000}

# net_namespaces - how many the kernel has; empty where it does not say. Freed ones that wait in the
# processors' own slabs count as in use until the cache is shrunk.
net_namespaces() {
	unshare --net true
	sleep 0.3
	[ ! -w /sys/kernel/slab/net_namespace/shrink ] || echo 1 >/sys/kernel/slab/net_namespace/shrink
	awk '$1 == "net_namespace" { print $2 }' /proc/slabinfo 2>/dev/null
}

# least_namespaces - the lowest of some counts: those that are being taken apart are left out
least_namespaces() {
	for _ in 1 2 3 4 5 6; do net_namespaces; done | sort -n | head -n 1
}

back_to() {
	now=$(net_namespaces)
	[ "${now:-0}" -le "$1" ]
}

# snapshot FILE - everything of the host that a container could have left something in
snapshot() {
	{
		find "$T/rootfs" "$T/many" -printf '%p %y %m %U:%G %s %T@\n' | sort
		cat /proc/self/mountinfo
		[ -z "$cgroups" ] || find "$cgroups" -type d -name "$tag*"
		find "$T/.run" /dev/shm /dev/mqueue -mindepth 1 2>/dev/null || true
		our_processes
	} >"$1"
}

mkdir "$T/many"
thousand() {
	sed -e 's|"sh"|"readlink", "/proc/self/ns/net"|' "$T/base.json" >"$T/base.new"
	jq -e '.process.args == ["readlink", "/proc/self/ns/net"]' "$T/base.new" >/dev/null
	mv "$T/base.new" "$T/many/config.json"
	c run --bundle "$T/many" "$tag-0" >/dev/null # what the first one makes for all
	before=$(least_namespaces)
	snapshot "$T/before"
	i=0
	while [ "$i" -lt "$RUNS" ]; do
		CLOISON_TEST=$T "$cloison" --root "$T/.run" run --bundle "$T/many" "$tag-x" || fail "run $i of $RUNS"
		i=$((i + 1))
	done >"$T/inside"
	equal "$(wc -l <"$T/inside")" "$RUNS"
	snapshot "$T/after"
	diff "$T/before" "$T/after"
	sort -u "$T/inside" >"$T/numbers"
	for link in /proc/[0-9]*/ns/net; do readlink "$link" 2>/dev/null || true; done | sort -u >"$T/used"
	equal "$(comm -12 "$T/numbers" "$T/used")" ""
	! cat /proc/[0-9]*/mountinfo 2>/dev/null | grep -F -f "$T/numbers" || fail "a mount holds one"
	[ -z "$before" ] || wait_for 4 back_to "$before" || # 200 tries of 0.3 s
		fail "$(net_namespaces) network namespaces, there were $before"
}
check "$RUNS runs leave nothing behind" thousand

failing() {
	bundle fails '.process.args = ["/no/such"]'
	snapshot "$T/before"
	i=0
	while [ "$i" -lt 50 ]; do
		refuse 127 ENOENT c run --bundle "$T/fails" "$tag-x"
		i=$((i + 1))
	done
	snapshot "$T/after"
	diff "$T/before" "$T/after"
}
check "fifty runs that fail leave nothing behind" failing

# daemons that the program leaves running end with it
orphans() {
	snapshot "$T/before"
	i=0
	while [ "$i" -lt 20 ]; do
		ct . 'sleep 1000 & (setsid sleep 1000 &) ; exit 0' >/dev/null
		i=$((i + 1))
	done
	find "$T" -mindepth 1 -maxdepth 1 -type d -name '????????' -exec rm -rf {} +
	snapshot "$T/after"
	diff "$T/before" "$T/after"
}
check "processes that the program leaves running end with it" orphans

detached_deletes() {
	bundle det . 'sleep 1000'
	snapshot "$T/before"
	i=0
	while [ "$i" -lt 50 ]; do
		c run --detach --bundle "$T/det" "$tag-x" >/dev/null
		c exec "$tag-x" true
		c delete --force "$tag-x"
		i=$((i + 1))
	done
	snapshot "$T/after"
	diff "$T/before" "$T/after"
}
check "fifty detached runs with an exec each leave nothing after delete" detached_deletes

finish
