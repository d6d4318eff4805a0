/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain.c: `explain`: what a bundle's container would be, and what says so.
 *
 * Everything comes from the plan that `run` would go by; limits and the number of rules, which the
 * plan has in the kernel's form, from config.json as it stands, once the plan has been accepted. Each
 * row names its cause: a place in config.json, or Cloison itself. Walls that are not there are rows too.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "runtime/cli/verb.h"
#include "runtime/seccomp/policy.h"

#define OURS "default of Cloison"

struct values {
	bool json;
};

static const struct option table[] = {
	{"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "print one JSON document"},
};

struct report {
	struct json_object *rows; /* JSON; NULL: a table */
	const char *part;	  /* of the row printed last */
	bool failed;		  /* there was no memory */
};

/* put_cell - @text without control characters: paths come from images, and end on terminals. */
static void put_cell(const char *text, int width)
{
	for (; *text; text++, width--)
		putchar((unsigned char)*text < 32 || *text == 127 ? '?' : *text);
	while (width-- > 0)
		putchar(' ');
}

static void add_row(struct report *r, const char *const cells[4])
{
	static const char *const keys[] = {"part", "what", "value", "cause"};
	struct json_object *row = json_object_new_object();

	for (size_t i = 0; row && i < ARRAY_SIZE(keys); i++) {
		struct json_object *cell = json_object_new_string(cells[i]);

		if (!cell || json_object_object_add(row, keys[i], cell) < 0)
			r->failed = true;
	}
	if (!row || json_object_array_add(r->rows, row) < 0)
		r->failed = true;
}

/* row - one line: in @part, @what is so because of @cause. */
__attribute__((format(printf, 5, 6))) static void row(struct report *r, const char *part,
						      const char *what, const char *cause,
						      const char *fmt, ...)
{
	char value[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (r->rows) {
		add_row(r, (const char *const[]){part, what, value, cause});
		return;
	}
	put_cell(r->part && !strcmp(r->part, part) ? "" : part, 13);
	put_cell(what, 22);
	putchar(' ');
	put_cell(value, 46);
	fputs("  ", stdout);
	put_cell(cause, 0);
	putchar('\n');
	r->part = part;
}

static void explain_root(struct report *r, const struct plan *p)
{
	row(r, "root", "path", "root.path", "%s", p->root_path);
	row(r, "root", "writable", p->root_readonly ? "root.readonly" : "root.readonly is not true",
	    "%s", p->root_readonly ? "no" : "yes");
	if (p->hostname)
		row(r, "root", "hostname", "hostname", "%s", p->hostname);
	if (p->domainname)
		row(r, "root", "domain name", "domainname", "%s", p->domainname);
}

static void explain_namespaces(struct report *r, const struct plan *p)
{
	for (enum ns_kind k = 0; k < NS_COUNT; k++) {
		const struct ns_plan *ns = &p->ns[k];
		char cause[64];

		if (ns->mode == NS_HOST) {
			snprintf(cause, sizeof(cause), "linux.namespaces has no `%s`", ns_name(k));
			row(r, "namespaces", ns_name(k), cause, "shared with the host");
		} else if (ns->mode == NS_JOIN) {
			row(r, "namespaces", ns_name(k), "linux.namespaces", "joined: %s",
			    ns->path);
		} else {
			row(r, "namespaces", ns_name(k), "linux.namespaces", "its own");
		}
	}
	for (size_t i = 0; i < p->n_uid_map; i++)
		row(r, "namespaces", "user ids", "linux.uidMappings",
		    "%u.. is %u.. outside, %u ids", p->uid_map[i].container_id,
		    p->uid_map[i].host_id, p->uid_map[i].size);
	if (p->ns[NS_USER].mode == NS_HOST)
		row(r, "namespaces", "user ids", "linux.namespaces has no `user`",
		    "as on the host: 0 is the host's root");
}

static void explain_mount(struct report *r, const struct mount_plan *m)
{
	const uint64_t attr = m->attr_set | m->rec_attr_set;
	char flags[64] = "";

	snprintf(flags, sizeof(flags), "%s%s%s%s", attr & MOUNT_ATTR_RDONLY ? " ro" : "",
		 attr & MOUNT_ATTR_NOSUID ? " nosuid" : "", attr & MOUNT_ATTR_NODEV ? " nodev" : "",
		 attr & MOUNT_ATTR_NOEXEC ? " noexec" : "");
	if (m->kind == MOUNT_BIND)
		row(r, "mounts", m->destination, m->where, "the host's %s%s%s", m->source,
		    m->recursive ? " and all below it" : "", flags);
	else if (m->kind == MOUNT_REMOUNT)
		row(r, "mounts", m->destination, m->where, "changed:%s", flags);
	else
		row(r, "mounts", m->destination, m->where, "%s%s",
		    m->kind == MOUNT_CGROUP ? "its own cgroup" : m->type, flags);
}

static void explain_files(struct report *r, const struct plan *p)
{
	for (size_t i = 0; i < p->n_mounts; i++)
		explain_mount(r, &p->mounts[i]);
	row(r, "devices", "null zero full ...", OURS, "the %d that every container has",
	    N_DEFAULT_DEVICES);
	for (size_t i = 0; i < p->n_devices; i++)
		row(r, "devices", p->devices[i].path, "linux.devices", "%s %u:%u mode %03o",
		    S_ISBLK(p->devices[i].type)	  ? "block"
		    : S_ISCHR(p->devices[i].type) ? "character"
						  : "fifo",
		    p->devices[i].major, p->devices[i].minor, p->devices[i].mode);
	row(r, "paths", "masked", p->n_masked ? "linux.maskedPaths" : "linux.maskedPaths is empty",
	    "%zu", p->n_masked);
	row(r, "paths", "read-only",
	    p->n_readonly ? "linux.readonlyPaths" : "linux.readonlyPaths is empty", "%zu",
	    p->n_readonly);
	for (size_t i = 0; i < p->n_sysctls; i++)
		row(r, "sysctls", p->sysctls[i].path, "linux.sysctl", "%s", p->sysctls[i].value);
}

static void explain_capabilities(struct report *r, const struct caps_plan *caps)
{
	const struct {
		const char *name;
		uint64_t set;
	} sets[] = {
		{"bounding", caps->bounding},	{"effective", caps->effective},
		{"permitted", caps->permitted}, {"inheritable", caps->inheritable},
		{"ambient", caps->ambient},
	};

	for (size_t s = 0; s < ARRAY_SIZE(sets); s++) {
		char text[2048] = "", cause[64];
		size_t used = 0;

		for (unsigned int cap = 0; cap < 64; cap++) {
			const char *name = caps_name(cap);

			if (name && sets[s].set >> cap & 1)
				used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
							 used ? " " : "", name + strlen("CAP_"));
		}
		snprintf(cause, sizeof(cause), "process.capabilities.%s%s", sets[s].name,
			 used ? "" : " is empty");
		row(r, "capabilities", sets[s].name, cause, "%s", used ? text : "none");
	}
}

static void explain_process(struct report *r, const struct process_plan *p)
{
	row(r, "process", "program", "process.args", "%s", p->argv[0]);
	row(r, "process", "working directory", "process.cwd", "%s", p->cwd);
	row(r, "process", "user", "process.user", "%u:%u and %zu more groups", p->uid, p->gid,
	    p->n_groups);
	row(r, "process", "set-user-id programs",
	    p->no_new_privileges ? "process.noNewPrivileges"
				 : "process.noNewPrivileges is not true",
	    "%s", p->no_new_privileges ? "give no more rights" : "give their rights");
	for (size_t i = 0; i < p->n_rlimits; i++)
		row(r, "process", p->rlimits[i].name, "process.rlimits", "%llu, at most %llu",
		    (unsigned long long)p->rlimits[i].soft, (unsigned long long)p->rlimits[i].hard);
	if (p->has_oom_score_adj)
		row(r, "process", "oom_score_adj", "process.oomScoreAdj", "%d", p->oom_score_adj);
	if (p->apparmor_profile)
		row(r, "process", "AppArmor", "process.apparmorProfile", "%s", p->apparmor_profile);
	if (p->selinux_label)
		row(r, "process", "SELinux", "process.selinuxLabel", "%s", p->selinux_label);
}

static struct json_object *member(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	return o && json_object_object_get_ex(o, key, &value) ? value : NULL;
}

static void explain_filter(struct report *r, const struct seccomp_plan *s, struct json_object *raw)
{
	struct json_object *rules = member(raw, "syscalls");
	struct json_object *archs = member(raw, "architectures");
	const char *action = json_object_get_string(member(raw, "defaultAction"));

	if (!s->prog.filter) {
		row(r, "seccomp", "filter", "linux.seccomp is not there",
		    "none: every system call reaches the kernel");
		return;
	}
	row(r, "seccomp", "default action", "linux.seccomp.defaultAction", "%s", action);
	row(r, "seccomp", "rules", "linux.seccomp.syscalls", "%zu",
	    rules ? json_object_array_length(rules) : 0);
	row(r, "seccomp", "program",
	    s->is_default ? "linux.seccomp is what `cloison spec` writes" : "linux.seccomp",
	    "%u instructions, %s", s->prog.len,
	    s->is_default ? "compiled when Cloison was built" : "compiled for this profile");
	row(r, "seccomp", "architectures",
	    archs ? "linux.seccomp.architectures" : "linux.seccomp.architectures is not there",
	    "%s; calls of others kill the process",
	    archs ? json_object_to_json_string_ext(archs, JSON_C_TO_STRING_PLAIN)
		  : "the machine's own");
	if (s->listener_path)
		row(r, "seccomp", "listener", "linux.seccomp.listenerPath", "%s", s->listener_path);
}

/* explain_group - what linux.resources says of one kind of resource. */
static void explain_group(struct report *r, const char *group, struct json_object *members)
{
	struct json_object_iter it;

	json_object_object_foreachC(members, it)
	{
		char what[64], cause[128];

		snprintf(what, sizeof(what), "%s %s", group, it.key);
		snprintf(cause, sizeof(cause), "linux.resources.%s.%s", group, it.key);
		row(r, "limits", what, cause, "%s",
		    json_object_to_json_string_ext(it.val, JSON_C_TO_STRING_PLAIN));
	}
}

/* explain_limits - every member of linux.resources but the device rules. */
static void explain_limits(struct report *r, const struct plan *p, struct json_object *resources)
{
	static const char *const expected[][2] = {{"memory", "limit"},
						  {"cpu", "quota"},
						  {"pids", "limit"}};
	struct json_object_iter it;

	if (resources)
		json_object_object_foreachC(resources,
					    it) if (json_object_is_type(it.val, json_type_object))
			explain_group(r, it.key, it.val);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		char cause[96];

		if (member(member(resources, expected[i][0]), expected[i][1]))
			continue;
		snprintf(cause, sizeof(cause), "linux.resources.%s.%s is not there", expected[i][0],
			 expected[i][1]);
		row(r, "limits", expected[i][0], cause, "none");
	}
	if (p->cgroup.n_device_rules)
		row(r, "limits", "devices", "linux.resources.devices", "%zu rules",
		    p->cgroup.n_device_rules);
	else
		row(r, "limits", "devices", "linux.resources.devices is not there",
		    "no rules: what can be opened may be used");
	row(r, "limits", "cgroup", p->cgroup.path ? "linux.cgroupsPath" : OURS, "%s",
	    p->cgroup.path ? p->cgroup.path : "cloison/ID");
}

