/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_mkcpio.c: the lists of mkcpio on arbitrary bytes.
 *
 * mkcpio exits at the first mistake; here that returns to the target. What it accepts is sorted,
 * has each path once, and its headers have the size that the format prescribes.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALLOCATIONS_MAX 16384

static jmp_buf out_of_it;
static FILE *the_list;

/* What mkcpio has allocated when it exits is the kernel's to free, and here the target's. */
static void *allocations[ALLOCATIONS_MAX];
static size_t n_allocations;

static void *keep(void *p)
{
	if (n_allocations < ALLOCATIONS_MAX)
		allocations[n_allocations++] = p;
	return p;
}

static char *keep_copy(const char *text)
{
	return keep(strdup(text));
}

static void drop(void *p)
{
	for (size_t i = 0; p && i < n_allocations; i++)
		if (allocations[i] == p)
			allocations[i] = NULL;
	free(p);
}

static void drop_all(void)
{
	for (size_t i = 0; i < n_allocations; i++)
		free(allocations[i]);
	n_allocations = 0;
}

static void *grow(void *p, size_t count, size_t size)
{
	void *larger = reallocarray(p, count, size);

	for (size_t i = 0; i < n_allocations; i++)
		if (allocations[i] == p && p) {
			allocations[i] = larger;
			return larger;
		}
	return keep(larger);
}

static ssize_t read_line(char **line, size_t *room, FILE *from)
{
	char *old = *line;
	ssize_t n = getline(line, room, from);

	for (size_t i = 0; i < n_allocations; i++)
		if (old && allocations[i] == old) {
			allocations[i] = *line;
			return n;
		}
	keep(*line);
	return n;
}

static _Noreturn void leave(int status)
{
	longjmp(out_of_it, status + 1);
}

static FILE *open_list(const char *name, const char *mode)
{
	(void)name;
	(void)mode;
	return the_list;
}

#define main mkcpio_main
#define exit leave
#define fopen open_list
#define fclose(file) ((file) == NULL)
#define strdup keep_copy
#define free drop
#define reallocarray grow
#define getline read_line
#include "image/tools/mkcpio.c"
#undef main
#undef exit
#undef fopen
#undef fclose
#undef strdup
#undef free
#undef reallocarray
#undef getline
#include "tests/fuzz/fuzz.h"

static void check_list(const struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		REQUIRE(e->path[0] == '/' && !strstr(e->path, "//") && !strstr(e->path, "/../"));
		REQUIRE(i == 0 || strcmp(list->entries[i - 1].path, e->path) < 0);
		REQUIRE(e->inode > 0 && e->inode <= list->count && e->links > 0);
		REQUIRE(!e->hlink || (e->listed && e->listed->inode == e->inode));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *silence;
	struct list list = {0};

	if (!silence) {
		silence = fopen("/dev/null", "we");
		REQUIRE(silence);
		stderr = silence;
		defines[define_count++] = (struct define){"OUT", 3, "out/x86_64"};
	}
	the_list = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	if (!the_list)
		return 0;
	if (setjmp(out_of_it) == 0) {
		read_list(&list, "list");
		resolve(&list);
		check_list(&list);
	}
	drop_all();
	fclose(the_list);
	return 0;
}
