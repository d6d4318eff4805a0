#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hooks.sh: the six kinds of hooks: when each runs, where, with what, and what becomes of a container
# whose hook fails.
. tests/host/lib.sh

mkdir "$T/h"
export H="$T/h"

# hook NAME SCRIPT - a hook of the host's
hook() {
	printf '#!/bin/sh\n%s\n' "$2" >"$H/$1"
	chmod 755 "$H/$1"
}

# each kind notes its name, what it was told and where it was
all_kinds() {
	for kind in prestart createRuntime createContainer poststart poststop; do
		hook "$kind" "state=\$(cat)
echo $kind >>'$H/order'
echo \"\$state\" >'$H/$kind.json'
readlink /proc/self/ns/mnt >'$H/$kind.mnt'
readlink /proc/self/ns/net >'$H/$kind.net'
pwd >'$H/$kind.cwd'
ls /proc/self/fd | tr '\n' ' ' >'$H/$kind.fds'
env >'$H/$kind.env'"
	done
}

# in the container: a file of the image, which may write to /tmp only
kinds='.hooks = {prestart: [{path: "\($T)/h/prestart"}], createRuntime: [{path: "\($T)/h/createRuntime"}],
	createContainer: [{path: "\($T)/h/createContainer"}],
	startContainer: [{path: "/bin/sh", args: ["sh", "-c", "cat >/tmp/state; id -u >/tmp/id; grep -E \"^(CapEff|NoNewPrivs|Seccomp):\" /proc/self/status >/tmp/status; readlink /proc/self/ns/mnt >/tmp/mnt; pwd >/tmp/cwd; echo startContainer >>/tmp/order"]}],
	poststart: [{path: "\($T)/h/poststart"}], poststop: [{path: "\($T)/h/poststop"}]} |
	.mounts += [{destination: "/tmp", type: "bind", source: "\($T)/h/tmp", options: ["rbind", "rw"]}] |
	.annotations = {"org.example.key": "a \"value\""}'

prepare() {
	rm -rf "$H"
	mkdir -p "$H/tmp"
	chmod 1777 "$H/tmp"
	all_kinds
}

told() {
	jq -r "$2" "$H/$1.json"
}

order_of_run() {
	prepare
	bundle order "$kinds" 'cat /proc/self/stat >/tmp/program; echo program'
	equal "$(cd / && c run --bundle "$T/order" "$tag-order")" program
	equal "$(tr '\n' ' ' <"$H/order")" "prestart createRuntime createContainer poststart poststop "
	equal "$(cat "$H/tmp/order")" startContainer
	# run: each before the next, the container's own after createContainer
	[ -n "$(find "$H/tmp/order" -newer "$H/createContainer.json")" ] || fail "startContainer came before createContainer"
	for kind in prestart createRuntime createContainer; do equal "$(told "$kind" .status)" creating; done
	equal "$(jq -r .status "$H/tmp/state")" created
	equal "$(told poststart .status)" running
	equal "$(told poststop .status)" stopped
	for kind in prestart createRuntime poststart; do
		equal "$(told "$kind" .pid)" "$(told prestart .pid)"
	done
	# in the container's namespaces, as they number it
	equal "$(told createContainer .pid) $(jq -r .pid "$H/tmp/state")" "1 1"
	for kind in prestart createRuntime createContainer poststart poststop; do
		equal "$(told "$kind" .id)" "$tag-order"
		equal "$(told "$kind" .bundle)" "$T/order"
		equal "$(told "$kind" '.annotations["org.example.key"]')" 'a "value"'
		equal "$(told "$kind" .ociVersion)" "$(jq -r .ociVersion "$T/order/config.json")"
	done
}
check "run: all kinds in their order, each told the state as it is then" order_of_run

