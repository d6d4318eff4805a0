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

static jmp_buf out_of_it;
static FILE *the_list;

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
#include "image/tools/mkcpio.c"
#undef main
#undef exit
#undef fopen
#undef fclose
#include "tests/fuzz/fuzz.h"

const char *__asan_default_options(void);

/* What was allocated when it exits is the kernel's to free. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static void check_list(const struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		REQUIRE(e->path[0] == '/' && !strstr(e->path, "//") && !strstr(e->path, "/../"));
		REQUIRE(i == 0 || strcmp(list->entries[i - 1].path, e->path) < 0);
		REQUIRE(e->inode > 0 && e->inode <= list->count && e->links > 0);
		REQUIRE(!e->hlink || (e->listed && e->listed->inode == e->inode));
	}
	for (size_t i = 0; i < list->count; i++) {
		free(list->entries[i].path);
		free(list->entries[i].source);
	}
	free(list->entries);
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
	fclose(the_list);
	return 0;
}
