/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkseed.c: an image of a file system becomes C. A program of the build machine: mkseed IMAGE >FILE
 */
#include <stdio.h>
#include <string.h>

#include "runtime/config/seed.h"

#define UUID_AT (1024 + 0x68)

static int fail(const char *what)
{
	fprintf(stderr, "mkseed: %s\n", what);
	return 1;
}

static int write_sectors(FILE *in, uint32_t *sectors, uint8_t uuid[16])
{
	uint8_t bytes[SEED_SECTOR];
	static const uint8_t zeros[SEED_SECTOR];
	char table[65536];
	size_t n = 0;

	for (*sectors = 0; fread(bytes, sizeof(bytes), 1, in) == 1; ++*sectors) {
		if (*sectors == UUID_AT / SEED_SECTOR)
			memcpy(uuid, bytes + UUID_AT % SEED_SECTOR, 16);
		if (!memcmp(bytes, zeros, sizeof(bytes)))
			continue;
		printf("static const uint8_t s%u[SEED_SECTOR] = {", *sectors);
		for (size_t i = 0; i < sizeof(bytes); i++)
			if (bytes[i])
				printf("[%zu] = %u,", i, bytes[i]);
		puts("};");
		n += (size_t)snprintf(table + n, sizeof(table) - n, "\t{%u, s%u},\n", *sectors,
				      *sectors);
		if (n >= sizeof(table))
			return fail("too much that is not zero");
	}
	printf("const struct seed_sector seed_sectors[] = {\n%s};\n", table);
	return 0;
}

int main(int argc, char **argv)
{
	FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
	uint8_t uuid[16] = {0};
	uint32_t sectors;

	if (!in)
		return fail("usage: mkseed IMAGE");
	puts("/* written by mkseed */\n#include \"runtime/config/seed.h\"\n");
	if (write_sectors(in, &sectors, uuid))
		return 1;
	puts("const size_t seed_count = sizeof(seed_sectors) / sizeof(*seed_sectors);");
	printf("const uint64_t seed_bytes = UINT64_C(%u) * SEED_SECTOR;\n", sectors);
	fputs("const uint8_t seed_uuid[16] = {", stdout);
	for (size_t i = 0; i < 16; i++)
		printf("%u,", uuid[i]);
	puts("};");
	fclose(in);
	return ferror(stdout) || fflush(stdout) ? fail("cannot write") : 0;
}
