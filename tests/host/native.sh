#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# native.sh: the commands people know from Docker: a run in the foreground without a supervisor, and all of
# them with one.
#
#   n ARGUMENT...      the command line with the supervisor of this test
#   alone ARGUMENT...  without one
. tests/host/supervisor-lib.sh

export CLOISON_IMAGES="$T/images"

n() {
	CLOISON_TEST=$T CLOISON_HOST=unix://$socket timeout -k 5 "${LIMIT:-30}" "$cloison" "$@"
}

# mounts of its own hide the supervisor that the host may have
alone() {
	CLOISON_TEST=$T timeout -k 5 "${LIMIT:-30}" unshare -m sh -c '
		mount --make-rprivate / && mkdir -p /run/cloisond && mount -t tmpfs none /run/cloisond &&
		exec "$0" "$@"' "$cloison" "$@"
}

mkdir -p "$T/images/demo"
cp "$T/base.json" "$T/images/demo/config.json"

# --- without a supervisor

alone_runs() {
	equal "$(alone run --rm demo echo hello)" hello
	equal "$(echo data | alone run -i demo cat)" data
	equal "$(echo data | alone run demo cat)" ""
	[ ! -d "/run/cloison/~native" ] || equal "$(find "/run/cloison/~native" -mindepth 1)" ""
}
check "a run in the foreground needs no supervisor" alone_runs

alone_codes() {
	rc=0
	alone run demo sh -c 'exit 42' || rc=$?
	equal "$rc" 42
	refuse 127 "cannot find the executable .nosuch." alone run demo nosuch
	refuse 126 "cannot execute ./etc/passwd." alone run demo /etc/passwd
	refuse 125 "no such image: .nosuch." alone run nosuch true
	refuse 125 "request: memory: " alone run -m 1b demo true
}
check "its exit code is the program's, or 125, 126, 127" alone_codes

alone_signal() {
	alone run --name "$tag-sig" demo sh -c 'trap "exit 7" TERM; echo up; while :; do sleep 0.05; done' >"$T/sig.out" &
	pid=$!
	wait_for 10 grep -q up "$T/sig.out"
	pkill -TERM -f "^$cloison run --name $tag-sig"
	rc=0
	wait "$pid" || rc=$?
	equal "$rc" 7
}
check "a signal to it is for the program" alone_signal

