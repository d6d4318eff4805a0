/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.c: blocks of zeroed memory in a list, filled from the front.
 *
 * A piece is cut from the newest block; when it does not fit, a new block is made, as large as
 * the piece if that is larger than usual. Under AddressSanitizer each piece is a block of its own,
 * so that a write past a piece's end is seen.
 */
#include "lib/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t data[];
};

struct arena_guest {
	struct arena_guest *next;
	void *object;
	void (*drop)(void *);
};

#ifdef __SANITIZE_ADDRESS__
#define BLOCK_BYTES 0
#else
#define BLOCK_BYTES ((size_t)8 * 1024 - sizeof(struct arena_block))
#endif

static struct arena_block *add_block(struct arena *arena, size_t bytes)
{
	struct arena_block *b;
	size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;

	if (size > SIZE_MAX - sizeof(*b))
		return NULL;
	b = calloc(1, sizeof(*b) + size);
	if (!b)
		return NULL;
	b->size = size;
	b->next = arena->blocks;
	arena->blocks = b;
	return b;
}

/* take - cut @bytes from the arena at a multiple of @align, a power of two. */
static void *take(struct arena *arena, size_t bytes, size_t align, struct error *err)
{
	struct arena_block *b = arena->blocks;
	size_t start = b ? (b->used + align - 1) & ~(align - 1) : 0;

	if (!b || start > b->size || bytes > b->size - start) {
		b = add_block(arena, bytes);
		start = 0;
	}
	if (!b) {
		error_set(err, ENOMEM, "cannot get %zu bytes of memory", bytes);
		return NULL;
	}
	b->used = start + bytes;
	return (char *)b->data + start;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size, struct error *err)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		error_set(err, ENOMEM, "cannot get %zu times %zu bytes of memory", count, size);
		return NULL;
	}
	return take(arena, bytes, _Alignof(max_align_t), err);
}

char *arena_strdup(struct arena *arena, const char *s, struct error *err)
{
	size_t bytes = strlen(s) + 1;
	char *copy = take(arena, bytes, 1, err);

	if (copy)
		memcpy(copy, s, bytes);
	return copy;
}

char *arena_path(struct arena *arena, const char *dir, const char *name, struct error *err)
{
	size_t length = strlen(dir), rest = strlen(name) + 1;
	char *path = take(arena, length + 1 + rest, 1, err);
	char *end;

	if (!path)
		return NULL;
	end = mempcpy(path, dir, length);
	*end++ = '/';
	memcpy(end, name, rest);
	return path;
}

char *arena_printf(struct arena *arena, struct error *err, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;
	int length;

	va_start(ap, fmt);
	length = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (length < 0) {
		error_set(err, errno, "cannot format a text");
		return NULL;
	}
	text = take(arena, (size_t)length + 1, 1, err);
	if (!text)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(text, (size_t)length + 1, fmt, ap);
	va_end(ap);
	return text;
}

int arena_adopt(struct arena *arena, void *object, void (*drop)(void *), struct error *err)
{
	struct arena_guest *guest = arena_new(arena, struct arena_guest, 1, err);

	if (!guest)
		return -1;
	*guest = (struct arena_guest){.next = arena->guests, .object = object, .drop = drop};
	arena->guests = guest;
	return 0;
}

void arena_free(struct arena *arena)
{
	struct arena_block *b = arena->blocks;

	for (struct arena_guest *g = arena->guests; g; g = g->next)
		g->drop(g->object);
	arena->guests = NULL;
	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
	arena->blocks = NULL;
}
