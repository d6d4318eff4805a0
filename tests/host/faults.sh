#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# faults.sh: every system call of a start fails, one at a time; the run then says in one clear error
# what could not be done, and which errno kept it from that, or does without, and nothing is left: nobody
# has to delete what was not made. The same for the other verbs, which leave the container as it was.
#
# After the runtime was killed there may be something left, of which nothing lives that `delete --force`
# does not find. A kill comes before the call is made, so that after each call is before the next.
#
# strace(1) makes the calls fail, in the runtime and in the process that becomes the container's
# program. A first, undisturbed run counts them. The short form takes, of calls that are made many
# times, the first, the last and one between; LONG=1 takes every one, with more errors. The child that
# becomes the program is disturbed by itself, too (disturb.c), at every kind of call.
. tests/host/lib.sh

command -v strace >/dev/null || skip_all "needs strace"

# Of all the calls that are made, those that cannot fail: they return what is known, set what is the
# process's own from checked values, or give back.
cannot_fail="close exit_group exit getpid gettid getuid geteuid umask rt_sigaction rt_sigprocmask munmap madvise
arch_prctl set_tid_address getrandom uname nanosleep clock_nanosleep clock_gettime"

# traced STRACE-OPTION... - a run under strace; $T/fault.out, $T/fault.err and $T/trace tell about it
traced() {
	CLOISON_TEST=$T timeout -k 5 30 strace -f -qq -o "$T/trace" "$@" \
		"$cloison" --root "$T/.run" run --bundle "$T/$subject" "$tag-$subject" \
		>"$T/fault.out" 2>"$T/fault.err" </dev/null
}

# count_calls - each call's name and how often a process of the undisturbed run makes it, the
# container's only up to the program's execve: strace counts for each process by itself
count_calls() {
	traced -e trace=all
	equal "$(cat "$T/fault.out")" fine
	awk '
		$2 ~ /^execve\("\/bin\/echo"/ { program[$1] = 1 }
		program[$1] || !match($2, /^[a-z_0-9]+\(/) { next }
		{ n = ++count[$1, name = substr($2, 1, RLENGTH - 1)] }
		n > most[name] { most[name] = n }
		END { for (name in most) print name, most[name] }' "$T/trace" | sort >"$T/counts"
}

# calls - what the undisturbed run is made of
calls() {
	awk -v leave="$cannot_fail" '
		BEGIN { n = split(leave, name, /[ \n]+/); for (i = 1; i <= n; i++) left[name[i]] = 1 }
		!($1 in left) { print $1 }' "$T/counts"
}

# names_error WHAT ERROR [CALL] - does the one line say what could not be done, to what, and why? Before a
# verb is come to, its name is not known.
names_error() {
	case ${3:-} in
	# The C library's word for it is ENOMEM.
	mmap | brk) set -- "$1" ENOMEM ;;
	esac
	grep -q -E "^cloison: ([a-z]+( $tag-[a-z]+)?: )?([^ ]+ )+[^ ]+: $2\$" "$T/fault.err" ||
		fail "$1: does not name the step and $2: $(cat "$T/fault.err")"
}

# positions N - which of N occurrences to disturb
positions() {
	if [ -z "${LONG:-}" ] && [ -n "${verb:-}" ]; then
		[ "$1" -eq 0 ] || echo $((($1 + 1) / 2))
	elif [ -n "${LONG:-}" ] || [ "$1" -le 2 ]; then
		seq "$1"
	else
		printf '%s\n' 1 $((($1 + 1) / 2)) "$1"
	fi
}

# program_hit - was it the program, past its execve, that was disturbed? How it ends is not ours then.
program_hit() {
	awk '
		/INJECTED/ && program[$1] { hit = 1 }
		$2 ~ /^execve\("\/bin\/echo"/ { program[$1] = 1 }
		END { exit !hit }' "$T/trace"
}

# count_hit - has a process made the call for the $when-th time, so that it was disturbed?
count_hit() {
	awk -v call="$call(" -v when="$when" '
		index($2, call) == 1 && ++n[$1] >= when { hit = 1 }
		END { print hit ? "hit" : "missed" }' "$T/trace" >>"$T/hits"
}

# tolerated WHAT - the call failed and all went well: may it?
tolerated() {
	# one that was not made this time did not fail
	injected=$(grep INJECTED "$T/trace") || return 0
	case $call in
	# looking for the program in PATH goes on behind what cannot be looked at, as execvp(3) does; looking
	# into it is for saying why it cannot be executed, and execve decides
	stat | open | read | access | fcntl) ;;
	# points for mounts in a new /dev, made in advance: who needs one that is missing makes it
	mkdirat) ;;
	# the cgroup, made in one step where that goes, otherwise one directory at a time
	# and limits that hold now, which is unknown then
	openat2) ! printf '%s\n' "$injected" | grep -v -E '"(cloison/|memory.max"|cpu.max")' || fail "$1: succeeded" ;;
	# the stage of exec has ended; what is left of it goes with the runtime
	wait4) ;;
	# a note for `why`
	write) ! printf '%s\n' "$injected" | grep -v '"signal [0-9]* at ' || fail "$1: succeeded" ;;
	# which of two files has the weight of input and output
	faccessat) ! printf '%s\n' "$injected" | grep -v '"io.bfq.weight"' || fail "$1: succeeded" ;;
	# the process's name in lists
	prctl) ! printf '%s\n' "$injected" | grep -v PR_SET_NAME || fail "$1: succeeded" ;;
	# where a device filter may have been kept by a run before; it is loaded anew
	statfs) ! printf '%s\n' "$injected" | grep -v '"/sys/fs/bpf' || fail "$1: succeeded" ;;
	# the same, and where `why` finds its note
	openat) ! printf '%s\n' "$injected" | grep -v -E '"(/sys/fs/bpf|why[.]kill)' || fail "$1: succeeded" ;;
	*) fail "$1: succeeded" ;;
	esac
	echo "harmless: $1"
}