places() {
	prepare
	bundle places "$kinds | .process.user = {uid: 1000, gid: 1000} | .process.cwd = \"/etc\"" true
	c run --bundle "$T/places" "$tag-places"
	for kind in prestart createRuntime poststart poststop; do
		equal "$(cat "$H/$kind.mnt")" "$(readlink /proc/self/ns/mnt)"
		equal "$(cat "$H/$kind.net")" "$(readlink /proc/self/ns/net)"
	done
	[ "$(cat "$H/createContainer.mnt")" != "$(readlink /proc/self/ns/mnt)" ] || fail "createContainer ran in the host's mount namespace"
	[ "$(cat "$H/createContainer.net")" != "$(readlink /proc/self/ns/net)" ] || fail "createContainer ran in the host's network namespace"
	equal "$(cat "$H/tmp/mnt")" "$(cat "$H/createContainer.mnt")"
	for kind in prestart createRuntime createContainer poststart poststop; do
		equal "$(cat "$H/$kind.cwd")" "$T/places"
	done
	equal "$(cat "$H/tmp/cwd")" /etc
	# the image's program gains nothing by being a hook
	equal "$(cat "$H/tmp/id")" 1000
	equal "$(tr -d '\t ' <"$H/tmp/status" | tr '\n' ' ')" "CapEff:0000000000000000 NoNewPrivs:1 Seccomp:2 "
}
check "each kind runs in its namespaces; startContainer with the program's user, capabilities and filter" places

bare() {
	prepare
	hook arguments 'for a; do echo "[$a]"; done >'"$H/args"'; env >'"$H/env"'; echo "$0" >'"$H/zero"
	bundle bare '.hooks.createRuntime = [{path: "\($T)/h/createRuntime"},
		{path: "\($T)/h/arguments", args: ["other name", "a b", "", "*"], env: ["ONE=1", "TWO=a b"]}]' true
	SECRET=x c run --bundle "$T/bare" "$tag-bare" 7<"$T/base.json"
	# what the shell sets for itself, and the descriptor ls reads
	equal "$(grep -v -E '^(PWD|_|SHLVL|OLDPWD)=' "$H/createRuntime.env" || true)" ""
	equal "$(cat "$H/createRuntime.fds")" "0 1 2 3 "
	equal "$(cat "$H/args")" "[a b]
[]
[*]"
	equal "$(grep -v -E '^(PWD|_|SHLVL|OLDPWD)=' "$H/env" | sort)" "ONE=1
TWO=a b"
}
check "a hook has its own environment and arguments only, and no descriptor of the runtime's" bare

create_start_delete() {
	prepare
	bundle csd "$kinds" 'trap "exit 0" TERM; sleep 1000 & wait'
	c create --bundle "$T/csd" "$tag-csd" </dev/null >"$T/csd/out" 2>&1
	equal "$(tr '\n' ' ' <"$H/order")" "prestart createRuntime createContainer "
	[ ! -e "$H/tmp/order" ] || fail "startContainer ran before start"
	equal "$(status_of csd)" created
	c start "$tag-csd"
	equal "$(cat "$H/tmp/order")" startContainer
	equal "$(tr '\n' ' ' <"$H/order")" "prestart createRuntime createContainer poststart "
	equal "$(told poststart .pid)" "$(pid_of csd)"
	c kill "$tag-csd" KILL
	wait_for 5 is_status csd stopped
	[ ! -e "$H/poststop.json" ] || fail "poststop ran before delete"
	c delete "$tag-csd"
	equal "$(told poststop .status)" stopped
	equal "$(told poststop .id)" "$tag-csd"
}
check "create, start and delete run the hooks that are theirs" create_start_delete

never_started() {
	prepare
	bundle never "$kinds" true
	c create --bundle "$T/never" "$tag-never" </dev/null >"$T/never/out" 2>&1
	c delete --force "$tag-never"
	equal "$(tr '\n' ' ' <"$H/order")" "prestart createRuntime createContainer poststop "
}
check "a created container that is deleted runs poststop, and neither of start's" never_started

