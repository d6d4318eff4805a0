/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * supervised.c: the supervisor's part of s12-mem.
 *
 * What cloisond takes for each container that does nothing: the slope of its PSS over their number, so what it
 * takes by itself, without any, is not in it. And what it does while nobody asks it anything: its share of a
 * processor, and how often it wakes up. The agent climbs and counts (bench/supervised.c), in the appliance or on
 * this machine with a supervisor of its own; here its marks become results.
 *
 * The appliance is booted under -icount: its processor executes one instruction in a nanosecond, so that the share is
 * that of such a processor, whatever else this machine does.
 */
#include "bench/supervised.h"
#include "bench/scenarios/scenario.h"

#include <math.h>
#include <string.h>

#define KB_LIMIT 32
#define CPU_LIMIT_PERCENT 0.1
#define START_MS 1000 /* that a start may take, at most, on a slow machine */

static const struct plan {
	unsigned int containers, idle_s;
} plan_quick = {50, 10}, plan_full = {100, 60};

static double value_of(const struct child *c, char kind)
{
	const struct mark *m = child_mark(c, kind, 0);

	return m ? (double)m->value : NAN;
}

static void add_here(const struct bench *b, const struct plan *p, struct command *cmd)
{
	const char *slash = strrchr(b->files.cloison, '/');

	command_add(cmd, "/proc/self/exe");
	command_add(cmd, "agent");
	command_add(cmd, "supervised");
	command_add(cmd, "%u", p->containers);
	command_add(cmd, "%u", p->idle_s);
	command_add(cmd, "%s", b->files.cloison);
	command_add(cmd, "%.*scloisond", (int)(slash ? slash - b->files.cloison + 1 : 0),
		    b->files.cloison);
	command_add(cmd, "%s/hold", b->work);
	command_add(cmd, "%s/supervisor", b->work);
}

/* staircase - KiB for each container, and what it takes without any. */
static struct interval staircase(struct bench *b, const struct child *c, double *base)
{
	double count[SUPERVISED_LEVELS + 1], kb[SUPERVISED_LEVELS + 1];
	size_t levels = 0;

	for (const struct mark *m = c->marks; m < c->marks + c->mark_count; m++) {
		if (m->kind != MARK_SUPERVISOR_KB || m == c->marks || m[-1].kind != MARK_LEVEL ||
		    levels == SUPERVISED_LEVELS + 1)
			continue;
		count[levels] = (double)m[-1].value;
		kb[levels++] = (double)m->value;
	}
	*base = levels ? kb[0] : NAN;
	if (levels < 3)
		return (struct interval){NAN, NAN, NAN};
	return stats_slope(count, kb, levels, RESULT_LEVEL, &b->draws);
}

static int claim(struct bench *b, const char *where, struct interval slope, double cpu,
		 struct error *err)
{
	const struct interval share = {cpu, cpu, cpu};
	char text[96];

	if (isnan(slope.point) || isnan(cpu))
		return 0;
	snprintf(text, sizeof(text), "cloisond, KiB for each idle container, %s", where);
	if (results_claim(&b->results, text, slope, RESULT_INTERVAL, "<= 32",
			  scenario_verdict(slope, KB_LIMIT), err))
		return -1;
	snprintf(text, sizeof(text), "cloisond, idle, percent of a processor, %s", where);
	return results_claim(&b->results, text, share, "one run", "<= 0.1",
			     scenario_verdict(share, CPU_LIMIT_PERCENT), err);
}

static int record(struct bench *b, const struct system *s, const struct child *c,
		  const char *trouble, struct error *err)
{
	const char *where = s->driver->kind == KIND_APPLIANCE ? "guest" : "host";
	json_object *o = json_object_new_object(), *per = json_object_new_object();
	double base, seconds = value_of(c, MARK_IDLE_NS) / 1e9;
	double cpu = value_of(c, MARK_CPU_NS) / 1e7 / seconds;
	struct interval slope = staircase(b, c, &base);
	double containers = 0;

	for (const struct mark *m = c->marks; m < c->marks + c->mark_count; m++)
		if (m->kind == MARK_LEVEL)
			containers = (double)m->value;
	json_object_object_add(per, "point", json_number(slope.point));
	json_object_object_add(per, "low", json_number(slope.low));
	json_object_object_add(per, "high", json_number(slope.high));
	json_object_object_add(o, "system", json_object_new_string(s->driver->id));
	json_object_object_add(o, "where", json_object_new_string(where));
	json_object_object_add(o, "containers", json_object_new_double(containers));
	json_object_object_add(o, "idle_s", json_number(seconds));
	json_object_object_add(o, "base_kb", json_number(base));
	json_object_object_add(o, "per_container_kb", per);
	json_object_object_add(o, "level", json_object_new_double(RESULT_LEVEL));
	json_object_object_add(o, "cpu_percent", json_number(cpu));
	json_object_object_add(o, "wake_ups", json_number(value_of(c, MARK_WAKE_UPS) / seconds));
	json_object_object_add(o, "trouble", trouble[0] ? json_object_new_string(trouble) : NULL);
	if (json_object_array_add(results_list(&b->results, "supervisor"), o)) {
		json_object_put(o);
		return error_set(err, ENOMEM, "cannot keep the results");
	}
	return claim(b, where, slope, cpu, err);
}

int supervised_measure(struct bench *b, const struct system *s, struct error *err)
{
	const struct plan *p = b->opt.full ? &plan_full : &plan_quick;
	/* By instructions, which other load of this machine does not change, and without the wait. */
	struct request r = {.agent = "supervised",
			    .icount = s->driver->kind == KIND_APPLIANCE,
			    .starts = p->containers,
			    .pause_ms = p->idle_s,
			    .serial = ++b->serial};
	_cleanup_child_ struct child *c = child_new();
	int deadline_ms = (int)(p->containers * START_MS + p->idle_s * 1000);
	char trouble[200] = "", line[320];
	enum wait_result result;
	struct command cmd;

	if (!c)
		return error_set(err, ENOMEM, "cannot watch the supervisor");
	bench_say("%s: %s: the supervisor", scenario_mem.id, s->driver->id);
	command_init(&cmd);
	cmd.leashed = true;
	if (s->driver->kind == KIND_APPLIANCE)
		s->driver->start(b, s, &r, &cmd);
	else
		add_here(b, p, &cmd);
	deadline_ms += visit_deadline_ms(b, s, &r);
	if (harness_run(&b->h, c, &cmd, deadline_ms, &result, err))
		return -1;
	if (b->h.interrupted)
		return 0;
	if (result != WAIT_OK || value_of(c, MARK_DONE) != 0) {
		child_complaint(c, trouble, sizeof(trouble));
		snprintf(line, sizeof(line), "%s: %s: the supervisor was not measured: %s",
			 scenario_mem.id, s->driver->id, trouble);
		bench_say("%s", line);
		if (results_text(&b->results, "threats", line, err))
			return -1;
	}
	return record(b, s, c, trouble, err);
}
