# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# supervisor-lib.sh: what the tests of cloisond share, over lib.sh, which it sources.
#
# There is one cloisond for a script, with all its state below $T. The image `demo` is lib.sh's bundle.
#
#   up [alone|init]              start it: alone, or below a stand-in for PID 1, which starts it again
#   down                         end it
#   ask JSON                     one request; frames are printed as supervisor-client says
#   run_ct NAME SCRIPT [JSON]    run SCRIPT in a new container; JSON: more members of the request
#   state_of NAME, is_state NAME STATE, exit_of NAME, field NAME FILTER, rm_ct NAME...
. tests/host/lib.sh

dir=$T/d
socket=$dir/socket
client=$tools/supervisor-client
cloisond=$PWD/$OUT/bin/cloisond
keeper=

# Containers carry CLOISON_TEST by their configuration; cloisond itself is to be no left-over.
start_cloisond() {
	mkdir -p "$dir" "$T/images/demo"
	cp "$T/base.json" "$T/images/demo/config.json"
	# the runtime's children have 0 to 2 only: not the test's descriptors
	setsid env -u CLOISON_TEST "$@" "$cloisond" --dir "$dir" --root "$T/.run" --images "$T/images" \
		</dev/null >>"$T/cloisond.out" 2>&1 3>&- &
	keeper=$!
	wait_for 10 answers
}

answers() {
	"$client" -q "$socket" '{"verb":"version"}' 2>/dev/null
}

up() {
	if [ "${1:-alone}" = init ]; then
		start_cloisond "$tools/init-stand-in"
	else
		start_cloisond
	fi
}

# cloisond_pid - of the one that answers now
cloisond_pid() {
	ask '{"verb":"info"}' | jq .pid
}

down() {
	[ -z "$keeper" ] || kill -TERM "$(cloisond_pid)" 2>/dev/null
	wait "$keeper" 2>/dev/null
	keeper=
}

end_supervisor() {
	[ -z "$keeper" ] || pkill -KILL -s "$keeper" 2>/dev/null
	wait 2>/dev/null
	clean_up
}
trap end_supervisor EXIT

ask() {
	timeout -k 5 "${LIMIT:-60}" "$client" "$socket" "$@"
}

# quote TEXT - as a JSON string
quote() {
	jq -n --arg t "$1" '$t'
}

run_ct() {
	ask "$(jq -cn --arg n "$1" --arg s "$2" --argjson more "${3:-{\}}" \
		'{verb: "run", image: "demo", name: $n, argv: ["sh", "-c", $s]} + $more')"
}

field() {
	ask "{\"verb\":\"inspect\",\"containers\":[\"$1\"]}" | jq -r ".containers[0] | $2"
}

state_of() {
	field "$1" .State.Status
}

is_state() {
	[ "$(state_of "$1")" = "$2" ]
}

exit_of() {
	ask "{\"verb\":\"wait\",\"container\":\"$1\"}" | jq 'select(.end).exit'
}

logs_of() {
	"$client" -q "$socket" "{\"verb\":\"logs\",\"container\":\"$1\"}"
}

rm_ct() {
	for name; do
		ask "{\"verb\":\"rm\",\"container\":\"$name\",\"force\":true}" >/dev/null
	done
}
