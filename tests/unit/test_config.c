/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_config.c: from config.json to a plan (runtime/oci).
 *
 * The good case is one file that says everything; the bad ones are made from it by changing one
 * value at a time, named by its JSON pointer (RFC 6901).
 */
#include "bundle.h"

#include <json-c/json.h>
#include <json-c/json_pointer.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "full_config.h"
#include "runtime/oci/decode.h"
#include "runtime/seccomp/default.h"

#define REMOVE NULL

/* quoted - JSON from a text with ' for ", in a buffer of its own. */
static struct json_object *quoted(const char *text)
{
	char *copy = strdup(text);
	struct json_object *tree;

	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	tree = json_tokener_parse(copy);
	if (!tree && strcmp(copy, "null") != 0)
		print_error("test has bad JSON: %s\n", text);
	free(copy);
	return tree;
}

static const struct plan *load_tree(struct bundle *b, struct json_object *tree)
{
	return bundle_load(b, json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN));
}

/* change - set the value at @pointer in @tree to @value, or remove it. */
static void change(struct json_object **tree, const char *pointer, const char *value)
{
	char parent[128];
	const char *key = strrchr(pointer, '/');
	struct json_object *object;

	if (value) {
		assert_int_equal(json_pointer_set(tree, pointer, quoted(value)), 0);
		return;
	}
	snprintf(parent, sizeof(parent), "%.*s", (int)(key - pointer), pointer);
	assert_int_equal(json_pointer_get(*tree, parent, &object), 0);
	json_object_object_del(object, key + 1);
}

/* load_changed - load the full config with one value changed. */
static const struct plan *load_changed(struct bundle *b, const char *pointer, const char *value)
{
	struct json_object *tree = quoted(full_config);
	const struct plan *plan;

	change(&tree, pointer, value);
	plan = load_tree(b, tree);
	json_object_put(tree);
	return plan;
}

static const struct plan *load_full(struct bundle *b)
{
	struct json_object *tree = quoted(full_config);
	const struct plan *plan = load_tree(b, tree);

	json_object_put(tree);
	if (!plan)
		print_error("%s\n", b->err.what);
	assert_non_null(plan);
	return plan;
}

struct bad {
	const char *pointer, *value, *message; /* the message without "config.json: " */
};

static void assert_all_refused(struct bundle *b, const struct bad *cases, size_t count)
{
	char expected[1024];

	for (size_t i = 0; i < count; i++) {
		if (load_changed(b, cases[i].pointer, cases[i].value))
			print_error("accepted: %s = %s\n", cases[i].pointer, cases[i].value);
		snprintf(expected, sizeof(expected), "config.json: %s", cases[i].message);
		assert_string_equal(b->err.what, expected);
		b->err.what[0] = '\0';
	}
}
#define assert_refused(bundle, ...)                                     \
	do {                                                            \
		static const struct bad cases_[] = {__VA_ARGS__};       \
		assert_all_refused(bundle, cases_, ARRAY_SIZE(cases_)); \
	} while (0)

/* --- the good case, part by part */

static void the_process_is_planned(void **state)
{
	const struct process_plan *p = &load_full(*state)->process;

	assert_true(p->terminal && p->no_new_privileges && p->has_umask && p->has_oom_score_adj);
	assert_int_equal(p->console_height, 25);
	assert_int_equal(p->console_width, 80);
	assert_int_equal(p->uid, 1000);
	assert_int_equal(p->gid, 100);
	assert_int_equal(p->umask, 022);
	assert_int_equal(p->oom_score_adj, -500);
	assert_int_equal(p->n_groups, 2);
	assert_int_equal(p->groups[1], 6);
	assert_string_equal(p->argv[2], "true");
	assert_null(p->argv[3]);
	assert_string_equal(p->envp[1], "C=");
	assert_null(p->envp[2]);
	assert_string_equal(p->cwd, "/tmp");
	assert_int_equal(p->n_rlimits, 1);
	assert_int_equal(p->rlimits[0].resource, RLIMIT_NOFILE);
	assert_int_equal(p->rlimits[0].soft, 10);
	assert_true(p->rlimits[0].hard == UINT64_MAX);
}

static void capabilities_the_kernel_would_refuse_are_left_out(void **state)
{
	const struct caps_plan *c = &load_full(*state)->process.caps;

	assert_int_equal(c->bounding, 1 << CAP_CHOWN | 1 << CAP_KILL);
	assert_int_equal(c->permitted, 1 << CAP_CHOWN | 1 << CAP_KILL);
	assert_int_equal(c->inheritable, 1 << CAP_KILL);
	assert_int_equal(c->effective, 1 << CAP_CHOWN);
	assert_int_equal(c->ambient, 1 << CAP_KILL);
	assert_true(c->left_out == (1 << CAP_SYS_ADMIN | 1 << CAP_CHOWN));
	assert_null(c->unknown);
	c = &load_changed(*state, "/process/capabilities/bounding",
			  "['CAP_CHOWN','CAP_KILL','CAP_X','cap_chown','CAP_X']")
		     ->process.caps;
	assert_int_equal(c->bounding, 1 << CAP_CHOWN | 1 << CAP_KILL);
	assert_string_equal(c->unknown, "CAP_X, cap_chown");
	c = &load_changed(*state, "/process/capabilities/inheritable", "['CAP_FOWNER','CAP_CHOWN']")
		     ->process.caps;
	assert_int_equal(c->inheritable, 1 << CAP_CHOWN);
	assert_int_equal(c->ambient, 1 << CAP_CHOWN);
	c = &load_changed(*state, "/process/capabilities/bounding", "[]")->process.caps;
	assert_int_equal(c->bounding | c->inheritable | c->ambient, 0);
	assert_int_equal(c->permitted, 1 << CAP_CHOWN | 1 << CAP_KILL);
}

static void what_is_absent_has_its_default(void **state)
{
	const struct plan *p =
		bundle_load(*state,
			    "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"/\"},\"process\":"
			    "{\"args\":[\"x\"],\"cwd\":\"/\"},\"linux\":{\"namespaces\":"
			    "[{\"type\":\"mount\"}]}}");

	assert_non_null(p);
	assert_true(p->process.caps.bounding == 0 && p->process.caps.permitted == 0);
	assert_false(p->process.terminal || p->process.has_umask || p->process.has_oom_score_adj ||
		     p->root_readonly);
	assert_non_null(p->process.envp);
	assert_null(p->process.envp[0]);
	assert_null(p->hostname);
	assert_null(p->seccomp.prog.filter);
	assert_null(p->cgroup.path);
	assert_true(p->cgroup.memory_max_bytes == LIMIT_UNSET);
	assert_true(p->cgroup.memory_swap_max_bytes == LIMIT_UNSET);
	assert_true(p->cgroup.cpu_weight == LIMIT_UNSET && p->cgroup.cpu_idle == LIMIT_UNSET);
	assert_true(p->cgroup.pids_max == LIMIT_UNSET);
	assert_int_equal(p->n_mounts, 0);
	for (int kind = 0; kind < NS_COUNT; kind++)
		assert_int_equal(p->ns[kind].mode, kind == NS_MNT ? NS_NEW : NS_HOST);
}

static void paths_are_made_absolute(void **state)
{
	struct bundle *b = *state;
	const struct plan *p = load_full(b);
	char expected[128];

	assert_string_equal(p->bundle, b->dir);
	snprintf(expected, sizeof(expected), "%s/rootfs", b->dir);
	assert_string_equal(p->root_path, expected);
	snprintf(expected, sizeof(expected), "%s/data", b->dir);
	assert_string_equal(p->mounts[2].source, expected);
	assert_string_equal(p->mounts[3].source, "/etc/hosts");
	assert_string_equal(p->mounts[1].destination, "/tmp");
}

