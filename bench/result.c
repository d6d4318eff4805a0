/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.c: samples in memory, everything else straight in the JSON document.
 */
#include "bench/result.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <time.h>

static const char *const lists[] = {
	"systems", "scenarios", "summaries", "ratios", "memory", "claims", "proof", "threats",
};

json_object *json_number(double v)
{
	return isfinite(v) ? json_object_new_double(v) : NULL;
}

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "cannot keep the results");
}

int64_t sample_ready(const struct sample *s)
{
	return s->ready_ns;
}

int64_t sample_exit(const struct sample *s)
{
	return s->exit_ns;
}

int64_t sample_cpu(const struct sample *s)
{
	return s->cpu_ns;
}

int64_t sample_instructions(const struct sample *s)
{
	return s->instructions;
}

int results_open(struct results *r, uint64_t seed, const char *mode, struct error *err)
{
	char id[64], when[32];
	time_t now = time(NULL);
	struct tm tm;

	*r = (struct results){.doc = json_object_new_object()};
	if (!r->doc || !gmtime_r(&now, &tm))
		return no_memory(err);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(id, sizeof(id), "%s-%s-%llu", when, mode, (unsigned long long)seed);
	json_object_object_add(r->doc, "schema", json_object_new_int(RESULT_SCHEMA));
	json_object_object_add(r->doc, "run_id", json_object_new_string(id));
	json_object_object_add(r->doc, "seed", json_object_new_uint64(seed));
	json_object_object_add(r->doc, "mode", json_object_new_string(mode));
	json_object_object_add(r->doc, "interrupted", json_object_new_boolean(false));
	json_object_object_add(r->doc, "env", json_object_new_object());
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (!results_list(r, lists[i]))
			return no_memory(err);
	return 0;
}

void results_close(struct results *r)
{
	json_object_put(r->doc);
	free(r->samples);
	*r = (struct results){0};
}

json_object *results_list(struct results *r, const char *name)
{
	json_object *list = NULL;

	if (json_object_object_get_ex(r->doc, name, &list))
		return list;
	list = json_object_new_array();
	if (list)
		json_object_object_add(r->doc, name, list);
	return list;
}

/* list_add - append @item, which is taken over, also on failure. */
static int list_add(struct results *r, const char *name, json_object *item, struct error *err)
{
	json_object *list = results_list(r, name);

	if (item && list && json_object_array_add(list, item) == 0)
		return 0;
	json_object_put(item);
	return no_memory(err);
}

int results_add(struct results *r, const struct sample *s, struct error *err)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 1024;
		struct sample *more = realloc(r->samples, room * sizeof(*more));

		if (!more)
			return no_memory(err);
		r->samples = more;
		r->room = room;
	}
	r->samples[r->count++] = *s;
	return 0;
}

struct datum *results_data(const struct results *r, const char *scenario, const char *system,
			   sample_field field, size_t *n, size_t *failed)
{
	struct datum *d = calloc(r->count + 1, sizeof(*d));

	*n = *failed = 0;
	for (size_t i = 0; d && i < r->count; i++) {
		const struct sample *s = &r->samples[i];

		if (strcmp(s->scenario, scenario) != 0 || strcmp(s->system, system) != 0)
			continue;
		if (s->outcome != OUTCOME_OK)
			++*failed;
		else if (field(s) != NOT_MEASURED)
			d[(*n)++] = (struct datum){(double)field(s), s->block};
	}
	return d;
}

static void add_quantiles(json_object *o, const double *v, size_t n)
{
	static const struct {
		const char *name;
		double q;
	} quantiles[] = {{"min", 0},	{"p5", 0.05},  {"p25", 0.25}, {"p50", 0.5},
			 {"p75", 0.75}, {"p95", 0.95}, {"max", 1}};

	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
		json_object_object_add(o, quantiles[i].name,
				       n ? json_number(stats_quantile(v, n, quantiles[i].q))
					 : NULL);
	json_object_object_add(o, "mad", n ? json_number(stats_mad(v, n)) : NULL);
	json_object_object_add(o, "spread", n ? json_number(stats_spread(v, n)) : NULL);
}

