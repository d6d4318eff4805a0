/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work.c: the scenarios that cloison-bench-work measures: s14 to s19.
 *
 * Each is a row of a table: the groups of work, and where they run. A block is one invocation of the program
 * in each place, in random order; a boot of the appliance is a block of its own, since it takes as long as
 * all others together. Places on one kernel are compared: a container with a process on this host,
 * and one with the other inside the appliance (rung R1). Nothing is compared between the two.
 */
#include "bench/scenarios/lines.h"

#include "bench/bundle.h"
#include "bench/workspace.h"

#include <string.h>
#include <sys/stat.h>

#define ROUNDS 10
#define DEADLINE_MS 60000
#define GUEST_SEED "1"

static const struct plan {
	const struct scenario *scenario;
	const char *groups[2];
	bool in_container;    /* also in a container of Cloison's, here and in the appliance */
	const char *argument; /* NULL: the workspace, a tmpfs */
	const char *guest_argument; /* NULL: not in the appliance */
} plans[] = {
	{&scenario_netns, {"netns", NULL}, false, "-", "-"},
	{&scenario_rootfs, {"rootfs", NULL}, false, NULL, "/tmp"},
	{&scenario_cgroup, {"cgroup", "seccomp"}, false, "/sys/fs/cgroup", "/sys/fs/cgroup"},
	{&scenario_syscall, {"syscall", NULL}, true, "-", "-"},
	{&scenario_cpu, {"cpu", NULL}, true, "-", "-"},
	{&scenario_net, {"net", "io"}, true, NULL, "/tmp"},
};

static void add_work(const struct bench *b, const char *program, const char *group,
		     const char *argument, uint64_t seed, struct command *cmd)
{
	command_add(cmd, "%s", program);
	command_add(cmd, "%s", group);
	command_add(cmd, "%d", ROUNDS);
	command_add(cmd, "%llu", (unsigned long long)seed);
	command_add(cmd, "%s", argument ? argument : b->work);
}

static int as_process(struct bench *b, struct lines *l, const struct plan *p, const char *group,
		      int block, struct error *err)
{
	struct command cmd;

	command_init(&cmd);
	add_work(b, b->files.work, group, p->argument, rng_next(&b->order), &cmd);
	return lines_run(b, l, "process", &cmd, block, DEADLINE_MS, err);
}

/* write_bundle - WORK/@group whose process is the work; its root is shared. */
static int write_bundle(struct bench *b, const char *group, uint64_t seed, struct error *err)
{
	char path[PATH_MAX], root[PATH_MAX], number[24];
	const char *const args[] = {"/" BUNDLE_WORK, group, "10", number, "/dev/shm"};
	json_object *config;
	int ret;

	_Static_assert(ROUNDS == 10, "as the arguments say");
	snprintf(number, sizeof(number), "%llu", (unsigned long long)seed);
	snprintf(path, sizeof(path), "%s/%s", b->work, group);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot create `%s`", path);
	snprintf(root, sizeof(root), "%s/" BUNDLE_WORK "/rootfs", b->work);
	snprintf(path, sizeof(path), "%s/%s/config.json", b->work, group);
	config = bundle_json(root, args, ARRAY_SIZE(args), b->opt.cgroups);
	ret = json_object_to_file(path, config);
	json_object_put(config);
	return ret < 0 ? error_set(err, errno, "cannot write `%s`", path) : 0;
}

static int as_container(struct bench *b, struct lines *l, const char *group, int block,
			struct error *err)
{
	const struct system *s = bench_system(b, "cloison");
	struct command cmd;

	if (!s->available) {
		if (block == 0)
			lines_skip(l, "cloison", s->skip);
		return 0;
	}
	if (write_bundle(b, group, rng_next(&b->order), err))
		return -1;
	command_init(&cmd);
	command_add(&cmd, "%s", s->program);
	command_add(&cmd, "--root");
	command_add(&cmd, "%s/state/cloison", b->work);
	if (!b->opt.cgroups)
		command_add(&cmd, "--cgroup-manager=disabled");
	command_add(&cmd, "run");
	command_add(&cmd, "--bundle");
	command_add(&cmd, "%s/%s", b->work, group);
	command_add(&cmd, "work-%u", ++b->serial);
	return lines_run(b, l, "cloison", &cmd, block, DEADLINE_MS, err);
}

