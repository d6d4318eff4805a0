#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mutants.sh: does each attack test see that its defence is gone? A copy of the sources is changed by
# one mistake, the runtime built, and the test that is about it run; it has to fail.
#
# usage: mutants.sh [FUNCTION...]       the mutants of these tests of attack.sh, or all
#
# The mistakes make things on what they take for the host, so the tests run in tests/debian/chroot.
# TRIES is how often a race is run (100).
#
# What no mutant here shows, and why:
#   huge_inputs      there is no length of 16 bits in the runtime whose overflow could be put back
#   label_redirect   needs AppArmor, which tests/debian/chroot has not: run attack.sh in tests/debian/guest
#   proc_link, in part: procfs is masked through its own descriptor, so that a link in the image's /proc
#                    is not even looked at; the mutant has to look at it again, and wrongly
#   ambient capabilities alone: the kernel lowers them with the inheritable ones, which are set before
set -u
cd "$(dirname "$0")/../.." || exit 1
ARCH=${ARCH:-x86_64}
OUT=${OUT:-out/$ARCH}
export ARCH OUT

if [ "$(id -u)" -ne 0 ]; then
	echo "skip - attack mutants: needs root"
	exit 0
fi
here=$PWD
copy=$(mktemp -d "${TMPDIR:-/tmp}/cloison-mutants.XXXXXX")
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM HUP
cp -a "$here/." "$copy/"
cd "$copy" || exit 1
wanted=" $* "
seen=0
status=0

# mutant FUNCTION WHAT FILE SED [FILE SED]...
mutant() {
	case $wanted in
	"  " | *" $1 "*) ;;
	*) return ;;
	esac
	function=$1
	what=$2
	shift 2
	files=
	while [ $# -gt 0 ]; do
		# without -p: make goes by the time
		sed -i -E -e "$2" "$1"
		if cmp -s "$1" "$here/$1"; then
			echo "not ok - $function sees $what: the mistake does not fit $1 any more"
			status=1
			return
		fi
		files="$files $1"
		shift 2
	done
	if make -s "$OUT/bin/cloison" >"$copy/build.log" 2>&1; then
		tests/debian/chroot env ONLY="$function" TRIES="${TRIES:-100}" \
			tests/attack/attack.sh >"$copy/said" 2>&1
		if grep -q '^not ok' "$copy/said"; then
			echo "ok - $function sees $what: $(sed -n 's/^# BROKEN: //p; s/^not ok - .*: //p' "$copy/said" | head -n 1 | cut -c 1-120)"
			seen=$((seen + 1))
		else
			echo "not ok - $function does not see $what: $(tail -n 1 "$copy/said")"
			status=1
		fi
	else
		echo "not ok - $function sees $what: it does not build: $(tail -n 3 "$copy/build.log" | tr '\n' ' ')"
		status=1
	fi
	for file in $files; do cp "$here/$file" "$file"; done
}

child=runtime/sandbox/child.c
console=runtime/sandbox/console.c
devices=runtime/sandbox/devices.c
inroot=lib/inroot.c
masks=runtime/sandbox/masks.c
mounts=runtime/sandbox/mounts.c
place=runtime/sandbox/place.c
process=runtime/sandbox/process.c
spawn=runtime/sandbox/spawn.c

