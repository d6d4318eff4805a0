/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bundle.h: a temporary bundle for tests of plan_load().
 */
#ifndef CLOISON_TESTS_BUNDLE_H
#define CLOISON_TESTS_BUNDLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>

#include "runtime/oci/plan.h"

struct bundle {
	char dir[64], config[80];
	struct arena arena; /* of the plan loaded last */
	struct error err;   /* of the load that failed last */
};

static int bundle_setup(void **state)
{
	struct bundle *b = calloc(1, sizeof(*b));

	strcpy(b->dir, "/tmp/cloison-test-bundle.XXXXXX");
	if (!mkdtemp(b->dir))
		return -1;
	snprintf(b->config, sizeof(b->config), "%s/config.json", b->dir);
	*state = b;
	return 0;
}

static int bundle_teardown(void **state)
{
	struct bundle *b = *state;

	arena_free(&b->arena);
	unlink(b->config);
	rmdir(b->dir);
	free(b);
	return 0;
}

static void bundle_write(struct bundle *b, const char *text)
{
	int fd = open(b->config, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* bundle_load - the plan for @text as config.json, or NULL; the one before it is gone. */
static const struct plan *bundle_load(struct bundle *b, const char *text)
{
	bundle_write(b, text);
	arena_free(&b->arena);
	return plan_load(b->dir, &b->arena, &b->err);
}

#endif
