/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal.h: the user's terminal while a container has it, and the keys that give it back.
 */
#ifndef CLOISON_NATIVE_TERMINAL_H
#define CLOISON_NATIVE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* terminal_raw - put the terminal @fd into raw mode, until terminal_restore(). */
int terminal_raw(int fd, struct error *err) must_check;

/* terminal_restore - as it was; may be called twice, and by a signal handler. */
void terminal_restore(void);

#define DETACH_KEYS "ctrl-p,ctrl-q"
#define DETACH_KEYS_MAX 16
#define DETACH_WAIT_MS 300 /* the first of the keys alone is passed on after this */

struct detach_keys {
	uint8_t keys[DETACH_KEYS_MAX];
	size_t n;    /* 0: none */
	size_t held; /* so many of them have come and were not passed on */
};

/* detach_keys_parse - "ctrl-X" and single characters, joined by commas; "": none. */
int detach_keys_parse(struct detach_keys *k, const char *text, struct error *err) must_check;

/*
 * detach_keys_feed - take @length bytes of input; @out receives what is to be passed on, at most
 * @length + DETACH_KEYS_MAX bytes, and @n_out how many.
 * Returns whether the keys are complete; what came after them is dropped.
 */
bool detach_keys_feed(struct detach_keys *k, const uint8_t *in, size_t length, uint8_t *out,
		      size_t *n_out);

/* detach_keys_flush - no more came in time: what was held goes to @out. Returns how many bytes. */
size_t detach_keys_flush(struct detach_keys *k, uint8_t *out);

#endif