static void mounts_are_planned(void **state)
{
	const struct plan *p = load_full(*state);
	const struct mount_plan *m = p->mounts;

	assert_int_equal(p->n_mounts, 5);
	assert_int_equal(m[0].kind, MOUNT_FS);
	assert_string_equal(m[0].type, "proc");
	assert_int_equal(m[1].kind, MOUNT_FS);
	assert_int_equal(m[1].attr_set, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOATIME);
	assert_int_equal(m[1].attr_clr, MOUNT_ATTR__ATIME);
	assert_int_equal(m[1].n_params, 4);
	assert_string_equal(m[1].params[0].key, "size");
	assert_string_equal(m[1].params[0].value, "64m");
	assert_string_equal(m[1].params[1].key, "sync");
	assert_null(m[1].params[1].value);
	assert_int_equal(m[2].kind, MOUNT_BIND);
	assert_true(m[2].recursive && m[2].propagation_recursive);
	assert_int_equal(m[2].propagation, MS_PRIVATE);
	assert_int_equal(m[2].attr_set, MOUNT_ATTR_RDONLY);
	assert_int_equal(m[2].rec_attr_set, MOUNT_ATTR_NOEXEC);
	assert_string_equal(m[2].where, "mounts[2]");
	assert_int_equal(m[3].kind, MOUNT_BIND);
	assert_false(m[3].recursive);
	assert_int_equal(m[4].kind, MOUNT_CGROUP);
}

static void hooks_are_planned(void **state)
{
	const struct hooks_plan *h = &load_full(*state)->hooks;
	const struct hook_plan *hook = h->of[HOOK_CREATE_RUNTIME].list;

	assert_true(h->any);
	assert_int_equal(h->of[HOOK_PRESTART].n, 0);
	assert_int_equal(h->of[HOOK_CREATE_RUNTIME].n, 1);
	assert_int_equal(h->of[HOOK_POSTSTOP].n, 2);
	assert_string_equal(hook->path, "/hook");
	assert_string_equal(hook->argv[1], "a");
	assert_null(hook->argv[2]);
	assert_string_equal(hook->envp[0], "A=b");
	assert_int_equal(hook->timeout_s, 7);
	hook = &h->of[HOOK_POSTSTOP].list[1];
	assert_string_equal(hook->argv[0], "/y");
	assert_null(hook->argv[1]);
	assert_null(hook->envp[0]);
	assert_int_equal(hook->timeout_s, 0);
	assert_false(load_changed(*state, "/hooks", "{'poststop':[]}")->hooks.any);
}

static void hooks_can_be_read_alone(void **state)
{
	struct bundle *b = *state;
	const struct hooks_plan *h;

	bundle_write(b, "{\"hooks\":{\"poststop\":[{\"path\":\"/x\"}]},\"process\":1}");
	arena_free(&b->arena);
	h = plan_load_hooks(b->dir, &b->arena, &b->err);
	assert_non_null(h);
	assert_string_equal(h->of[HOOK_POSTSTOP].list[0].path, "/x");
	bundle_write(b, "{}");
	h = plan_load_hooks(b->dir, &b->arena, &b->err);
	assert_non_null(h);
	assert_false(h->any);
	bundle_write(b, "{\"hooks\":[]}");
	assert_null(plan_load_hooks(b->dir, &b->arena, &b->err));
	assert_string_equal(b->err.what, "config.json: hooks: must be an object, is an array");
}

static void hooks_are_checked(void **state)
{
	assert_refused(*state,
		       {"/hooks/prestart", "[{'path':'x'}]",
			"hooks.prestart[0].path: must be an absolute path, is `x`"},
		       {"/hooks/poststop/1", "{}", "hooks.poststop[1].path: is missing"},
		       {"/hooks/createRuntime/0/timeout", "0",
			"hooks.createRuntime[0].timeout: must be a whole number from 1 to "
			"2147483647, is 0"},
		       {"/hooks/createRuntime/0/timeout", "-1",
			"hooks.createRuntime[0].timeout: must be a whole number from 1 to "
			"2147483647, is -1"});
}

static void scheduling_is_planned(void **state)
{
	const struct plan *p = load_full(*state);
	const struct process_plan *process = &p->process;

	assert_int_equal(process->scheduler->policy, 1);
	assert_int_equal(process->scheduler->priority, 7);
	assert_int_equal(process->scheduler->flags, 1 | 0x20);
	assert_int_equal(process->scheduler->nice, -3);
	assert_int_equal(process->io_priority, 2 << 13 | 4);
	assert_int_equal(process->exec_initial_cpus->bits[0], 0x8f);
	assert_int_equal(process->exec_final_cpus->bits[1], 1ULL << (100 - 64));
	assert_int_equal(p->memory_policy->mode, 3 | 1 << 15);
	assert_int_equal(p->memory_policy->nodes->bits[0], 3);
	assert_true(p->has_personality);
	assert_int_equal(p->personality, 8);
	p = load_changed(*state, "/process/execCPUAffinity", "{'initial':'','final':'1023'}");
	assert_null(p->process.exec_initial_cpus);
	assert_true(p->process.exec_final_cpus->bits[15] == 1ULL << 63);
}

static void scheduling_is_checked(void **state)
{
#define LIST(place, text) place ": must be a list like `0-3,7` of numbers below 1024, is `" text "`"
	assert_refused(
		*state,
		{"/process/scheduler/policy", "'SCHED_NONE'",
		 "process.scheduler.policy: no such policy: `SCHED_NONE`"},
		{"/process/scheduler/policy", "'SCHED_ISO'",
		 "process.scheduler.policy: SCHED_ISO is not implemented by Linux"},
		{"/process/scheduler/policy", "'SCHED_OTHER'",
		 "process.scheduler.priority: has no meaning with SCHED_OTHER"},
		{"/process/scheduler/priority", "0",
		 "process.scheduler.priority: must be from 1 to 99 with SCHED_FIFO"},
		{"/process/scheduler/nice", "20",
		 "process.scheduler.nice: must be a whole number from -20 to 19, is 20"},
		{"/process/scheduler/flags", "['SCHED_FLAG_X']",
		 "process.scheduler.flags: no such flag: `SCHED_FLAG_X`"},
		{"/process/scheduler/period", "1",
		 "process.scheduler: runtime, deadline and period have no meaning with SCHED_FIFO"},
		{"/process/scheduler", "{'policy':'SCHED_DEADLINE','runtime':1}",
		 "process.scheduler: SCHED_DEADLINE needs runtime and deadline"},
		{"/process/ioPriority/class", "'IOPRIO_CLASS_NONE'",
		 "process.ioPriority.class: no such class: `IOPRIO_CLASS_NONE`"},
		{"/process/ioPriority/priority", "8",
		 "process.ioPriority.priority: must be a whole number from 0 to 7, is 8"},
		{"/process/execCPUAffinity/initial", "'3-1'",
		 LIST("process.execCPUAffinity.initial", "3-1")},
		{"/process/execCPUAffinity/initial", "'0,'",
		 LIST("process.execCPUAffinity.initial", "0,")},
		{"/process/execCPUAffinity/final", "'1024'",
		 LIST("process.execCPUAffinity.final", "1024")},
		{"/process/execCPUAffinity/final", "'0-'",
		 LIST("process.execCPUAffinity.final", "0-")},
		{"/linux/memoryPolicy/nodes", "'-1'", LIST("linux.memoryPolicy.nodes", "-1")},
		{"/linux/memoryPolicy/mode", "'MPOL_X'",
		 "linux.memoryPolicy.mode: no such mode: `MPOL_X`"},
		{"/linux/memoryPolicy/nodes", "''",
		 "linux.memoryPolicy.nodes: is missing, which MPOL_INTERLEAVE needs"},
		{"/linux/memoryPolicy/mode", "'MPOL_LOCAL'",
		 "linux.memoryPolicy.nodes: has no meaning with MPOL_LOCAL"},
		{"/linux/memoryPolicy/flags", "['X']",
		 "linux.memoryPolicy.flags: no such flag: `X`"},
		{"/linux/personality/domain", "'BSD'",
		 "linux.personality.domain: no such domain: `BSD`"},
		{"/linux/personality", "{'domain':'LINUX','flags':['X']}",
		 "linux.personality.flags: no such flag: `X`; the specification has none"});
#undef LIST
}

