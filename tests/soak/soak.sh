#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# soak.sh: STARTS containers (1000), the runtime killed with SIGKILL at any moment in a tenth of them, and then
# a sweep of the machine; WORKERS (64) that create, start, kill and delete at once, on their own ids and
# on the same ones. Runs on the build machine, in Debian's root and guest alike (tests/debian); needs
# root, sh and what busybox has.
#
# The sweep: no state directory, cgroup, mount, process, System V object or file may be left; `soak`
# itself sees to the processes that nobody waits for. What the kernel's unreclaimable slabs, stacks,
# per-CPU memory and page tables have grown by is counted from a fifth of the starts on, when all
# caches are warm, as the slope through the readings: below NOISE bytes for each start, which is less
# than the smallest object that a start makes (a struct pid has 128 bytes, a mount 320, a cgroup
# several KiB).
#
# On a machine where nobody else works (SHARED=0, in the guest) all cgroups, all files but logs, all
# processes' namespaces and all zombies are compared, and the kernel's own counts of namespaces and
# dying cgroups. On another (the default) what has the run's mark, and the bytes are printed only.
#
# RUNTIME is what is run, for mutants.sh.
set -u
export LC_ALL=C

OUT=${OUT:-out/x86_64}
STARTS=${STARTS:-1000}
WORKERS=${WORKERS:-64}
ROUNDS=${ROUNDS:-2}
SEED=${SEED:-$$}
NOISE=100
cloison=$PWD/$OUT/bin/cloison
runtime=${RUNTIME:-$cloison}
soak=$PWD/$OUT/tools/soak
tag=soak$$
status=0

if [ "$(id -u)" -ne 0 ]; then
	echo "skip - soak: needs root"
	exit 0
fi
T=$(mktemp -d "${TMPDIR:-/tmp}/cloison-soak.XXXXXX") || exit 1
cgroups=
for dir in /sys/fs/cgroup /sys/fs/cgroup/unified; do
	if [ -e "$dir/cgroup.procs" ] && [ -e "$dir/cgroup.controllers" ]; then
		cgroups=$dir
		break
	fi
done
shared=${SHARED:-1}

our_processes() {
	grep -lsz "CLOISON_SOAK=$T" /proc/[0-9]*/environ | sed 's|^/proc/||; s|/environ$||'
}

clean_up() {
	trap - EXIT
	our_processes | while read -r pid; do kill -KILL "$pid" 2>/dev/null; done
	for state in "$T"/run/*; do
		[ ! -d "$state" ] || "$cloison" --root "$T/run" delete --force "${state##*/}" >/dev/null 2>&1
	done
	rm -rf "$T"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# new_bundle NAME WORD [FILTER] - `soak WORD` in a root that has nothing else; FILTER is sed's
new_bundle() {
	mkdir -p "$T/bundles/$1"
	"$cloison" spec --bundle "$T/bundles/$1" || exit 1
	sed -i -e 's|"terminal": *true|"terminal": false|' -e "s|\"rootfs\"|\"$T/rootfs\"|" \
		-e "s|\"sh\"|\"/soak\", \"$2\"|" -e "s|\"TERM=xterm\"|\"CLOISON_SOAK=$T\"|" -e "${3:-}" \
		"$T/bundles/$1/config.json"
}

# all_files - what nobody but a log or systemd's own book-keeping writes to
all_files() {
	find / /dev /run /tmp -xdev \( -path /var/log -o -path /run/log -o -path /run/systemd -o -path /run/udev \
		-o -path /var/lib/systemd -o -path /var/tmp -o -path "$T" \) -prune -o -print
}

zombies() {
	grep -ls '^State:[[:space:]]*Z' /proc/[0-9]*/status
}

# what a sweep compares
snapshot() {
	{
		cat /proc/self/mountinfo
		cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm
		find "$T/run" "$T/rootfs" "$T/bundles" | sort
		our_processes | sed 's/^/process /'
		if [ "$shared" -eq 0 ]; then
			[ -z "$cgroups" ] || find "$cgroups" -type d | sort
			all_files | sort
			zombies
		else
			[ -z "$cgroups" ] || find "$cgroups" -type d -name "$tag*"
			find /run /tmp /dev/shm -xdev -name "$tag*" 2>/dev/null
		fi
	} >"$1"
}

# namespaces - all that some process is in, by number
namespaces() {
	for ns in /proc/[0-9]*/ns/*; do readlink "$ns" 2>/dev/null; done | sort -u
}

# settle - until the kernel has taken apart in the background what it is given
settle() {
	for _ in 1 2 3; do
		unshare -n true 2>/dev/null || unshare --net true
		sleep 0.3
	done
	sync
	[ "$shared" -ne 0 ] || echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*/shrink; do
		[ ! -w "$cache" ] || echo 1 >"$cache"
	done 2>/dev/null
}

slab_kb() {
	settle
	awk '$1 == "SUnreclaim:" || $1 == "KernelStack:" || $1 == "Percpu:" || $1 == "PageTables:" { n += $2 }
		END { print n }' /proc/meminfo
}

