/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysctl.c: linux.sysctl.
 *
 * Only what belongs to a namespace may be set, and only in one that the container has for itself:
 * everything else would change the host.
 * Source: sysctl.d(5) for the two ways to write a name; ipc_namespaces(7); uts_namespaces(7).
 */
#include <string.h>

#include "runtime/oci/decode.h"

static const struct {
	const char *path; /* a final "/" covers all below it */
	enum ns_kind kind;
} allowed[] = {
	{"fs/mqueue/", NS_IPC},	   {"kernel/domainname", NS_UTS},      {"kernel/hostname", NS_UTS},
	{"kernel/msgmax", NS_IPC}, {"kernel/msgmnb", NS_IPC},	       {"kernel/msgmni", NS_IPC},
	{"kernel/sem", NS_IPC},	   {"kernel/shm_rmid_forced", NS_IPC}, {"kernel/shmall", NS_IPC},
	{"kernel/shmmax", NS_IPC}, {"kernel/shmmni", NS_IPC},	       {"net/", NS_NET},
	{"user/", NS_USER},
};

/*
 * to_path - turn a name with dots or slashes into a path below /proc/sys, in place.
 * The first separator decides: "net.ipv4.conf.eth0/1.mtu" means the interface eth0.1, and a name
 * with slashes first is a path already.
 */
static void to_path(char *name)
{
	size_t first = strcspn(name, "./");

	if (name[first] != '.')
		return;
	for (char *p = name; *p; p++) {
		if (*p == '.')
			*p = '/';
		else if (*p == '/')
			*p = '.';
	}
}

/* is_plain - no empty component, no "." and no "..". */
static bool is_plain(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");

		if (length == 0 || (length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (path[length] == '\0')
			return true;
		path += length + 1;
	}
}

enum ns_kind sysctl_namespace(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		size_t length = strlen(allowed[i].path);
		bool below = allowed[i].path[length - 1] == '/';

		if (below ? strncmp(path, allowed[i].path, length) == 0
			  : strcmp(path, allowed[i].path) == 0)
			return allowed[i].kind;
	}
	return NS_COUNT;
}

int decode_sysctl(const struct json_at *at, void *into)
{
	struct sysctl_plan *sysctl = into;
	const char *value = json_string(at);
	char *path;

	if (!value)
		return -1;
	path = arena_strdup(at->source->arena, at->key, at->source->err);
	sysctl->value = arena_strdup(at->source->arena, value, at->source->err);
	if (!path || !sysctl->value)
		return -1;
	to_path(path);
	if (!is_plain(path))
		return json_fail(at, "is not the name of a sysctl");
	if (sysctl_namespace(path) == NS_COUNT)
		return json_fail(at, "does not belong to a namespace; it would change the host");
	sysctl->path = path;
	return 0;
}

int check_sysctls(const struct json_at *at, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_sysctls; i++) {
		enum ns_kind kind = sysctl_namespace(plan->sysctls[i].path);

		if (plan->ns[kind].mode == NS_HOST)
			return json_fail_key(at, "linux.sysctl",
					     "`%s` needs a %s namespace of its own",
					     plan->sysctls[i].path, ns_name(kind));
	}
	return 0;
}
