/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.c: DIR/containers/ID/state, what cloisond needs to go on after it was killed.
 *
 * Lines of a key and a value, written whole and put in place by rename, so a reader finds the old state
 * or the new one; boot.c says what of it a reboot leaves, flush.c what a power cut does. Nothing is said to
 * a client or acknowledged to PID 1 before the state that it follows from is there.
 */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "runtime/supervisor/supervisor.h"

enum kind { TEXT_NAME, TEXT_BOOT, TEXT_ERROR, BOOL, NUMBER };

/* @size: of the member, for NUMBER, whose value is in @least..@most */
struct line {
	const char *key;
	enum kind kind;
	size_t offset, size;
	int64_t least, most;
};

#define MEMBER(member) offsetof(struct container, member), sizeof(((struct container *)0)->member)

static const struct line lines[] = {
	{"name", TEXT_NAME, MEMBER(name), 0, 0},
	{"boot", TEXT_BOOT, MEMBER(boot), 0, 0},
	{"phase", NUMBER, MEMBER(phase), 0, PHASE_EXITED},
	{"pid", NUMBER, MEMBER(pid), 0, INT_MAX},
	{"start-ticks", NUMBER, MEMBER(start_ticks), 0, INT64_MAX},
	{"in-runtime", BOOL, MEMBER(in_runtime), 0, 1},
	{"want-start", BOOL, MEMBER(want_start), 0, 1},
	{"want-remove", BOOL, MEMBER(want_remove), 0, 1},
	{"restarting", BOOL, MEMBER(restarting), 0, 1},
	{"stopping", BOOL, MEMBER(stopping), 0, 1},
	{"user-stopped", BOOL, MEMBER(user_stopped), 0, 1},
	{"shut-down", BOOL, MEMBER(shut_down), 0, 1},
	{"by-policy", BOOL, MEMBER(by_policy), 0, 1},
	{"unprepared", BOOL, MEMBER(unprepared), 0, 1},
	{"paused", BOOL, MEMBER(paused), 0, 1},
	{"oom-killed", BOOL, MEMBER(oom_killed), 0, 1},
	{"ended-early", BOOL, MEMBER(ended_early), 0, 1},
	{"early-status", NUMBER, MEMBER(early_status), 0, 65535},
	{"ready", BOOL, MEMBER(ready), 0, 1},
	{"created", NUMBER, MEMBER(created_ns), 0, INT64_MAX},
	{"started", NUMBER, MEMBER(started_ns), 0, INT64_MAX},
	{"finished", NUMBER, MEMBER(finished_ns), 0, INT64_MAX},
	{"exit-code", NUMBER, MEMBER(exit_code), 0, 255},
	{"restarts", NUMBER, MEMBER(restarts), 0, UINT_MAX},
	{"delay-ms", NUMBER, MEMBER(delay_ms), 0, 60000},
	{"error", TEXT_ERROR, MEMBER(error), 0, 0},
};

static int64_t load(const struct line *l, const void *member)
{
	if (l->kind == BOOL)
		return *(const bool *)member;
	if (l->size == sizeof(int64_t))
		return *(const int64_t *)member;
	/* All that are stored in 32 bits are never negative. */
	return *(const uint32_t *)member;
}

static void store(const struct line *l, void *member, int64_t value)
{
	if (l->kind == BOOL)
		*(bool *)member = value != 0;
	else if (l->size == sizeof(int64_t))
		*(int64_t *)member = value;
	else
		*(uint32_t *)member = (uint32_t)value;
}

_Static_assert(sizeof(enum phase) == sizeof(uint32_t), "a phase is stored as 32 bits");

static size_t put_line(char *to, size_t size, const struct line *l, const struct container *c)
{
	const void *member = (const char *)c + l->offset;
	int n = 0;

	if (l->kind == TEXT_NAME || l->kind == TEXT_BOOT)
		n = snprintf(to, size, "%s %s\n", l->key, (const char *)member);
	else if (l->kind == TEXT_ERROR && *(char *const *)member)
		n = snprintf(to, size, "%s %s\n", l->key, *(char *const *)member);
	else if (l->kind != TEXT_ERROR && load(l, member))
		n = snprintf(to, size, "%s %jd\n", l->key, (intmax_t)load(l, member));
	return n < 0 || (size_t)n >= size ? 0 : (size_t)n;
}

static int save(struct container *c, struct error *err)
{
	_cleanup_fd_ int dir = container_dir(c, err);
	char text[STATE_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		n += put_line(text + n, sizeof(text) - n, &lines[i], c);
	if (dir < 0)
		return -1;
	if (write_file(dir, "state", text, n, err) == 0)
		return 0;
	/* A full disk is no reason to forget: what can be spared are logs. */
	if (err->errnum != ENOSPC || !logs_give_way(c->s))
		return -1;
	return write_file(dir, "state", text, n, err);
}

/* try_save - the same; c->unsaved tells. A directory that is gone was removed, and has nothing to keep. */
static int try_save(struct container *c, struct error *err)
{
	int rc = save(c, err);

	c->unsaved = rc < 0 && err->errnum != ENOENT ? err->errnum : 0;
	return rc;
}

void state_save_again(struct container *c)
{
	struct error err = ERROR_INIT;

	if (c->unsaved)
		(void)try_save(c, &err);
}

void state_save(struct container *c)
{
	struct error err = ERROR_INIT;

	flush_changed(c->s, c, FLUSH_STATE);
	if (try_save(c, &err) == 0)
		return;
	c->s->unsaved = true;
	error_wrap(&err, "state of container `%s`", c->name);
	say_error(&err);
}

static int parse_number(const struct line *l, const char *text, struct container *c)
{
	char *end;
	intmax_t value;

	errno = 0;
	value = strtoimax(text, &end, 10);
	if (errno || end == text || *end || value < l->least || value > l->most)
		return -1;
	store(l, (char *)c + l->offset, value);
	return 0;
}

static int parse_line(const struct line *l, const char *value, struct container *c)
{
	struct error bad = ERROR_INIT;

	if (l->kind == TEXT_ERROR) {
		free(c->error);
		c->error = copy_text(value);
		return 0;
	}
	if (l->kind == TEXT_BOOT)
		return snprintf(c->boot, sizeof(c->boot), "%s", value) < BOOT_BYTES ? 0 : -1;
	if (l->kind != TEXT_NAME)
		return parse_number(l, value, c);
	if (name_check(value, &bad) < 0)
		return -1;
	snprintf(c->name, sizeof(c->name), "%s", value);
	return 0;
}

int state_parse(char *text, struct container *c, struct error *err)
{
	char *rest = text, *line;

	c->name[0] = c->boot[0] = '\0';
	for (unsigned int number = 1; (line = strsep(&rest, "\n")) && (rest || *line); number++) {
		size_t length = strcspn(line, " "), i = 0;

		while (i < ARRAY_SIZE(lines) &&
		       (strlen(lines[i].key) != length || strncmp(line, lines[i].key, length) != 0))
			i++;
		/* One that a later version has written is none of ours. */
		if (i == ARRAY_SIZE(lines))
			continue;
		if (!line[length] || parse_line(&lines[i], line + length + 1, c) < 0)
			return error_set(err, EINVAL, "state: line %u: %s", number, lines[i].key);
	}
	return c->name[0] ? 0 : error_set(err, EINVAL, "state: there is no name");
}
