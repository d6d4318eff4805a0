/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc.c: libyaml's events become a tree.
 *
 * The open collections are a stack of fixed depth, so nothing here recurses; at its bottom is the text,
 * which holds one value. A key of a mapping is a scalar event of its own; it waits in the stack until its
 * value comes.
 */
#include "runtime/config/doc.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <yaml.h>

struct level {
	enum doc_kind kind;
	struct doc_node **end; /* where the next value goes */
	const char *key;       /* of a mapping: the key whose value comes next */
	unsigned int key_line;
};

struct builder {
	struct arena *arena;
	struct doc_error *why;
	struct doc_node *root;
	struct level stack[DOC_MAX_DEPTH + 1];
	size_t depth, nodes, documents;
};

__attribute__((format(printf, 3, 4))) static int refuse(struct builder *b, size_t line,
							const char *fmt, ...)
{
	va_list ap;

	b->why->line = (unsigned int)line;
	va_start(ap, fmt);
	vsnprintf(b->why->text, sizeof(b->why->text), fmt, ap);
	va_end(ap);
	return -1;
}

/* place - put a value that begins now at the end of what is open. */
static int place(struct builder *b, struct doc_node *node)
{
	struct level *top = &b->stack[b->depth];

	if (++b->nodes > DOC_MAX_NODES)
		return refuse(b, node->line, "more than %d values", DOC_MAX_NODES);
	if (top->kind == DOC_MAP) {
		node->key = take_ptr(top->key);
		node->line = top->key_line;
	}
	*top->end = node;
	top->end = &node->next;
	return 0;
}

static struct doc_node *new_node(struct builder *b, enum doc_kind kind, const yaml_event_t *e)
{
	struct error err = ERROR_INIT;
	struct doc_node *node = arena_new(b->arena, struct doc_node, 1, &err);

	if (!node) {
		refuse(b, 0, "not enough memory");
		return NULL;
	}
	node->kind = kind;
	node->line = (unsigned int)e->start_mark.line + 1;
	return node;
}

static int open_collection(struct builder *b, const yaml_event_t *e, enum doc_kind kind)
{
	struct doc_node *node = new_node(b, kind, e);

	if (!node)
		return -1;
	if (b->stack[b->depth].kind == DOC_MAP && !b->stack[b->depth].key)
		return refuse(b, node->line, "a key must be plain text");
	if (b->depth == DOC_MAX_DEPTH)
		return refuse(b, node->line, "nested more than %d deep", DOC_MAX_DEPTH);
	if (place(b, node) < 0)
		return -1;
	b->stack[++b->depth] = (struct level){.kind = kind, .end = &node->first};
	return 0;
}

static int take_scalar(struct builder *b, const yaml_event_t *e)
{
	struct level *top = &b->stack[b->depth];
	const char *value = (const char *)e->data.scalar.value;
	struct error err = ERROR_INIT;
	size_t line = e->start_mark.line + 1;
	struct doc_node *node;
	char *copy;

	if (strlen(value) != e->data.scalar.length)
		return refuse(b, line, "a value holds a NUL character");
	copy = arena_strdup(b->arena, value, &err);
	if (!copy)
		return refuse(b, line, "not enough memory");
	if (top->kind == DOC_MAP && !top->key) {
		top->key = copy;
		top->key_line = (unsigned int)line;
		return 0;
	}
	node = new_node(b, DOC_SCALAR, e);
	if (!node)
		return -1;
	node->text = copy;
	return place(b, node);
}

/* has_extras - anchors and tags other than "!", which a quoted scalar may have. */
static bool has_extras(const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return e->data.scalar.anchor || e->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return e->data.sequence_start.anchor || e->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return e->data.mapping_start.anchor || e->data.mapping_start.tag;
	default:
		return e->type == YAML_ALIAS_EVENT;
	}
}

static int take_event(struct builder *b, const yaml_event_t *e)
{
	size_t line = e->start_mark.line + 1;

	if (has_extras(e))
		return refuse(b, line, "anchors, aliases and tags are not taken");
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return ++b->documents > 1 ? refuse(b, line, "a second document begins") : 0;
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(b, e, DOC_LIST);
	case YAML_MAPPING_START_EVENT:
		return open_collection(b, e, DOC_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return 0;
	case YAML_SCALAR_EVENT:
		return take_scalar(b, e);
	default:
		return 0;
	}
}

static int parser_failed(struct builder *b, const yaml_parser_t *p)
{
	if (p->error == YAML_MEMORY_ERROR)
		return refuse(b, 0, "not enough memory");
	return refuse(b, p->problem_mark.line + 1, "not YAML: %s",
		      p->problem ? p->problem : "unreadable");
}

static int build(struct builder *b, yaml_parser_t *p)
{
	for (bool over = false; !over;) {
		yaml_event_t e;
		int rc;

		if (!yaml_parser_parse(p, &e))
			return parser_failed(b, p);
		over = e.type == YAML_STREAM_END_EVENT;
		rc = take_event(b, &e);
		yaml_event_delete(&e);
		if (rc < 0)
			return -1;
	}
	return 0;
}

struct doc_node *doc_parse(struct arena *arena, const char *text, size_t length,
			   struct doc_error *why)
{
	struct builder b = {.arena = arena, .why = why};
	yaml_parser_t parser;
	int rc;

	*why = (struct doc_error){.line = 0};
	b.stack[0] = (struct level){.kind = DOC_LIST, .end = &b.root};
	if (length > DOC_MAX_BYTES) {
		refuse(&b, 0, "larger than %d bytes", DOC_MAX_BYTES);
		return NULL;
	}
	if (!yaml_parser_initialize(&parser)) {
		refuse(&b, 0, "not enough memory");
		return NULL;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	rc = build(&b, &parser);
	yaml_parser_delete(&parser);
	return rc < 0 ? NULL : b.root;
}
