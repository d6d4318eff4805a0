/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c: the command line of cloison-bench.
 *
 * Exit status: run.c says that of `run`, compare.c that of `compare`; else 0, 1 for a self-test that
 * failed, 2 for wrong usage, 125 when the bench itself could not go on.
 */
#include "bench/agent.h"
#include "bench/bench.h"
#include "bench/compare.h"
#include "bench/options.h"
#include "bench/qemu.h"
#include "bench/report.h"
#include "bench/repro.h"
#include "bench/run.h"
#include "bench/scenarios/scenario.h"
#include "bench/selftest.h"
#include "bench/systems.h"

#include <stdarg.h>
#include <string.h>

#define PROGRAM "cloison-bench"

void bench_say(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, PROGRAM ": %s\n", text);
}

static int verb_selftest(int argc, char **argv, struct error *err)
{
	static struct bench b;
	int status;

	b.results.journal = FD_EMPTY;
	b.opt = options_default();
	b.opt.accel = "tcg";
	if (options_parse(argc, argv, &b.opt, NULL, 0, err))
		return -1;
	status = bench_open(&b, err);
	if (status == 0)
		status = qemu_choose_accel(&b, err);
	if (status == 0)
		status = systems_probe(&b, err);
	if (status == 0)
		status = selftest_run(&b, b.opt.repeats ? b.opt.repeats : SELFTEST_REPEATS, err);
	bench_close(&b);
	return status;
}

static int verb_repro(int argc, char **argv, struct error *err)
{
	return repro_verb(argc, argv, run_verb, err);
}

static int verb_list(int argc, char **argv, struct error *err)
{
	(void)argv;
	if (argc > 0)
		return options_error(err, "`list` takes no argument");
	printf("scenarios\n");
	for (size_t i = 0; i < scenario_count; i++)
		printf("  %-14s %s\n", scenarios[i]->id, scenarios[i]->title);
	printf("systems\n");
	for (size_t i = 0; i < bench_driver_count; i++)
		printf("  %-14s %s\n", bench_drivers[i]->id, bench_drivers[i]->what);
	printf("recipes of repro\n");
	repro_list(stdout);
	return 0;
}

static int verb_report(int argc, char **argv, struct error *err)
{
	struct options o = {.out = NULL};
	const char *file = NULL;
	char beside[PATH_MAX];
	json_object *doc;
	int ret;

	if (options_parse(argc, argv, &o, &file, 1, err))
		return -1;
	if (!file)
		return options_error(err, "`report` needs a result file");
	if (!o.out) {
		const char *slash = strrchr(file, '/');

		snprintf(beside, sizeof(beside), "%.*sindex.html",
			 slash ? (int)(slash - file + 1) : 0, file);
		o.out = beside;
	}
	doc = results_read(file, err);
	if (!doc)
		return -1;
	ret = report_write(doc, o.out, file, o.french, err);
	json_object_put(doc);
	if (ret == 0)
		printf("Report: %s\n", o.out);
	return ret;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv, struct error *err);
} verbs[] = {
	{"list", verb_list},	   {"run", run_verb},	  {"report", verb_report},
	{"compare", compare_verb}, {"repro", verb_repro}, {"selftest", verb_selftest},
};

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	int status;

	if (argc > 1 && strcmp(argv[1], "agent") == 0)
		return agent_main(argc - 1, argv + 1);
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			options_usage(stdout);
			return 0;
		}
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		status = verbs[i].run(argc - 2, argv + 2, &err);
		if (status >= 0)
			return status;
		error_print(&err, PROGRAM, 2);
		return error_exit_code(&err);
	}
	if (argc > 1) {
		options_error(&err, "unknown command `%s`", argv[1]);
		error_print(&err, PROGRAM, 2);
	} else {
		options_usage(stderr);
	}
	return 2;
}
