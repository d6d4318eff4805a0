#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mounts.sh: what a container sees of file systems, and that the host sees nothing of the container's.
. tests/host/lib.sh

# bind SOURCE DESTINATION OPTION... - a filter that adds this mount
bind() {
	source=$1 destination=$2
	shift 2
	echo ".mounts += [{\"destination\": \"$destination\", \"source\": \"$source\", \"type\": \"bind\",
		\"options\": [$(printf '"%s",' "$@" | sed 's/,$//')]}]"
}

# options_of PATH - of the last mount on PATH, from the mountinfo on standard input
options_of() {
	awk -v path="$1" '$5 == path { last = $6 } END { print last }'
}

defaults() {
	ct . 'cat /proc/self/mountinfo' >"$T/info"
	for pair in /proc:proc /dev:tmpfs /dev/pts:devpts /dev/shm:tmpfs /dev/mqueue:mqueue /sys:sysfs; do
		has "$(grep -F " ${pair%:*} " "$T/info" | head -n 1)" " - ${pair#*:} "
	done
	[ -z "$cgroups" ] || has "$(cat "$T/info")" ' /sys/fs/cgroup ro,.* - cgroup2 '
	equal "$(options_of /sys <"$T/info")" ro,nosuid,nodev,noexec,relatime
	equal "$(options_of / <"$T/info" | cut -d, -f1)" ro
	lacks "$(cat "$T/info")" 'shared:|master:'
}
check "the default mounts are there, private, with their options" defaults

nothing_of_host() {
	ct . 'cut -d" " -f5 /proc/self/mountinfo | sort' >"$T/points"
	awk '$5 !~ "^/(proc|sys|dev)?(/|$)" { print $5 }' /proc/self/mountinfo | sort -u >"$T/host-points"
	equal "$(comm -12 "$T/host-points" "$T/points")" ""
	equal "$(ct . 'ls -d /boot /usr /home /work 2>/dev/null | wc -l')" 0
}
check "no mount of the host is left in the container" nothing_of_host

tmpfs_options() {
	ct '.mounts += [{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs",
		"options": ["size=1m", "mode=1777", "uid=5", "gid=6", "nr_inodes=20", "noexec", "nosuid", "nodev", "noatime"]}]' \
		'stat -c "%a %u %g" /tmp; cat /proc/self/mountinfo; cp /bin/busybox /tmp/b && chmod 755 /tmp/b
		 /tmp/b true 2>&1; echo "exec $?"; dd if=/dev/zero of=/tmp/x bs=1k count=2000 2>&1; i=0
		 while touch /tmp/f$i; do i=$((i + 1)); [ $i -lt 50 ] || break; done 2>/dev/null; echo "files $i"' >"$T/tmpfs" 2>&1
	equal "$(head -n 1 "$T/tmpfs")" "1777 5 6"
	equal "$(options_of /tmp <"$T/tmpfs")" rw,nosuid,nodev,noexec,noatime
	has "$(cat "$T/tmpfs")" 'exec 126'
	has "$(cat "$T/tmpfs")" 'No space left'
	lacks "$(cat "$T/tmpfs")" 'files 50'
}
check "tmpfs takes its size, mode, owner and flags" tmpfs_options

bad_option() {
	bundle bad '.mounts += [{"destination": "/tmp", "type": "tmpfs", "source": "x", "options": ["size=lots"]}]'
	refuse 125 "cause: .*Bad value for 'size'" c run --bundle "$T/bad" "$tag-bad"
	bundle bad '.mounts += [{"destination": "/tmp", "type": "tmpfs", "source": "x", "options": ["nonsense=1"]}]'
	refuse 125 "cause: .*nonsense" c run --bundle "$T/bad" "$tag-bad"
	bundle bad '.mounts += [{"destination": "/tmp", "type": "nofs", "source": "x"}]'
	refuse 125 'nofs on `/tmp`: ENODEV' c run --bundle "$T/bad" "$tag-bad"
}
check "a bad mount option is refused in the kernel's own words" bad_option

bind_rw() {
	mkdir "$T/vol"
	ct "$(bind "$T/vol" /tmp bind)" 'echo text >/tmp/file'
	equal "$(cat "$T/vol/file")" text
	ct "$(bind "$T/vol/file" /etc/passwd bind)" 'echo more >>/etc/passwd'
	equal "$(cat "$T/vol/file")" "text
more"
}
check "a bind mount of a directory or a file can be written" bind_rw