static void labels_are_planned(void **state)
{
	const struct plan *p = load_full(*state);

	assert_string_equal(p->process.apparmor_profile, "profile//child");
	assert_string_equal(p->process.selinux_label, "u:r:t:s0");
	assert_string_equal(p->mount_label, "u:o:t:s0");
	/* tmpfs has it, proc has not */
	assert_string_equal(p->mounts[1].params[p->mounts[1].n_params - 1].key, "context");
	assert_string_equal(p->mounts[1].params[p->mounts[1].n_params - 1].value, "u:o:t:s0");
	assert_int_equal(p->mounts[0].n_params, 0);
	p = load_changed(*state, "/linux/mountLabel", "''");
	assert_null(p->mount_label);
	assert_string_not_equal(p->mounts[1].params[p->mounts[1].n_params - 1].key, "context");
	assert_null(load_changed(*state, "/process/selinuxLabel", "''")->process.selinux_label);
	assert_refused(*state, {"/process/apparmorProfile", "'a\\nb'",
				"process.apparmorProfile: has a control character"});
}

/* load_landlock - load the full config with the annotation, JSON with ' for ". */
static const struct plan *load_landlock(struct bundle *b, const char *rules)
{
	struct json_object *tree = quoted(full_config), *text = quoted(rules);
	struct json_object *annotations = json_object_object_get(tree, "annotations");
	const struct plan *plan;

	json_object_object_add(annotations, "org.cloison.landlock",
			       json_object_new_string(json_object_to_json_string(text)));
	plan = load_tree(b, tree);
	json_object_put(text);
	json_object_put(tree);
	return plan;
}

static void landlock_rules_are_planned(void **state)
{
	struct bundle *b = *state;
	const struct landlock_plan *l;

	assert_null(load_full(b)->landlock);
	l = load_landlock(b, "{'fs':{'handled':['read_file','execute'],'allow':["
			     "{'paths':['/a','/b'],'rights':['execute']}]},"
			     "'net':{'handled':['all'],'allow':[{'ports':[0,65535],"
			     "'rights':['connect_tcp']}]}}")
		    ->landlock;
	assert_non_null(l);
	assert_int_equal(l->handled_fs, 1 | 4);
	assert_int_equal(l->handled_net, 3);
	assert_int_equal(l->n_paths, 2);
	assert_string_equal(l->paths[1].path, "/b");
	assert_int_equal(l->paths[1].rights, 1);
	assert_int_equal(l->n_ports, 2);
	assert_int_equal(l->ports[1].port, 65535);
	assert_int_equal(l->abi, 4);
	l = load_landlock(b, "{'scopes':['signal']}")->landlock;
	assert_int_equal(l->abi, 6);
	assert_null(load_landlock(b, "[]"));
	assert_string_equal(b->err.what, "config.json: annotations: org.cloison.landlock: "
					 "must be an object, is an array");
	assert_null(load_landlock(b, "{}"));
	assert_string_equal(b->err.what,
			    "config.json: annotations: org.cloison.landlock: restricts nothing");
}

static void linux_is_planned(void **state)
{
	const struct plan *p = load_full(*state);

	assert_int_equal(p->ns[NS_USER].mode, NS_NEW);
	assert_int_equal(p->ns[NS_IPC].mode, NS_NEW);
	assert_int_equal(p->ns[NS_PID].mode, NS_JOIN);
	assert_string_equal(p->ns[NS_PID].path, "/proc/1/ns/pid");
	assert_int_equal(p->n_gid_map, 2);
	assert_int_equal(p->gid_map[1].host_id, 300000);
	assert_int_equal(p->n_time_offsets, 2);
	assert_string_equal(p->time_offsets[0].clock, "monotonic");
	assert_int_equal(p->time_offsets[0].secs, -10);
	assert_int_equal(p->time_offsets[0].nanosecs, 999999999);
	assert_int_equal(p->n_devices, 2);
	assert_int_equal(p->devices[0].type, S_IFCHR);
	assert_int_equal(p->devices[0].mode, 0666);
	assert_int_equal(p->devices[0].minor, 229);
	assert_int_equal(p->devices[1].type, S_IFIFO);
	assert_int_equal(p->root_propagation, MS_SLAVE);
	assert_true(p->root_propagation_recursive);
	assert_int_equal(p->n_masked, 2);
	assert_string_equal(p->masked_paths[1], "/proc/kcore");
	assert_int_equal(p->n_sysctls, 2);
	assert_string_equal(p->sysctls[0].path, "net/ipv4/ip_forward");
	assert_string_equal(p->sysctls[1].path, "kernel/shmmax");
	assert_int_equal(p->n_annotations, 1);
	assert_string_equal(p->annotations[0].key, "a.b");
	assert_string_equal(p->hostname, "h");
}

static void limits_are_translated_to_cgroup_v2(void **state)
{
	const struct cgroup_plan *c = &load_full(*state)->cgroup;

	assert_string_equal(c->path, "/a/b");
	assert_int_equal(c->memory_max_bytes, 1048576);
	assert_int_equal(c->memory_low_bytes, 524288);
	assert_int_equal(c->memory_swap_max_bytes, 2097152);
	assert_int_equal(c->cpu_weight, 39);
	assert_int_equal(c->cpu_quota_us, 50000);
	assert_int_equal(c->cpu_period_us, 100000);
	assert_int_equal(c->cpu_burst_us, 1000);
	assert_int_equal(c->cpu_idle, 1);
	assert_string_equal(c->cpus, "0-1");
	assert_string_equal(c->mems, "0");
	assert_int_equal(c->pids_max, 100);
	assert_int_equal(c->n_unified, 1);
	assert_string_equal(c->unified[0].key, "memory.high");
	assert_int_equal(c->n_device_rules, 2);
	assert_int_equal(c->device_rules[0].type, 'a');
	assert_int_equal(c->device_rules[0].major, -1);
	assert_true(c->device_rules[0].mknod && !c->device_rules[0].allow);
	assert_true(c->device_rules[1].read && c->device_rules[1].write);
	assert_false(c->device_rules[1].mknod);
}

static void a_foreign_seccomp_profile_is_compiled(void **state)
{
	const struct seccomp_plan *s = &load_full(*state)->seccomp;

	assert_non_null(s->prog.filter);
	assert_true(s->prog.len > 5);
	assert_ptr_not_equal(s->prog.filter, seccomp_default_filter);
	assert_int_equal(s->flags, SECCOMP_FILTER_FLAG_LOG);
}

/* --- values at their limits */

static int64_t weight_for(struct bundle *b, const char *shares)
{
	const struct plan *p = load_changed(b, "/linux/resources/cpu/shares", shares);

	assert_non_null(p);
	return p->cgroup.cpu_weight;
}

static void cpu_shares_become_a_weight(void **state)
{
	assert_true(weight_for(*state, "0") == LIMIT_UNSET);
	assert_int_equal(weight_for(*state, "1"), 1);
	assert_int_equal(weight_for(*state, "2"), 1);
	assert_int_equal(weight_for(*state, "1024"), 39);
	assert_int_equal(weight_for(*state, "262144"), 10000);
	assert_int_equal(weight_for(*state, "18446744073709551615"), 10000);
}

