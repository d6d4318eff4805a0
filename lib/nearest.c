/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nearest.c: the number of letters that have to be changed, put in or taken out (V. I. Levenshtein, 1966).
 */
#include "lib/nearest.h"

#include <stdint.h>
#include <string.h>

#define LENGTH_MAX 40
#define BELOW_MOST 4

static size_t distance(const char *a, const char *b)
{
	size_t row[LENGTH_MAX + 1], length = strlen(b);

	if (strlen(a) > LENGTH_MAX || length > LENGTH_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t least = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < least)
				least = row[j] + 1;
			if (row[j - 1] + 1 < least)
				least = row[j - 1] + 1;
			row[j] = least;
		}
	}
	return row[length];
}

struct nearest nearest_begin(const char *text)
{
	size_t below = strlen(text) / 2 + 1;

	return (struct nearest){.text = text, .below = below < BELOW_MOST ? below : BELOW_MOST};
}

void nearest_try(struct nearest *n, const char *name)
{
	size_t d = distance(n->text, name);

	if (d >= n->below)
		return;
	n->below = d;
	n->name = name;
}
