/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sync.h: the messages between the parent and the child of one start.
 *
 * One SOCK_SEQPACKET pair, so a message arrives whole or not at all. Every message is one struct of
 * fixed size, with at most one descriptor beside it; both ends are the same program, so there is
 * nothing to parse (CVE-2021-43784).
 *
 * A child that borrows its parent's memory, and has no descriptor to hand over, leaves what it says in
 * a struct sync_box instead. The parent reads it when it wakes up.
 */
#ifndef CLOISON_SANDBOX_SYNC_H
#define CLOISON_SANDBOX_SYNC_H

#include <stdint.h>

#include "lib/error.h"

enum sync_kind {
	SYNC_EOF,    /* the other end is closed: after SYNC_EXEC, execve succeeded */
	SYNC_PID,    /* stage -> parent: the child's pid */
	SYNC_MAPPED, /* parent -> child: ids are mapped; carries the root tree when it is idmapped */
	SYNC_RECORDED,	 /* parent -> child: it is written down that the child exists */
	SYNC_BUILT,	 /* child -> parent: there are hooks, and all is there but the pivot */
	SYNC_HOOKED,	 /* parent -> child: the hooks of the runtime's namespace have run */
	SYNC_CONSOLE,	 /* child -> parent: carries the terminal's master end */
	SYNC_EXEC,	 /* child -> parent or `start`: only execve is left */
	SYNC_READY,	 /* child -> parent: all done but execve */
	SYNC_START,	 /* `start` -> child */
	SYNC_LISTENER,	 /* child -> parent or `start`: carries the seccomp listener */
	SYNC_LISTENED,	 /* the answer: it has been delivered */
	SYNC_WARNING,	 /* child -> parent or `start`: something to log, and on it goes */
	SYNC_ERROR,	 /* child -> parent or `start` */
	SYNC_HOOK_ERROR, /* the same, and it was a hook that failed */
};

struct sync_msg {
	enum sync_kind kind;
	int32_t pid;
	struct error err; /* SYNC_WARNING and the errors only */
};

/* SYNC_EXEC twice at most, one SYNC_WARNING for each kind there is, and an error to end with. */
#define SYNC_BOX_MESSAGES 8

struct sync_box {
	size_t n, heard;
	struct sync_msg msgs[SYNC_BOX_MESSAGES];
};

/* sync_pair - a connected pair, close-on-exec. */
int sync_pair(int *a, int *b, struct error *err) must_check;

/* sync_send - send @msg, and @fd beside it unless it is empty. Returns 0, or -1 with errno. */
int sync_send(int sock, const struct sync_msg *msg, int fd) must_check;

/*
 * sync_recv - receive one message; @fd receives the descriptor that came with it, or stays empty.
 * A closed peer is SYNC_EOF. Returns 0, or -1 with errno (EPROTO for anything malformed).
 */
int sync_recv(int sock, struct sync_msg *msg, int *fd) must_check;

/*
 * sync_leave - put @msg into @box. Returns 0, or -1 with ENOBUFS: then the last message has become one
 * that is an error, and the start fails.
 */
int sync_leave(struct sync_box *box, const struct sync_msg *msg) must_check;

/* sync_hear - the next message in @box; when there is no more, SYNC_EOF. */
void sync_hear(struct sync_box *box, struct sync_msg *msg);

/*
 * sync_send_text - report @err as one of the kinds that carry text; when even that fails the peer sees
 * the end of file.
 */
void sync_send_text(int sock, enum sync_kind kind, const struct error *err);

#endif
