/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench.h: one run of the bench, and what a driver is.
 *
 * A driver stands for one system under test. It says whether that system can be measured here
 * (or why not), and gives the public command line that starts one instance; it never looks inside.
 * Whatever it is, the started command's standard output carries the probe's marks, so scenarios
 * treat containers and virtual machines alike. The one exception is the appliance, where one boot
 * serves many starts: there the agent's START mark opens each of them.
 */
#ifndef CLOISON_BENCH_BENCH_H
#define CLOISON_BENCH_BENCH_H

#include "bench/harness.h"
#include "bench/result.h"
#include "bench/rng.h"

#include <limits.h>

#define MAX_PROGRAMS 16
#define MAX_NAMES 32

enum arch { ARCH_X86_64, ARCH_AARCH64 };

enum kind {
	KIND_PROCESS,
	KIND_CONTAINER, /* on this host, natively */
	KIND_APPLIANCE, /* containers inside one virtual machine */
	KIND_VM,
};

struct bench;
struct system;

struct request {
	unsigned int serial;	      /* unique in this run */
	bool hold;		      /* the probe stays, and a container is detached */
	bool icount;		      /* the guest's counter counts instructions */
	unsigned int exec_in;	      /* one more process in the container of this serial; 0: no */
	bool named_ram;		      /* guest RAM in a mapping that can be told from others */
	unsigned int starts, warmups; /* containers per boot of the appliance */
	unsigned int pause_ms;	      /* between them */
	unsigned int ram_mib;	      /* of a virtual machine; 0: GUEST_RAM_MIB */
	bool boot_plugin;	      /* QEMU tells how far a boot has come: plugin/boot.c */
	const char *kernel;	      /* of a virtual machine; NULL: the artifacts' */
	const char *exec;	      /* appliance: run this and end, words divided by commas */
	const char *agent;	      /* appliance: what its agent does, "start" by default */
};

struct driver {
	const char *id;
	const char *what; /* one line for people */
	enum kind kind;
	/* Program looked for in PATH or given by --program; NULL: among the artifacts. */
	const char *program;
	const char *package; /* where that comes from, for who has not got it; or NULL */
	bool heavy;	     /* takes minutes: in the quick mode only when --only names it */
	bool endless;	     /* does not end by itself: killed when the probe has reported */
	bool uncounted;	     /* not in s22-icount */
	bool executes;	     /* understands request.exec_in */
	bool holds;	     /* understands request.hold */
	bool detaches;	     /* with request.hold the command returns and the container stays */
	/* probe - 0 when it can be measured here; else -1 with s->skip saying why not. */
	int (*probe)(struct bench *b, struct system *s);
	void (*start)(const struct bench *b, const struct system *s, const struct request *r,
		      struct command *cmd);
	/* stop - the command that removes what a start may have left; NULL when nothing can be. */
	void (*stop)(const struct bench *b, const struct system *s, unsigned int serial,
		     struct command *cmd);
};

struct system {
	const struct driver *driver;
	bool available;
	bool left_out;	/* by --only, so its absence is no fault */
	bool broken;	/* was available and failed its first use */
	char skip[512]; /* why it is not */
	char program[PATH_MAX];
	char version[160];
	const char *accel; /* native, tcg, kvm */
	const char *rung;  /* R0 to R4, or "-" */
};

struct options {
	const char *mode; /* quick, full, soak */
	const char *scenarios[MAX_NAMES];
	size_t scenario_count;
	const char *only[MAX_NAMES];
	size_t only_count;
	struct {
		char name[32];
		const char *path;
	} programs[MAX_PROGRAMS];
	size_t program_count;
	uint64_t seed;
	const char *out;
	const char *artifacts;
	const char *accel; /* auto, tcg, kvm */
	int blocks;	   /* 0: the mode's */
	int container_deadline_ms;
	int vm_deadline_ms;
	bool full, soak; /* soak is full, and longer */
	const char *resume;
	int repeats;
	double effect; /* a part, of compare */
	bool french, json;
	bool targets; /* run targets */
	bool cgroups; /* containers get a cgroup each */
};

/* How far the scenario that runs is; only progress.c looks into it. */
struct progress {
	const char *id;
	int64_t started_ns, said_ns;
	int first, done;
	int scenario, scenarios; /* the how manieth of how many: run_scenarios() */
};

struct artifacts {
	char dir[PATH_MAX];
	char probe[PATH_MAX], floor[PATH_MAX], work[PATH_MAX], cloison[PATH_MAX];
	char kernel[PATH_MAX], probe_initrd[PATH_MAX], bench_initrd[PATH_MAX];
	char boot_plugin[PATH_MAX];
	char debian_disk[PATH_MAX], debian_kernel[PATH_MAX], vmlinux[PATH_MAX];
};

struct bench {
	struct options opt;
	struct harness h;
	struct results results;
	struct rng order; /* the order of starts */
	struct rng draws; /* the bootstrap's */
	struct artifacts files;
	enum arch guest;
	bool native; /* guest and host are of the same architecture */
	bool root;
	const char *accel; /* of virtual machines: tcg or kvm */
	char accel_reason[256];
	uint64_t counter_khz; /* the host's, as a TCG guest will see it */
	char work[256];	      /* a tmpfs in this process's own mount namespace */
	struct system systems[MAX_NAMES];
	size_t system_count;
	unsigned int serial;
	size_t failed_scenarios;
	struct progress progress;
};

/* bench_drivers - all drivers in the order of the tables. */
extern const struct driver *const bench_drivers[];
extern const size_t bench_driver_count;

/* bench_system - the record of a system, or NULL; with available false it must not be started. */
struct system *bench_system(struct bench *b, const char *id);

/* skip - fill s->skip. Returns -1 always. */
int skip(struct system *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* bench_say - one line of progress on standard error. */
void bench_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * bench_progress - the same, at most once a second: @done of @total blocks (or runs, or steps) of
 * scenario @id are done, with the time left at that pace.
 */
void bench_progress(struct bench *b, const char *id, int done, int total);

#endif