static void explain_landlock(struct report *r, const struct plan *p)
{
	if (p->landlock)
		row(r, "landlock", "rules", "annotations: org.cloison.landlock",
		    "%zu for paths, %zu for ports", p->landlock->n_paths, p->landlock->n_ports);
	else
		row(r, "landlock", "rules", "annotations has no org.cloison.landlock", "none");
}

static void explain_hooks(struct report *r, const struct hooks_plan *hooks)
{
	for (enum hook_kind k = 0; k < HOOK_COUNT; k++)
		for (size_t i = 0; i < hooks->of[k].n; i++) {
			char cause[64];

			snprintf(cause, sizeof(cause), "hooks.%s[%zu]", hook_kind_name(k), i);
			row(r, "hooks", hook_kind_name(k), cause, "%s", hooks->of[k].list[i].path);
		}
}

/* print - the rows as JSON. */
static int print(struct report *r, struct error *err)
{
	if (r->failed)
		return error_set(err, ENOMEM, "cannot print the plan");
	if (r->rows &&
	    puts(json_object_to_json_string_ext(r->rows, JSON_C_TO_STRING_PRETTY |
								 JSON_C_TO_STRING_NOSLASHESCAPE)) <
		    0)
		return error_set(err, errno, "cannot print the plan");
	return fflush(stdout) ? error_set(err, errno, "cannot print the plan") : 0;
}

