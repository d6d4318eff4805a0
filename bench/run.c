/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.c: `cloison-bench run`, from the files of a build to a finished result file.
 *
 * The order: find the artifacts, examine the systems, compare one with itself (the gate of all
 * ratios), then one scenario after the other, with a checkpoint behind each. A run that is gone on
 * with goes the same way; what it has already is skipped or taken from the journal (journal.h).
 *
 * Exit status: 0 all that could be measured was, and no start failed; 1 a start or a
 * scenario failed, a system was broken, instructions spread too widely or were not compared, said
 * in the table or on standard error; 2 wrong usage; 125 the bench itself could not
 * go on; 130 interrupted, with what was done written.
 */
#include "bench/run.h"

#include "bench/env.h"
#include "bench/journal.h"
#include "bench/options.h"
#include "bench/proof.h"
#include "bench/qemu.h"
#include "bench/scenarios/scenario.h"
#include "bench/selftest.h"
#include "bench/systems.h"
#include "bench/table.h"
#include "bench/targets.h"
#include "bench/view.h"
#include "bench/workspace.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_OPTIONS 128

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
		{"bin/cloison-bench-work", f->work},
		{"bin/cloison", f->cloison},
		{"vmlinuz", f->kernel},
		{"bench/probe.cpio.lz4", f->probe_initrd},
		{"bench/appliance.cpio.lz4", f->bench_initrd},
		{"bench/boot.so", f->boot_plugin},
		{"bench/debian.disk", f->debian_disk},
		{"bench/debian.vmlinuz", f->debian_kernel},
		{"vmlinux", f->vmlinux},
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

/* results_begin - new results, or those of the run that is gone on with. */
static int results_begin(struct bench *b, struct error *err)
{
	if (!b->opt.resume)
		return results_open(&b->results, b->opt.seed, b->opt.mode, err);
	if (results_load(&b->results, b->opt.resume, err))
		return -1;
	if (!view_get(b->results.doc, "checkpoint") && view_get(b->results.doc, "finished"))
		return error_set(err, 0, "`%s` is of a run that was finished", b->opt.resume);
	return 0;
}

int bench_open(struct bench *b, struct error *err)
{
	if (find_artifacts(b, err) || find_architecture(b, err) || harness_open(&b->h, err))
		return -1;
	b->order.state = b->opt.seed;
	b->draws.state = ~b->opt.seed;
	if (results_begin(b, err))
		return -1;
	systems_find(b);
	if (workspace_open(b, err))
		return -1;
	b->counter_khz = qemu_calibrate();
	return 0;
}

void bench_close(struct bench *b)
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
	return b->opt.scenario_count == 0 && (b->opt.full || !sc->full_only);
}

/* note_failure - a scenario that could not go on; the others still have something to say. */
static int note_failure(struct bench *b, const char *id, const struct error *failure,
			struct error *err)
{
	char line[512];

	error_print(failure, "cloison-bench", 2);
	snprintf(line, sizeof(line), "%s could not be finished: %.400s%s%s", id, failure->what,
		 failure->errnum ? ": " : "", failure->errnum ? errno_name(failure->errnum) : "");
	b->failed_scenarios++;
	return results_text(&b->results, "threats", line, err);
}

static struct checkpoint here(const struct bench *b)
{
	return (struct checkpoint){b->order.state, b->draws.state, b->serial};
}

static int checkpoint(struct bench *b, struct error *err)
{
	const struct checkpoint at = here(b);

	return journal_checkpoint(&b->results, b->opt.out, &at, err);
}

/* go_on - where the interrupted run stood; at the beginning when it had not begun. */
static int go_on(struct bench *b, struct error *err)
{
	struct checkpoint at = here(b);
	int ret = b->opt.resume ? journal_resume(&b->results, b->opt.resume, &at, err) : 1;

	if (ret < 0)
		return -1;
	if (ret > 0)
		return checkpoint(b, err);
	b->order.state = at.order;
	b->draws.state = at.draws;
	b->serial = at.serial;
	bench_say("going on after %zu samples, %zu of them of an unfinished scenario",
		  b->results.count + b->results.replay_count, b->results.replay_count);
	return results_text(
		&b->results, "threats",
		"the run was interrupted and gone on with: what disturbed it may differ "
		"before and after",
		err);
}

/*
 * choose_systems - for the targets, machines are started only where a target asks for them: they take
 * minutes. @available: what was found when the run began.
 */
