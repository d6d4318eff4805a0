# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# hooks.sh: config.md, POSIX-platform Hooks, and the lifecycle's words on them.

CREATE_HOOKS="prestart createRuntime createContainer"

# life FILTER - create, start, let end and delete a container whose program notes itself among the hooks
life() {
	write_hook
	made "$1" 'echo program >>/shared/order'
	begin
	wait_for is_status stopped
	rt delete "$id" >"$case_dir/delete.out" 2>&1 || fail "delete: $(cat "$case_dir/delete.out")"
}

# called KIND - the hooks of that kind, and nothing but the program beside
called() {
	life ".$(hook "$1")"
	has "$(order)" "(^| )$1 "
}

case_hook_prestart() { called prestart; }
case_hook_create_runtime() { called createRuntime; }
case_hook_create_container() { called createContainer; }
case_hook_start_container() { called startContainer; }
case_hook_poststart() { called poststart; }
case_hook_poststop() { called poststop; }

# fails_create KIND - a hook of that kind that fails: an error, no further hook, the container destroyed
fails_create() {
	write_hook
	config ".$(failing "$1")$(hook "$1" after)$(hook poststop)" 'echo program >>/shared/order'
	must_fail rt create --bundle "$bundle" "$id"
	no_container "$id"
	has "$(order)" '^failing '
	lacks "$(order)" 'program|after'
}

case_hook_prestart_fails() { fails_create prestart; }
case_hook_create_runtime_fails() { fails_create createRuntime; }
case_hook_create_container_fails() { fails_create createContainer; }

# A container that a hook has ended is deleted like any other: its poststop hooks are called.
case_hook_fails_then_poststop() {
	write_hook
	config ".$(failing createRuntime)$(hook poststop)" true
	must_fail rt create --bundle "$bundle" "$id"
	equal "$(order)" 'failing poststop '
}

case_hook_start_container_fails() {
	write_hook
	made ".$(failing startContainer)" "echo program >>/shared/order; $SLEEPER"
	must_fail rt start "$id"
	sleep 0.1
	equal "$(order)" 'failing '
	[ "$(status 2>/dev/null)" != running ] || fail "it runs"
}

case_hook_poststart_fails() {
	write_hook
	made ".$(failing poststart)" "$SLEEPER"
	must_fail rt start "$id"
	equal "$(order)" 'failing '
	stopped() {
		[ "$(status 2>/dev/null)" != running ]
	}
	wait_for stopped
}

case_hook_poststop_fails() {
	life ".$(failing poststop)$(hook poststop after)"
	equal "$(order)" 'program failing after '
	must_fail rt state "$id"
}

# --- what a hook is

case_hook_path_required() { refuses '.hooks.createRuntime = [{args: ["x"]}]'; }

# relative KIND - a relative path is an error, though there is such a file
relative() {
	write_hook
	config ".hooks.$1 = [{path: \"hook\", args: [\"hook\", \"relative\", \"$shared\"]}]" true
	cp "$shared/hook" "$bundle/hook"
	(cd "$bundle" && must_fail rt create --bundle "$bundle" "$id")
	no_container "$id"
	[ -z "$(order)" ] || fail "it was called"
}

case_hook_prestart_path_absolute() { relative prestart; }
case_hook_path_absolute() { relative createRuntime; }

case_hook_args() {
	printf '#!/bin/sh\ncat >/dev/null\nfor arg; do printf "<%%s>" "$arg"; done >%s/args\n' "$shared" >"$shared/args.sh"
	chmod 755 "$shared/args.sh"
	gives ".hooks.createRuntime = [{path: \"$shared/args.sh\", args: [\"args\", \"a b\", \"\", \"c\"]}]" 'cat /shared/args' '<a b><><c>'
}

case_hook_env() {
	export CALLERS=secret
	printf '#!/bin/sh\ncat >/dev/null\necho "$ONE ${CALLERS-unset}" >%s/env\n' "$shared" >"$shared/env.sh"
	chmod 755 "$shared/env.sh"
	gives ".hooks.createRuntime = [{path: \"$shared/env.sh\", env: [\"ONE=1\"]}]" 'cat /shared/env' '1 unset'
}

