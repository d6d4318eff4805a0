/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h: the messages of the supervisor's socket.
 *
 * Both directions carry frames: one byte for the type, three zero bytes, the length of what follows in four
 * bytes, big-endian, and that. The streams are numbered as in Docker's API.
 */
#ifndef CLOISON_LIB_FRAME_H
#define CLOISON_LIB_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FRAME_HEADER 8
#define FRAME_MAX 65536 /* bytes after the header */

#define SUPERVISOR_SOCKET "/run/cloisond/socket"
#define ID_DIGITS 64 /* of a container that the supervisor has made, in hexadecimal */

/* is_supervisors_id - does @text look like the id of a container that the supervisor has made? */
static inline bool is_supervisors_id(const char *text)
{
	return strlen(text) == ID_DIGITS && strspn(text, "0123456789abcdef") == ID_DIGITS;
}

enum frame_type {
	FRAME_STDIN = 0, /* client to server; an empty one is the end of the file */
	FRAME_STDOUT = 1,
	FRAME_STDERR = 2,
	FRAME_JSON = 3, /* one object */
};

/* frame_header - fill the FRAME_HEADER bytes at @to. */
static inline void frame_header(uint8_t *to, enum frame_type type, uint32_t length)
{
	to[0] = (uint8_t)type;
	to[1] = to[2] = to[3] = 0;
	to[4] = (uint8_t)(length >> 24);
	to[5] = (uint8_t)(length >> 16);
	to[6] = (uint8_t)(length >> 8);
	to[7] = (uint8_t)length;
}

/* frame_length - of the frame whose header is at @from; SIZE_MAX: no frame begins like this. */
static inline size_t frame_length(const uint8_t *from)
{
	uint32_t length = (uint32_t)from[4] << 24 | (uint32_t)from[5] << 16 |
			  (uint32_t)from[6] << 8 | from[7];

	if (from[0] > FRAME_JSON || from[1] || from[2] || from[3] || length > FRAME_MAX)
		return SIZE_MAX;
	return length;
}

#endif
