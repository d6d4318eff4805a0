/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.h: talking to the supervisor.
 */
#ifndef CLOISON_NATIVE_CLIENT_H
#define CLOISON_NATIVE_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/error.h"
#include "lib/frame.h"

struct json_object;

struct native_client {
	int in, out;   /* the same descriptor, or a child's standard output and input */
	pid_t child;   /* ssh; 0: none */
	uint8_t *data; /* what came and was not looked at: FRAME_HEADER + FRAME_MAX bytes */
	size_t start, end;
};

#define NATIVE_CLIENT_INIT                      \
	{                                       \
		.in = FD_EMPTY, .out = FD_EMPTY \
	}

void native_disconnect(struct native_client *c);
#define _cleanup_client_ __attribute__((cleanup(native_disconnect)))

/* A frame that came; @data is valid until the next. */
struct native_frame {
	enum frame_type type;
	const char *data;
	size_t length;
};

/*
 * native_connect - to the supervisor of $CLOISON_HOST, or of this host.
 * Returns 0; 1 when there is none on this host (then @c is not connected); -1 with @err.
 */
int native_connect(struct native_client *c, struct error *err) must_check;

/*
 * native_is_kept - is it init of the appliance who starts the supervisor here? Then nobody else may: a second one
 * would be without init's channel, and in the way of the first.
 */
bool native_is_kept(void) must_check;

/* native_need - the same; that there is none is an error. */
int native_need(struct native_client *c, struct error *err) must_check;

/* native_is_remote - whether $CLOISON_HOST names a host or a socket. */
bool native_is_remote(void);

int native_send(struct native_client *c, enum frame_type type, const void *data, size_t length,
		struct error *err) must_check;
int native_send_json(struct native_client *c, struct json_object *object,
		     struct error *err) must_check;

/* native_fill - read what has come. Returns 0 at the end of the connection, 1, or -1 with @err. */
int native_fill(struct native_client *c, struct error *err) must_check;

/* native_take - the next frame of what has come. Returns 1, 0 when none is complete, -1 with @err. */
int native_take(struct native_client *c, struct native_frame *frame, struct error *err) must_check;

/* native_receive - wait for the next frame. The end of the connection is an error. */
int native_receive(struct native_client *c, struct native_frame *frame,
		   struct error *err) must_check;

/*
 * native_request - send {"verb": @verb, and what @object has} and wait for the answer.
 * @object: taken; NULL: nothing more
 * Returns the answer, or NULL with @err: as the supervisor says it when that refuses.
 */
struct json_object *native_request(struct native_client *c, const char *verb,
				   struct json_object *object, struct error *err) must_check;

/* native_receive_answer - wait for a whole answer, which may come in several frames: all but the last have "more". */
struct json_object *native_receive_answer(struct native_client *c, struct error *err) must_check;

/* native_answer - what a frame says, as native_request() reads it. */
struct json_object *native_answer(const struct native_frame *frame, struct error *err) must_check;

#endif
