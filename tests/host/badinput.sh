#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# badinput.sh: whatever is wrong with what a user gives, the answer is one clear error, the right
# exit code (125 for the runtime, 126 and 127 for the program), and nothing is left.
. tests/host/lib.sh
LIMIT=60

# each CODE PATTERN NAME - both ways to make a container have to refuse the bundle like that
each() {
	refuse "$1" "$2" c run --bundle "$T/$3" "$tag-$3"
	refuse "$1" "$2" c run --detach --bundle "$T/$3" "$tag-$3"
	refuse "$1" "$2" c create --bundle "$T/$3" "$tag-$3"
}

no_bundle() {
	each 125 'cannot find bundle `.*/no-such`: ENOENT' no-such
	each 125 'cannot find bundle `.*x*`: E(NAMETOOLONG|NOENT)' "$(printf '%0300d' 0)"
	rc=0
	mkdir "$T/empty-directory"
	cd "$T/empty-directory"
	refuse 125 'config.json' c run "$tag-here"
}
check "a bundle that is missing" no_bundle

bundle_file() {
	: >"$T/a-file"
	each 125 '`.*/a-file`: ENOTDIR' a-file
	mkfifo "$T/a-fifo"
	each 125 '`.*/a-fifo`: ENOTDIR' a-fifo
}
check "a bundle that is a file" bundle_file

no_config() {
	mkdir "$T/no-config"
	each 125 'config.json.*ENOENT' no-config
}
check "config.json that is missing" no_config

kinds() {
	mkdir "$T/dirconf" "$T/dirconf/config.json" "$T/fifoconf" "$T/linkconf" "$T/devconf" "$T/sockconf"
	each 125 'config.json' dirconf
	mkfifo "$T/fifoconf/config.json"
	each 125 'config.json' fifoconf
	ln -s config.json "$T/linkconf/config.json"
	each 125 'config.json.*ELOOP' linkconf
	ln -s /dev/zero "$T/devconf/config.json"
	each 125 'config.json' devconf
	ln -s /proc/kmsg "$T/sockconf/config.json"
	each 125 'config.json' sockconf
}
check "config.json that is a directory, a fifo, a loop or a device" kinds

# text NAME - what comes on standard input becomes its config.json
text() {
	mkdir -p "$T/$1"
	cat >"$T/$1/config.json"
}

empty() {
	text empty </dev/null
	each 125 'config.json' empty
	printf ' \n\t' | text blank
	each 125 'config.json' blank
	printf '\0' | text zero
	each 125 'config.json' zero
}
check "config.json that is empty" empty

truncated() {
	size=$(wc -c <"$T/base.json")
	for at in 1 2 10 100 $((size / 4)) $((size / 2)) $((size - 30)) $((size - 3)); do
		head -c "$at" "$T/base.json" | text "cut$at"
		refuse 125 'config.json' c run --bundle "$T/cut$at" "$tag-cut"
	done
}
check "config.json that is cut off" truncated

long() {
	{
		printf '{"ociVersion": "'
		head -c 10485760 /dev/zero | tr '\0' x
		printf '"}'
	} | text long
	each 125 'config.json' long
	jq -c '.annotations = {"x": ("y" * 10485760)}' "$T/base.json" | text long2
	each 125 'config.json' long2
	head -c 10485760 /dev/zero | tr '\0' ' ' | text spaces
	each 125 'config.json' spaces
	head -c 10485760 /dev/zero | text zeros
	each 125 'config.json' zeros
}
check "config.json that is 10 MiB long" long

deep() {
	{
		head -c 10000 /dev/zero | tr '\0' '['
		head -c 10000 /dev/zero | tr '\0' ']'
	} | text arrays
	each 125 'config.json' arrays
	awk 'BEGIN { for (i = 0; i < 10000; i++) printf "{\"a\":"; printf "1"; for (i = 0; i < 10000; i++) printf "}" }' | text objects
	each 125 'config.json' objects
	awk 'BEGIN { printf "{\"ociVersion\": \"1.2.0\", \"annotations\":"; for (i = 0; i < 10000; i++) printf "["; }' | text open
	each 125 'config.json' open
}
check "config.json that is nested 10,000 deep" deep