bind_ro() {
	mkdir "$T/ro"
	echo text >"$T/ro/file"
	equal "$(ct "$(bind "$T/ro" /tmp bind ro)" 'cat /tmp/file; echo x >/tmp/file || echo refused' 2>/dev/null)" "text
refused"
	equal "$(cat "$T/ro/file")" text
	equal "$(ct "$(bind "$T/ro" /tmp bind ro nosuid nodev noexec)" 'cat /proc/self/mountinfo' |
		options_of /tmp)" ro,nosuid,nodev,noexec,relatime
}
check "a read-only bind mount cannot be written" bind_ro

bind_relative() {
	mkdir -p "$T/relative/data"
	echo here >"$T/relative/data/file"
	bundle relative "$(bind data /tmp bind)" 'cat /tmp/file'
	equal "$(c run --bundle "$T/relative" "$tag-relative")" here
}
check "a relative source is in the bundle" bind_relative

# A mount below the source, made in a mount namespace of the test's own: never on the host.
recursion() {
	mkdir -p "$T/tree/sub"
	bundle flat "$(bind "$T/tree" /tmp bind)" 'ls /tmp/sub | wc -l'
	bundle deep "$(bind "$T/tree" /tmp rbind)" 'ls /tmp/sub; echo x 2>/dev/null >/tmp/sub/file && echo written'
	bundle deepro "$(bind "$T/tree" /tmp rbind rro)" 'ls /tmp/sub; echo x 2>/dev/null >/tmp/sub/file || echo refused'
	CLOISON_TEST=$T unshare --mount --propagation private sh -eu -c '
		mount -t tmpfs none "$T/tree/sub"
		: >"$T/tree/sub/file"
		for b in flat deep deepro; do
			"$cloison" --root "$T/.run" run --bundle "$T/$b" "$tag-$b" >"$T/$b/out" 2>&1
		done'
	equal "$(cat "$T/flat/out")" 0
	equal "$(cat "$T/deep/out")" "file
written"
	equal "$(cat "$T/deepro/out")" "file
refused"
}
export T tag cloison
check "rbind takes what is mounted below, bind does not, rro makes all of it read-only" recursion

missing_source() {
	bundle nosrc "$(bind "$T/no/such" /tmp bind)"
	refuse 125 "cannot bind \`$T/no/such\` on \`/tmp\`: ENOENT" c run --bundle "$T/nosrc" "$tag-nosrc"
	[ ! -e "$T/no" ] || fail "was made"
}
check "a bind mount whose source is missing is refused" missing_source

