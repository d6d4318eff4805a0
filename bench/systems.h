/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * systems.h: which systems there are, and which of them can be measured here.
 */
#ifndef CLOISON_BENCH_SYSTEMS_H
#define CLOISON_BENCH_SYSTEMS_H

#include "bench/bench.h"

/* systems_find - one record per driver, with its program where one is found. */
void systems_find(struct bench *b);

/* systems_program - the first executable called @name where programs usually are. 0, or -1. */
int systems_program(const char *name, char *out, size_t size);

/* systems_given - the path that --program gave for @name, or NULL. */
const char *systems_given(const struct bench *b, const char *name);

/*
 * systems_probe - ask every driver; the answers go into the records and into the results.
 * Needs b->accel. Systems left out by --only are skipped with that reason.
 */
must_check int systems_probe(struct bench *b, struct error *err);

/*
 * systems_break - @s, which was available, failed its first use for the reason in @s->skip: take it
 * out, also of the results, and name it as a threat. The run's exit status is 1 then.
 */
must_check int systems_break(struct bench *b, struct system *s, struct error *err);

/* systems_rung - which step of the fairness ladder a comparison of @kind with the VMs is on. */
const char *systems_rung(enum kind kind, const char *vm_accel, bool nested);

#endif