# judge WHAT ERROR - look at how the disturbed run ended
judge() {
	if program_hit; then
		return
	fi
	case $rc in
	0)
		equal "$(cat "$T/fault.out")" fine
		[ ! -s "$T/fault.err" ] || fail "$1: succeeded, and said $(cat "$T/fault.err")"
		tolerated "$1"
		;;
	125 | 126 | 127)
		(clear_error "$T/fault.err") || fail "$1: exit code $rc"
		names_error "$1" "$2" "$call"
		may_stay "$call" || nothing_stays "$1"
		;;
	*) fail "$1: exit code $rc: $(cat "$T/fault.err")" ;;
	esac
	[ -z "$(find "$T/.run" -name 'new-*' 2>/dev/null)" ] || fail "$1: left a temporary file"
}

# may_stay CALL - what the container was may stay when its program has run and it is the removal that
# fails: unlinkat is the removal itself, the others say that what is there is still ours.
may_stay() {
	[ "$(cat "$T/fault.out")" = fine ] || return 1
	case $1 in
	unlinkat | flock | fstat | newfstatat) ;;
	*) return 1 ;;
	esac
}

# nothing_stays WHAT - without any delete
nothing_stays() {
	[ -z "$(left_over)" ] || wait_for 3 nothing_left || fail "$1: left $(left_over | tr '\n' ' ')"
}

# clean_after WHAT - nothing is left, if need be after delete --force
clean_after() {
	c delete --force "$tag-$subject" 2>"$T/fault.delete" || fail "$1: $(cat "$T/fault.delete")"
	[ -z "$(left_over)" ] || wait_for 3 nothing_left || fail "$1: left $(left_over | tr '\n' ' ')"
}

# new_subject NAME FILTER - what is run: echo makes few calls of its own
new_subject() {
	subject=$1
	bundle "$subject" "$2 | .process.args = [\"echo\", \"fine\"]"
	count_calls
}

