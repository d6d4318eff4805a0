/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s12_mem.c: what one idle instance costs in memory, five ways.
 *
 * A staircase: more and more instances that do nothing, the kernel's books after each step. Then:
 *	marginal	what one more instance takes: the slope of the kernel's own memory (slab
 *			that cannot be reclaimed, stacks, page tables, per-processor) over the
 *			number of instances, plus the PSS of one. The figure the table prints,
 *			since it alone counts kernel memory and means the same for a container
 *			and a VM. A slope below 0 is no figure: the machine's own memory shrank.
 *	pss, uss	of the processes of one instance, VMM or monitor included
 *	memcg		what the instances' cgroup is charged with, where there is one
 *	guest used	total - free in a VM whose init is the probe
 *	vmm overhead	PSS of the VMM without the guest's resident RAM and without TCG's translated
 *			code, both of which are given too
 * A VM gets its best case: its RAM is a memfd, of which only touched pages are resident (QEMU's
 * default asks for huge pages and takes twice as much here). How much RAM a guest has is a free
 * parameter anyway; it is printed with the run.
 *
 * Of Cloison, the supervisor is measured by itself: supervised.c.
 *
 * What cannot be had is null with a reason. In the appliance the agent climbs the staircase and
 * the guest's kernel keeps the books.
 */
#include "bench/agent.h"
#include "bench/memory.h"
#include "bench/qemu.h"
#include "bench/scenarios/scenario.h"
#include "lib/sys.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#define MAX_LEVELS 16
#define SETTLE_MS 200
#define STOP_DEADLINE_MS 10000
#define PSS_SAMPLES 8

static const struct plan {
	int levels, step, vm_levels, vm_step;
	unsigned int boot_instances;
} plan_quick = {5, 8, 3, 1, 40}, plan_full = {8, 25, 5, 1, 40};

struct instance {
	struct child *launcher;
	pid_t pid; /* of the container when it is detached, else of the launcher */
	int pidfd; /* of a detached container */
	unsigned int serial;
};

/* The points of a staircase and what one instance's processes hold. */
struct climb {
	double count[MAX_LEVELS];
	struct memory books[MAX_LEVELS];
	size_t levels;
	struct footprint footprint;
	int64_t pss_kb, uss_kb, guest_ram_kb, jit_kb; /* per instance */
	int64_t guest_used_kb, memcg_kb;
	bool complete;
	char trouble[200];
};

static void put_number(json_object *o, json_object *reasons, const char *key, double v,
		       const char *reason)
{
	json_object_object_add(o, key, json_number(v));
	if (isnan(v))
		json_object_object_add(reasons, key, json_object_new_string(reason));
}

static double or_nan(int64_t v)
{
	return v == NOT_MEASURED ? NAN : (double)v;
}

static json_object *slope_json(struct interval v)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "point", json_number(v.point));
	json_object_object_add(o, "low", json_number(v.low));
	json_object_object_add(o, "high", json_number(v.high));
	return o;
}

/* marginal - KiB per instance; with the slope of each part where the books are known in detail. */
static json_object *marginal(struct bench *b, const struct climb *c, bool with_parts, bool *drowned)
{
	double y[MAX_LEVELS], pss = c->pss_kb == NOT_MEASURED ? NAN : (double)c->pss_kb;
	struct interval kernel;
	struct interval all;
	json_object *o;

	for (size_t i = 0; i < c->levels; i++)
		y[i] = (double)memory_kernel(&c->books[i]);
	kernel = stats_slope(c->count, y, c->levels, RESULT_LEVEL, &b->draws);
	all = (struct interval){kernel.point + pss, kernel.low + pss, kernel.high + pss};
	/* Nothing gives memory back by existing: the machine's own memory moved more than this. */
	*drowned = kernel.high < 0;
	if (*drowned)
		all = (struct interval){NAN, NAN, NAN};
	o = slope_json(all);
	json_object_object_add(o, "kernel", slope_json(kernel));
	for (int part = 0; with_parts && part < MEM_COMPONENTS; part++) {
		for (size_t i = 0; i < c->levels; i++)
			y[i] = (double)c->books[i].kb[part];
		json_object_object_add(o, memory_component_names[part],
				       slope_json(stats_slope(c->count, y, c->levels, RESULT_LEVEL,
							      &b->draws)));
	}
	return o;
}