static void choose_systems(struct bench *b, const char *id, const bool *available)
{
	static const char *const with_appliance[] = {"s10-creation-vs-n", "s13-minram"};
	bool counted = strcmp(id, "s22-icount") == 0, appliance = counted;

	for (size_t i = 0; i < ARRAY_SIZE(with_appliance); i++)
		appliance |= strcmp(id, with_appliance[i]) == 0;
	for (size_t i = 0; b->opt.targets && i < b->system_count; i++) {
		enum kind kind = b->systems[i].driver->kind;

		b->systems[i].available = available[i] && (kind != KIND_VM || counted) &&
					  (kind != KIND_APPLIANCE || appliance);
	}
}

static int run_one(struct bench *b, const struct scenario *sc, struct error *err)
{
	struct error failure = ERROR_INIT;

	bench_say("%s: %s", sc->id, sc->title);
	if (sc->run(b, &failure) && note_failure(b, sc->id, &failure, err))
		return -1;
	if (b->h.interrupted)
		return 0;
	return journal_done(&b->results, sc->id, err) || checkpoint(b, err) ? -1 : 0;
}

static int run_scenarios(struct bench *b, struct error *err)
{
	bool available[MAX_NAMES] = {false};
	int ret = 0;

	if (go_on(b, err))
		return -1;
	for (size_t i = 0; i < b->system_count; i++)
		available[i] = b->systems[i].available;
	for (size_t i = 0; i < scenario_count; i++)
		b->progress.scenarios += wanted(b, scenarios[i]);
	for (size_t i = 0; ret == 0 && i < scenario_count && !b->h.interrupted; i++) {
		if (!wanted(b, scenarios[i]))
			continue;
		b->progress.scenario++;
		if (journal_is_done(&b->results, scenarios[i]->id))
			continue;
		choose_systems(b, scenarios[i]->id, available);
		ret = run_one(b, scenarios[i], err);
	}
	for (size_t i = 0; i < b->system_count; i++)
		b->systems[i].available = available[i];
	return ret;
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

		if (s->driver->kind != KIND_VM || !s->available || s->driver->uncounted ||
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

/* same_program - whether a system is what it was when the run began. */
static bool same_program(json_object *before, json_object *now)
{
	return now && (view_get(before, "skip") != NULL) == (view_get(now, "skip") != NULL) &&
	       strcmp(view_text(before, "sha256"), view_text(now, "sha256")) == 0;
}

/* check_same - a run can be gone on with only by the same programs on the same systems. */
static int check_same(struct bench *b, json_object *systems, json_object *env, struct error *err)
{
	json_object *now = view_get(b->results.doc, "env");

	for (size_t i = 0; i < json_object_array_length(systems); i++) {
		json_object *before = json_object_array_get_idx(systems, i);
		const char *const match[][2] = {{"id", view_text(before, "id")}};

		if (!same_program(before, view_find(b->results.doc, "systems", match, 1)))
			return error_set(err, 0, "cannot go on with `%s`: `%s` is not what it was",
					 b->opt.resume, match[0][1]);
	}
	if (env && !json_object_equal(view_get(env, "artifacts"), view_get(now, "artifacts")))
		return error_set(err, 0, "cannot go on with `%s`: the build is not what it was",
				 b->opt.resume);
	return 0;
}

/* examine - accelerator, systems, machine; the same as before when a run is gone on with. */
static int examine(struct bench *b, struct error *err)
{
	json_object *doc = b->results.doc, *systems = NULL, *env = NULL;
	int ret;

	bench_say("trying KVM");
	if (qemu_choose_accel(b, err))
		return -1;
	bench_say("virtual machines: %s; %s", b->accel, b->accel_reason);
	if (b->opt.resume && view_length(doc, "systems") > 0) {
		systems = json_object_get(view_get(doc, "systems"));
		env = json_object_get(view_get(doc, "env"));
		json_object_object_add(doc, "systems", json_object_new_array());
		json_object_object_add(doc, "proof", json_object_new_array());
		json_object_object_add(doc, "env", json_object_new_object());
	}
	ret = systems_probe(b, err) || env_record(b, err) || proof_take(b, err) ? -1 : 0;
	if (ret == 0 && systems && !b->h.interrupted)
		ret = check_same(b, systems, env, err);
	json_object_put(systems);
	json_object_put(env);
	return ret;
}

/* conclude - what is said about the whole run, from its results. */
static int conclude(struct bench *b, struct error *err)
{
	json_object_object_add(b->results.doc, "interrupted",
			       json_object_new_boolean(b->h.interrupted));
	if (env_finish(b, err) || targets_judge(&b->results, err))
		return -1;
	if (!b->h.interrupted) {
		json_object_object_add(b->results.doc, "finished", json_object_new_boolean(true));
		journal_finish(&b->results, b->opt.out);
	}
	return 0;
}

/* measure - returns the exit status of the run, or -1 with @err; what there is was written. */
static int measure(struct bench *b, struct error *err)
{
	struct error second = ERROR_INIT;
	int ret;

	/* Now, not after minutes: whether they can be written at all. */
	if (!b->opt.resume && results_write(&b->results, b->opt.out, err))
		return -1;
	/*
	 * Ended before the first scenario: what was examined by then is half of it, or of another build, and
	 * the order of starts would go on from the middle of the gate. The file stays what it was.
	 */
	if (examine(b, err) || selftest_gate(b, err))
		return -1;
	if (b->h.interrupted)
		return 130;
	ret = run_scenarios(b, err) || conclude(b, err) ? -1 : 0;
	/* What was measured before an error is worth keeping. */
	if (results_write(&b->results, b->opt.out, ret ? &second : err)) {
		if (ret == 0)
			return -1;
		error_print(&second, "cloison-bench", 2);
	}
	return ret ? -1 : verdict(b);
}

/* note_options - what `--resume` is to repeat. */
static void note_options(struct bench *b, int argc, char **argv)
{
	json_object *list = json_object_new_array();
	char seed[32];

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)b->opt.seed);
	for (int i = 0; i < argc; i++)
		json_object_array_add(list, json_object_new_string(argv[i]));
	json_object_array_add(list, json_object_new_string("--seed"));
	json_object_array_add(list, json_object_new_string(seed));
	json_object_object_add(b->results.doc, "options", list);
	json_object_object_add(b->results.doc, "cgroups", json_object_new_boolean(b->opt.cgroups));
}

