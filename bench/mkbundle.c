/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkbundle.c: print config.json for a bundle, when the bench's part of an image is built.
 *
 * usage: mkbundle ROOTFS PROGRAM [ARGUMENT...]
 */
#include "bench/bundle.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	json_object *config;

	if (argc < 3) {
		fprintf(stderr, "usage: mkbundle ROOTFS PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	config = bundle_json(argv[1], (const char *const *)argv + 2, (size_t)argc - 2, false);
	if (!config)
		return 1;
	puts(json_object_to_json_string_ext(config, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(config);
	return fflush(stdout) ? 1 : 0;
}
