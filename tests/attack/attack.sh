#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# attack.sh: what has been done to container runtimes before, done to this one. Each test names the
# CVE it repeats. The image, the volumes and the other container are the attacker's; config.json is
# not. Races are run TRIES times each; LONG=1 makes that 2,000.
#
# RUNTIME=crun or runc attacks that program with the same bundles (table.sh prints them side by side).
# Of those it is only asked whether the attack works, not with which words it is refused.
# ONLY="FUNCTION..." runs those alone. With TABLE=FILE the results go there too: "CVE<tab>case<tab>held, BROKEN or n/a<tab>why".
. tests/host/lib.sh

TRIES=${TRIES:-25}
[ -z "${LONG:-}" ] || TRIES=2000
# With hooks a container is built beside the host's tree and pivots to its own last: what leads out
# of the root leads to the host then.
hooked='.hooks = {createRuntime: [{path: "/bin/true"}]}'
outside=$T/outside
mkdir "$outside"
subject=${RUNTIME:-cloison}
if [ "$subject" != cloison ]; then
	program=$(command -v "$subject") || skip_all "$subject is not installed"
	c() {
		CLOISON_TEST=$T timeout -k 5 "${LIMIT:-30}" "$program" --root "$T/.run" "$@"
	}
else
	program=$cloison
fi

peer() {
	[ "$subject" != cloison ]
}

# Without CAP_SYS_RESOURCE crun cannot raise its own limit for locked memory, which it does for a
# device filter: it is attacked without a cgroup then.
if peer; then
	[ "$(ct . 'echo works' 2>/dev/null)" = works ] || {
		printf '#!/bin/sh\nexec %s --cgroup-manager=disabled "$@"\n' "$program" >"$T/program"
		chmod 755 "$T/program"
		program=$T/program
		[ "$(ct . 'echo works' 2>"$T/control.err")" = works ] || skip_all "$subject runs nothing here: $(tail -n 1 "$T/control.err")"
	}
fi

# broken WHY - the attack has worked
broken() {
	echo "BROKEN: $*" >&2
	exit 3
}

# not_applicable WHY - the subject, or this machine, has nothing of what is attacked
not_applicable() {
	echo "not applicable: $*" >&2
	echo "$*" >"$T/not-applicable"
	exit 77
}

# ours COMMAND... - what is asked of Cloison alone
ours() {
	peer || "$@"
}

# root of a user namespace, with all that this gives it there
user_root='.linux.namespaces += [{type: "user"}] | .process.capabilities |= map_values(. + ["CAP_SYS_PTRACE", "CAP_SYS_ADMIN"]) |
	.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'

# chosen FUNCTION - is it to be run?
chosen() {
	case " ${ONLY:-$1} " in
	*" $1 "*) ;;
	*) return 1 ;;
	esac
}

# attack CVE SENTENCE FUNCTION
attack() {
	chosen "$3" || return 0
	if peer; then
		attack_peer "$3"
	else
		before=$failures
		check "$1: $2" attack_self "$3"
		verdict=held
		[ "$failures" -eq "$before" ] || verdict=BROKEN
		[ ! -e "$T/not-applicable" ] || verdict=n/a
	fi
	[ -z "${TABLE:-}" ] || printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$verdict" "$(tail -n 1 "$T/detail" | cut -c 1-200)" >>"$TABLE"
	rm -f "$T/not-applicable"
}

# own_check SENTENCE FUNCTION - what the others do not have
own_check() {
	peer || ! chosen "$2" || check "$@"
}

attack_self() {
	rc=0
	(set -e; "$1") || rc=$?
	[ "$rc" -eq 77 ] || return "$rc"
}

attack_peer() {
	(set -e; "$1") >"$T/detail" 2>&1 </dev/null
	case $? in
	0) verdict=held ;;
	3) verdict=BROKEN ;;
	*) verdict=n/a ;;
	esac
	our_processes | while read -r pid; do kill -KILL "$pid" 2>/dev/null; done
	for state in "$T"/.run/*; do
		[ ! -d "$state" ] || c delete --force "${state##*/}" >/dev/null 2>&1
	done
	rm -rf "$T/.run"
	find "$outside" -mindepth 1 -delete
}

# image NAME - a root file system of the test's own, and a filter for it in $root
image() {
	rm -rf "${T:?}/$1"
	cp -a "$T/rootfs" "$T/$1"
	root=".root = {path: \"$T/$1\", readonly: false}"
}

untouched() {
	[ -z "$(find "$outside" -mindepth 1)" ] || broken "made on the host: $(find "$outside" -mindepth 1 | tr '\n' ' ')"
}

# clean CODE - what an attack may end with: success inside the root, or one clear error
harmless() {
	! peer || return 0
	case $1 in
	0) ;;
	125 | 126 | 127) clear_error "$2" ;;
	*) fail "exit code $1: $(cat "$2")" ;;
	esac
}

# try FILTER SCRIPT - run it; whatever happens has to be harmless. $rc and $T/try.{out,err} tell.
try() {
	rc=0
	ct "$1" "$2" >"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
	harmless "$rc" "$T/try.err"
	untouched
}

without() {
	echo ".mounts |= map(select(.destination | startswith(\"$1\") | not))"
}

dev_link() {
	for target in "$outside" "../../../../../../../../$outside" /etc proc; do
		for built in . "$hooked"; do
			image dev
			rm -rf "$T/dev/dev"
			ln -s "$target" "$T/dev/dev"
			try "$root | $built" true
			try "$root | $built | $(without /dev)" true
			try "$root | $built | $(without /dev) | .linux.devices = [{path: \"/dev/mine\", type: \"c\", major: 1, minor: 3}]" true
			peer || [ "$rc" -ne 0 ] || fail "a /dev that is a link is used"
			[ -z "$(find "$T/dev/etc" -type c)" ] || broken "devices in the image's /etc"
		done
	done
}
attack "CVE-2026-41579, CVE-2026-47766" "an image whose /dev is a link gets no devices made elsewhere" dev_link

# The destination is a link, or goes through one, or has "..": absolute, relative, missing or not.
link_destination() {
	for target in "$outside" "../../../../../../../..$outside" / /.. "/proc/1/root$outside" /proc/self/cwd; do
		image dst
		ln -s "$target" "$T/dst/link"
		mkdir "$T/dst/data"
		: >"$T/source"
		for destination in /link /link/new/dir "/link/../$outside/x" "/..$outside/y" "$outside/z" /data/../../../link; do
			for built in "$root" "$root | $hooked"; do
				try "$built | .mounts += [{destination: \"$destination\", type: \"tmpfs\", source: \"none\"}]" true
				try "$built | .mounts += [{destination: \"$destination\", type: \"bind\", source: \"$T/source\", options: [\"bind\"]}]" true
				try "$built | .linux.devices = [{path: \"$destination/dev\", type: \"p\"}]" true
				try "$built | .linux.maskedPaths += [\"$destination\"] | .linux.readonlyPaths += [\"$destination\"]" true
				try "$built | .process.cwd = \"$destination/cwd\"" true
			done
		done
	done
}
attack "CVE-2015-1335, CVE-2019-18837, CVE-2025-24965" "a destination that leads outside stays in the root" link_destination

