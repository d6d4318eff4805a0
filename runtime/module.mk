# SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += cloison
cloison_SRCS := $(filter-out runtime/seccomp/mkdefault.c,$(wildcard runtime/*/*.c)) $(LIB_SRCS)
cloison_LIBS := -ljson-c -lseccomp -lcap

OCI_SRCS := $(wildcard runtime/oci/*.c) lib/arena.c lib/json.c lib/error.c

UNIT_TESTS += tests/unit/test_config
tests/unit/test_config_SRCS := $(OCI_SRCS)
tests/unit/test_config_LIBS := -ljson-c -lseccomp
