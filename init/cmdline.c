/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmdline.c: the kernel command line, PID 1's only input before services run.
 *
 * Words are divided by white space; double quotes hold white space together and are taken off, as
 * the kernel does with its own parameters (lib/cmdline.c, next_arg). Words of others pass
 * unnoticed: only `cloison.NAME=VALUE` is ours. Everything has a bound, nothing is allocated and
 * no function here makes a system call, so the same code runs under the unit tests and a fuzzer.
 */
#include "init/cmdline.h"

#include <string.h>

/* A word as found in the text: still with its quotes. */
struct word {
	const char *text;
	size_t len;
};

static const char prefix[] = "cloison.";
#define PREFIX_LEN (sizeof(prefix) - 1)

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.';
}

static const char *set_bool(bool *to, const char *value)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return "the value must be 0 or 1";
	*to = value[0] == '1';
	return NULL;
}

/* is_hostname - labels of letters, digits and inner hyphens, joined by dots (RFC 952, 1123). */
static bool is_hostname(const char *s)
{
	char before = '.';

	for (; *s; s++) {
		if (!is_name_char(*s))
			return false;
		if (before == '.' && (*s == '.' || *s == '-'))
			return false;
		if (before == '-' && *s == '.')
			return false;
		before = *s;
	}
	return before != '.' && before != '-';
}

static const char *set_hostname(struct cmdline *c, const char *value)
{
	size_t len = strlen(value);

	if (len > CMDLINE_HOSTNAME_MAX)
		return "a host name has at most 64 characters";
	if (!is_hostname(value))
		return "not a host name";
	memcpy(c->hostname, value, len + 1);
	return NULL;
}

static const char *set_shell(struct cmdline *c, const char *value)
{
	return set_bool(&c->shell, value);
}

static const char *set_phases(struct cmdline *c, const char *value)
{
	return set_bool(&c->phases, value);
}

static const char *set_manifest(struct cmdline *c, const char *value)
{
	static const char *const names[] = {
		[MANIFEST_REBOOT] = "reboot", [MANIFEST_HALT] = "halt", [MANIFEST_WARN] = "warn"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		c->manifest = (enum cmdline_manifest)i;
		return NULL;
	}
	return "the value must be reboot, halt or warn";
}

static const char *set_watchdog(struct cmdline *c, const char *value)
{
	unsigned int seconds = 0;

	for (const char *v = value; *v; v++) {
		if (*v < '0' || *v > '9')
			return "not a number of seconds";
		seconds = seconds * 10 + (unsigned int)(*v - '0');
		if (seconds > CMDLINE_WATCHDOG_MAX_S)
			return "more than 3600 seconds";
	}
	if (!*value)
		return "not a number of seconds";
	c->watchdog_s = seconds;
	return NULL;
}

static const char *set_mask(struct cmdline *c, const char *value)
{
	for (const char *v = value; *v; v++)
		if (!is_name_char(*v) && *v != '_' && *v != ',')
			return "not names of services, with commas between them";
	if (!*value || strlen(value) >= sizeof(c->mask))
		return "must have from 1 to 255 characters";
	memcpy(c->mask, value, strlen(value) + 1);
	return NULL;
}

bool cmdline_masks(const struct cmdline *c, const char *service)
{
	size_t len = strlen(service);

	for (const char *m = c->mask; *m; m += strspn(m, ",")) {
		size_t n = strcspn(m, ",");

		if (n == len && memcmp(m, service, n) == 0)
			return true;
		m += n;
	}
	return false;
}

static const char *set_exec(struct cmdline *c, const char *value)
{
	size_t commas = 0;
	size_t n = 0;
	char *p;

	if (value[0] != '/')
		return "the path must begin with `/`";
	for (const char *v = value; *v; v++)
		commas += *v == ',';
	if (commas + 1 > CMDLINE_EXEC_ARGS)
		return "more than 16 words to execute";

	/* A value is shorter than a word, so it fits. */
	memcpy(c->exec_text, value, strlen(value) + 1);
	for (p = c->exec_text; p; n++) {
		c->exec[n] = p;
		p = strchr(p, ',');
		if (p)
			*p++ = '\0';
	}
	c->exec[n] = NULL;
	return NULL;
}