# fails_at KIND VERB - a hook of that kind fails: its words are shown, nothing is left, poststop has run
fails_at() {
	prepare
	hook fail 'echo first >&2; echo "the reason, at last" >&2; exit 3'
	bundle fails "$kinds | .hooks.$1 = [.hooks.$1[0], {path: \"$H/fail\"}, {path: \"$H/never\"}]" \
		'echo ran >/tmp/ran; sleep 1000'
	if [ "$2" = start ]; then
		c create --bundle "$T/fails" "$tag-fails" </dev/null >"$T/fails/out" 2>&1
		refuse 125 "hooks.$1\[1\]: .$H/fail. failed with exit code 3" c start "$tag-fails"
	else
		refuse 125 "hooks.$1\[1\]: .$H/fail. failed with exit code 3" c "$2" --bundle "$T/fails" "$tag-fails"
	fi
	has "$(cat "$T/refused.err")" 'cause: it says: the reason, at last$'
	equal "$(tail -n 1 "$H/order")" poststop
	refuse 125 'does not exist' c state "$tag-fails"
}
for kind in prestart createRuntime createContainer; do
	check "create: a $kind hook that fails undoes the container" fails_at "$kind" create
	check "run: a $kind hook that fails undoes the container" fails_at "$kind" run
done
check "start: a poststart hook that fails undoes the container" fails_at poststart start
check "run: a poststart hook that fails undoes the container" fails_at poststart run

start_container_fails() {
	for verb in start run; do
		prepare
		bundle scf "$kinds | .hooks.startContainer = [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo no >&2; kill -TERM \$\$\"]}]" \
			'echo ran >/tmp/ran'
		if [ "$verb" = start ]; then
			c create --bundle "$T/scf" "$tag-scf" </dev/null >"$T/scf/out" 2>&1
			refuse 125 'hooks.startContainer\[0\]: ./bin/sh. was killed by signal 15' c start "$tag-scf"
		else
			refuse 125 'hooks.startContainer\[0\]: ./bin/sh. was killed by signal 15' c run --bundle "$T/scf" "$tag-scf"
		fi
		has "$(cat "$T/refused.err")" 'it says: no$'
		[ ! -e "$H/tmp/ran" ] || fail "the program ran"
		[ ! -e "$H/poststart.json" ] || fail "poststart ran"
		equal "$(tail -n 1 "$H/order")" poststop
		refuse 125 'does not exist' c state "$tag-scf"
	done
}
check "start and run: a startContainer hook that fails undoes the container; the program never ran" start_container_fails

poststop_warns() {
	prepare
	hook fail 'echo gone >&2; exit 1'
	bundle warns '.hooks.poststop = [{path: "\($T)/h/fail"}, {path: "/no/such"}, {path: "\($T)/h/poststop"}]' 'echo fine'
	equal "$(c --log "$H/log" --log-format json run --bundle "$T/warns" "$tag-warns" 2>"$H/stderr")" fine
	equal "$(cat "$H/order")" poststop
	equal "$(jq -r .level "$H/log" | tr '\n' ' ')" "warning warning "
	has "$(jq -r .msg "$H/log" | head -n 1)" 'hooks.poststop\[0\]: .* failed with exit code 1 \(it says: gone\)'
	has "$(cat "$H/stderr")" '^cloison: warning: hooks.poststop\[1\]: ./no/such. failed with exit code 127'
	has "$(cat "$H/stderr")" 'cannot execute ./no/such.: ENOENT'
}
check "a poststop hook that fails is a warning in the log, and the others still run" poststop_warns

too_long() {
	prepare
	# the background process would outlive a kill of the first alone
	hook hang "sleep 1000 & echo \$! >'$H/pid'; sleep 1000"
	bundle time '.hooks.createRuntime = [{path: "\($T)/h/hang", timeout: 1}]' true
	refuse 125 'hooks.createRuntime\[0\]: .*/hang. was killed, it took longer than its timeout of 1 s' \
		c run --bundle "$T/time" "$tag-time"
	wait_for 5 eval '! kill -0 "$(cat "$H/pid")" 2>/dev/null'
	for wrong in 0 -1 '"1"'; do
		bundle time ".hooks.createRuntime = [{path: \"/bin/true\", timeout: $wrong}]" true
		refuse 125 'hooks.createRuntime\[0\].timeout' c run --bundle "$T/time" "$tag-time"
	done
}
check "a hook that takes too long is killed with all its process group" too_long

