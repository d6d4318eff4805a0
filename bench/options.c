/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.c: one table from which options are parsed and the usage is printed.
 */
#include "bench/options.h"

#include "bench/scenarios/scenario.h"
#include "bench/selftest.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

#define DEFAULT_CONTAINER_DEADLINE_MS 10000
#define DEFAULT_VM_DEADLINE_MS 90000

int options_error(struct error *err, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_set(err, 0, "%s", text);
	error_hint(err, "cloison-bench --help");
	err->code = 2;
	return -1;
}

static int set_mode(struct options *o, const char *v, struct error *err)
{
	bool soak = strcmp(v, "soak") == 0;

	if (strcmp(v, "quick") != 0 && strcmp(v, "full") != 0 && !soak)
		return options_error(err, "no mode `%s`: quick, full or soak", v);
	o->mode = v;
	o->soak = soak;
	o->full = soak || strcmp(v, "full") == 0;
	return 0;
}

static int set_scenario(struct options *o, const char *v, struct error *err)
{
	if (!scenario_find(v))
		return options_error(err, "no scenario `%s`; `cloison-bench list` names them", v);
	if (o->scenario_count == MAX_NAMES)
		return options_error(err, "more than %d scenarios", MAX_NAMES);
	o->scenarios[o->scenario_count++] = v;
	return 0;
}

static int set_only(struct options *o, const char *v, struct error *err)
{
	for (size_t i = 0; i < bench_driver_count; i++)
		if (strcmp(bench_drivers[i]->id, v) == 0 && o->only_count < MAX_NAMES) {
			o->only[o->only_count++] = v;
			return 0;
		}
	return options_error(err, "no system `%s`; `cloison-bench list` names them", v);
}

static int set_program(struct options *o, const char *v, struct error *err)
{
	const char *equals = strchr(v, '=');
	size_t len = equals ? (size_t)(equals - v) : 0;

	if (len == 0 || len >= sizeof(o->programs[0].name) || o->program_count == MAX_PROGRAMS)
		return options_error(err, "`%s` is not SYSTEM=PATH", v);
	memcpy(o->programs[o->program_count].name, v, len);
	o->programs[o->program_count].name[len] = '\0';
	o->programs[o->program_count++].path = equals + 1;
	return 0;
}

static int whole_number(const char *v, unsigned long long max, unsigned long long *out,
			struct error *err)
{
	char *end;

	errno = 0;
	*out = strtoull(v, &end, 10);
	if (errno || *v < '0' || *v > '9' || *end || *out > max)
		return options_error(err, "`%s` is not a number up to %llu", v, max);
	return 0;
}

static int set_seed(struct options *o, const char *v, struct error *err)
{
	unsigned long long n;

	if (whole_number(v, INT64_MAX, &n, err))
		return -1;
	o->seed = n;
	return 0;
}

static int set_blocks(struct options *o, const char *v, struct error *err)
{
	unsigned long long n;

	if (whole_number(v, 10000, &n, err))
		return -1;
	o->blocks = (int)n;
	return 0;
}

static int set_deadline(struct options *o, const char *v, struct error *err)
{
	unsigned long long n;

	if (whole_number(v, 3600000, &n, err))
		return -1;
	o->container_deadline_ms = (int)n;
	return 0;
}

static int set_vm_deadline(struct options *o, const char *v, struct error *err)
{
	unsigned long long n;

	if (whole_number(v, 3600000, &n, err))
		return -1;
	o->vm_deadline_ms = (int)n;
	return 0;
}

static int set_out(struct options *o, const char *v, struct error *err)
{
	(void)err;
	o->out = v;
	return 0;
}

static int set_artifacts(struct options *o, const char *v, struct error *err)
{
	(void)err;
	o->artifacts = v;
	return 0;
}

static int set_cgroups(struct options *o, const char *v, struct error *err)
{
	if (strcmp(v, "yes") != 0 && strcmp(v, "no") != 0)
		return options_error(err, "cgroups `%s`: yes or no", v);
	o->cgroups = strcmp(v, "yes") == 0;
	return 0;
}

static int set_resume(struct options *o, const char *v, struct error *err)
{
	(void)err;
	o->resume = v;
	return 0;
}

static int set_repeats(struct options *o, const char *v, struct error *err)
{
	unsigned long long n;

	if (whole_number(v, SELFTEST_MAX_REPEATS, &n, err))
		return -1;
	o->repeats = (int)n;
	return 0;
}