/* record_stairs - the kernel's memory at each level above what it was at the first. */
static int record_stairs(struct bench *b, const struct system *s, const struct climb *c,
			 struct error *err)
{
	json_object *curve = results_curve(&b->results, scenario_mem.id, s->driver->id, "instances",
					   "kernel", "KiB", err);

	for (size_t i = 0; curve && i < c->levels; i++) {
		double kb = (double)(memory_kernel(&c->books[i]) - memory_kernel(&c->books[0]));
		const struct curve_point p = {c->count[i], 1, {kb, NAN, NAN}, NAN, NAN, NAN};

		if (results_curve_point(curve, &p, err))
			return -1;
	}
	return curve ? 0 : -1;
}

static int record(struct bench *b, const struct system *s, const struct climb *c, struct error *err)
{
	bool vm = s->driver->kind == KIND_VM, guest = s->driver->kind == KIND_APPLIANCE;
	const char *no_vm = "not a virtual machine";
	json_object *o = json_object_new_object(), *reasons = json_object_new_object();
	double overhead = vm && c->pss_kb != NOT_MEASURED
				  ? (double)(c->pss_kb - c->guest_ram_kb - c->jit_kb)
				  : NAN;
	bool drowned;

	json_object_object_add(o, "system", json_object_new_string(s->driver->id));
	json_object_object_add(o, "where", json_object_new_string(guest ? "guest" : "host"));
	json_object_object_add(o, "instances",
			       json_object_new_double(c->levels ? c->count[c->levels - 1] : 0));
	json_object_object_add(o, "marginal_kb", marginal(b, c, !guest, &drowned));
	if (drowned)
		json_object_object_add(reasons, "marginal_kb",
				       json_object_new_string(
					       "the machine's own kernel memory shrank "
					       "meanwhile by more than this"));
	json_object_object_add(o, "level", json_object_new_double(RESULT_LEVEL));
	put_number(o, reasons, "pss_kb", or_nan(c->pss_kb), c->trouble);
	put_number(o, reasons, "uss_kb", or_nan(c->uss_kb),
		   guest ? "the agent reports PSS only" : c->trouble);
	put_number(o, reasons, "memcg_kb", or_nan(c->memcg_kb),
		   vm	   ? "no cgroup is made for a VM"
		   : guest ? "the containers' cgroup could not be read"
			   : "cgroups are disabled for all on this host");
	put_number(o, reasons, "guest_used_kb", or_nan(c->guest_used_kb), vm ? c->trouble : no_vm);
	put_number(o, reasons, "vmm_overhead_kb", overhead, vm ? c->trouble : no_vm);
	put_number(o, reasons, "guest_resident_kb", vm ? or_nan(c->guest_ram_kb) : NAN,
		   vm ? c->trouble : no_vm);
	put_number(o, reasons, "jit_kb", vm ? or_nan(c->jit_kb) : NAN, vm ? c->trouble : no_vm);
	if (c->trouble[0])
		json_object_object_add(reasons, "incomplete", json_object_new_string(c->trouble));
	json_object_object_add(o, "reasons", reasons);
	if (results_list_add(&b->results, "memory", o, err))
		return -1;
	return record_stairs(b, s, c, err);
}

static pid_t read_pid(const struct bench *b, unsigned int serial)
{
	char path[PATH_MAX];
	_cleanup_file_ FILE *f = NULL;
	int pid;

	snprintf(path, sizeof(path), "%s/%u.pid", b->work, serial);
	f = fopen(path, "re");
	return f && fscanf(f, "%d", &pid) == 1 && pid > 0 ? pid : 0;
}

/* start_one - an instance that stays. Returns 0, or -1 with why in @trouble. */
static int start_one(struct bench *b, const struct system *s, struct instance *in, char *trouble,
		     size_t size)
{
	bool vm = s->driver->kind == KIND_VM;
	struct request r = {.serial = ++b->serial, .hold = true, .named_ram = vm};
	int deadline = visit_deadline_ms(b, s, &r);
	struct error err = ERROR_INIT;
	enum wait_result result;
	struct command cmd;

	in->serial = r.serial;
	command_init(&cmd);
	cmd.leashed = true;
	s->driver->start(b, s, &r, &cmd);
	if (harness_start(&b->h, in->launcher, &cmd, &err)) {
		error_line(&err, trouble, size);
		return -1;
	}
	result = harness_wait_marks(&b->h, in->launcher, MARK_RAM_FREE, 1, deadline);
	if (result == WAIT_OK && s->driver->detaches)
		result = harness_wait_exit(&b->h, in->launcher, deadline);
	if (result != WAIT_OK || (s->driver->detaches && child_exit_code(in->launcher) != 0)) {
		child_complaint(in->launcher, trouble, size);
		if (!trouble[0])
			snprintf(trouble, size, "did not start within %d ms", deadline);
		return -1;
	}
	in->pid = s->driver->detaches ? read_pid(b, r.serial) : in->launcher->pid;
	if (!in->pid) {
		snprintf(trouble, size, "wrote no pid file");
		return -1;
	}
	if (s->driver->detaches) {
		in->pidfd = sys_pidfd_open(in->pid, 0);
		child_hang_up(in->launcher); /* descriptors are few, instances may be many */
	}
	return 0;
}

