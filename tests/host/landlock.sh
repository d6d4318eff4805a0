#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# landlock.sh: the annotation org.cloison.landlock: what is handled and not allowed is refused to the
# program, to what exec adds and to a hook of the container's, whoever they are.
. tests/host/lib.sh

# rules JSON - the filter that sets the annotation
rules() {
	printf '.annotations["org.cloison.landlock"] = (%s | tojson)' "$1"
}

write_tmp='{fs: {handled: ["write"], allow: [{paths: ["/tmp", "/dev"], rights: ["write"]}]}}'
# a root that may be written to, so that it is Landlock that refuses
own='.root = {path: "\($T)/own"}'
attempt='touch /tmp/allowed && echo allowed; touch /etc/denied 2>&1 || true; echo x >/etc/passwd; rm -f /etc/passwd; cat /etc/passwd >/dev/null && echo read'
cp -a "$T/rootfs" "$T/own"

denied() {
	for filter in . '.process.noNewPrivileges = false' '.process.user = {uid: 1000, gid: 1000} | .process.cwd = "/tmp"'; do
		chmod 1777 "$T/own/tmp"
		out=$(ct "$own | $(rules "$write_tmp") | $filter" "$attempt" 2>&1 || true)
		has "$out" '^allowed$'
		has "$out" 'touch: /etc/denied: Permission denied'
		has "$out" "can't create /etc/passwd: Permission denied"
		has "$out" '^read$'
		rm -f "$T/own/tmp/allowed"
	done
	[ -s "$T/own/etc/passwd" ] || fail "it was written to"
	has "$(ct "$own" 'touch /etc/denied && echo written')" written
	rm "$T/own/etc/denied"
}
check "a write that no rule allows is refused, one that a rule allows is not; reading is not handled" denied

execute() {
	filter="$own | $(rules '{fs: {handled: ["execute"], allow: [{paths: ["/bin/busybox"], rights: ["execute"]}]}}')"
	cp "$T/own/bin/busybox" "$T/own/tmp/echo"
	has "$(ct "$filter" '/tmp/echo true 2>&1 || echo $?')" '126'
	equal "$(ct "$own" '/tmp/echo runs')" runs
	bundle exe "$filter | .process.args = [\"/tmp/echo\", \"true\"]"
	refuse 126 'cannot execute ./tmp/echo.: EACCES' c run --bundle "$T/exe" "$tag-exe"
	rm "$T/own/tmp/echo"
}
check "executing what no rule allows is refused, the program itself included" execute

net() {
	filter="$(rules '{net: {handled: ["bind_tcp"], allow: [{ports: [8080], rights: ["bind_tcp"]}]}}')"
	has "$(ct "$filter" 'timeout 1 nc -l -p 8081 2>&1 || true')" 'Permission denied'
	lacks "$(ct "$filter" 'timeout 1 nc -l -p 8080 2>&1 || true')" 'denied'
}
check "ports are bound where a rule allows it" net

everybody() {
	start_ct ll "$own | $(rules "$write_tmp")"
	has "$(c exec "$tag-ll" sh -c "$attempt" 2>&1 || true)" '/etc/denied: Permission denied'
	c delete --force "$tag-ll"
	rm -f "$T/own/tmp/allowed"
	bundle hook "$own | $(rules "$write_tmp") | .hooks.startContainer = [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo >/etc/denied\"]}]" true
	refuse 125 'hooks.startContainer' c run --bundle "$T/hook" "$tag-hook"
	has "$(cat "$T/refused.err")" 'Permission denied'
	[ ! -e "$T/own/etc/denied" ] || fail "the hook wrote"
}
check "exec and a startContainer hook are under the same rules" everybody

inside() {
	ln -s /etc "$T/own/link"
	filter="$own | $(rules '{fs: {handled: ["write"], allow: [{paths: ["/link"], rights: ["write"]}]}}')"
	[ "$(stat -c %i "$T/own/etc")" != "$(stat -c %i /etc)" ]
	equal "$(ct "$filter" 'touch /etc/here && echo inside; touch /tmp/x 2>/dev/null || echo only')" "inside
only"
	rm "$T/own/link" "$T/own/etc/here"
	bundle missing "$own | $(rules '{fs: {handled: ["write"], allow: [{paths: ["/no/such"], rights: ["write"]}]}}')"
	refuse 125 'org.cloison.landlock: cannot open ./no/such.: ENOENT' c run --bundle "$T/missing" "$tag-missing"
}
check "paths are resolved inside the root; one that does not exist is an error" inside

scope() {
	filter="$(rules '{scopes: ["signal", "abstract_unix_socket"]}')"
	start_ct scoped "$filter"
	# out of what the process has restricted itself to: the container's first process
	rc=0
	c exec "$tag-scoped" kill -TERM 1 2>"$T/scoped/err" || rc=$?
	equal "$rc" 1
	has "$(cat "$T/scoped/err")" 'not permitted'
	c delete --force "$tag-scoped"
}
check "scopes: a signal does not leave what was restricted together" scope

mistakes() {
	# wrong MESSAGE JSON
	wrong() {
		bundle mistake "$(rules "$2")" true
		refuse 125 "config.json: annotations: org.cloison.landlock: $1" c run --bundle "$T/mistake" "$tag-mistake"
	}
	wrong 'fs.handled: no such right: .delete.' '{fs: {handled: ["delete"]}}'
	wrong 'fs.handled: is missing' '{fs: {}}'
	wrong 'fs.handled: must not be empty' '{fs: {handled: []}}'
	wrong 'fs.allow: \[0\]: allows a right that is not handled' '{fs: {handled: ["execute"], allow: [{paths: ["/"], rights: ["read"]}]}}'
	wrong 'fs.allow\[0\].paths\[0\]: must be an absolute path' '{fs: {handled: ["read"], allow: [{paths: ["x"], rights: ["read"]}]}}'
	wrong 'net.allow\[0\].ports\[0\]: must be a whole number from 0 to 65535' '{net: {handled: ["all"], allow: [{ports: [65536], rights: ["bind_tcp"]}]}}'
	wrong 'fs.allow: has more than 256 paths' '{fs: {handled: ["all"], allow: [{paths: [range(257) | "/x"], rights: ["all"]}]}}'
	wrong 'scopes: no such right: .x.' '{scopes: ["x"]}'
	wrong 'restricts nothing' '{}'
	bundle mistake '.annotations["org.cloison.landlock"] = "{"' true
	refuse 125 'org.cloison.landlock: line 1 column 2' c run --bundle "$T/mistake" "$tag-mistake"
}
check "a rule that says nothing or something unknown is an error with its place" mistakes

without() {
	bundle without "$(rules "$write_tmp")" true
	if command -v strace >/dev/null; then
		rc=0
		CLOISON_TEST=$T strace -f -qq -o /dev/null -e trace=landlock_create_ruleset \
			-e inject=landlock_create_ruleset:error=EOPNOTSUPP "$cloison" --root "$T/.run" run \
			--bundle "$T/without" "$tag-without" 2>"$T/without/err" || rc=$?
		equal "$rc" 125
		has "$(cat "$T/without/err")" 'cannot apply the annotation org.cloison.landlock: EOPNOTSUPP'
		has "$(cat "$T/without/err")" 'cause: the kernel has no Landlock'
	fi
}
check "a kernel without Landlock is an error" without

finish
