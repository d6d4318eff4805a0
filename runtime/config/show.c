/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show.c: printing.
 *
 * Both forms come from one walk over everything that is set: a visitor is told of each value with the
 * section it is in, its key there, and its origin. Texts are quoted as JSON has it, which YAML takes too.
 */
#include "runtime/config/show.h"

#include <string.h>

struct item {
	const char *section; /* "": none */
	const char *name;    /* of the interface; "": none */
	const char *key;
	bool list;
	const struct config_value *value;
};

struct printer {
	FILE *out;
	bool origin;
	bool any;
	char section[32], name[32]; /* where the last item was */
	void (*item)(struct printer *p, const struct item *i);
};

void show_place(const struct config_origin *where, char *buf, size_t size)
{
	const char *channel = config_channel_name(where->channel);

	if (where->file && where->line)
		snprintf(buf, size, "%s %s:%u", channel, where->file, where->line);
	else if (where->file)
		snprintf(buf, size, "%s %s", channel, where->file);
	else
		snprintf(buf, size, "%s", channel);
}

static void quote(FILE *out, const char *text)
{
	fputc('"', out);
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if ((unsigned char)*p < ' ' || *p == 0x7f)
			fprintf(out, "\\u%04x", *p);
		else
			fputc(*p, out);
	}
	fputc('"', out);
}

/* print_texts - one value, or a list of them. */
static void print_texts(const struct item *i, FILE *out)
{
	if (i->list)
		fputc('[', out);
	for (size_t k = 0; k < i->value->n; k++) {
		if (k)
			fputs(", ", out);
		quote(out, i->value->texts[k]);
	}
	if (i->list)
		fputc(']', out);
}

/* enter - the lines that lead to an item, as far as the one before did not have them. */
static void enter(struct printer *p, const struct item *i)
{
	if (strcmp(p->section, i->section)) {
		snprintf(p->section, sizeof(p->section), "%s", i->section);
		p->name[0] = '\0';
		if (*i->section)
			fprintf(p->out, "%s:\n", i->section);
	}
	if (*i->name && !p->name[0])
		fputs("  interfaces:\n", p->out);
	if (strcmp(p->name, i->name)) {
		snprintf(p->name, sizeof(p->name), "%s", i->name);
		fputs("    ", p->out);
		quote(p->out, i->name);
		fputs(":\n", p->out);
	}
}

static void yaml_item(struct printer *p, const struct item *i)
{
	char place[160];

	enter(p, i);
	fprintf(p->out, "%s%s: ", *i->name ? "      " : *i->section ? "  " : "", i->key);
	print_texts(i, p->out);
	if (p->origin) {
		show_place(&i->value->origin, place, sizeof(place));
		fprintf(p->out, " # %s", place);
	}
	fputc('\n', p->out);
}

static void json_item(struct printer *p, const struct item *i)
{
	const struct config_origin *o = &i->value->origin;
	char key[200];

	snprintf(key, sizeof(key), "%s%s%s%s%s%s", i->section, *i->section ? "." : "",
		 *i->name ? "interfaces." : "", i->name, *i->name ? "." : "", i->key);
	fputs(p->any ? ",\n  {\"key\": " : "[\n  {\"key\": ", p->out);
	p->any = true;
	quote(p->out, key);
	fputs(", \"value\": ", p->out);
	print_texts(i, p->out);
	fputs(", \"channel\": ", p->out);
	quote(p->out, config_channel_name(o->channel));
	if (o->file) {
		fputs(", \"file\": ", p->out);
		quote(p->out, o->file);
	}
	if (o->line)
		fprintf(p->out, ", \"line\": %u", o->line);
	fputc('}', p->out);
}

static void walk_interface(const struct config_interface *in, struct printer *p)
{
	for (size_t k = 0; k < INTERFACE_KEYS; k++) {
		const struct config_row *row = &config_interface_rows[k];
		const struct item i = {"network", in->name, row->name, row->max > 1,
				       &in->values[k]};

		if (i.value->set)
			p->item(p, &i);
	}
}

/* The rows of the schema stand in the order of their sections, network last. */
static void walk(const struct config *c, struct printer *p)
{
	for (size_t k = 0; k < CONFIG_KEYS; k++) {
		const char *dot = strchr(config_rows[k].name, '.');
		char section[32] = "";
		const struct item i = {section, "", dot ? dot + 1 : config_rows[k].name,
				       config_rows[k].max > 1, &c->values[k]};

		if (dot)
			snprintf(section, sizeof(section), "%.*s", (int)(dot - config_rows[k].name),
				 config_rows[k].name);
		if (i.value->set)
			p->item(p, &i);
	}
	for (size_t k = 0; k < c->n_interfaces; k++)
		walk_interface(&c->interfaces[k], p);
	for (size_t k = 0; k < c->n_sysctls; k++) {
		const struct item i = {"sysctl", "", c->sysctls[k].name, false,
				       &c->sysctls[k].value};

		if (i.value->set)
			p->item(p, &i);
	}
}

void show_yaml(const struct config *c, bool origin, FILE *out)
{
	struct printer p = {.out = out, .origin = origin, .item = yaml_item};

	walk(c, &p);
}

void show_json(const struct config *c, FILE *out)
{
	struct printer p = {.out = out, .item = json_item};

	walk(c, &p);
	fputs(p.any ? "\n]\n" : "[]\n", out);
}