alone_options() {
	echo 'B=from file' >"$T/env"
	mkdir -p "$T/src"
	echo seen >"$T/src/file"
	out=$(A=ours alone run --name "$tag-opt" -h box -e A -e C=3 --env-file "$T/env" -w /tmp -u user:100 \
		-v "$T/src:/mnt/v:ro" --tmpfs /tmp:size=64k --cap-drop ALL --ulimit nofile=77 demo \
		sh -c 'echo "$A $B $C $(pwd) $(hostname) $(id -u):$(id -g) $(cat /mnt/v/file) $(ulimit -n)"
			touch /mnt/v/x 2>/dev/null || echo read-only; grep CapBnd /proc/self/status')
	equal "$out" "ours from file 3 /tmp box 1000:100 seen 77
read-only
CapBnd:	0000000000000000"
}
check "options change the bundle's configuration" alone_options

with_init() {
	equal "$(alone run --init demo sh -c 'cat /proc/1/comm; sleep 0.1 & sleep 0.3; ps | grep -c "\[sleep\]" || true')" "init
0"
	rc=0
	alone run --init demo sh -c 'kill -TERM $$' || rc=$?
	equal "$rc" 143
	rc=0
	alone run --init demo nosuch 2>"$T/init.err" || rc=$?
	equal "$rc" 127
	equal "$(cat "$T/init.err")" "cloison-reaper: cannot find the executable"
	alone run --init --name "$tag-init" demo sh -c 'trap "exit 6" TERM; echo up; while :; do sleep 0.05; done' >"$T/init.out" &
	pid=$!
	wait_for 10 grep -q up "$T/init.out"
	pkill -TERM -f "^$cloison run --init --name $tag-init"
	rc=0
	wait "$pid" || rc=$?
	equal "$rc" 6
	rc=0
	alone run --init demo sh -c 'echo x >>/dev/init' 2>/dev/null || rc=$?
	[ "$rc" -ne 0 ] || fail "it can be changed"
}
check "--init: a first process that reaps, passes signals on, and ends as the command does" with_init

alone_image_path() {
	equal "$(alone run "$T/images/demo" echo path)" path
	equal "$(cd "$T/images" && alone run ./demo echo relative)" relative
}
check "an image may be the path of a bundle" alone_image_path

absent_flag() {
	refuse 125 "option .--gpus. is not implemented" alone run --gpus all demo true
	has "$(cat "$T/refused.err")" "nearest: --device"
	refuse 125 "unknown option .--hostnam." alone run --hostnam x demo true
	has "$(cat "$T/refused.err")" "nearest: --hostname"
	refuse 125 "unknown option .-q." alone run -itq demo true
	refuse 125 ".commit. is not implemented" alone commit a b
	refuse 125 "there is no command .container fly." alone container fly
}
check "an option that is not there is named, with the nearest one" absent_flag

no_supervisor() {
	refuse 125 "cannot connect to the supervisor" alone ps
	refuse 125 "cannot connect to the supervisor" alone logs x
	has "$(alone version)" "Server: none"
}
check "what needs the supervisor says so" no_supervisor

# --- which verb is meant

oci_forms() {
	bundle form . 'echo oci'
	equal "$(cd "$T/form" && alone run "$tag-form")" oci
	equal "$(alone run -b "$T/form" "$tag-form")" oci
	equal "$(alone run --bundle="$T/form" "$tag-form")" oci
	ln -sf "$cloison" "$T/runc"
	refuse 125 "unknown command .logs." "$T/runc" logs x
	equal "$("$T/runc" run -b "$T/form" "$tag-form")" oci
	refuse 125 "container .nosuch. does not exist" alone kill nosuch
	refuse 125 "container .nosuch. does not exist" alone start nosuch
}
check "with a bundle, by another name, and for its own containers it is an OCI runtime" oci_forms

native_forms() {
	cd "$T/form"
	equal "$(alone run demo echo native)" native
}
check "a known image goes before ./config.json" native_forms

# --- with a supervisor

# shellcheck disable=SC2119 # alone, without a stand-in for PID 1
# shellcheck disable=SC2119 # no options
up || fail "cloisond does not start"

supervised_run() {
	equal "$(n run --rm demo sh -c 'echo out; echo err >&2' 2>"$T/err")" out
	equal "$(cat "$T/err")" err
	rc=0
	n run --name code demo sh -c 'exit 9' || rc=$?
	equal "$rc" 9
	equal "$(n ps -aq | wc -l)" 1
	equal "$(n wait code)" 9
	equal "$(echo data | n run -i --rm demo cat)" data
	n rm code
	refuse 127 "cannot find the executable .nosuch." n run --rm demo nosuch
	equal "$(n ps -aq)" ""
}
check "run goes through it: streams apart, exit code, --rm" supervised_run

much() {
	head -c 3000000 /dev/urandom >"$T/much"
	n run -i --rm demo cat <"$T/much" >"$T/back"
	cmp "$T/much" "$T/back"
}
check "three megabytes go through unchanged, in and out" much

life() {
	id=$(n run -d --name web -l a=b demo sh -c 'trap "exit 5" TERM; echo line; while :; do sleep 0.05; done')
	equal "$(n ps -q --no-trunc)" "$id"
	equal "$(n ps --format '{{.Names}} {{.State}} {{.Image}} {{.Labels}}')" "web running demo a=b"
	has "$(n ps | head -n 1)" "^CONTAINER ID   IMAGE   COMMAND +CREATED +STATUS +PORTS   NAMES$"
	equal "$(n ps --json | jq -r '.[0].Names')" web
	equal "$(n ps --format json | jq -r .Names)" web
	equal "$(n container ls -q -f name=web)" "$(echo "$id" | cut -c 1-12)"
	has "$(n ps --format 'table {{.Names}}\t{{.State}}')" "^NAMES   STATE"
	has "$(n ps --ns)" "web"
	refuse 125 "there is no field .\.No." n ps --format '{{.No}}'
	refuse 125 "template: .{{range \.}}. is not implemented" n ps --format '{{range .}}'
	wait_for 5 sh -c '[ "$('"CLOISON_HOST=unix://$socket $cloison"' logs web)" = line ]'
	equal "$(n inspect -f '{{.State.Status}} {{.Config.Tty}}' web)" "running false"
	equal "$(n inspect web | jq -r '.[0].Name' | tr -d /)" web
	has "$(n top web)" "^root .*sh -c trap"
	has "$(n ps web)" "^root .*sh -c trap"
	has "$(n stats --no-stream web)" "^[0-9a-f]{12}   web +[0-9.]+%"
	n pause web
	equal "$(n inspect -f '{{.State.Status}}' web)" paused
	n unpause web
	n rename web site
	equal "$(n restart -t 1 site)" site
	# its trap is set when it has said its line
	wait_for 5 sh -c '[ "$('"CLOISON_HOST=unix://$socket $cloison"' logs site | wc -l)" -eq 2 ]'
	equal "$(n stop site)" site
	equal "$(n stop site)" site
	equal "$(n wait site)" 5
	has "$(n events --since 1m --until 0s)" "container die $id"
	equal "$(n rm site)" site
	refuse 125 "no such container: site" n inspect site
	n rm -f site
	refuse 125 "no such container: site" n rm site
}
check "a container's life, verb by verb" life

execs() {
	n run -d --name ex demo sleep 100
	equal "$(n exec ex echo in)" in
	equal "$(echo data | n exec -i ex cat)" data
	equal "$(n exec -e A=1 -w /tmp -u 1000 ex sh -c 'echo $A $(pwd) $(id -u)')" "1 /tmp 1000"
	rc=0
	n exec ex sh -c 'exit 4' || rc=$?
	equal "$rc" 4
	refuse 127 "cannot find the executable .nosuch." n exec ex nosuch
	refuse 125 "the input device is not a TTY" n exec -it ex sh
	n rm -f ex
}
check "exec: streams, options, exit codes" execs

# beside COMMAND... - with this test's supervisor where it is looked for when nothing says where
beside() {
	CLOISON_TEST=$T timeout -k 5 "${LIMIT:-30}" unshare -m sh -c '
		mount --make-rprivate / && mkdir -p /run/cloisond && mount -t tmpfs none /run/cloisond &&
		touch /run/cloisond/socket && mount --bind "$0" /run/cloisond/socket && exec "$@"' "$socket" "$@"
}

both_have_it() {
	bundle twin '.process.args = ["sleep", "100"] | .process.env += ["BY=verb"]'
	beside "$cloison" run --detach --bundle "$T/twin" "$tag-twin" </dev/null >/dev/null 2>&1
	id=$(n run -d --name "$tag-twin" -e BY=supervisor demo sleep 100)
	equal "$(beside "$cloison" exec "$tag-twin" sh -c 'echo $BY')" verb
	equal "$(beside "$cloison" exec "$id" sh -c 'echo $BY')" supervisor
	beside "$cloison" delete --force "$tag-twin"
	equal "$(beside "$cloison" exec "$tag-twin" sh -c 'echo $BY')" supervisor
	n rm -f "$tag-twin"
}
check "of two containers with one name the one that a verb made is meant; the other one by its id" both_have_it

signals() {
	n run --name sg demo sh -c 'trap "echo caught; exit 3" USR1; echo up; while :; do sleep 0.05; done' >"$T/sg.out" &
	pid=$!
	wait_for 10 grep -q up "$T/sg.out"
	pkill -USR1 -f "^$cloison run --name sg"
	rc=0
	wait "$pid" || rc=$?
	equal "$rc" 3
	n rm sg
}
check "a signal to run is for the container" signals

update_it() {
	n run -d --name up demo sleep 100
	n update --restart always up
	equal "$(n inspect -f '{{.HostConfig.RestartPolicy.Name}}' up)" always
	n rm -f up
}
check "update changes the restart policy" update_it

# More processors than there are, or no such controller at all.
update_refused() {
	n run -d --name ur --restart on-failure:2 demo sleep 100
	cp "$dir/containers/$(n inspect -f '{{.Id}}' ur)/config.json" "$T/before.json"
	refuse 125 "cpuset" n update --cpuset-cpus 4000 --restart always ur
	cmp "$T/before.json" "$dir/containers/$(n inspect -f '{{.Id}}' ur)/config.json"
	equal "$(n inspect -f '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.CpusetCpus}}.' ur)" "on-failure ."
	equal "$(n restart -t 0 ur)" ur
	n rm -f ur
}
check "an update that is refused leaves the limits and the policy of the next start as they were" update_refused

joined() {
	n run -d --name target --network private demo sleep 100
	n run -d --name joins --network container:target demo sh -c 'readlink /proc/self/ns/net; sleep 100'
	first=$(n exec target readlink /proc/self/ns/net)
	wait_for 5 sh -c '[ -n "$('"CLOISON_HOST=unix://$socket $cloison"' logs joins)" ]'
	equal "$(n exec joins readlink /proc/self/ns/net)" "$first"
	n rename target other
	n restart -t 0 other joins
	second=$(n exec other readlink /proc/self/ns/net)
	[ "$first" != "$second" ] || fail "the target has its old namespace"
	equal "$(n exec joins readlink /proc/self/ns/net)" "$second"
	n stop -t 0 joins other
	refuse 125 "container .other. is not running" n start joins
	n rm joins other
}
check "another container's namespace is looked for at each start" joined

many() {
	i=0
	while [ "$i" -lt 70 ]; do
		i=$((i + 1))
		n create --name "many$i" -l "long=$(printf %02000d "$i")" demo true
	done >/dev/null
	equal "$(n ps -aq | wc -l)" 70
	# shellcheck disable=SC2046 # a list of words
	equal "$(n inspect $(n ps -aq) | jq length)" 70
	# shellcheck disable=SC2046
	n rm $(n ps -aq) >/dev/null
	n run -d --name crowd demo sh -c 'i=0; while [ $i -lt 300 ]; do i=$((i + 1)); sleep 100 '"$(printf %0400d 0)"' & done; wait' >/dev/null
	wait_for 20 sh -c '[ "$('"CLOISON_HOST=unix://$socket $cloison"' top crowd | wc -l)" -eq 302 ]'
	n rm -f crowd
}
check "an answer that does not fit one message comes whole" many

volumes() {
	id=$(n run -d --name vo -v /data -v /more demo sh -c 'i=0; cd /data; while [ $i -lt 300 ]; do i=$((i + 1)); mkdir d f$i; cd d; done; ln -s / /data/out; sleep 100')
	wait_for 5 n exec vo sh -c '[ -L /data/out ]'
	[ -d "/var/lib/cloison/volumes/$id.0/_data/d" ] || fail "no volume"
	n restart -t 0 vo
	[ -d "/var/lib/cloison/volumes/$id.0/_data/d" ] || fail "a restart has emptied it"
	n rm -f vo
	[ -d "/var/lib/cloison/volumes/$id.0" ] || fail "it went without -v"
	rm -r "/var/lib/cloison/volumes/$id.0" "/var/lib/cloison/volumes/$id.1"
	id=$(n run -d --name vo -v /data demo sh -c 'i=0; cd /data; while [ $i -lt 300 ]; do i=$((i + 1)); mkdir d f$i; cd d; done; ln -s / /data/out; sleep 100')
	wait_for 5 n exec vo sh -c '[ -L /data/out ]'
	n rm -fv vo
	wait_for 10 [ ! -e "/var/lib/cloison/volumes/$id.0" ]
	n run --rm -v /data demo touch /data/x
	alone run -v /data demo touch /data/x
	wait_for 10 sh -c '[ -z "$(find /var/lib/cloison/volumes -name "*.0" -newer "$0")" ]' "$T/base.json"
}
check "volumes without a name stay, and go with rm -v and --rm, however deep they are" volumes

several() {
	n create --name c1 demo true
	n create --name c2 demo true
	rc=0
	n rm c1 nosuch c2 >"$T/several.out" 2>"$T/several.err" || rc=$?
	equal "$rc" 125
	equal "$(cat "$T/several.out")" "c1
c2"
	has "$(cat "$T/several.err")" "no such container: nosuch"
}
check "one name that is wrong does not keep the others from it" several

cidfile() {
	n run --rm --cidfile "$T/cid" demo true
	equal "$(wc -c <"$T/cid")" 64
	refuse 125 "cidfile: .*EEXIST" n run --rm --cidfile "$T/cid" demo true
	rm "$T/cid"
}
check "--cidfile makes a file, and does not write over one" cidfile

over_a_pipe() {
	# ssh that runs the command here, as the test's HOST
	mkdir -p "$T/bin"
	printf '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec env -u CLOISON_HOST unshare -m sh -c "mount --make-rprivate / && mkdir -p /run/cloisond && mount --bind %s /run/cloisond && exec %s api"\n' \
		"$dir" "$cloison" >"$T/bin/ssh"
	chmod +x "$T/bin/ssh"
	r() { CLOISON_TEST=$T PATH=$T/bin:$PATH CLOISON_HOST=ssh://me@there:22 timeout -k 5 30 "$cloison" "$@"; }
	equal "$(r run --rm demo echo far)" far
	equal "$(echo data | r run -i --rm demo cat)" data
	has "$(r ps)" "^CONTAINER ID"
	CLOISON_HOST=ssh://-oProxyCommand=x refuse 125 "names no host" "$cloison" ps
	CLOISON_HOST=tcp://x refuse 125 "CLOISON_HOST: .tcp://x." "$cloison" ps
}
check "the same over ssh" over_a_pipe

down

starts_it() {
	CLOISON_TEST='' unshare -m sh -c '
		mount --make-rprivate / && mkdir -p /run/cloisond /var/lib/cloison &&
			mount -t tmpfs -o mode=0755 none /run/cloisond &&
			mount -t tmpfs -o mode=0755 none /var/lib/cloison || exit
		"$1" run -d --name st demo sleep 100 || exit
		"$1" ps --format "{{.Names}}" && "$1" rm -f st
		kill $("$1" info --format "{{.pid}}")' sh "$cloison" >"$T/starts.out" 2>&1 3>&- || true
	equal "$(tail -n 2 "$T/starts.out")" "st
st"
}
check "run -d starts the supervisor when it is not there" starts_it

finish
