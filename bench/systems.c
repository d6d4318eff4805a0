/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * systems.c: the list of drivers, their programs, versions and rungs.
 *
 * The fairness ladder, of a figure that sets a container beside a virtual machine:
 *	R0	native container, emulated machine: says more about the emulator; never a headline
 *	R1	equal substrate: containers inside the emulated machine that others boot
 *	R2	equal substrate, in instructions and skipped idle time (virtual ns)
 *	R3	native container, hardware virtualisation
 *	R4	both on a host that is itself a virtual machine
 */
#include "bench/systems.h"

#include "bench/drivers/driver.h"
#include "bench/env.h"
#include "bench/qemu.h"
#include "lib/sha256.h"

#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#define VERSION_DEADLINE_MS 5000

const struct driver *const bench_drivers[] = {
	&driver_process,     &driver_floor,	   &driver_cloison,
	&driver_crun,	     &driver_runc,	   &driver_bwrap,
	&driver_unshare,     &driver_nspawn,	   &driver_lxc,
	&driver_podman,	     &driver_docker,	   &driver_runsc,
	&driver_appliance,   &driver_qemu_microvm, &driver_qemu_qboot,
	&driver_qemu_q35,    &driver_qemu_virt,	   &driver_qemu_restore,
	&driver_qemu_debian, &driver_qemu_ovmf,	   &driver_debian_microvm,
	&driver_debian_q35,  &driver_firecracker,  &driver_cloud_hypervisor,
};
const size_t bench_driver_count = ARRAY_SIZE(bench_drivers);

int skip(struct system *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->skip, sizeof(s->skip), fmt, ap);
	va_end(ap);
	return -1;
}

struct system *bench_system(struct bench *b, const char *id)
{
	for (size_t i = 0; i < b->system_count; i++)
		if (strcmp(b->systems[i].driver->id, id) == 0)
			return &b->systems[i];
	return NULL;
}

const char *systems_given(const struct bench *b, const char *name)
{
	for (size_t i = 0; i < b->opt.program_count; i++)
		if (strcmp(b->opt.programs[i].name, name) == 0)
			return b->opt.programs[i].path;
	return NULL;
}

int systems_program(const char *name, char *out, size_t size)
{
	static const char *const dirs[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					   "/usr/bin",	      "/sbin",		"/bin"};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(out, size, "%s/%s", dirs[i], name);
		if (access(out, X_OK) == 0)
			return 0;
	}
	out[0] = '\0';
	return -1;
}

/* wanted_program - the name to look for in PATH; NULL for a system among the artifacts. */
static const char *wanted_program(const struct bench *b, const struct driver *d)
{
	return d->kind == KIND_APPLIANCE ? qemu_program(b->guest) : d->program;
}

void systems_find(struct bench *b)
{
	for (size_t i = 0; i < bench_driver_count && i < MAX_NAMES; i++) {
		struct system *s = &b->systems[b->system_count++];
		const char *given = systems_given(b, bench_drivers[i]->id);
		const char *name = wanted_program(b, bench_drivers[i]);

		s->driver = bench_drivers[i];
		s->accel = "-";
		s->rung = "-";
		if (given)
			snprintf(s->program, sizeof(s->program), "%s", given);
		else if (name)
			(void)systems_program(name, s->program, sizeof(s->program));
	}
}

/* ask_version - the first line of `PROGRAM --version`; "" when it has none. */
static void ask_version(struct bench *b, struct system *s)
{
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	struct command cmd;
	enum wait_result result;

	command_init(&cmd);
	command_add(&cmd, "%s", s->program);
	command_add(&cmd, "--version");
	if (!c || harness_run(&b->h, c, &cmd, VERSION_DEADLINE_MS, &result, &err))
		return;
	if (result == WAIT_OK && child_exit_code(c) == 0)
		snprintf(s->version, sizeof(s->version), "%.*s", (int)strcspn(c->output, "\n"),
			 c->output);
}

