# SPDX-License-Identifier: GPL-2.0-or-later
# PID 1. The linker options make a reference to an allocating function a link error: with --wrap the
# name becomes __wrap_NAME, which nobody defines.
PROGRAMS += init
init_SRCS := $(wildcard init/*.c) lib/error.c lib/sys.c
init_LDFLAGS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
ifeq ($(ARCH),aarch64)
# the linker's default, for kernels with pages of 64 KiB, makes half of the file padding
init_LDFLAGS += -Wl,-z,max-page-size=16384
endif

UNIT_TESTS += tests/unit/test_cmdline
tests/unit/test_cmdline_SRCS := init/cmdline.c

UNIT_TESTS += tests/unit/test_backoff
tests/unit/test_backoff_SRCS := init/backoff.c

UNIT_TESTS += tests/unit/test_mountinfo
tests/unit/test_mountinfo_SRCS := init/mountinfo.c

UNIT_TESTS += tests/unit/test_wait
tests/unit/test_wait_SRCS := init/wait.c

# more runs in a row than `make test` has
SOAK_SCRIPTS += "env CLOISON_RUNS=5000 tests/boot/run $(ARCH) containers"
