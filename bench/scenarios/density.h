/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * density.h: the time of a start beside ever more instances that run, as s10 and s11 keep it.
 */
#ifndef CLOISON_BENCH_SCENARIOS_DENSITY_H
#define CLOISON_BENCH_SCENARIOS_DENSITY_H

#include "bench/scenarios/scenario.h"

#define DENSITY_LEVELS 40

/* What was seen with so many instances running. kB; NOT_MEASURED where nothing was. */
struct density_level {
	unsigned int running;
	int64_t kernel_kb, memcg_kb, pss_kb, available_kb;
};

struct density {
	const char *scenario, *system;
	struct density_level levels[DENSITY_LEVELS];
	size_t count;
	unsigned int running; /* at the end */
	unsigned int ram_mib; /* of the appliance, 0 on the host */
	unsigned int within;  /* so many, on the host, had taken within_mib of what was available */
	unsigned int within_mib;
	bool icount;   /* times are instructions and skipped idle time: virtual ns */
	bool whole;    /* nothing gave out before the number that was asked for */
	char end[512]; /* what gave out, for people */
};

/* How far to go on this host, and what to time on the way. */
struct density_range {
	const unsigned int *levels;
	size_t count;
	unsigned int most;    /* instances */
	unsigned int starts;  /* timed at each level */
	unsigned int seconds; /* no more instances behind these; 0: no limit */
};

/* density_level - the next level, with nothing measured yet; NULL when there is no more room. */
struct density_level *density_level(struct density *d, unsigned int running);

/*
 * density_boot - `agent density` in one boot of the appliance: the samples of its starts, whose
 * block is the number of instances that run, and @d.
 * @most:	so many containers at most
 */
must_check int density_boot(struct bench *b, const struct system *s, struct density *d,
			    unsigned int most, unsigned int starts, int deadline_ms,
			    struct error *err);

/*
 * density_host - instances of @s on this host, until one does not start, memory is short or @range ends. None is
 * left.
 */
must_check int density_host(struct bench *b, const struct system *s,
			    const struct density_range *range, struct density *d,
			    struct error *err);

/*
 * density_record - summaries of each level ("ready at N"), and an entry of the list "density":
 * {scenario, system, ram_mib, icount, running, within, within_mib, whole, end, points: [{running, n, failed, p50, low, high,
 * kernel_kb, memcg_kb, pss_kb, available_kb}], slope_ns{point, low, high}, kernel_kb{...}, memcg_kb{...},
 * used_kb{...}, pss_kb}: slopes per instance, of which used is what MemAvailable fell by, and the PSS of one.
 * @slope:	receives the first (may be NULL)
 */
must_check int density_record(struct bench *b, const struct density *d, struct interval *slope,
			      struct error *err);

#endif
