/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.c: one function per section; a section whose scenario did not run is left out.
 */
#include "bench/table.h"

#include "bench/section.h"
#include "bench/view.h"
#include "lib/fd.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const char start_id[] = "s02-start", floor_id[] = "s01-floor", exec_id[] = "s03-exec",
		  phases_id[] = "s05-phases", mem_id[] = "s12-mem", icount_id[] = "s22-icount";

static void print_proof(json_object *doc, FILE *out)
{
	if (view_length(doc, "proof") == 0)
		return;
	fprintf(out, "A container in the appliance\n");
	for (size_t i = 0; i < view_length(doc, "proof"); i++)
		fprintf(out, "  | %s\n", view_string(view_item(doc, "proof", i)));
	fputc('\n', out);
}

static void print_machine(json_object *doc, FILE *out)
{
	json_object *env = view_get(doc, "env");

	fprintf(out, "Machine: %s, %.0f processors, Linux %s%s\n", view_text(env, "cpu"),
		view_number(env, "cpus"), view_text(env, "kernel"),
		json_object_get_boolean(view_get(env, "nested")) ? ", itself a virtual machine"
								 : "");
	fprintf(out, "Virtual machines: %s, %s, %.0f MiB; %s\n", view_text(env, "accel"),
		view_text(env, "guest_architecture"), view_number(env, "guest_ram_mib"),
		view_text(env, "accel_reason"));
	fprintf(out, "Run %s%s\n\n", view_text(doc, "run_id"),
		json_object_get_boolean(view_get(doc, "interrupted")) ? " (interrupted)" : "");
}

/* marginal_of - the memory column: KiB that one more instance takes. */
static double marginal_of(json_object *doc, const char *system)
{
	const char *const match[][2] = {{"system", system}};
	json_object *m = view_find(doc, "memory", match, 1);

	return view_number(view_get(m, "marginal_kb"), "point");
}

/* time_of - one number of a summary with its unit. */
static const char *time_of(json_object *summary, const char *key, char buf[VIEW_SIZE])
{
	double v = view_number(summary, key);
	struct view_unit u = view_unit_of(v);
	char f[VIEW_SIZE];

	if (!isfinite(v))
		return view_figure(NAN, buf);
	snprintf(buf, VIEW_SIZE, "%.32s %s", view_figure(v / u.ns, f), u.name);
	return buf;
}

static void print_start_row(json_object *doc, json_object *system, FILE *out)
{
	const char *id = view_text(system, "id");
	json_object *ready = view_summary(doc, start_id, id, "ready");
	json_object *whole = view_summary(doc, start_id, id, "whole");
	json_object *cpu = view_summary(doc, start_id, id, "cpu");
	char r[VIEW_SIZE], w[VIEW_SIZE], m[VIEW_SIZE], low[VIEW_SIZE], c[VIEW_SIZE];

	if (!ready)
		return;
	fprintf(out, "  %-13s %5.0f %4.0f  %8s  %-25s %-25s %8s %9s  %-6s %s\n", id,
		view_number(ready, "n"), view_number(ready, "failed"), time_of(ready, "min", low),
		view_time(ready, r), view_time(whole, w), time_of(cpu, "p50", c),
		view_kb(marginal_of(doc, id), m), view_text(system, "accel"),
		view_text(system, "rung"));
}

static void print_ladder(json_object *doc, FILE *out)
{
	static const char *const rungs[][2] = {
		{"R0", "a native container beside an emulated machine: no ratio is drawn from it"},
		{"R1", "equal substrate: the appliance's containers run in such a machine"},
		{"R3", "a native container beside hardware virtualisation"},
		{"R4", "the same, on a host that is itself a virtual machine"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rungs); i++) {
		const char *const match[][2] = {{"rung", rungs[i][0]}, {"skip", ""}};

		if (view_find(doc, "systems", match, 2))
			fprintf(out, "  %s %s\n", rungs[i][0], rungs[i][1]);
	}
	fputc('\n', out);
}

/* ratio_of - one metric of a pair of systems, for people. */
static const char *ratio_of(json_object *doc, json_object *pair, const char *metric,
			    char buf[VIEW_SIZE])
{
	const char *const match[][2] = {{"scenario", view_text(pair, "scenario")},
					{"of", view_text(pair, "of")},
					{"to", view_text(pair, "to")},
					{"metric", metric}};
	json_object *r = view_find(doc, "ratios", match, ARRAY_SIZE(match));

	return view_interval(view_number(r, "ratio"), view_number(r, "low"), view_number(r, "high"),
			     1, buf);
}