# each_call COMMAND - call it with the name and the position of all that are to be disturbed
each_call() {
	tries=0
	bad=0
	: >"$T/hits"
	for call in $(calls); do
		n=$(awk -v call="$call" '$1 == call { print $2 }' "$T/counts")
		for when in $(positions "${n:-0}"); do
			# the first execve is strace's own
			[ "$call $when" != "execve 1" ] || continue
			# one that fails does not keep the others from being tried
			("$@") || {
				bad=$((bad + 1))
				c delete --force "$tag-$subject" || true
				our_processes | while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done
				our_cgroups | while read -r cgroup; do rmdir "$cgroup" || true; done
			}
			tries=$((tries + 1))
		done
	done
	runs=$(wc -l <"$T/hits")
	hits=$(grep -c hit "$T/hits")
	echo "$tries positions, $bad failed, $hits of $runs runs disturbed"
	[ "$bad" -eq 0 ] || fail "$bad of $tries positions failed, see above"
	# some calls are made or not, as the other process is ahead or behind
	[ $((hits * 10)) -ge $((runs * 9)) ] || fail "only $hits of $runs runs were disturbed"
	[ "$tries" -ge "${least:-50}" ] || fail "only $tries positions"
}

errors_at() {
	for error in "$@"; do
		# not there yet, as at the first start after a boot
		rmdir "$T/.run" 2>/dev/null || true
		rc=0
		traced -e trace="$call,execve" -e inject="$call:error=$error:when=$when" || rc=$?
		count_hit
		judge "$call $when $error" "$error"
		clean_after "$call $when $error"
	done
}

kill_at() {
	traced -e trace="$call" -e inject="$call:signal=SIGKILL:when=$when" || true
	count_hit
	clean_after "$call $when SIGKILL"
}

all_errors() {
	new_subject "$1" "$2"
	shift 2
	each_call errors_at "$@"
}

all_kills() {
	new_subject "$1" "$2"
	each_call kill_at
}

errors=EIO
[ -z "${LONG:-}" ] || errors="EIO ENOMEM EPERM"

user='.linux.namespaces += [{"type": "user"}, {"type": "time"}] |
	.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
	.linux.gidMappings = .linux.uidMappings'

# shellcheck disable=SC2086 # words
check "each system call of a start fails once: one clear error, nothing left" all_errors plain . $errors
check "runtime and container are killed at each system call of a start: delete leaves nothing" all_kills killed .
if [ -n "${LONG:-}" ]; then
	# shellcheck disable=SC2086
	check "each system call fails once with all eight namespaces" all_errors user "$user" $errors
	check "killed at each system call with all eight namespaces" all_kills userkilled "$user"
fi

# ---- the child by itself: what the parent has called as often before, strace cannot reach in it

# disturbed PROCESS POSITION ERROR - $verb, disturbed; $T/fault.out, $T/fault.err and $T/note tell about it
disturbed() {
	rm -f "$T/note"
	if [ "$verb" = run ]; then
		set -- "$@" run --bundle "$T/alone" "$tag-alone"
	else
		set -- "$@" exec "$tag-alone" echo fine
	fi
	disturbing="$1 $2 $3"
	shift 3
	# shellcheck disable=SC2086 # words
	CLOISON_TEST=$T timeout -k 5 60 "$tools/disturb" $disturbing "$T/note" "$cloison" --root "$T/.run" "$@" \
		>"$T/fault.out" 2>"$T/fault.err" </dev/null
}

child_call() {
	what="$verb: call $position of the child ($1)"
	[ "$verb" = run ] || c run --detach --bundle "$T/held" "$tag-alone" </dev/null >/dev/null
	rc=0
	disturbed "$process" "$position" "$1" || rc=$?
	what="$what: $(cat "$T/note" 2>/dev/null)"
	case $rc in
	0)
		equal "$(cat "$T/fault.out")" fine
		[ ! -s "$T/fault.err" ] || fail "$what: succeeded, and said $(cat "$T/fault.err")"
		[ ! -e "$T/note" ] || echo "harmless: $what"
		;;
	125 | 126 | 127)
		(clear_error "$T/fault.err") || fail "$what: exit code $rc"
		case $1 in
		5) names_error "$what" EIO ;;
		12) names_error "$what" ENOMEM ;;
		1) names_error "$what" EPERM ;;
		KILL) grep -q -E 'process .*died|cannot hear from|OOM' "$T/fault.err" || fail "$what: $(cat "$T/fault.err")" ;;
		esac
		[ "$verb" != run ] || nothing_stays "$what"
		;;
	137) [ "$1" = KILL ] || fail "$what: exit code $rc" ;;
	*) fail "$what: exit code $rc: $(cat "$T/fault.err")" ;;
	esac
	c delete --force "$tag-alone" 2>"$T/fault.delete" || fail "$what: $(cat "$T/fault.delete")"
	wait_for 3 nothing_left || fail "$what: left $(left_over | tr '\n' ' ')"
}

