/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmdline.h: what the kernel command line asks of PID 1.
 */
#ifndef CLOISON_INIT_CMDLINE_H
#define CLOISON_INIT_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#define CMDLINE_MAX 4096     /* bytes of /proc/cmdline that are read */
#define CMDLINE_WORD_MAX 512 /* bytes of one word, the name and `=` included */
#define CMDLINE_HOSTNAME_MAX 64
#define CMDLINE_EXEC_ARGS 16
#define CMDLINE_WATCHDOG_S 30
#define CMDLINE_WATCHDOG_MAX_S 3600

/* What is done about an initramfs that is not what was built. */
enum cmdline_manifest { MANIFEST_REBOOT, MANIFEST_HALT, MANIFEST_WARN };

struct cmdline {
	char hostname[CMDLINE_HOSTNAME_MAX + 1];
	bool shell;
	bool phases;
	enum cmdline_manifest manifest;
	unsigned int watchdog_s; /* 0: off */
	char mask[256];		 /* services that are not loaded, joined by commas */
	/* cloison.exec: the words lie in exec_text; exec[0] is NULL when none was given. */
	char exec_text[CMDLINE_WORD_MAX];
	char *exec[CMDLINE_EXEC_ARGS + 1];
};

/*
 * cmdline_warning - told of each word that cannot be followed.
 * @word: the word, @len bytes, not terminated and as the user wrote it
 * @why:  what is wrong with it
 */
typedef void (*cmdline_warning)(void *context, const char *word, size_t len, const char *why);

/* cmdline_masks - is @service one of cloison.mask=? */
bool cmdline_masks(const struct cmdline *c, const char *service);

/* cmdline_defaults - what holds when the command line says nothing. */
void cmdline_defaults(struct cmdline *c);

/*
 * cmdline_parse - read the `cloison.` words of @text into @c, over what @c holds.
 * A word that cannot be followed changes nothing and is told to @warn. Later words win.
 * Writes nothing outside @c, allocates nothing, reads no byte past @text[@len - 1].
 */
void cmdline_parse(struct cmdline *c, const char *text, size_t len, cmdline_warning warn,
		   void *context);

/*
 * cmdline_printable - @word for one line on a console: at most @size - 1 bytes, control and
 * non-ASCII bytes as `?`, "..." at the end when it was cut.
 */
void cmdline_printable(const char *word, size_t len, char *buf, size_t size);

#endif