# relative to the root's descriptor, and no more than that
unbounded='s/RESOLVE_IN_ROOT \| RESOLVE_NO_MAGICLINKS/0/
s/sys_openat2\(root.fd, path, /sys_openat2(root.fd, path[strspn(path, "\/")] ? path + strspn(path, "\/") : ".", /'

for race in link_destination volume_race mkdir_race mount_point_race nofollow_tricks; do
	mutant $race "paths that are not resolved in the root" $inroot "$unbounded"
done
followed='s/"\/dev", O_PATH \| O_NOFOLLOW \| O_DIRECTORY/"\/dev", O_PATH | O_DIRECTORY/'
mutant dev_link "a /dev that is followed" $devices "$followed"
mutant dev_race "a /dev that is followed, and not in the root" $devices "$followed" $inroot "$unbounded"
not_asked='s/if \(!S_ISCHR\(st.st_mode\) .*/if (0)/'
mutant null_replaced "a /dev/null that is not looked at" $masks "$not_asked"
mutant null_replaced "an image's devices that are not looked at" $devices 's/\(st.st_mode & S_IFMT\) == d->type &&/(d->type != 0 ||/;s/\(d->type == S_IFIFO \|\| st.st_rdev == makedev\(d->major, d->minor\)\)/d->type == S_IFIFO || st.st_rdev == makedev(d->major, d->minor))/'
mutant null_race "a /dev/null that is not looked at, and followed" $masks "$not_asked;s/\"\\/dev\\/null\", O_PATH \\| O_NOFOLLOW/\"\\/dev\\/null\", O_PATH/"
mutant proc_link "a masked path behind a link that is taken for missing" $masks \
	's/^	struct inroot from = m->root;$/	struct open_how no_links = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_IN_ROOT};\n	int found = sys_openat2(m->root.fd, path, \&no_links, sizeof(no_links));\n&/
	s/^	return inroot_open\(from, \*rest.*/	(void)from, (void)rest;\n	if (found < 0 \&\& errno == ELOOP)\n		errno = ENOENT;\n	return found;/'
mutant proc_race "masked paths that are looked up in the root again" $masks 's/if \(m->sb->mounts\[i\] >= 0 && inner\)/if (0 \&\& inner)/'
mutant in_proc "a mount anywhere in procfs" $place 's/if \(fs.f_type != PROC_SUPER_MAGIC\)/if (1)/'
for test in false_proc sysctl_redirect; do
	mutant $test "a sysctl written through /proc" $masks \
	's/^		fd = sys_openat2\(proc, path, &how, sizeof\(how\)\);/		(void)proc, (void)how;\n		snprintf(path, sizeof(path), "\/proc\/sys\/%s", s->path);\n		fd = open(path, O_WRONLY | O_CLOEXEC);/'
done
keeps_fds='s/^	unsigned int last = 2 \+ sb->preserve_fds;/&\n\n	if (n)\n		return 0;/'
mutant cwd_descriptor "descriptors that stay open, and a working directory that is not looked at" \
	$process "$keeps_fds;s/if \\(cwd\\[0\\] != '\\/'\\)/if (0)/"
mutant no_descriptors "descriptors that stay open" $process "$keeps_fds"
mutant descriptor_program "descriptors that stay open until execve" $process "$keeps_fds"
mutant own_program "a program that is not on a read-only mount" runtime/cli/self.c 's/^	if \(ro\) \{/	if (1) {/'
mutant exec_race "a process that can be looked into" $spawn 's/prctl\(PR_SET_DUMPABLE, 0, 0, 0, 0\) < 0/0/'
mutant waiting_process "a process that can be looked into" $child \
	's/^	if \(await_start\(sb, err\) < 0 /	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 || await_start(sb, err) < 0 /'
mutant inheritable "inheritable capabilities" $process 's/\(__u32\)\(caps->inheritable/(__u32)(caps->permitted/'
mutant groups "the caller's groups" $process 's/if \(sys_setgroups\(p->n_groups, p->groups\) == 0\)/if (1)/'
mutant push_input "the caller's session" $child 's/if \(setsid\(\) < 0\)/if (0)/'
mutant push_exec "the caller's session" $child 's/if \(setsid\(\) < 0\)/if (0)/'
mutant exec_user "a user of which a part is understood" runtime/container/exec.c \
	's/^		if \(!isdigit\(\(unsigned char\)text\[i\]\)\)/		if (!isdigit((unsigned char)text[i]) \&\& i)\n			break;\n&/'
mutant cgroup_path "a path with .." runtime/oci/linux.c "s/if \\(length == 2 && p\\[0\\] == '\\.' && p\\[1\\] == '\\.'\\)/if (0)/" runtime/sandbox/cgroup.c 's/\(len == 2 && !memcmp\(p, "\.\.", 2\)\)/(0)/' \
	runtime/sandbox/cgroupfs.c 's/\.resolve = RESOLVE_BENEATH \| RESOLVE_NO_SYMLINKS \| RESOLVE_NO_MAGICLINKS/.resolve = 0/'
for test in cgroup_mount user_cgroup; do
	mutant $test "the host's cgroups in the container" $mounts \
		's/sys_open_tree\(sb->cgroup, "", OPEN_TREE_CLONE \| OPEN_TREE_CLOEXEC \| AT_EMPTY_PATH\)/sys_open_tree(AT_FDCWD, "\/sys\/fs\/cgroup", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)/'
done
mutant cgroup_mount "cgroups that can be written" $mounts 's/m->copy_up \? MOUNT_ATTR_RDONLY : 0ULL/sb_writable ? MOUNT_ATTR_RDONLY : 0ULL/;s/^static int make_fs/static const int sb_writable = 1;\n\n&/'
mutant pts_race "a /dev/console that is followed" $console 's/O_CREAT \| O_RDONLY \| O_NOFOLLOW/O_CREAT | O_RDONLY/'
mutant exec_pts_race "a terminal that is opened by its name" $console \
	's/^	peer = ioctl\(master, TIOCGPTPEER.*/	char name[32];\n	unsigned int number = 0;\n\n	if (ioctl(master, (int)TIOCGPTN, \&number) < 0)\n		return -1;\n	snprintf(name, sizeof(name), "\/dev\/pts\/%u", number);\n	peer = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);/'
mutant console_race "a /dev/console that is followed" $console 's/O_CREAT \| O_RDONLY \| O_NOFOLLOW/O_CREAT | O_RDONLY/'
mutant root_escape "the host's root behind the container's" runtime/sandbox/rootfs.c 's/if \(sys_umount2\("\.", MNT_DETACH\) < 0\)/if (0)/'
mutant id_escape "a state directory that is followed" runtime/container/state.c 's/O_RDONLY \| O_DIRECTORY \| O_CLOEXEC \| O_NOFOLLOW/O_RDONLY | O_DIRECTORY | O_CLOEXEC/'
mutant wide_filter "high halves that are not compared for equality" runtime/seccomp/tree.c \
	'/^	no = emit_jump\(b, BPF_JEQ, high, low, no\);/d;s/emit_jump\(b, BPF_JGT, high, yes, no\)/emit_jump(b, BPF_JGT, high, yes, low)/'
mutant no_other_path "a mount that fails and is passed over" $place 's/^		return attach_error\(errno, m, S_ISDIR\(st.st_mode\), dest, err\);/		return sb ? 0 : attach_error(errno, m, S_ISDIR(st.st_mode), dest, err);/'
for test in copy_up_tricks copy_up_race; do
	mutant $test "links that are followed while copying" runtime/sandbox/copyup.c \
		's/flags \| O_CLOEXEC \| O_NOFOLLOW/flags | O_CLOEXEC/;s/\.resolve = RESOLVE_BENEATH \| RESOLVE_NO_SYMLINKS \| RESOLVE_NO_MAGICLINKS \|/.resolve = /
			s/^			   RESOLVE_NO_XDEV,/			   0,/'
done
case $wanted in
"  " | *" setuid_files "*)
	chmod u+s "$OUT/bin/cloison"
	ONLY=setuid_files tests/attack/attack.sh 2>&1 | grep -q '^not ok' && echo "ok - setuid_files sees a setuid program" && seen=$((seen + 1))
	;;
esac
echo "# $seen mutants seen"
exit $status
