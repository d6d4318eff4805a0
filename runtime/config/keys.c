/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.c: a line of authorized_keys.
 *
 * Before each key stands the command that every login with it gets, whatever it asks for: the session, with the
 * key's name. The name is the key's comment, as far as its characters mean nothing to a shell; a key without a
 * comment is named by the end of itself.
 */
#include "runtime/config/keys.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TAIL 8 /* characters of a key that has no comment */

void key_name(const char *key, char name[KEY_NAME_MAX + 1])
{
	const char *blob = strchr(key, ' ');
	const char *text = blob ? blob + 1 + strcspn(blob + 1, " ") : key;
	size_t length, n = 0;

	text += strspn(text, " ");
	length = strlen(text);
	while (length > 0 && text[length - 1] == ' ')
		length--;
	if (length == 0 && blob) {
		n = strlen("key-");
		memcpy(name, "key-", n);
		length = strcspn(blob + 1, " =");
		text = blob + 1 + (length > TAIL ? length - TAIL : 0);
		length = length > TAIL ? TAIL : length;
	}
	for (size_t i = 0; i < length && n < KEY_NAME_MAX; i++, n++) {
		bool plain = isalnum((unsigned char)text[i]) || strchr("._@+", text[i]);

		/* a hyphen in front would make an option of it */
		name[n] = plain || (text[i] == '-' && n > 0) ? text[i] : '_';
	}
	name[n] = '\0';
}

size_t key_line(const char *key, char *out, size_t size)
{
	char name[KEY_NAME_MAX + 1];

	key_name(key, name);
	return (size_t)snprintf(out, size, "command=\"/bin/cloison-config session %s\" %s\n", name,
				key);
}
