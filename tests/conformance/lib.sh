# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# lib.sh: what a conformance case is written with. A case is a function case_NAME, run once for each
# runtime in a subshell under `set -e`: it passes when no command in it fails.
#
#   $id $case_dir $bundle        the container's name, a scratch directory, the bundle in it
#   $shared                      a directory that every container sees as /shared
#   $config                      the bundle's config.json
#
#   config FILTER [SCRIPT]       the base configuration, changed by the jq FILTER; sh runs SCRIPT
#   inside FILTER SCRIPT         run that: its output in $out, the runtime's in $err, its code in $rc
#   gives FILTER SCRIPT TEXT     the same has to succeed and to print TEXT
#   matches FILTER SCRIPT ERE    ... and to print something that matches
#   refuses FILTER               creating the container has to be an error, and to leave none
#   rt VERB ARGUMENT...          the runtime
#   made FILTER SCRIPT           create the container; `begin` starts it, `up` does both
#   must_fail COMMAND...         it has to fail
#   skip WHY                     this machine cannot tell
#   fail, equal, has, lacks, wait_for, is_status, status, pid, background

fail() {
	echo "$*" >&2
	exit 1
}

# exit code 77 is what the driver takes for a skip
skip() {
	echo "$*" >&2
	exit 77
}

equal() {
	[ "$1" = "$2" ] || fail "is \`$1\`, should be \`$2\`"
}

has() {
	printf '%s\n' "$1" | grep -q -E -e "$2" || fail "\`$1\` has no match of /$2/"
}

lacks() {
	! printf '%s\n' "$1" | grep -q -E -e "$2" || fail "\`$1\` has a match of /$2/"
}

# rt - the runtime under test, with a state directory of its own, a time limit and no terminal
rt() {
	CONFORMANCE=$mark timeout -k 5 "$LIMIT" "$runtime" --root "$runtime_root" "$@" </dev/null
}

# must_fail COMMAND... - fails by itself, not by the time limit
must_fail() {
	rc=0
	"$@" >"$case_dir/must.out" 2>&1 || rc=$?
	[ "$rc" -ne 0 ] || fail "no error: $*"
	case $rc in
	124 | 137) fail "did not end in $LIMIT s: $*" ;;
	12[89] | 1[3-9]? | 2??) fail "died of signal $((rc - 128)): $*" ;;
	esac
}

# wait_for COMMAND... - until COMMAND succeeds, half the time limit at most
wait_for() {
	tries=$((LIMIT * 25))
	until "$@" 2>/dev/null; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "never became true: $*"
		sleep 0.02
	done
}