/* named - whether --only asks for it. */
static bool named(const struct bench *b, const struct driver *d)
{
	for (size_t i = 0; i < b->opt.only_count; i++)
		if (strcmp(b->opt.only[i], d->id) == 0)
			return true;
	return false;
}

static int probe_one(struct bench *b, struct system *s)
{
	const char *name = wanted_program(b, s->driver);

	s->left_out = b->opt.only_count > 0 && !named(b, s->driver);
	if (s->left_out)
		return skip(s, "left out by --only");
	if (s->driver->heavy && !b->opt.full && !named(b, s->driver))
		return skip(s, "takes minutes: with --mode full, or --only %s", s->driver->id);
	if (name && !s->program[0])
		return s->driver->package ? skip(s, "%s is not installed; it comes with %s", name,
						 s->driver->package)
					  : skip(s, "%s is not installed", name);
	if (name && access(s->program, X_OK) < 0)
		return skip(s, "cannot execute %s: %s", s->program, errno_name(errno));
	return s->driver->probe(b, s);
}

const char *systems_rung(enum kind kind, const char *vm_accel, bool nested)
{
	if (kind == KIND_APPLIANCE)
		return "R1";
	if (strcmp(vm_accel, "kvm") == 0)
		return nested ? "R4" : "R3";
	return kind == KIND_VM ? "R1" : "R0";
}

static int record(struct bench *b, const struct system *s, struct error *err)
{
	static const char *const kinds[] = {"process", "container", "appliance", "vm"};
	static const struct request example = {.starts = 1};
	char digest[SHA256_HEX_SIZE] = "", args[2048] = "";
	json_object *o = json_object_new_object();
	struct command cmd;

	command_init(&cmd);
	if (s->available) {
		if (s->program[0] && sha256_file(s->program, digest, err))
			goto fail;
		s->driver->start(b, s, &example, &cmd);
		command_text(&cmd, args, sizeof(args));
	}
	json_object_object_add(o, "id", json_object_new_string(s->driver->id));
	json_object_object_add(o, "what", json_object_new_string(s->driver->what));
	json_object_object_add(o, "kind", json_object_new_string(kinds[s->driver->kind]));
	json_object_object_add(o, "accel", json_object_new_string(s->accel));
	json_object_object_add(o, "rung", json_object_new_string(s->rung));
	json_object_object_add(o, "version", json_object_new_string(s->version));
	json_object_object_add(o, "program", json_object_new_string(s->program));
	json_object_object_add(o, "sha256", json_object_new_string(digest));
	json_object_object_add(o, "args", json_object_new_string(args));
	json_object_object_add(o, "skip", s->available ? NULL : json_object_new_string(s->skip));
	if (json_object_array_add(results_list(&b->results, "systems"), o) == 0)
		return 0;
	error_set(err, ENOMEM, "cannot keep the results");
fail:
	json_object_put(o);
	return -1;
}

int systems_probe(struct bench *b, struct error *err)
{
	for (size_t i = 0; i < b->system_count; i++) {
		struct system *s = &b->systems[i];

		s->available = probe_one(b, s) == 0;
		s->rung = systems_rung(s->driver->kind, b->accel, env_nested());
		if (s->available && s->program[0])
			ask_version(b, s);
		if (record(b, s, err))
			return -1;
	}
	return 0;
}

int systems_break(struct bench *b, struct system *s, struct error *err)
{
	json_object *list = results_list(&b->results, "systems");
	char line[640];

	s->available = false;
	s->broken = true;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *o = json_object_array_get_idx(list, i), *id = NULL;

		if (json_object_object_get_ex(o, "id", &id) &&
		    strcmp(json_object_get_string(id), s->driver->id) == 0)
			json_object_object_add(o, "skip", json_object_new_string(s->skip));
	}
	snprintf(line, sizeof(line), "%s is broken, nothing of it was measured: %s", s->driver->id,
		 s->skip);
	bench_say("%s", line);
	return results_text(&b->results, "threats", line, err);
}
