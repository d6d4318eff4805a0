/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h: one request, and the verbs.
 *
 * The members of all verbs are in one structure: a name means the same wherever it stands. What a verb
 * does not know it ignores.
 */
#ifndef CLOISON_SUPERVISOR_REQUEST_H
#define CLOISON_SUPERVISOR_REQUEST_H

#include "lib/arena.h"
#include "runtime/supervisor/supervisor.h"

struct request {
	const char *verb, *container, *name, *signal, *user, *workdir;
	char *const *containers, *const *argv, *const *env;
	bool all, force, volumes, follow, timestamps, in, logs, out, err, tty, detach, privileged,
		stream, has_timeout;
	int64_t timeout_s, tail, since_ns, until_ns;
	struct json_object *tree; /* of the whole request */
};

/* request_parse - decode @tree. */
int request_parse(struct json_object *tree, struct arena *arena, struct request *r,
		  struct error *err) must_check;

/* What a client says while a stream is on; 0 and false: nothing of it. */
struct control {
	int rows, columns, signal;
	bool detach;
};
struct control control_parse(const char *data, size_t length) must_check;

/* time_parse - RFC 3339, seconds since 1970, or a duration before @now_ns ("1h30m"). */
int time_parse(const char *text, int64_t now, int64_t *ns) must_check;

typedef void verb_run(struct client *client, const struct request *r, struct container *c);

verb_run verb_create, verb_run_, verb_start, verb_stop, verb_restart, verb_kill, verb_pause,
	verb_unpause, verb_rename, verb_rm, verb_wait, verb_update, verb_ps, verb_inspect,
	verb_logs, verb_attach, verb_exec, verb_events, verb_stats, verb_top, verb_info,
	verb_version, verb_cp;

/* verb_error - the request fails: "no memory" is none of these. */
void verb_error(struct client *client, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