missing_point() {
	cp -a "$T/rootfs" "$T/points.d"
	mkdir "$T/dir"
	echo text >"$T/afile"
	equal "$(ct ".root = {path: \"\(\$T)/points.d\"} | $(bind "$T/dir" /made/here/dir bind) |
		$(bind "$T/afile" /made/too/file bind)" 'stat -c "%F %a" /made /made/here/dir; cat /made/too/file')" "directory 755
directory 755
text"
	equal "$(stat -c '%F %a' "$T/points.d/made/here/dir" "$T/points.d/made/too/file")" "directory 755
regular empty file 644"
	[ ! -e /made ] || fail "made on the host"
	rm -rf "$T/points.d"
}
check "a missing mount point is made, inside the root only" missing_point

masked() {
	start_ct masked '.linux.maskedPaths = ["/proc/kcore", "/proc/timer_list", "/proc/fs", "/etc/passwd", "/tmp", "/proc/no-such"] |
		.linux.readonlyPaths = []'
	equal "$(c exec "$tag-masked" cat /etc/passwd /proc/timer_list | wc -c)" 0
	equal "$(c exec "$tag-masked" ls -A /tmp /proc/fs | grep -vc :)" 1
	rc=0
	c exec "$tag-masked" touch /tmp/x 2>/dev/null || rc=$?
	equal "$rc" 1
	rc=0
	c exec "$tag-masked" umount /tmp 2>/dev/null || rc=$?
	equal "$rc" 1
	c delete --force "$tag-masked"
	equal "$(ct . 'for f in /proc/kcore /proc/keys /proc/timer_list; do [ ! -e $f ] || { head -c 1 $f | wc -c; }; done' | sort -u)" 0
	[ -s "$T/rootfs/etc/passwd" ] || fail "the file itself was emptied"
}
check "masked paths are empty, whether file or directory, and stay so" masked

read_only_paths() {
	cp -a "$T/rootfs" "$T/rw"
	ct '.root = {path: "\($T)/rw"} | .linux.readonlyPaths = ["/proc/sys", "/etc", "/no-such"]' \
		'for f in /proc/sys/kernel/domainname /etc/passwd /etc/new; do
			(echo x >$f) 2>/dev/null && echo "wrote $f"; done
		 echo x >/tmp/new && echo fine' >"$T/ropaths"
	equal "$(cat "$T/ropaths")" fine
	has "$(ct '.root = {path: "\($T)/rw"}' '(echo x >/proc/sys/kernel/domainname) 2>&1')" 'Read-only'
	rm -rf "$T/rw"
}
check "read-only paths cannot be written, what is beside them can" read_only_paths

read_only_root() {
	equal "$(ct . '(echo x >/new) 2>/dev/null || echo refused; echo x >/dev/shm/f && echo fine')" "refused
fine"
	[ ! -e "$T/rootfs/new" ] || fail "written"
	cp -a "$T/rootfs" "$T/rw"
	ct '.root = {path: "\($T)/rw", readonly: false}' 'echo x >/new'
	equal "$(cat "$T/rw/new")" x
	rm -rf "$T/rw"
}
check "a read-only root cannot be written, another can" read_only_root

shared_host() {
	# the host's root may be shared or not: here it is, for a copy of the runtime's namespace
	mkdir "$T/sh" "$T/sh/sub"
	bundle shared "$(bind "$T/sh" /tmp rbind) | del(.linux.seccomp) |
		.process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"]) | .process.noNewPrivileges = false" \
		'mount -t tmpfs none /tmp/sub && mount -t tmpfs none /dev/shm && mount -t tmpfs none /etc && echo mounted'
	CLOISON_TEST=$T unshare --mount --propagation private sh -eu -c '
		mount --bind "$T" "$T"
		mount --make-rshared "$T"
		cp /proc/self/mountinfo "$T/shared/before"
		"$cloison" --root "$T/.run" run --bundle "$T/shared" "$tag-shared" >"$T/shared/out"
		cp /proc/self/mountinfo "$T/shared/after"'
	equal "$(cat "$T/shared/out")" mounted
	diff "$T/shared/before" "$T/shared/after"
}
check "mounts made in the container do not reach a host whose mounts are shared" shared_host

propagation() {
	mkdir "$T/prop"
	equal "$(ct "$(bind "$T/prop" /tmp bind rslave)" 'cat /proc/self/mountinfo' | awk '$5 == "/tmp" { print $7 }')" -
	has "$(ct "$(bind "$T/prop" /tmp bind rshared)" 'cat /proc/self/mountinfo' | awk '$5 == "/tmp" { print $7 }')" '^shared:'
	has "$(ct '.linux.rootfsPropagation = "shared"' 'cat /proc/self/mountinfo' | awk '$5 == "/" { print $7 }')" '^shared:'
}
check "propagation is as the config says" propagation

devices() {
	ct '.linux.devices = [{"path": "/dev/mine", "type": "c", "major": 1, "minor": 5, "fileMode": 384, "uid": 3, "gid": 4},
			{"path": "/dev/sub/pipe", "type": "p", "fileMode": 438}]' \
		'for d in null zero full random urandom tty mine; do stat -c "%n %t:%T %a %u %g" /dev/$d; done
		 stat -c "%F %a" /dev/sub/pipe; for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done' >"$T/devices"
	diff - "$T/devices" <<-'END'
		/dev/null 1:3 666 0 0
		/dev/zero 1:5 666 0 0
		/dev/full 1:7 666 0 0
		/dev/random 1:8 666 0 0
		/dev/urandom 1:9 666 0 0
		/dev/tty 5:0 666 0 0
		/dev/mine 1:5 600 3 4
		fifo 666
		/proc/self/fd
		/proc/self/fd/0
		/proc/self/fd/1
		/proc/self/fd/2
		pts/ptmx
	END
}
check "the default devices and links are there, and those of the config" devices

