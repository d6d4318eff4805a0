/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * caps.c: capability names to bit masks.
 *
 * The table is complete for Linux 5.9 and later, older than any kernel Cloison runs on (mounts
 * need mount_setattr, 5.12), so a name that is not in it is a mistake in the file.
 * It is left out and remembered for a warning, as the specification asks ("SHOULD NOT fail"), and so is
 * what the kernel could never grant:
 * inheritable beyond bounding, effective beyond permitted, ambient beyond permitted and
 * inheritable. Each of them would make capset(2) or prctl(2) fail for the whole set. What only the
 * runtime's own process lacks is left out where the sets are applied (sandbox/process.c).
 * Source: capabilities(7); OCI config.md, "Linux Process".
 */
#include <linux/capability.h>
#include <string.h>

#include "runtime/oci/decode.h"

/* In the order of their names, for find_sorted(). */
#define ROW(name) #name, name
static const struct name_value cap_names[] = {
	{ROW(CAP_AUDIT_CONTROL)},   {ROW(CAP_AUDIT_READ)},   {ROW(CAP_AUDIT_WRITE)},
	{ROW(CAP_BLOCK_SUSPEND)},   {ROW(CAP_BPF)},	     {ROW(CAP_CHECKPOINT_RESTORE)},
	{ROW(CAP_CHOWN)},	    {ROW(CAP_DAC_OVERRIDE)}, {ROW(CAP_DAC_READ_SEARCH)},
	{ROW(CAP_FOWNER)},	    {ROW(CAP_FSETID)},	     {ROW(CAP_IPC_LOCK)},
	{ROW(CAP_IPC_OWNER)},	    {ROW(CAP_KILL)},	     {ROW(CAP_LEASE)},
	{ROW(CAP_LINUX_IMMUTABLE)}, {ROW(CAP_MAC_ADMIN)},    {ROW(CAP_MAC_OVERRIDE)},
	{ROW(CAP_MKNOD)},	    {ROW(CAP_NET_ADMIN)},    {ROW(CAP_NET_BIND_SERVICE)},
	{ROW(CAP_NET_BROADCAST)},   {ROW(CAP_NET_RAW)},	     {ROW(CAP_PERFMON)},
	{ROW(CAP_SETFCAP)},	    {ROW(CAP_SETGID)},	     {ROW(CAP_SETPCAP)},
	{ROW(CAP_SETUID)},	    {ROW(CAP_SYSLOG)},	     {ROW(CAP_SYS_ADMIN)},
	{ROW(CAP_SYS_BOOT)},	    {ROW(CAP_SYS_CHROOT)},   {ROW(CAP_SYS_MODULE)},
	{ROW(CAP_SYS_NICE)},	    {ROW(CAP_SYS_PACCT)},    {ROW(CAP_SYS_PTRACE)},
	{ROW(CAP_SYS_RAWIO)},	    {ROW(CAP_SYS_RESOURCE)}, {ROW(CAP_SYS_TIME)},
	{ROW(CAP_SYS_TTY_CONFIG)},  {ROW(CAP_WAKE_ALARM)},
};
#undef ROW

uint64_t plan_capability(const char *name)
{
	const struct name_value *known =
		find_sorted(cap_names, ARRAY_SIZE(cap_names), sizeof(*cap_names), name);

	return known ? 1ULL << known->value : 0;
}

void plan_capability_names(uint64_t mask, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(cap_names) && used < size; i++)
		if (mask >> cap_names[i].value & 1)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 cap_names[i].name);
}

struct cap {
	uint64_t mask;	     /* one bit, or 0 */
	const char *unknown; /* the name when there is no such capability */
};

struct cap_set {
	size_t count;
	const struct cap *caps;
};

struct cap_sets {
	struct cap_set bounding, effective, inheritable, permitted, ambient;
};

static int decode_cap(const struct json_at *at, void *into)
{
	const char *name = json_string(at);
	struct cap *cap = into;

	if (!name)
		return -1;
	cap->mask = plan_capability(name);
	if (cap->mask)
		return 0;
	cap->unknown = arena_strdup(at->source->arena, name, at->source->err);
	return cap->unknown ? 0 : -1;
}

/* join - the set as a mask; names that are not known are added to @caps. */
static int join(const struct json_at *at, const struct cap_set *set, struct caps_plan *caps,
		uint64_t *mask)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct cap *cap = &set->caps[i];

		*mask |= cap->mask;
		/* Each once: engines list the same in several sets, and a list may be long. */
		if (!cap->unknown || (caps->unknown && strstr(caps->unknown, cap->unknown)) ||
		    (caps->unknown && strlen(caps->unknown) > PLAN_CAPABILITIES_TEXT))
			continue;
		caps->unknown = arena_printf(at->source->arena, at->source->err, "%s%s%.64s",
					     caps->unknown ? caps->unknown : "",
					     caps->unknown ? ", " : "", cap->unknown);
		if (!caps->unknown)
			return -1;
	}
	return 0;
}

/* leave_out - keep of @set what is in @allowed; remember what is not. */
static void leave_out(struct caps_plan *caps, uint64_t *set, uint64_t allowed)
{
	caps->left_out |= *set & ~allowed;
	*set &= allowed;
}

int decode_capabilities(const struct json_at *at, void *into)
{
#define SET(key, masks, count)                                                                  \
	{                                                                                       \
		key, JSON_ARRAY, JSON_LIST(struct cap_sets, masks, count), .decode = decode_cap \
	}
	static const struct json_field fields[] = {
		SET("bounding", bounding.caps, bounding.count),
		SET("effective", effective.caps, effective.count),
		SET("inheritable", inheritable.caps, inheritable.count),
		SET("permitted", permitted.caps, permitted.count),
		SET("ambient", ambient.caps, ambient.count),
	};
#undef SET
	struct caps_plan *caps = into;
	struct cap_sets sets = {0};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &sets) < 0)
		return -1;
	if (join(at, &sets.bounding, caps, &caps->bounding) < 0 ||
	    join(at, &sets.inheritable, caps, &caps->inheritable) < 0 ||
	    join(at, &sets.permitted, caps, &caps->permitted) < 0 ||
	    join(at, &sets.effective, caps, &caps->effective) < 0 ||
	    join(at, &sets.ambient, caps, &caps->ambient) < 0)
		return -1;
	leave_out(caps, &caps->inheritable, caps->bounding);
	leave_out(caps, &caps->effective, caps->permitted);
	leave_out(caps, &caps->ambient, caps->permitted & caps->inheritable);
	return 0;
}

const char *caps_name_at(size_t index)
{
	return index < ARRAY_SIZE(cap_names) ? cap_names[index].name : NULL;
}

const char *caps_name(unsigned int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(cap_names); i++)
		if (cap_names[i].value == number)
			return cap_names[i].name;
	return NULL;
}
