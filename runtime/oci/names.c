/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names.c: finding a name in a table.
 */
#include <string.h>

#include "runtime/oci/decode.h"

const struct name_value *find_name(const struct name_value *table, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

const void *find_sorted(const void *table, size_t count, size_t bytes, const char *name)
{
	const char *rows = table;

	while (count > 0) {
		const char *middle = rows + count / 2 * bytes;
		const char *there = *(const char *const *)(const void *)middle;
		int order = (unsigned char)*name - (unsigned char)*there;

		if (order == 0)
			order = strcmp(name, there);

		if (order == 0)
			return middle;
		if (order > 0) {
			rows = middle + bytes;
			count--;
		}
		count /= 2;
	}
	return NULL;
}