# child_calls VERB PROCESS LEAST - EIO is 5, ENOMEM 12, EPERM 1; a process of LEAST calls at least
child_calls() {
	verb=$1
	process=$2
	least=$3
	bundle alone '.process.args = ["echo", "fine"]'
	bundle held . 'trap "exit 0" TERM; sleep 1000 & wait'
	[ "$verb" = run ] || c run --detach --bundle "$T/held" "$tag-alone" </dev/null >/dev/null
	disturbed "$process" 0 5 || fail "fails undisturbed: $(cat "$T/fault.err")"
	equal "$(cat "$T/fault.out")" fine
	c delete --force "$tag-alone"
	n=$(sed -n 's/^calls //p' "$T/note")
	[ "$n" -ge "$least" ] || fail "only $n calls"
	step=$((n > 30 ? 9 : 1))
	set -- 5 KILL
	[ -z "${LONG:-}" ] || { step=1; set -- 5 12 1 KILL; }
	bad=0
	tried=0
	for position in $(seq 1 "$step" "$n") "$n"; do
		for error; do
			(child_call "$error") || bad=$((bad + 1))
			tried=$((tried + 1))
		done
	done
	echo "$tried disturbances, $bad failed"
	[ "$bad" -eq 0 ] || fail "$bad of $tried failed, see above"
}
check "each system call of the child of run fails, or is its last: one clear error, nothing left" child_calls run 2 100
check "each system call of the stage of exec fails, or is its last: one clear error, nothing left" child_calls exec 2 8
check "each system call of the child of exec fails, or is its last: one clear error, nothing left" child_calls exec 3 50

# ---- the other verbs

# set_up - bring $subject to where $verb finds it
set_up() {
	case $verb in
	create) ;;
	start) c create --bundle "$T/held" "$tag-$subject" >/dev/null ;;
	*)
		c run --detach --bundle "$T/held" "$tag-$subject" >/dev/null
		[ "$verb" != resume ] || c pause "$tag-$subject"
		;;
	esac </dev/null
}

# traced_verb STRACE-OPTION... - $verb under strace
traced_verb() {
	case $verb in
	create) set -- "$@" -- create --bundle "$T/held" "$tag-$subject" ;;
	exec) set -- "$@" -- exec "$tag-$subject" echo fine ;;
	delete) set -- "$@" -- delete --force "$tag-$subject" ;;
	kill) set -- "$@" -- kill "$tag-$subject" KILL ;;
	update) set -- "$@" -- update --resources "$T/resources.json" "$tag-$subject" ;;
	*) set -- "$@" -- "$verb" "$tag-$subject" ;;
	esac
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# what was created stays, and strace -f would wait for it; `run` above has the child's calls
	[ "$verb" = create ] || options="$options -f"
	# shellcheck disable=SC2086 # words
	CLOISON_TEST=$T timeout -k 5 60 strace -qq -o "$T/trace" $options \
		"$cloison" --root "$T/.run" "$@" >"$T/fault.out" 2>"$T/fault.err" </dev/null || {
		rc=$?
		sed -i 's/^\([^0-9]\)/0 \1/' "$T/trace"
		return "$rc"
	}
	# a line begins with the process, if there can be several
	sed -i 's/^\([^0-9]\)/0 \1/' "$T/trace"
}

# has_worked WHAT - $verb has said that it did; has it?
has_worked() {
	case $verb in
	create) is_status "$subject" created ;;
	start | resume | update) is_status "$subject" running ;;
	pause) is_status "$subject" paused ;;
	kill) wait_for 5 is_status "$subject" stopped ;;
	delete) [ ! -e "$T/.run/$tag-$subject" ] ;;
	exec) [ "$(cat "$T/fault.out")" = fine ] ;;
	esac || fail "$1: succeeded, and has not"
	[ ! -s "$T/fault.err" ] || fail "$1: succeeded, and said $(cat "$T/fault.err")"
}