static void print_start_ratios(json_object *doc, FILE *out)
{
	bool any = false;

	if (view_withheld(doc))
		return;
	for (size_t i = 0; i < view_length(doc, "ratios"); i++) {
		json_object *r = view_item(doc, "ratios", i);
		char pair[80], a[VIEW_SIZE], b[VIEW_SIZE], c[VIEW_SIZE];

		if (strcmp(view_text(r, "scenario"), start_id) != 0 ||
		    strcmp(view_text(r, "metric"), "ready") != 0)
			continue;
		if (!any)
			fprintf(out, "  %-27s %-22s %-22s %s\n", "ratios, paired by block",
				"ready [99% interval]", "whole", "cpu");
		any = true;
		snprintf(pair, sizeof(pair), "%s / %s", view_text(r, "of"), view_text(r, "to"));
		fprintf(out, "  %-27s %-22s %-22s %-22s %s\n", pair, ratio_of(doc, r, "ready", a),
			ratio_of(doc, r, "whole", b), ratio_of(doc, r, "cpu", c),
			view_text(r, "rung"));
	}
	if (any)
		fputc('\n', out);
}

static void print_icount_ratios(json_object *doc, FILE *out)
{
	bool any = false;

	/* Instructions are counted, whatever else the machine does: no self-test of times holds these back. */
	for (size_t i = 0; i < view_length(doc, "ratios"); i++) {
		json_object *r = view_item(doc, "ratios", i);
		char pair[80], v[VIEW_SIZE];

		if (strcmp(view_text(r, "scenario"), icount_id) != 0)
			continue;
		snprintf(pair, sizeof(pair), "%s / %s", view_text(r, "of"), view_text(r, "to"));
		fprintf(out, "  %-27s %s, %s, spread %.3f%%, %s\n", pair,
			view_interval(view_number(r, "ratio"), view_number(r, "low"),
				      view_number(r, "high"), 1, v),
			view_interval_name(r), 100 * view_number(r, "spread"),
			view_text(r, "rung"));
		any = true;
	}
	if (any)
		fputc('\n', out);
}

static void print_exec_ratios(json_object *doc, FILE *out)
{
	bool any = false;

	if (view_withheld(doc))
		return;
	for (size_t i = 0; i < view_length(doc, "ratios"); i++) {
		json_object *r = view_item(doc, "ratios", i);
		char pair[80], a[VIEW_SIZE], b[VIEW_SIZE];

		if (strcmp(view_text(r, "scenario"), exec_id) != 0 ||
		    strcmp(view_text(r, "metric"), "whole") != 0)
			continue;
		if (!any)
			fprintf(out, "  %-27s %-22s %s\n", "ratios, paired by block",
				"whole [99% interval]", "cpu");
		any = true;
		snprintf(pair, sizeof(pair), "%s / %s", view_text(r, "of"), view_text(r, "to"));
		fprintf(out, "  %-27s %-22s %-22s %s\n", pair, ratio_of(doc, r, "whole", a),
			ratio_of(doc, r, "cpu", b), view_text(r, "rung"));
	}
	if (any)
		fputc('\n', out);
}

static void print_exec(json_object *doc, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < view_length(doc, "systems"); i++) {
		const char *id = view_text(view_item(doc, "systems", i), "id");
		json_object *whole = view_summary(doc, exec_id, id, "whole");
		char w[VIEW_SIZE], low[VIEW_SIZE], c[VIEW_SIZE];

		if (!whole)
			continue;
		if (!any)
			fprintf(out,
				"%s: one more process in a running container, from the command to "
				"its end; medians;\n  cpu = processor time of the command\n\n"
				"  %-13s %5s %4s  %8s  %-25s %8s\n",
				exec_id, "system", "n", "fail", "min", "whole [95% interval]",
				"cpu");
		any = true;
		fprintf(out, "  %-13s %5.0f %4.0f  %8s  %-25s %8s\n", id, view_number(whole, "n"),
			view_number(whole, "failed"), time_of(whole, "min", low),
			view_time(whole, w),
			time_of(view_summary(doc, exec_id, id, "cpu"), "p50", c));
	}
	if (!any)
		return;
	fputc('\n', out);
	print_exec_ratios(doc, out);
}

