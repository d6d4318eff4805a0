#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# activation.sh: what a service manager hands to its service goes on to the program: LISTEN_FDS and
# NOTIFY_SOCKET.
. tests/host/lib.sh

cp "$tools/datagram" "$T/rootfs/bin/datagram"

# as_service COMMAND... - like systemd does: descriptor 3 is a socket, and this very process is told so
# shellcheck disable=SC2016 # the inner shell's
as_service() {
	CLOISON_TEST=$T LISTEN_FDS=1 LISTEN_FDNAMES=web timeout -k 5 30 \
		sh -c 'LISTEN_PID=$$ exec "$@"' sh "$cloison" --root "$T/.run" "$@"
}

show='echo "$LISTEN_FDS $LISTEN_FDNAMES"; [ "$LISTEN_PID" = $$ ] && echo mine; cat <&3'

listen() {
	echo "from the manager" >"$T/three"
	echo "from the caller" >"$T/four"
	bundle listen . "$show"
	equal "$(as_service run --bundle "$T/listen" "$tag-listen" 3<"$T/three")" "1 web
mine
from the manager"
	bundle listen '.process.env += ["LISTEN_FDS=9"]' "$show; cat <&4"
	equal "$(as_service run --preserve-fds 1 --bundle "$T/listen" "$tag-listen" 3<"$T/three" 4<"$T/four")" "1 web
mine
from the manager
from the caller"
	# with the host's pid namespace the program's id is another one than 1
	bundle listen '.linux.namespaces |= map(select(.type != "pid"))' "$show"
	has "$(as_service run --bundle "$T/listen" "$tag-listen" 3<"$T/three")" '^mine$'
}
check "LISTEN_FDS: the sockets come first, LISTEN_PID is the program's own id" listen

not_ours() {
	bundle other . 'echo "${LISTEN_FDS-none}"; ls /proc/self/fd | tr "\n" " "'
	equal "$(LISTEN_FDS=1 LISTEN_PID=1 c run --bundle "$T/other" "$tag-other" 3<"$T/base.json")" "none
0 1 2 3 "
}
check "LISTEN_FDS that are another process's are not taken" not_ours

created() {
	bundle created . "$show"
	as_service create --bundle "$T/created" "$tag-created" 3<"$T/three" </dev/null >"$T/created/out"
	c start "$tag-created"
	wait_for 5 is_status created stopped
	equal "$(cat "$T/created/out")" "1 web
mine
from the manager"
	c delete "$tag-created"
}
check "LISTEN_FDS are the created container's" created

# receive - the manager's end; what it hears is in $T/heard
receive() {
	rm -f "$T/manager"
	"$tools/datagram" receive "$T/manager" >"$T/heard" &
	receiver=$!
	wait_for 5 grep -q listening "$T/heard"
	export NOTIFY_SOCKET="$T/manager"
}

ready='echo $NOTIFY_SOCKET; datagram send "$NOTIFY_SOCKET" STATUS=x EXTEND_TIMEOUT_USEC=1 "$(printf "STATUS=y\nREADY=1")"'

notify() {
	bundle notify '.process.user = {uid: 1000, gid: 1000}' "$ready; touch /run/notify/x 2>/dev/null || echo read-only; sleep 10"
	for verb in run create; do
		receive
		if [ "$verb" = run ]; then
			c run --pid-file "$T/notify/pid" --bundle "$T/notify" "$tag-notify" >"$T/notify/out"
		else
			c create --pid-file "$T/notify/pid" --bundle "$T/notify" "$tag-notify" </dev/null >"$T/notify/out"
			equal "$(cat "$T/heard")" listening
			c start "$tag-notify"
			wait "$receiver"
			# what it waited for came before it returned: the pause after it is not over
			equal "$(status_of notify)" running
			wait_for 30 is_status notify stopped
			c delete "$tag-notify"
		fi
		wait "$receiver" || true
		equal "$(cat "$T/heard")" "listening
READY=1
MAINPID=$(cat "$T/notify/pid")"
		equal "$(cat "$T/notify/out")" "/run/notify/notify.sock
read-only"
	done
}
check "NOTIFY_SOCKET: that the program is ready is told with its pid, by run and by start; nothing else" notify

detached() {
	receive
	bundle det . "sleep 0.3; $ready; exec sleep 1000"
	c run --detach --pid-file "$T/det/pid" --bundle "$T/det" "$tag-det" </dev/null >"$T/det/out"
	wait "$receiver"
	has "$(cat "$T/heard")" "MAINPID=$(cat "$T/det/pid")"
	c delete --force "$tag-det"
	# a program that ends without a word is not waited for
	receive
	bundle det . 'exit 0'
	c run --detach --bundle "$T/det" "$tag-det" </dev/null >"$T/det/out"
	equal "$(cat "$T/heard")" listening
	kill "$receiver"
	wait_for 5 is_status det stopped
	c delete "$tag-det"
}
check "run --detach waits until the program is ready or gone" detached

gone() {
	export NOTIFY_SOCKET="$T/no/such"
	bundle gone . "{ $ready; } >/dev/null; echo on"
	equal "$(c run --bundle "$T/gone" "$tag-gone" 2>"$T/gone/err")" on
	has "$(cat "$T/gone/err")" '^cloison: warning: cannot tell NOTIFY_SOCKET'
	unset NOTIFY_SOCKET
	equal "$(ct . 'echo "${NOTIFY_SOCKET-none}"')" none
}
check "a manager that is gone is a warning; without one there is no socket" gone

finish
