/* SPDX-License-Identifier: GPL-2.0-or-later */
/* servicedef.h: what a service is, and the files of /etc/cloison/services.d that say so. */
#ifndef CLOISON_INIT_SERVICEDEF_H
#define CLOISON_INIT_SERVICEDEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVICE_FILE_BYTES 4096 /* of one file */
#define SERVICE_LINE_BYTES 1024 /* of one line, without its end */
#define SERVICE_NAME_MAX 32
#define SERVICE_WORDS 32 /* of exec */
#define SERVICE_ENVIRONMENT 16
#define SERVICE_NEEDS 8
#define SERVICE_PROVIDES 4 /* beside its own name */

#define SERVICE_PIDS_DEFAULT 128
#define SERVICE_START_TIMEOUT_MS 60000
#define SERVICE_STOP_TIMEOUT_MS 5000
#define SERVICE_TIME_MAX_MS 3600000
#define SERVICE_MEMORY_MIN 65536

enum service_ready { READY_NONE, READY_NOTIFY, READY_FD };
enum service_restart { RESTART_ALWAYS, RESTART_ON_FAILURE, RESTART_NO };
enum service_log { LOG_RING, LOG_CONSOLE, LOG_NONE };
enum service_kill { KILL_ALL, KILL_FIRST };

struct service_def {
	char name[SERVICE_NAME_MAX + 1];
	bool bad; /* it has a file, but one that cannot be followed */

	char *argv[SERVICE_WORDS + 1];
	const char *path; /* what is executed; argv[0] may be another word */
	char *environment[SERVICE_ENVIRONMENT + 1];
	char *needs[SERVICE_NEEDS + 1];
	char *provides[SERVICE_PROVIDES + 1];

	enum service_ready ready;
	enum service_restart restart;
	enum service_log log;
	enum service_kill kill;
	bool oneshot;
	bool terminal;	  /* has the console's terminal */
	bool channel;	  /* lib/init_channel.h */
	bool essential;	  /* without it the system is neither ready nor healthy */
	bool ends_system; /* when it ends the system powers off; not for files */

	uint32_t start_timeout_ms;
	uint32_t stop_timeout_ms;
	int stop_signal;
	uint32_t watchdog_ms; /* 0: none */
	uint32_t restart_wait_ms;
	uid_t uid;
	gid_t gid;
	uint64_t memory_bytes; /* 0: no limit */
	uint32_t pids;	       /* 0: no limit */
	uint32_t cpu_percent;  /* of one processor; 0: no limit */

	char text[SERVICE_FILE_BYTES + 1]; /* the words that the pointers lead to */
	size_t text_used;
};

/*
 * service_complaint - told of each line that cannot be followed.
 * @line: its number from 1 on; 0 for something that the whole file lacks
 * @key:  the key, printable, or "" when there is none
 */
typedef void (*service_complaint)(void *context, unsigned int line, const char *key,
				  const char *why);

/* servicedef_defaults - a service of this name about which nothing has been said. */
void servicedef_defaults(struct service_def *d, const char *name);

/* servicedef_name_ok - letters, digits, `-`, `_` and `.`, the first not a dot or hyphen. */
bool servicedef_name_ok(const char *name, size_t len);

/*
 * servicedef_parse - read @text, the bytes of a file, into @d, over its defaults.
 * Everything wrong is told to @complain, and sets @d->bad. Writes nothing outside @d, allocates
 * nothing, makes no system call.
 */
void servicedef_parse(struct service_def *d, const char *text, size_t len,
		      service_complaint complain, void *context);

#endif
