/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus.h: asking systemd over D-Bus, each question within a deadline.
 */
#ifndef CLOISON_SYSTEMD_BUS_H
#define CLOISON_SYSTEMD_BUS_H

#include "lib/error.h"
#include "runtime/systemd/wire.h"

enum bus_kind { BUS_SYSTEM, BUS_USER };

struct bus {
	int fd;
	int64_t deadline_ms; /* of the monotonic clock, for all that is asked over it */
	uint32_t serial;     /* of the last call */
	struct wire out;
	uint8_t *in; /* WIRE_MESSAGE_MAX bytes */
	size_t in_len;
};

#define _cleanup_bus_ __attribute__((cleanup(bus_close)))

/*
 * bus_open - connect to the bus of the host or of the user, and have the end of systemd's jobs told.
 * @user: on which of the two systemd is asked
 */
int bus_open(struct bus *bus, enum bus_kind kind, int timeout_ms, struct error *err) must_check;
void bus_close(struct bus *bus);

/* bus_call - begin a call to systemd's manager; its arguments go to bus->out, then bus_send(). */
void bus_call(struct bus *bus, const char *member, const char *signature);

/*
 * bus_finish - send the call begun last and wait for its answer; with BUS_JOB also until the job is
 * done that the answer names. Returns 0, or -1 with what systemd said; @error_name, if not NULL,
 * is then D-Bus's name for it or "".
 */
enum bus_wait { BUS_ANSWER, BUS_JOB };
int bus_finish(struct bus *bus, enum bus_wait wait, char error_name[128],
	       struct error *err) must_check;

#endif
