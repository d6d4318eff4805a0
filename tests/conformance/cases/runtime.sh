# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # the driver and the cases share variables
#
# runtime.sh: runtime.md and bundle.md: the life of a container, its state, its operations.

case_scope_same_caller() {
	up . "$SLEEPER"
	equal "$(state | jq -r .id)" "$id"
	wait_for grep -q ready "$case_dir/out"
	rt kill "$id" TERM
	wait_for is_status stopped
	rt delete "$id"
}

# --- state

case_state_oci_version() {
	made . true
	has "$(state | jq -r .ociVersion)" '^[0-9]+\.[0-9]+\.[0-9]+'
}

case_state_id() {
	made . true
	equal "$(state | jq -r .id)" "$id"
}

case_state_creating_or_created() {
	made . true
	equal "$(status)" created
}

case_state_running() {
	up . "$SLEEPER"
	equal "$(status)" running
}

case_state_stopped() {
	up . 'exit 3'
	wait_for is_status stopped
	sleep 0.1
	equal "$(status)" stopped
}

case_state_pid_created() {
	made . true
	[ "$(ns "$(pid)" pid)" != "$(ns self pid)" ] || fail "process $(pid) is not the container's"
}

case_state_pid_running() {
	up . "$SLEEPER"
	runs_it() {
		tr '\0' ' ' <"/proc/$(pid)/cmdline" | grep -q '^sh -c trap'
	}
	wait_for runs_it
}

case_state_bundle() {
	made . true
	equal "$(state | jq -r .bundle)" "$bundle"
}

# The bundle's path is absolute in the state however it was given.
case_state_bundle_absolute() {
	config .
	(cd "$case_dir" && rt create --bundle bundle "$id" >/dev/null)
	equal "$(state | jq -r .bundle)" "$bundle"
}

case_state_annotations() {
	made '.annotations = {"org.example.one": "1", "org.example.two": ""}' true
	equal "$(state | jq -c '.annotations["org.example.one", "org.example.two"]' | tr '\n' ' ')" '"1" "" '
}

case_state_format() {
	made '.annotations = {"org.example.one": "1"}' true
	state | jq -e '(.ociVersion | type) == "string" and (.id | type) == "string" and
		(.status | type) == "string" and (.pid | type) == "number" and .pid == (.pid | floor) and .pid > 0 and
		(.bundle | type) == "string" and (.annotations | type) == "object" and
		all(.annotations[]; type == "string")' >/dev/null || fail "$(state | tr -d '\n\t')"
}

# --- lifecycle

case_create_makes_environment() {
	own_rootfs
	made ".root.path = \"$rootfs\" | .hostname = \"made\"" true
	for kind in pid mnt ipc uts net; do
		[ "$(ns "$(pid)" $kind)" != "$(ns self $kind)" ] || fail "no $kind namespace after create"
	done
	equal "$(nsenter --target "$(pid)" --uts hostname)" made
	has "$(cat "/proc/$(pid)/mountinfo")" ' /shared '
}

case_create_impossible_is_error() {
	refuses '.mounts += [{destination: "/mnt", type: "no-such-file-system", source: "none"}]'
}

case_create_does_not_run_program() {
	made . 'touch /shared/ran'
	sleep 0.2
	[ ! -e "$shared/ran" ] || fail "the program ran before start"
	equal "$(status)" created
}

case_config_read_once() {
	made . 'echo before'
	config '.hostname = "after"' 'echo after'
	begin
	wait_for is_status stopped
	equal "$(cat "$case_dir/out")" before
}

case_start_runs_program() {
	up . 'echo "$0 $CONFORMANCE"; touch /shared/ran; exit 0'
	wait_for test -e "$shared/ran"
}

case_delete_undoes_create() {
	up . "$SLEEPER"
	first=$(pid)
	cgroup=$(cgroup_of "$first")
	rt kill "$id" KILL
	wait_for is_status stopped
	rt delete "$id"
	[ ! -d "/proc/$first" ] || has "$(cat "/proc/$first/stat")" '\) [ZX] '
	[ "$cgroup" = "$(cgroup_of self)" ] || [ ! -d "$cgroup" ] || fail "the cgroup $cgroup is still there"
	lacks "$(cat /proc/self/mountinfo)" "$id"
	[ -z "$(find "$runtime_root" -name "$id*")" ] || fail "left: $(find "$runtime_root" -name "$id*" | head -n 1)"
}