# race NAME SCRIPT FILTER A B - run containers while A and B change places; without hooks and with
race() {
	race_name=$1
	"$tools/path-swapper" "$4" "$5" >"$T/swapper.out" &
	swapper=$!
	wait_for 60 grep -q swapping "$T/swapper.out"
	bundle "$race_name" "$3" "$2"
	bundle "$race_name-hooked" "$3 | $hooked" "$2"
	worked=0
	failed=0
	while [ $((worked + failed)) -lt $((2 * TRIES)) ]; do
		case $(((worked + failed) % 2)) in
		0) race_bundle=$race_name ;;
		1) race_bundle=$race_name-hooked ;;
		esac
		rc=0
		c run --bundle "$T/$race_bundle" "$tag-$race_name" >"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
		harmless "$rc" "$T/try.err"
		untouched
		if [ "$rc" -eq 0 ]; then worked=$((worked + 1)); else failed=$((failed + 1)); fi
		[ "$rc" -ne 0 ] || ! grep -q ESCAPED "$T/try.out" || broken "$(cat "$T/try.out")"
		! peer || c delete --force "$tag-$race_name" >/dev/null 2>&1 || true
	done
	kill "$swapper" 2>/dev/null || fail "the swapper ended: $(cat "$T/swapper.out")"
	echo "$worked worked, $failed were refused"
	# of a few it may well be none
	[ "$worked" -gt 0 ] || { ! peer && [ "$TRIES" -lt 25 ]; } || fail "none works: $(tail -n 1 "$T/try.err")"
}

volume_race() {
	mkdir -p "$T/vol/x"
	: >"$T/vol/x/data"
	ln -s "$outside" "$T/vol/y"
	: >"$T/secret"
	race volrace 'true' ".mounts += [
		{destination: \"/tmp\", type: \"bind\", source: \"$T/vol\", options: [\"bind\"]},
		{destination: \"/tmp/x/data\", type: \"bind\", source: \"$T/secret\", options: [\"bind\"]},
		{destination: \"/tmp/x/more/dirs\", type: \"tmpfs\", source: \"none\"}]" "$T/vol/x" "$T/vol/y"
}
attack "CVE-2021-30465" "a volume's directory that turns into a link during the start" volume_race

dev_race() {
	image devrace
	ln -s "$outside" "$T/devrace/other"
	race devrace 'true' "$root | $(without /dev)" "$T/devrace/dev" "$T/devrace/other"
	image devrace
	ln -s "$outside" "$T/devrace/other"
	race devrace2 'true' "$root" "$T/devrace/dev" "$T/devrace/other"
}
attack "CVE-2026-41579, CVE-2026-47766" "a /dev that turns into a link during the start" dev_race

mkdir_race() {
	image mkrace
	mkdir -p "$T/mkrace/a/b"
	ln -s "$outside" "$T/mkrace/a/c"
	race mkrace 'true' "$root | .process.cwd = \"/a/b/new/deep\"" "$T/mkrace/a/b" "$T/mkrace/a/c"
}
attack "CVE-2024-45310" "directories made below one that turns into a link" mkdir_race

# The same where the directories are made for a mount: of a directory, of a file, of a new file system.
mount_point_race() {
	image mpr
	mkdir -p "$T/mpr/a/b" "$T/mprdir"
	: >"$T/mprfile"
	ln -s "$outside" "$T/mpr/a/c"
	race mpr 'true' "$root | .mounts += [
		{destination: \"/a/b/one/two/dir\", type: \"bind\", source: \"$T/mprdir\", options: [\"bind\"]},
		{destination: \"/a/b/three/file\", type: \"bind\", source: \"$T/mprfile\", options: [\"bind\"]},
		{destination: \"/a/b/four/five/tmp\", type: \"tmpfs\", source: \"none\"}]" "$T/mpr/a/b" "$T/mpr/a/c"
}
attack "CVE-2024-45310, CVE-2021-30465" "the point of a mount made below a directory that turns into a link" mount_point_race

null_race() {
	image nullrace
	mknod "$T/nullrace/dev/null" c 1 3
	ln -s /proc/sys/kernel/domainname "$T/nullrace/dev/nullx"
	race nullrace 'for f in /proc/keys /proc/timer_list; do [ ! -s $f ] && [ -z "$(head -c 1 $f)" ] || echo ESCAPED $f; done' \
		"$root | $(without /dev)" "$T/nullrace/dev/null" "$T/nullrace/dev/nullx"
}
attack "CVE-2025-31133" "a /dev/null that turns into a link while paths are masked" null_race

# replace HOW NODE - put something else in the place of a device
replace() {
	case $1 in
	file) echo text >"$2" ;;
	proc) ln -s /proc/sys/kernel/core_pattern "$2" ;;
	link) ln -s /dev/zero "$2" ;;
	directory) mkdir "$2" ;;
	fifo) mkfifo "$2" ;;
	device) mknod "$2" c 1 5 ;;
	esac
}

null_replaced() {
	for how in file proc link directory fifo device; do
		image null
		replace "$how" "$T/null/dev/null"
		# the image's, and a volume in its place, in which the runtime makes nothing
		for dev in . ".mounts = [{destination: \"/dev\", type: \"bind\", source: \"$T/null/dev\", options: [\"bind\"]}] + .mounts"; do
			try "$root | $(without /dev) | $dev" 'cat /proc/keys'
			if peer; then
				[ "$rc" -ne 0 ] || [ ! -s "$T/try.out" ] || broken "a masked path shows what the image's /dev/null, a $how, leads to"
			else
				[ "$rc" -ne 0 ] || fail "a $how is accepted: $(cat "$T/try.out")"
			fi
		done
		peer || {
			try "$root | $(without /dev) | .linux.maskedPaths = []" true
			[ "$rc" -ne 0 ] || fail "a $how is accepted as the container's /dev/null"
		}
	done
}
attack "CVE-2025-31133" "an image's own /dev/null is used only if it is that device" null_replaced

proc_link() {
	for target in "$outside" /tmp tmp ../tmp; do
		image proc
		rm -rf "$T/proc/proc"
		ln -s "$target" "$T/proc/proc"
		try "$root" 'head -c 1 /proc/keys | wc -c; (echo x >/proc/sys/kernel/domainname) 2>/dev/null && echo wrote; true'
		[ "$rc" -ne 0 ] || ! grep -q -E '^1|wrote' "$T/try.out" || broken "$(cat "$T/try.out")"
	done
}
attack "CVE-2019-16884, CVE-2023-27561" "an image whose /proc is a link is masked all the same" proc_link

