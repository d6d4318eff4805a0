/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * common.c: what the native verbs share: requests about one container or several, and the ways in which Docker's
 * users write sizes, times and filters.
 */
#include "runtime/cli/native/common.h"

#include <math.h>
#include <strings.h>

struct json_object *request_for(const char *container, struct error *err)
{
	struct json_object *request = json_object_new_object();
	struct tree tree = {0};

	tree_put_text(&tree, request, "container", container);
	if (!tree.lost)
		return request;
	json_object_put(request);
	error_set(err, ENOMEM, "cannot make a request");
	return NULL;
}

struct json_object *ask(const char *verb, struct json_object *object, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;

	if (native_need(&client, err) < 0) {
		json_object_put(object);
		return NULL;
	}
	return native_request(&client, verb, object, err);
}

static int do_one(struct native_client *client, const char *verb, const char *name,
		  fill_request *fill, const void *values, struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(name, err), *answer = NULL;

	if (!request || (fill && fill(request, values, err) < 0))
		return -1;
	answer = native_request(client, verb, take_ptr(request), err);
	return answer ? 0 : -1;
}

/* is_absent - by what the supervisor says, which has no number for it. */
static bool is_absent(const struct error *err)
{
	return strstr(err->what, "no such container");
}

int for_each(const char *verb, char **names, fill_request *fill, const void *values,
	     struct error *err)
{
	return for_each_known(verb, names, fill, values, false, err);
}

int for_each_known(const char *verb, char **names, fill_request *fill, const void *values,
		   bool absent_ok, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	bool failed = false;

	if (native_need(&client, err) < 0)
		return -1;
	for (; *names; names++) {
		struct error one = ERROR_INIT;

		if (do_one(&client, verb, *names, fill, values, &one) == 0) {
			puts(*names);
			continue;
		}
		if (absent_ok && is_absent(&one))
			continue;
		if (failed)
			error_print(err, "cloison", STDERR_FILENO);
		failed = true;
		*err = one;
	}
	return failed ? -1 : 0;
}

struct json_object *text_array(char *const *texts)
{
	struct json_object *array = json_object_new_array();
	struct tree tree = {0};

	for (; texts && *texts; texts++)
		tree_add_text(&tree, array, *texts);
	if (!tree.lost)
		return array;
	json_object_put(array);
	return NULL;
}

int parse_integer(const char *option, const char *text, int64_t least, int64_t *value,
		  struct error *err)
{
	long long n;
	char *end;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || end == text || *end || n < least)
		return error_set(err, EINVAL, "option --%s: `%s`", option, text);
	*value = n;
	return 0;
}

const char *parse_decimal(const char *text, double *value)
{
	size_t length = strspn(text, "0123456789.");
	char *end;

	*value = strtod(text, &end);
	return length && end == text + length && isfinite(*value) ? end : NULL;
}

int parse_bytes(const char *option, const char *text, int64_t *bytes, struct error *err)
{
	static const char units[] = "bkmgtp";
	double n, factor = 1;
	const char *unit, *end = parse_decimal(text, &n);

	if (!end)
		return error_set(err, EINVAL, "option --%s: `%s` is no size", option, text);
	unit = *end ? strchr(units, *end | 0x20) : units;
	if (!unit)
		return error_set(err, EINVAL, "option --%s: `%s` is no size", option, text);
	for (const char *u = units; u < unit; u++)
		factor *= 1024;
	if (*end && strcmp(end + 1, "") != 0 && strcasecmp(end + 1, "b") != 0 &&
	    strcasecmp(end + 1, "ib") != 0)
		return error_set(err, EINVAL, "option --%s: `%s` is no size", option, text);
	if (n * factor >= 9e18)
		return error_set(err, ERANGE, "option --%s: `%s`", option, text);
	*bytes = (int64_t)(n * factor);
	return 0;
}

int parse_duration(const char *option, const char *text, int64_t plain_ms, int64_t *ms,
		   struct error *err)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = {{"ms", 1},	     {"us", 0.001}, {"ns", 0.000001},
		     {"h", 3600000}, {"m", 60000},  {"s", 1000}};
	double total = 0;
	const char *p = text;

	if (!*p)
		return error_set(err, EINVAL, "option --%s: `%s` is no duration", option, text);
	while (*p) {
		double n;
		const char *end = parse_decimal(p, &n);
		size_t i = 0;

		if (!end)
			return error_set(err, EINVAL, "option --%s: `%s` is no duration", option,
					 text);
		if (!*end && p == text && plain_ms) {
			total = n * (double)plain_ms;
			break;
		}
		while (i < ARRAY_SIZE(units) && strncmp(end, units[i].name, strlen(units[i].name)))
			i++;
		if (i == ARRAY_SIZE(units)) {
			error_set(err, EINVAL, "option --%s: `%s` is no duration", option, text);
			return error_hint(err, "as in 30s, 1m30s, 500ms");
		}
		total += n * units[i].ms;
		p = end + strlen(units[i].name);
	}
	if (total >= 9e15)
		return error_set(err, ERANGE, "option --%s: `%s`", option, text);
	*ms = (int64_t)total;
	return 0;
}

int parse_moment(const char *option, const char *text, char *buf, size_t size, struct error *err)
{
	struct timespec now;
	int64_t ms = 0;

	if (strchr(text, 'T') || strspn(text, "0123456789.") == strlen(text)) {
		if (!*text || (strchr(text, 'T') && output_time(text) < 0))
			return error_set(err, EINVAL, "option --%s: `%s` is no time", option, text);
		snprintf(buf, size, "%s", text);
		return 0;
	}
	if (parse_duration(option, text, 0, &ms, err) < 0)
		return error_hint(err,
				  "2026-11-24T08:00:00Z, seconds since 1970, or how long ago: 10m");
	clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - ms;
	snprintf(buf, size, "%jd.%03d", (intmax_t)(ms / 1000), (int)(ms % 1000));
	return 0;
}

struct json_object *parse_filters(const struct option_list *list, struct error *err)
{
	_cleanup_json_ struct json_object *filters = json_object_new_object();
	struct tree tree = {.lost = !filters};

	for (size_t i = 0; !tree.lost && i < list->n; i++) {
		char *equal = strchr(list->values[i], '=');

		if (!equal || equal == list->values[i]) {
			error_set(err, EINVAL, "option --filter: `%s` is not KEY=VALUE",
				  list->values[i]);
			return NULL;
		}
		*equal = '\0';
		tree_add_text(&tree, tree_need(&tree, filters, list->values[i], json_type_array),
			      equal + 1);
		*equal = '=';
	}
	if (!tree.lost)
		return take_ptr(filters);
	error_set(err, ENOMEM, "cannot make a request");
	return NULL;
}
