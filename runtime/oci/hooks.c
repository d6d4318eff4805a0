/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.c: the "hooks" object: programs of the host's (and one kind of the container's) that are run
 * at named points of a container's life.
 *
 * The environment is exactly what the hook says, none when it says nothing; without "args" the
 * program is called by its path.
 * Source: OCI config.md, "POSIX-platform Hooks".
 */
#include "runtime/oci/decode.h"

static const char *const names[HOOK_COUNT] = {
	[HOOK_PRESTART] = "prestart",
	[HOOK_CREATE_RUNTIME] = "createRuntime",
	[HOOK_CREATE_CONTAINER] = "createContainer",
	[HOOK_START_CONTAINER] = "startContainer",
	[HOOK_POSTSTART] = "poststart",
	[HOOK_POSTSTOP] = "poststop",
};

const char *hook_kind_name(enum hook_kind kind)
{
	return names[kind];
}

static int decode_hook(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"path", JSON_STRING, .required = true, JSON_INTO(struct hook_plan, path),
		 .decode = check_absolute},
		{"args", JSON_STRINGS, JSON_TERMINATED(struct hook_plan, argv)},
		{"env", JSON_STRINGS, JSON_TERMINATED(struct hook_plan, envp)},
		{"timeout", JSON_NUMBER, JSON_INTO(struct hook_plan, timeout_s), .min = 1,
		 .max = INT32_MAX},
	};
	static char *const nothing[] = {NULL};
	struct hook_plan *hook = into;
	char **argv;

	hook->argv = hook->envp = nothing;
	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), hook) < 0)
		return -1;
	if (hook->argv[0])
		return 0;
	argv = arena_new(at->source->arena, char *, 2, at->source->err);
	if (!argv)
		return -1;
	argv[0] =
		(char *)(uintptr_t)hook->path; /* execve's argv is not const, and not written to */
	hook->argv = argv;
	return 0;
}

#define LIST(kind) JSON_LIST(struct hooks_plan, of[kind].list, of[kind].n), .decode = decode_hook

int decode_hooks(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"prestart", JSON_ARRAY, LIST(HOOK_PRESTART)},
		{"createRuntime", JSON_ARRAY, LIST(HOOK_CREATE_RUNTIME)},
		{"createContainer", JSON_ARRAY, LIST(HOOK_CREATE_CONTAINER)},
		{"startContainer", JSON_ARRAY, LIST(HOOK_START_CONTAINER)},
		{"poststart", JSON_ARRAY, LIST(HOOK_POSTSTART)},
		{"poststop", JSON_ARRAY, LIST(HOOK_POSTSTOP)},
	};
	struct hooks_plan *hooks = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), hooks) < 0)
		return -1;
	for (enum hook_kind kind = 0; kind < HOOK_COUNT; kind++)
		hooks->any = hooks->any || hooks->of[kind].n;
	return 0;
}