case_hook_timeout() {
	refuses ".hooks.createRuntime = [{path: \"$(command -v sleep)\", args: [\"sleep\", \"1000\"], timeout: 1}]"
}

case_hook_prestart_timeout_positive() { refuses ".hooks.prestart = [{path: \"$true\", timeout: 0}]"; }
case_hook_timeout_positive() { refuses ".hooks.createRuntime = [{path: \"$true\", timeout: 0}]"; }
case_hook_timeout_negative() { refuses ".hooks.createRuntime = [{path: \"$true\", timeout: -1}]"; }

# --- where hooks are. What tells: the host's directory is there, or it is not.

# The path of the runtime's side is one that the container's root does not have.
path_in_runtime() {
	life ".$(hook "$1")"
	has "$(order)" "(^| )$1 "
	[ ! -e "$T/rootfs$shared/hook" ] || fail "the container has that path too"
}

case_hook_prestart_path() { path_in_runtime prestart; }
case_hook_create_runtime_path() { path_in_runtime createRuntime; }
case_hook_create_container_path() { path_in_runtime createContainer; }
case_hook_poststart_path() { path_in_runtime poststart; }
case_hook_poststop_path() { path_in_runtime poststop; }

case_hook_start_container_path() {
	own_rootfs
	mkdir "$rootfs/only"
	printf '#!/bin/sh\necho inside >/shared/order\n' >"$rootfs/only/inside"
	chmod 755 "$rootfs/only/inside"
	made '.root.path = "\($dir)/rootfs" | .hooks.startContainer = [{path: "/only/inside"}]' true
	begin
	wait_for is_status stopped
	equal "$(order)" 'inside '
}

# in_runtime KIND - its namespaces are ours
in_runtime() {
	life ".$(hook "$1")"
	for kind in mnt uts pid ipc net; do
		equal "$kind $(seen "$1" $kind)" "$kind $(ns self $kind)"
	done
}

case_hook_prestart_namespace() { in_runtime prestart; }
case_hook_create_runtime_namespace() { in_runtime createRuntime; }
case_hook_poststart_namespace() { in_runtime poststart; }
case_hook_poststop_namespace() { in_runtime poststop; }

# in_container KIND - its namespaces are the container's
in_container() {
	write_hook
	made ".$(hook "$1")" "$SLEEPER"
	for kind in mnt uts ipc net; do ns "$(pid)" $kind; done >"$case_dir/want"
	begin
	wait_for test -s "$shared/$1.ns"
	for kind in mnt uts ipc net; do seen "$1" $kind; done >"$case_dir/got"
	cmp -s "$case_dir/want" "$case_dir/got" || fail "is $(tr '\n' ' ' <"$case_dir/got"), should be $(tr '\n' ' ' <"$case_dir/want")"
}

case_hook_create_container_namespace() { in_container createContainer; }
case_hook_start_container_namespace() { in_container startContainer; }

# --- when hooks are called

case_hooks_in_order() {
	life ".$(hook createRuntime one)$(hook createRuntime two)$(hook createRuntime three)$(hook poststop four)$(hook poststop five)"
	equal "$(order)" 'one two three program four five '
}

case_hook_prestart_before_create_runtime() {
	life ".$(hook createRuntime)$(hook prestart)"
	equal "$(order)" 'prestart createRuntime program '
}

case_hook_create_container_after_create_runtime() {
	life ".$(hook createContainer)$(hook createRuntime)"
	equal "$(order)" 'createRuntime createContainer program '
}

# in_create KIND - create has called it when it ends
in_create() {
	write_hook
	made ".$(hook "$1")" true
	equal "$(order)" "$1 "
}

case_hook_prestart_in_create() { in_create prestart; }
case_hook_create_runtime_in_create() { in_create createRuntime; }
case_hook_create_container_in_create() { in_create createContainer; }

