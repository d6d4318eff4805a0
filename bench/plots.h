/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plots.h: the report's ten figures, P1 to P10, each out of the result document.
 */
#ifndef CLOISON_BENCH_PLOTS_H
#define CLOISON_BENCH_PLOTS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

struct plot {
	const char *id, *title;
	const char *scenario; /* the one that its data come from */
	const char *caption;
	/* draw - returns whether there was anything to draw; if not, nothing was written. */
	bool (*draw)(json_object *doc, FILE *out, const char *title);
};

extern const struct plot plots_of_bars[4];

/* plots_write - all of them in their order; those without data are named, with the reason. */
void plots_write(json_object *doc, FILE *out);

#endif
