/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu.c: see qemu.h. QEMU runs as the harness's child; its serial port is its standard output.
 *
 * Under `-icount shift=0,sleep=off` the virtual clock advances one nanosecond per instruction and
 * jumps over idle time. The guest's TSC then ticks at 1 GHz, whatever the host's does.
 */
#include "bench/qemu.h"

#include "bench/counter.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#define ICOUNT_TSC_KHZ 1000000
#define CALIBRATION_NS 40000000
#define CALIBRATION_ROUNDS 5

static const struct machine_row {
	const char *name;
	const char *options;
	const char *tcg_cpu;
	const char *append;
	const char *firmware; /* where it is not the machine's own */
} machines[] = {
	[MACHINE_MICROVM] = {"microvm", "microvm,rtc=on,acpi=on,pit=on,pic=on,isa-serial=on",
			     "qemu64,+rdrand", "console=ttyS0 quiet noreplace-smp no_timer_check",
			     NULL},
	[MACHINE_QBOOT] = {"qboot", "q35", "qemu64,+rdrand",
			   "console=ttyS0 quiet noreplace-smp no_timer_check", "qboot.rom"},
	[MACHINE_Q35] = {"q35", "q35", "qemu64,+rdrand",
			 "console=ttyS0 quiet noreplace-smp no_timer_check", NULL},
	[MACHINE_VIRT] = {"virt", "virt", "cortex-a57", "console=ttyAMA0 quiet", NULL},
};

const char *qemu_program(enum arch guest)
{
	return guest == ARCH_X86_64 ? "qemu-system-x86_64" : "qemu-system-aarch64";
}

/* need - whether @path can be read; the reason names it when not. */
static int need(struct system *s, const char *path)
{
	if (access(path, R_OK) == 0)
		return 0;
	return skip(s, "cannot read %s: %s", path, errno_name(errno));
}

int qemu_probe(struct bench *b, struct system *s, const char *initrd)
{
	if (need(s, b->files.kernel) || need(s, initrd))
		return -1;
	s->accel = b->accel;
	return 0;
}

static uint64_t raw_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* calibrate_once - the counter read between two clock reads, at both ends of a busy wait. */
static double calibrate_once(void)
{
	uint64_t a = raw_ns(), c0 = counter_read(), b = raw_ns();
	uint64_t c, d, c1;

	do {
		c = raw_ns();
		c1 = counter_read();
		d = raw_ns();
	} while (c - b < CALIBRATION_NS);
	return (double)(c1 - c0) * 1e6 / ((double)(c + d) / 2 - (double)(a + b) / 2);
}

uint64_t qemu_calibrate(void)
{
	double khz[CALIBRATION_ROUNDS];

	/* The median: one round may have been interrupted between the reads. */
	for (int i = 0; i < CALIBRATION_ROUNDS; i++)
		khz[i] = calibrate_once();
	return (uint64_t)(stats_median(khz, CALIBRATION_ROUNDS) + 0.5);
}

static void add_accel(const struct bench *b, const struct system *s, const struct machine_row *m,
		      const struct request *r, struct command *cmd)
{
	bool kvm = strcmp(s->accel, "kvm") == 0 && !r->icount;

	command_add(cmd, "-accel");
	command_add(cmd, kvm ? "kvm" : "tcg");
	command_add(cmd, "-cpu");
	command_add(cmd, "%s", kvm ? "host" : m->tcg_cpu);
	if (r->icount) {
		command_add(cmd, "-icount");
		command_add(cmd, "shift=0,sleep=off");
	}
	if (r->boot_plugin) {
		command_add(cmd, "-plugin");
		command_add(cmd, "%s%s", b->files.boot_plugin,
			    b->guest == ARCH_AARCH64 ? ",arm=on" : "");
	}
}

static void add_ram(const struct request *r, struct command *cmd)
{
	unsigned int mib = r->ram_mib ? r->ram_mib : GUEST_RAM_MIB;

	command_add(cmd, "-m");
	command_add(cmd, "%u", mib);
	if (r->named_ram) {
		command_add(cmd, "-object");
		command_add(cmd, GUEST_RAM_MAPPING ",id=ram,size=%uM", mib);
	}
}

static void add_append(const struct bench *b, const struct system *s, enum machine m,
		       const struct request *r, const char *kernel_args, struct command *cmd)
{
	char rate[64] = "";

	if (m == MACHINE_MICROVM && (r->icount || strcmp(s->accel, "tcg") == 0))
		snprintf(rate, sizeof(rate), " tsc_early_khz=%llu",
			 r->icount ? (unsigned long long)ICOUNT_TSC_KHZ
				   : (unsigned long long)b->counter_khz);
	command_add(cmd, "-append");
	command_add(cmd, "%s%s%s%s", machines[m].append, rate, kernel_args[0] ? " " : "",
		    kernel_args);
}

