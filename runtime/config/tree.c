/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.c: from the tree of a YAML text into the configuration.
 *
 * A key's full name is the way to it, joined by dots. It is a row of the schema, or the beginning of one
 * (a section), or one of the two mappings whose keys are names: network.interfaces and sysctl. A text that
 * is no YAML counts for nothing at all: half of it might mean something else than the whole.
 */
#include <string.h>

#include "runtime/config/config.h"
#include "runtime/config/doc.h"

#define PLACE_MAX 200

struct place {
	struct config *c;
	struct config_origin where; /* its line is that of the value looked at */
};

static struct config_origin at_line(const struct place *p, const struct doc_node *n)
{
	struct config_origin where = p->where;

	where.line = n->line;
	return where;
}

/* is_repeated - whether a member before @n has its key. */
static bool is_repeated(const struct doc_node *map, const struct doc_node *n)
{
	for (const struct doc_node *m = map->first; m != n; m = m->next)
		if (!strcmp(m->key, n->key))
			return true;
	return false;
}

/*
 * next_member - the first member of @map from @n on that can be looked at, with its full name in @name.
 * Repeated keys are said; the first one counts.
 */
static const struct doc_node *next_member(const struct place *p, const struct doc_node *map,
					  const struct doc_node *n, const char *prefix, char *name)
{
	for (; n; n = n->next) {
		struct config_origin where = at_line(p, n);

		snprintf(name, PLACE_MAX, "%s%s%.64s", prefix, *prefix ? "." : "", n->key);
		if (!is_repeated(map, n))
			return n;
		config_complain(p->c, &where, name, "given twice: the first one counts");
	}
	return NULL;
}

static bool want_map(const struct place *p, const struct doc_node *n, const char *name)
{
	struct config_origin where = at_line(p, n);

	if (n->kind == DOC_MAP)
		return true;
	/* `network:` with nothing below it */
	if (n->kind != DOC_SCALAR || *n->text)
		config_complain(p->c, &where, name, "must be a mapping");
	return false;
}

/* take_value - the value of a row: one scalar, or, of a list, also a list of them. */
static void take_value(const struct place *p, const struct doc_node *n, const char *name,
		       const struct config_row *row, struct config_value *into)
{
	const char *texts[CONFIG_VALUES_MAX];
	unsigned int lines[CONFIG_VALUES_MAX];
	struct config_origin where = at_line(p, n);
	size_t count = 0;

	if (n->kind == DOC_MAP || (n->kind == DOC_LIST && row->max == 1)) {
		config_complain(p->c, &where, name, "must be %s",
				row->max == 1 ? "one value" : "a list");
		return;
	}
	if (n->kind == DOC_SCALAR) {
		config_put(p->c, row, into, &where, name, &n->text, NULL, 1);
		return;
	}
	for (const struct doc_node *e = n->first; e; e = e->next) {
		struct config_origin line = at_line(p, e);

		if (e->kind != DOC_SCALAR) {
			config_complain(p->c, &line, name, "a list here holds single values only");
			continue;
		}
		if (count == CONFIG_VALUES_MAX) {
			config_complain(p->c, &line, name, "more than %d values",
					CONFIG_VALUES_MAX);
			break;
		}
		texts[count] = e->text;
		lines[count++] = e->line;
	}
	/* What held nothing but mistakes is no empty list. */
	if (count || !n->first)
		config_put(p->c, row, into, &where, name, texts, lines, count);
}

static void take_interface(const struct place *p, const struct doc_node *n, const char *name)
{
	struct config_origin where = at_line(p, n);
	struct config_interface *i;
	char key[PLACE_MAX];

	if (!want_map(p, n, name))
		return;
	i = config_interface(p->c, &where, name, n->key);
	if (!i)
		return;
	for (const struct doc_node *m = n->first; (m = next_member(p, n, m, name, key));
	     m = m->next) {
		struct config_origin line = at_line(p, m);
		size_t row = 0;

		while (row < INTERFACE_KEYS && strcmp(config_interface_rows[row].name, m->key))
			row++;
		if (row == INTERFACE_KEYS) {
			config_complain(p->c, &line, key, "unknown key");
			continue;
		}
		if (row == INTERFACE_ADDRESSES)
			i->is_static |= m->kind != DOC_LIST || m->first;
		take_value(p, m, key, &config_interface_rows[row], &i->values[row]);
	}
}