static void swap_is_what_is_beyond_memory(void **state)
{
	static const struct {
		const char *memory;
		int64_t max, swap_max;
	} cases[] = {
		{"{'limit':100,'swap':100}", 100, 0},
		{"{'limit':100,'swap':300}", 100, 200},
		{"{'limit':100,'swap':-1}", 100, LIMIT_MAX},
		{"{'limit':100,'swap':0}", 100, LIMIT_UNSET},
		{"{'limit':-1,'swap':-1}", LIMIT_MAX, LIMIT_MAX},
		{"{'limit':-1}", LIMIT_MAX, LIMIT_MAX},
		{"{'limit':0}", LIMIT_UNSET, LIMIT_UNSET},
		{"{}", LIMIT_UNSET, LIMIT_UNSET},
		{"{'limit':9223372036854775807,'swap':9223372036854775807}", INT64_MAX, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct plan *p =
			load_changed(*state, "/linux/resources/memory", cases[i].memory);

		assert_non_null(p);
		assert_true(p->cgroup.memory_max_bytes == cases[i].max);
		assert_true(p->cgroup.memory_swap_max_bytes == cases[i].swap_max);
	}
	assert_refused(
		*state,
		{"/linux/resources/memory", "{'limit':100,'swap':99}",
		 "linux.resources.memory.swap: must not be below the memory limit: it is "
		 "memory plus swap"},
		{"/linux/resources/memory", "{'swap':99}",
		 "linux.resources.memory.swap: needs a memory limit: it is memory plus swap"},
		{"/linux/resources/memory", "{'limit':-1,'swap':99}",
		 "linux.resources.memory.swap: needs a memory limit: it is memory plus swap"},
		{"/linux/resources/memory", "{'limit':-2}",
		 "linux.resources.memory.limit: must be a whole number from -1 to "
		 "9223372036854775807, is -2"});
}

static void each_capability_of_this_kernel_has_a_name(void **state)
{
	const struct plan *plan;
	uint64_t all = 0;

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		all |= 1ULL << cap;
	plan = load_changed(
		*state, "/process/capabilities/bounding",
		"['CAP_AUDIT_CONTROL','CAP_AUDIT_READ','CAP_AUDIT_WRITE','CAP_BLOCK_SUSPEND',"
		"'CAP_BPF','CAP_CHECKPOINT_RESTORE','CAP_CHOWN','CAP_DAC_OVERRIDE',"
		"'CAP_DAC_READ_SEARCH','CAP_FOWNER','CAP_FSETID','CAP_IPC_LOCK','CAP_IPC_OWNER',"
		"'CAP_KILL','CAP_LEASE','CAP_LINUX_IMMUTABLE','CAP_MAC_ADMIN','CAP_MAC_OVERRIDE',"
		"'CAP_MKNOD','CAP_NET_ADMIN','CAP_NET_BIND_SERVICE','CAP_NET_BROADCAST',"
		"'CAP_NET_RAW','CAP_PERFMON','CAP_SETFCAP','CAP_SETGID','CAP_SETPCAP','CAP_SETUID',"
		"'CAP_SYSLOG','CAP_SYS_ADMIN','CAP_SYS_BOOT','CAP_SYS_CHROOT','CAP_SYS_MODULE',"
		"'CAP_SYS_NICE','CAP_SYS_PACCT','CAP_SYS_PTRACE','CAP_SYS_RAWIO',"
		"'CAP_SYS_RESOURCE','CAP_SYS_TIME','CAP_SYS_TTY_CONFIG','CAP_WAKE_ALARM']");
	assert_non_null(plan);
	assert_true(plan->process.caps.bounding == all);
}

/* --- mount options */

static const struct mount_plan *mount_with(struct bundle *b, const char *options)
{
	const struct plan *p = load_changed(b, "/mounts/1/options", options);

	assert_non_null(p);
	return &p->mounts[1];
}

static void later_mount_options_override_earlier_ones(void **state)
{
	const struct mount_plan *m =
		mount_with(*state, "['ro','nosuid','rw','noatime','relatime']");

	assert_int_equal(m->attr_set, MOUNT_ATTR_NOSUID);
	assert_int_equal(m->attr_clr, MOUNT_ATTR_RDONLY | MOUNT_ATTR__ATIME);
	m = mount_with(*state, "['noatime','strictatime','suid','nosuid']");
	assert_int_equal(m->attr_set, MOUNT_ATTR_STRICTATIME | MOUNT_ATTR_NOSUID);
	m = mount_with(*state, "['private','rshared']");
	assert_int_equal(m->propagation, MS_SHARED);
	assert_true(m->propagation_recursive);
	m = mount_with(*state, "['rslave','unbindable']");
	assert_int_equal(m->propagation, MS_UNBINDABLE);
	assert_false(m->propagation_recursive);
}

/* The specification's table; what is refused on purpose is in the test after this one. */
static void every_mount_option_of_the_specification_is_known(void **state)
{
	const struct mount_plan *m = mount_with(
		*state,
		"['async','atime','defaults','dev','diratime','dirsync','exec','lazytime','loud',"
		"'noatime','nodev','nodiratime','noexec','noiversion','nolazytime','nomand',"
		"'norelatime','nostrictatime','nosuid','nosymfollow','private','ratime','rdev',"
		"'rdiratime','relatime','rexec','rnoatime','rnodev','rnodiratime','rnoexec',"
		"'rnorelatime','rnostrictatime','rnosuid','rnosymfollow','ro','rprivate',"
		"'rrelatime','rro','rrw','rshared','rslave','rstrictatime','rsuid','rsymfollow',"
		"'runbindable','rw','shared','silent','slave','strictatime','suid','symfollow',"
		"'sync','unbindable','iversion','mand','tmpcopyup','dest-nofollow']");

	/* Only those of the superblock are left for the file system, and linux.mountLabel's. */
	assert_int_equal(m->n_params, 8);
	for (size_t i = 0; i < m->n_params - 1; i++)
		assert_non_null(strstr("async dirsync lazytime nolazytime sync nomand mand",
				       m->params[i].key));
	assert_true(m->copy_up && m->dest_nofollow);
	assert_false(m->source_nofollow || m->copy_symlink || m->remount);
	assert_int_equal(m->kind, MOUNT_FS);
	m = mount_with(*state, "['bind','async','src-nofollow','copy-symlink']");
	assert_int_equal(m->kind, MOUNT_BIND);
	assert_false(m->recursive);
	assert_true(m->source_nofollow && m->copy_symlink);
	assert_int_equal(m->idmap, IDMAP_NONE);
	m = mount_with(*state, "['bind','idmap','ridmap']");
	assert_int_equal(m->idmap, IDMAP_TREE);
	m = mount_with(*state, "['remount','bind','ro']");
	assert_int_equal(m->kind, MOUNT_REMOUNT);
	assert_int_equal(m->attr_set, MOUNT_ATTR_RDONLY);
}

static void mounts_that_cannot_be_made_are_refused(void **state)
{
	assert_refused(
		*state,
		{"/mounts/1/options/0", "'remount'",
		 "mounts[1].options: `size` cannot be changed by a remount"},
		{"/mounts/2/options", "['remount','idmap']",
		 "mounts[2].options: `idmap` is not possible with `remount`"},
		{"/mounts/1/options/0", "'idmap'",
		 "mounts[1].options: ids are mapped on bind mounts only"},
		{"/mounts/1/options/0", "'ridmap'",
		 "mounts[1].options: ids are mapped on bind mounts only"},
		{"/mounts/2/options/1", "'mand'",
		 "mounts[2].options: `mand` cannot be set on a bind mount"},
		{"/mounts/1/options/0", "'=x'", "mounts[1].options[0]: no such option: `=x`"},
		{"/mounts/1/options/0", "''", "mounts[1].options[0]: no such option: ``"},
		{"/mounts/2/uidMappings", "[{}]",
		 "mounts[2].uidMappings[0].containerID: is missing"},
		{"/mounts/2/uidMappings", "[{'containerID':0,'hostID':1,'size':1}]",
		 "mounts[2].gidMappings: is missing; the other is there"},
		{"/mounts/2/gidMappings", "[{'containerID':0,'hostID':1,'size':1}]",
		 "mounts[2].uidMappings: is missing; the other is there"},
		{"/mounts/0/options", "['src-nofollow']",
		 "mounts[0].options: `src-nofollow` is for bind mounts only"},
		{"/mounts/0/options", "['copy-symlink']",
		 "mounts[0].options: `copy-symlink` is for bind mounts only"},
		{"/mounts/0/options", "['tmpcopyup']",
		 "mounts[0].options: `tmpcopyup` is for a tmpfs only"},
		{"/mounts/1/type", REMOVE, "mounts[1].type: is missing, and no option says `bind`"},
		{"/mounts/2/options/1", "'tmpcopyup'",
		 "mounts[2].options: `tmpcopyup` is for a tmpfs only"},
		{"/mounts/1/destination", "'/'",
		 "mounts[1].destination: must not be the container's root"},
		{"/mounts/1/destination", "''",
		 "mounts[1].destination: must not be the container's root"},
		{"/mounts/2/source", REMOVE, "mounts[2].source: is missing; a bind mount needs it"},
		{"/mounts/2/options/1", "'sync'",
		 "mounts[2].options: `sync` cannot be set on a bind mount"},
		{"/mounts/2/options/1", "'size=1m'",
		 "mounts[2].options: `size` cannot be set on a bind mount"});
}

/* --- mistakes */

static void mistakes_in_the_process_are_refused(void **state)
{
	assert_refused(
		*state, {"/process/args", "[]", "process.args: must not be empty"},
		{"/process/args/0", "''",
		 "process.args: must begin with the name of a program, is \"\""},
		{"/process/cwd", "'tmp'", "process.cwd: must be an absolute path, is `tmp`"},
		{"/process/cwd", "''", "process.cwd: must be an absolute path, is ``"},
		{"/process/user/uid", "4294967295",
		 "process.user.uid: must be a whole number from 0 to 4294967294, is 4294967295"},
		{"/process/user/umask", "512",
		 "process.user.umask: must be a whole number from 0 to 511, is 512"},
		{"/process/consoleSize/height", "65536",
		 "process.consoleSize.height: must be a whole number from 0 to 65535, is 65536"},
		{"/process/rlimits/0/type", "'RLIMIT_X'",
		 "process.rlimits[0].type: no such limit: `RLIMIT_X`"},
		{"/process/rlimits/0/hard", "9",
		 "process.rlimits[0].soft: must not be above the hard limit"},
		{"/process/rlimits",
		 "[{'type':'RLIMIT_NOFILE','soft':1,'hard':1},"
		 "{'type':'RLIMIT_NOFILE','soft':1,'hard':1}]",
		 "process.rlimits: has RLIMIT_NOFILE twice"},
		{"/process/oomScoreAdj", "1001",
		 "process.oomScoreAdj: must be a whole number from -1000 to 1000, is 1001"},
		{"/process/user/uid", "65536",
		 "process.user.uid: 65536 is not in linux.uidMappings"},
		{"/process/user/gid", "1001", "process.user.gid: 1001 is not in linux.gidMappings"},
		{"/process/user/additionalGids/0", "5000",
		 "process.user.additionalGids: 5000 is not in linux.gidMappings"});
}

static void mistakes_at_the_top_are_refused(void **state)
{
	assert_refused(
		*state,
		{"/ociVersion", "'2.0.0'", "ociVersion: must be a version 1.x.y, is `2.0.0`"},
		{"/ociVersion", "'1.'", "ociVersion: must be a version 1.x.y, is `1.`"},
		{"/ociVersion", "'1.0'", "ociVersion: must be a version 1.x.y, is `1.0`"},
		{"/ociVersion", "'1.02.0'", "ociVersion: must be a version 1.x.y, is `1.02.0`"},
		{"/ociVersion", "'1.0.2x'", "ociVersion: must be a version 1.x.y, is `1.0.2x`"},
		{"/ociVersion", "'1.0.2-'", "ociVersion: must be a version 1.x.y, is `1.0.2-`"},
		{"/ociVersion", "''", "ociVersion: must be a version 1.x.y, is ``"},
		{"/ociVersion", REMOVE, "ociVersion: is missing"},
		{"/process", REMOVE, "process: is missing"}, {"/root", REMOVE, "root: is missing"},
		{"/linux", REMOVE, "linux: is missing"},
		{"/root/path", REMOVE, "root.path: is missing"},
		{"/root/path", "''", "root.path: must not be empty"},
		{"/hostname", "'12345678901234567890123456789012345678901234567890123456789012345'",
		 "hostname: is 65 bytes long; the limit is 64"},
		{"/linux/namespaces",
		 "[{'type':'mount'},{'type':'user'},{'type':'time'},{'type':'ipc'},{'type':'network'}]",
		 "hostname: needs a uts namespace of its own"});
	assert_non_null(
		load_changed(*state, "/hostname",
			     "'1234567890123456789012345678901234567890123456789012345678901234'"));
}

static void mistakes_in_namespaces_are_refused(void **state)
{
	assert_refused(
		*state,
		{"/linux/namespaces/0/type", "'usr'", "linux.namespaces: no such namespace: `usr`"},
		{"/linux/namespaces/0/type", "'uts'", "linux.namespaces: has `uts` twice"},
		{"/linux/namespaces/5/path", "'proc/1/ns/pid'",
		 "linux.namespaces[5].path: must be an absolute path, is `proc/1/ns/pid`"},
		{"/linux/namespaces/7", "{'type':'mount','path':'x'}",
		 "linux.namespaces[7].path: must be an absolute path, is `x`"},
		{"/linux/namespaces", "[]",
		 "linux.namespaces: must have `mount`: a container never shares the host's mounts"},
		{"/linux/uidMappings", REMOVE, "linux.uidMappings: a new user namespace needs it"},
		{"/linux/gidMappings", "[]", "linux.gidMappings: a new user namespace needs it"},
		{"/linux/namespaces/0", "{'type':'user','path':'/x'}",
		 "linux.uidMappings: needs a new user namespace"},
		{"/linux/namespaces/6", "{'type':'time','path':'/x'}",
		 "linux.timeOffsets: needs a new time namespace"},
		{"/linux/timeOffsets/realtime", "{}",
		 "linux.timeOffsets.realtime: no such clock; there are monotonic and boottime"},
		{"/linux/timeOffsets/monotonic/nanosecs", "1000000000",
		 "linux.timeOffsets.monotonic.nanosecs: must be a whole number from 0 to 999999999, "
		 "is 1000000000"},
		{"/linux/uidMappings/0/size", "0",
		 "linux.uidMappings[0].size: must be a whole number from 1 to 4294967295, is 0"},
		{"/linux/uidMappings/0/size", "4294967295",
		 "linux.uidMappings[0].size: goes beyond the last ID, 4294967294"},
		{"/linux/uidMappings/0/hostID", "4294901760",
		 "linux.uidMappings[0].size: goes beyond the last ID, 4294967294"},
		{"/linux/gidMappings/1/containerID", "999",
		 "linux.gidMappings: entries 0 and 1 overlap"},
		{"/linux/gidMappings/1/hostID", "200500",
		 "linux.gidMappings: entries 0 and 1 overlap"});
	assert_non_null(load_changed(*state, "/linux/uidMappings/0/hostID", "4294901759"));
}

/* What the executor would not make there, one after the other until nothing is left of it. */
static void what_is_made_of_mounts_is_refused_where_they_are_joined(void **state)
{
	static const char *const members[][2] = {
		{"/root/readonly", "root.readonly"},
		{"/mounts", "mounts"},
		{"/linux/devices", "linux.devices"},
		{"/linux/rootfsPropagation", "linux.rootfsPropagation"},
		{"/linux/maskedPaths", "linux.maskedPaths"},
		{"/linux/readonlyPaths", "linux.readonlyPaths"},
		{"/linux/sysctl", "linux.sysctl"},
	};
	struct bundle *b = *state;
	struct json_object *tree = quoted(full_config);
	char expected[128];

	change(&tree, "/linux/namespaces/7", "{'type':'mount','path':'/proc/1/ns/mnt'}");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		assert_null(load_tree(b, tree));
		snprintf(expected, sizeof(expected),
			 "config.json: %s: not possible in a mount namespace that is joined",
			 members[i][1]);
		assert_string_equal(b->err.what, expected);
		change(&tree, members[i][0], REMOVE);
	}
	assert_non_null(load_tree(b, tree));
	change(&tree, "/root/readonly", "false");
	change(&tree, "/mounts", "[]");
	change(&tree, "/linux/sysctl", "{}");
	assert_non_null(load_tree(b, tree));
	json_object_put(tree);
}

