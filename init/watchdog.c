/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watchdog.c: the machine's watchdog.
 *
 * The device resets the machine when it is not fed for its time-out. It is opened early in the boot and never
 * closed, and the byte that would disarm it at close is never written: whatever becomes of PID 1, the time runs.
 *
 * It is fed every third of the time-out by a step of the loop, which proves that the loop turns, and only while
 * everybody who is needed has spoken in time (health.h) and the storage answers (storage.h). There is no other
 * place that feeds: not a thread, not a timer. Who is silent is said once, and so is that all is well again; in
 * between the health is looked at every second, since it may come back before the reset.
 *
 * On the way down the time-out is lengthened to what the stages may take, and then the device is left armed, so
 * that a reboot that hangs ends in a reset. Only a halt disarms it.
 */
#include "init/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "init/health.h"
#include "init/loop.h"
#include "init/say.h"
#include "init/storage.h"
#include "lib/fd.h"

#define DEVICE "/dev/watchdog"
#define UNHEALTHY_LOOK_MS 1000

/* What may have reset the machine the last time. */
static const struct {
	int flag;
	const char *cause;
} causes[] = {
	{WDIOF_CARDRESET, "the watchdog had reset the machine"},
	{WDIOF_OVERHEAT, "the machine had been too hot"},
	{WDIOF_POWERUNDER, "the power had been too weak"},
	{WDIOF_FANFAULT, "a fan had failed"},
};

static int device = FD_EMPTY;
static uint64_t feed_every_ms, next_ms;
static bool unhealthy;

/* ask - ioctl(2), whose request is an int for musl and does not fit into one. */
static int ask(unsigned long request, void *value)
{
	return ioctl(device, (int)request, value);
}

/* set_timeout - returns what the device made of it, 0 when it cannot be set. */
static int set_timeout(unsigned int seconds)
{
	int is = (int)seconds;

	if (ask(WDIOC_SETTIMEOUT, &is) < 0 || ask(WDIOC_GETTIMEOUT, &is) < 0)
		return 0;
	return is;
}

static void feed(void)
{
	if (ask(WDIOC_KEEPALIVE, NULL) < 0)
		say_error(errno, "watchdog: cannot feed `%s`", DEVICE);
}

/* say_last_start - why the machine had been reset, when the device knows. */
static void say_last_start(void)
{
	int status = 0;

	if (ask(WDIOC_GETBOOTSTATUS, &status) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (status & causes[i].flag)
			say("watchdog: before this start %s", causes[i].cause);
}

/* not_healthy - why the device must not be fed; NULL when all is well. */
static const char *not_healthy(uint64_t now_ms)
{
	static char text[HEALTH_NAME_BYTES + 32];
	const char *silent = health_silent(now_ms);

	if (!silent)
		return storage_fault(now_ms);
	snprintf(text, sizeof(text), "`%s` gives no sign of life", silent);
	return text;
}

/* step - of the loop. */
static void step(void)
{
	uint64_t now = loop_now_ms();
	const char *why;

	storage_step();
	if (now >= next_ms) {
		why = not_healthy(now);
		if (why && !unhealthy)
			say("watchdog: not fed: %s", why);
		if (!why && unhealthy)
			say("watchdog: fed again");
		unhealthy = why;
		if (!why)
			feed();
		next_ms = now + (why ? UNHEALTHY_LOOK_MS : feed_every_ms);
	}
	loop_wake_at(next_ms);
}

void watchdog_open(unsigned int timeout_s)
{
	struct watchdog_info info = {.identity = "watchdog"};
	int seconds;

	if (timeout_s == 0)
		return;
	device = open(DEVICE, O_WRONLY | O_CLOEXEC);
	if (device < 0) {
		if (errno != ENOENT && errno != ENODEV)
			say_error(errno, "watchdog: cannot open `%s`", DEVICE);
		return;
	}
	if (ask(WDIOC_GETSUPPORT, &info) == 0)
		info.identity[sizeof(info.identity) - 1] = '\0';
	seconds = set_timeout(timeout_s);
	if (seconds <= 0 && (ask(WDIOC_GETTIMEOUT, &seconds) < 0 || seconds <= 0)) {
		say("watchdog: `%s` does not say its time-out, fed every 5 s",
		    (char *)info.identity);
		seconds = 15;
	} else if (seconds != (int)timeout_s) {
		say("watchdog: `%s` resets after %d s instead of %u s", (char *)info.identity,
		    seconds, timeout_s);
	} else {
		say("watchdog: `%s` resets after %d s", (char *)info.identity, seconds);
	}
	feed_every_ms = (uint64_t)seconds * 1000 / 3;
	say_last_start();
	feed();
	loop_step(step);
}

void watchdog_need(const char *name, uint32_t limit_ms)
{
	if (!health_need(name, limit_ms, loop_now_ms()))
		say("watchdog: `%s` is not needed: more than %d would be", name, HEALTH_PARTIES);
}

void watchdog_spoke(const char *name)
{
	health_spoke(name, loop_now_ms());
}

void watchdog_forget(const char *name)
{
	health_forget(name);
}

void watchdog_lengthen(unsigned int seconds)
{
	if (device < 0)
		return;
	if (set_timeout(seconds) < (int)seconds)
		say("watchdog: its time-out cannot be lengthened to %u s", seconds);
	feed();
}

void watchdog_stop(void)
{
	int off = WDIOS_DISABLECARD;

	if (device >= 0 && ask(WDIOC_SETOPTIONS, &off) < 0)
		say_error(errno, "watchdog: cannot stop `%s`, it will reset the machine", DEVICE);
}