in_proc() {
	mkdir "$T/fake"
	for destination in /proc/self /proc/1 /proc/sys /proc/sys/kernel /proc/self/attr /proc/thread-self/attr/exec \
		/proc/../proc/sys /proc/sysrq-trigger /proc//sys /proc/self/fd /proc/cpuinfo/../sys /lnk; do
		image inproc
		ln -s /proc/sys "$T/inproc/lnk"
		bundle inproc "$root | .mounts += [{destination: \"$destination\", type: \"bind\", source: \"$T/fake\", options: [\"bind\"]}]"
		if peer; then
			! c run --bundle "$T/inproc" "$tag-inproc" >/dev/null 2>&1 </dev/null || broken "a mount on $destination"
			c delete --force "$tag-inproc" >/dev/null 2>&1 || true
		else
			refuse 125 'inside procfs|ELOOP|ENOENT|ENOTDIR' c run --bundle "$T/inproc" "$tag-inproc"
		fi
	done
	! peer || return 0
	echo fake >"$T/cpuinfo"
	equal "$(ct ".mounts += [{destination: \"/proc/cpuinfo\", type: \"bind\", source: \"$T/cpuinfo\", options: [\"bind\"]}]" \
		'cat /proc/cpuinfo')" fake
}
attack "CVE-2025-52881" "no mount inside procfs but on files that are known to be replaced" in_proc

false_proc() {
	mkdir -p "$T/false/sys/kernel" "$T/false/self/attr"
	echo old >"$T/false/sys/kernel/msgmax"
	before=$(cat /proc/sys/kernel/msgmax)
	rc=0
	ct "(.mounts[] | select(.destination == \"/proc\")) = {destination: \"/proc\", type: \"bind\", source: \"$T/false\", options: [\"bind\"]} |
		.linux.sysctl = {\"kernel.msgmax\": \"4321\"}" 'true' >/dev/null 2>&1 || rc=$?
	[ "$(cat "$T/false/sys/kernel/msgmax")" = old ] || broken "the sysctl went to a file of the attacker's"
	[ "$(cat /proc/sys/kernel/msgmax)" = "$before" ] || broken "the host's sysctl has changed"
}
attack "CVE-2025-52881" "a sysctl is never written through the /proc that the container sees" false_proc

# An image's /proc that is a link to a tree of its own, always or now and then.
sysctl_redirect() {
	image sysctl
	mkdir -p "$T/sysctl/fake/sys/kernel" "$T/sysctl/fake/self"
	echo old >"$T/sysctl/fake/sys/kernel/msgmax"
	sysctl='.linux.sysctl = {"kernel.msgmax": "4321"}'
	before=$(cat /proc/sys/kernel/msgmax)
	rmdir "$T/sysctl/proc"
	for link in fake /fake ../fake; do
		ln -s "$link" "$T/sysctl/proc"
		for built in . "$hooked"; do
			try "$root | $sysctl | $built" true
			try "$root | $sysctl | $built | $(without /proc)" true
			[ "$(cat "$T/sysctl/fake/sys/kernel/msgmax")" = old ] || broken "the sysctl went to a file of the image's"
		done
		rm "$T/sysctl/proc"
	done
	mkdir "$T/sysctl/proc"
	ln -s fake "$T/sysctl/other"
	# procfs is there, under one name or the other
	race sysctl 'i=0
		while [ $i -lt 500 ]; do
			case $(cat /proc/sys/kernel/msgmax /other/sys/kernel/msgmax 2>/dev/null) in *4321*) exit 0 ;; esac
			i=$((i + 1))
		done
		echo ESCAPED: not set' "$root | $sysctl" "$T/sysctl/proc" "$T/sysctl/other"
	[ "$(cat "$T/sysctl/fake/sys/kernel/msgmax")" = old ] || broken "the sysctl went to a file of the image's"
	[ "$(cat /proc/sys/kernel/msgmax)" = "$before" ] || broken "the host's sysctl has changed"
}
attack "CVE-2025-52881, CVE-2019-19921" "a sysctl is not written through an image's /proc that is, or turns into, a link" sysctl_redirect

# A /proc of the attacker's, in which the label could be written to a file that does nothing.
label_redirect() {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || not_applicable "no AppArmor"
	printf 'profile %s flags=(attach_disconnected) {\n\tfile,\n\tcapability,\n\tsignal,\n\tmount,\n\tdeny /secret r,\n}\n' \
		"cloison-$tag" >"$T/profile"
	apparmor_parser --replace --skip-cache "$T/profile" || not_applicable "the profile does not load"
	echo "the secret" >"$T/rootfs/secret"
	for dir in self thread-self 1; do
		mkdir -p "$T/fakeproc/$dir/attr/apparmor" "$T/fakeproc/$dir/fd"
		: >"$T/fakeproc/$dir/attr/exec"
		: >"$T/fakeproc/$dir/attr/apparmor/exec"
	done
	image label
	cp -a "$T/fakeproc" "$T/label/fake"
	rmdir "$T/label/proc"
	ln -s fake "$T/label/proc"
	label=".process.apparmorProfile = \"cloison-$tag\""
	has "$(ct "$label" 'cat /secret' 2>&1 || true)" denied
	for filter in "(.mounts[] | select(.destination == \"/proc\")) = {destination: \"/proc\", type: \"bind\", source: \"$T/fakeproc\", options: [\"bind\"]}" \
		".mounts += [{destination: \"/proc\", type: \"tmpfs\", source: \"none\"}]" \
		".mounts += [{destination: \"/proc/self/attr\", type: \"bind\", source: \"$T/fakeproc/self/attr\", options: [\"bind\"]}]" \
		".mounts += [{destination: \"/proc/thread-self/attr\", type: \"tmpfs\", source: \"none\"}]" \
		"$root" "$root | $(without /proc)"; do
		for built in . "$hooked"; do
			try "$label | $filter | $built" 'cat /secret; true'
			! grep -q 'the secret' "$T/try.out" || broken "not confined: $filter"
		done
	done
	rm "$T/rootfs/secret"
	apparmor_parser --remove "$T/profile"
}
attack "CVE-2019-16884, CVE-2019-19921, CVE-2025-52881" "a label is never written through the /proc that the container brings" label_redirect

cwd_descriptor() {
	exec 5</ 6<"$outside"
	: >"$T/${outside##*/}.mark"
	for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		for link in "/proc/self/fd/$n" "/proc/self/fd/$n/../../../.." "/proc/thread-self/fd/$n" "/dev/fd/$n"; do
			bundle cwd ".process.cwd = \"$link\"" 'pwd; ls'
			rc=0
			c run --bundle "$T/cwd" "$tag-cwd" >"$T/try.out" 2>"$T/try.err" || rc=$?
			if peer; then
				[ "$rc" -ne 0 ] || ! grep -q -x "$(basename "$outside").mark" "$T/try.out" || broken "$link leads to the host"
				[ "$rc" -ne 0 ] || ! grep -q -x cgroup.procs "$T/try.out" || broken "$link leads to the host's cgroups"
				c delete --force "$tag-cwd" >/dev/null 2>&1 || true
				continue
			fi
			[ "$rc" -eq 125 ] || fail "$link: $rc: $(cat "$T/try.out" "$T/try.err")"
			clear_error "$T/try.err"
		done
	done
	! peer || return 0
	start_ct cwdx
	for n in 3 4 5 6 7 8 9 10 11 12; do
		rc=0
		c exec --cwd "/proc/self/fd/$n" "$tag-cwdx" ls >"$T/try.out" 2>&1 || rc=$?
		# one is the container's own root, which is no secret to it
		[ "$rc" -eq 125 ] || equal "$(cat "$T/try.out")" "$(ls "$T/rootfs")"
	done
	c delete --force "$tag-cwdx"
}
attack "CVE-2024-21626" "a working directory behind a descriptor is refused" cwd_descriptor

# An image says what is run in it: a descriptor that is still open until execve closes it is a program, too.
# /proc/self/exe, which is such a one of the runtime's, is own_program's.
descriptor_program() {
	image fdprog
	exec 5<"$tools/push-input" 6<"$outside"
	start_ct fdx "$root"
	for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		for path in "/proc/self/fd/$n" "/proc/thread-self/fd/$n" "/dev/fd/$n" "/proc/self/fd/6/../push-input"; do
			printf '#!%s\n' "$path" >"$T/fdprog/bin/again"
			chmod 755 "$T/fdprog/bin/again"
			for program_in in "$path" /bin/again; do
				bundle fdprog "$root | .process.args = [\"$program_in\"]"
				rc=0
				c run --bundle "$T/fdprog" "$tag-fdprog" >"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
				! grep -q -E '^(pushed|refused|no tty)' "$T/try.out" || broken "run of $program_in ($path) is a program of the host"
				peer || [ "$rc" -ne 0 ] || fail "run of $program_in ($path) works: $(cat "$T/try.out")"
				! peer || c delete --force "$tag-fdprog" >/dev/null 2>&1 || true
				rc=0
				c exec "$tag-fdx" "$program_in" >"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
				! grep -q -E '^(pushed|refused|no tty)' "$T/try.out" || broken "exec of $program_in ($path) is a program of the host"
				peer || [ "$rc" -ne 0 ] || fail "exec of $program_in ($path) works: $(cat "$T/try.out")"
			done
		done
	done
	exec 5<&- 6<&-
	c delete --force "$tag-fdx"
}
attack "CVE-2024-21626" "a descriptor of the host is no program, for run nor for exec" descriptor_program

own_program() {
	# a copy, so that nothing is lost when it works
	if peer; then program=$(command -v "$subject"); fi
	cp "$program" "$T/cloison"
	cloison=$T/cloison
	program=$T/cloison
	sum=$(cksum <"$T/cloison")
	image self
	printf '#!/proc/self/exe --help\n' >"$T/self/bin/again"
	cat >"$T/self/bin/overwrite" <<-'END'
		#!/bin/sh
		# find the runtime's program at work, keep its file, end it, and write; /over says that there is none
		victim=
		while [ -z "$victim" ] && [ ! -e /over ]; do
			for dir in /proc/[0-9]*; do
				tr '\0' ' ' <"$dir/cmdline" | grep -q '^/proc/self/exe --help' || continue
				exec 9<"$dir/exe" || continue
				echo caught
				victim=${dir#/proc/}
				kill -KILL "$victim"
				break
			done 2>/dev/null
		done
		i=0
		# busy as long as somebody runs it, the one outside that waited for it, too
		while [ -n "$victim" ] && [ $i -lt 600 ]; do
			(echo overwritten >/proc/self/fd/9) 2>/tmp/why && echo ESCAPED && break
			cat /tmp/why
			grep -q busy /tmp/why || break
			i=$((i + 1))
			sleep 0.05
		done
		echo finished
	END
	chmod 755 "$T/self/bin/again" "$T/self/bin/overwrite"
	start_ct self "$root"
	mkfifo "$T/full"
	exec 5<>"$T/full"
	head -c 65536 /dev/zero >"$T/full"
	# others may never come to that point
	limit=120
	! peer || limit=10
	# writing to a pipe that is full, the runtime's program stays
	for target in /proc/self/exe /bin/again; do
		rm -f "$T/self/over"
		(
			LIMIT=$limit c exec "$tag-self" "$target" --help >"$T/full" 2>/dev/null
			: >"$T/self/over"
		) &
		c exec --detach "$tag-self" overwrite >"$T/overwrite.out" 2>&1
		wait_for "$limit" grep -q -x finished "$T/overwrite.out" || fail "the helper does not end: $(cat "$T/overwrite.out")"
		wait $! || true
		! grep -q ESCAPED "$T/overwrite.out" || broken "the program was written to"
		[ "$(cksum <"$T/cloison")" = "$sum" ] || broken "the program is another"
		ours has "$(cat "$T/overwrite.out")" caught
		ours has "$(cat "$T/overwrite.out")" 'Read-only file system'
	done
	c delete --force "$tag-self"
}
attack "CVE-2019-5736" "a container that runs the runtime's own program cannot write to it" own_program

waiting_process() {
	for ids in '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE"])' "$user_root"; do
		start_ct pod "$ids"
		joined=pid
		[ "$ids" != "$user_root" ] || joined='pid|user'
		bundle guest ".linux.namespaces += [{type: \"user\"}] | .linux.namespaces |= map(select(.type != \"user\" or (\"$joined\" != \"pid\")) |
			if .type | test(\"^($joined)\$\") then .path = \"/proc/$(pid_of pod)/ns/\" + .type else . end)"
		c create --bundle "$T/guest" "$tag-guest" >/dev/null
		inner=$(c exec "$tag-pod" sh -c "for p in /proc/[0-9]*; do grep -q $subject"' $p/cmdline && echo ${p#/proc/}; done' | head -n 1)
		[ -n "$inner" ] || fail "the waiting process is not to be seen: the test has lost its subject"
		for what in exe root cwd fd/0 fd/1 fd/3 fd/4 fd/5 fd/6 fd/7; do
			[ -z "$(c exec "$tag-pod" readlink "/proc/$inner/$what" 2>/dev/null)" ] || broken "its $what is to be seen"
		done
		for what in "ls /proc/$inner/root/" "ls /proc/$inner/cwd/" "cat /proc/$inner/environ" \
			"cat /proc/$inner/maps" "head -c 1 /proc/$inner/mem"; do
			rc=0
			# shellcheck disable=SC2086 # words
			c exec "$tag-pod" $what >"$T/try.out" 2>/dev/null || rc=$?
			[ "$rc" -ne 0 ] || [ ! -s "$T/try.out" ] || broken "$what: $(head -c 100 "$T/try.out" | tr '\0' ' ')"
		done
		c delete --force "$tag-guest"
		c delete --force "$tag-pod"
	done
}
attack "CVE-2016-9962" "a neighbour in the pid namespace cannot look into a container in the making" waiting_process

# A read-only path may be where a mount begins: what covers that must not lie over the masks.
masks_below() {
	for paths in '["/proc"]' '["/sys"]' '["/proc", "/sys"]'; do
		ct ".linux.readonlyPaths = $paths" 'cat /proc/keys /proc/timer_list 2>/dev/null; ls /sys/firmware /proc/acpi 2>/dev/null | grep -v :' \
			>"$T/try.out" 2>"$T/try.err" </dev/null || :
		! grep -q . "$T/try.out" || broken "with $paths read-only: $(head -c 100 "$T/try.out" | tr '\n' ' ')"
	done
}
attack "CVE-2025-31133" "what is masked stays masked below a path that is read-only" masks_below

# A neighbour looks at all that appears in /proc while processes are made in its container. It has the
# capabilities that they will have, or, in a user namespace, all.
exec_race() {
	image watch
	cp "$tools/proc-watcher" "$T/watch/bin/proc-watcher"
	for ids in . "$user_root"; do
		start_ct watch "$root | $ids"
		c exec --detach "$tag-watch" proc-watcher >"$T/watcher.out" 2>&1
		wait_for 60 grep -q watching "$T/watcher.out"
		for _ in $(seq $((4 * TRIES))); do
			c exec "$tag-watch" true </dev/null
		done
		! grep -q ESCAPED "$T/watcher.out" || broken "$(sort "$T/watcher.out" | uniq -c | tr '\n' ' ')"
		c exec "$tag-watch" true
		c delete --force "$tag-watch"
	done
}
attack "CVE-2016-9962" "a neighbour cannot look into a process that exec makes" exec_race

# The same with CAP_SYS_PTRACE, which no process that is not dumpable keeps out: what it then sees must not
# be the host's, of processes that exec makes as of containers that join the pid namespace.
ptrace_race() {
	ptrace='.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
	image watch
	cp "$tools/proc-watcher" "$T/watch/bin/proc-watcher"
	start_ct watch "$root | $ptrace"
	c exec --detach "$tag-watch" proc-watcher root >"$T/watcher.out" 2>&1
	wait_for 60 grep -q watching "$T/watcher.out"
	for _ in $(seq $((4 * TRIES))); do
		c exec "$tag-watch" true </dev/null
	done
	! grep -q ESCAPED "$T/watcher.out" || broken "exec: $(sort "$T/watcher.out" | uniq -c | tr '\n' ' ')"
	bundle guest "$root | .linux.namespaces |= map(if .type == \"pid\" then .path = \"/proc/$(pid_of watch)/ns/pid\" else . end)" true
	for _ in $(seq "$TRIES"); do
		c run --bundle "$T/guest" "$tag-guest" </dev/null
	done
	! grep -q ESCAPED "$T/watcher.out" || broken "run: $(sort "$T/watcher.out" | uniq -c | tr '\n' ' ')"
	c delete --force "$tag-watch"
}
attack "CVE-2016-9962" "a neighbour with CAP_SYS_PTRACE finds nothing of the host in a process in the making" ptrace_race

no_descriptors() {
	exec 7<"$outside" 8</etc/shadow
	bundle fdl . 'ls -l /proc/self/fd /proc/1/fd'
	c run --bundle "$T/fdl" "$tag-fdl" >"$T/try.out" </dev/null
	links=$(grep -- '->' "$T/try.out" | grep -v -E ' [0-2] -> | -> /proc/' || true)
	[ -z "$links" ] || broken "$links"
	start_ct fdx
	c exec "$tag-fdx" ls -l /proc/self/fd >"$T/try.out" </dev/null
	links=$(grep -- '->' "$T/try.out" | grep -v -E ' [0-2] -> | -> /proc/' || true)
	[ -z "$links" ] || broken "$links"
	c delete --force "$tag-fdx"
}
attack "CVE-2024-21626" "no descriptor of the host is open inside" no_descriptors

inheritable() {
	start_ct inh
	got=$(c exec "$tag-inh" sed -n 's/^Cap\(Inh\|Amb\):[[:space:]]*//p' /proc/self/status | sort -u)
	[ "$got" = 0000000000000000 ] || broken "exec has $got"
	c delete --force "$tag-inh"
	bundle inhr . 'sed -n "s/^Cap\(Inh\|Amb\):[[:space:]]*//p" /proc/self/status'
	got=$(CLOISON_TEST=$T setpriv --inh-caps +chown,+kill --ambient-caps +chown,+kill \
		"$program" --root "$T/.run" run --bundle "$T/inhr" "$tag-inhr" | sort -u)
	[ "$got" = 0000000000000000 ] || broken "run has $got"
}
attack "CVE-2022-29162, CVE-2022-27650" "inheritable and ambient capabilities are empty, also when the caller's are not" inheritable

groups() {
	bundle grp . 'sed -n "s/^Groups:[[:space:]]*//p" /proc/self/status'
	got=$(CLOISON_TEST=$T setpriv --groups 5,6,7,0 "$program" --root "$T/.run" run --bundle "$T/grp" "$tag-grp" | tr -d ' ')
	[ -z "$got" ] || broken "run has $got"
	start_ct grpx
	got=$(CLOISON_TEST=$T setpriv --groups 5,6,7,0 "$program" --root "$T/.run" exec "$tag-grpx" \
		sed -n 's/^Groups:[[:space:]]*//p' /proc/self/status | tr -d ' ')
	[ -z "$got" ] || broken "exec has $got"
	c delete --force "$tag-grpx"
}
attack "CVE-2022-36109" "none of the caller's groups is left" groups

push_input() {
	image push
	cp "$tools/push-input" "$T/push/bin/push-input"
	control=$(script -qec "$tools/push-input" /dev/null </dev/null 2>/dev/null | tr -d '\r' | grep -c pushed || true)
	bundle push "$root | .process.args = [\"push-input\"]"
	export T tag program
	CLOISON_TEST=$T script -qec '"$program" --root "$T/.run" run --bundle "$T/push" "$tag-push"' /dev/null \
		</dev/null >"$T/try.out"
	! grep -q pushed "$T/try.out" || broken "typed on the caller's terminal"
	! tr -d '\r' <"$T/try.out" | grep -q -x tty || broken "has the caller's terminal as its own"
	ours has "$(cat "$T/try.out")" refused
	[ "$control" -eq 1 ] || echo "(this kernel refuses TIOCSTI to all)"
}
attack "CVE-2017-5226" "a program on the caller's terminal cannot type on it" push_input

# The same of a process that exec makes, without a terminal of its own and with one.
push_exec() {
	image pushx
	cp "$tools/push-input" "$T/pushx/bin/push-input"
	start_ct pushx "$root"
	export T tag program
	for options in "" -t; do
		export options
		CLOISON_TEST=$T script -qec '"$program" --root "$T/.run" exec $options "$tag-pushx" /bin/push-input' /dev/null \
			</dev/null >"$T/try.out"
		if [ -n "$options" ]; then
			# on its own it may type; what it typed must not be there for the caller's shell
			CLOISON_TEST=$T script -qec '"$program" --root "$T/.run" exec $options "$tag-pushx" /bin/push-input
				timeout 1 head -c 1 | sed "s/^/TYPED/"' /dev/null </dev/null >"$T/try.out"
			! grep -q 'TYPED#' "$T/try.out" || broken "typed on the caller's terminal"
			continue
		fi
		! grep -q pushed "$T/try.out" || broken "typed on the caller's terminal"
		! tr -d '\r' <"$T/try.out" | grep -q -x tty || broken "has the caller's terminal as its own"
		ours has "$(cat "$T/try.out")" refused
	done
	c delete --force "$tag-pushx"
}
attack "CVE-2017-5226" "a process of exec on the caller's terminal cannot type on it" push_exec

exec_user() {
	start_ct eu
	for user in 0:0x 1000: '' 99999999999 '1000 ' 4294967295 4294967296 -1 abc 1000x :1000 1000:1000: 0x3e8; do
		if peer; then
			# no user that was understood must not become the one who may do everything
			got=$(c exec -u "$user" "$tag-eu" id -u 2>/dev/null) || continue
			case $user in
			'' | 0:*) ;;
			*) [ "$got" != 0 ] || broken "--user '$user' is root" ;;
			esac
		else
			refuse 125 'EINVAL' c exec -u "$user" "$tag-eu" id
		fi
	done
	c delete --force "$tag-eu"
}
attack "CVE-2026-30892" "half of a user is no user" exec_user

cgroup_path() {
	[ -n "$cgroups" ] || not_applicable "no cgroup v2"
	for path in "../$tag-out" "/../$tag-out" "a/../../$tag-out" "/$tag-a/../../$tag-out" "/$tag-a/../$tag-b" . / '' "./$tag-out" "$(printf '%0600d' 0)"; do
		bundle cgp ".linux.cgroupsPath = \"$path\""
		rc=0
		c run --bundle "$T/cgp" "$tag-cgp" </dev/null >"$T/try.out" 2>"$T/try.err" || rc=$?
		harmless "$rc" "$T/try.err"
		case $path in
		*..* | ./* | .) peer || [ "$rc" -eq 125 ] || fail "$path: accepted" ;;
		esac
		[ ! -e "$cgroups/$tag-out" ] || peer || fail "$path: made $cgroups/$tag-out"
	done
	! peer || return 0
	bundle cgp ".linux.cgroupsPath = \"/$(sed -n 's|^0::/||p' /proc/self/cgroup)\""
	rc=0
	c run --bundle "$T/cgp" "$tag-cgp" </dev/null >"$T/try.out" 2>"$T/try.err" || rc=$?
	[ "$rc" -eq 125 ] || [ "$rc" -eq 0 ] || fail "$rc"
	kill -0 $$
}
attack "no CVE" "a cgroup path cannot leave the tree, nor take over somebody's cgroup" cgroup_path

cgroup_mount() {
	[ -n "$cgroups" ] || not_applicable "no cgroup v2"
	start_ct cgm
	rc=0
	c exec "$tag-cgm" sh -c 'mkdir /sys/fs/cgroup/x || echo 1 >/sys/fs/cgroup/cgroup.procs' >/dev/null 2>&1 || rc=$?
	[ "$rc" -ne 0 ] || broken "written"
	c delete --force "$tag-cgm"
	start_ct cgh '.linux.namespaces -= [{type: "cgroup"}]'
	! c exec "$tag-cgh" ls /sys/fs/cgroup | grep -q -x -E 'cloison|init|system.slice' || ours broken "the host's cgroups are to be seen"
	! c exec "$tag-cgh" sh -c 'mkdir /sys/fs/cgroup/x' 2>/dev/null || broken "the host's cgroups can be written"
	c delete --force "$tag-cgh"
}
attack "CVE-2023-25809" "the host's cgroups are not to be seen, the container's not to be written" cgroup_mount

# Without a cgroup of its own the container is in the runtime's, and so a new cgroup namespace begins there.
callers_cgroup() {
	[ -n "$cgroups" ] || not_applicable "no cgroup v2"
	mount='.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'
	bundle none "$mount | .process.capabilities |= map_values(. + [\"CAP_DAC_OVERRIDE\"])" 'mkdir /sys/fs/cgroup/x && rmdir /sys/fs/cgroup/x && echo written'
	rc=0
	CLOISON_TEST=$T "$program" --root "$T/.run" --cgroup-manager=disabled run --bundle "$T/none" "$tag-none" \
		>"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
	! grep -q written "$T/try.out" || broken "the caller's cgroup can be written"
	[ "$rc" -ne 125 ] || not_applicable "$(tail -n 1 "$T/try.err")"
}
attack "CVE-2023-25809" "without a cgroup of its own a container cannot write to that of its caller" callers_cgroup

pts_race() {
	image pts
	mkdir -p "$T/pts/dev/pts"
	ln -s "$outside" "$T/pts/dev/console"
	try "$root | $(without /dev/mqueue) | (.mounts[] | select(.destination == \"/dev\")) |= (.destination = \"/tmp\") |
		.process.terminal = true" 'tty'
	image pts
	ln -s /tmp/target "$T/pts/dev/console"
	try "$root | .mounts |= map(select(.destination != \"/dev\")) | .process.terminal = true" 'tty'
	[ ! -e "$T/pts/tmp/target" ] || fail "followed the link"
}
attack "CVE-2025-52565" "a /dev/console that is a link is not followed" pts_race

# The container's root swaps /dev/pts while exec makes a terminal: what is opened, and given to the user, by
# the terminal's number there may be any file of the container's.
exec_pts_race() {
	image ptsx
	mkdir -p "$T/ptsx/pts" "$T/ptsx/dev/fake"
	rm -rf "$T/ptsx/dev/pts"
	ln -s ../pts "$T/ptsx/dev/pts"
	ln -s ../../pts/ptmx "$T/ptsx/dev/fake/ptmx"
	ln -s pts/ptmx "$T/ptsx/dev/ptmx"
	seq 0 63 | sed "s|^|$T/ptsx/dev/fake/|" | xargs touch
	start_ct ptsx "$root | $(without /dev/) | $(without /dev/) | .mounts |= map(select(.destination != \"/dev\")) |
		.mounts += [{destination: \"/pts\", type: \"devpts\", source: \"devpts\", options: [\"newinstance\", \"ptmxmode=0666\", \"mode=0620\"]}]"
	"$tools/path-swapper" "$T/ptsx/dev/pts" "$T/ptsx/dev/fake" >"$T/swapper.out" &
	swapper=$!
	wait_for 60 grep -q swapping "$T/swapper.out"
	export T tag program
	worked=0
	for _ in $(seq $((2 * TRIES))); do
		CLOISON_TEST=$T script -qec '"$program" --root "$T/.run" exec -t -u 1000 "$tag-ptsx" sh -c "[ -t 0 ] && [ -t 1 ] && echo terminal || echo none"' \
			/dev/null </dev/null >"$T/try.out" 2>&1 || true
		! grep -q terminal "$T/try.out" || worked=$((worked + 1))
	done
	kill "$swapper" 2>/dev/null || fail "the swapper ended: $(cat "$T/swapper.out")"
	wait "$swapper" 2>/dev/null || true
	got=$(find "$T/ptsx/dev" -type f \( -user 1000 -o -size +0 \) | wc -l)
	[ "$got" -eq 0 ] || broken "$got files in the terminal's place were opened or given away"
	c delete --force "$tag-ptsx"
	echo "$worked of $((2 * TRIES)) worked"
	[ "$worked" -gt 0 ] || { ! peer && [ "$TRIES" -lt 25 ]; } || fail "none works: $(tail -n 1 "$T/try.out")"
}
attack "CVE-2025-52565" "a /dev/pts that changes while exec makes a terminal" exec_pts_race

root_escape() {
	start_ct chr '.process.capabilities |= map_values(. + ["CAP_SYS_CHROOT", "CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE"])'
	# the way out of a chroot; after pivot_root there is nothing to come out to
	equal "$(c exec "$tag-chr" sh -c 'mkdir -p /dev/shm/d; cd /; chroot /dev/shm/d true 2>/dev/null; cd ../../../../..; ls -d work boot lost+found usr 2>/dev/null | wc -l')" 0
	equal "$(c exec "$tag-chr" sh -c 'ls /proc/1/root | sort | tr "\n" " "')" "$(find "$T/rootfs" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tr '\n' ' ')"
	c delete --force "$tag-chr"
}
attack "no CVE" "behind the container's root there is nothing" root_escape

id_escape() {
	bundle ide . 'sleep 1000'
	for id in "../outside.id/x" "..%2fx" "$(printf 'a/b')" "$T/x"; do
		refuse 125 'container id' c run --bundle "$T/ide" -- "$id"
	done
	# somebody else's container
	CLOISON_TEST=$T "$program" --root "$T/other" run --detach --bundle "$T/ide" "$tag-ide" >/dev/null 2>&1 </dev/null
	mkdir -p "$T/.run"
	ln -s "$T/other/$tag-ide" "$T/.run/$tag-link"
	ln -s "$T/other/$tag-ide" "$T/.run/$tag-ide"
	for id in "$tag-link" "$tag-ide"; do
		for verb in state "kill" "exec" "delete --force"; do
			rc=0
			# shellcheck disable=SC2086 # words
			c $verb "$id" true >/dev/null 2>"$T/try.err" || rc=$?
			[ "$rc" -eq 125 ] || broken "$verb of a link: $rc"
		done
	done
	equal "$("$program" --root "$T/other" state "$tag-ide" | jq -r .status)" running
	rm "$T/.run/$tag-link" "$T/.run/$tag-ide"
	"$program" --root "$T/other" delete --force "$tag-ide"
}
attack "no CVE" "a state directory that is a link is not followed" id_escape

console_race() {
	# the image's /dev, with a devpts
	dev='.mounts |= map(select(.destination | startswith("/dev") and . != "/dev/pts" | not))'
	for target in "$outside/made" /proc/sys/kernel/domainname; do
		image conrace
		: >"$T/conrace/dev/console"
		ln -s "$target" "$T/conrace/dev/conlink"
		"$tools/path-swapper" "$T/conrace/dev/console" "$T/conrace/dev/conlink" >"$T/swapper.out" &
		swapper=$!
		wait_for 60 grep -q swapping "$T/swapper.out"
		bundle conrace "$root | $dev | .process.terminal = true" \
			'cat /proc/sys/kernel/domainname; stat -c %t /dev/console'
		bundle conrace-hooked "$root | $dev | .process.terminal = true | $hooked" true
		domain=$(cat /proc/sys/kernel/domainname)
		worked=0
		for try in $(seq $((2 * TRIES))); do
			race_bundle=conrace
			[ $((try % 2)) -eq 0 ] || race_bundle=conrace-hooked
			"$tools/console-receiver" "$T/console.sock" >"$T/console.out" 2>&1 &
			receiver=$!
			wait_for 60 test -S "$T/console.sock"
			rc=0
			c run --detach --console-socket "$T/console.sock" --bundle "$T/$race_bundle" "$tag-con" \
				>"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
			[ "$rc" -ne 0 ] || worked=$((worked + 1))
			harmless "$rc" "$T/try.err"
			untouched
			[ "$(cat /proc/sys/kernel/domainname)" = "$domain" ] || broken "the host's domain name was written"
			c delete --force "$tag-con" >/dev/null 2>&1 || true
			kill "$receiver" 2>/dev/null || true
			wait "$receiver" 2>/dev/null || true
			rm -f "$T/console.sock"
		done
		kill "$swapper"
		echo "$worked of $((2 * TRIES)) worked"
		[ "$worked" -gt 0 ] || { ! peer && [ "$TRIES" -lt 25 ]; } || fail "none works: $(tail -n 1 "$T/try.err")"
	done
}
attack "CVE-2025-52565" "a /dev/console that turns into a link during the start" console_race

proc_race() {
	image procrace
	mkdir "$T/procrace/fake"
	ln -s fake "$T/procrace/other"
	race procrace 'for f in /proc/keys /proc/timer_list; do [ -z "$(head -c 1 $f 2>/dev/null)" ] || echo ESCAPED $f; done
		(echo x >/proc/sys/kernel/domainname) 2>/dev/null && echo ESCAPED written
		true' "$root" "$T/procrace/proc" "$T/procrace/other"
}
attack "CVE-2019-19921, CVE-2023-28642" "a /proc that turns into a link during the start" proc_race

# what a message's or an attribute's length might be counted in 16 bits for
huge_inputs() {
	long=$(head -c 66000 /dev/zero | tr '\0' a)
	printf '%s' "$long" >"$T/long"
	for filter in \
		'.hostname = $long' \
		'.process.args = ["true", $long]' \
		'.process.env += ["X=" + $long]' \
		'.process.cwd = "/" + $long' \
		'.linux.cgroupsPath = "/" + $long' \
		'.linux.namespaces |= map(if .type == "uts" then .path = "/" + $long else . end)' \
		'.mounts += [{destination: ("/" + $long), type: "tmpfs", source: "none"}]' \
		'.mounts += [{destination: "/tmp", type: "tmpfs", source: "none", options: [$long]}]' \
		'.linux.maskedPaths += ["/" + $long]' \
		'.annotations = {"a": $long}' \
		'.linux.sysctl = {"kernel.domainname": $long}' \
		'.process.user.additionalGids = [range(1; 65540)]' \
		'.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [range(0; 5000) | {containerID: ., hostID: (100000 + .), size: 1}]
			| .linux.gidMappings = .linux.uidMappings'; do
		mkdir -p "$T/huge"
		jq --rawfile long "$T/long" ".process.args = [\"true\"] | $filter" "$T/base.json" >"$T/huge/config.json"
		rc=0
		c run --bundle "$T/huge" "$tag-huge" >"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
		[ "$rc" -lt 128 ] || broken "ended by signal $((rc - 128)): $filter"
		harmless "$rc" "$T/try.err"
		c delete --force "$tag-huge" >/dev/null 2>&1 || true
	done
	# more namespaces than a length of 16 bits can say: each path is 16 KiB
	bundle many '.linux.namespaces = [range(0; 40) | {type: "mount", path: ("/" + ("x" * 4000))}]'
	rc=0
	c run --bundle "$T/many" "$tag-many" >"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
	[ "$rc" -ne 0 ] || broken "joins nothing and runs"
	[ "$rc" -lt 128 ] || broken "ended by signal $((rc - 128))"
	harmless "$rc" "$T/try.err"
}
attack "CVE-2021-43784" "inputs longer than a field of 16 bits are refused or whole" huge_inputs

user_cgroup() {
	[ -n "$cgroups" ] || not_applicable "no cgroup v2"
	# what a delegated user has: a cgroup that the container's root may write to, if it is to be seen
	mkdir "$cgroups/$tag-theirs"
	chown -R 100000:100000 "$cgroups/$tag-theirs"
	for filter in '.' '.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'; do
		for ns in 'map(select(.type != "cgroup"))' .; do
			start_ct ucg ".linux.namespaces |= ($ns + [{type: \"user\"}]) | $filter |
				.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings |
				.root.path = \"$T/rootfs\"" || continue
			c exec "$tag-ucg" sh -c 'cd /sys/fs/cgroup && for d in . init system.slice '"$tag"'-theirs; do
				mkdir $d/'"$tag"'-escaped 2>/dev/null && echo made; done' 2>/dev/null | grep -q made || true
			if [ -n "$(find "$cgroups" -maxdepth 2 -name "$tag-escaped")" ]; then
				find "$cgroups" -maxdepth 2 -name "$tag-escaped" -exec rmdir {} +
				rmdir "$cgroups/$tag-theirs"
				broken "a cgroup of the host's was made"
			fi
			c delete --force "$tag-ucg" >/dev/null 2>&1 || true
		done
	done
	rmdir "$cgroups/$tag-theirs"
}
attack "CVE-2023-25809" "with a user namespace, with and without a cgroup one, the host's cgroups cannot be written" user_cgroup

setuid_files() {
	! peer || not_applicable "about what Cloison ships"
	equal "$(find "$PWD/$OUT/bin" -type f -perm /6000)" ""
	! grep -E '^(file|nod)[[:space:]]' image/rootfs/list 2>/dev/null | awk '$3 ~ /^[2467][0-7][0-7][0-7]$/' | grep . || fail "a setuid file in the image"
}
attack "CVE-2022-47952, CVE-2026-39402" "no program is setuid" setuid_files

# one rule or several on a 64-bit argument, asked at every edge of every value in them
wide_filter() {
	image wide
	cp "$tools/filter-probe" "$T/wide/bin/"
	n=0
	while read -r rules; do
		[ -n "$rules" ] || continue
		# words OP VALUE VALUETWO, a comma between the rules' comparisons on the first argument
		json=$(printf '%s' "$rules" | awk -v RS=, '{ printf "%s{\"names\":[\"sched_yield\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":77,\"args\":[{\"index\":0,\"op\":\"SCMP_CMP_%s\",\"value\":%s,\"valueTwo\":%s}]}", (NR > 1 ? "," : ""), $1, $2, $3 }')
		bundle wide "$root | .process.args = [\"filter-probe\", \"$rules\"]"
		# as text: jq would round numbers of 64 bits
		sed -i "s|\"seccomp\": *{|\"seccomp\": {\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[],\"syscalls\":[$json]},\"unused\": {|" "$T/wide/config.json"
		rc=0
		c run --bundle "$T/wide" "$tag-wide" >"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
		case $rc in
		0) n=$((n + 1)) ;;
		3) broken "$rules: $(head -n 1 "$T/try.out")" ;;
		*) fail "$rules: exit code $rc: $(cat "$T/try.err")" ;;
		esac
	done <<-'END'
		EQ 4294967296 0
		NE 4294967296 0
		GT 4294967295 0
		GE 4294967296 0
		LT 4294967296 0
		LE 8589934591 0
		MASKED_EQ 18446744069414584320 4294967296
		GT 18446744073709551614 0
		EQ 4294967296 0, EQ 8589934592 0
		GT 8589934592 0, EQ 4294967297 0
		GE 4294967296 0, LT 5 0
		LE 4294967296 0, GT 12884901888 0
		EQ 5 0, GT 4294967300 0, EQ 4294967295 0
		MASKED_EQ 255 1, GE 1311768467463790320 0
		LT 4294967297 0, GE 18446744069414584320 0, NE 4294967298 0
	END
	[ "$n" -eq 15 ] || fail "only $n filters"
}
attack "GHSA-4q85-33p6-j5g6" "comparisons of 64-bit arguments, alone and together, say what they say" wide_filter

# the start goes on after a call has failed, another way, with the host's root or none of its walls
no_other_path() {
	command -v strace >/dev/null || not_applicable "needs strace"
	bundle fall . 'ls / | tr "\n" " "; [ ! -e "$0" ] || echo ESCAPED' && jq --arg me "$T/rootfs" '.process.args += [$me]' "$T/fall/config.json" >"$T/fall/new" && mv "$T/fall/new" "$T/fall/config.json"
	c run --bundle "$T/fall" "$tag-fall" >"$T/want" 2>&1 </dev/null
	hit=0
	for call in move_mount open_tree mount_setattr fsmount mount pivot_root openat2 fsopen umount2; do
		for when in 1 2 3 5 8 13 21; do
			for error in ELOOP ENOSYS; do
				rc=0
				CLOISON_TEST=$T timeout -k 5 $((2 * ${LIMIT:-30})) strace -f -qq -o "$T/trace" -e trace="$call" -e inject="$call:error=$error:when=$when" \
					"$program" --root "$T/.run" run --bundle "$T/fall" "$tag-fall" >"$T/try.out" 2>"$T/try.err" </dev/null || rc=$?
				c delete --force "$tag-fall" >/dev/null 2>&1 || true
				grep -q INJECTED "$T/trace" || continue 2
				hit=$((hit + 1))
				! grep -q ESCAPED "$T/try.out" || broken "$call $when $error: the host's files"
				if [ "$rc" -eq 0 ]; then
					[ "$(cat "$T/try.out")" = "$(cat "$T/want")" ] || broken "$call $when $error: $(cat "$T/try.out")"
				elif ! peer; then
					clear_error "$T/try.err"
				fi
				peer || [ "$rc" -ne 0 ] || fail "$call $when $error: another way was found"
			done
		done
	done
	[ "$hit" -gt 0 ] || not_applicable "none of these calls is made"
	echo "$hit failures"
}
attack "crun issue 2262" "a mount call that fails is not made good another way" no_other_path

# What a tmpfs begins with is the image's: its links, its devices, its depth.
copy_up_tricks() {
	tmpcopyup=".mounts += [{destination: \"/data\", type: \"tmpfs\", source: \"x\", options: [\"tmpcopyup\", \"size=1m\", \"nr_inodes=2000\"]}]"
	echo "secret of the host" >"$T/hostfile"
	for link in "$T/hostfile" "../../../../../../../..$T/hostfile" /proc/1/root; do
		image up
		mkdir "$T/up/data"
		ln -s "$link" "$T/up/data/link"
		for built in . "$hooked"; do
			out=$(ct "$root | $tmpcopyup | $built" 'cat /data/link /data/link/etc/shadow 2>/dev/null; readlink /data/link')
			lacks "$out" 'secret|root:'
			equal "$out" "$link"
		done
	done
	untouched

	image up
	ln -s "$outside" "$T/up/data"
	mkdir -p "$outside/below"
	: >"$outside/below/file"
	rc=0
	ct "$root | $tmpcopyup" 'ls /data/below; : >/data/x' >"$T/try.out" 2>"$T/try.err" || rc=$?
	harmless "$rc" "$T/try.err"
	[ ! -s "$T/try.out" ] || fail "copied from the host: $(cat "$T/try.out")"
	rm -r "$outside/below"
	untouched

	image up
	mkdir "$T/up/data"
	mknod "$T/up/data/mem" c 1 1
	bundle up "$root | $tmpcopyup" true
	refuse 125 'cannot copy the device `mem`' c run --bundle "$T/up" "$tag-up"

	image up
	mkdir "$T/up/data"
	(cd "$T/up/data" && for _ in $(seq 200); do mkdir d && cd d; done)
	bundle up "$root | $tmpcopyup" true
	refuse 125 'cannot copy directories that deep' c run --bundle "$T/up" "$tag-up"

	image up
	mkdir "$T/up/data"
	truncate -s 1T "$T/up/data/hole"
	bundle up "$root | $tmpcopyup" true
	refuse 125 'cannot copy `hole`: ENOSPC' c run --bundle "$T/up" "$tag-up"

	image up
	mkdir "$T/up/data"
	(cd "$T/up/data" && seq 3000 | xargs touch)
	bundle up "$root | $tmpcopyup" true
	refuse 125 'cannot make `[0-9]+`: ENOSPC' c run --bundle "$T/up" "$tag-up"
	rm -rf "$T/up"
}
own_check "tmpcopyup copies links as links, refuses devices, and ends" copy_up_tricks

# Another container with the same volume swaps a directory for a link while it is copied.
copy_up_race() {
	echo ESCAPED >"$T/escaped"
	chmod 600 "$T/escaped"
	mkdir -p "$T/upvol/x" "$T/secrets"
	cp "$T/escaped" "$T/secrets/file"
	for i in $(seq 200); do : >"$T/upvol/x/$i"; done
	ln -s "$T/secrets" "$T/upvol/y"
	race uprace 'cat /tmp/x/file /tmp/y/file 2>/dev/null; true' ".mounts += [
		{destination: \"/tmp\", type: \"bind\", source: \"$T/upvol\", options: [\"bind\"]},
		{destination: \"/tmp\", type: \"tmpfs\", source: \"none\", options: [\"tmpcopyup\"]}]" "$T/upvol/x" "$T/upvol/y"
	[ "$worked" -gt 0 ] || fail "none worked"
	mkdir "$T/upvol2"
	echo fine >"$T/upvol2/x"
	ln -s "$T/escaped" "$T/upvol2/y"
	race uprace2 'cat /tmp/x /tmp/y 2>/dev/null; true' ".mounts += [
		{destination: \"/tmp\", type: \"bind\", source: \"$T/upvol2\", options: [\"bind\"]},
		{destination: \"/tmp\", type: \"tmpfs\", source: \"none\", options: [\"tmpcopyup\"]}]" "$T/upvol2/x" "$T/upvol2/y"
	[ "$worked" -gt 0 ] || fail "none worked"
}
own_check "tmpcopyup while files turn into links to the host's" copy_up_race

nofollow_tricks() {
	for target in "$outside" "../../../../../../../..$outside" /proc/1/root /proc/sys; do
		image nf
		ln -s "$target" "$T/nf/link"
		: >"$T/source"
		ln -s "$target" "$T/srclink"
		for options in '"bind", "dest-nofollow"' '"bind", "src-nofollow", "dest-nofollow"' '"bind", "copy-symlink"' '"bind", "src-nofollow"'; do
			for source in "$T/source" "$T/srclink" "$T"; do
				for destination in /link /link/x /tmp/../link/y; do
					try "$root | .mounts += [{destination: \"$destination\", type: \"bind\", source: \"$source\", options: [$options]}]" \
						'echo x >/link/written; echo x >/tmp/written'
				done
			done
		done
		try "$root | .mounts += [{destination: \"/link\", type: \"none\", options: [\"remount\", \"ro\"]}]" true
		[ "$rc" -eq 125 ] || fail "remounted through a link"
		rm "$T/srclink"
	done
	bundle nfp ".mounts += [{destination: \"/proc/self/attr/current\", type: \"bind\", source: \"/etc/hostname\", options: [\"bind\", \"dest-nofollow\"]}]" true
	refuse 125 'is inside procfs' c run --bundle "$T/nfp" "$tag-nfp"
	ln -s x "$T/plink"
	bundle nfp ".mounts += [{destination: \"/proc/link\", type: \"bind\", source: \"$T/plink\", options: [\"bind\", \"copy-symlink\"]}]" true
	refuse 125 'is inside procfs' c run --bundle "$T/nfp" "$tag-nfp"
}
own_check "nofollow options and copied links stay in the root and out of procfs" nofollow_tricks

finish
