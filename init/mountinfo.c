/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mountinfo.c: /proc/self/mountinfo, read for one thing: the mount to take off next.
 *
 * A line begins with the mount's id, the parent's id, major:minor, the root within the file system
 * and the mount point, in which space, tab, newline and backslash are written as \ooo (proc(5)).
 * A mount is listed after the one it hangs on, so whoever takes off the last one again and again
 * goes in the right order. The file is read anew for each, through a state machine that needs the
 * memory of one path, because PID 1 does not allocate; an appliance that shuts down has a dozen
 * mounts left.
 *
 * What PID 1 itself still needs is never named: the root, /proc and /dev.
 */
#include "init/mountinfo.h"

#include <string.h>

enum { FIELD_ID = 0, FIELD_POINT = 4 };

static bool stays(const struct mountinfo *m, const char *path)
{
	if (strcmp(path, "/") == 0 || strcmp(path, "/proc") == 0 || strcmp(path, "/dev") == 0)
		return true;
	for (size_t i = 0; i < m->kept; i++)
		if (m->keep[i] == m->id)
			return true;
	return false;
}

static void begin_line(struct mountinfo *m)
{
	m->field = 0;
	m->bad = false;
	m->id = 0;
	m->path_len = 0;
	m->escape = 0;
}

static void end_line(struct mountinfo *m)
{
	if (!m->bad && m->field >= FIELD_POINT && m->id != 0 && m->path_len > 0 && !m->escape) {
		m->path[m->path_len] = '\0';
		if (!stays(m, m->path)) {
			m->last_id = m->id;
			memcpy(m->last_path, m->path, m->path_len + 1);
		}
	}
	begin_line(m);
}

static void add_id_digit(struct mountinfo *m, char c)
{
	if (c < '0' || c > '9' || m->id > (UINT_MAX - 9) / 10)
		m->bad = true;
	else
		m->id = m->id * 10 + (unsigned int)(c - '0');
}

static void add_path_byte(struct mountinfo *m, char c)
{
	if (m->escape > 0) {
		if (c < '0' || c > '7') {
			m->bad = true;
			return;
		}
		m->code = m->code * 8 + (unsigned int)(c - '0');
		if (--m->escape > 0)
			return;
		c = (char)m->code;
	} else if (c == '\\') {
		m->escape = 3;
		m->code = 0;
		return;
	}
	if (c == '\0' || m->path_len == sizeof(m->path) - 1)
		m->bad = true;
	else
		m->path[m->path_len++] = c;
}

void mountinfo_begin(struct mountinfo *m)
{
	m->last_id = 0;
	begin_line(m);
}

void mountinfo_feed(struct mountinfo *m, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '\n')
			end_line(m);
		else if (c == ' ')
			m->field++;
		else if (m->bad)
			continue;
		else if (m->field == FIELD_ID)
			add_id_digit(m, c);
		else if (m->field == FIELD_POINT)
			add_path_byte(m, c);
	}
}

bool mountinfo_keep(struct mountinfo *m)
{
	if (m->kept == MOUNTINFO_KEEP_MAX)
		return false;
	m->keep[m->kept++] = m->last_id;
	return true;
}
