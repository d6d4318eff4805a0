#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# terminal.sh: process.terminal, relayed by `run` and `exec -t`, or handed over a socket.
. tests/host/lib.sh

receiver=$tools/console-receiver
tty='.process.terminal = true'
export T tag cloison

# on_pty COMMAND - run it on a pseudo-terminal of its own; what it shows goes to standard output.
# Nobody types, and the input does not end: script would pass that on as a character.
mkfifo "$T/nobody"
exec 8<>"$T/nobody"
on_pty() {
	CLOISON_TEST=$T timeout -k 5 30 script -qefc "$1" /dev/null <&8 | tr -d '\r'
}

terminal() {
	bundle tty "$tty" 'tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all; stat -c %t:%T /dev/console; readlink /proc/self/fd/0'
	on_pty '"$cloison" --root "$T/.run" run -b "$T/tty" "$tag-tty"' >"$T/tty/out"
	equal "$(cat "$T/tty/out")" "/dev/pts/0
all
88:0
/dev/pts/0"
}
check "run gives the program a terminal of the container's own" terminal

exit_code() {
	bundle code "$tty" 'exit 42'
	equal "$(on_pty '"$cloison" --root "$T/.run" run -b "$T/code" "$tag-code"; echo "code $?"')" "code 42"
}
check "run ends with the program's exit code on a terminal too" exit_code

controlling() {
	bundle ctl "$tty" 'cut -d" " -f6,7,8 /proc/$$/stat; echo x >/dev/tty'
	# shellcheck disable=SC2046 # words
	set -- $(on_pty '"$cloison" --root "$T/.run" run -b "$T/ctl" "$tag-ctl"')
	equal "$1" 1
	[ "$2" -gt 0 ] || fail "no controlling terminal"
	equal "$4" x
}
check "the terminal is the session's controlling one" controlling

window() {
	bundle win "$tty" 'stty size'
	equal "$(on_pty 'stty rows 33 cols 77; "$cloison" --root "$T/.run" run -b "$T/win" "$tag-win"')" "33 77"
	bundle win "$tty | .process.consoleSize = {height: 11, width: 22}" 'stty size'
	equal "$(c run -b "$T/win" "$tag-win" </dev/null | tr -d '\r')" "11 22"
}
check "the window has the caller's size, or the config's" window