# --- errors and warnings

# What is there, for comparing: state, cgroups, mounts, files beside the bundle.
environment() {
	find "$runtime_root" -mindepth 1 | sort
	find /sys/fs/cgroup -type d -path "*$tag*"
	cut -d ' ' -f 4- /proc/self/mountinfo
	find "$case_dir" -path "$bundle" -prune -o -type f ! -name 'must.out' ! -name '*.list' -print
	our_processes
}

case_error_leaves_nothing() {
	config '.mounts += [{destination: "/mnt", type: "no-such-file-system", source: "none"}]'
	environment >"$case_dir/before.list"
	must_fail rt create --bundle "$bundle" "$id"
	# what is being torn down may take a moment
	same() {
		environment >"$case_dir/after.list"
		cmp -s "$case_dir/before.list" "$case_dir/after.list"
	}
	(wait_for same) 2>/dev/null || fail "changed: $(diff "$case_dir/before.list" "$case_dir/after.list" | grep '^[<>]' | head -n 3 | tr '\n' ' ')"
}

# The id of a create that failed is free.
case_error_frees_id() {
	config '.process.args = ["sh"] | .mounts += [{destination: "/mnt", type: "no-such-file-system", source: "none"}]'
	must_fail rt create --bundle "$bundle" "$id"
	gives . 'echo second' second
}

case_warning_continues() {
	inside '.process.capabilities.bounding += ["CAP_NO_SUCH"]' 'echo went on'
	succeeded
	equal "$out" "went on"
}

# --- query state

case_state_needs_id() {
	must_fail rt state
}

case_state_of_nobody() {
	must_fail rt state "$id"
}

case_state_returns_state() {
	up '.annotations = {"org.example.one": "1"}' "$SLEEPER"
	equal "$(state | jq -c --arg pid "$(pid)" '[.id, .status, .bundle, (.pid > 1), .annotations["org.example.one"], (.ociVersion | length > 0)]')" \
		"[\"$id\",\"running\",\"$bundle\",true,\"1\",true]"
}

# --- create

case_create_needs_bundle() {
	mkdir "$case_dir/empty"
	(cd "$case_dir/empty" && must_fail rt create "$id")
	no_container "$id"
}

case_create_needs_id() {
	config .
	must_fail rt create --bundle "$bundle"
	[ -z "$(ls "$runtime_root")" ] || fail "there is a container without an id"
}

case_create_same_id() {
	up . "$SLEEPER"
	before=$(pid)
	must_fail rt create --bundle "$bundle" "$id"
	equal "$(pid) $(status)" "$before running"
}

case_create_invalid_id() {
	config .
	for bad in '' '../up' 'a/b' '.' '..'; do
		must_fail rt create --bundle "$bundle" "$bad"
	done
	[ -z "$(find "$runtime_root" -mindepth 1 -maxdepth 1)" ] || fail "left: $(ls "$runtime_root")"
}

case_create_makes_container() {
	must_fail rt state "$id"
	made . true
	equal "$(status)" created
}

case_create_applies_properties() {
	made '.hostname = "applied" | .process.oomScoreAdj = 321' true
	equal "$(nsenter --target "$(pid)" --uts hostname)" applied
}

case_create_keeps_args_for_start() {
	made . 'echo ran'
	lacks "$(tr '\0' ' ' <"/proc/$(pid)/cmdline")" 'echo ran'
	begin
	wait_for grep -q -x ran "$case_dir/out"
}

case_create_cannot_apply_is_error() {
	refuses '.linux.sysctl = {"net.no.such.key": "1"}'
}

# --- start

case_start_needs_id() {
	must_fail rt start
}

case_start_of_nobody() {
	must_fail rt start "$id"
}

case_start_running() {
	up . "echo up >>/shared/starts; $SLEEPER"
	wait_for test -e "$shared/starts"
	before=$(pid)
	must_fail rt start "$id"
	sleep 0.1
	equal "$(pid) $(status) $(wc -l <"$shared/starts")" "$before running 1"
}