static void more_mappings_than_the_kernel_takes_are_refused(void **state)
{
	struct bundle *b = *state;

	for (int count = 340; count <= 341; count++) {
		struct json_object *tree = quoted(full_config), *list = json_object_new_array();

		for (int i = 0; i < count; i++) {
			char text[80];

			snprintf(text, sizeof(text), "{'containerID':%d,'hostID':%d,'size':5}",
				 i * 5, i * 5);
			json_object_array_add(list, quoted(text));
		}
		json_pointer_set(&tree, "/linux/uidMappings", list);
		if (count <= 340)
			assert_non_null(load_tree(b, tree));
		else
			assert_null(load_tree(b, tree));
		json_object_put(tree);
	}
	assert_string_equal(b->err.what, "config.json: linux.uidMappings: has 341 entries; the "
					 "kernel takes 340");
}

static void mistakes_in_linux_are_refused(void **state)
{
	assert_refused(
		*state,
		{"/linux/devices/0/path", "'dev/fuse'",
		 "linux.devices[0].path: must be an absolute path, is `dev/fuse`"},
		{"/linux/devices/0/type", "'x'",
		 "linux.devices[0].type: must be b, c, u or p, is `x`"},
		{"/linux/devices/0/major", REMOVE, "linux.devices[0].major: is missing"},
		{"/linux/devices/0/minor", REMOVE, "linux.devices[0].minor: is missing"},
		{"/linux/devices/0/fileMode", "4096",
		 "linux.devices[0].fileMode: must be a whole number from 0 to 4095, is 4096"},
		{"/linux/cgroupsPath", "'/a/../../b'",
		 "linux.cgroupsPath: must not contain `..`, is `/a/../../b`"},
		{"/linux/cgroupsPath", "'..'", "linux.cgroupsPath: must not contain `..`, is `..`"},
		{"/linux/rootfsPropagation", "'sideways'",
		 "linux.rootfsPropagation: no such propagation: `sideways`"},
		{"/linux/maskedPaths/1", "'proc/kcore'",
		 "linux.maskedPaths[1]: must be an absolute path, is `proc/kcore`"},
		{"/linux/readonlyPaths/0", "''",
		 "linux.readonlyPaths[0]: must be an absolute path, is ``"});
	assert_string_equal(load_changed(*state, "/linux/cgroupsPath", "'/a..b/..c'")->cgroup.path,
			    "/a..b/..c");
}