static void take_interfaces(const struct place *p, const struct doc_node *map, const char *name)
{
	char key[PLACE_MAX];

	if (!want_map(p, map, name))
		return;
	for (const struct doc_node *n = map->first; (n = next_member(p, map, n, name, key));
	     n = n->next)
		take_interface(p, n, key);
}

static struct config_sysctl *sysctl_named(struct config *c, const char *name)
{
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < c->n_sysctls; i++)
		if (!strcmp(c->sysctls[i].name, name))
			return &c->sysctls[i];
	name = c->n_sysctls < CONFIG_SYSCTLS_MAX ? arena_strdup(&c->arena, name, &err) : NULL;
	if (!name)
		return NULL;
	c->sysctls[c->n_sysctls].name = name;
	return &c->sysctls[c->n_sysctls++];
}

static void take_sysctls(const struct place *p, const struct doc_node *map, const char *name)
{
	static const struct config_row row = {"sysctl", NULL, 1, check_sysctl_value, NULL};
	char key[PLACE_MAX];

	if (!want_map(p, map, name))
		return;
	for (const struct doc_node *n = map->first; (n = next_member(p, map, n, name, key));
	     n = n->next) {
		struct config_origin where = at_line(p, n);
		const char *why = check_sysctl_name(n->key);
		struct config_sysctl *s = why ? NULL : sysctl_named(p->c, n->key);

		if (s)
			take_value(p, n, key, &row, &s->value);
		else
			config_complain(p->c, &where, key, "%s", why ? why : "too many settings");
	}
}

static const struct {
	const char *name;
	void (*take)(const struct place *p, const struct doc_node *map, const char *name);
} maps[] = {
	{"network.interfaces", take_interfaces},
	{"sysctl", take_sysctls},
};

enum found { FOUND_NOTHING, FOUND_SECTION, FOUND_VALUE };

static bool is_section_of(const char *section, const char *name)
{
	size_t n = strlen(section);

	return !strncmp(section, name, n) && name[n] == '.';
}

/* take_member - what @name is; a value is taken, a section is the caller's to enter. */
static enum found take_member(const struct place *p, const struct doc_node *n, const char *name)
{
	enum found found = FOUND_NOTHING;

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		if (!strcmp(maps[i].name, name)) {
			maps[i].take(p, n, name);
			return FOUND_VALUE;
		}
		if (is_section_of(name, maps[i].name))
			found = FOUND_SECTION;
	}
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		if (!strcmp(config_rows[i].name, name)) {
			take_value(p, n, name, &config_rows[i], &p->c->values[i]);
			return FOUND_VALUE;
		}
		if (is_section_of(name, config_rows[i].name))
			found = FOUND_SECTION;
	}
	return found;
}

/* take_section - the members of a section; no key of the schema has more than one dot. */
static void take_section(const struct place *p, const struct doc_node *map, const char *prefix)
{
	char name[PLACE_MAX];

	for (const struct doc_node *n = map->first; (n = next_member(p, map, n, prefix, name));
	     n = n->next) {
		struct config_origin where = at_line(p, n);

		if (strchr(n->key, '.') || take_member(p, n, name) != FOUND_VALUE)
			config_complain(p->c, &where, name, "unknown key");
	}
}

static void take_root(const struct place *p, const struct doc_node *map)
{
	char name[PLACE_MAX];

	for (const struct doc_node *n = map->first; (n = next_member(p, map, n, "", name));
	     n = n->next) {
		struct config_origin where = at_line(p, n);
		enum found found = strchr(n->key, '.') ? FOUND_NOTHING : take_member(p, n, name);

		if (found == FOUND_NOTHING)
			config_complain(p->c, &where, name, "unknown key");
		else if (found == FOUND_SECTION && want_map(p, n, name))
			take_section(p, n, name);
	}
}

void config_read_yaml(struct config *c, const struct config_origin *where, const char *text,
		      size_t length)
{
	struct place p = {.c = c, .where = *where};
	struct doc_error why;
	struct doc_node *root = doc_parse(&c->arena, text, length, &why);

	p.where.line = why.line;
	if (!root) {
		if (why.text[0])
			config_complain(c, &p.where, NULL, "%s; nothing of it is used", why.text);
		return;
	}
	if (want_map(&p, root, NULL))
		take_root(&p, root);
}
