/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debian.c: see debian.h.
 *
 * The disk is the one of tests/debian/root: Debian 12 with systemd as init, with most of its optional units
 * masked, so it boots faster than what an installer leaves. Its kernel is Debian's own for the cloud, without
 * an initramfs; the root is an NVMe disk, of which nothing that is written is kept. When systemd has reached
 * the target of the tests it runs what the second disk holds, which here is the probe, its standard output
 * being the second serial port; that is this program's pipe. Memory is what Debian asks for, not the
 * 128 MiB of the other machines.
 */
#include "bench/debian.h"

#include "bench/qemu.h"
#include "bench/systems.h"

#include <string.h>
#include <sys/stat.h>

#define RAM_MIB 512
#define PAYLOAD "/payload"

/* write_text - @text to WORK/@name. */
static int write_text(const struct bench *b, const char *name, const char *text)
{
	char path[PATH_MAX];
	_cleanup_file_ FILE *f = NULL;

	snprintf(path, sizeof(path), "%s%s", b->work, name);
	f = fopen(path, "we");
	return f && fputs(text, f) >= 0 && fflush(f) == 0 ? 0 : -1;
}

/* run_tool - one command to its end. */
static int run_tool(struct bench *b, struct system *s, const struct command *cmd)
{
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	enum wait_result result;

	if (!c || harness_run(&b->h, c, cmd, b->opt.container_deadline_ms, &result, &err) ||
	    result != WAIT_OK || child_exit_code(c) != 0)
		return skip(s, "%s failed: %.200s", cmd->argv[0], c ? c->errors : "no memory");
	return 0;
}

/* make_payload - the second disk: the command, and the probe. */
static int make_payload(struct bench *b, struct system *s)
{
	char mkfs[PATH_MAX], path[PATH_MAX];
	struct command cmd;

	if (systems_program("mkfs.ext4", mkfs, sizeof(mkfs)))
		return skip(s, "mkfs.ext4 is not installed; it comes with e2fsprogs");
	snprintf(path, sizeof(path), "%s" PAYLOAD ".img", b->work);
	if (access(path, R_OK) == 0)
		return 0; /* another machine's probe made it */
	snprintf(path, sizeof(path), "%s" PAYLOAD, b->work);
	if (mkdir(path, 0755) < 0)
		return skip(s, "cannot create `%s`: %s", path, errno_name(errno));
	snprintf(path, sizeof(path), "%s" PAYLOAD "/cloison", b->work);
	if (mkdir(path, 0755) < 0 || write_text(b, PAYLOAD "/command", "exec /mnt/probe\n"))
		return skip(s, "cannot fill `%s`: %s", path, errno_name(errno));
	command_init(&cmd);
	command_add(&cmd, "/bin/cp");
	command_add(&cmd, "%s", b->files.probe);
	command_add(&cmd, "%s" PAYLOAD "/probe", b->work);
	if (run_tool(b, s, &cmd))
		return -1;
	command_init(&cmd);
	command_add(&cmd, "%s", mkfs);
	command_add(&cmd, "-q");
	command_add(&cmd, "-O");
	command_add(&cmd, "^has_journal");
	command_add(&cmd, "-d");
	command_add(&cmd, "%s" PAYLOAD, b->work);
	command_add(&cmd, "%s" PAYLOAD ".img", b->work);
	command_add(&cmd, "4M");
	return run_tool(b, s, &cmd);
}

int debian_probe(struct bench *b, struct system *s)
{
	s->accel = b->accel;
	if (b->guest != ARCH_X86_64)
		return skip(s, "the disk is made for x86_64 alone");
	if (access(b->files.debian_disk, R_OK) < 0 || access(b->files.debian_kernel, R_OK) < 0)
		return skip(s, "no Debian disk in %s/bench; `make bench-debian` makes it",
			    b->files.dir);
	return make_payload(b, s);
}

static void add_disk(const char *file, const char *id, const char *options, struct command *cmd)
{
	command_add(cmd, "-drive");
	command_add(cmd, "file=%s,format=raw,if=none,id=%s,%s", file, id, options);
	command_add(cmd, "-device");
	command_add(cmd, "nvme,drive=%s,serial=%s", id, id);
}

void debian_command(const struct bench *b, const struct system *s, const char *firmware,
		    struct command *cmd)
{
	static const char *const fixed[] = {"-nodefaults", "-no-user-config", "-display", "none",
					    "-no-reboot",  "-monitor",	      "none",	  "-serial",
					    "null",	   "-serial",	      "stdio",	  "-serial",
					    "null",	   "-parallel",	      "none"};
	bool kvm = strcmp(s->accel, "kvm") == 0;
	char payload[PATH_MAX];

	command_add(cmd, "%s", s->program);
	command_add(cmd, "-M");
	command_add(cmd, "q35");
	command_add(cmd, "-accel");
	command_add(cmd, "%s", s->accel);
	command_add(cmd, "-cpu");
	command_add(cmd, "%s", kvm ? "host" : "qemu64,+rdrand");
	command_add(cmd, "-m");
	command_add(cmd, "%d", RAM_MIB);
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		command_add(cmd, "%s", fixed[i]);
	if (firmware) {
		command_add(cmd, "-bios");
		command_add(cmd, "%s", firmware);
	}
	command_add(cmd, "-kernel");
	command_add(cmd, "%s", b->files.debian_kernel);
	command_add(cmd, "-append");
	command_add(cmd,
		    "console=ttyS0 root=/dev/nvme0n1 rootfstype=ext4 rw quiet panic=-1 "
		    "init=/lib/systemd/systemd systemd.unit=cloison-test.target "
		    "systemd.show_status=0 systemd.machine_id=c1015011c1015011c1015011c1015011");
	add_disk(b->files.debian_disk, "root", "snapshot=on,cache=unsafe", cmd);
	snprintf(payload, sizeof(payload), "%s" PAYLOAD ".img", b->work);
	add_disk(payload, "payload", "readonly=on", cmd);
}
