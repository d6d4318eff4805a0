/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reference.h: what people call an image: [HOST[:PORT]/]PATH[:TAG][@DIGEST].
 *
 * The grammar is that of Docker's distribution/reference, which registries and engines share; a tag is
 * "latest" where neither a tag nor a digest is given.
 */
#ifndef CLOISON_STORE_REFERENCE_H
#define CLOISON_STORE_REFERENCE_H

#include "runtime/store/digest.h"

#define REFERENCE_NAME_MAX 255
#define REFERENCE_TAG_MAX 128
#define REFERENCE_SIZE (REFERENCE_NAME_MAX + 1 + REFERENCE_TAG_MAX + 1)

struct reference {
	char name[REFERENCE_NAME_MAX + 1]; /* with the host */
	char tag[REFERENCE_TAG_MAX + 1];   /* empty: none */
	struct digest digest;		   /* empty: none */
};

/* reference_parse - Returns 0, or -1 with @err, whose hint says what a reference is. */
must_check int reference_parse(const char *text, struct reference *r, struct error *err);

/* reference_text - NAME:TAG in @buf, which is returned; what an image is kept under. */
const char *reference_text(const struct reference *r, char buf[REFERENCE_SIZE]);

#endif
