#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# native-terminal.sh: run -it, exec -it and attach under a real terminal, which expect plays: size, ^C, detach keys,
# and that the terminal is sane after every kind of ending.
. tests/host/supervisor-lib.sh

export T cloison CLOISON_IMAGES="$T/images" CLOISON_HOST="unix://$socket"

# talk SCRIPT - a shell on a terminal of 33 by 77, whose prompt is "% "; `shell COMMAND` types
talk() {
	cat >"$T/talk.exp" <<'END'
set timeout 60
log_user 0
proc want {pattern} {
	expect {
		-re $pattern { return }
		timeout {
			puts stderr "timeout: $pattern"
			close
			exit 1
		}
		eof {
			puts stderr "end of file: $pattern"
			exit 1
		}
	}
}
proc type {text} {
	send -- "$text\r"
}
set env(PS1) "% "
set n "$env(cloison)"
spawn sh
set slave $spawn_out(slave,name)
exec stty rows 33 columns 77 <$slave
want "% "
END
	printf '%s\n' "$1" >>"$T/talk.exp"
	CLOISON_TEST=$T timeout -k 5 240 expect "$T/talk.exp"
}

# shellcheck disable=SC2119 # alone, without a stand-in for PID 1
# shellcheck disable=SC2119 # no options
up || fail "cloisond does not start"

size() {
	talk '
		type "$n run -it --rm demo sh -c \"stty size; trap \\\"stty size; exit\\\" WINCH; echo a\\\"\\\"rmed; while :; do sleep 0.05; done\""
		want "33 77\r"
		want "armed\r"
		exec stty rows 50 columns 120 <$slave
		want "50 120\r"
		want "% "'
}
check "the terminal has its size from the start, and each change of it" size

interrupt() {
	talk '
		type "$n run -it --name ti demo sh"
		want "/ # "
		type "sleep 100"
		sleep 0.5
		send "\003"
		want "/ # "
		type "exit 6"
		want "% "
		type "echo code=$?; stty -a"
		want "code=6"
		want " icanon"
		want "% "'
	"$cloison" rm ti
}
check "^C is for the program, and the exit code comes through" interrupt

detach() {
	talk '
		type "$n run -it --name td demo sh"
		want "/ # "
		type "A=kept"
		want "/ # "
		send "\020\021"
		want "% "
		type "stty -a; echo code=$?"
		want " icanon"
		want "code=0"
		want "% "
		type "stty rows 20 columns 60"
		want "% "
		type "$n attach td"
		sleep 0.5
		type "echo \$A; stty size"
		want "kept"
		want "20 60"
		type "exit 9"
		want "% "
		type "echo code=$?"
		want "code=9"'
	"$cloison" rm td
}
check "the detach keys leave it, attach comes back" detach

lone_key() {
	talk '
		type "$n run -it --rm demo sh -c \"stty raw -echo; printf r%s eady; dd bs=1 count=1 2>/dev/null | hexdump -C; sleep 1\""
		want "ready"
		send "\020"
		want "  10"
		want "% "'
}
check "the first detach key alone is passed on" lone_key

other_keys() {
	talk '
		type "$n run -it --name tk --detach-keys ctrl-x,q demo sh"
		want "/ # "
		send "\030q"
		want "% "
		type "$n attach --detach-keys \"\" tk"
		sleep 0.5
		send "\020\021"
		type ""
		want "/ # "
		type "exit"
		want "% "'
	"$cloison" rm tk
}
check "the keys can be others, or none" other_keys

exec_it() {
	"$cloison" run -d --name te demo sleep 100
	talk '
		type "$n exec -it te sh"
		want "/ # "
		type "stty size; tty"
		want "33 77"
		want "/dev/pts/"
		type "exit 4"
		want "% "
		type "echo code=$?"
		want "code=4"'
	"$cloison" rm -f te
}
check "exec -it: size, exit code" exec_it

killed() {
	talk '
		type "$n run -it --name tx demo sh"
		want "/ # "
		exec sh -c "pkill -TERM -f \"^$n run -it --name tx\" || true"
		sleep 0.5
		type "exit"
		want "% "
		type "$n start tx; $n attach --sig-proxy=false tx"
		sleep 1
		type ""
		want "/ # "
		exec pkill -TERM -f "^$n attach --sig-proxy=false tx"
		want "% "
		type "stty -a"
		want " icanon"
		type "$n attach tx"
		sleep 0.5
		exec sh -c "until pkill -SEGV -f \"^$n attach tx\"; do sleep 0.5; done"
		want "% "
		type "stty -a"
		want " icanon"'
	"$cloison" rm -f tx
}
check "the terminal is sane after a signal or a crash of the command line" killed

supervisor_gone() {
	"$cloison" run -dit --name tg demo sh
	pid=$(cloisond_pid)
	export pid
	talk '
		type "$n attach tg"
		sleep 0.5
		type ""
		want "/ # "
		exec kill -KILL $env(pid)
		want "the supervisor has closed the connection"
		want "% "
		type "stty -a"
		want " icanon"'
	wait 2>/dev/null || true
	# shellcheck disable=SC2119
	# shellcheck disable=SC2119
	up
	"$cloison" rm -f tg
}
check "the terminal is sane after a crash of the supervisor" supervisor_gone

down
finish
