/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h: memory that is taken piece by piece and given back all at once.
 *
 * Everything a plan points to lives in one arena and dies with it, so no part of it has an owner
 * to track. Memory comes zeroed.
 */
#ifndef CLOISON_LIB_ARENA_H
#define CLOISON_LIB_ARENA_H

#include <stddef.h>

#include "lib/error.h"

struct arena_block;
struct arena_guest;

struct arena {
	struct arena_block *blocks;
	struct arena_guest *guests;
};

#define _cleanup_arena_ __attribute__((cleanup(arena_free)))

/*
 * arena_alloc - @count objects of @size bytes, zeroed and aligned for any type.
 * Returns NULL with @err ENOMEM, also when count * size overflows. A count of 0 gives a valid
 * pointer to nothing.
 */
void *arena_alloc(struct arena *arena, size_t count, size_t size, struct error *err) must_check;

/* arena_strdup - a copy of @s. */
char *arena_strdup(struct arena *arena, const char *s, struct error *err) must_check;

/* arena_path - DIR/NAME. */
char *arena_path(struct arena *arena, const char *dir, const char *name,
		 struct error *err) must_check;

/* arena_printf - a formatted string. */
char *arena_printf(struct arena *arena, struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4))) must_check;

/*
 * arena_adopt - let @object, which is not of the arena's memory, live as long as the arena; @drop ends
 * it. Returns 0, or -1 with @err ENOMEM and the object still the caller's.
 */
int arena_adopt(struct arena *arena, void *object, void (*drop)(void *),
		struct error *err) must_check;

/* arena_free - give all of it back; @arena is empty afterwards and can be used again. */
void arena_free(struct arena *arena);

#define arena_new(arena, type, count, err) \
	((type *)arena_alloc((arena), (count), sizeof(type), (err)))

#endif
