# SPDX-License-Identifier: GPL-2.0-or-later
# PID 1. The linker options make a reference to an allocating function a link error: with --wrap the
# name becomes __wrap_NAME, which nobody defines.
PROGRAMS += init
init_SRCS := $(wildcard init/*.c) lib/error.c lib/sys.c lib/xxh64.c
# PID 1 stays in memory.
init_CFLAGS := $(SMALL_CFLAGS)
init_LDFLAGS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free

UNIT_TESTS += tests/unit/test_cmdline
tests/unit/test_cmdline_SRCS := init/cmdline.c

UNIT_TESTS += tests/unit/test_backoff
tests/unit/test_backoff_SRCS := init/backoff.c

UNIT_TESTS += tests/unit/test_servicedef
tests/unit/test_servicedef_SRCS := init/servicedef.c

UNIT_TESTS += tests/unit/test_conditions
tests/unit/test_conditions_SRCS := init/conditions.c init/servicedef.c

UNIT_TESTS += tests/unit/test_records
tests/unit/test_records_SRCS := init/records.c

UNIT_TESTS += tests/unit/test_channel
tests/unit/test_channel_SRCS := init/channel.c init/records.c init/loop.c init/say.c init/klog.c lib/error.c

UNIT_TESTS += tests/unit/test_ring
tests/unit/test_ring_SRCS := init/ring.c

UNIT_TESTS += tests/unit/test_mountinfo
tests/unit/test_mountinfo_SRCS := init/mountinfo.c

UNIT_TESTS += tests/unit/test_manifest
tests/unit/test_manifest_SRCS := init/manifest_text.c lib/xxh64.c

UNIT_TESTS += tests/unit/test_health
tests/unit/test_health_SRCS := init/health.c

UNIT_TESTS += tests/unit/test_klog
tests/unit/test_klog_SRCS := init/klog.c init/loop.c init/say.c init/klog.c lib/error.c

UNIT_TESTS += tests/unit/test_survivors
tests/unit/test_survivors_SRCS := init/survivors.c init/say.c init/klog.c init/loop.c lib/error.c lib/sys.c

UNIT_TESTS += tests/unit/test_wait
tests/unit/test_wait_SRCS := init/wait.c

# what the boot tests of services start
PROGRAMS += boot-service
boot-service_SRCS := tests/boot/guest/service.c

# what writes to the data partition while the power goes, and the disk that it is on
PROGRAMS += boot-records
boot-records_SRCS := tests/boot/guest/records.c
HOST_PROGRAMS += cutdisk
cutdisk_SRCS := tests/soak/cutdisk.c
UNIT_TESTS += tests/unit/test_cutdisk

# more runs in a row than `make test` has
SOAK_SCRIPTS += "env CLOISON_RUNS=5000 tests/boot/run $(ARCH) containers"
