/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nearest.h: which of several names was meant by one that is none of them.
 */
#ifndef CLOISON_LIB_NEAREST_H
#define CLOISON_LIB_NEAREST_H

#include <stddef.h>

/* A search: what was written, and the nearest name so far. */
struct nearest {
	const char *text;
	const char *name; /* NULL: nothing is near */
	size_t below;	  /* how near the next one has to be */
};

/* nearest_begin - at most half of @text may be wrong, and three letters. */
struct nearest nearest_begin(const char *text);

/* nearest_try - @name becomes the nearest if it is nearer than all before it; it is kept, not copied. */
void nearest_try(struct nearest *n, const char *name);

#endif