# The configurations of a case are mostly the same for every runtime: made once, then copied.
config() {
	config_serial=$((config_serial + 1))
	made_config=$T/configs/$case.$config_serial
	if [ ! -f "$made_config" ] || [ "$(cat "$made_config.from")" != "$*" ]; then
		if [ $# -gt 1 ]; then
			config_program=".process.args = [\"sh\", \"-c\", \$script] | $1"
		else
			config_program=$1
		fi
		jq -c --arg dir "$case_dir" --arg script "${2:-}" "$config_program" "$T/base.json" >"$made_config.new" ||
			fail "the filter of the case: $1"
		sed "s|CGROUP|$tag.$case|; s|SHARED|$shared|" "$made_config.new" >"$made_config"
		printf '%s\n' "$*" >"$made_config.from"
	fi
	cp "$made_config" "$config"
}

inside() {
	config "$1" "$2"
	again
}

# again - run the container of the configuration that is there
again() {
	rc=0
	rt run --bundle "$bundle" "$id" >"$case_dir/out" 2>"$case_dir/err" || rc=$?
	out=$(cat "$case_dir/out")
	err=$(cat "$case_dir/err")
	[ "$rc" -ne 124 ] || fail "did not end in $LIMIT s: $err"
}

succeeded() {
	[ "$rc" -eq 0 ] || fail "code $rc: $(printf '%s' "$err" | tail -n 3 | tr '\n' ' ')"
}

gives() {
	inside "$1" "$2"
	succeeded
	equal "$out" "$3"
}

matches() {
	inside "$1" "$2"
	succeeded
	has "$out" "$3"
}

no_container() {
	! rt state "$1" >/dev/null 2>&1 || fail "there is a container after the error"
}

refuses() {
	config "$1"
	must_fail rt create --bundle "$bundle" "$id"
	no_container "$id"
}

# made, begin and up keep the program's output in $case_dir/out: a pipe would be held open by it
made() {
	config "$1" "$2"
	rt create --bundle "$bundle" "$id" >"$case_dir/out" 2>"$case_dir/err" ||
		fail "create: $(tail -n 3 "$case_dir/err" | tr '\n' ' ')"
}

begin() {
	rt start "$id" >"$case_dir/start.out" 2>"$case_dir/start.err" ||
		fail "start: $(tail -n 3 "$case_dir/start.err" | tr '\n' ' ')"
}

up() {
	made "$1" "$2"
	begin
}

# A program that goes on until it is told to end, and says when it can be told.
SLEEPER='trap "exit 0" TERM; echo ready; while :; do sleep 0.1; done'

state() {
	rt state "$id"
}

status() {
	state | jq -r .status
}

is_status() {
	[ "$(status)" = "$1" ]
}

pid() {
	state | jq -r .pid
}

# background COMMAND... - until the end of the case; its id in $background_pid
background() {
	"$@" &
	background_pid=$!
	echo "$background_pid" >>"$case_dir/pids"
}

# holder FLAG... - a process in namespaces of its own, made by unshare(1); its id in $holder
holder() {
	mkfifo "$case_dir/holder"
	# shellcheck disable=SC2016 # for the shell inside
	background unshare "$@" sh -c 'echo "$0" >"$1"; exec sleep 1000' ready "$case_dir/holder"
	read -r _ <"$case_dir/holder"
	holder=$background_pid
	# with --fork, it is the child that is inside
	child=
	read -r child _ <"/proc/$holder/task/$holder/children" || :
	holder=${child:-$holder}
}

# ns PID KIND - which namespace that is
ns() {
	readlink "/proc/$1/ns/$2"
}

# own_rootfs - $rootfs, one that the case may write to
own_rootfs() {
	rootfs=$case_dir/rootfs
	cp -a "$T/rootfs" "$rootfs"
}

# cgroup_of PID - its directory in the cgroup v2 tree
cgroup_of() {
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
}

# need_controller NAME... - a cgroup v2 controller that this machine gives us
need_controller() {
	for controller; do
		grep -q -w "$controller" /sys/fs/cgroup/cgroup.controllers ||
			skip "needs the cgroup v2 controller $controller"
	done
}

# limit FILE FILTER WANT CONTROLLER - the container's cgroup FILE has WANT
limit() {
	need_controller "$4"
	up "$2" "$SLEEPER"
	equal "$(cat "$(cgroup_of "$(pid)")/$1")" "$3"
}

# --- hooks

# A hook that notes its name, what state it was given, and where it is. It runs in the runtime's
# namespaces or in the container's, with no environment: $1 is its name, $2 where to note.
write_hook() {
	cat >"$shared/hook" <<'HOOK'
#!/bin/sh
PATH=/bin:/usr/bin
export PATH
state=$(cat)
{
	echo "$1"
} >>"$2/order"
printf '%s\n' "$state" >"$2/$1.state"
for kind in mnt uts pid ipc net; do
	echo "$kind $(readlink /proc/self/ns/$kind)"
done >"$2/$1.ns"
HOOK
	chmod 755 "$shared/hook"
}

# hook KIND [NAME] - a jq filter that adds a hook of that kind to note itself
hook() {
	case $1 in
	startContainer) printf '%s' " | .hooks.$1 += [{path: \"/shared/hook\", args: [\"hook\", \"${2:-$1}\", \"/shared\"]}]" ;;
	*) printf '%s' " | .hooks.$1 += [{path: \"$shared/hook\", args: [\"hook\", \"${2:-$1}\", \"$shared\"]}]" ;;
	esac
}

# failing KIND - a jq filter that adds a hook which notes itself as "failing", and fails
failing() {
	printf '#!/bin/sh\nPATH=/bin:/usr/bin\ncat >/dev/null\necho failing >>"$1/order"\nexit 1\n' >"$shared/fails"
	chmod 755 "$shared/fails"
	case $1 in
	startContainer) printf '%s' " | .hooks.$1 += [{path: \"/shared/fails\", args: [\"fails\", \"/shared\"]}]" ;;
	*) printf '%s' " | .hooks.$1 += [{path: \"$shared/fails\", args: [\"fails\", \"$shared\"]}]" ;;
	esac
}

# order - which hooks ran, and the program, in one line
order() {
	tr '\n' ' ' <"$shared/order" 2>/dev/null || true
}

# seen NAME KIND - the namespace in which hook NAME was
seen() {
	sed -n "s/^$2 //p" "$shared/$1.ns"
}
