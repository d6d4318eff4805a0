/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * targets.c: one table of targets, each with the place in the results that answers it.
 *
 * The rows look things up by scenario, system and metric, so a target whose scenario was not run, or
 * whose system was skipped, says so instead of vanishing.
 */
#include "bench/targets.h"

#include "bench/view.h"

#include <math.h>
#include <string.h>

enum origin {
	FROM_RATIO,	 /* of system @system to @to */
	FROM_SUM,	 /* of the medians of @metric and @to */
	FROM_SUMMARY,	 /* the median */
	FROM_CURVE,	 /* the slope */
	FROM_DENSITY,	 /* member @metric of its entry in the list "density" */
	FROM_SUPERVISOR, /* member @metric of its row in the list "supervisor" */
};

static const struct target {
	const char *what, *target, *unit;
	double limit, scale; /* a value is multiplied by it first */
	enum origin source;
	const char *scenario, *system, *metric, *to;
	bool cgroups; /* only of a run with a cgroup for each container */
	bool below;   /* the limit itself is not met */
} targets[] = {
	{"OCI run + delete", "<= 1.3 x floor", "x", 1.3, 1, FROM_RATIO, "s02-start", "cloison",
	 "whole", "floor", true, false},
	{"OCI run + delete", "<= 0.3 x crun", "x", 0.3, 1, FROM_RATIO, "s02-start", "cloison",
	 "whole", "crun", true, false},
	{"OCI run + delete", "<= 0.1 x runc", "x", 0.1, 1, FROM_RATIO, "s02-start", "cloison",
	 "whole", "runc", true, false},
	{"native start, pooled network", "< 0.9 x floor", "x", 0.9, 1, FROM_RATIO, "s02-start",
	 "cloisond-pooled", "whole", "floor", true, true},
	{"exec into a running container", "<= 2.5 x floor", "x", 2.5, 1, FROM_RATIO, "s03-exec",
	 "cloison", "whole", "floor", false, false},
	{"start time per container running, counted", "<= 0.5 us", "us", 0.5, 1e-3, FROM_DENSITY,
	 "s11-density", "appliance", "slope_ns", NULL, false, false},
	{"the same on this host, by the clock", "<= 0.5 us", "us", 0.5, 1e-3, FROM_CURVE,
	 "s10-creation-vs-n", "cloison", "ready", NULL, false, false},
	{"peak RSS of the runtime", "<= 700 KiB", "KiB", 700, 1, FROM_SUMMARY, "s02-start",
	 "cloison", "peak RSS", NULL, false, false},
	{"smallest memory.max that starts", "<= 512 KiB", "KiB", 512, 1, FROM_SUMMARY, "s13-minram",
	 "appliance", "smallest memory.max", NULL, false, false},
	{"supervisor, per idle container", "<= 32 KiB", "KiB", 32, 1, FROM_SUPERVISOR, "s12-mem",
	 "cloison", "per_container_kb", NULL, false, false},
	{"user space in the image", "<= 1.5 MB", "MB", 1.5, 1024e-6, FROM_SUMMARY, "s24-image",
	 "appliance", "user space", NULL, false, false},
	{"kernel + initramfs", "<= 6 MiB", "MiB", 6, 1.0 / 1024, FROM_SUM, "s24-image", "appliance",
	 "kernel", "image", false, false},
	{"reset to init, microvm", "<= 0.37 x Debian's kernel", "x", 0.37, 1, FROM_RATIO,
	 "s22-icount", "qemu-microvm", "instructions", "debian-microvm", false, false},
	{"reset to init, q35", "<= 0.37 x Debian's kernel", "x", 0.37, 1, FROM_RATIO, "s22-icount",
	 "qemu-q35", "instructions", "debian-q35", false, false},
	{"smallest RAM for one container", "<= 48 MiB", "MiB", 48, 1, FROM_SUMMARY, "s13-minram",
	 "appliance", "smallest RAM", NULL, false, false},
};

