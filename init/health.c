/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * health.c: a table of those who have to speak.
 */
#include "init/health.h"

#include <stddef.h>
#include <string.h>

#include "lib/fd.h"

static struct party {
	char name[HEALTH_NAME_BYTES]; /* "": free */
	uint64_t due_ms;
	uint32_t limit_ms;
} parties[HEALTH_PARTIES];

/* find - the party of that name, cut as it was when it was noted; "" finds a free place. */
static struct party *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(parties); i++)
		if (strncmp(parties[i].name, name, HEALTH_NAME_BYTES - 1) == 0)
			return &parties[i];
	return NULL;
}

bool health_need(const char *name, uint32_t limit_ms, uint64_t now_ms)
{
	struct party *p = *name ? find(name) : NULL;

	if (p) {
		p->due_ms = p->due_ms - p->limit_ms + limit_ms;
		p->limit_ms = limit_ms;
		return true;
	}
	p = find("");
	if (!p || !*name)
		return false;
	*p = (struct party){.due_ms = now_ms + limit_ms, .limit_ms = limit_ms};
	memcpy(p->name, name, strnlen(name, HEALTH_NAME_BYTES - 1));
	return true;
}

void health_spoke(const char *name, uint64_t now_ms)
{
	struct party *p = find(name);

	if (p && *name)
		p->due_ms = now_ms + p->limit_ms;
}

void health_forget(const char *name)
{
	struct party *p = find(name);

	if (p)
		*p = (struct party){.limit_ms = 0};
}

const char *health_silent(uint64_t now_ms)
{
	const struct party *worst = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(parties); i++) {
		const struct party *p = &parties[i];

		if (*p->name && p->due_ms <= now_ms && (!worst || p->due_ms < worst->due_ms))
			worst = p;
	}
	return worst ? worst->name : NULL;
}