static void mistakes_in_resources_are_refused(void **state)
{
	assert_refused(
		*state,
		{"/linux/resources/cpu/cpus", "'all'",
		 "linux.resources.cpu.cpus: must be a list such as 0-3,8, is `all`"},
		{"/linux/resources/cpu/idle", "2",
		 "linux.resources.cpu.idle: must be a whole number from 0 to 1, is 2"},
		{"/linux/resources/cpu/quota", "-2",
		 "linux.resources.cpu.quota: must be a whole number from -1 to 9223372036854775807, "
		 "is -2"},
		{"/linux/resources/pids/limit", "-2",
		 "linux.resources.pids.limit: must be a whole number from -1 to "
		 "9223372036854775807, is -2"},
		{"/linux/resources/unified", "{'../x':'1'}",
		 "linux.resources.unified.../x: must be the name of a file in the cgroup's "
		 "directory"},
		{"/linux/resources/unified", "{'.':'1'}",
		 "linux.resources.unified..: must be the name of a file in the cgroup's directory"},
		{"/linux/resources/unified", "{'':'1'}",
		 "linux.resources.unified.: must be the name of a file in the cgroup's directory"},
		{"/linux/resources/unified", "{'cgroup.procs':'1'}",
		 "linux.resources.unified.cgroup.procs: is the runtime's own to write"},
		{"/linux/resources/unified", "{'cgroup.kill':'1'}",
		 "linux.resources.unified.cgroup.kill: is the runtime's own to write"},
		{"/linux/resources/blockIO", "{'weight':9}",
		 "linux.resources.blockIO.weight: must be from 10 to 1000, is 9"},
		{"/linux/resources/blockIO",
		 "{'weightDevice':[{'major':8,'minor':0,'weight':1001}]}",
		 "linux.resources.blockIO.weightDevice[0].weight: must be from 10 to 1000, is "
		 "1001"},
		{"/linux/resources/blockIO", "{'weightDevice':[{'major':8,'minor':0}]}",
		 "linux.resources.blockIO.weightDevice[0].weight: is missing"},
		{"/linux/resources/blockIO", "{'throttleReadBpsDevice':[{}]}",
		 "linux.resources.blockIO.throttleReadBpsDevice[0].major: is missing"},
		{"/linux/resources/hugepageLimits", "[{'pageSize':'../2MB','limit':1}]",
		 "linux.resources.hugepageLimits[0].pageSize: must be a size such as 2MB, is "
		 "`../2MB`"},
		{"/linux/resources/hugepageLimits", "[{'pageSize':'2MBx','limit':1}]",
		 "linux.resources.hugepageLimits[0].pageSize: must be a size such as 2MB, is "
		 "`2MBx`"},
		{"/linux/resources/rdma", "{'a b':{'hcaHandles':1}}",
		 "linux.resources.rdma.a b: must be the name of a device"},
		{"/linux/resources/rdma", "{'x':{}}",
		 "linux.resources.rdma.x: must have hcaHandles or hcaObjects"},
		{"/linux/resources/devices/1/type", "'p'",
		 "linux.resources.devices[1].type: must be a, b or c, is `p`"},
		{"/linux/resources/devices/1/type", "''",
		 "linux.resources.devices[1].type: must be a, b or c, is ``"},
		{"/linux/resources/devices/1/access", "'rx'",
		 "linux.resources.devices[1].access: must be some of r, w and m, is `rx`"},
		{"/linux/resources/devices/1/allow", REMOVE,
		 "linux.resources.devices[1].allow: is missing"});
	assert_non_null(
		load_changed(*state, "/linux/resources/unified", "{'cgroup.max.depth':'2'}"));
	assert_true(load_changed(*state, "/linux/resources/pids/limit", "-1")->cgroup.pids_max ==
		    LIMIT_MAX);
}

static void network_devices_are_planned_or_refused(void **state)
{
	const struct plan *p =
		load_changed(*state, "/linux/netDevices", "{'eth0':{'name':'net0'},'eth1':{}}");

	assert_non_null(p);
	assert_int_equal(p->n_net_devices, 2);
	assert_string_equal(p->net_devices[0].host_name, "eth0");
	assert_string_equal(p->net_devices[0].name, "net0");
	assert_string_equal(p->net_devices[1].name, "eth1");
	assert_false(p->net_devices[0].numbered || p->net_devices[1].numbered);
	p = load_changed(*state, "/linux/netDevices",
			 "{'a':{'name':'eth%d'},'b':{'name':'eth%d'}}");
	assert_non_null(p);
	assert_string_equal(p->net_devices[0].name, "eth");
	assert_true(p->net_devices[0].numbered && p->net_devices[1].numbered);
	assert_refused(*state,
		       {"/linux/netDevices", "{'':{}}",
			"linux.netDevices.: is not the name of a network device"},
		       {"/linux/netDevices", "{'sixteen-bytes-xx':{}}",
			"linux.netDevices.sixteen-bytes-xx: is not the name of a network device"},
		       {"/linux/netDevices", "{'..':{}}",
			"linux.netDevices...: is not the name of a network device"},
		       {"/linux/netDevices", "{'eth0':{'name':'a/b'}}",
			"linux.netDevices.eth0.name: `a/b` is not the name of a network device"},
		       {"/linux/netDevices", "{'eth0':{'name':'a%s'}}",
			"linux.netDevices.eth0.name: `a%s` is not the name of a network device"},
		       {"/linux/netDevices", "{'eth%d':{}}",
			"linux.netDevices.eth%d: is not the name of a network device"},
		       {"/linux/netDevices", "{'eth0':{'name':'x'},'x':{}}",
			"linux.netDevices: has two devices called `x` inside"});
}

static void sysctls_of_the_host_are_refused(void **state)
{
	assert_refused(
		*state,
		{"/linux/sysctl", "{'kernel.panic':'1'}",
		 "linux.sysctl.kernel.panic: does not belong to a namespace; it would change the "
		 "host"},
		{"/linux/sysctl", "{'vm.swappiness':'1'}",
		 "linux.sysctl.vm.swappiness: does not belong to a namespace; it would change the "
		 "host"},
		{"/linux/sysctl", "{'kernel.shmmaxx':'1'}",
		 "linux.sysctl.kernel.shmmaxx: does not belong to a namespace; it would change the "
		 "host"},
		{"/linux/sysctl", "{'net/../kernel/panic':'1'}",
		 "linux.sysctl.net/../kernel/panic: is not the name of a sysctl"},
		{"/linux/sysctl", "{'net.//.kernel.panic':'1'}",
		 "linux.sysctl.net.//.kernel.panic: is not the name of a sysctl"},
		{"/linux/sysctl", "{'/net/x':'1'}",
		 "linux.sysctl./net/x: is not the name of a sysctl"},
		{"/linux/sysctl", "{'net.':'1'}", "linux.sysctl.net.: is not the name of a sysctl"},
		{"/linux/sysctl", "{'':'1'}", "linux.sysctl.: is not the name of a sysctl"},
		{"/linux/namespaces",
		 "[{'type':'mount'},{'type':'user'},{'type':'time'},{'type':'ipc'},{'type':'uts'}]",
		 "linux.sysctl: `net/ipv4/ip_forward` needs a network namespace of its own"});
	assert_string_equal(load_changed(*state, "/linux/sysctl",
					 "{'net.ipv4.conf.eth0/1.forwarding':'1'}")
				    ->sysctls[0]
				    .path,
			    "net/ipv4/conf/eth0.1/forwarding");
	assert_non_null(
		load_changed(*state, "/linux/namespaces/4", "{'type':'network','path':'/x'}"));
}