const char *targets_scenario(size_t i)
{
	return i < ARRAY_SIZE(targets) ? targets[i].scenario : NULL;
}

static struct interval from(json_object *o, const char *point)
{
	return (struct interval){view_number(o, point), view_number(o, "low"),
				 view_number(o, "high")};
}

/* look_up - the value of a target; NAN when the document has none. @interval: what its ends are. */
static struct interval look_up(json_object *doc, const struct target *t, const char **interval)
{
	const char *const ratio[][2] = {{"scenario", t->scenario},
					{"of", t->system},
					{"to", t->to ? t->to : ""},
					{"metric", t->metric}};
	const char *const curve[][2] = {{"scenario", t->scenario},
					{"system", t->system},
					{"y", t->metric}};
	const char *const memory[][2] = {{"system", t->system}};
	json_object *o = NULL;

	switch (t->source) {
	case FROM_RATIO:
		o = view_find(doc, "ratios", ratio, ARRAY_SIZE(ratio));
		*interval = view_interval_name(o);
		return from(o, "ratio");
	case FROM_SUM:
		*interval = "";
		return (struct interval){
			view_number(view_summary(doc, t->scenario, t->system, t->metric), "p50") +
				view_number(view_summary(doc, t->scenario, t->system, t->to),
					    "p50"),
			NAN, NAN};
	case FROM_SUMMARY:
		o = view_summary(doc, t->scenario, t->system, t->metric);
		*interval = view_interval_name(o);
		return from(o, "p50");
	case FROM_CURVE:
		o = view_get(view_find(doc, "curves", curve, ARRAY_SIZE(curve)), "slope");
		if (!o)
			o = view_get(view_find(doc, "density", curve, 2), "slope_ns");
		break;
	case FROM_DENSITY:
		o = view_get(view_find(doc, "density", curve, 2), t->metric);
		break;
	case FROM_SUPERVISOR:
		o = view_get(view_find(doc, "supervisor", memory, 1), t->metric);
		break;
	}
	*interval = view_interval_name(o);
	return from(o, "point");
}

/* system_reason - why @id has no value, or "" when nothing is known against it. */
static const char *system_reason(json_object *doc, const char *id, char *buf, size_t size)
{
	const char *const match[][2] = {{"id", id}};
	json_object *s = view_find(doc, "systems", match, 1);

	buf[0] = '\0';
	if (!s)
		snprintf(buf, size, "this bench has no system %s", id);
	else if (view_get(s, "skip"))
		snprintf(buf, size, "%s: %.200s", id, view_text(s, "skip"));
	return buf;
}

/* failures - of a system that never started in the scenario of a target; 0 for others. */
static double failures(json_object *doc, const struct target *t, const char *system)
{
	json_object *s = view_summary(doc, t->scenario, system, "whole");

	return s && view_number(s, "n") <= 0 ? view_number(s, "failed") : 0;
}

static const char *reason(json_object *doc, const struct target *t, char *buf, size_t size)
{
	const char *const match[][2] = {{"id", t->scenario}};
	json_object *scenario = view_find(doc, "scenarios", match, 1);
	const char *skip = view_text(view_get(scenario, "params"), "skip");

	if (!scenario)
		snprintf(buf, size, "%s was not run", t->scenario);
	else if (skip[0])
		snprintf(buf, size, "%s: %.200s", t->scenario, skip);
	else if (system_reason(doc, t->system, buf, size)[0] ||
		 (t->source == FROM_RATIO && system_reason(doc, t->to, buf, size)[0]))
		return buf;
	else if (failures(doc, t, t->system) > 0)
		snprintf(buf, size, "%s did not start in %s", t->system, t->scenario);
	else if (t->source == FROM_RATIO && failures(doc, t, t->to) > 0)
		snprintf(buf, size, "%s did not start in %s", t->to, t->scenario);
	else
		snprintf(buf, size, "%s has no such figure of %s", t->scenario, t->system);
	return buf;
}

