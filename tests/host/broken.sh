#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# broken.sh: bundles that are broken, each in one way, and what is said of it.
#
# The message must name the object and the true cause. docs/reference/errors.md is made of what is
# printed; `WRITE=1 tests/host/broken.sh` writes it anew, the test compares. It is x86_64's: loaders and
# machines have other names elsewhere.
. tests/host/lib.sh

doc=docs/reference/errors.md
made=$T/errors.md

cat >"$made" <<'END'
# What Cloison says of broken bundles

Made by `tests/host/broken.sh`, which compares it with what is printed: `WRITE=1 tests/host/broken.sh`
writes it anew. Each bundle is broken in one way; it is in `/srv/web`, the container is called `web`.

The first line names the step, the object and the kernel's error. `cause:` is there when a check has
established it, `hint:` when there is something to do. Exit codes: 126 and 127 for a program that cannot be
invoked or found, 125 for everything else.
END

# broken TITLE CODE PATTERN FILTER [SCRIPT]
broken() {
	title=$1
	code=$2
	pattern=$3
	shift 3
	rm -rf "$T/web"
	bundle web "$@"
	broken_as_it_is "$title" "$code" "$pattern"
}

# broken_as_it_is TITLE CODE PATTERN - what is in $T/web already
broken_as_it_is() {
	refuse "$2" "$3" c run --bundle "$T/web" "$tag-web"
	{
		printf '\n## %s\n\n```\n' "$1"
		sed -e "s|$tag-||g" -e "s|$T/|/srv/|g" "$T/refused.err"
		printf '```\n\nExit code %s.\n' "$2"
	} >>"$made"
}

args() {
	printf '.process.args = ["%s"]' "$1"
}

# file NAME TEXT - an executable file in the root, /NAME
file() {
	printf '%b' "$2" >"$T/rootfs/$1"
	chmod 755 "$T/rootfs/$1"
}

configuration() {
	rm -rf "$T/web"
	broken_as_it_is "There is no bundle" 125 "cannot find bundle .$T/web.: ENOENT"
	mkdir "$T/web"
	broken_as_it_is "The bundle has no config.json" 125 'config.json.*ENOENT'
	head -c 400 "$T/base.json" >"$T/web/config.json"
	broken_as_it_is "config.json ends in the middle" 125 'config.json: line [0-9]+ column [0-9]+'
	broken "A number is a string" 125 'process.rlimits\[0\].hard: must be a whole number.*is a string' \
		'.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: "2"}]'
	broken "A limit does not exist" 125 'process.rlimits\[0\].type: no such limit: .RLIMIT_EVERYTHING.' \
		'.process.rlimits = [{type: "RLIMIT_EVERYTHING", soft: 1, hard: 2}]'
	broken "A namespace does not exist" 125 'no such namespace: .time-travel.|`time-travel`' \
		'.linux.namespaces += [{type: "time-travel"}]'
	broken "A seccomp action does not exist" 125 'linux.seccomp.defaultAction: no such action: .SCMP_ACT_DENY.' \
		'.linux.seccomp.defaultAction = "SCMP_ACT_DENY" | del(.linux.seccomp.defaultErrnoRet)'
	broken "A sysctl of the host's" 125 'kernel.panic' '.linux.sysctl = {"kernel.panic": "1"}'
	broken "A host name without a namespace for it" 125 'hostname: needs a uts namespace of its own' \
		'.hostname = "web" | .linux.namespaces |= map(select(.type != "uts"))'
}
check "a broken config.json is told by file and place" configuration

surroundings() {
	broken "The root file system does not exist" 125 "$T/no-such-root.*ENOENT" \
		'.root.path = "\($T)/no-such-root"'
	broken "The source of a bind mount does not exist" 125 "$T/no-such-source.*ENOENT" \
		'.mounts += [{destination: "/mnt", type: "bind", source: "\($T)/no-such-source", options: ["bind"]}]'
	: >"$T/a-file"
	broken "A file is to be mounted on a directory" 125 'cause: the destination is a directory' \
		'.mounts += [{destination: "/tmp", type: "bind", source: "\($T)/a-file", options: ["bind"]}]'
	broken "A file system type does not exist" 125 'nosuchfs.*ENODEV' \
		'.mounts += [{destination: "/mnt", type: "nosuchfs", source: "x"}]'
	broken "A mount option does not exist" 125 "cause: .*sized" \
		'.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["sized=1m"]}]'
	broken "A namespace to join does not exist" 125 '/proc/1/ns/nothing.*ENOENT' \
		'.linux.namespaces |= map(if .type == "network" then .path = "/proc/1/ns/nothing" else . end)'
	broken "The working directory is a file" 125 'the working directory ./etc/passwd.*ENOTDIR' \
		'.process.cwd = "/etc/passwd"'
	broken "Nobody answers at the seccomp listener" 125 "cannot reach the seccomp listener .$T/agent.: ENOENT" \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "\($T)/agent", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]}'
}
check "what is missing around the bundle is named" surroundings

