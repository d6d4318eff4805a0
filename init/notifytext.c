/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notifytext.c: what notify.c reads, without the reading: messages from anybody, and files of /proc.
 */
#include <string.h>

#include "init/notify.h"
#include "init/servicedef.h"

struct notify notify_parse(const char *text, size_t len)
{
	struct notify n = {false, false};

	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		n.ready |= line == 7 && memcmp(text, "READY=1", 7) == 0;
		n.watchdog |= line == 10 && memcmp(text, "WATCHDOG=1", 10) == 0;
		text += line + (end != NULL);
		len -= line + (end != NULL);
	}
	return n;
}

bool notify_cgroup_service(const char *text, char *name)
{
	static const char prefix[] = "0::/services/";
	size_t len;

	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return false;
	text += sizeof(prefix) - 1;
	len = strcspn(text, "/\n");
	if (!servicedef_name_ok(text, len))
		return false;
	memcpy(name, text, len);
	name[len] = '\0';
	return true;
}