/* Each returns NULL, or what is wrong with the value. */
static const struct {
	const char *name;
	const char *(*set)(struct cmdline *c, const char *value);
} parameters[] = {
	{"exec", set_exec},	    {"hostname", set_hostname}, {"manifest", set_manifest},
	{"mask", set_mask},	    {"phases", set_phases},	{"shell", set_shell},
	{"watchdog", set_watchdog},
};
#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

/*
 * Words of the host's configuration (runtime/config), which a service reads: so they are known, and right
 * or wrong it tells. A test holds the two lists together.
 */
static const char *const configuration[] = {
	"console", "data.create", "data.device", "dns",	   "ip",       "log",
	"ntp",	   "console",	  "projects",	 "search", "timezone", "vlan",
};

static bool is_configuration(const char *name)
{
	for (size_t i = 0; i < sizeof(configuration) / sizeof(configuration[0]); i++)
		if (strcmp(configuration[i], name) == 0)
			return true;
	return false;
}

/* next_word - take the next word off @text; false at the end. */
static bool next_word(struct word *text, struct word *word)
{
	bool quoted = false;
	size_t begin = 0;
	size_t end;

	while (begin < text->len && is_space(text->text[begin]))
		begin++;
	for (end = begin; end < text->len && (quoted || !is_space(text->text[end])); end++)
		if (text->text[end] == '"')
			quoted = !quoted;
	word->text = text->text + begin;
	word->len = end - begin;
	text->text += end;
	text->len -= end;
	return word->len > 0;
}

/* is_ours - does @word begin with `cloison.`, an opening quote aside? */
static bool is_ours(const struct word *word)
{
	size_t quote = word->text[0] == '"';

	return word->len >= quote + PREFIX_LEN &&
	       memcmp(word->text + quote, prefix, PREFIX_LEN) == 0;
}

/* apply - follow one word of ours, given without quotes; NULL, or what is wrong. */
static const char *apply(struct cmdline *c, char *word)
{
	const char *name = word + PREFIX_LEN;
	char *equals = strchr(word, '=');

	if (equals)
		*equals = '\0';
	for (size_t i = 0; i < PARAMETERS; i++) {
		if (strcmp(parameters[i].name, name) != 0)
			continue;
		if (!equals)
			return "a value is missing";
		return parameters[i].set(c, equals + 1);
	}
	return is_configuration(name) ? NULL : "unknown";
}

void cmdline_defaults(struct cmdline *c)
{
	*c = (struct cmdline){.hostname = "cloison",
			      .shell = true,
			      .watchdog_s = CMDLINE_WATCHDOG_S};
}

void cmdline_parse(struct cmdline *c, const char *text, size_t len, cmdline_warning warn,
		   void *context)
{
	struct word rest = {text, len};
	struct word word;

	while (next_word(&rest, &word)) {
		char plain[CMDLINE_WORD_MAX];
		size_t n = 0;
		const char *why = NULL;

		if (!is_ours(&word))
			continue;
		for (size_t i = 0; i < word.len && !why; i++) {
			if (word.text[i] == '"')
				continue;
			if (word.text[i] == '\0')
				why = "it holds a NUL byte";
			else if (n == sizeof(plain) - 1)
				why = "longer than 511 bytes";
			else
				plain[n++] = word.text[i];
		}
		plain[n] = '\0';
		if (!why)
			why = apply(c, plain);
		if (why)
			warn(context, word.text, word.len, why);
	}
}

void cmdline_printable(const char *word, size_t len, char *buf, size_t size)
{
	bool cut = len > size - 1;
	size_t n = cut ? size - 1 : len;

	for (size_t i = 0; i < n; i++)
		buf[i] = word[i] >= ' ' && word[i] < 0x7f ? word[i] : '?';
	if (cut && n >= 3)
		memcpy(buf + n - 3, "...", 3);
	buf[n] = '\0';
}