ptmx_device() {
	equal "$(ct '.linux.devices = [{"path": "/dev/ptmx", "type": "c", "major": 5, "minor": 2}]' \
		'readlink /dev/ptmx')" pts/ptmx
}
check "a device /dev/ptmx is the link to the container's own" ptmx_device

all_devices() {
	equal "$(ct '.linux.resources.devices = [{"allow": false, "access": "rwm"}, {"allow": true, "access": "rwm"}]' \
		'echo started')" started
}
check "all devices can be allowed" all_devices

file_as_root() {
	echo x >"$T/plain"
	bundle noroot ".root.path = \"$T/plain\""
	refuse 125 'root file system .*ENOTDIR' c run --bundle "$T/noroot" "$tag-noroot"
	bundle noroot ".root.path = \"no/such\""
	refuse 125 'root file system .*ENOENT' c run --bundle "$T/noroot" "$tag-noroot"
}
check "a root that is missing or a file is refused" file_as_root

wrong_kind() {
	mkdir "$T/kind"
	bundle kind "$(bind "$T/kind" /etc/passwd bind)"
	refuse 125 'cause: the source is a directory, the destination is not' c run --bundle "$T/kind" "$tag-kind"
	bundle kind "$(bind "$T/plain" /tmp bind)"
	refuse 125 'cause: the destination is a directory, the source is not' c run --bundle "$T/kind" "$tag-kind"
}
check "a directory cannot be bound on a file, nor a file on a directory" wrong_kind

many() {
	mkdir "$T/many.d"
	equal "$(ct '.mounts += [range(200) | {"destination": "/tmp/\(.)", "type": "tmpfs", "source": "none"}] |
		.mounts |= (.[:2] + [{"destination": "/tmp", "type": "tmpfs", "source": "none"}] + .[2:])' 'ls /tmp | wc -l')" 200
}
check "two hundred mounts are made" many

# with_options PATH TYPE OPTION... - a filter that adds this mount
with_options() {
	path=$1 type=$2
	shift 2
	echo ".mounts += [{\"destination\": \"$path\", \"source\": \"none\", \"type\": \"$type\",
		\"options\": [$(printf '"%s",' "$@" | sed 's/,$//')]}]"
}

# Each option on a bind mount whose source has others, and what mountinfo says of it and of the mount
# below it then.
table_in_ns() {
	mkdir -p "$T/table/sub"
	while read -r options want below; do
		name=opt-$options
		bundle "$name" "$(bind "$T/table" /tmp rbind "$options")" 'cat /proc/self/mountinfo'
		echo "$name $want $below"
	done >"$T/table.list" <<-'END'
		ro ro,nosuid,noexec,noatime rw,nosuid,noexec,noatime
		rro ro,nosuid,noexec,noatime ro,nosuid,noexec,noatime
		rw rw,nosuid,noexec,noatime rw,nosuid,noexec,noatime
		suid rw,noexec,noatime rw,nosuid,noexec,noatime
		rsuid rw,noexec,noatime rw,noexec,noatime
		exec rw,nosuid,noatime rw,nosuid,noexec,noatime
		rexec rw,nosuid,noatime rw,nosuid,noatime
		nodev rw,nosuid,nodev,noexec,noatime rw,nosuid,noexec,noatime
		rnodev rw,nosuid,nodev,noexec,noatime rw,nosuid,nodev,noexec,noatime
		relatime rw,nosuid,noexec,relatime rw,nosuid,noexec,noatime
		rrelatime rw,nosuid,noexec,relatime rw,nosuid,noexec,relatime
		strictatime rw,nosuid,noexec rw,nosuid,noexec,noatime
		rstrictatime rw,nosuid,noexec rw,nosuid,noexec
		nodiratime rw,nosuid,noexec,noatime,nodiratime rw,nosuid,noexec,noatime
		rnodiratime rw,nosuid,noexec,noatime,nodiratime rw,nosuid,noexec,noatime,nodiratime
		nosymfollow rw,nosuid,noexec,noatime,nosymfollow rw,nosuid,noexec,noatime
		rnosymfollow rw,nosuid,noexec,noatime,nosymfollow rw,nosuid,noexec,noatime,nosymfollow
		rnosuid rw,nosuid,noexec,noatime rw,nosuid,noexec,noatime
		async rw,nosuid,noexec,noatime rw,nosuid,noexec,noatime
		silent rw,nosuid,noexec,noatime rw,nosuid,noexec,noatime
		defaults rw,nosuid,noexec,noatime rw,nosuid,noexec,noatime
	END
	CLOISON_TEST=$T unshare --mount --propagation private sh -eu -c '
		mount -t tmpfs -o nosuid,noexec,noatime none "$T/table"
		mkdir "$T/table/sub"
		mount -t tmpfs -o nosuid,noexec,noatime none "$T/table/sub"
		while read -r name rest; do
			"$cloison" --root "$T/.run" run --bundle "$T/$name" "$tag-$name" >"$T/$name/out"
		done <"$T/table.list"'
	while read -r name want below; do
		# without a cgroup for the device filter, what is bound is nodev as well
		has "$name $(options_of /tmp <"$T/$name/out")" "^$name (rw|ro),(nosuid,)?"
		equal "$name $(options_of /tmp <"$T/$name/out" | sed "$drop_nodev")" "$name $(echo "$want" | sed "$drop_nodev")"
		equal "$name $(options_of /tmp/sub <"$T/$name/out" | sed "$drop_nodev")" "$name $(echo "$below" | sed "$drop_nodev")"
	done <"$T/table.list"
}
drop_nodev=
[ -n "$cgroups" ] || drop_nodev='s/,nodev//'
check "each option for a mount and each for the whole tree does what it says, and no more" table_in_ns

