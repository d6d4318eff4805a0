/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.h: a run that can be ended at any moment, and gone on with.
 *
 * The result file is replaced by rename, after each scenario: it is a checkpoint, always whole. What a
 * scenario measures in between is appended to FILE.journal, a line per sample and a line that ends each
 * visit. A line that was not finished, or a visit, is as if it had not been.
 *
 *	{"journal":1,"run_id":"...","checkpoint":3}	after which checkpoint of which run
 *	{"visit":17,"scenario":"s02-start",...}		a sample (result.h), of visit 17
 *	{"end":17}
 *	{"block":3,"scenario":"s02-start","steal_ticks":0,"psi_us":90}	what disturbed a block
 *
 * "checkpoint" in the document says which scenarios are done, how long each list was then, and where
 * the generators of the order and of the resampling stood. To resume is to cut the lists back to that,
 * and to run the remaining scenarios from the same states: the order of visits is the same again, and
 * those the journal knows are taken from it (visit.c).
 */
#ifndef CLOISON_BENCH_JOURNAL_H
#define CLOISON_BENCH_JOURNAL_H

#include "bench/result.h"

/* A visit out of the journal: samples r->samples-like, in an array of its own. */
struct replay {
	unsigned int visit;
	struct sample sample;
};

/* Where a run stands between two scenarios. */
struct checkpoint {
	uint64_t order, draws;
	unsigned int serial;
};

/*
 * journal_checkpoint - write the document as the state after the scenarios in its "done" list, then
 * begin the journal anew.
 */
must_check int journal_checkpoint(struct results *r, const char *path, const struct checkpoint *at,
				  struct error *err);

/* journal_done - @scenario is complete. journal_is_done - it was in the run gone on with. */
must_check int journal_done(struct results *r, const char *scenario, struct error *err);
bool journal_is_done(struct results *r, const char *scenario);

/* journal_finish - the run is complete: no checkpoint in the document, no journal beside it. */
void journal_finish(struct results *r, const char *path);

/*
 * journal_resume - cut loaded results back to their checkpoint and keep the journal's visits for
 * replay.
 * @at: receives where to go on
 * Returns 1 when there is no checkpoint yet (begin at the beginning), 0, or -1 with @err.
 */
must_check int journal_resume(struct results *r, const char *path, struct checkpoint *at,
			      struct error *err);

/*
 * journal_replay - add the samples that visit @visit has in the journal.
 * Returns how many; 0: it has to be done.
 */
must_check int journal_replay(struct results *r, unsigned int visit, struct error *err);

/* journal_sample, journal_end, journal_block - append; nothing while muted or without a journal. */
must_check int journal_sample(struct results *r, const struct sample *s, struct error *err);
must_check int journal_end(struct results *r, struct error *err);

/*
 * journal_block - what disturbed a block goes to each of its samples, from @first on, that does not
 * have it yet, and into the journal.
 */
must_check int journal_block(struct results *r, size_t first, int64_t steal_ticks, int64_t psi_us,
			     struct error *err);

void journal_close(struct results *r);

#endif