static void print_start(json_object *doc, FILE *out)
{
	const char *const match[][2] = {{"scenario", start_id}};

	if (!view_find(doc, "summaries", match, 1))
		return;
	fprintf(out,
		"%s: ready = until the probe's first instruction is seen; whole = until the command "
		"has ended\n"
		"  (the appliance: from its agent's spawn on); medians; cpu = processor time of "
		"the command;\n  memory = what one more idle instance takes\n\n"
		"  %-13s %5s %4s  %8s  %-25s %-25s %8s %9s  %-6s %s\n",
		start_id, "system", "n", "fail", "ready min", "median [95% interval]",
		"whole [95% interval]", "cpu", "memory", "accel", "rung");
	for (size_t i = 0; i < view_length(doc, "systems"); i++)
		print_start_row(doc, view_item(doc, "systems", i), out);
	fputc('\n', out);
	print_ladder(doc, out);
	print_start_ratios(doc, out);
}

static void print_icount(json_object *doc, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < view_length(doc, "systems"); i++) {
		const char *id = view_text(view_item(doc, "systems", i), "id");
		json_object *s = view_summary(doc, icount_id, id, "instructions");

		if (!s)
			continue;
		if (!any)
			fprintf(out,
				"%s: instructions and skipped idle time (virtual ns): the virtual clock "
				"goes on by\n  1 ns per instruction and jumps over idle waits; a VM "
				"from reset to its init,\n  a container from the spawn of cloison run "
				"to the probe\n\n"
				"  %-13s %5s   %16s %10s\n",
				icount_id, "system", "runs", "M virtual ns", "spread");
		any = true;
		fprintf(out, "  %-13s %5.0f   %16.3f %9.3f%%\n", id, view_number(s, "n"),
			view_number(s, "p50") / 1e6, 100 * view_number(s, "spread"));
	}
	if (!any)
		return;
	fputc('\n', out);
	print_icount_ratios(doc, out);
}

static const char *const phases[] = VIEW_PHASES;

static void print_phases(json_object *doc, FILE *out)
{
	double total = view_number(view_summary(doc, phases_id, "appliance", "total"), "p50");

	if (!isfinite(total))
		return;
	fprintf(out,
		"%s: the appliance from reset to its first container; instructions and skipped idle "
		"time\n  (virtual ns); firmware = until the kernel's image is entered; unpacking = until the "
		"kernel itself is;\n  agent = of the bench, no part of the appliance\n\n"
		"  %-13s %5s   %16s %7s %10s\n",
		phases_id, "phase", "boots", "M virtual ns", "share", "spread");
	for (size_t i = 0; i < ARRAY_SIZE(phases); i++) {
		json_object *s = view_summary(doc, phases_id, "appliance", phases[i]);
		double v = view_number(s, "p50");

		fprintf(out, "  %-13s %5.0f   %16.3f %6.1f%% %9.3f%%\n", phases[i],
			view_number(s, "n"), v / 1e6, 100 * v / total,
			100 * view_number(s, "spread"));
	}
	fputc('\n', out);
}

static void print_memory(json_object *doc, FILE *out)
{
	static const char *const columns[] = {"pss_kb",		 "uss_kb",
					      "memcg_kb",	 "guest_used_kb",
					      "vmm_overhead_kb", "guest_resident_kb",
					      "jit_kb"};

	if (view_length(doc, "memory") == 0)
		return;
	fprintf(out,
		"%s: KiB per idle instance; marginal = slope of kernel memory + PSS of its "
		"processes;\n  where: on whose kernel; VMM = without guest RAM and translated code\n\n"
		"  %-13s %-5s %5s   %-26s %8s %8s %7s %10s %8s %9s %7s\n",
		mem_id, "system", "where", "n", "marginal [95% interval]", "PSS", "USS", "memcg",
		"guest used", "VMM", "guest RAM", "JIT");
	for (size_t i = 0; i < view_length(doc, "memory"); i++) {
		json_object *m = view_item(doc, "memory", i), *k = view_get(m, "marginal_kb");
		static const int widths[] = {8, 8, 7, 10, 8, 9, 7};
		char v[VIEW_SIZE];

		fprintf(out, "  %-13s %-5s %5.0f   %-26s", view_text(m, "system"),
			view_text(m, "where"), view_number(m, "instances"),
			view_interval(view_number(k, "point"), view_number(k, "low"),
				      view_number(k, "high"), 1, v));
		for (size_t j = 0; j < ARRAY_SIZE(columns); j++)
			fprintf(out, " %*s", widths[j],
				view_figure(round(view_number(m, columns[j])), v));
		fputc('\n', out);
	}
	fputc('\n', out);
}