static int set_lang(struct options *o, const char *v, struct error *err)
{
	if (strcmp(v, "en") != 0 && strcmp(v, "fr") != 0)
		return options_error(err, "no language `%s`: en or fr", v);
	o->french = strcmp(v, "fr") == 0;
	return 0;
}

static int set_effect(struct options *o, const char *v, struct error *err)
{
	char *end;

	o->effect = strtod(v, &end) / 100;
	if (*v < '0' || *v > '9' || *end || o->effect > 10)
		return options_error(err, "`%s` is not a percentage up to 1000", v);
	return 0;
}

static int set_json(struct options *o, const char *v, struct error *err)
{
	(void)v;
	(void)err;
	o->json = true;
	return 0;
}

static int set_accel(struct options *o, const char *v, struct error *err)
{
	if (strcmp(v, "auto") != 0 && strcmp(v, "tcg") != 0 && strcmp(v, "kvm") != 0)
		return options_error(err, "no accelerator `%s`: auto, tcg or kvm", v);
	o->accel = v;
	return 0;
}

static const struct option {
	const char *name, *argument, *help;
	int (*set)(struct options *o, const char *value, struct error *err);
} option_table[] = {
	{"--mode", "quick|full|soak", "how much is measured: 3 min, 45 min, hours", set_mode},
	{"--scenario", "ID", "only this scenario; may be repeated", set_scenario},
	{"--only", "SYSTEM", "only this system; may be repeated", set_only},
	{"--program", "SYSTEM=PATH", "the program to measure as SYSTEM", set_program},
	{"--seed", "N", "order of starts and resampling; default: the time", set_seed},
	{"--out", "FILE", "where results go; default: results.json", set_out},
	{"--artifacts", "DIR", "out/ARCH of a build; default: this program's own", set_artifacts},
	{"--accel", "auto|tcg|kvm", "how virtual machines run; auto tries KVM", set_accel},
	{"--cgroups", "yes|no", "whether containers get a cgroup v2 each; default: no",
	 set_cgroups},
	{"--blocks", "N", "rounds in which every system is started", set_blocks},
	{"--deadline-ms", "N", "for a container's start", set_deadline},
	{"--vm-deadline-ms", "N", "for a virtual machine's life", set_vm_deadline},
	{"--resume", "FILE", "run: go on with an interrupted run; alone", set_resume},
	{"--repeats", "N", "selftest: comparisons; default: 100", set_repeats},
	{"--effect", "PERCENT", "compare: smaller differences do not count; default: 5",
	 set_effect},
	{"--lang", "en|fr", "report: its language; default: en", set_lang},
	{"--json", NULL, "compare: print JSON", set_json},
};

void options_usage(FILE *out)
{
	fputs("usage: cloison-bench list\n"
	      "       cloison-bench run [OPTION]...\n"
	      "       cloison-bench run targets [OPTION]...\n"
	      "       cloison-bench run --resume FILE\n"
	      "       cloison-bench report FILE [--out HTML] [--lang en|fr]\n"
	      "       cloison-bench compare A.json B.json [--effect PERCENT] [--json]\n"
	      "       cloison-bench selftest [OPTION]...\n"
	      "       cloison-bench repro RECIPE [OPTION]...\n"
	      "       cloison-bench agent ...        in the appliance, started by run\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(option_table); i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", option_table[i].name,
			 option_table[i].argument ? option_table[i].argument : "");
		fprintf(out, "  %-26s %s\n", left, option_table[i].help);
	}
}

int options_parse(int argc, char **argv, struct options *o, const char **operands, size_t max,
		  struct error *err)
{
	size_t got = 0;

	for (int i = 0; i < argc; i++) {
		size_t k = 0;

		if (argv[i][0] != '-' && got < max) {
			operands[got++] = argv[i];
			continue;
		}
		while (k < ARRAY_SIZE(option_table) && strcmp(option_table[k].name, argv[i]) != 0)
			k++;
		if (k == ARRAY_SIZE(option_table))
			return options_error(err, "unknown argument `%s`", argv[i]);
		if (option_table[k].argument && i + 1 == argc)
			return options_error(err, "option `%s` needs a value", argv[i]);
		if (option_table[k].set(o, option_table[k].argument ? argv[++i] : "", err))
			return -1;
	}
	return 0;
}

struct options options_default(void)
{
	return (struct options){
		.mode = "quick",
		.seed = (uint64_t)time(NULL),
		.out = "results.json",
		.accel = "auto",
		.effect = 0.05,
		.container_deadline_ms = DEFAULT_CONTAINER_DEADLINE_MS,
		.vm_deadline_ms = DEFAULT_VM_DEADLINE_MS,
	};
}