programs() {
	broken "The program is not in PATH" 127 'cause: PATH in the container is' "$(args nginx)"
	broken "The program's directory does not exist" 127 'cause: there is no directory ./opt.' "$(args /opt/web/server)"
	ln -sf /usr/bin/gone "$T/rootfs/dangling"
	broken "The program is a link to nowhere" 127 'cause: it is a symbolic link to ./usr/bin/gone.' "$(args /dangling)"
	ln -sf circle "$T/rootfs/circle"
	broken "The program's links go in a circle" 126 'ELOOP' "$(args /circle)"
	broken "The program is a directory" 126 'cause: it is a directory' "$(args /etc)"
	broken "The program is not executable" 126 'cause: it is not executable: its mode is 0644' "$(args /etc/passwd)"
	file theirs '#!/bin/sh\n'
	chmod 700 "$T/rootfs/theirs"
	broken "The program is executable for others" 126 'cause: its mode is 0700 and its owner 0:0; the user is 1000:1000' \
		"$(args /theirs) | .process.user = {uid: 1000, gid: 1000}"
	mkdir -p "$T/rootfs/locked"
	cp "$busybox" "$T/rootfs/locked/server"
	chmod 700 "$T/rootfs/locked"
	broken "A directory on the way is closed" 126 'cause: user 1000 may not search the directory ./locked.' \
		"$(args /locked/server) | .process.user = {uid: 1000, gid: 1000}"
	mkdir -p "$T/data"
	cp "$busybox" "$T/data/server"
	broken "The program is on a noexec mount" 126 'cause: the file system it is on is mounted noexec' \
		"$(args /tmp/server) | .mounts += [{destination: \"/tmp\", type: \"bind\", source: \"$T/data\", options: [\"bind\", \"noexec\"]}]"
	broken "An argument is too long" 126 'cause: process.args\[1\] has 150001 bytes' \
		'.process.args = ["/bin/true", ("x" * 150000)]'
}
check "a program that cannot be reached, and why" programs

files() {
	file empty ''
	broken "The program is an empty file" 126 'cause: the file is empty' "$(args /empty)"
	file plain 'echo hello\n'
	broken "A script has no first line" 126 'cause: it is neither an ELF file' "$(args /plain)"
	file crlf '#!/bin/sh\r\necho hello\r\n'
	broken "A script has DOS line ends" 127 'cause: .*CR LF' "$(args /crlf)"
	file bom '\0357\0273\0277#!/bin/sh\n'
	broken "A script begins with a byte order mark" 126 'cause: .*byte order mark' "$(args /bom)"
	file script '#!/usr/bin/python3\n'
	broken "A script's interpreter is missing" 127 'cause: its interpreter ./usr/bin/python3. does not exist' "$(args /script)"
	file outer '#!/script\n'
	broken "The interpreter's interpreter is missing" 127 'cause: its interpreter ./script.: its interpreter ./usr/bin/python3. does not exist' \
		"$(args /outer)"
	cp "$busybox" "$T/rootfs/foreign"
	printf '\267\000' | dd of="$T/rootfs/foreign" bs=1 seek=18 conv=notrunc 2>/dev/null
	broken "The program is for another machine" 126 'cause: it is built for aarch64, this machine is x86_64' "$(args /foreign)"
	cp /bin/true "$T/rootfs/dynamic"
	broken "The program's loader is missing" 127 'cause: its loader ./lib64/ld-linux-x86-64.so.2. does not exist' "$(args /dynamic)"
	file lib/ld-musl-x86_64.so.1 ''
	broken "The program is for the other libc" 127 'cause: .*built for glibc, the container has musl' "$(args /dynamic)"
	rm "$T/rootfs/lib/ld-musl-x86_64.so.1"
	file object "$(printf '%s' '')"
	cp "$busybox" "$T/rootfs/object"
	printf '\001\000' | dd of="$T/rootfs/object" bs=1 seek=16 conv=notrunc 2>/dev/null
	broken "The program is an object file" 126 'cause: it is an ELF file, but no program' "$(args /object)"
}
mkdir -p "$T/rootfs/lib"
if [ "$(uname -m)" = x86_64 ]; then
	check "a file that is no program, and why" files
else
	skip "a file that is no program, and why" "the document is x86_64's"
fi

document() {
	if [ -n "${WRITE:-}" ]; then
		mkdir -p "${doc%/*}"
		cp "$made" "$doc"
	fi
	[ "$(grep -c '^## ' "$made")" -ge 20 ]
	diff "$doc" "$made"
}
if [ "$(uname -m)" = x86_64 ]; then
	check "$doc says what is printed" document
fi

finish
