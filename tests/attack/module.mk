# SPDX-License-Identifier: GPL-2.0-or-later
#
# What has been done to container runtimes before, done to this one; and the same done to others.

HOST_PROGRAMS += path-swapper
path-swapper_SRCS := tests/attack/path-swapper.c

HOST_PROGRAMS += proc-watcher
proc-watcher_SRCS := tests/attack/proc-watcher.c
proc-watcher_LDFLAGS := -static

HOST_PROGRAMS += push-input
push-input_SRCS := tests/attack/push-input.c
push-input_LDFLAGS := -static

HOST_PROGRAMS += filter-probe
filter-probe_SRCS := tests/attack/filter-probe.c
filter-probe_LDFLAGS := -static

CHECK_SCRIPTS += tests/attack/attack.sh tests/attack/table.sh
SOAK_SCRIPTS += "env LONG=1 tests/attack/attack.sh" "env LONG=1 tests/attack/table.sh" \
	"env GUEST=1 tests/attack/table.sh" tests/attack/mutants.sh