fs_flags() {
	ct "$(with_options /tmp tmpfs sync dirsync lazytime nosuid)" 'cat /proc/self/mountinfo' >"$T/info"
	has "$(awk '$5 == "/tmp" { print $NF }' "$T/info" | tail -n 1)" 'sync,dirsync,lazytime'
	ct "$(with_options /tmp tmpfs sync async mand nomand loud silent iversion noiversion norelatime)" 'cat /proc/self/mountinfo' >"$T/info"
	lacks "$(awk '$5 == "/tmp" { print $NF }' "$T/info" | tail -n 1)" 'sync'
	bundle syncbind "$(bind "$T" /tmp bind sync)"
	refuse 125 '`sync` cannot be set on a bind mount' c run --bundle "$T/syncbind" "$tag-syncbind"
}
check "options of the file system itself reach it; a bind mount has none" fs_flags

proc_options() {
	lacks "$(ct '.mounts |= map(if .type == "proc" then .options = ["hidepid=2", "subset=pid", "nosuid"] else . end) |
		.linux.maskedPaths = [] | .linux.readonlyPaths = []' 'ls /proc')" 'meminfo|sys$'
	equal "$(ct '.mounts |= map(if .type == "devpts" then .options = ["newinstance", "ptmxmode=0600", "mode=0600", "gid=7"] else . end)' \
		'stat -c %a /dev/pts/ptmx')" 600
}
check "proc takes hidepid and subset, devpts its modes" proc_options

remounted() {
	mkdir "$T/again"
	equal "$(ct "$(bind "$T/again" /tmp bind rw) | $(with_options /tmp none remount ro nosuid)" 'cat /proc/self/mountinfo' |
		options_of /tmp)" ro,nosuid,relatime
	equal "$(ct "$(with_options /tmp tmpfs rw) | $(with_options /tmp tmpfs remount,ro remount ro)" 'true' 2>&1 |
		grep -c 'cannot be changed by a remount')" 1
	bundle norem "$(with_options /tmp none remount ro)"
	refuse 125 'hint: .*earlier entry' c run --bundle "$T/norem" "$tag-norem"
}
check "remount changes what an earlier entry mounted, and nothing else" remounted

