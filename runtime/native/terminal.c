/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal.c: the user's terminal while a container has it, and the keys that give it back.
 *
 * In raw mode every key is a byte for the container, ^C too. The mode belongs to the terminal, not to us: it
 * stays when we end, so it is put back in every case of ending. Signals that end a program are read from a
 * signalfd by the session; those that a fault of our own raises cannot be, so this file has the one
 * signal handler of the program: tcsetattr(3) is allowed in one (signal-safety(7)).
 *
 * Detach keys: bytes that may become the sequence are held. When the next byte does not fit, those go on that can no
 * longer be its beginning; when none comes in DETACH_WAIT_MS, all do. So ctrl-p, which shells and editors
 * want, arrives a moment late instead of never.
 */
#include "runtime/native/terminal.h"

#include <signal.h>
#include <string.h>
#include <termios.h>

static struct termios saved;
static volatile sig_atomic_t saved_fd = -1;

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};

void terminal_restore(void)
{
	int fd = saved_fd;

	saved_fd = -1;
	if (fd >= 0)
		(void)tcsetattr(fd, TCSADRAIN, &saved);
}

/* SA_RESETHAND: the signal's own effect comes when the instruction is run again. */
static void fault(int sig)
{
	terminal_restore();
	raise(sig);
}

int terminal_raw(int fd, struct error *err)
{
	struct sigaction action = {.sa_handler = fault, .sa_flags = (int)SA_RESETHAND};
	struct termios raw;

	if (tcgetattr(fd, &saved) < 0)
		return error_set(err, errno, "cannot read the terminal's mode");
	raw = saved;
	cfmakeraw(&raw);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		if (sigaction(faults[i], &action, NULL) < 0)
			return error_set(err, errno, "cannot prepare for a fault");
	saved_fd = fd;
	if (tcsetattr(fd, TCSADRAIN, &raw) < 0)
		return error_set(err, errno, "cannot put the terminal into raw mode");
	return 0;
}

/* parse_key - one of the keys, of @length characters. Returns the byte, or -1. */
static int parse_key(const char *text, size_t length)
{
	unsigned char c;

	if (length == 1)
		return (unsigned char)text[0];
	if (length != 6 || strncmp(text, "ctrl-", 5) != 0)
		return -1;
	c = (unsigned char)text[5];
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 1;
	return strchr("@[\\]^_", c) && c ? c - '@' : -1;
}

int detach_keys_parse(struct detach_keys *k, const char *text, struct error *err)
{
	*k = (struct detach_keys){.n = 0};
	for (const char *p = text; *p;) {
		size_t length = *p == ',' ? 1 + strcspn(p + 1, ",") : strcspn(p, ",");
		int key = parse_key(p, length);

		if (key < 0 || k->n == DETACH_KEYS_MAX) {
			error_set(err, EINVAL, "detach keys `%s`", text);
			return error_hint(err,
					  "characters and ctrl-a to ctrl-z, joined by commas: "
					  "at most %d",
					  DETACH_KEYS_MAX);
		}
		k->keys[k->n++] = (uint8_t)key;
		p += length;
		if (*p == ',' && !p[1])
			return error_set(err, EINVAL, "detach keys `%s`", text);
		p += *p == ',';
	}
	return 0;
}

/* still_held - of @n bytes, the longest end that can be the keys' beginning. */
static size_t still_held(const struct detach_keys *k, const uint8_t *bytes, size_t n)
{
	size_t length = n < k->n ? n : k->n;

	while (length && memcmp(bytes + n - length, k->keys, length) != 0)
		length--;
	return length;
}

bool detach_keys_feed(struct detach_keys *k, const uint8_t *in, size_t length, uint8_t *out,
		      size_t *n_out)
{
	*n_out = 0;
	for (size_t i = 0; i < length; i++) {
		uint8_t bytes[DETACH_KEYS_MAX + 1];
		size_t n = k->held, held;

		memcpy(bytes, k->keys, n);
		bytes[n++] = in[i];
		held = still_held(k, bytes, n);
		memcpy(out + *n_out, bytes, n - held);
		*n_out += n - held;
		k->held = held;
		if (k->n && held == k->n)
			return true;
	}
	return false;
}

size_t detach_keys_flush(struct detach_keys *k, uint8_t *out)
{
	size_t n = k->held;

	memcpy(out, k->keys, n);
	k->held = 0;
	return n;
}