static void mistakes_in_seccomp_are_refused(void **state)
{
	assert_refused(
		*state,
		{"/linux/seccomp/defaultAction", "'SCMP_ACT_MAYBE'",
		 "linux.seccomp.defaultAction: no such action: `SCMP_ACT_MAYBE`"},
		{"/linux/seccomp/defaultAction", "'SCMP_ACT_NOTIFY'",
		 "linux.seccomp.defaultErrnoRet: SCMP_ACT_NOTIFY takes no errno"},
		{"/linux/seccomp/defaultAction", "'SCMP_ACT_KILL'",
		 "linux.seccomp.defaultErrnoRet: SCMP_ACT_KILL takes no errno"},
		{"/linux/seccomp/defaultErrnoRet", "4096",
		 "linux.seccomp.defaultErrnoRet: must be a whole number from 0 to 4095, is 4096"},
		{"/linux/seccomp/architectures/0", "'SCMP_ARCH_PDP11'",
		 "linux.seccomp.architectures: no such architecture: `SCMP_ARCH_PDP11`"},
		{"/linux/seccomp/architectures/0", "'x86'",
		 "linux.seccomp.architectures: no such architecture: `x86`"},
		{"/linux/seccomp/flags/0", "'SECCOMP_FILTER_FLAG_NEW_LISTENER'",
		 "linux.seccomp.flags: no such flag: `SECCOMP_FILTER_FLAG_NEW_LISTENER`"},
		{"/linux/seccomp/syscalls/0/names", "[]",
		 "linux.seccomp.syscalls[0].names: must not be empty"},
		{"/linux/seccomp/syscalls/0/errnoRet", "1",
		 "linux.seccomp.syscalls[0].errnoRet: SCMP_ACT_ALLOW takes no errno"},
		{"/linux/seccomp/syscalls/1/args/0/op", "'SCMP_CMP_LIKE'",
		 "linux.seccomp.syscalls[1].args[0].op: no such comparison: `SCMP_CMP_LIKE`"},
		{"/linux/seccomp/syscalls/1/args/0/index", "6",
		 "linux.seccomp.syscalls[1].args[0].index: must be a whole number from 0 to 5, is "
		 "6"});
}

static void what_is_not_supported_is_refused_by_name(void **state)
{
#define NOT_YET ": is not supported by this version"
#define NOT_V2 ": does not exist in cgroup v2"
	assert_refused(*state, {"/linux/intelRdt", "{'closID':'x'}", "linux.intelRdt" NOT_YET},
		       {"/linux/resources/network", "{'classID':1}",
			"linux.resources.network.classID" NOT_V2},
		       {"/linux/resources/network", "{'priorities':[{}]}",
			"linux.resources.network.priorities" NOT_V2},
		       {"/linux/resources/blockIO", "{'leafWeight':10}",
			"linux.resources.blockIO.leafWeight" NOT_V2},
		       {"/linux/resources/blockIO",
			"{'weightDevice':[{'major':8,'minor':0,'weight':10,'leafWeight':10}]}",
			"linux.resources.blockIO.weightDevice[0].leafWeight" NOT_V2},
		       {"/linux/resources/memory/kernel", "1",
			"linux.resources.memory.kernel" NOT_V2},
		       {"/linux/resources/memory/kernelTCP", "1",
			"linux.resources.memory.kernelTCP" NOT_V2},
		       {"/linux/resources/memory/swappiness", "0",
			"linux.resources.memory.swappiness" NOT_V2},
		       {"/linux/resources/memory/disableOOMKiller", "true",
			"linux.resources.memory.disableOOMKiller" NOT_V2},
		       {"/linux/resources/memory/useHierarchy", "false",
			"linux.resources.memory.useHierarchy" NOT_V2},
		       {"/linux/resources/cpu/realtimeRuntime", "1",
			"linux.resources.cpu.realtimeRuntime" NOT_V2},
		       {"/linux/resources/cpu/realtimePeriod", "1",
			"linux.resources.cpu.realtimePeriod" NOT_V2});
#undef NOT_YET
#undef NOT_V2
}

/* Engines write these without meaning anything by them. */
static void what_is_not_supported_may_be_there_empty(void **state)
{
	static const struct {
		const char *pointer, *value;
	} cases[] = {
		{"/hooks", "{'prestart':null,'poststop':[],'unknown':1}"},
		{"/process/selinuxLabel", "''"},
		{"/process/apparmorProfile", "''"},
		{"/linux/mountLabel", "''"},
		{"/linux/intelRdt", "{}"},
		{"/linux/seccomp/listenerPath", "''"},
		{"/linux/resources/blockIO", "{'weight':0,'throttleReadBpsDevice':[]}"},
		{"/linux/resources/network", "{'classID':null}"},
		{"/linux/resources/memory/disableOOMKiller", "false"},
		{"/linux/resources/memory/useHierarchy", "true"},
		{"/linux/resources/memory/kernelTCP", "0"},
		{"/linux/resources/cpu/realtimePeriod", "0"},
		{"/linux/rootfsPropagation", "''"},
		{"/unknown", "{'x':[1,2]}"},
		{"/linux/unknown", "'x'"},
		{"/process/unknown", "3"},
		{"/vm", "{}"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!load_changed(*state, cases[i].pointer, cases[i].value))
			print_error("%s: %s\n", cases[i].pointer,
				    ((struct bundle *)*state)->err.what);
		assert_non_null(load_changed(*state, cases[i].pointer, cases[i].value));
	}
}

/* --- every value of the wrong type */

#define MAX_DEPTH 12

/* A step of the walk: the container and how far we are in it. */
struct step {
	struct json_object *object;
	struct lh_entry *entry; /* objects */
	size_t index;		/* arrays */
	char key[64];
};

static void place_of(const struct step *steps, size_t depth, char *place)
{
	place[0] = '\0';
	for (size_t i = 0; i < depth; i++) {
		if (json_object_is_type(steps[i].object, json_type_array))
			sprintf(place + strlen(place), "[%zu]", steps[i].index);
		else
			sprintf(place + strlen(place), "%s%s", i ? "." : "", steps[i].key);
	}
}

/* next_key - move to the next member of the innermost container; false: no more. */
static bool next_key(struct step *s)
{
	if (json_object_is_type(s->object, json_type_array))
		return ++s->index < json_object_array_length(s->object);
	s->entry = s->entry ? s->entry->next : json_object_get_object(s->object)->head;
	if (s->entry)
		snprintf(s->key, sizeof(s->key), "%s", (const char *)lh_entry_k(s->entry));
	return s->entry != NULL;
}

static struct json_object *value_of(const struct step *s)
{
	if (json_object_is_type(s->object, json_type_array))
		return json_object_array_get_idx(s->object, s->index);
	return s->entry ? lh_entry_v(s->entry) : NULL;
}

static void set_value(struct step *s, struct json_object *value)
{
	if (json_object_is_type(s->object, json_type_array))
		json_object_array_put_idx(s->object, s->index, value);
	else
		json_object_object_add(s->object, s->key, value);
}

/* try_wrong_types - put each wrong type where the walk is, and the right value back. */
static size_t try_wrong_types(struct bundle *b, struct step *steps, size_t depth)
{
	static const struct {
		enum json_type type;
		const char *value;
	} wrong[] = {
		{json_type_boolean, "true"}, {json_type_int, "1"},
		{json_type_double, "1.5"},   {json_type_string, "'x'"},
		{json_type_array, "[1]"},    {json_type_object, "{'x':1}"},
	};
	struct step *top = &steps[depth - 1];
	struct json_object *right = json_object_get(value_of(top));
	char place[256], expected[300];
	size_t tried = 0;

	place_of(steps, depth, place);
	snprintf(expected, sizeof(expected), "config.json: %s: must be ", place);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (wrong[i].type == json_object_get_type(right))
			continue;
		set_value(top, quoted(wrong[i].value));
		if (load_tree(b, steps[0].object))
			print_error("accepted: %s = %s\n", place, wrong[i].value);
		if (strncmp(b->err.what, expected, strlen(expected)) != 0)
			print_error("%s = %s: %s\n", place, wrong[i].value, b->err.what);
		assert_memory_equal(b->err.what, expected, strlen(expected));
		b->err.what[0] = '\0';
		tried++;
	}
	set_value(top, right);
	return tried;
}

