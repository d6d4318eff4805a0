/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroupfs.h: the files of the cgroup v2 tree.
 */
#ifndef CLOISON_SANDBOX_CGROUPFS_H
#define CLOISON_SANDBOX_CGROUPFS_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"

/*
 * cgroupfs_mount - open the root of the cgroup v2 tree into @mount: where the host has mounted it, or
 * a detached mount of our own. It stays empty when there can be none; not being able to tell is an
 * error.
 */
int cgroupfs_mount(int *mount, struct error *err) must_check;

/* cgroupfs_open - open @path below @dir, following no links. Returns -1 with errno. */
int cgroupfs_open(int dir, const char *path, int flags) must_check;

/* cgroupfs_read - at most @size - 1 bytes of @file as a string. Returns the length, or -1. */
ssize_t cgroupfs_read(int dir, const char *file, char *buf, size_t size) must_check;

/* cgroupfs_write - write @value to @file. Returns 0, or -1 with errno. */
int cgroupfs_write(int dir, const char *file, const char *value) must_check;

/* cgroupfs_now_ms - the monotonic clock, which deadlines are given by. */
int64_t cgroupfs_now_ms(void);

/*
 * cgroupfs_await_event - wait until cgroup.events of @dir has the line @event ("populated 0").
 * Returns 0, or -1 with errno, ETIMEDOUT after @deadline_ms.
 */
int cgroupfs_await_event(int dir, const char *event, int64_t deadline_ms) must_check;

#endif
