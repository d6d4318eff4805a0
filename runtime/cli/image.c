/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.c: the commands about images, which are the program cloison-image beside this one.
 *
 * A program of its own, because it reads archives and decompresses, which nothing else here does. It parses its
 * command line itself: argv begins with the verb, and the two words before it are ours to use.
 */
#include <string.h>

#include "runtime/cli/verb.h"

#define ARGUMENTS_MAX 256

static int image(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	char *all[ARGUMENTS_MAX + 2] = {NULL};

	(void)rt;
	(void)values;
	for (size_t i = 0; argv[i]; i++) {
		if (i == ARGUMENTS_MAX)
			return error_set(err, E2BIG, "more than %d arguments", ARGUMENTS_MAX);
		all[i + 1] = argv[i];
	}
	return run_beside("cloison-image", all, err);
}

#define IMAGE_VERB(word, takes, does)                          \
	const struct verb verb_##word = {.name = #word,        \
					 .arguments = (takes), \
					 .summary = (does),    \
					 .whole = true,        \
					 .max_args = -1,       \
					 .stateless = true,    \
					 .run = image}

IMAGE_VERB(images, "[-q] [--no-trunc] [--json]", "list the images of the store");
IMAGE_VERB(load, "[-q] [-i FILE] [NAME]", "load images from an archive");
IMAGE_VERB(rmi, "IMAGE...", "remove images");
IMAGE_VERB(tag, "IMAGE NAME", "give an image another name");
IMAGE_VERB(history, "[--no-trunc] [--json] IMAGE", "tell how an image was made");
IMAGE_VERB(image, "ls|load|rm|tag|history|inspect|prune ...", "the same, and more about images");