static int explain(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	_cleanup_arena_ struct arena arena = {0};
	const struct json_source source = {.name = "config.json", .arena = &arena, .err = err};
	_cleanup_json_ struct json_object *rows = v->json ? json_object_new_array() : NULL;
	_cleanup_json_ struct json_object *config = NULL;
	_cleanup_fd_ int dir = FD_EMPTY;
	struct report r = {.rows = rows, .failed = v->json && !rows};
	const struct plan *p = plan_load(argv[0], &arena, err);
	struct json_object *linux_part;

	(void)rt;
	if (!p)
		return -1;
	dir = open(p->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, errno, "cannot open bundle `%s`", p->bundle);
	config = json_read(dir, "config.json", &source);
	if (!config)
		return -1;
	linux_part = member(config, "linux");
	explain_root(&r, p);
	explain_namespaces(&r, p);
	explain_files(&r, p);
	explain_process(&r, &p->process);
	explain_capabilities(&r, &p->process.caps);
	explain_filter(&r, &p->seccomp, member(linux_part, "seccomp"));
	explain_landlock(&r, p);
	explain_limits(&r, p, member(linux_part, "resources"));
	explain_hooks(&r, &p->hooks);
	return print(&r, err);
}

const struct verb verb_explain = {
	.name = "explain",
	.arguments = "BUNDLE",
	.summary = "print what a bundle's container would be, and what says so",
	VERB_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = 1,
	.run = explain,
};
