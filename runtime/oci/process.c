/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.c: the "process" object: what is executed, as whom and with which limits.
 *
 * The same object comes alone in the file given to `exec --process`.
 */
#include <string.h>
#include <sys/resource.h>

#include "runtime/oci/decode.h"

#define MAX_ID (UINT32_MAX - 1) /* (uid_t)-1 means "no change" to the kernel */

/* In the order of their names, for find_sorted(). */
static const struct name_value rlimit_names[] = {
	{"RLIMIT_AS", RLIMIT_AS},
	{"RLIMIT_CORE", RLIMIT_CORE},
	{"RLIMIT_CPU", RLIMIT_CPU},
	{"RLIMIT_DATA", RLIMIT_DATA},
	{"RLIMIT_FSIZE", RLIMIT_FSIZE},
	{"RLIMIT_LOCKS", RLIMIT_LOCKS},
	{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
	{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
	{"RLIMIT_NICE", RLIMIT_NICE},
	{"RLIMIT_NOFILE", RLIMIT_NOFILE},
	{"RLIMIT_NPROC", RLIMIT_NPROC},
	{"RLIMIT_RSS", RLIMIT_RSS},
	{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
	{"RLIMIT_RTTIME", RLIMIT_RTTIME},
	{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
	{"RLIMIT_STACK", RLIMIT_STACK},
};

static int decode_rlimit(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"type", JSON_STRING, .required = true, JSON_INTO(struct rlimit_plan, name)},
		{"soft", JSON_NUMBER, .required = true, JSON_INTO(struct rlimit_plan, soft),
		 .max = UINT64_MAX},
		{"hard", JSON_NUMBER, .required = true, JSON_INTO(struct rlimit_plan, hard),
		 .max = UINT64_MAX},
	};
	struct rlimit_plan *rlimit = into;
	const struct name_value *known;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), rlimit) < 0)
		return -1;
	known = find_sorted(rlimit_names, ARRAY_SIZE(rlimit_names), sizeof(*rlimit_names),
			    rlimit->name);
	if (!known)
		return json_fail_key(at, "type", "no such limit: `%s`", rlimit->name);
	rlimit->resource = (int)known->value;
	if (rlimit->soft > rlimit->hard)
		return json_fail_key(at, "soft", "must not be above the hard limit");
	return 0;
}

static int check_rlimits(const struct json_at *at, const struct process_plan *process)
{
	for (size_t i = 0; i < process->n_rlimits; i++)
		for (size_t j = 0; j < i; j++)
			if (process->rlimits[i].resource == process->rlimits[j].resource)
				return json_fail_key(at, "rlimits", "has %s twice",
						     process->rlimits[i].name);
	return 0;
}

static int decode_group(const struct json_at *at, void *into)
{
	static const struct json_field number = {"", JSON_NUMBER, .size = sizeof(gid_t),
						 .max = MAX_ID};

	return json_decode_value(at, &number, into);
}

static int decode_user(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"uid", JSON_NUMBER, .required = true, JSON_INTO(struct process_plan, uid),
		 .max = MAX_ID},
		{"gid", JSON_NUMBER, .required = true, JSON_INTO(struct process_plan, gid),
		 .max = MAX_ID},
		{"umask", JSON_NUMBER, JSON_FLAGGED(struct process_plan, umask, has_umask),
		 .max = 0777},
		{"additionalGids", JSON_ARRAY, JSON_LIST(struct process_plan, groups, n_groups),
		 .decode = decode_group},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_console_size(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"height", JSON_NUMBER, JSON_INTO(struct process_plan, console_height),
		 .max = UINT16_MAX},
		{"width", JSON_NUMBER, JSON_INTO(struct process_plan, console_width),
		 .max = UINT16_MAX},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

int decode_process(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"terminal", JSON_BOOL, JSON_INTO(struct process_plan, terminal)},
		{"consoleSize", JSON_OBJECT, .decode = decode_console_size},
		{"args", JSON_STRINGS, .required = true,
		 JSON_TERMINATED(struct process_plan, argv)},
		{"env", JSON_STRINGS, JSON_TERMINATED(struct process_plan, envp)},
		{"cwd", JSON_STRING, .required = true, JSON_INTO(struct process_plan, cwd),
		 .decode = check_absolute},
		{"user", JSON_OBJECT, .decode = decode_user},
		{"capabilities", JSON_OBJECT, JSON_INTO(struct process_plan, caps),
		 .decode = decode_capabilities},
		{"rlimits", JSON_ARRAY, JSON_LIST(struct process_plan, rlimits, n_rlimits),
		 .decode = decode_rlimit},
		{"noNewPrivileges", JSON_BOOL, JSON_INTO(struct process_plan, no_new_privileges)},
		{"oomScoreAdj", JSON_NUMBER,
		 JSON_FLAGGED(struct process_plan, oom_score_adj, has_oom_score_adj), .min = -1000,
		 .max = 1000},
		{"apparmorProfile", JSON_STRING, JSON_INTO(struct process_plan, apparmor_profile),
		 .decode = check_label},
		{"selinuxLabel", JSON_STRING, JSON_INTO(struct process_plan, selinux_label),
		 .decode = check_label},
		{"scheduler", JSON_OBJECT, .decode = decode_scheduler},
		{"ioPriority", JSON_OBJECT, .decode = decode_io_priority},
		{"execCPUAffinity", JSON_OBJECT, .decode = decode_exec_affinity},
	};
	static char *const no_environment[] = {NULL};
	struct process_plan *process = into;

	process->envp = no_environment;
	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), process) < 0)
		return -1;
	if (!process->argv[0])
		return json_fail_key(at, "args", "must not be empty");
	if (process->argv[0][0] == '\0')
		return json_fail_key(at, "args", "must begin with the name of a program, is \"\"");
	return check_rlimits(at, process);
}
