/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * button.c: the power button.
 *
 * ACPI's button, a key on a GPIO line, and the one of a keyboard are input devices that send KEY_POWER. Those
 * that have this key are opened and watched, the others closed again. Drivers that wait for another one come
 * later than the boot, so there is a second look at the directory a while after it.
 */
#include "init/button.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "init/loop.h"
#include "lib/fd.h"

#define DEVICES_MAX 32
#define SECOND_LOOK_MS 10000

#define LONG_BITS (8 * sizeof(unsigned long))

static int devices[DEVICES_MAX]; /* descriptors of /dev/input/eventN; 0: not watched */
static void (*when_pressed)(void);
static uint64_t next_look_ms;
static bool looked_again;

static void drop(int fd)
{
	loop_unwatch(fd);
	for (size_t i = 0; i < DEVICES_MAX; i++)
		if (devices[i] == fd)
			devices[i] = 0;
	close(fd);
}

static void read_events(int fd, short revents)
{
	struct input_event events[16];
	ssize_t n;

	(void)revents;
	while ((n = read(fd, events, sizeof(events))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(events[0]); i++)
			if (events[i].type == EV_KEY && events[i].code == KEY_POWER &&
			    events[i].value == 1)
				when_pressed();
	if (n == 0 || errno != EAGAIN) /* the device has gone */
		drop(fd);
}

static bool has_power_key(int fd)
{
	unsigned long keys[KEY_CNT / LONG_BITS + 1] = {0};

	return ioctl(fd, (int)EVIOCGBIT(EV_KEY, sizeof(keys)), keys) >= 0 &&
	       keys[KEY_POWER / LONG_BITS] >> KEY_POWER % LONG_BITS & 1;
}

static void look(void)
{
	for (size_t i = 0; i < DEVICES_MAX; i++) {
		char path[32];
		int fd;

		if (devices[i])
			continue;
		snprintf(path, sizeof(path), "/dev/input/event%zu", i);
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			break; /* they are numbered from 0 on */
		if (fd < 0)
			continue;
		if (has_power_key(fd) && loop_watch(fd, POLLIN, read_events))
			devices[i] = fd;
		else
			close(fd);
	}
}

/* look_again - a step of the loop. */
static void look_again(void)
{
	if (looked_again)
		return;
	if (loop_now_ms() < next_look_ms) {
		loop_wake_at(next_look_ms);
		return;
	}
	looked_again = true;
	look();
}

void button_begin(void (*pressed)(void))
{
	when_pressed = pressed;
	look();
	next_look_ms = loop_now_ms() + SECOND_LOOK_MS;
	loop_step(look_again);
}
