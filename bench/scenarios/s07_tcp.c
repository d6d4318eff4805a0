/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s07_tcp.c: from the command to the first byte over TCP.
 *
 * The bench listens on 127.0.0.1; the workload connects and sends a byte, so nobody polls and the time has no
 * quantum. Containers share the host's network for that: the spec without its network namespace. Machines
 * have no network card in this bench, so they are not in it.
 */
#include "bench/scenarios/scenario.h"

#include "bench/bundle.h"
#include "bench/workspace.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static const char *const runtimes[] = {"cloison", "crun", "runc"};
static const char bare[] = "process";

/* listen_here - a listening socket; its port to @port. */
static int listen_here(int *port, struct error *err)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 8) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
		error_set(err, errno, "cannot listen on 127.0.0.1");
		close_fd(fd);
		return -1;
	}
	*port = ntohs(at.sin_port);
	return fd;
}

/* write_bundle - WORK/tcp: connects to @port, on the host's network. */
static int write_bundle(struct bench *b, int port, struct error *err)
{
	char path[PATH_MAX], root[PATH_MAX], number[16];
	const char *const args[] = {"/" BUNDLE_WORK, "connect", number};
	json_object *config, *spaces;
	int ret;

	snprintf(number, sizeof(number), "%d", port);
	snprintf(root, sizeof(root), "%s/" BUNDLE_WORK "/rootfs", b->work);
	snprintf(path, sizeof(path), "%s/tcp", b->work);
	if (mkdir(path, 0755) < 0)
		return error_set(err, errno, "cannot create `%s`", path);
	snprintf(path, sizeof(path), "%s/tcp/config.json", b->work);
	config = bundle_json(root, args, ARRAY_SIZE(args), b->opt.cgroups);
	spaces = json_object_object_get(json_object_object_get(config, "linux"), "namespaces");
	for (size_t i = 0; i < json_object_array_length(spaces); i++) {
		json_object *type =
			json_object_object_get(json_object_array_get_idx(spaces, i), "type");

		if (strcmp(json_object_get_string(type), "network") == 0) {
			json_object_array_del_idx(spaces, i, 1);
			break;
		}
	}
	ret = json_object_to_file(path, config);
	json_object_put(config);
	return ret < 0 ? error_set(err, errno, "cannot write `%s`", path) : 0;
}

static void command_for(struct bench *b, const struct system *s, int port, struct command *cmd)
{
	command_init(cmd);
	if (strcmp(s->driver->id, bare) == 0) {
		command_add(cmd, "%s", b->files.work);
		command_add(cmd, "connect");
		command_add(cmd, "%d", port);
		return;
	}
	command_add(cmd, "%s", s->program);
	command_add(cmd, "--root");
	command_add(cmd, "%s/state/%s", b->work, s->driver->id);
	if (!b->opt.cgroups && strcmp(s->driver->id, "runc") != 0)
		command_add(cmd, "--cgroup-manager=disabled");
	command_add(cmd, "run");
	command_add(cmd, "--bundle");
	command_add(cmd, "%s/tcp", b->work);
	command_add(cmd, "tcp-%u", ++b->serial);
}

/* first_byte_ns - when it came, 0 when none did by the deadline. */
static int64_t first_byte_ns(int listener, const struct child *c, int deadline_ms)
{
	int64_t until = c->started_ns + (int64_t)deadline_ms * 1000000;
	_cleanup_fd_ int fd = FD_EMPTY;
	char byte;

	for (int i = 0; i < 2; i++) {
		int64_t left = until - harness_now_ns();
		struct pollfd p = {.fd = i == 0 ? listener : fd, .events = POLLIN};

		if (left <= 0 || poll(&p, 1, (int)(left / 1000000) + 1) != 1)
			return 0;
		if (i == 0)
			fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return 0;
	}
	return read(fd, &byte, 1) == 1 ? harness_now_ns() : 0;
}

