/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_services.c: files of services.d on arbitrary bytes, and the needs between them.
 *
 * The input is cut at zero bytes into files, of services a, b, c and so on. Beyond not crashing: what is
 * complained about is bad and the other way round, all words lie in the definition's own text, values are
 * in their bounds, and the order of starting is one: whoever is not refused comes after all it needs.
 */
#include "tests/fuzz/fuzz.h"

#include "init/conditions.h"
#include "init/notify.h"
#include "init/servicedef.h"

static struct service_def defs[SERVICES_MAX];

static void complain(void *context, unsigned int line, const char *key, const char *why)
{
	unsigned int *count = context;

	REQUIRE(line <= SERVICE_FILE_BYTES && why[0]);
	for (const char *c = key; *c; c++)
		REQUIRE(*c > ' ' && *c < 0x7f);
	(*count)++;
}

static void told(void *context, size_t i, const char *why)
{
	bool *heard = context;

	REQUIRE(!heard[i] && !defs[i].bad && strlen(why) < 2048);
	heard[i] = true;
}

static void check_words(const struct service_def *d, char *const *words, size_t max)
{
	size_t n = 0;

	for (; words[n]; n++) {
		REQUIRE(n < max && words[n] >= d->text);
		REQUIRE(words[n] + strlen(words[n]) < d->text + sizeof(d->text));
	}
}

static void check(const struct service_def *d)
{
	check_words(d, d->argv, SERVICE_WORDS);
	check_words(d, d->environment, SERVICE_ENVIRONMENT);
	check_words(d, d->needs, SERVICE_NEEDS);
	check_words(d, d->provides, SERVICE_PROVIDES);
	if (d->bad)
		return;
	REQUIRE(d->path && d->path[0] == '/' && d->argv[0]);
	REQUIRE(d->start_timeout_ms > 0 && d->start_timeout_ms <= SERVICE_TIME_MAX_MS);
	REQUIRE(d->stop_timeout_ms > 0 && d->stop_timeout_ms <= SERVICE_TIME_MAX_MS);
	REQUIRE(d->memory_bytes == 0 || d->memory_bytes >= SERVICE_MEMORY_MIN);
	REQUIRE(d->uid != UINT32_MAX && d->gid != UINT32_MAX && !d->ends_system);
	for (size_t i = 0; d->needs[i]; i++)
		REQUIRE(servicedef_name_ok(d->needs[i], strlen(d->needs[i])));
}

static void check_order(const struct conditions *c)
{
	size_t place[SERVICES_MAX];
	bool seen[SERVICES_MAX] = {false};

	for (size_t i = 0; i < c->count; i++) {
		REQUIRE(c->order[i] < c->count && !seen[c->order[i]]);
		seen[c->order[i]] = true;
		place[c->order[i]] = i;
	}
	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < c->of[i].need_count && !c->of[i].refused; k++) {
			REQUIRE(!c->of[c->of[i].needs[k]].refused);
			REQUIRE(place[c->of[i].needs[k]] < place[i]);
		}
}

static void check_notify(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	char name[SERVICE_NAME_MAX + 1];

	(void)notify_parse((const char *)data, size);
	if (notify_cgroup_service(text, name))
		REQUIRE(servicedef_name_ok(name, strlen(name)));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct service_def *list[SERVICES_MAX];
	bool heard[SERVICES_MAX] = {false};
	struct conditions c;
	size_t count = 0;

	check_notify(data, size);
	while (size > 0 && count < SERVICES_MAX) {
		char name[] = {(char)('a' + count % 26), count < 26 ? '\0' : '2', '\0'};
		size_t before = size;
		char *text = fuzz_part(&data, &size);
		unsigned int complaints = 0;

		servicedef_defaults(&defs[count], name);
		servicedef_parse(&defs[count], text, strnlen(text, before), complain, &complaints);
		REQUIRE(defs[count].bad == (complaints > 0));
		check(&defs[count]);
		list[count] = &defs[count];
		count++;
		free(text);
	}
	conditions_link(&c, list, count, told, heard);
	for (size_t i = 0; i < count; i++)
		REQUIRE(c.of[i].refused || !heard[i]);
	check_order(&c);
	return 0;
}