not_json() {
	for bad in '[]' '"text"' 1 null true '{"a" 1}' '{,}' "{'a': 1}" '{"a":1}{' 'x' '{"a":1} x'; do
		echo "$bad" | text notjson
		refuse 125 'config.json' c run --bundle "$T/notjson" "$tag-notjson"
	done
	head -c 5000 /dev/urandom | text random
	each 125 'config.json' random
	head -c 5000 "$busybox" | text elf
	each 125 'config.json' elf
}
check "config.json that is something else" not_json

# wrong NAME-OF-THE-MEMBER FILTER - it is refused, and the error says where
wrong() {
	bundle wrong "$2"
	refuse 125 "$1" c run --bundle "$T/wrong" "$tag-wrong"
}

types() {
	wrong ociVersion '.ociVersion = 1'
	wrong ociVersion 'del(.ociVersion)'
	wrong ociVersion '.ociVersion = "2.0.0"'
	wrong process '.process = []'
	wrong process 'del(.process)'
	wrong process.args '.process.args = "sh"'
	wrong process.args '.process.args = []'
	wrong process.args 'del(.process.args)'
	wrong process.args '.process.args = [""]'
	wrong 'process.args\[1\]' '.process.args = ["sh", 7]'
	wrong process.env '.process.env = {"A": "b"}'
	wrong 'process.env\[0\]' '.process.env = [null]'
	wrong process.cwd '.process.cwd = 5'
	wrong process.cwd 'del(.process.cwd)'
	wrong process.terminal '.process.terminal = "yes"'
	wrong process.user.uid '.process.user.uid = "root"'
	wrong process.user.uid '.process.user.uid = -1'
	wrong process.user.uid '.process.user.uid = 4294967296'
	wrong process.user.uid '.process.user.uid = 1.5'
	wrong process.user.additionalGids '.process.user.additionalGids = 5'
	wrong process.rlimits '.process.rlimits = {}'
	wrong process.capabilities '.process.capabilities = ["CAP_KILL"]'
	wrong process.noNewPrivileges '.process.noNewPrivileges = 1'
	wrong root '.root = "rootfs"'
	wrong root 'del(.root)'
	wrong root.path '.root.path = 1'
	wrong root.path '.root.path = ""'
	wrong hostname '.hostname = 1'
	wrong hostname '.hostname = ("x" * 65)'
	wrong mounts '.mounts = {}'
	wrong 'mounts\[0\]' '.mounts = [1]'
	wrong 'mounts\[0\].destination' '.mounts = [{}]'
	wrong 'mounts\[0\].destination' '.mounts = [{"destination": "/", "type": "tmpfs"}]'
	wrong 'mounts\[0\].options' '.mounts[0].options = "ro"'
	wrong linux '.linux = 1'
	wrong linux.namespaces '.linux.namespaces = {}'
	wrong namespaces '.linux.namespaces = [{"type": "nonsense"}]'
	wrong namespaces '.linux.namespaces += [{"type": "pid"}]'
	wrong linux.maskedPaths '.linux.maskedPaths = "/proc"'
	wrong seccomp '.linux.seccomp = []'
	wrong seccomp.syscalls '.linux.seccomp.syscalls = {}'
	wrong resources '.linux.resources = []'
	wrong memory '.linux.resources.memory.limit = "lots"'
	wrong annotations '.annotations = []'
	wrong annotations '.annotations = {"a": 1}'
	wrong 'hooks.prestart\[0\].path' '.hooks = {"prestart": [{"path": "true"}]}'
}
check "config.json with members of wrong types, each named" types