static int start_once(struct bench *b, const struct system *s, int listener, int port, int block,
		      int order, struct child *c, struct error *err)
{
	struct sample sample = {.scenario = scenario_tcp.id,
				.system = s->driver->id,
				.block = block,
				.order = order,
				.boot = NOT_MEASURED,
				.ready_ns = NOT_MEASURED,
				.exit_ns = NOT_MEASURED,
				.cpu_ns = NOT_MEASURED,
				.instructions = NOT_MEASURED,
				.majflt = NOT_MEASURED,
				.steal_ticks = NOT_MEASURED,
				.psi_us = NOT_MEASURED};
	enum wait_result result;
	struct command cmd;
	int64_t byte;

	command_for(b, s, port, &cmd);
	if (harness_start(&b->h, c, &cmd, err))
		return -1;
	byte = first_byte_ns(listener, c, b->opt.container_deadline_ms);
	result = harness_wait_exit(&b->h, c, b->opt.container_deadline_ms);
	if (result != WAIT_OK)
		harness_kill(&b->h, c);
	sample.t0_ns = c->started_ns;
	sample.rc = child_exit_code(c);
	if (byte)
		sample.ready_ns = byte - c->started_ns;
	if (c->exited)
		sample.exit_ns = c->exited_ns - c->started_ns;
	if (!byte || sample.rc != 0) {
		sample.outcome = result == WAIT_TIMEOUT ? OUTCOME_TIMEOUT : OUTCOME_FAILED;
		child_complaint(c, sample.error, sizeof(sample.error));
	}
	return results_add(&b->results, &sample, err);
}

static int run_blocks(struct bench *b, int blocks, int listener, int port, struct error *err)
{
	_cleanup_child_ struct child *c = child_new();
	int chosen[ARRAY_SIZE(runtimes) + 1];
	size_t n = 0;

	if (!c)
		return error_set(err, ENOMEM, "cannot start anything");
	for (size_t i = 0; i < b->system_count; i++) {
		const struct system *s = &b->systems[i];
		bool wanted = strcmp(s->driver->id, bare) == 0;

		for (size_t j = 0; j < ARRAY_SIZE(runtimes); j++)
			wanted |= strcmp(s->driver->id, runtimes[j]) == 0;
		if (s->available && wanted)
			chosen[n++] = (int)i;
	}
	for (int block = 0; block < blocks && !b->h.interrupted; block++) {
		rng_shuffle(&b->order, chosen, n);
		for (size_t i = 0; i < n && !b->h.interrupted; i++)
			if (start_once(b, &b->systems[chosen[i]], listener, port, block, (int)i, c,
				       err))
				return -1;
	}
	for (size_t i = 0; i < n; i++) {
		const char *id = b->systems[chosen[i]].driver->id;

		if (results_summarise(&b->results, scenario_tcp.id, id, "first byte", "ns",
				      sample_ready, &b->draws, err))
			return -1;
		if (strcmp(id, bare) != 0 &&
		    results_ratio(&b->results, scenario_tcp.id, "first byte", sample_ready, id,
				  bare, "host", &b->draws, NULL, err))
			return -1;
	}
	return 0;
}

static int run(struct bench *b, struct error *err)
{
	int blocks = b->opt.blocks ? b->opt.blocks : b->opt.full ? 100 : 20, port = 0;
	_cleanup_fd_ int listener = listen_here(&port, err);
	json_object *params = json_object_new_object();

	json_object_object_add(params, "blocks", json_object_new_int(blocks));
	json_object_object_add(params, "left_out",
			       json_object_new_string(
				       "virtual machines: they have no network card here"));
	if (listener < 0 || scenario_record(b, &scenario_tcp, params, err))
		return -1;
	return write_bundle(b, port, err) ? -1 : run_blocks(b, blocks, listener, port, err);
}

const struct scenario scenario_tcp = {
	.id = "s07-tcp",
	.title = "from the command to the first byte over TCP, on the host's network",
	.full_only = true,
	.run = run,
};