case_start_stopped() {
	up . 'echo up >>/shared/starts'
	wait_for is_status stopped
	must_fail rt start "$id"
	sleep 0.1
	equal "$(status) $(wc -l <"$shared/starts")" "stopped 1"
}

case_start_runs_as_specified() {
	made '.process.env += ["GREETING=hello"] | .process.cwd = "/tmp"' 'echo "$GREETING from $PWD" >/shared/said'
	begin
	wait_for grep -q . "$shared/said"
	equal "$(cat "$shared/said")" "hello from /tmp"
}

# A runtime may find that out at create already; there is nothing to start then.
case_start_without_process() {
	config 'del(.process)'
	rt create --bundle "$bundle" "$id" >/dev/null 2>&1 || true
	must_fail rt start "$id"
}

# --- kill

case_kill_needs_id() {
	must_fail rt kill
}

case_kill_of_nobody() {
	must_fail rt kill "$id" KILL
}

case_kill_stopped() {
	up . true
	wait_for is_status stopped
	must_fail rt kill "$id" TERM
	equal "$(status)" stopped
}

case_kill_created() {
	made . 'touch /shared/ran'
	rt kill "$id" KILL
	wait_for is_status stopped
	[ ! -e "$shared/ran" ] || fail "the program ran"
}

case_kill_sends_signal() {
	up . 'trap "echo user one; exit 0" USR1; trap "echo user two; exit 0" USR2; echo ready; while :; do sleep 0.05; done'
	wait_for grep -q ready "$case_dir/out"
	rt kill "$id" USR2
	wait_for is_status stopped
	equal "$(tail -n 1 "$case_dir/out")" "user two"
}

# --- delete

case_delete_needs_id() {
	must_fail rt delete
}

case_delete_of_nobody() {
	must_fail rt delete "$id"
}

case_delete_running() {
	up . "$SLEEPER"
	before=$(pid)
	must_fail rt delete "$id"
	equal "$(pid) $(status)" "$before running"
}

case_delete_created() {
	made . 'touch /shared/ran'
	before=$(pid)
	must_fail rt delete "$id"
	equal "$(pid) $(status)" "$before created"
	begin
	wait_for test -e "$shared/ran"
}

case_delete_removes_resources() {
	up . true
	wait_for is_status stopped
	rt delete "$id"
	must_fail rt state "$id"
	[ -z "$(find /sys/fs/cgroup -type d -name "$tag.$case*")" ] || fail "the cgroup is still there"
}

# A namespace that was there before, a directory that was mounted: they are not the container's.
case_delete_keeps_what_others_made() {
	holder --uts
	own_rootfs
	echo kept >"$shared/file"
	made ".root.path = \"$rootfs\" | del(.hostname) | .linux.namespaces |= map(if .type == \"uts\" then .path = \"/proc/$holder/ns/uts\" else . end)" 'touch /made'
	begin
	wait_for is_status stopped
	rt delete "$id"
	equal "$(cat "$shared/file")" kept
	[ -e "$rootfs/made" ] || fail "what the program wrote is gone"
	[ -d "/proc/$holder" ] || fail "the namespace's holder is gone"
	[ -f "$config" ] || fail "the bundle is gone"
}

case_delete_frees_id() {
	up . true
	wait_for is_status stopped
	rt delete "$id"
	gives . 'echo again' again
}

# --- bundle.md

case_bundle_needs_config() {
	config .
	mv "$config" "$bundle/other.json"
	must_fail rt create --bundle "$bundle" "$id"
	mkdir "$bundle/rootfs"
	mv "$bundle/other.json" "$bundle/rootfs/config.json"
	must_fail rt create --bundle "$bundle" "$id"
	no_container "$id"
}

case_bundle_in_one_directory() {
	mkdir "$case_dir/moved"
	cp -a "$T/rootfs" "$case_dir/moved/rootfs"
	config '.root.path = "rootfs"' 'echo from a bundle'
	mv "$config" "$case_dir/moved"
	bundle=$case_dir/moved
	again
	succeeded
	equal "$out" "from a bundle"
}