arguments() {
	refuse 125 'unknown command `nonsense`' "$cloison" nonsense
	refuse 125 'no command' "$cloison"
	refuse 125 'unknown option `--nonsense`' "$cloison" --nonsense
	refuse 125 'unknown option `-z`' "$cloison" -z run
	refuse 125 'unknown option `--nonsense`' c run --nonsense x
	refuse 125 'unknown option `--nonsense=1`' c run --nonsense=1 x
	refuse 125 'too few arguments' c run
	refuse 125 'too few arguments' c start
	refuse 125 'too many arguments' c run a b
	refuse 125 'needs a value' c run --bundle
	refuse 125 'takes no value' c run --detach=maybe x
	refuse 125 'is not a number' c run --preserve-fds x y
	refuse 125 'is not a number' c run --preserve-fds -1 y
	refuse 125 'is not a number' c run --preserve-fds 99999999999999999999 y
	refuse 125 'use cgroupfs, systemd or disabled' c --cgroup-manager=nonsense list
	refuse 125 'exclude each other' c --systemd-cgroup --cgroup-manager cgroupfs list
	refuse 125 'use text or json' c --log-format=xml list
	bundle args .
	refuse 125 'state directory' timeout 60 "$cloison" --root /proc/nonsense run --bundle "$T/args" "$tag-args"
	refuse 125 'state directory' timeout 60 "$cloison" --root "$T/base.json/b/c" run --bundle "$T/args" "$tag-args"
	refuse 125 'state directory' timeout 60 "$cloison" --root "$T/base.json" run --bundle "$T/args" "$tag-args"
	"$cloison" --help >/dev/null
	"$cloison" --version | grep -q '^cloison version '
	for verb in spec run create start exec kill delete state list; do
		"$cloison" "$verb" --help | grep -q "^usage: cloison $verb"
	done
}
check "a command line that makes no sense" arguments

# program CODE PATTERN PATH - running it fails like that, by run, and by create if it can see it or else start
program() {
	bundle program ".process.args = [\"$3\"]"
	refuse "$1" "$2" c run --bundle "$T/program" "$tag-program"
	refuse "$1" "$2" c run --detach --bundle "$T/program" "$tag-program"
	rc=0
	c create --bundle "$T/program" "$tag-program" 2>"$T/refused.err" </dev/null >/dev/null || rc=$?
	if [ "$rc" -ne 0 ]; then
		equal "$rc" "$1"
		has "$(cat "$T/refused.err")" "$2"
		return
	fi
	refuse "$1" "$2" c start "$tag-program"
	wait_for 5 is_status program stopped
	c delete "$tag-program"
}

# script PATH LINE - an executable file of that text
script() {
	printf '%b\necho fine\n' "$2" >"$T/rootfs/$1"
	chmod 755 "$T/rootfs/$1"
}

programs() {
	program 127 '`/no/such`: ENOENT' /no/such
	program 127 '`no-such` in PATH' no-such
	program 126 '`/etc`: EACCES' /etc
	program 126 'EACCES' /etc/passwd
	program 126 'cause: `/etc/passwd` is not a directory' /etc/passwd/x
	ln -s loop "$T/rootfs/loop"
	program 126 'cause: its symbolic links' /loop
	program 126 'ENAMETOOLONG' "/$(printf '%0300d' 0)"
}
check "a program that is missing, a directory or not executable" programs

scripts() {
	script crlf '#!/bin/sh\r'
	program 127 'cause: .*CR LF' /crlf
	grep -q 'hint:  convert' "$T/refused.err"
	script interpreter '#!/no/such/interpreter -x'
	program 127 'cause: its interpreter `/no/such/interpreter` does not exist' /interpreter
	script nothing '#!'
	program 126 'ENOEXEC|EACCES' /nothing
	script plain 'echo no shebang'
	program 126 'ENOEXEC' /plain
	grep -q 'cause: it is neither' "$T/refused.err"
	script closed '#!/etc/passwd'
	program 126 'cause: its interpreter `/etc/passwd` is not executable' /closed
	: >"$T/rootfs/hollow"
	chmod 755 "$T/rootfs/hollow"
	program 126 'cause: the file is empty' /hollow
	script inner '#!/crlf'
	program 127 'cause: its interpreter `/crlf`: .*CR LF' /inner
}
check "a script whose interpreter cannot be run, and why" scripts

