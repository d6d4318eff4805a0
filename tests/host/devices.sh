#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# devices.sh: device programs that stay in the kernel from one container to the next.
#
# Runs in a mount namespace of its own, with a bpf file system of its own on /sys/fs/bpf.
# shellcheck source-path=SCRIPTDIR/../..
if [ "$(id -u)" -eq 0 ]; then
	[ "${1:-}" = inside ] || exec unshare -m --propagation private sh "$0" inside
	mount -t bpf -o mode=0700 bpf /sys/fs/bpf && mounted=yes
fi
. tests/host/lib.sh

[ -n "$cgroups" ] || skip_all "needs a cgroup v2 tree"
[ -n "${mounted:-}" ] || skip_all "needs a kernel with the bpf file system"
command -v strace >/dev/null || skip_all "needs strace"

kept=/sys/fs/bpf/cloison
none='.linux.resources.devices = [{allow: false, access: "rwm"}]'
kmsg='.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "rw"}]'
may_make='.process.capabilities |= map_values(. + ["CAP_MKNOD"])'
opens='mknod /dev/kmsg c 1 11 && dd if=/dev/zero of=/dev/kmsg count=0 && echo opened'

# opens_kmsg RULES - prints what comes of it; the runtime's bpf calls are in $T/calls
opens_kmsg() {
	name=$(new_name)
	bundle "$name" "$1 | $may_make" "$opens"
	CLOISON_TEST=$T strace -f -qq -e trace=bpf -o "$T/calls" timeout 30 "$cloison" --root "$T/.run" \
		run --bundle "$T/$name" "$tag-$name" 2>&1 || :
}

denied() {
	has "$(opens_kmsg "$none")" 'Operation not permitted'
}

used_again() {
	denied
	has "$(cat "$T/calls")" BPF_PROG_LOAD
	equal "$(find "$kept" -type f | wc -l)" 1
	equal "$(stat -c '%u %a' "$kept")" '0 700'
	denied
	lacks "$(cat "$T/calls")" BPF_PROG_LOAD
	has "$(cat "$T/calls")" 'BPF_OBJ_GET.*= [0-9]'
	equal "$(find "$kept" -type f | wc -l)" 1
}

other_rules() {
	has "$(opens_kmsg "$kmsg")" '^opened$'
	has "$(cat "$T/calls")" BPF_PROG_LOAD
	denied
	lacks "$(cat "$T/calls")" BPF_PROG_LOAD
	has "$(opens_kmsg "$kmsg")" '^opened$'
	lacks "$(cat "$T/calls")" BPF_PROG_LOAD
}

not_ours() {
	chmod 770 "$kept"
	denied
	has "$(cat "$T/calls")" BPF_PROG_LOAD
	chmod 700 "$kept"
	chown 1000 "$kept"
	denied
	has "$(cat "$T/calls")" BPF_PROG_LOAD
	chown 0 "$kept"
	mkdir "$T/elsewhere"
	mv "$kept" "${kept}-away"
	ln -s "$T/elsewhere" "$kept"
	denied
	has "$(cat "$T/calls")" BPF_PROG_LOAD
	equal "$(find "$T/elsewhere" -type f | wc -l)" 0
	rm "$kept"
	mv "${kept}-away" "$kept"
	denied
	lacks "$(cat "$T/calls")" BPF_PROG_LOAD
}

# What a container could do that has the directory bound and no rights over programs.
renamed() {
	rm -f "$kept"/*
	denied
	strict=$(find "$kept" -type f)
	has "$(opens_kmsg "$kmsg")" '^opened$'
	generous=$(find "$kept" -type f ! -path "$strict")
	mv "$generous" "$strict"
	denied
	has "$(cat "$T/calls")" BPF_PROG_LOAD
	denied
	lacks "$(cat "$T/calls")" BPF_PROG_LOAD
}

bounded() {
	most=0
	for minor in $(seq 70); do
		ct ".linux.resources.devices = [{allow: true, type: \"c\", major: 200, minor: $minor, access: \"rwm\"}]" true
		n=$(find "$kept" -type f | wc -l)
		[ "$n" -le "$most" ] || most=$n
	done
	equal "$most" 64
	[ "$n" -lt 64 ] || fail "$n are kept at the end"
}

check a_program_that_was_loaded_is_attached_again used_again
check other_rules_have_another_program other_rules
check a_directory_that_others_may_change_is_not_believed not_ours
check a_program_under_another_ones_name_is_not_attached renamed
check not_more_than_64_programs_are_kept bounded
finish