int results_summarise_data(struct results *r, const char *scenario, const char *system,
			   const char *metric, const char *unit, const struct datum *d, size_t n,
			   size_t failed, struct rng *rng, struct error *err)
{
	struct interval ci = stats_median_ci(d, n, RESULT_LEVEL, rng);
	_cleanup_free_ double *v = calloc(n + 1, sizeof(*v));
	json_object *o = json_object_new_object();

	if (!v || !o) {
		json_object_put(o);
		return no_memory(err);
	}
	for (size_t i = 0; i < n; i++)
		v[i] = d[i].value;
	json_object_object_add(o, "scenario", json_object_new_string(scenario));
	json_object_object_add(o, "system", json_object_new_string(system));
	json_object_object_add(o, "metric", json_object_new_string(metric));
	json_object_object_add(o, "unit", json_object_new_string(unit));
	json_object_object_add(o, "n", json_object_new_uint64(n));
	json_object_object_add(o, "failed", json_object_new_uint64(failed));
	add_quantiles(o, v, n);
	json_object_object_add(o, "low", json_number(ci.low));
	json_object_object_add(o, "high", json_number(ci.high));
	json_object_object_add(o, "interval", json_object_new_string(RESULT_INTERVAL));
	return list_add(r, "summaries", o, err);
}

int results_summarise(struct results *r, const char *scenario, const char *system,
		      const char *metric, const char *unit, sample_field field, struct rng *rng,
		      struct error *err)
{
	size_t n, failed;
	_cleanup_free_ struct datum *d = results_data(r, scenario, system, field, &n, &failed);

	if (!d)
		return no_memory(err);
	if (n + failed == 0)
		return 0;
	return results_summarise_data(r, scenario, system, metric, unit, d, n, failed, rng, err);
}

/* add_ratio - append a ratio whose numbers are known; @spread may be NAN. */
static int add_ratio(struct results *r, const char *scenario, const char *metric, const char *of,
		     const char *to, const char *rung, struct interval ratio, const char *interval,
		     size_t blocks, double spread, struct error *err)
{
	json_object *o = json_object_new_object();

	if (!o)
		return no_memory(err);
	json_object_object_add(o, "scenario", json_object_new_string(scenario));
	json_object_object_add(o, "metric", json_object_new_string(metric));
	json_object_object_add(o, "of", json_object_new_string(of));
	json_object_object_add(o, "to", json_object_new_string(to));
	json_object_object_add(o, "ratio", json_number(ratio.point));
	json_object_object_add(o, "low", json_number(ratio.low));
	json_object_object_add(o, "high", json_number(ratio.high));
	json_object_object_add(o, "interval", json_object_new_string(interval));
	json_object_object_add(o, "blocks", json_object_new_uint64(blocks));
	json_object_object_add(o, "spread", json_number(spread));
	json_object_object_add(o, "rung", json_object_new_string(rung));
	return list_add(r, "ratios", o, err);
}

int results_ratio(struct results *r, const char *scenario, const char *metric, sample_field field,
		  const char *of, const char *to, const char *rung, struct rng *rng,
		  struct interval *out, struct error *err)
{
	size_t na, nb, failed, blocks;
	_cleanup_free_ struct datum *a = results_data(r, scenario, of, field, &na, &failed);
	_cleanup_free_ struct datum *b = results_data(r, scenario, to, field, &nb, &failed);
	struct interval ratio;

	if (!a || !b)
		return no_memory(err);
	ratio = stats_paired_ratio(a, na, b, nb, RESULT_LEVEL, rng, &blocks);
	if (out)
		*out = ratio;
	if (isnan(ratio.point))
		return 0;
	return add_ratio(r, scenario, metric, of, to, rung, ratio, RESULT_INTERVAL, blocks, NAN,
			 err);
}

const char *results_range_name(size_t n, char *buf, size_t size)
{
	snprintf(buf, size, "range of %zu runs", n);
	return buf;
}

int results_range_ratio(struct results *r, const char *scenario, const char *metric, const char *of,
			const char *to, const char *rung, const double *ratios, size_t n,
			struct interval *out, struct error *err)
{
	char name[32];

	*out = (struct interval){
		.point = stats_median(ratios, n),
		.low = stats_quantile(ratios, n, 0),
		.high = stats_quantile(ratios, n, 1),
	};
	return add_ratio(r, scenario, metric, of, to, rung, *out,
			 results_range_name(n, name, sizeof(name)), n, stats_spread(ratios, n),
			 err);
}

