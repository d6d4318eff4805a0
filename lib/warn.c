/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * warn.c: the one place that knows where warnings go.
 */
#include "lib/warn.h"

static warn_sink *current;

void warn_set_sink(warn_sink *sink)
{
	current = sink;
}

void warn(const struct error *warning)
{
	if (current)
		current(warning);
}