/* What is started for them; those that this bench does not know are left out. */
static const char *const target_systems[] = {"floor",	       "cloison",      "crun",
					     "runc",	       "cloisond",     "cloisond-pooled",
					     "appliance",      "qemu-microvm", "qemu-q35",
					     "debian-microvm", "debian-q35"};

static bool known_system(const char *id)
{
	for (size_t i = 0; i < bench_driver_count; i++)
		if (strcmp(bench_drivers[i]->id, id) == 0)
			return true;
	return false;
}

static void choose_scenario(struct options *o, const char *id)
{
	for (size_t i = 0; i < o->scenario_count; i++)
		if (strcmp(o->scenarios[i], id) == 0)
			return;
	if (scenario_find(id) && o->scenario_count < MAX_NAMES)
		o->scenarios[o->scenario_count++] = id;
}

/*
 * choose_set - what `run SET` measures: the scenarios and systems that the targets rest on, with a
 * cgroup for each container. Options that were given stay. "targets" is the only set.
 */
static int choose_set(struct options *o, const char *set, struct error *err)
{
	bool all = o->scenario_count == 0;

	if (strcmp(set, "targets") != 0)
		return options_error(err, "nothing called `%s` to run: targets", set);
	o->targets = o->cgroups = true;
	for (size_t i = 0; all && targets_scenario(i); i++)
		choose_scenario(o, targets_scenario(i));
	for (size_t i = 0; o->only_count == 0 && i < ARRAY_SIZE(target_systems); i++)
		if (known_system(target_systems[i]))
			o->only[o->only_count++] = target_systems[i];
	return 0;
}

/*
 * options_again - the options of the run that is gone on with. The document is never released: the
 * options point into it.
 */
static int options_again(struct bench *b, struct error *err)
{
	static char *argv[MAX_OPTIONS];
	const char *file = b->opt.resume, *set = NULL;
	json_object *doc = results_read(file, err);
	size_t n = view_length(doc, "options");

	if (!doc)
		return -1;
	if (n == 0 || n > MAX_OPTIONS)
		return error_set(err, 0, "`%s` does not say how its run was started", file);
	for (size_t i = 0; i < n; i++)
		argv[i] = (char *)view_string(view_item(doc, "options", i));
	b->opt = options_default();
	if (options_parse((int)n, argv, &b->opt, &set, 1, err))
		return -1;
	b->opt.resume = b->opt.out = file;
	return set ? choose_set(&b->opt, set, err) : 0;
}

int run_verb(int argc, char **argv, struct error *err)
{
	static struct bench b;
	const char *set = NULL;
	int status;

	b.opt = options_default();
	b.results.journal = FD_EMPTY;
	if (options_parse(argc, argv, &b.opt, &set, 1, err))
		return -1;
	if (b.opt.resume && argc > 2)
		return options_error(err,
				     "`--resume` takes the options of the run it goes on with");
	if (b.opt.resume ? options_again(&b, err) : set && choose_set(&b.opt, set, err))
		return -1;
	status = bench_open(&b, err);
	if (status == 0 && !b.opt.resume)
		note_options(&b, argc, argv);
	if (status == 0)
		status = measure(&b, err);
	if (status >= 0) {
		if (b.opt.targets)
			targets_print(b.results.doc, stdout);
		else
			table_print(b.results.doc, stdout);
		printf("Results: %s\n", b.opt.out);
	}
	bench_close(&b);
	return status;
}