/* stop_one - end an instance and wait until it has gone. */
static void stop_one(struct bench *b, const struct system *s, struct instance *in)
{
	struct pollfd gone = {.fd = in->pidfd, .events = POLLIN};

	harness_kill(&b->h, in->launcher);
	if (s->driver->detaches && in->serial)
		visit_stop(b, s, in->serial);
	if (in->pidfd >= 0) {
		sys_pidfd_send_signal(in->pidfd, SIGKILL, NULL, 0);
		if (poll(&gone, 1, STOP_DEADLINE_MS) != 1)
			bench_say("%s: instance %u does not end", s->driver->id, in->serial);
	}
	close_fd(in->pidfd);
	child_free(in->launcher);
}

/* instances_new - all memory the staircase needs, touched before its first step. */
static struct instance *instances_new(size_t n)
{
	struct instance *v = calloc(n, sizeof(*v));

	for (size_t i = 0; v && i < n; i++) {
		v[i] = (struct instance){.launcher = child_new(), .pidfd = FD_EMPTY};
		if (!v[i].launcher) {
			while (i-- > 0)
				child_free(v[i].launcher);
			free(v);
			return NULL;
		}
		for (size_t at = 0; at < sizeof(v[i].launcher->output); at += 4096)
			*(volatile char *)(v[i].launcher->output + at) = 0;
	}
	return v;
}

/* look_inside - what the processes of some of the @n instances hold, on average. */
static int look_inside(const struct system *s, struct instance *in, size_t n, struct climb *c,
		       struct error *err)
{
	const char *ram = s->driver->kind == KIND_VM ? GUEST_RAM_MAPPING : NULL;
	size_t some = n < PSS_SAMPLES ? n : PSS_SAMPLES;
	int64_t per = (int64_t)some;
	struct footprint f = {0};

	if (some == 0)
		return 0;
	for (size_t i = 0; i < some; i++)
		if (footprint_add_tree(&f, in[i].pid, ram, err))
			return -1;
	c->pss_kb = f.pss_kb / per;
	c->uss_kb = f.uss_kb / per;
	c->guest_ram_kb = f.guest_ram_kb / per;
	c->jit_kb = f.jit_kb / per;
	if (ram) {
		const struct mark *total = child_mark(in[0].launcher, MARK_RAM_TOTAL, 0);
		const struct mark *left = child_mark(in[0].launcher, MARK_RAM_FREE, 0);

		if (total && left)
			c->guest_used_kb = (int64_t)(total->value - left->value);
	}
	return 0;
}

static int take_level(struct bench *b, struct climb *c, size_t running, struct error *err)
{
	harness_sleep(&b->h, SETTLE_MS);
	c->count[c->levels] = (double)running;
	if (memory_read(&c->books[c->levels], err))
		return -1;
	c->levels++;
	return 0;
}

static int climb_stairs(struct bench *b, const struct system *s, int levels, int step,
			struct climb *c, struct error *err)
{
	size_t total = (size_t)levels * (size_t)step, running = 0;
	struct instance *in = instances_new(total);
	int ret = -1;

	if (!in)
		return error_set(err, ENOMEM, "cannot hold `%s`", s->driver->id);
	if (take_level(b, c, 0, err))
		goto out;
	while (running < total && !b->h.interrupted) {
		if (start_one(b, s, &in[running], c->trouble, sizeof(c->trouble))) {
			running++;
			break;
		}
		if (++running % (size_t)step == 0 && take_level(b, c, running, err))
			goto out;
	}
	c->complete = running == total && !c->trouble[0];
	ret = c->complete ? look_inside(s, in, total, c, err) : 0;
out:
	for (size_t i = 0; i < total; i++)
		stop_one(b, s, &in[i]);
	free(in);
	harness_reap(STOP_DEADLINE_MS);
	return ret;
}