background() {
	prepare
	hook back "sleep 3 & exit 0"
	bundle back '.hooks.createRuntime = [{path: "\($T)/h/back", timeout: 2}]' 'echo on'
	equal "$(c run --bundle "$T/back" "$tag-back")" on
	wait_for 10 nothing_left
}
check "what a hook leaves in the background holds nothing up" background

large_state() {
	prepare
	hook unread 'exit 0'
	bundle large '.hooks.createRuntime = [{path: "\($T)/h/unread"}, {path: "\($T)/h/createRuntime"}] |
		.annotations = {a: ("x" * 200000)}' true
	c run --bundle "$T/large" "$tag-large"
	equal "$(told createRuntime '.annotations.a | length')" 200000
}
check "a state larger than a pipe arrives whole, and one that is not read does no harm" large_state

sees_rootfs() {
	prepare
	hook look 'root=$(jq -r .rootfs); grep -c " $root" /proc/self/mountinfo >'"$H/seen"'; echo from the hook >"$root/hooked"; ls "$root/proc/self" >/dev/null'
	hook net "pid=\$(jq -r .pid); nsenter -t \$pid -n ip link set lo up; nsenter -t \$pid -m ls '$T/sees.d/proc/self' >'$H/inside'"
	cp -a "$T/rootfs" "$T/sees.d"
	bundle sees '.root = {path: "\($T)/sees.d", readonly: true} |
		.hooks.createRuntime = [{path: "\($T)/h/net", env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}] |
		.hooks.createContainer = [{path: "\($T)/h/look", env: ["PATH=/usr/bin:/bin"]}]' \
		'cat /hooked; touch /x 2>/dev/null || echo read-only; ip addr show lo | grep -o "LOOPBACK,UP" ; ls /proc/1/root/ | tr "\n" " "; mount | grep -c "$T" || true'
	equal "$(c run --bundle "$T/sees" "$tag-sees" 2>&1 | sed -n 1,3p)" "from the hook
read-only
LOOPBACK,UP"
	[ "$(cat "$H/seen")" -gt 3 ] || fail "the container's mounts were not there"
	[ -s "$H/inside" ] || fail "createRuntime saw no procfs in the container's mount namespace"
	rm -rf "$T/sees.d"
}
check "hooks find the container's mounts below the root's own path, and may still write there" sees_rootfs

joined() {
	prepare
	unshare -n sleep 1000 &
	other=$!
	wait_for 5 eval '[ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
	bundle joined "$kinds | .linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$other/ns/net\" else . end) |
		.linux.namespaces += [{type: \"time\"}] | .linux.timeOffsets = {monotonic: {secs: 100000}}" true
	hook prestart "cat >/dev/null; readlink /proc/self/ns/time >'$H/time'; echo prestart >>'$H/order'"
	c run --bundle "$T/joined" "$tag-joined"
	equal "$(cat "$H/createContainer.net")" "$(readlink /proc/"$other"/ns/net)"
	equal "$(cat "$H/time")" "$(readlink /proc/self/ns/time)"
	kill "$other"
	wait "$other" || true
}
check "with a joined namespace, too; the runtime's hooks stay in the runtime's time namespace" joined

refused() {
	bundle bad '.hooks.prestart = [{path: "relative"}]' true
	refuse 125 'hooks.prestart\[0\].path: must be an absolute path' c run --bundle "$T/bad" "$tag-bad"
	bundle bad '.hooks.poststop = [{args: ["x"]}]' true
	refuse 125 'hooks.poststop\[0\].path: is missing' c run --bundle "$T/bad" "$tag-bad"
	bundle bad '.hooks.poststop = {}' true
	refuse 125 'hooks.poststop: must be an array' c run --bundle "$T/bad" "$tag-bad"
	ct '.hooks = {prestart: [], poststop: [], other: [1]}' true
}
check "a hook without an absolute path is refused before anything is made; empty lists and unknown kinds are not" refused

finish