# two_processes - the container's, and no more
two_processes() {
	[ "$(our_processes | wc -l)" -eq 2 ]
}

# has_changed_nothing WHAT - $verb has said that it failed: the container is what it was, or what was asked
# for has come to be after all; nothing in between
has_changed_nothing() {
	case $verb in
	create)
		nothing_stays "$1"
		return
		;;
	start) may_be="created running stopped" ;;
	pause) may_be=running ;;
	resume) may_be="paused running" ;;
	kill | delete) may_be="running stopped" ;;
	exec | update)
		may_be=running
		wait_for 5 two_processes || fail "$1: $(left_over)"
		;;
	esac
	is=$(status_of "$subject") || fail "$1: state fails"
	case " $may_be " in
	*" $is "*) ;;
	*) fail "$1: is $is" ;;
	esac
}

verb_errors_at() {
	for error in $errors; do
		set_up
		rc=0
		traced_verb -e "trace=$call,execve" -e "inject=$call:error=$error:when=$when" || rc=$?
		count_hit
		what="$verb: $call $when $error"
		if ! program_hit; then
			case $rc in
			0)
				has_worked "$what"
				tolerated "$what"
				;;
			125 | 126 | 127)
				(clear_error "$T/fault.err") || fail "$what: exit code $rc"
				names_error "$what" "$error" "$call"
				has_changed_nothing "$what"
				;;
			*) fail "$what: exit code $rc: $(cat "$T/fault.err")" ;;
			esac
		fi
		clean_after "$what"
	done
}

verb_kill_at() {
	set_up
	traced_verb -e "trace=$call" -e "inject=$call:signal=SIGKILL:when=$when" || true
	count_hit
	rc=0
	c state "$tag-$subject" >"$T/fault.out" 2>"$T/fault.err" || rc=$?
	[ "$rc" -eq 0 ] || clear_error "$T/fault.err"
	clean_after "$verb: $call $when SIGKILL"
}

# each_verb_call COMMAND VERB
each_verb_call() {
	verb=$2
	subject=$2
	least=4
	bundle held . 'trap "exit 0" TERM; sleep 1000 & wait'
	echo '{"unified": {"cgroup.max.descendants": "100"}}' >"$T/resources.json"
	set_up
	traced_verb -e trace=all || fail "$verb fails undisturbed: $(cat "$T/fault.err")"
	awk '
		$2 ~ /^execve\("\/bin\/echo"/ { program[$1] = 1 }
		program[$1] || !match($2, /^[a-z_0-9]+\(/) { next }
		{ n = ++count[$1, name = substr($2, 1, RLENGTH - 1)] }
		n > most[name] { most[name] = n }
		END { for (name in most) print name, most[name] }' "$T/trace" | sort >"$T/counts"
	clean_after "$verb"
	each_call "$1"
}

for verb in create start exec delete pause resume kill update; do
	check "each system call of $verb fails once: one clear error, nothing left" each_verb_call verb_errors_at $verb
	check "$verb is killed at each of its system calls: delete leaves nothing" each_verb_call verb_kill_at $verb
done

# between mkdir and flock the directory is nobody's
deleted_between() {
	bundle between . 'sleep 1000'
	for delay in flock:delay_enter=20000000:when=1 mkdirat:delay_exit=20000000:when=1; do
		CLOISON_TEST=$T timeout -k 5 90 strace -qq -o "$T/trace" -e trace=flock,mkdirat -e inject="$delay" \
			"$cloison" --root "$T/.run" create --bundle "$T/between" "$tag-between" >/dev/null 2>"$T/slow.err" </dev/null &
		wait_for 10 test -d "$T/.run/$tag-between"
		c delete --force "$tag-between"
		c create --bundle "$T/between" "$tag-between" >/dev/null
		wait $! || true
		equal "$(status_of between)" created
		clear_error "$T/slow.err"
		has "$(cat "$T/slow.err")" 'EEXIST'
		c delete --force "$tag-between"
	done
}
check "a create that comes late does not take away the container that has its id now" deleted_between

finish
