/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * why.c: reading the traces of an end.
 *
 * A seccomp kill is in the kernel's log when auditing is built in and no audit daemon takes the records:
 *
 *	6,1234,16005566778,-;audit: type=1326 audit(...): ... pid=18089 comm="sh" exe="/bin/busybox"
 *	sig=31 arch=c000003e syscall=158 ... code=0x80000000
 *
 * It is believed if the pid is that of the container's first process, the time is not before that
 * process's start, and our pids are those of the log, which has the initial namespace's.
 */
#include "runtime/container/why.h"

#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/sandbox/cgroupfs.h"

#define MAX_RECORDS 65536
#define INITIAL_PID_NS 0xEFFFFFFCU /* PROC_PID_INIT_INO */

/* number_after - the number behind @key in @text. */
static bool number_after(const char *text, const char *key, int base, uint64_t *number)
{
	const char *at = strstr(text, key);
	char *end;

	if (!at)
		return false;
	at += strlen(key);
	*number = strtoull(at, &end, base);
	return end != at;
}

/* parse_kill - is @record about a kill of @pid at or after @since_us? Then fill @kill. */
static bool parse_kill(const char *record, pid_t pid, uint64_t since_us, struct seccomp_kill *kill)
{
	const char *text = strchr(record, ';'), *comm;
	uint64_t time_us, number, arch, nr, code;
	char *name;

	if (!text || sscanf(record, "%*u,%*u,%llu", (unsigned long long *)&time_us) != 1 ||
	    time_us < since_us || !strstr(text, "type=1326") ||
	    !number_after(text, " pid=", 10, &number) || number != (uint64_t)pid ||
	    !number_after(text, " sig=", 10, &number) || number == 0 ||
	    !number_after(text, " arch=", 16, &arch) || !number_after(text, " syscall=", 10, &nr) ||
	    !number_after(text, " code=", 16, &code))
		return false;
	kill->found = true;
	name = seccomp_syscall_resolve_num_arch((uint32_t)arch, (int)nr);
	if (name)
		snprintf(kill->call, sizeof(kill->call), "%s", name);
	else
		snprintf(kill->call, sizeof(kill->call), "number %llu of architecture %llx",
			 (unsigned long long)nr, (unsigned long long)arch);
	free(name);
	comm = strstr(text, " comm=\"");
	if (comm)
		snprintf(kill->program, sizeof(kill->program), "%.*s",
			 (int)strcspn(comm + strlen(" comm=\""), "\""), comm + strlen(" comm=\""));
	return true;
}

struct seccomp_kill seccomp_kill_find(pid_t pid, uint64_t start_ticks)
{
	struct seccomp_kill kill = {.found = false};
	_cleanup_fd_ int fd = FD_EMPTY;
	/* A tick's start is rounded down, and the log's clock is another one: a second's grace. */
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK), since_us = start_ticks * 1000000 / hz;
	char record[8192 + 1];
	struct stat st;

	since_us = since_us > 1000000 ? since_us - 1000000 : 0;
	if (stat("/proc/self/ns/pid", &st) < 0 || st.st_ino != INITIAL_PID_NS) {
		kill.unknown = "the kernel's log has other pids than we see";
		return kill;
	}
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		kill.unknown = "the kernel's log cannot be read";
		return kill;
	}
	for (int i = 0; i < MAX_RECORDS; i++) {
		ssize_t n = read(fd, record, sizeof(record) - 1);

		if (n < 0 && (errno == EPIPE || errno == EINTR)) /* overwritten meanwhile: go on */
			continue;
		if (n <= 0)
			break;
		record[n] = '\0';
		(void)parse_kill(record, pid, since_us, &kill);
	}
	if (!kill.found)
		kill.unknown = "the kernel's log has no record of it";
	return kill;
}

/* read_text - a short file as a string in @arena, without its last newline; NULL: it is not there. */
static const char *read_text(int dir, const char *file, struct arena *arena, struct error *err)
{
	_cleanup_fd_ int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[1024];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return NULL;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return arena_strdup(arena, text, err);
}

void why_note(int dir, const char *file, const char *text)
{
	_cleanup_fd_ int fd =
		openat(dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	/* Nothing depends on it, and whoever calls has an outcome of his own to report. */
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		(void)unlinkat(dir, file, 0);
}

/* find_zombie - the status of a process that has ended and was not reaped. Source: proc(5), stat. */
static void find_zombie(const struct state *state, struct why *why)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	char path[32], text[1024], *at, letter;
	ssize_t n;

	if (!state_is_process(state, &letter) || letter != 'Z')
		return;
	snprintf(path, sizeof(path), "/proc/%d/stat", state->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	at = strrchr(text, ' '); /* exit_code is the last field, and names may hold anything */
	if (!at)
		return;
	why->wait_status = atoi(at + 1);
	why->is_zombie = true;
}

static int find_oom(const struct state *state, struct why *why, struct error *err)
{
	struct cgroup cgroup = CGROUP_INIT;
	struct cgroup_oom oom;
	char text[64];
	int rc;

	why->memory_max_bytes = why->memory_peak_bytes = UINT64_MAX;
	if (!*state->cgroup_path)
		return 0;
	if (cgroup_open(&cgroup, state->cgroup_path, err) < 0)
		return err->errnum == ENOENT ? 0 : -1;
	rc = cgroup_oom_read(&cgroup, &oom, err);
	if (rc == 0) {
		why->oom_kills = oom.oom_kill;
		why->memory_max_bytes = oom.memory_max_bytes;
	}
	/* memory.peak is as old as Linux 5.19. */
	if (cgroup.dir >= 0 && cgroupfs_read(cgroup.dir, "memory.peak", text, sizeof(text)) > 0)
		why->memory_peak_bytes = strtoull(text, NULL, 10);
	close_fd(cgroup.dir);
	return rc;
}

int container_why(const struct runtime *rt, const char *id, struct arena *arena, struct why *why,
		  struct error *err)
{
	_cleanup_fd_ int dir = state_open_dir(rt->root, id, STATE_LOOK, err);
	struct state state;

	*why = (struct why){.id = id};
	if (dir < 0 || state_read(dir, id, arena, &state, err) < 0 ||
	    state_status(dir, &state, &why->status, err) < 0)
		return -1;
	why->kill_note = read_text(dir, WHY_KILL, arena, err);
	why->start_note = read_text(dir, WHY_START, arena, err);
	if (find_oom(&state, why, err) < 0)
		return -1;
	if (why->status == STATUS_STOPPED && state.pid) {
		find_zombie(&state, why);
		why->seccomp = seccomp_kill_find(state.pid, state.start_ticks);
	}
	return 0;
}