# kernel_counts - namespaces and mounts that exist, and cgroups that are removed and still referred to
kernel_counts() {
	awk '$1 ~ /^(net_namespace|pid_namespace|user_namespace|uts_namespace|time_namespace|mnt_cache|nsproxy|task_struct)$/ {
		print $1, $2 }' /proc/slabinfo 2>/dev/null | sort
	[ -z "$cgroups" ] || sed -n 's/^nr_dying_descendants/dying_cgroups/p' "$cgroups/cgroup.stat"
}

report() {
	if [ -z "$2" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1: $2"
		status=1
	fi
}

# books - answer each of soak's "at N" with a line, once the kernel's books are read into $T/books
books() {
	while read -r word rest; do
		case $word in
		at)
			echo "$rest $(slab_kb)" >>"$T/books"
			echo "# $(date -u +%H:%M:%S) after $(tail -n 1 "$T/books") kB"
			echo go >&3
			;;
		'#') echo "$word $rest" ;;
		*) echo "$word $rest" >>"$T/said" ;;
		esac
	done
}

# slope - bytes for each start through the readings, without the first two, by least squares
slope() {
	awk 'NR > 2 { n++; x += $1; y += $2; xx += $1 * $1; xy += $1 * $2 }
		END { printf "%d\n", 1024 * (n * xy - x * y) / (n * xx - x * x) }' "$T/books"
}

cycles() {
	mkfifo "$T/answers"
	exec 3<>"$T/answers"
	CLOISON_SOAK=$T "$soak" cycles "$runtime" "$T/run" "$T/bundles" "$tag" "$STARTS" "$SEED" \
		<"$T/answers" 2>"$T/soak.err" | books
	exec 3>&-
	rm "$T/answers"
}

same_as_before() {
	snapshot "$T/after"
	diff "$T/before" "$T/after" >"$T/left"
}

sweep() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		same_as_before && break
		sleep 0.5
	done
	report "$1: no state, cgroup, mount, process, System V object or file is left" "$(grep '^[<>]' "$T/left" | tr '\n' ' ' | cut -c 1-300)"
	[ "$shared" -ne 0 ] || report "$1: no namespace is left" "$(namespaces | diff "$T/namespaces" - | tr '\n' ' ')"
}

in_parallel() {
	: >"$T/said"
	CLOISON_SOAK=$T timeout 1200 "$soak" parallel "$runtime" "$T/run" "$T/bundles" "$tag" "$WORKERS" "$ROUNDS" "$1" \
		>"$T/said" 2>"$T/soak.err"
	grep -q '^rounds' "$T/said" && why= || why="seed $SEED: $(head -n 3 "$T/said" "$T/soak.err" | tr '\n' ' ')"
	report "$WORKERS at once on $2 ids, $ROUNDS rounds: no wrong state, no hang" "$why"
}

mkdir -p "$T/rootfs/proc" "$T/rootfs/dev" "$T/rootfs/sys" "$T/run"
cp "$soak" "$T/rootfs/soak"
new_bundle once true
new_bundle hold sleep
for number in 0 1 2 3; do
	: >"$T/rootfs/lock-$number"
	new_bundle "hold-$number" "sleep\", \"$number" 's|"readonly": *true|"readonly": false|'
done
# what the first one makes for all
"$runtime" --root "$T/run" run --bundle "$T/bundles/once" "$tag-first" || exit 1
settle
namespaces >"$T/namespaces"
snapshot "$T/before"
kernel_counts >"$T/counts"
: >"$T/said"
cycles
grep -q '^starts' "$T/said" && ! grep -q '^FAILED' "$T/said" && why= ||
	why="seed $SEED: $(tail -n 3 "$T/said" | tr '\n' ' ') $(head -n 3 "$T/soak.err" | tr '\n' ' ')"
report "$STARTS starts and deletes, the runtime killed in a tenth of them" "$why"
sweep "$STARTS starts"
settle
kernel_counts | paste -d ' ' "$T/counts" - >"$T/counted"
echo "# in the kernel's books, before and after: $(awk '{ printf "%s%s %s %s", (NR > 1 ? ", " : ""), $1, $2, $4 }' "$T/counted")"
[ "$shared" -ne 0 ] || report "$STARTS starts: the kernel has no namespace, mount or dying cgroup more" \
	"$(awk '$1 != "task_struct" && $4 > $2' "$T/counted" | tr '\n' ' ')"
if [ -z "$why" ]; then
	bytes=$(slope)
	echo "# $(sed -n 1p "$T/said"); kernel memory: $(cut -d ' ' -f 2 "$T/books" | tr '\n' ' ')kB"
	if [ "$shared" -eq 0 ]; then
		[ "$bytes" -lt "$NOISE" ] && why= || why="$bytes bytes for each start"
		report "the kernel's memory does not grow with the starts ($bytes bytes for each)" "$why"
	else
		echo "# kernel memory: $bytes bytes for each start, on a machine that others use too"
	fi
fi
in_parallel own "their own"
in_parallel shared "the same four"
sweep "$WORKERS at once"
exit $status
