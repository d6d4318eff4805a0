/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_restore.c: a virtual machine that does not boot: its state is loaded from a file (-incoming).
 *
 * The state is made once, when the bench looks whether this can be measured: a q35 boots, its init, the
 * probe, reports again and again, a millisecond apart, and its memory and devices go to a file on the bench's
 * tmpfs. A start loads them and lasts until the first report comes; the time between two reports is in it.
 * There is no end: the machine is killed. The boot that the file took is not in it either, which is the
 * point of a snapshot and has to be said beside it.
 */
#include "bench/drivers/driver.h"
#include "bench/qemu.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define SAVE_DEADLINE_MS 60000
#define REPORTS 20 /* until the guest has settled */

static void machine(const struct bench *b, const struct system *s, struct command *cmd)
{
	static const struct request r = {0};

	qemu_command(b, s, MACHINE_Q35, &r, b->files.probe_initrd, "-- again", cmd);
}

/* monitor_say - one line to QEMU's monitor, and what it answers up to the next prompt. */
static int monitor_say(int fd, const char *line, int deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char buf[512];
	ssize_t n;

	if (line && write(fd, line, strlen(line)) < 0)
		return -1;
	/* The prompt comes when the command is done, and nothing else ends in it. */
	while (poll(&p, 1, deadline_ms) == 1 && (n = read(fd, buf, sizeof(buf) - 1)) > 0) {
		buf[n] = '\0';
		if (strstr(buf, "(qemu) "))
			return 0;
	}
	return -1;
}

/* save - have the machine behind @monitor write its state to @file. */
static int save(struct system *s, const char *monitor, const char *file)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	char line[PATH_MAX + 64];

	if ((size_t)snprintf(to.sun_path, sizeof(to.sun_path), "%s", monitor) >=
	    sizeof(to.sun_path))
		return skip(s, "the path of QEMU's monitor is too long: %.200s", monitor);
	snprintf(line, sizeof(line), "migrate \"exec:cat >%s\"\n", file);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return skip(s, "cannot reach QEMU's monitor: %s", errno_name(errno));
	if (monitor_say(fd, NULL, SAVE_DEADLINE_MS) || monitor_say(fd, line, SAVE_DEADLINE_MS))
		return skip(s, "QEMU did not save the machine's state within %d ms",
			    SAVE_DEADLINE_MS);
	return 0;
}

static int make_state(struct bench *b, struct system *s)
{
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	char monitor[PATH_MAX], file[PATH_MAX];
	struct command cmd;
	struct stat st;
	int ret = -1;

	snprintf(monitor, sizeof(monitor), "%s/monitor", b->work);
	snprintf(file, sizeof(file), "%s/restore.state", b->work);
	command_init(&cmd);
	machine(b, s, &cmd);
	command_add(&cmd, "-chardev");
	command_add(&cmd, "socket,id=monitor,path=%s,server=on,wait=off", monitor);
	command_add(&cmd, "-mon");
	command_add(&cmd, "chardev=monitor,mode=readline");
	if (!c || harness_start(&b->h, c, &cmd, &err))
		return skip(s, "cannot start %s", s->program);
	bench_say("%s: saving the state of a machine that has booted", s->driver->id);
	if (harness_wait_marks(&b->h, c, MARK_PROBE, REPORTS, b->opt.vm_deadline_ms) != WAIT_OK)
		skip(s, "the machine to be saved did not boot within %d ms", b->opt.vm_deadline_ms);
	else
		ret = save(s, monitor, file);
	harness_kill(&b->h, c);
	if (ret == 0 && (stat(file, &st) < 0 || st.st_size == 0))
		return skip(s, "QEMU saved no state");
	return ret;
}

static int probe(struct bench *b, struct system *s)
{
	if (b->guest != ARCH_X86_64)
		return skip(s, "a machine of x86_64 only");
	return qemu_probe(b, s, b->files.probe_initrd) ? -1 : make_state(b, s);
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	(void)r;
	machine(b, s, cmd);
	command_add(cmd, "-incoming");
	command_add(cmd, "exec:cat %s/restore.state", b->work);
}

const struct driver driver_qemu_restore = {
	.id = "qemu-restore",
	.what = "QEMU q35, a booted machine's state loaded from a file",
	.kind = KIND_VM,
	.program = "qemu-system-x86_64",
	.heavy = true,
	.endless = true,
	.uncounted = true,
	.probe = probe,
	.start = start,
};
