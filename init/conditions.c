/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conditions.c: the needs of services as a graph.
 *
 * A condition is a name. A service sets the one of its own name, and those that it provides, while it is
 * ready; it is started when all that it needs are set. Names become numbers of services here, once, at
 * load.
 *
 * Services are put in order by taking away, again and again, one all of whose needs have been taken away.
 * What is left then is on a circle or waits for one. From each service left, following a need that is left
 * too, over and over, ends up on a circle; it is named as one, `a -> b -> a`, and its members are refused.
 * Refusing spreads to those who wait for them afterwards. No recursion: all loops are over at most
 * SERVICES_MAX services.
 */
#include "init/conditions.h"

#include <stdio.h>
#include <string.h>

#define NOBODY SERVICES_MAX

static bool sets(const struct service_def *d, const char *name)
{
	if (strcmp(d->name, name) == 0)
		return true;
	for (size_t i = 0; d->provides[i]; i++)
		if (strcmp(d->provides[i], name) == 0)
			return true;
	return false;
}

/* setter - the first service that sets @name; a bad one, whose file is not known, by its own name only. */
static size_t setter(const struct service_def *const *defs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (defs[i]->bad ? strcmp(defs[i]->name, name) == 0 : sets(defs[i], name))
			return i;
	return NOBODY;
}

/* find_needs - numbers for the names of service @i; tells of one that nobody sets, or sets already. */
static void find_needs(struct conditions *c, const struct service_def *const *defs, size_t i,
		       conditions_told tell, void *context)
{
	char why[160];

	for (size_t k = 0; defs[i]->provides[k]; k++) {
		size_t other = setter(defs, c->count, defs[i]->provides[k]);

		if (other == i)
			continue;
		snprintf(why, sizeof(why), "provides `%s`, which is provided by `%s`",
			 defs[i]->provides[k], defs[other]->name);
		tell(context, i, why);
		c->of[i].refused = true;
		return;
	}
	for (size_t k = 0; defs[i]->needs[k]; k++) {
		size_t other = setter(defs, c->count, defs[i]->needs[k]);

		if (other == NOBODY) {
			snprintf(why, sizeof(why), "needs `%s`, which no service provides",
				 defs[i]->needs[k]);
			tell(context, i, why);
			c->of[i].refused = true;
			/* It is on no circle: what is wrong with it is said once. */
			c->of[i].need_count = 0;
			return;
		}
		c->of[i].needs[c->of[i].need_count++] = (unsigned char)other;
	}
}

/* put_in_order - fill the order; @left says who could not be put there. */
static void put_in_order(struct conditions *c, bool *left)
{
	size_t placed = 0;
	bool any = true;

	for (size_t i = 0; i < c->count; i++)
		left[i] = true;
	while (any) {
		any = false;
		for (size_t i = 0; i < c->count; i++) {
			bool free = left[i];

			for (size_t k = 0; k < c->of[i].need_count; k++)
				free = free && !left[c->of[i].needs[k]];
			if (!free)
				continue;
			left[i] = false;
			c->order[placed++] = (unsigned char)i;
			any = true;
		}
	}
	/* the rest is never started; it has its place all the same */
	for (size_t i = 0; i < c->count; i++)
		if (left[i])
			c->order[placed++] = (unsigned char)i;
}

/* next_left - a need of @i that is left too; there is one, or @i would not be left. */
static size_t next_left(const struct conditions *c, const bool *left, size_t i)
{
	for (size_t k = 0; k < c->of[i].need_count; k++)
		if (left[c->of[i].needs[k]])
			return c->of[i].needs[k];
	return i;
}

/* tell_circle - name and refuse the circle that @at is on, from the first of its services on. */
static void tell_circle(struct conditions *c, const struct service_def *const *defs,
			const bool *left, size_t at, conditions_told tell, void *context)
{
	static const char words[] = "the needs go in a circle: ";
	char why[sizeof(words) + (SERVICES_MAX + 1) * (SERVICE_NAME_MAX + 4)];
	size_t used = sizeof(words) - 1;
	size_t i = at;

	for (size_t n = 0; n < c->count; n++) {
		i = next_left(c, left, i);
		at = i < at ? i : at;
	}
	i = at;
	memcpy(why, words, sizeof(words));
	do {
		used += (size_t)snprintf(why + used, sizeof(why) - used, "%s -> ", defs[i]->name);
		c->of[i].refused = true;
		i = next_left(c, left, i);
	} while (i != at);
	snprintf(why + used, sizeof(why) - used, "%s", defs[at]->name);
	tell(context, at, why);
}

static void refuse_circles(struct conditions *c, const struct service_def *const *defs,
			   const bool *left, conditions_told tell, void *context)
{
	for (size_t i = 0; i < c->count; i++) {
		size_t at = i;

		if (!left[i] || c->of[i].refused)
			continue;
		/* after as many steps as there are services we are on the circle */
		for (size_t n = 0; n < c->count; n++)
			at = next_left(c, left, at);
		if (!c->of[at].refused)
			tell_circle(c, defs, left, at, tell, context);
	}
}

/* spread - who waits for one that is refused is refused, until that changes nothing any more. */
static void spread(struct conditions *c, const struct service_def *const *defs,
		   conditions_told tell, void *context)
{
	bool any = true;

	while (any) {
		any = false;
		for (size_t i = 0; i < c->count; i++) {
			for (size_t k = 0; k < c->of[i].need_count && !c->of[i].refused; k++) {
				char why[160];

				if (!c->of[c->of[i].needs[k]].refused)
					continue;
				snprintf(why, sizeof(why), "needs `%s`, which is not started",
					 defs[i]->needs[k]);
				tell(context, i, why);
				c->of[i].refused = true;
				any = true;
			}
		}
	}
}

void conditions_link(struct conditions *c, const struct service_def *const *defs, size_t count,
		     conditions_told tell, void *context)
{
	bool left[SERVICES_MAX];

	memset(c, 0, sizeof(*c));
	c->count = count;
	for (size_t i = 0; i < count; i++) {
		c->of[i].refused = defs[i]->bad;
		if (!defs[i]->bad)
			find_needs(c, defs, i, tell, context);
	}
	put_in_order(c, left);
	refuse_circles(c, defs, left, tell, context);
	spread(c, defs, tell, context);
}
