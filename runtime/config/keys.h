/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h: a line of authorized_keys.
 */
#ifndef CLOISON_CONFIG_KEYS_H
#define CLOISON_CONFIG_KEYS_H

#include <stddef.h>

#define KEY_NAME_MAX 64
#define KEY_LINE_MORE 128 /* bytes that a line is longer than its key, at most */

/* key_name - of a key as check_key() leaves it, the name that its actions are logged with. */
void key_name(const char *key, char name[KEY_NAME_MAX + 1]);

/* key_line - the line for it, with its newline, as snprintf(3). */
size_t key_line(const char *key, char *out, size_t size);

#endif
