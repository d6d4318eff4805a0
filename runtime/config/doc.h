/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc.h: a YAML text as a tree, with a line for every value.
 *
 * libyaml parses the text into events; this adapter builds the tree and sets limits: size, depth,
 * number of values. Of YAML it takes what a configuration needs: one document of mappings, lists and
 * scalars. Anchors, aliases and tags are refused, so a short text cannot become a long one.
 */
#ifndef CLOISON_CONFIG_DOC_H
#define CLOISON_CONFIG_DOC_H

#include "lib/arena.h"

#define DOC_MAX_BYTES 65536
#define DOC_MAX_DEPTH 8
#define DOC_MAX_NODES 4096

enum doc_kind { DOC_SCALAR, DOC_LIST, DOC_MAP };

struct doc_node {
	enum doc_kind kind;
	unsigned int line;	/* from 1 on; of the key, where there is one */
	const char *key;	/* NULL: not a member of a mapping */
	const char *text;	/* of a scalar */
	struct doc_node *first; /* of a list or a mapping */
	struct doc_node *next;
};

/* A text that cannot be taken at all. */
struct doc_error {
	unsigned int line; /* 0: of no line */
	char text[160];
};

/*
 * doc_parse - the tree of @text, which lives as long as @arena.
 * Returns NULL with @why filled for a text that is refused, NULL with @why->text empty for one that holds
 * nothing.
 */
struct doc_node *doc_parse(struct arena *arena, const char *text, size_t length,
			   struct doc_error *why) must_check;

#endif