# A hook that looks at the container's process: its namespaces are there, its root is still the host's.
looks_at_process() {
	cat >"$shared/look" <<'LOOK'
#!/bin/sh
pid=$(sed 's/.*"pid": *\([0-9]*\).*/\1/' | tr -d '\n')
{
	[ "$(readlink "/proc/$pid/ns/net")" = "$(readlink /proc/self/ns/net)" ] || echo namespaces
	[ "$(readlink "/proc/$pid/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ] || echo mounts
	[ "$(stat -Lc %d:%i "/proc/$pid/root")" != "$(stat -Lc %d:%i /)" ] || echo not-pivoted
} >"$1"
LOOK
	chmod 755 "$shared/look"
	made ".hooks.$1 = [{path: \"$shared/look\", args: [\"look\", \"$shared/looked\"]}]" true
	equal "$(tr '\n' ' ' <"$shared/looked")" 'namespaces mounts not-pivoted '
}

case_hook_prestart_environment() { looks_at_process prestart; }
case_hook_create_runtime_environment() { looks_at_process createRuntime; }

# In the container's mount namespace, with the host's root, and the container's mounts below it.
case_hook_create_container_environment() {
	cat >"$shared/look" <<'LOOK'
#!/bin/sh
{
	[ ! -d "$1" ] || echo not-pivoted
	! grep -q '/proc .* - proc ' /proc/self/mountinfo || echo proc
	! grep -q '/mnt/inner .* - tmpfs ' /proc/self/mountinfo || echo inner
} >"$1/looked"
LOOK
	chmod 755 "$shared/look"
	own_rootfs
	made ".root.path = \"$rootfs\" | .mounts += [{destination: \"/mnt/inner\", type: \"tmpfs\", source: \"tmpfs\"}] |
		.hooks.createContainer = [{path: \"$shared/look\", args: [\"look\", \"$shared\"]}]" true
	equal "$(tr '\n' ' ' <"$shared/looked")" 'not-pivoted proc inner '
}

case_hook_start_container_before_program() {
	write_hook
	made ".$(hook startContainer)" 'echo program >>/shared/order'
	equal "$(order)" ''
	begin
	wait_for is_status stopped
	equal "$(order)" 'startContainer program '
}

# After the program is executed, before start ends.
case_hook_poststart_when() {
	printf '#!/bin/sh\npid=$(sed '\''s/.*"pid": *\\([0-9]*\\).*/\\1/'\'' | tr -d "\\n")\ntr "\\0" " " <"/proc/$pid/cmdline" >%s/looked\n' "$shared" >"$shared/look"
	chmod 755 "$shared/look"
	made ".hooks.poststart = [{path: \"$shared/look\"}]" "$SLEEPER"
	[ ! -e "$shared/looked" ] || fail "it was called before start"
	begin
	has "$(cat "$shared/looked")" '^sh -c trap'
}

# After the container is deleted, before delete ends.
case_hook_poststop_when() {
	write_hook
	made ".$(hook poststop)" 'echo program >>/shared/order'
	begin
	wait_for is_status stopped
	equal "$(order)" 'program '
	rt delete "$id"
	equal "$(order)" 'program poststop '
}

# --- the state on standard input

# given KIND - the state that such a hook read
given() {
	jq -e --arg id "$id" --arg bundle "$bundle" --arg status "$2" '.id == $id and .bundle == $bundle and
		.status == $status and (.ociVersion | type) == "string" and .annotations["org.example.one"] == "1"' \
		"$shared/$1.state" >/dev/null || fail "$1: $(tr -d '\n\t ' <"$shared/$1.state")"
}

case_hook_state() {
	filter='.annotations = {"org.example.one": "1"}'
	for kind in $CREATE_HOOKS startContainer poststart poststop; do filter="$filter$(hook "$kind")"; done
	life "$filter"
	# those of create run while the container is being created, or when it has been
	for kind in $CREATE_HOOKS; do
		sed -i 's/"creating"/"created"/' "$shared/$kind.state"
		given "$kind" created
	done
	given startContainer created
	given poststart running
	given poststop stopped
}

case_hook_pid_runtime() {
	write_hook
	made ".$(hook createRuntime)" true
	equal "$(jq .pid "$shared/createRuntime.state")" "$(pid)"
}

case_hook_pid_container() {
	life ".$(hook startContainer)"
	equal "$(jq .pid "$shared/startContainer.state")" 1
}