nofollow() {
	cp -a "$T/rootfs" "$T/nofollow"
	ln -s target "$T/nofollow/link"
	echo below >"$T/nofollow/target"
	echo bound >"$T/bound"
	ln -s bound "$T/symlink"
	root=".root = {path: \"$T/nofollow\", readonly: false}"
	equal "$(ct "$root | $(bind "$T/bound" /link bind)" 'cat /link /target')" "bound
bound"
	equal "$(ct "$root | $(bind "$T/bound" /link bind dest-nofollow)" 'cat /link /target')" "bound
below"
	equal "$(ct "$root | $(bind "$T/symlink" /mnt bind)" 'cat /mnt')" bound
	equal "$(ct "$root | $(bind "$T/symlink" /link bind src-nofollow dest-nofollow)" 'readlink /link')" bound
	equal "$(ct "$root | $(bind "$T/symlink" /etc/new bind copy-symlink)" 'readlink /etc/new')" bound
	equal "$(ct "$root | $(bind "$T/symlink" /etc/new bind copy-symlink)" 'readlink /etc/new')" bound
	equal "$(ct "$root | $(bind "$T/bound" /etc/file bind copy-symlink)" 'cat /etc/file')" bound
	bundle clash "$root | $(bind "$T/symlink" /target bind copy-symlink)"
	refuse 125 'cannot make the link `/target`: EEXIST' c run --bundle "$T/clash" "$tag-clash"
	rm -rf "$T/nofollow"
}
check "src-nofollow, dest-nofollow and copy-symlink take links for what they are" nofollow

