/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce.c: the container process state.
 *
 * One connection, one message, closed: the agent reads the state and finds the descriptors beside
 * it in the order of "fds". Whatever goes wrong is an error of the start.
 */
#include "runtime/container/announce.h"

#include <json-c/json.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/json.h"

static int add(struct json_object *o, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(o, key, value) == 0)
		return 0;
	json_object_put(value);
	return -1;
}

static struct json_object *annotations_of(const struct state *s)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; o && i < s->n_annotations; i++)
		if (add(o, s->annotations[i].key, json_object_new_string(s->annotations[i].value)) <
		    0) {
			json_object_put(o);
			return NULL;
		}
	return o;
}

/* state_of - the container, as OCI runtime.md, "State", has it. */
static struct json_object *state_of(const struct state *s, pid_t pid, bool running)
{
	enum status status = running ? STATUS_RUNNING : STATUS_CREATED;
	struct json_object *o = json_object_new_object();

	if (o && add(o, "ociVersion", json_object_new_string(s->oci_version)) == 0 &&
	    add(o, "id", json_object_new_string(s->id)) == 0 &&
	    add(o, "status", json_object_new_string(status_name(status))) == 0 &&
	    add(o, "pid", json_object_new_int(pid)) == 0 &&
	    add(o, "bundle", json_object_new_string(s->bundle)) == 0 &&
	    (!s->n_annotations || add(o, "annotations", annotations_of(s)) == 0))
		return o;
	json_object_put(o);
	return NULL;
}

static struct json_object *process_state(const struct announcement *a, const struct plan *plan)
{
	const struct state *s = a->state;
	pid_t container = a->pid ? a->pid : s->pid;
	const char *metadata = plan->seccomp.listener_metadata;
	struct json_object *o = json_object_new_object(), *fds = json_object_new_array();

	if (o && fds && json_object_array_add(fds, json_object_new_string("seccompFd")) == 0 &&
	    add(o, "ociVersion", json_object_new_string(s->oci_version)) == 0 &&
	    add(o, "fds", json_object_get(fds)) == 0 &&
	    add(o, "pid", json_object_new_int(a->sb ? a->sb->pid : container)) == 0 &&
	    (!metadata || add(o, "metadata", json_object_new_string(metadata)) == 0) &&
	    add(o, "state", state_of(s, container, a->sb != NULL)) == 0) {
		json_object_put(fds);
		return o;
	}
	json_object_put(fds);
	json_object_put(o);
	return NULL;
}

/* send_state - @text with @fd beside its first byte, over a connection of its own. */
static int send_state(const char *path, const char *text, int fd, struct error *err)
{
	_cleanup_fd_ int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr hdr = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c;
	ssize_t n;

	memcpy(addr.sun_path, path, strlen(path) + 1); /* measured when it was read */
	if (sock < 0 || connect(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return error_set(err, errno, "cannot reach the seccomp listener `%s`", path);
	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&hdr);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	while (iov.iov_len > 0) {
		n = sendmsg(sock, &hdr, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "cannot send to the seccomp listener `%s`",
					 path);
		iov.iov_base = (char *)iov.iov_base + n;
		iov.iov_len -= (size_t)n;
		hdr.msg_control = NULL;
		hdr.msg_controllen = 0;
	}
	return 0;
}

int announce_listener(void *ctx, int fd, struct error *err)
{
	const struct announcement *a = ctx;
	const struct plan *plan = a->plan;
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_json_ struct json_object *o = NULL;
	const char *text;

	if (!plan) {
		const char *config = arena_path(&arena, a->rt->root, a->state->id, err);

		plan = config ? plan_load_cached(config, a->rt->root, &arena, err) : NULL;
	}
	if (!plan)
		return -1;
	o = process_state(a, plan);
	text = o ? json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							     JSON_C_TO_STRING_NOSLASHESCAPE)
		 : NULL;
	if (!text)
		return error_set(err, ENOMEM,
				 "cannot describe the process to the seccomp listener");
	return send_state(plan->seccomp.listener_path, text, fd, err);
}
