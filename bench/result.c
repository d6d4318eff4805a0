/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.c: what is concluded from samples, straight in the JSON document, and the document in a file.
 */
#include "bench/result.h"

#include "bench/journal.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <time.h>

static const char *const lists[] = {
	"systems", "scenarios",	 "summaries", "ratios", "curves",  "papers",
	"memory",  "supervisor", "claims",    "proof",	"threats",
};

json_object *json_number(double v)
{
	return isfinite(v) ? json_object_new_double(v) : NULL;
}

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "cannot keep the results");
}

int results_open(struct results *r, uint64_t seed, const char *mode, struct error *err)
{
	char id[64], when[32];
	time_t now = time(NULL);
	struct tm tm;

	*r = (struct results){.doc = json_object_new_object(), .journal = FD_EMPTY};
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
	journal_close(r);
	json_object_put(r->doc);
	free(r->samples);
	for (size_t i = 0; i < r->name_count; i++)
		free(r->names[i]);
	free(r->names);
	*r = (struct results){.journal = FD_EMPTY};
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

int results_list_add(struct results *r, const char *name, json_object *item, struct error *err)
{
	json_object *list = results_list(r, name);

	if (item && list && json_object_array_add(list, item) == 0)
		return 0;
	json_object_put(item);
	return no_memory(err);
}

/* outliers - how many values are far out by the modified z; none is ever left out for it. */
static size_t outliers(const double *v, size_t n)
{
	double middle = n ? stats_median(v, n) : NAN, mad = n ? stats_mad(v, n) : NAN;
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += fabs(stats_modified_z(v[i], middle, mad)) > STATS_OUTLIER_Z;
	return count;
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
	if (n >= STATS_P99_VALUES) {
		struct interval p99 = stats_quantile_ci(v, n, 0.99, RESULT_LEVEL);

		json_object_object_add(o, "p99", json_number(p99.point));
		json_object_object_add(o, "p99_low", json_number(p99.low));
		json_object_object_add(o, "p99_high", json_number(p99.high));
	}
	json_object_object_add(o, "outliers", json_object_new_uint64(outliers(v, n)));
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
	return results_list_add(r, "summaries", o, err);
}

/*
 * add_censored - to the last summary: the median with failures as times that are only known to be
 * longer than the failed start lasted; null when half the starts are not known to have ended.
 */
static int add_censored(struct results *r, const char *scenario, const char *system,
			sample_field field, struct error *err)
{
	_cleanup_free_ struct lifetime *t = calloc(r->count + 1, sizeof(*t));
	_cleanup_free_ struct survival *left = calloc(r->count + 1, sizeof(*left));
	json_object *list = results_list(r, "summaries");
	json_object *o = json_object_array_get_idx(list, json_object_array_length(list) - 1);
	size_t n = 0, steps;

	if (!t || !left)
		return no_memory(err);
	for (size_t i = 0; i < r->count; i++) {
		const struct sample *s = &r->samples[i];
		bool bad = s->outcome != OUTCOME_OK;
		int64_t v = bad ? s->exit_ns : field(s);

		if (strcmp(s->scenario, scenario) == 0 && strcmp(s->system, system) == 0 &&
		    (bad || v != NOT_MEASURED))
			t[n++] = (struct lifetime){bad && v == NOT_MEASURED ? 0 : (double)v, bad};
	}
	steps = stats_kaplan_meier(t, n, left);
	json_object_object_add(o, "p50_censored",
			       json_number(stats_survival_quantile(left, steps, 0.5)));
	return 0;
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
	if (results_summarise_data(r, scenario, system, metric, unit, d, n, failed, rng, err))
		return -1;
	return failed ? add_censored(r, scenario, system, field, err) : 0;
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
	return results_list_add(r, "ratios", o, err);
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
	ratio = stats_paired_ratio(a, na, b, nb, RESULT_RATIO_LEVEL, rng, &blocks);
	if (out)
		*out = ratio;
	if (isnan(ratio.point))
		return 0;
	return add_ratio(r, scenario, metric, of, to, rung, ratio, RESULT_RATIO_INTERVAL, blocks,
			 NAN, err);
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

/* note_ratio - a claim about a ratio says of how many blocks it is, and of which scenario. */
static void note_ratio(struct results *r, json_object *claim, double value)
{
	json_object *list = results_list(r, "ratios");

	for (size_t i = json_object_array_length(list); i-- > 0;) {
		json_object *ratio = json_object_array_get_idx(list, i), *v = NULL;
		double is = json_object_object_get_ex(ratio, "ratio", &v)
				    ? json_object_get_double(v)
				    : NAN;

		if (!(is >= value && is <= value))
			continue;
		json_object_object_get_ex(ratio, "blocks", &v);
		json_object_object_add(claim, "n", json_object_get(v));
		json_object_object_get_ex(ratio, "scenario", &v);
		json_object_object_add(claim, "scenario", json_object_get(v));
		return;
	}
}

int results_claim(struct results *r, const char *text, struct interval value, const char *interval,
		  const char *target, const char *verdict, struct error *err)
{
	json_object *o = json_object_new_object();

	if (!o)
		return no_memory(err);
	note_ratio(r, o, value.point);
	json_object_object_add(o, "text", json_object_new_string(text));
	json_object_object_add(o, "value", json_number(value.point));
	json_object_object_add(o, "low", json_number(value.low));
	json_object_object_add(o, "high", json_number(value.high));
	json_object_object_add(o, "interval", json_object_new_string(interval));
	json_object_object_add(o, "target", json_object_new_string(target));
	json_object_object_add(o, "verdict", json_object_new_string(verdict));
	return results_list_add(r, "claims", o, err);
}

json_object *results_curve(struct results *r, const char *scenario, const char *system,
			   const char *x, const char *y, const char *unit, struct error *err)
{
	json_object *o = json_object_new_object();

	if (!o) {
		no_memory(err);
		return NULL;
	}
	json_object_object_add(o, "scenario", json_object_new_string(scenario));
	json_object_object_add(o, "system", json_object_new_string(system));
	json_object_object_add(o, "x", json_object_new_string(x));
	json_object_object_add(o, "y", json_object_new_string(y));
	json_object_object_add(o, "unit", json_object_new_string(unit));
	json_object_object_add(o, "points", json_object_new_array());
	json_object_object_add(o, "slope", NULL);
	json_object_object_add(o, "ended", NULL);
	return results_list_add(r, "curves", o, err) ? NULL : o;
}

int results_curve_point(json_object *curve, const struct curve_point *p, struct error *err)
{
	const struct {
		const char *name;
		double v;
	} members[] = {{"x", p->x},	      {"p50", p->value.point},
		       {"low", p->value.low}, {"high", p->value.high},
		       {"p95", p->p95},	      {"p99", p->p99},
		       {"rate", p->rate}};
	json_object *o = json_object_new_object();

	if (!o || json_object_array_add(json_object_object_get(curve, "points"), o) < 0) {
		json_object_put(o);
		return no_memory(err);
	}
	json_object_object_add(o, "n", json_object_new_uint64(p->n));
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (isfinite(members[i].v))
			json_object_object_add(o, members[i].name,
					       json_object_new_double(members[i].v));
	return 0;
}

void results_curve_slope(json_object *curve, struct interval slope)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "point", json_number(slope.point));
	json_object_object_add(o, "low", json_number(slope.low));
	json_object_object_add(o, "high", json_number(slope.high));
	json_object_object_add(curve, "slope", o);
}

int results_text(struct results *r, const char *list, const char *line, struct error *err)
{
	return results_list_add(r, list, json_object_new_string(line), err);
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

		if (n < 0 && errno != EINTR) {
			error_set(err, errno, "cannot write `%s`", temporary);
			goto fail;
		}
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	if (fdatasync(fd) < 0 && errno != EINVAL && errno != EROFS) {
		error_set(err, errno, "cannot write `%s`", temporary);
		goto fail;
	}
	if (rename(temporary, path) == 0)
		return 0;
	error_set(err, errno, "cannot rename to `%s`", path);
fail:
	/* What was there before stays; half a file beside it would only take room. */
	unlink(temporary);
	return -1;
}

int results_put_samples(struct results *r, struct error *err)
{
	json_object_object_del(r->doc, "samples");
	for (size_t i = 0; i < r->count; i++)
		if (results_list_add(r, "samples", sample_json(&r->samples[i]), err))
			return -1;
	return 0;
}

int results_write(struct results *r, const char *path, struct error *err)
{
	size_t len;
	const char *text;

	if (results_put_samples(r, err))
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
