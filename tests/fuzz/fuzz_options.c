/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_options.c: the command line, --user and the names of signals on arbitrary words.
 *
 * Words are separated by line ends. The verbs come from main.c itself, so a new one is tried too.
 * A user is understood exactly when it is UID or UID:GID in decimal (CVE-2026-30892).
 */
#define main cloison_main
#include "runtime/cli/main.c"
#undef main
#define table kill_table
#define values kill_values
#include "runtime/cli/kill.c"
#undef table
#undef values
#define set_user exec_set_user
#include "runtime/container/exec.c"
#undef set_user
#include "tests/fuzz/fuzz.h"

#define WORDS_MAX 128

/* inside - does the string at @p belong to one of the words? */
static bool inside(char *const *words, const char *p)
{
	for (size_t i = 0; words[i]; i++)
		if (p >= words[i] && p <= words[i] + strlen(words[i]))
			return true;
	return false;
}

static void check_values(const struct option *o, const void *values, char *const *words)
{
	const void *at = (const char *)values + o->offset;
	const struct option_list *list = at;

	switch (o->kind) {
	case OPTION_STRING:
		REQUIRE(!*(const char *const *)at || inside(words, *(const char *const *)at));
		break;
	case OPTION_LIST:
		REQUIRE(list->n <= OPTION_LIST_MAX && !list->values[list->n]);
		for (size_t i = 0; i < list->n; i++)
			REQUIRE(inside(words, list->values[i]));
		break;
	default:
		break;
	}
}

static void check_table(const struct option *table, size_t n, char **words, size_t n_words)
{
	static _Alignas(16) char values[VERB_VALUES_MAX];
	struct error err = ERROR_INIT;
	bool help;
	int used;

	memset(values, 0, sizeof(values));
	used = options_parse(table, n, words, values, &help, &err);
	if (used < 0) {
		REQUIRE(err.what[0]);
		return;
	}
	REQUIRE((size_t)used <= n_words);
	for (size_t i = 0; i < n; i++)
		check_values(&table[i], values, words);
}

static bool is_number(const char *s, size_t len, unsigned long long *v)
{
	*v = 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*v = *v * 10 + (unsigned long long)(s[i] - '0');
	}
	return len > 0 && len <= 10 && *v < UINT32_MAX;
}

static void check_user(const char *text)
{
	const char *colon = strchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	unsigned long long uid, gid = 4711;
	bool good = is_number(text, len, &uid) &&
		    (!colon || is_number(colon + 1, strlen(colon + 1), &gid));
	struct process_plan p = {.uid = 42, .gid = 4711};
	struct error err = ERROR_INIT;

	if (exec_set_user(&p, text, &err) == 0)
		REQUIRE(good && p.uid == uid && p.gid == gid);
	else
		REQUIRE(!good && err.what[0] && p.uid == 42 && p.gid == 4711);
}

static void check_signal(const char *text)
{
	struct error err = ERROR_INIT;
	int sig = 0;

	if (parse_signal(text, &sig, &err) == 0)
		REQUIRE(sig >= 0 && sig <= 64);
	else
		REQUIRE(err.what[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text;
	char *words[WORDS_MAX + 1] = {NULL};
	struct error err = ERROR_INIT;
	size_t n = 0;

	while (rest && n < WORDS_MAX) {
		words[n++] = strsep(&rest, "\n");
		check_user(words[n - 1]);
		check_signal(words[n - 1]);
		if (state_check_id(words[n - 1], &err) == 0)
			REQUIRE(!strchr(words[n - 1], '/') && words[n - 1][0] &&
				strcmp(words[n - 1], "."));
	}
	check_table(global_table, ARRAY_SIZE(global_table), words, n);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		check_table(verbs[i]->options, verbs[i]->n_options, words, n);
	free(text);
	return 0;
}