static const char *verdict_of(const struct target *t, struct interval v)
{
	double low = isfinite(v.low) ? v.low : v.point, high = isfinite(v.high) ? v.high : v.point;

	if (t->below ? high < t->limit : high <= t->limit)
		return "met";
	return (t->below ? low >= t->limit : low > t->limit) ? "missed" : "unclear";
}

static json_object *judge(json_object *doc, const struct target *t)
{
	json_object *o = json_object_new_object();
	const char *interval = "", *verdict = "not measured";
	struct interval v = look_up(doc, t, &interval);
	char why[400] = "", source[120];

	snprintf(source, sizeof(source), "%s %s%s%s %s", t->scenario, t->system, t->to ? " / " : "",
		 t->to ? t->to : "", t->metric);
	if (isnan(v.point)) {
		reason(doc, t, why, sizeof(why));
	} else if (t->source == FROM_RATIO && view_withheld(doc)) {
		snprintf(why, sizeof(why), "the A/A self-test failed");
		v = (struct interval){NAN, NAN, NAN};
	} else if (t->cgroups && !json_object_get_boolean(view_get(doc, "cgroups"))) {
		snprintf(why, sizeof(why), "the run was without cgroups");
		v = (struct interval){NAN, NAN, NAN};
	} else {
		v = (struct interval){v.point * t->scale, v.low * t->scale, v.high * t->scale};
		verdict = verdict_of(t, v);
	}
	json_object_object_add(o, "what", json_object_new_string(t->what));
	json_object_object_add(o, "target", json_object_new_string(t->target));
	json_object_object_add(o, "value", json_number(v.point));
	json_object_object_add(o, "low", json_number(v.low));
	json_object_object_add(o, "high", json_number(v.high));
	json_object_object_add(o, "interval", json_object_new_string(interval));
	json_object_object_add(o, "unit", json_object_new_string(t->unit));
	json_object_object_add(o, "verdict", json_object_new_string(verdict));
	json_object_object_add(o, "reason", why[0] ? json_object_new_string(why) : NULL);
	json_object_object_add(o, "from", json_object_new_string(source));
	return o;
}

int targets_judge(struct results *r, struct error *err)
{
	json_object_object_add(r->doc, "targets", json_object_new_array());
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		if (results_list_add(r, "targets", judge(r->doc, &targets[i]), err))
			return -1;
	return 0;
}

void targets_print(json_object *doc, FILE *out)
{
	json_object *env = view_get(doc, "env");

	fprintf(out, "Machine: %s, %.0f processors, Linux %s\nRun %s%s\n\n", view_text(env, "cpu"),
		view_number(env, "cpus"), view_text(env, "kernel"), view_text(doc, "run_id"),
		json_object_get_boolean(view_get(doc, "interrupted")) ? " (interrupted)" : "");
	fprintf(out, "  %-33s %-26s %-26s %-13s %s\n", "what", "target", "measured", "verdict",
		"from");
	for (size_t i = 0; i < view_length(doc, "targets"); i++) {
		json_object *t = view_item(doc, "targets", i);
		char v[VIEW_SIZE], measured[VIEW_SIZE + 8] = "-";

		if (isfinite(view_number(t, "value")))
			snprintf(measured, sizeof(measured), "%s %s",
				 view_interval(view_number(t, "value"), view_number(t, "low"),
					       view_number(t, "high"), 1, v),
				 view_text(t, "unit"));
		fprintf(out, "  %-33s %-26s %-26s %-13s %s\n", view_text(t, "what"),
			view_text(t, "target"), measured, view_text(t, "verdict"),
			view_get(t, "reason") ? view_text(t, "reason") : view_text(t, "from"));
	}
	fprintf(out,
		"\nIn brackets: 99%% intervals of ratios, 95%% intervals of others. unclear: the "
		"interval holds the limit.\n");
}