# The interactive tests: expect plays the person.
talk() {
	CLOISON_TEST=$T timeout -k 5 180 expect -c "
		set timeout 60
		stty rows 40 columns 100
		proc want {pattern} {
			expect {
				-re \$pattern { return }
				timeout { puts stderr \"timeout: \$pattern\"; exit 1 }
				eof { puts stderr \"end of file: \$pattern\"; exit 1 }
			}
		}
		log_user 0
		$1"
}

resize() {
	bundle resize "$tty" 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done'
	talk '
		spawn $env(cloison) --root $env(T)/.run run -b $env(T)/resize $env(tag)-resize
		want "ready"
		stty rows 50 columns 120 <$spawn_out(slave,name)
		want "50 120"'
	c delete --force "$tag-resize"
}
check "a change of the window's size arrives" resize

interrupt() {
	bundle int "$tty" 'trap "echo caught; exit 3" INT; echo ready; while :; do sleep 0.05; done'
	talk '
		spawn $env(cloison) --root $env(T)/.run run -b $env(T)/int $env(tag)-int
		want "ready"
		send "\003"
		want "caught"
		expect eof
		exit [expr {[lindex [wait] 3] == 3 ? 0 : 1}]'
}
check "^C reaches the program and not the runtime" interrupt

dialogue() {
	bundle dia "$tty | .process.args = [\"sh\"]"
	talk '
		spawn $env(cloison) --root $env(T)/.run run -b $env(T)/dia $env(tag)-dia
		want "# "
		send "echo a\$((1 + 1))b\r"
		want "a2b"
		send "exit 6\r"
		expect eof
		exit [expr {[lindex [wait] 3] == 6 ? 0 : 1}]'
}
check "a person can talk to a shell in it" dialogue

restored() {
	bundle res "$tty" 'true'
	# shellcheck disable=SC2046 # words
	set -- $(on_pty 'stty -g; "$cloison" --root "$T/.run" run -b "$T/res" "$tag-res"; stty -g')
	equal "$1" "$2"
}
check "the caller's terminal is as it was afterwards" restored

all_output() {
	bundle out "$tty" 'i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i + 1)); done'
	equal "$(on_pty '"$cloison" --root "$T/.run" run -b "$T/out" "$tag-out"' | tail -n 1)" "line 2999"
	equal "$(c run -b "$T/out" "$tag-out" </dev/null | wc -l)" 3000
}
check "no output is lost at the end" all_output

owner() {
	bundle own "$tty | .process.user = {uid: 1000, gid: 1000}" 'stat -c "%u" "$(tty)"; echo x >/dev/tty && echo fine'
	equal "$(on_pty '"$cloison" --root "$T/.run" run -b "$T/own" "$tag-own"')" "1000
x
fine"
}
check "the terminal belongs to the program's user" owner

# receive SOCKET [TEXT] - start the receiver and wait until it listens; output to SOCKET.out
receive() {
	timeout 30 "$receiver" "$@" >"$1.out" 2>&1 &
	wait_for 10 grep -sq listening "$1.out"
}

# ended NAME - delete it once its process is gone, which is a moment after its terminal is
ended() {
	wait_for 10 is_status "$1" stopped
	c delete "$tag-$1"
}

socket() {
	bundle sock "$tty" 'read -r line; echo "got $line"; tty'
	receive "$T/sock/s" hello
	c create -b "$T/sock" --console-socket "$T/sock/s" "$tag-sock"
	c start "$tag-sock"
	wait
	ended sock
	equal "$(tr -d '\r' <"$T/sock/s.out")" "listening
a master
hello
got hello
/dev/pts/0"
}
check "create hands the terminal over the console socket" socket

# engines read the output of create to its end before they call start
socket_output() {
	bundle socko "$tty" 'true'
	receive "$T/socko/s"
	c create -b "$T/socko" --console-socket "$T/socko/s" "$tag-socko" 2>&1 | timeout 10 cat
	c start "$tag-socko"
	wait
	ended socko
}
check "a created container with a terminal does not hold the output of create" socket_output

socket_detached() {
	bundle sockd "$tty" 'echo "from inside"'
	receive "$T/sockd/s"
	c run --detach -b "$T/sockd" --console-socket "$T/sockd/s" "$tag-sockd"
	wait
	ended sockd
	has "$(cat "$T/sockd/s.out")" 'from inside'
}
check "a detached run hands the terminal over the console socket" socket_detached

socket_user() {
	bundle socku "$tty | .linux.namespaces += [{\"type\": \"user\"}] |
		.linux.uidMappings = [{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536}] |
		.linux.gidMappings = .linux.uidMappings" 'tty; stat -c %u "$(tty)"'
	receive "$T/socku/s"
	c run --detach -b "$T/socku" --console-socket "$T/socku/s" "$tag-socku"
	wait
	ended socku
	equal "$(tr -d '\r' <"$T/socku/s.out" | tail -n 2)" "/dev/pts/0
0"
}
check "a terminal in a user namespace belongs to its root" socket_user

refused() {
	bundle ref "$tty"
	refuse 125 'needs --console-socket' c create -b "$T/ref" "$tag-ref"
	refuse 125 'needs --console-socket' c run --detach -b "$T/ref" "$tag-ref"
	refuse 125 'console socket .*ENOENT' c create -b "$T/ref" --console-socket "$T/no/such" "$tag-ref"
	: >"$T/ref/file"
	refuse 125 'console socket .*ECONNREFUSED' c create -b "$T/ref" --console-socket "$T/ref/file" "$tag-ref"
	refuse 125 'console socket .*ENAMETOOLONG' c create -b "$T/ref" --console-socket "$T/$(printf '%0120d' 0)" "$tag-ref"
	bundle ref .
	refuse 125 'needs process.terminal' c create -b "$T/ref" --console-socket "$T/ref/s" "$tag-ref"
	bundle ref "$tty | .mounts |= map(select(.destination != \"/dev/pts\"))"
	refuse 125 '/dev/pts' c run -b "$T/ref" "$tag-ref"
}
check "a terminal that nobody would hold is refused" refused

exec_tty() {
	start_ct ex "$tty | .process.terminal = false"
	equal "$(on_pty '"$cloison" --root "$T/.run" exec -t "$tag-ex" sh -c "tty; exit 9"; echo "code $?"')" "/dev/pts/0
code 9"
	receive "$T/ex/s"
	c exec -t --detach --console-socket "$T/ex/s" "$tag-ex" sh -c 'tty'
	wait
	has "$(cat "$T/ex/s.out")" '/dev/pts/'
	refuse 125 'needs --console-socket' c exec -t --detach "$tag-ex" true
	c delete --force "$tag-ex"
}
check "exec -t gives a terminal, relayed or over the socket" exec_tty

finish