binaries() {
	cp "$busybox" "$T/rootfs/foreign"
	# e_machine: EM_S390
	printf '\026\000' | dd of="$T/rootfs/foreign" bs=1 seek=18 conv=notrunc 2>/dev/null
	program 126 'cause: it is built for s390x' /foreign
	# no program of the image is dynamic: this machine's are, and their loader is not in there
	cp /bin/true "$T/rootfs/dynamic"
	program 127 'cause: its loader `/lib.*` does not exist' /dynamic
	head -c 100 "$busybox" >"$T/rootfs/half"
	chmod 755 "$T/rootfs/half"
	program 126 'ENOEXEC|EIO|ENOENT|EINVAL' /half
}
check "a binary of another machine, without its loader, or cut off" binaries

unreachable() {
	mkdir -p "$T/rootfs/locked"
	cp "$busybox" "$T/rootfs/locked/busybox"
	chmod 700 "$T/rootfs/locked"
	bundle locked '.process.args = ["/locked/busybox"] | .process.user = {uid: 1000, gid: 1000}'
	refuse 126 'cause: user 1000 may not search the directory `/locked`' c run --bundle "$T/locked" "$tag-locked"
}
check "a program behind a directory that its user may not search" unreachable

no_exec() {
	mkdir "$T/noexec"
	cp "$busybox" "$T/noexec/busybox"
	bundle nx ".mounts += [{\"destination\": \"/tmp\", \"type\": \"bind\", \"source\": \"$T/noexec\", \"options\": [\"bind\", \"noexec\"]}] |
		.process.args = [\"/tmp/busybox\", \"true\"]"
	refuse 126 'cause: the file system it is on is mounted noexec' c run --bundle "$T/nx" "$tag-nx"
}
check "a program on a file system mounted noexec" no_exec

control_characters() {
	bundle ctrl '.process.args = ["/no\u001b[31m\n\rsuch"]'
	refuse 127 'no\?\[31m\?\?such' c run --bundle "$T/ctrl" "$tag-ctrl"
	refuse 125 'unknown command' "$cloison" "$(printf 'a\033[2Jb\nc')"
}
check "an error that quotes control characters does not pass them on" control_characters

big_arguments() {
	jq '.process.args = ["sh", "-c", "exit 0", ("x" * 200000)]' "$T/base.json" | text bigarg
	refuse 126 'E2BIG' c run --bundle "$T/bigarg" "$tag-bigarg"
}
check "an argument that is too long for the kernel" big_arguments

full_disk() {
	[ -e /dev/full ] || return 0
	bundle full .
	c create --bundle "$T/full" "$tag-full"
	rc=0
	c state "$tag-full" >/dev/full 2>"$T/full/err" || rc=$?
	equal "$rc" 125
	clear_error "$T/full/err"
	rc=0
	c list >/dev/full 2>"$T/full/err" || rc=$?
	equal "$rc" 125
	clear_error "$T/full/err"
	c delete --force "$tag-full"
}
check "output that cannot be written" full_disk

half_a_spec() {
	mkdir "$T/half"
	rc=0
	# longer than the limit on a file's size; with the signal ignored that is EFBIG
	(trap '' XFSZ && ulimit -f 1 && "$cloison" spec --bundle "$T/half") 2>"$T/half.err" || rc=$?
	equal "$rc" 125
	clear_error "$T/half.err"
	[ ! -e "$T/half/config.json" ] || fail "left half a config.json"
	"$cloison" spec --bundle "$T/half" || fail "the next spec fails"
}
check "a config.json that cannot be written is not left behind" half_a_spec

not_utf8() {
	name=$(printf 'x\377y')
	bundle bytes .
	mv "$T/bytes" "$T/$name"
	refuse 125 EILSEQ c run --bundle "$T/$name" "$tag-bytes"
}
check "a bundle whose path is not UTF-8 is refused: its state could not be read again" not_utf8

finish