void qemu_command(const struct bench *b, const struct system *s, enum machine m,
		  const struct request *r, const char *initrd, const char *kernel_args,
		  struct command *cmd)
{
	static const char *const fixed[] = {
		"-nodefaults", "-no-user-config", "-display", "none",	   "-no-reboot", "-serial",
		"stdio",       "-monitor",	  "none",     "-parallel", "none",
	};

	command_add(cmd, "%s", s->program);
	command_add(cmd, "-M");
	command_add(cmd, "%s%s", machines[m].options, r->named_ram ? ",memory-backend=ram" : "");
	add_accel(b, s, &machines[m], r, cmd);
	add_ram(r, cmd);
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		command_add(cmd, "%s", fixed[i]);
	if (machines[m].firmware) {
		command_add(cmd, "-bios");
		command_add(cmd, "%s", machines[m].firmware);
	}
	command_add(cmd, "-kernel");
	command_add(cmd, "%s", r->kernel ? r->kernel : b->files.kernel);
	command_add(cmd, "-initrd");
	command_add(cmd, "%s", initrd);
	add_append(b, s, m, r, kernel_args, cmd);
}

static int no_kvm(struct bench *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int no_kvm(struct bench *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b->accel_reason, sizeof(b->accel_reason), fmt, ap);
	va_end(ap);
	return -1;
}

/* last_line - of what QEMU said on standard error, without its own name. */
static const char *last_line(struct child *c)
{
	char *end = c->errors + c->errors_size, *line;

	while (end > c->errors && end[-1] == '\n')
		*--end = '\0';
	line = strrchr(c->errors, '\n');
	line = line ? line + 1 : c->errors;
	/* "qemu-system-x86_64: ../../target/i386/kvm/kvm.c:3183: ..." */
	if (strncmp(line, "qemu-system-", 12) == 0 && strstr(line, ": "))
		line = strstr(line, ": ") + 2;
	return strncmp(line, "../../", 6) == 0 ? line + 6 : line;
}

/* boot_under_kvm - 0 when the probe's guest reported in time; else the reason is kept. */
static int boot_under_kvm(struct bench *b, const struct system *s, enum machine m)
{
	const struct request r = {0};
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	struct command cmd;
	enum wait_result result;

	if (!c)
		return no_kvm(b, "no memory for the trial guest");
	command_init(&cmd);
	qemu_command(b, s, m, &r, b->files.probe_initrd, "", &cmd);
	if (harness_start(&b->h, c, &cmd, &err))
		return no_kvm(b, "%s", err.what);
	result = harness_wait_marks(&b->h, c, MARK_PROBE, 1, KVM_DEADLINE_MS);
	if (result == WAIT_OK) {
		harness_kill(&b->h, c);
		return 0;
	}
	if (result == WAIT_EXITED)
		return no_kvm(b, "QEMU ended with %d on a guest under KVM: %.120s",
			      child_exit_code(c), last_line(c));
	harness_kill(&b->h, c);
	return no_kvm(b,
		      "a guest booted under KVM did not reach its init within %d s "
		      "(processor time used: %.1f s)",
		      KVM_DEADLINE_MS / 1000,
		      (double)c->usage.ru_utime.tv_sec + (double)c->usage.ru_stime.tv_sec +
			      (double)(c->usage.ru_utime.tv_usec + c->usage.ru_stime.tv_usec) /
				      1e6);
}

/* try_kvm - 0 when guests run under KVM here. */
static int try_kvm(struct bench *b)
{
	enum machine m = b->guest == ARCH_X86_64 ? MACHINE_Q35 : MACHINE_VIRT;
	struct system *s = bench_system(b, b->guest == ARCH_X86_64 ? "qemu-q35" : "qemu-virt");
	struct system trial;
	_cleanup_fd_ int fd = FD_EMPTY;

	if (!b->native)
		return no_kvm(b, "the guests are of another architecture than this machine");
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return no_kvm(b, "cannot open /dev/kvm: %s", errno_name(errno));
	if (!s || !s->program[0] || access(b->files.probe_initrd, R_OK) < 0)
		return no_kvm(b, "there is nothing to boot a trial guest with");
	trial = *s;
	trial.accel = "kvm";
	return boot_under_kvm(b, &trial, m);
}

int qemu_choose_accel(struct bench *b, struct error *err)
{
	bool must = strcmp(b->opt.accel, "kvm") == 0;

	b->accel = "tcg";
	if (strcmp(b->opt.accel, "tcg") == 0) {
		no_kvm(b, "asked for with --accel tcg");
		return 0;
	}
	if (try_kvm(b) == 0) {
		b->accel = "kvm";
		no_kvm(b, "a trial guest booted under KVM");
		return 0;
	}
	if (must)
		return error_set(err, 0, "cannot use KVM: %s", b->accel_reason);
	return 0;
}
