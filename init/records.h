/* SPDX-License-Identifier: GPL-2.0-or-later */
/* records.h: exit records that wait for the supervisor. */
#ifndef CLOISON_INIT_RECORDS_H
#define CLOISON_INIT_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/init_channel.h"

struct record {
	int32_t pid;
	int32_t status;
	int64_t time_ns;
};

/* All numbers count from 1 on and never wrap: [first, next) is kept, [first, unsent) has been sent. */
struct records {
	struct record ring[INIT_RECORDS];
	uint64_t first;
	uint64_t unsent;
	uint64_t next;
	uint64_t lost; /* overwritten and not told yet */
};

void records_init(struct records *r);

/* records_add - one more; the oldest goes when there is no room. */
void records_add(struct records *r, int32_t pid, int32_t status, int64_t time_ns);

/* records_ack - forget those up to @seq; false when they have not all been sent. */
bool records_ack(struct records *r, uint64_t seq) __attribute__((warn_unused_result));

/* records_rewind - send again what is kept: there is a new receiver. */
void records_rewind(struct records *r);

/* records_peek - the next message to be sent: INIT_LOST or INIT_EXIT; false when there is none. */
bool records_peek(const struct records *r, struct init_message *m)
	__attribute__((warn_unused_result));

/* records_sent - @m, which was peeked, has been sent. */
void records_sent(struct records *r, const struct init_message *m);

#endif
