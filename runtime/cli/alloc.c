/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alloc.c: malloc for a command that lives for milliseconds.
 *
 * It replaces the C library's: pieces are cut one after the other from a chunk of memory, and one
 * that is freed can be used again as soon as all behind it in the chunk are free, too. Parsing a
 * config.json makes some hundred small objects whose total is known to be small and which die with
 * the process, so the work of finding holes again would be for nothing: plan_load() takes half the
 * time of musl's allocator, most of it in page faults that do not happen. The first chunk gets its pages
 * some at a time, which saves the rest. A verb that goes from container to container (list) frees
 * everything of one before the next and so finds itself at the same place again.
 *
 * Not for programs that stay (cloisond), and not for threads: there are none here.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_CHUNK_BYTES ((size_t)64 * 1024)
#define CHUNK_BYTES ((size_t)256 * 1024)
#define PAGE_BYTES ((size_t)4096)
/* A fault costs more than half as much again as a page; a page nobody uses is for nothing. */
#define POPULATE_BYTES ((size_t)16 * 1024)

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#define ALIGNMENT _Alignof(max_align_t)

/* In a piece's size, which is a multiple of its alignment: it has been freed. */
#define FREED ((size_t)1)

struct piece {
	_Alignas(max_align_t) size_t size;
	struct piece *previous; /* the one before it in the chunk, or NULL */
	max_align_t data[];
};

_Static_assert(sizeof(struct piece) % ALIGNMENT == 0, "pieces follow one another");
_Static_assert(PAGE_BYTES % ALIGNMENT == 0, "a chunk ends where a piece may end");

/* The chunk in use; what is at or above @fresh has never been handed out and is zero. */
static char *next, *end, *fresh;
/* What is below it has its pages; the end in all chunks but the first, which get them as they are touched. */
static char *populated;
/* The piece that ends at @next, never a freed one; NULL: there is none in this chunk. */
static struct piece *last;

static int add_chunk(size_t bytes)
{
	static int chunks;
	size_t size = chunks == 0 ? FIRST_CHUNK_BYTES : CHUNK_BYTES;
	char *chunk;

	if (bytes > size)
		size = (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	chunk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chunk == MAP_FAILED)
		return -1;
	populated = chunks++ == 0 && size == FIRST_CHUNK_BYTES ? chunk : chunk + size;
	last = NULL;
	next = fresh = chunk;
	end = chunk + size;
	return 0;
}

/* populate - give @upto bytes' pages; a kernel before 5.14 does not, and gives each when it is touched. */
static void populate(const char *upto)
{
	int saved = errno;

	while (populated < upto) {
		(void)madvise(populated, POPULATE_BYTES, MADV_POPULATE_WRITE);
		populated += POPULATE_BYTES;
	}
	errno = saved;
}

static struct piece *cut(size_t size)
{
	struct piece *p;
	size_t bytes;

	if (size > PTRDIFF_MAX - PAGE_BYTES - sizeof(*p)) {
		errno = ENOMEM;
		return NULL;
	}
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	bytes = sizeof(*p) + size;
	if ((size_t)(end - next) < bytes && add_chunk(bytes) < 0) {
		errno = ENOMEM;
		return NULL;
	}
	if (next + bytes > populated)
		populate(next + bytes);
	p = (struct piece *)(void *)next;
	p->size = size;
	p->previous = last;
	last = p;
	next += bytes;
	return p;
}

static struct piece *piece_of(void *data)
{
	return (struct piece *)(void *)((char *)data - offsetof(struct piece, data));
}

static void mark_used(void)
{
	if (next > fresh)
		fresh = next;
}

/*
 * take and give are malloc() and free() by names of which the compiler knows nothing: of the standard
 * ones it takes for granted that they leave this file's variables alone.
 */
static void *take(size_t size)
{
	struct piece *p = cut(size);

	if (!p)
		return NULL;
	mark_used();
	return p->data;
}

void *malloc(size_t size)
{
	return take(size);
}

void *calloc(size_t count, size_t size)
{
	struct piece *p;
	char *data;
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	p = cut(bytes);
	if (!p)
		return NULL;
	data = (char *)p->data;
	if (data < fresh)
		memset(data, 0,
		       fresh - data < (ptrdiff_t)p->size ? (size_t)(fresh - data) : p->size);
	mark_used();
	return data;
}

static void give(void *data)
{
	struct piece *p;

	if (!data)
		return;
	p = piece_of(data);
	p->size |= FREED;
	while (last && last->size & FREED) {
		next = (char *)last;
		last = last->previous;
	}
}

void free(void *data)
{
	give(data);
}

void *realloc(void *data, size_t size)
{
	struct piece *p;
	void *copy;

	if (!data)
		return take(size);
	p = piece_of(data);
	if (size <= p->size)
		return data;
	/* Chunks end where an aligned piece may end, so what fits fits rounded up. */
	if (p == last && size <= (size_t)(end - (char *)p->data)) {
		p->size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
		next = (char *)p->data + p->size;
		mark_used();
		return data;
	}
	copy = take(size);
	if (!copy)
		return NULL;
	memcpy(copy, data, p->size);
	give(data);
	return copy;
}