static void every_value_of_a_wrong_type_is_refused_by_its_place(void **state)
{
	struct json_object *tree = quoted(full_config);
	struct step steps[MAX_DEPTH] = {{.object = tree, .index = SIZE_MAX}};
	size_t depth = 1, tried = 0;

	while (depth > 0) {
		struct step *top = &steps[depth - 1];
		struct json_object *value;

		if (!next_key(top)) {
			depth--;
			continue;
		}
		tried += try_wrong_types(*state, steps, depth);
		value = value_of(top);
		if (json_object_is_type(value, json_type_array) ||
		    json_object_is_type(value, json_type_object)) {
			assert_true(depth < MAX_DEPTH);
			steps[depth++] = (struct step){.object = value, .index = SIZE_MAX};
		}
	}
	json_object_put(tree);
	assert_true(tried > 900);
}

/* --- tables that are searched by halves */

static void names_are_in_order(void **state)
{
	const char *name, *before = "";
	int tables = 1;

	(void)state;
	for (size_t i = 0; (name = caps_name_at(i)); before = name, i++)
		assert_true(strcmp(before, name) < 0);
	before = "";
	/* Two tables, one behind the other. */
	for (size_t i = 0; (name = mount_option_at(i)); before = name, i++) {
		if (strcmp(before, name) < 0)
			continue;
		assert_string_equal(name, "private");
		tables++;
	}
	assert_int_equal(tables, 2);
}

/*
 * --- without memory
 *
 * The linker puts these in front of calloc() and malloc() for our objects (not for json-c's).
 */
void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);

static unsigned int allocations, failing; /* the allocation that fails; 0: none */

static bool fails_now(void)
{
	if (++allocations != failing)
		return false;
	errno = ENOMEM;
	return true;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

/* Under AddressSanitizer each piece of the arena is an allocation of its own: all of them fail. */
static void each_allocation_may_fail(void **state)
{
	struct bundle *b = *state;
	const struct plan *plan;
	unsigned int count = 0;

	assert_non_null(load_full(b));
	do {
		arena_free(&b->arena);
		b->err = (struct error){.errnum = 0};
		allocations = 0;
		failing = ++count;
		plan = plan_load(b->dir, &b->arena, &b->err);
		failing = 0;
		if (!plan)
			assert_int_equal(b->err.errnum, ENOMEM);
	} while (!plan);
	assert_true(count > 60);
}

/* --- files */

static void files_that_cannot_be_read_are_refused(void **state)
{
	struct bundle *b = *state;
	struct arena arena = {0};
	static char deep[20000];
	char expected[256];

	assert_null(plan_load("/nonexistent/bundle", &arena, &b->err));
	assert_string_equal(b->err.what, "cannot find bundle `/nonexistent/bundle`");
	assert_int_equal(b->err.errnum, ENOENT);
	assert_null(plan_load(b->dir, &arena, &b->err));
	snprintf(expected, sizeof(expected), "bundle `%s`: cannot open `config.json`", b->dir);
	assert_string_equal(b->err.what, expected);
	assert_int_equal(b->err.errnum, ENOENT);
	assert_null(bundle_load(b, ""));
	snprintf(expected, sizeof(expected), "bundle `%s`: config.json is empty", b->dir);
	assert_string_equal(b->err.what, expected);
	assert_null(bundle_load(b, "{\"ociVersion\": \"1.0.0\",\n\t\"process\": {"));
	assert_non_null(
		strstr(b->err.what, "config.json: line 2 column 14: unexpected end of file"));
	assert_int_equal(truncate(b->config, 10485760), 0);
	assert_null(plan_load(b->dir, &arena, &b->err));
	assert_non_null(
		strstr(b->err.what, "config.json is 10485760 bytes long; the limit is 1048576"));
	memset(deep, '[', 10000);
	memset(deep + 10000, ']', 9999);
	assert_null(bundle_load(b, deep));
	assert_non_null(strstr(b->err.what, "nested too deeply"));
	assert_null(bundle_load(b, "[]"));
	assert_string_equal(b->err.what, "config.json: must be an object, is an array");
}

static void a_process_comes_from_a_file_of_its_own(void **state)
{
	struct bundle *b = *state;
	const struct process_plan *p;

	bundle_write(b, "{\"args\":[\"id\"],\"cwd\":\"/\",\"user\":{\"uid\":7,\"gid\":0}}");
	p = plan_load_process(b->config, &b->arena, &b->err);
	assert_non_null(p);
	assert_string_equal(p->argv[0], "id");
	assert_int_equal(p->uid, 7);
	bundle_write(b, "{\"args\":[\"id\"],\"cwd\":\"/\",\"scheduler\":{\"policy\":\"x\"}}");
	assert_null(plan_load_process(b->config, &b->arena, &b->err));
	assert_non_null(strstr(b->err.what, "/config.json: scheduler.policy: no such policy: `x`"));
	bundle_write(b, "{\"args\":[],\"cwd\":\"/\"}");
	assert_null(plan_load_process(b->config, &b->arena, &b->err));
	assert_non_null(strstr(b->err.what, "/config.json: args: must not be empty"));
}

static void namespaces_have_the_kernel_s_names(void **state)
{
	(void)state;
	assert_int_equal(ns_clone_flag(NS_MNT), CLONE_NEWNS);
	assert_int_equal(ns_clone_flag(NS_TIME), CLONE_NEWTIME);
	assert_string_equal(ns_name(NS_NET), "network");
	assert_string_equal(ns_proc_name(NS_NET), "net");
	assert_string_equal(ns_proc_name(NS_MNT), "mnt");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bundle_setup, bundle_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_process_is_planned),
		TEST(capabilities_the_kernel_would_refuse_are_left_out),
		TEST(what_is_absent_has_its_default),
		TEST(paths_are_made_absolute),
		TEST(mounts_are_planned),
		TEST(hooks_are_planned),
		TEST(hooks_can_be_read_alone),
		TEST(hooks_are_checked),
		TEST(scheduling_is_planned),
		TEST(scheduling_is_checked),
		TEST(labels_are_planned),
		TEST(landlock_rules_are_planned),
		TEST(linux_is_planned),
		TEST(limits_are_translated_to_cgroup_v2),
		TEST(a_foreign_seccomp_profile_is_compiled),
		TEST(cpu_shares_become_a_weight),
		TEST(swap_is_what_is_beyond_memory),
		TEST(each_capability_of_this_kernel_has_a_name),
		TEST(later_mount_options_override_earlier_ones),
		TEST(every_mount_option_of_the_specification_is_known),
		TEST(mounts_that_cannot_be_made_are_refused),
		TEST(mistakes_in_the_process_are_refused),
		TEST(mistakes_at_the_top_are_refused),
		TEST(mistakes_in_namespaces_are_refused),
		TEST(what_is_made_of_mounts_is_refused_where_they_are_joined),
		TEST(names_are_in_order),
		TEST(more_mappings_than_the_kernel_takes_are_refused),
		TEST(mistakes_in_linux_are_refused),
		TEST(mistakes_in_resources_are_refused),
		TEST(network_devices_are_planned_or_refused),
		TEST(sysctls_of_the_host_are_refused),
		TEST(mistakes_in_seccomp_are_refused),
		TEST(what_is_not_supported_is_refused_by_name),
		TEST(what_is_not_supported_may_be_there_empty),
		TEST(every_value_of_a_wrong_type_is_refused_by_its_place),
		TEST(each_allocation_may_fail),
		TEST(files_that_cannot_be_read_are_refused),
		TEST(a_process_comes_from_a_file_of_its_own),
		TEST(namespaces_have_the_kernel_s_names),
	};

	return cmocka_run_group_tests_name("runtime/oci", tests, NULL, NULL);
}
