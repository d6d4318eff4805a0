/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c: the command line of cloison-bench.
 *
 * Exit status of `run`: 0 all that could be measured was, and no start failed; 1 a start or a
 * scenario failed, a system was broken, instructions spread too widely or were not compared, said
 * in the table or on standard error; 2 wrong usage; 125 the bench itself could not
 * go on; 130 interrupted, with what was done written.
 */
#include "bench/agent.h"
#include "bench/bench.h"
#include "bench/env.h"
#include "bench/options.h"
#include "bench/proof.h"
#include "bench/qemu.h"
#include "bench/report.h"
#include "bench/scenarios/scenario.h"
#include "bench/selftest.h"
#include "bench/systems.h"
#include "bench/table.h"
#include "bench/view.h"
#include "bench/workspace.h"

#include <elf.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

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

/* artifact - DIR/NAME into @out. */
static int artifact(const char *dir, const char *name, char out[PATH_MAX], struct error *err)
{
	if ((size_t)snprintf(out, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		return error_set(err, ENAMETOOLONG, "cannot use `%s`", dir);
	return 0;
}

/* find_artifacts - the files of a build: of --artifacts, or of the one this program is part of. */
static int find_artifacts(struct bench *b, struct error *err)
{
	struct artifacts *f = &b->files;
	const struct {
		const char *name;
		char *to;
	} names[] = {
		{"bin/cloison-bench-probe", f->probe},
		{"bin/cloison-bench-floor", f->floor},
		{"bin/cloison", f->cloison},
		{"vmlinuz", f->kernel},
		{"bench/probe.cpio.lz4", f->probe_initrd},
		{"bench/appliance.cpio.lz4", f->bench_initrd},
	};
	const char *dir = b->opt.artifacts;
	char own[PATH_MAX], *slash;
	ssize_t n;

	if (!dir) {
		n = readlink("/proc/self/exe", own, sizeof(own) - 1);
		if (n < 0)
			return error_set(err, errno, "cannot read `/proc/self/exe`");
		own[n] = '\0';
		for (int up = 0; up < 2 && (slash = strrchr(own, '/')); up++)
			*slash = '\0';
		dir = own;
	}
	if (!realpath(dir, f->dir))
		return error_set(err, errno, "cannot find `%s`", dir);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (artifact(f->dir, names[i].name, names[i].to, err))
			return -1;
	return 0;
}

/* find_architecture - from the probe, which has to be there for anything at all. */
static int find_architecture(struct bench *b, struct error *err)
{
	_cleanup_fd_ int fd = open(b->files.probe, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr head;

	if (fd < 0) {
		error_set(err, errno, "cannot open the probe `%s`", b->files.probe);
		return error_hint(err, "make programs image, or --artifacts out/ARCH");
	}
	if (read(fd, &head, sizeof(head)) != sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
		return error_set(err, ENOEXEC, "cannot use the probe `%s`", b->files.probe);
	b->guest = head.e_machine == EM_AARCH64 ? ARCH_AARCH64 : ARCH_X86_64;
#if defined(__aarch64__)
	b->native = b->guest == ARCH_AARCH64;
#else
	b->native = b->guest == ARCH_X86_64;
#endif
	b->root = geteuid() == 0;
	return 0;
}

/* bench_open - everything up to the point where systems have said whether they can run. */
static int bench_open(struct bench *b, struct error *err)
{
	if (find_artifacts(b, err) || find_architecture(b, err) || harness_open(&b->h, err))
		return -1;
	b->order.state = b->opt.seed;
	b->draws.state = ~b->opt.seed;
	if (results_open(&b->results, b->opt.seed, b->opt.mode, err))
		return -1;
	systems_find(b);
	if (workspace_open(b, err))
		return -1;
	b->counter_khz = qemu_calibrate();
	return 0;
}

static void bench_close(struct bench *b)
{
	workspace_close(b);
	results_close(&b->results);
	harness_close(&b->h);
}

static bool wanted(const struct bench *b, const struct scenario *sc)
{
	for (size_t i = 0; i < b->opt.scenario_count; i++)
		if (strcmp(b->opt.scenarios[i], sc->id) == 0)
			return true;
	return b->opt.scenario_count == 0;
}

/* note_failure - a scenario that could not go on; the others still have something to say. */
static int note_failure(struct bench *b, const char *id, const struct error *failure,
			struct error *err)
{
	char line[512];

	error_print(failure, PROGRAM, 2);
	snprintf(line, sizeof(line), "%s could not be finished: %.400s%s%s", id, failure->what,
		 failure->errnum ? ": " : "", failure->errnum ? errno_name(failure->errnum) : "");
	b->failed_scenarios++;
	return results_text(&b->results, "threats", line, err);
}

static int run_scenarios(struct bench *b, struct error *err)
{
	for (size_t i = 0; i < scenario_count && !b->h.interrupted; i++) {
		struct error failure = ERROR_INIT;

		if (!wanted(b, scenarios[i]))
			continue;
		bench_say("%s: %s", scenarios[i]->id, scenarios[i]->title);
		if (scenarios[i]->run(b, &failure) &&
		    note_failure(b, scenarios[i]->id, &failure, err))
			return -1;
		if (results_write(&b->results, b->opt.out, err))
			return -1;
	}
	return 0;
}

/* has_ratio - whether @scenario set system @of beside another one. */
static bool has_ratio(struct bench *b, const char *scenario, const char *of)
{
	const char *const match[][2] = {{"scenario", scenario}, {"of", of}};

	return view_find(b->results.doc, "ratios", match, ARRAY_SIZE(match)) != NULL;
}

/* missing_ratios - virtual machines that were to be compared in instructions and were not. */
static size_t missing_ratios(struct bench *b)
{
	const struct system *appliance = bench_system(b, "appliance");
	size_t n = 0;

	if (!wanted(b, &scenario_icount) || b->h.interrupted || !appliance || appliance->left_out)
		return 0;
	for (size_t i = 0; i < b->system_count; i++) {
		const struct system *s = &b->systems[i];

		if (s->driver->kind != KIND_VM || !s->available ||
		    has_ratio(b, scenario_icount.id, s->driver->id))
			continue;
		bench_say("%s: no ratio of %s to the appliance's containers", scenario_icount.id,
			  s->driver->id);
		n++;
	}
	return n;
}

/* verdict - the exit status of a finished run; says why it is not 0. */
static int verdict(struct bench *b)
{
	json_object *claims = results_list(&b->results, "claims");
	size_t failed = 0;
	int status = missing_ratios(b) > 0 || b->failed_scenarios > 0;

	for (size_t i = 0; i < b->system_count; i++)
		if (b->systems[i].broken)
			status = 1;
	for (size_t i = 0; i < b->results.count; i++)
		failed += b->results.samples[i].outcome != OUTCOME_OK;
	if (failed) {
		bench_say("%zu starts failed or met their deadline; see the table", failed);
		status = 1;
	}
	for (size_t i = 0; i < json_object_array_length(claims); i++) {
		json_object *c = json_object_array_get_idx(claims, i);
		const char *target = json_object_get_string(json_object_object_get(c, "target"));
		const char *text = json_object_get_string(json_object_object_get(c, "verdict"));

		/* Speed is a matter of the machine; instructions that vary are a fault here. */
		if (strncmp(target, "spread", 6) == 0 && strcmp(text, "holds") != 0) {
			bench_say("instruction counts vary by more than %s", target);
			status = 1;
		}
	}
	if (b->h.interrupted)
		status = 130;
	return status;
}

static int measure(struct bench *b, struct error *err)
{
	int status, ret;

	/* Now, not after minutes: whether they can be written at all. */
	if (results_write(&b->results, b->opt.out, err))
		return -1;
	bench_say("trying KVM");
	if (qemu_choose_accel(b, err))
		return -1;
	bench_say("virtual machines: %s; %s", b->accel, b->accel_reason);
	if (systems_probe(b, err) || env_record(b, err))
		return -1;
	ret = proof_take(b, err);
	if (ret == 0)
		ret = run_scenarios(b, err);
	json_object_object_add(b->results.doc, "interrupted",
			       json_object_new_boolean(b->h.interrupted));
	/* What was measured before an error is worth keeping. */
	if (ret == 0 && env_finish(b, err))
		ret = -1;
	status = verdict(b);
	if (ret) {
		struct error second = ERROR_INIT;

		if (results_write(&b->results, b->opt.out, &second))
			error_print(&second, PROGRAM, 2);
		return -1;
	}
	if (results_write(&b->results, b->opt.out, err))
		return -1;
	table_print(b->results.doc, stdout);
	printf("Results: %s\n", b->opt.out);
	return status;
}

static int verb_run(int argc, char **argv, struct error *err)
{
	static struct bench b;
	int status;

	b.opt = options_default();
	if (options_parse(argc, argv, &b.opt, NULL, err))
		return -1;
	status = bench_open(&b, err);
	if (status == 0)
		status = measure(&b, err);
	bench_close(&b);
	return status;
}

static int verb_selftest(int argc, char **argv, struct error *err)
{
	static struct bench b;
	int status;

	b.opt = options_default();
	b.opt.accel = "tcg";
	if (options_parse(argc, argv, &b.opt, NULL, err))
		return -1;
	status = bench_open(&b, err);
	if (status == 0)
		status = qemu_choose_accel(&b, err);
	if (status == 0)
		status = systems_probe(&b, err);
	if (status == 0)
		status = selftest_run(&b, err);
	bench_close(&b);
	return status;
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
	return 0;
}

static int verb_report(int argc, char **argv, struct error *err)
{
	struct options o = {.out = NULL};
	const char *file = NULL;
	char beside[PATH_MAX];
	json_object *doc;
	int ret;

	if (options_parse(argc, argv, &o, &file, err))
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
	ret = report_write(doc, o.out, err);
	json_object_put(doc);
	if (ret == 0)
		printf("Report: %s\n", o.out);
	return ret;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv, struct error *err);
} verbs[] = {
	{"list", verb_list},
	{"run", verb_run},
	{"report", verb_report},
	{"selftest", verb_selftest},
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