int results_claim(struct results *r, const char *text, struct interval value, const char *interval,
		  const char *target, const char *verdict, struct error *err)
{
	json_object *o = json_object_new_object();

	if (!o)
		return no_memory(err);
	json_object_object_add(o, "text", json_object_new_string(text));
	json_object_object_add(o, "value", json_number(value.point));
	json_object_object_add(o, "low", json_number(value.low));
	json_object_object_add(o, "high", json_number(value.high));
	json_object_object_add(o, "interval", json_object_new_string(interval));
	json_object_object_add(o, "target", json_object_new_string(target));
	json_object_object_add(o, "verdict", json_object_new_string(verdict));
	return list_add(r, "claims", o, err);
}

int results_text(struct results *r, const char *list, const char *line, struct error *err)
{
	return list_add(r, list, json_object_new_string(line), err);
}

/* put_count - member @key, left out when there is nothing to say. */
static void put_count(json_object *o, const char *key, int64_t v)
{
	if (v != NOT_MEASURED)
		json_object_object_add(o, key, json_object_new_int64(v));
}

static json_object *sample_json(const struct sample *s)
{
	static const char *const flags[] = {
		[OUTCOME_OK] = NULL, [OUTCOME_FAILED] = "failed", [OUTCOME_TIMEOUT] = "timeout"};
	json_object *o = json_object_new_object();

	if (!o)
		return NULL;
	json_object_object_add(o, "scenario", json_object_new_string(s->scenario));
	json_object_object_add(o, "system", json_object_new_string(s->system));
	put_count(o, "block", s->block);
	put_count(o, "order", s->order);
	put_count(o, "boot", s->boot);
	put_count(o, "invocation", s->invocation);
	put_count(o, "t0_ns", s->t0_ns);
	put_count(o, "ready_ns", s->ready_ns);
	put_count(o, "exit_ns", s->exit_ns);
	put_count(o, "cpu_ns", s->cpu_ns);
	put_count(o, "majflt", s->majflt);
	put_count(o, "instructions", s->instructions);
	json_object_object_add(o, "rc", json_object_new_int(s->rc));
	put_count(o, "steal_ticks", s->steal_ticks);
	put_count(o, "psi_us", s->psi_us);
	if (flags[s->outcome])
		json_object_object_add(o, "flag", json_object_new_string(flags[s->outcome]));
	if (s->error[0])
		json_object_object_add(o, "error", json_object_new_string(s->error));
	return o;
}

int write_whole(const char *path, const char *text, size_t len, struct error *err)
{
	char temporary[4096];
	_cleanup_fd_ int fd = FD_EMPTY;

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.new", path) >= sizeof(temporary))
		return error_set(err, ENAMETOOLONG, "cannot write `%s`", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(err, errno, "cannot create `%s`", temporary);
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return error_set(err, errno, "cannot write `%s`", temporary);
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	if (rename(temporary, path) < 0)
		return error_set(err, errno, "cannot rename to `%s`", path);
	return 0;
}

int results_write(struct results *r, const char *path, struct error *err)
{
	size_t len;
	const char *text;

	json_object_object_del(r->doc, "samples");
	for (size_t i = 0; i < r->count; i++)
		if (list_add(r, "samples", sample_json(&r->samples[i]), err))
			return -1;
	text = json_object_to_json_string_length(r->doc,
						 JSON_C_TO_STRING_PRETTY |
							 JSON_C_TO_STRING_PRETTY_TAB |
							 JSON_C_TO_STRING_NOSLASHESCAPE,
						 &len);
	if (!text)
		return no_memory(err);
	return write_whole(path, text, len, err);
}

json_object *results_read(const char *path, struct error *err)
{
	json_object *doc = json_object_from_file(path), *schema = NULL;

	if (!doc) {
		error_set(err, 0, "cannot read results from `%s`: %s", path,
			  json_util_get_last_err());
		return NULL;
	}
	if (!json_object_object_get_ex(doc, "schema", &schema) ||
	    json_object_get_int(schema) != RESULT_SCHEMA) {
		error_set(err, 0, "`%s` is not a result file of schema %d", path, RESULT_SCHEMA);
		json_object_put(doc);
		return NULL;
	}
	return doc;
}
