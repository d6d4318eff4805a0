/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * init_channel.h: what PID 1 and a service that asks for a channel (the supervisor) say to each other.
 *
 * One SOCK_SEQPACKET pair; its number is in the service's environment as CLOISON_INIT_FD. Containers come to
 * PID 1 as orphans when the runtime that started them has ended, so PID 1 is who learns their exit
 * status. It keeps each record until the service has acknowledged it, and keeps descriptors for it (the
 * read ends of the containers' pipes). When the service dies the next one is told all of it again: no exit
 * status, and nothing that was written into a pipe, is lost with it.
 *
 * Both ends come from the same build, so the messages are plain structures of fixed size.
 */
#ifndef CLOISON_LIB_INIT_CHANNEL_H
#define CLOISON_LIB_INIT_CHANNEL_H

#include <stdint.h>

#define INIT_CHANNEL_ENV "CLOISON_INIT_FD"
#define INIT_NAME_BYTES 80 /* of a descriptor, with its NUL: an id of 64 digits and what it is */
#define INIT_RECORDS 1024  /* kept until they are acknowledged; then the oldest go */
#define INIT_FDS 4096 /* kept at most; what is stored beyond them is closed, and the service told */

enum init_kind {
	/* init -> service */
	INIT_EXIT = 1, /* a process has ended that was no service's first */
	INIT_LOST,     /* seq: so many records were overwritten before they were acknowledged */
	INIT_STORED,   /* carries a descriptor that was stored before, under its name */
	INIT_FULL,     /* the descriptor of this name was not kept */
	INIT_REPLAYED, /* all that was kept has been said; once after each start of the service */
	/* service -> init */
	INIT_ACK = 64, /* seq: all records up to this one */
	INIT_STORE, /* carries a descriptor, to be kept under the name; one of the same name is closed */
	INIT_DROP, /* close the one of this name */
};

struct init_message {
	uint32_t kind;
	uint32_t reserved; /* 0 */
	uint64_t seq;	   /* EXIT: its number, from 1 on; ACK, LOST */
	int32_t pid;
	int32_t status;	 /* EXIT: both as waitpid(2) gives them */
	int64_t time_ns; /* EXIT: CLOCK_REALTIME when it was reaped */
	char name[INIT_NAME_BYTES];
};

#endif
