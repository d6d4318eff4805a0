/* SPDX-License-Identifier: GPL-2.0-or-later */
/* servicelog.h: what a service writes to its standard output and error. */
#ifndef CLOISON_INIT_SERVICELOG_H
#define CLOISON_INIT_SERVICELOG_H

#include <stdbool.h>
#include <stdint.h>

#include "init/loop.h"
#include "init/ring.h"

#define SERVICELOG_DIR "/run/init/log"
#define SERVICELOG_BYTES_A_SECOND 65536 /* more is dropped */

struct servicelog {
	int read_fd;  /* FD_EMPTY: there is no pipe yet */
	int write_fd; /* kept, so that the pipe has no end between two runs */
	struct ring ring;
	uint64_t second_ends_ms;
	uint32_t left; /* bytes of this second */
	uint64_t dropped;
	uint64_t dropped_ms; /* the last time; 0: the service is not flooding */
	bool file_failed;    /* which was said */
	uint64_t file_ms;    /* when the file has to be written; 0: it is as it should be */
};

void servicelog_init(struct servicelog *l);

/* servicelog_open - have a pipe; @ready of the loop calls servicelog_read. 0, or -1 with errno. */
int servicelog_open(struct servicelog *l, loop_ready ready) __attribute__((warn_unused_result));

/* servicelog_read - take what is in the pipe. */
void servicelog_read(struct servicelog *l, const char *name);

/* servicelog_step - of the loop: write the file, say that a flood is over. */
void servicelog_step(struct servicelog *l, const char *name);

#endif