/* climb_in_guest - the agent's staircase, out of the marks of one boot. */
static int climb_in_guest(struct bench *b, const struct system *s, unsigned int instances,
			  struct climb *c, struct error *err)
{
	struct request r = {.agent = "mem", .starts = instances, .serial = ++b->serial};
	_cleanup_child_ struct child *boot = child_new();
	const struct mark *m;
	enum wait_result result;
	struct command cmd;
	int64_t memcg[MAX_LEVELS] = {0};

	if (!boot)
		return error_set(err, ENOMEM, "cannot boot `%s`", s->driver->id);
	command_init(&cmd);
	cmd.leashed = true;
	s->driver->start(b, s, &r, &cmd);
	if (harness_run(&b->h, boot, &cmd, visit_deadline_ms(b, s, &r), &result, err))
		return -1;
	for (m = boot->marks; m < boot->marks + boot->mark_count; m++) {
		if (m->kind == MARK_LEVEL && c->levels < MAX_LEVELS)
			c->count[c->levels++] = (double)m->value;
		else if (c->levels > 0 && m->kind == MARK_KERNEL_KB)
			c->books[c->levels - 1].kb[0] = (int64_t)m->value;
		else if (c->levels > 0 && m->kind == MARK_MEMCG_KB)
			memcg[c->levels - 1] = (int64_t)m->value;
		else if (m->kind == MARK_PSS_KB)
			c->pss_kb = (int64_t)m->value;
	}
	m = child_mark(boot, MARK_DONE, 0);
	c->complete = result == WAIT_OK && m && m->value == 0;
	if (!c->complete)
		child_complaint(boot, c->trouble, sizeof(c->trouble));
	else if (memcg[c->levels - 1] > 0)
		c->memcg_kb = (memcg[c->levels - 1] - memcg[0]) / (int64_t)instances;
	return 0;
}

static int measure(struct bench *b, const struct system *s, const struct plan *p, struct error *err)
{
	struct climb c = {.pss_kb = NOT_MEASURED,
			  .uss_kb = NOT_MEASURED,
			  .guest_ram_kb = NOT_MEASURED,
			  .jit_kb = NOT_MEASURED,
			  .guest_used_kb = NOT_MEASURED,
			  .memcg_kb = NOT_MEASURED};
	bool vm = s->driver->kind == KIND_VM;
	char line[320];
	int ret;

	bench_say("%s: %s", scenario_mem.id, s->driver->id);
	if (s->driver->kind == KIND_APPLIANCE)
		ret = climb_in_guest(b, s, p->boot_instances, &c, err);
	else
		ret = climb_stairs(b, s, vm ? p->vm_levels : p->levels, vm ? p->vm_step : p->step,
				   &c, err);
	if (ret || b->h.interrupted)
		return ret;
	if (!c.complete) {
		snprintf(line, sizeof(line), "%s: %s: the staircase is incomplete: %s",
			 scenario_mem.id, s->driver->id, c.trouble);
		bench_say("%s", line);
		if (results_text(&b->results, "threats", line, err))
			return -1;
	}
	return record(b, s, &c, err);
}

/* has_supervisor - on this host only root can be one. */
static bool has_supervisor(const struct bench *b, const struct system *s)
{
	return s->driver->kind == KIND_APPLIANCE ||
	       (strcmp(s->driver->id, "cloison") == 0 && b->root);
}

static int run(struct bench *b, struct error *err)
{
	const struct plan *p = b->opt.full ? &plan_full : &plan_quick;
	json_object *params = json_object_new_object();

	json_object_object_add(params, "instances", json_object_new_int(p->levels * p->step));
	json_object_object_add(params, "vms", json_object_new_int(p->vm_levels * p->vm_step));
	json_object_object_add(params, "guest_ram_mib", json_object_new_int(GUEST_RAM_MIB));
	if (scenario_record(b, &scenario_mem, params, err))
		return -1;
	for (size_t i = 0; i < b->system_count && !b->h.interrupted; i++) {
		const struct system *s = &b->systems[i];

		if (!s->available)
			continue;
		if (measure(b, s, p, err))
			return -1;
		if (has_supervisor(b, s) && !b->h.interrupted && supervised_measure(b, s, err))
			return -1;
	}
	return 0;
}

const struct scenario scenario_mem = {
	.id = "s12-mem",
	.title = "memory of one idle instance, from a staircase of them",
	.run = run,
};
