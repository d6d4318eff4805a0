/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.c: `stats`: what containers use, live or once.
 *
 * The supervisor sends the counters of all of them each second. A share of the processors is the difference between
 * two of them, so the first print comes with the second answer. On a terminal the table is drawn again in its place;
 * elsewhere each comes after the other.
 */
#include <sys/sysinfo.h>

#include "runtime/cli/native/common.h"

struct values {
	bool all, no_stream, no_trunc, json;
	const char *format;
};

static const struct option table[] = {
	{"all", 'a', OPTION_FLAG, offsetof(struct values, all), NULL,
	 "all, not only those that run"},
	{"no-stream", 0, OPTION_FLAG, offsetof(struct values, no_stream), NULL,
	 "print once, and end"},
	{"no-trunc", 0, OPTION_FLAG, offsetof(struct values, no_trunc), NULL, "print ids whole"},
	{"format", 0, OPTION_STRING, offsetof(struct values, format), "table|json|TEMPLATE",
	 "how to print: columns, JSON lines, or {{.Field}} and {{json .}}"},
	{"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "print one JSON document"},
};

static const struct output_column columns[] = {
	{"CONTAINER ID", "ID"},	  {"NAME", "Name"},
	{"CPU %", "CPUPerc"},	  {"MEM USAGE / LIMIT", "MemUsage"},
	{"MEM %", "MemPerc"},	  {"NET I/O", "NetIO"},
	{"BLOCK I/O", "BlockIO"}, {"PIDS", "PIDs"},
};

static double number(const struct json_object *from, const char *key)
{
	struct json_object *value = NULL;

	(void)json_object_object_get_ex(from, key, &value);
	return value ? json_object_get_double(value) : 0;
}

static void put_percent(struct tree *t, struct json_object *row, const char *field, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.2f%%", value);
	tree_put_text(t, row, field, text);
}

static void put_two(struct tree *t, struct json_object *row, const char *field, double first,
		    double second, enum output_units units)
{
	char a[32], b[32], text[80];

	snprintf(text, sizeof(text), "%s / %s", output_size(first, units, a, sizeof(a)),
		 output_size(second, units, b, sizeof(b)));
	tree_put_text(t, row, field, text);
}

/* limit_of - a container without one has the host's memory. */
static double limit_of(const struct json_object *from)
{
	double limit = number(from, "memory_limit");
	struct sysinfo host;

	if (limit >= 0 || native_is_remote() || sysinfo(&host) < 0)
		return limit >= 0 ? limit : 0;
	return (double)host.totalram * host.mem_unit;
}

/* cpu_percent - of one processor, since @before, an answer of the supervisor. */
static double cpu_percent(const struct json_object *from, const struct json_object *before)
{
	struct json_object *list = tree_get(before, "containers", json_type_array);
	const char *id = tree_text(from, "id");

	for (size_t i = 0; id && list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		const char *other = tree_text(one, "id");
		double ns = number(from, "time_ns") - number(one, "time_ns");

		if (other && !strcmp(id, other) && ns > 0)
			return (number(from, "cpu_usec") - number(one, "cpu_usec")) * 1e5 / ns;
	}
	return 0;
}

static struct json_object *make_row(struct tree *t, const struct json_object *from,
				    const struct json_object *before, bool no_trunc)
{
	struct json_object *row = json_object_new_object();
	const char *id = tree_text(from, "id"), *name = tree_text(from, "name");
	double memory = number(from, "memory"), limit = limit_of(from);
	char text[32];

	if (!row)
		return NULL;
	tree_put_text(t, row, "Container", id ? id : "");
	snprintf(text, sizeof(text), "%.*s", SHORT_ID, id ? id : "");
	tree_put_text(t, row, "ID", no_trunc && id ? id : text);
	tree_put_text(t, row, "Name", name ? name : "");
	put_percent(t, row, "CPUPerc", cpu_percent(from, before));
	put_two(t, row, "MemUsage", memory, limit, UNITS_BINARY);
	put_percent(t, row, "MemPerc", limit > 0 ? memory * 100 / limit : 0);
	put_two(t, row, "NetIO", number(from, "net_rx"), number(from, "net_tx"), UNITS_DECIMAL);
	put_two(t, row, "BlockIO", number(from, "block_read"), number(from, "block_write"),
		UNITS_DECIMAL);
	snprintf(text, sizeof(text), "%jd", (intmax_t)number(from, "pids"));
	tree_put_text(t, row, "PIDs", text);
	return row;
}

static int print(const struct json_object *frame, const struct json_object *before,
		 const struct values *v, bool redraw, struct error *err)
{
	struct json_object *list = tree_get(frame, "containers", json_type_array);
	_cleanup_json_ struct json_object *rows = json_object_new_array();
	struct tree tree = {.lost = !rows};

	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		tree_add(&tree, rows,
			 make_row(&tree, json_object_array_get_idx(list, i), before, v->no_trunc));
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot print");
	if (redraw)
		fputs("\033[H\033[J", stdout); /* to the top, and clear from there */
	return output_rows(stdout, rows, columns, ARRAY_SIZE(columns), v->format, v->json, err);
}

static struct json_object *make_request(const struct values *v, char **argv, struct error *err)
{
	_cleanup_json_ struct json_object *request = json_object_new_object();
	struct tree tree = {.lost = !request};

	tree_put_bool(&tree, request, "stream", true);
	tree_put_bool(&tree, request, "all", v->all);
	tree_put(&tree, request, "containers", text_array(argv));
	if (!tree.lost)
		return take_ptr(request);
	error_set(err, ENOMEM, "cannot make a request");
	return NULL;
}

static int stats(const void *values, char **argv, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	const struct values *v = values;
	_cleanup_json_ struct json_object *before = NULL, *now = NULL;
	struct json_object *request = make_request(v, argv, err);
	bool redraw = !v->no_stream && !v->json && !v->format && isatty(STDOUT_FILENO);

	if (!request || native_need(&client, err) < 0) {
		json_object_put(request);
		return -1;
	}
	for (now = native_request(&client, "stats", request, err); now;
	     now = native_receive_answer(&client, err)) {
		bool counters = tree_get(now, "containers", json_type_array);

		if (counters && before && print(now, before, v, redraw, err) < 0)
			return -1;
		if (tree_true(now, "end") || (counters && before && v->no_stream))
			return 0;
		if (!counters) {
			json_free(&now);
			continue;
		}
		json_free(&before);
		before = take_ptr(now);
	}
	return -1;
}

const struct native_verb native_stats = {
	.name = "stats",
	.arguments = "[CONTAINER...]",
	.summary = "print what containers use, again each second",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 0,
	.max_args = -1,
	.run = stats,
};