/* in_appliance - one boot for a process, and one for a container of the image's own bundles. */
static int in_appliance(struct bench *b, struct lines *l, const struct plan *p, const char *group,
			int block, struct error *err)
{
	char exec[160];

	snprintf(exec, sizeof(exec), "/bench/cloison-bench-work,%s,%d," GUEST_SEED ",%s", group,
		 ROUNDS, p->guest_argument);
	if (lines_boot(b, l, "appliance", exec, false, block, err))
		return -1;
	if (!p->in_container || b->h.interrupted)
		return 0;
	snprintf(exec, sizeof(exec), "/bin/cloison,run,--bundle,/bench/bundles/work-%s,work",
		 group);
	return lines_boot(b, l, "appliance cloison", exec, false, block, err);
}

static int run_block(struct bench *b, struct lines *l, const struct plan *p, int block,
		     struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->groups) && p->groups[i] && !b->h.interrupted; i++) {
		bool container_first = rng_next(&b->order) & 1;

		for (int turn = 0; turn < 2 && !b->h.interrupted; turn++) {
			bool container = (turn == 0) == container_first;

			if (container && !p->in_container)
				continue;
			if (container ? as_container(b, l, p->groups[i], block, err)
				      : as_process(b, l, p, p->groups[i], block, err))
				return -1;
		}
	}
	return 0;
}

static int run_plan(struct bench *b, const struct plan *p, struct error *err)
{
	int blocks = b->opt.blocks ? b->opt.blocks : b->opt.full ? 12 : 5;
	int boots = b->opt.full ? 3 : 1;
	json_object *params = json_object_new_object();
	struct lines l;

	json_object_object_add(params, "blocks", json_object_new_int(blocks));
	json_object_object_add(params, "boots", json_object_new_int(boots));
	json_object_object_add(params, "rounds", json_object_new_int(ROUNDS));
	if (lines_open(b, p->scenario, params, &l, err))
		return -1;
	for (int block = 0; block < blocks && b->native && !b->h.interrupted; block++)
		if (run_block(b, &l, p, block, err))
			return -1;
	for (int boot = 0; boot < boots && p->guest_argument; boot++)
		for (size_t i = 0; i < ARRAY_SIZE(p->groups) && p->groups[i]; i++)
			if (!b->h.interrupted && in_appliance(b, &l, p, p->groups[i], boot, err))
				return -1;
	if (lines_close(b, &l, err))
		return -1;
	if (!p->in_container)
		return 0;
	if (lines_compare(b, &l, "cloison", "process", "host", err))
		return -1;
	return lines_compare(b, &l, "appliance cloison", "appliance", "R1", err);
}

#define PLAN(scenario_name, index)                                         \
	static int run_##scenario_name(struct bench *b, struct error *err) \
	{                                                                  \
		return run_plan(b, &plans[index], err);                    \
	}
PLAN(netns, 0)
PLAN(rootfs, 1)
PLAN(cgroup, 2)
PLAN(syscall, 3)
PLAN(cpu, 4)
PLAN(net, 5)

const struct scenario scenario_netns = {
	.id = "s14-netns",
	.title = "network namespaces, new ones and from a pool, several at once",
	.full_only = true,
	.run = run_netns,
};

const struct scenario scenario_rootfs = {
	.id = "s15-rootfs",
	.title = "a root that is a bind mount, or an overlay of ever more layers",
	.full_only = true,
	.run = run_rootfs,
};

const struct scenario scenario_cgroup = {
	.id = "s16-cgroup",
	.title = "a process in no cgroup, a new one, the same one; and seccomp filters",
	.full_only = true,
	.run = run_cgroup,
};

const struct scenario scenario_syscall = {
	.id = "s17-syscall",
	.title = "system calls of a process and of a container on the same kernel",
	.full_only = true,
	.run = run_syscall,
};

const struct scenario scenario_cpu = {
	.id = "s18-cpu",
	.title = "processor and memory, process and container on the same kernel",
	.full_only = true,
	.run = run_cpu,
};

const struct scenario scenario_net = {
	.id = "s19-net",
	.title = "TCP over the loopback and files on a tmpfs, process and container",
	.full_only = true,
	.run = run_net,
};