static void print_supervisor(json_object *doc, FILE *out)
{
	if (view_length(doc, "supervisor") == 0)
		return;
	fprintf(out,
		"%s: the supervisor: KiB (PSS) without containers and for each that does nothing; "
		"its share of a\n  processor and its wake-ups meanwhile\n\n"
		"  %-13s %-5s %5s %8s   %-26s %8s %10s %9s\n",
		mem_id, "system", "where", "n", "base", "each [95% interval]", "cpu %",
		"wake-ups/s", "over");
	for (size_t i = 0; i < view_length(doc, "supervisor"); i++) {
		json_object *m = view_item(doc, "supervisor", i);
		json_object *k = view_get(m, "per_container_kb");
		char v[5][VIEW_SIZE];

		fprintf(out, "  %-13s %-5s %5.0f %8s   %-26s %8s %10s %7s s\n",
			view_text(m, "system"), view_text(m, "where"), view_number(m, "containers"),
			view_figure(view_number(m, "base_kb"), v[0]),
			view_interval(view_number(k, "point"), view_number(k, "low"),
				      view_number(k, "high"), 1, v[1]),
			view_figure(view_number(m, "cpu_percent"), v[2]),
			view_figure(view_number(m, "wake_ups"), v[3]),
			view_figure(view_number(m, "idle_s"), v[4]));
	}
	fputc('\n', out);
}

static void print_skipped_steps(json_object *doc, FILE *out)
{
	const char *const match[][2] = {{"id", floor_id}};
	json_object *params = view_get(view_find(doc, "scenarios", match, 1), "params");
	json_object *skipped = view_get(params, "skipped_steps");

	if (!json_object_is_type(skipped, json_type_object))
		return;
	json_object_object_foreach(skipped, name, why)
	{
		fprintf(out, "  %-28s skipped: %s\n", name, view_string(why));
	}
}

static void print_floor(json_object *doc, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < view_length(doc, "summaries"); i++) {
		json_object *s = view_item(doc, "summaries", i);
		char v[VIEW_SIZE], low[VIEW_SIZE];

		if (strcmp(view_text(s, "scenario"), floor_id) != 0)
			continue;
		if (!any)
			fprintf(out,
				"%s: one process, made and waited for; clone3 with these new "
				"namespaces\n\n"
				"  %-28s %5s   %10s   %s\n",
				floor_id, "", "n", "min us", "median [95% interval]");
		any = true;
		fprintf(out, "  %-28s %5.0f   %10s   %s\n", view_text(s, "system"),
			view_number(s, "n"), view_figure(view_number(s, "min") / 1e3, low),
			view_time(s, v));
	}
	print_skipped_steps(doc, out);
	if (any)
		fputc('\n', out);
}

static void print_skips(json_object *doc, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < view_length(doc, "systems"); i++) {
		json_object *s = view_item(doc, "systems", i);

		if (!view_get(s, "skip"))
			continue;
		fprintf(out, "%s  %-13s %s\n", any ? "" : "Skipped\n", view_text(s, "id"),
			view_text(s, "skip"));
		any = true;
	}
	if (any)
		fputc('\n', out);
}

static void print_claims(json_object *doc, FILE *out)
{
	for (size_t i = 0; i < view_length(doc, "claims"); i++) {
		json_object *c = view_item(doc, "claims", i);
		char v[VIEW_SIZE];

		if (view_get(c, "n") && view_withheld(doc))
			continue;
		fprintf(out, "%s  %-7s %s: %s, %s (%s)\n", i == 0 ? "Claims\n" : "",
			view_text(c, "verdict"), view_text(c, "text"),
			view_interval(view_number(c, "value"), view_number(c, "low"),
				      view_number(c, "high"), 1, v),
			view_interval_name(c), view_text(c, "target"));
	}
	if (view_length(doc, "claims"))
		fputc('\n', out);
	if (view_withheld(doc))
		fprintf(out,
			"The A/A self-test of this run failed: no ratio of times is printed.\n\n");
}

static void print_threats(json_object *doc, FILE *out)
{
	for (size_t i = 0; i < view_length(doc, "threats"); i++)
		fprintf(out, "%s  - %s\n", i == 0 ? "Threats to validity\n" : "",
			view_string(view_item(doc, "threats", i)));
	if (view_length(doc, "threats"))
		fputc('\n', out);
}

void table_print(json_object *doc, FILE *out)
{
	print_proof(doc, out);
	print_machine(doc, out);
	print_start(doc, out);
	print_exec(doc, out);
	print_phases(doc, out);
	print_icount(doc, out);
	print_memory(doc, out);
	print_supervisor(doc, out);
	print_floor(doc, out);
	section_print(doc, out);
	print_skips(doc, out);
	print_claims(doc, out);
	print_threats(doc, out);
}
