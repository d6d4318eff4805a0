/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * records.c: a ring of exit records.
 *
 * A record is kept until it is acknowledged, so that a receiver which dies between receiving and acting
 * loses nothing: the next one is sent all of it again. When the ring is full the oldest record is
 * overwritten and counted, and the receiver is told the count before the records that follow the gap.
 */
#include "init/records.h"

#include <string.h>

void records_init(struct records *r)
{
	r->first = r->unsent = r->next = 1;
	r->lost = 0;
}

void records_add(struct records *r, int32_t pid, int32_t status, int64_t time_ns)
{
	if (r->next - r->first == INIT_RECORDS) {
		r->first++;
		r->lost++;
		if (r->unsent < r->first)
			r->unsent = r->first;
	}
	r->ring[r->next % INIT_RECORDS] = (struct record){pid, status, time_ns};
	r->next++;
}

bool records_ack(struct records *r, uint64_t seq)
{
	if (seq >= r->unsent)
		return false;
	if (seq >= r->first)
		r->first = seq + 1;
	return true;
}

void records_rewind(struct records *r)
{
	r->unsent = r->first;
}

bool records_peek(const struct records *r, struct init_message *m)
{
	const struct record *record = &r->ring[r->unsent % INIT_RECORDS];

	memset(m, 0, sizeof(*m));
	if (r->lost > 0) {
		m->kind = INIT_LOST;
		m->seq = r->lost;
		return true;
	}
	if (r->unsent == r->next)
		return false;
	m->kind = INIT_EXIT;
	m->seq = r->unsent;
	m->pid = record->pid;
	m->status = record->status;
	m->time_ns = record->time_ns;
	return true;
}

void records_sent(struct records *r, const struct init_message *m)
{
	if (m->kind == INIT_LOST)
		r->lost = 0;
	else
		r->unsent = m->seq + 1;
}