special_sources() {
	mkfifo "$T/pipe"
	perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1); exit' "$T/sock"
	equal "$(ct "$(bind "$T/pipe" /tmp/pipe bind) | $(bind "$T/sock" /tmp/sock bind) | $(bind /dev/null /tmp/null bind) |
		.root.readonly = false | .mounts |= (.[:2] + [{destination: \"/tmp\", type: \"tmpfs\", source: \"none\"}] + .[2:])" \
		'stat -c %F /tmp/pipe /tmp/sock /tmp/null')" "fifo
socket
character special file"
}
check "a fifo, a socket and a device can be bound" special_sources

none_type() {
	mkdir "$T/none"
	: >"$T/none/here"
	equal "$(ct ".mounts += [{destination: \"/tmp\", type: \"none\", source: \"$T/none\", options: [\"bind\"]}]" 'ls /tmp')" here
}
check "type none with bind is a bind mount" none_type

tmpfs_mode() {
	cp -a "$T/rootfs" "$T/modes"
	chmod 750 "$T/modes/tmp"
	root=".root = {path: \"$T/modes\", readonly: false}"
	equal "$(ct "$root | $(with_options /tmp tmpfs nosuid)" 'stat -c %a /tmp')" 750
	equal "$(ct "$root | $(with_options /tmp tmpfs mode=711)" 'stat -c %a /tmp')" 711
	equal "$(ct "$root | $(with_options /new tmpfs nosuid)" 'stat -c %a /new')" 1777
	rm -rf "$T/modes"
}
check "a tmpfs without a mode takes that of the directory it covers" tmpfs_mode

copy_up() {
	cp -a "$T/rootfs" "$T/up"
	mkdir -p "$T/up/data/a/b/c"
	echo text >"$T/up/data/a/b/c/file"
	chmod 4751 "$T/up/data/a/b/c/file"
	chown 12:34 "$T/up/data/a/b"
	chmod 2711 "$T/up/data/a/b"
	ln -s ../../../../../etc/passwd "$T/up/data/a/link"
	mkfifo -m 604 "$T/up/data/pipe"
	head -c 3000000 /dev/urandom >"$T/up/data/big"
	for i in $(seq 500); do : >"$T/up/data/a/$i"; done
	setfattr -n trusted.mine -v yes "$T/up/data/big" || return
	chown 5:6 "$T/up/data"
	chmod 1750 "$T/up/data"
	root=".root = {path: \"$T/up\", readonly: false} | .process.capabilities |= map_values(. + [\"CAP_DAC_OVERRIDE\"])"
	list='cd /data && find . -exec stat -c "%n %F %a %u %g" {} + | sort && sha256sum big a/b/c/file && readlink a/link'
	(cd "$T/up" && chroot . bin/sh -c "$list") >"$T/want"
	ct "$root | $(with_options /data tmpfs tmpcopyup size=8m)" "$list && echo new >/data/new && rm /data/big" >"$T/got"
	diff "$T/want" "$T/got"
	[ ! -e "$T/up/data/new" ] || fail "the image was written to"
	[ -e "$T/up/data/big" ] || fail "the image was written to"
	start_ct xattr "$root | $(with_options /data tmpfs tmpcopyup size=8m ro)"
	equal "$(getfattr --only-values -n trusted.mine "/proc/$(pid_of xattr)/root/data/big")" yes
	rc=0
	c exec "$tag-xattr" touch /data/new 2>/dev/null || rc=$?
	c delete --force "$tag-xattr"
	equal "$rc" 1
	ct "$root | $(with_options /data tmpfs tmpcopyup mode=700 uid=1)" 'stat -c "%a %u %g" /data; ls /data/a | wc -l' >"$T/got"
	equal "$(cat "$T/got")" "700 1 6
502"
	ct "$root | $(with_options /fresh tmpfs tmpcopyup)" 'ls -A /fresh | wc -l' >"$T/got"
	equal "$(cat "$T/got")" 0
	bundle full "$root | $(with_options /data tmpfs tmpcopyup size=1m)"
	refuse 125 'tmpcopyup of `/data`: cannot copy `big`: ENOSPC' c run --bundle "$T/full" "$tag-full"
	bundle full "$root | $(with_options /proc/1 proc tmpcopyup)"
	refuse 125 '`tmpcopyup` is for a tmpfs only' c run --bundle "$T/full" "$tag-full"
	rm -rf "$T/up"
}
check "tmpcopyup: a tmpfs begins with a copy of what it covers, and the image stays as it is" copy_up

# What Docker's volumes with shared and slave propagation rely on, and what it sends along.
events() {
	mkdir "$T/ev"
	for kind in rshared rslave rprivate; do
		bundle "ev-$kind" "$(bind "$T/ev" /tmp rbind "$kind") | .linux.rootfsPropagation = \"$kind\" | del(.linux.seccomp) |
			.process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"]) | .process.noNewPrivileges = false" \
			'mkdir /tmp/in && mount -t tmpfs none /tmp/in; echo ready; i=0
			 while [ $i -lt 250 ] && ! grep -q " /tmp/out " /proc/self/mountinfo; do [ ! -e /tmp/go ] || break; sleep 0.02; i=$((i + 1)); done
			 grep -c " /tmp/out " /proc/self/mountinfo'
	done
	CLOISON_TEST=$T unshare --mount --propagation private sh -eu -c '
		for kind in rshared rslave rprivate; do
			mount -t tmpfs none "$T/ev"
			mount --make-shared "$T/ev"
			"$cloison" --root "$T/.run" run --bundle "$T/ev-$kind" "$tag-ev-$kind" >"$T/ev-$kind/out" &
			while ! grep -q ready "$T/ev-$kind/out"; do sleep 0.02; done
			grep -c "$T/ev/in " /proc/self/mountinfo >"$T/ev-$kind/host" || :
			mkdir "$T/ev/out"
			mount -t tmpfs none "$T/ev/out"
			: >"$T/ev/go"
			wait
			umount -R "$T/ev"
		done'
	equal "$(cat "$T/ev-rshared/host" "$T/ev-rslave/host" "$T/ev-rprivate/host" | tr '\n' ' ')" "1 0 0 "
	equal "$(sed -n 2p "$T/ev-rshared/out") $(sed -n 2p "$T/ev-rslave/out") $(sed -n 2p "$T/ev-rprivate/out")" "1 1 0"
}
check "rshared volumes pass mounts both ways, rslave inwards, rprivate none" events

root_propagation() {
	for kind in private slave shared unbindable rshared; do
		ct ".linux.rootfsPropagation = \"$kind\"" 'cat /proc/self/mountinfo' >"$T/info"
		root=$(awk '$5 == "/" { print $7 }' "$T/info")
		dev=$(awk '$5 == "/dev" { print $7 }' "$T/info")
		case $kind in
		shared) equal "${root%:*} $dev" "shared -" ;;
		rshared) equal "${root%:*} ${dev%:*}" "shared shared" ;;
		unbindable) equal "$root $dev" "unbindable -" ;;
		*) equal "$root $dev" "- -" ;;
		esac
	done
}
check "rootfsPropagation is the root's; with r it is that of all mounts" root_propagation

finish
