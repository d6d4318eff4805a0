# SPDX-License-Identifier: GPL-2.0-or-later

# The default seccomp profile becomes C when Cloison is built.
HOST_PROGRAMS += mkdefault
seccomp_compiler := runtime/seccomp/policy.c runtime/seccomp/calls.c runtime/seccomp/tree.c
mkdefault_SRCS := runtime/seccomp/mkdefault.c $(seccomp_compiler) lib/arena.c lib/json.c lib/squeeze.c lib/error.c
mkdefault_LIBS := -ljson-c -lseccomp

seccomp_default := $(OUT)/gen/seccomp_default.c
$(seccomp_default): runtime/seccomp/default.json $(OUT)/tools/mkdefault
	@mkdir -p $(@D)
	@$(OUT)/tools/mkdefault $(ARCH) $< >$@

PROGRAMS += cloison
cloison_SRCS := $(filter-out runtime/seccomp/mkdefault.c,$(wildcard runtime/*/*.c)) $(LIB_SRCS) \
	$(seccomp_default)
cloison_LIBS := -ljson-c -lseccomp -lcap
# Position-independent, it would relocate 1,270 pointers at each start: eight pages to copy, 70,000
# instructions, 2% of a `run`. And where it lies elsewhere each time, an emulator translates it again
# each time: then a start takes more than twice as long. What the parsers read into is on the heap and the
# stack, which stay at random addresses.
cloison_PIE := no

oci_srcs := $(wildcard runtime/oci/*.c) $(seccomp_compiler) runtime/seccomp/cache.c $(seccomp_default) lib/arena.c lib/json.c lib/squeeze.c lib/error.c
oci_libs := -ljson-c -lseccomp

UNIT_TESTS += tests/unit/test_config tests/unit/test_spec tests/unit/test_seccomp \
	tests/unit/test_seccomp_tree tests/unit/test_features
tests/unit/test_config_SRCS := $(oci_srcs)
tests/unit/test_config_LIBS := $(oci_libs)
tests/unit/test_config_LDFLAGS := -Wl,--wrap=calloc,--wrap=malloc
tests/unit/test_spec_SRCS := $(oci_srcs)
tests/unit/test_spec_LIBS := $(oci_libs)
tests/unit/test_seccomp_SRCS := $(oci_srcs) tests/unit/libseccomp_list.c
tests/unit/test_seccomp_LIBS := $(oci_libs)
tests/unit/test_seccomp_tree_SRCS := $(oci_srcs) tests/unit/libseccomp_list.c
tests/unit/test_seccomp_tree_LIBS := $(oci_libs)
tests/unit/test_features_SRCS := $(oci_srcs)
tests/unit/test_features_LIBS := $(oci_libs)

UNIT_TESTS += tests/unit/test_limits
tests/unit/test_limits_SRCS := $(oci_srcs) runtime/sandbox/limits.c
tests/unit/test_limits_LIBS := $(oci_libs)

UNIT_TESTS += tests/unit/test_dbus
tests/unit/test_dbus_SRCS := $(oci_srcs) $(wildcard runtime/systemd/*.c) runtime/sandbox/limits.c \
	$(wildcard runtime/sandbox/cgroup*.c) runtime/sandbox/controllers.c \
	runtime/sandbox/devfilter.c runtime/sandbox/devcache.c lib/sha256.c lib/sys.c
tests/unit/test_dbus_LIBS := $(oci_libs)

# includes runtime/cli/alloc.c under other names
UNIT_TESTS += tests/unit/test_alloc
tests/unit/test_alloc_SRCS :=

UNIT_TESTS += tests/unit/test_state
tests/unit/test_state_SRCS := runtime/container/state.c runtime/container/state_file.c lib/arena.c \
	lib/json.c lib/squeeze.c lib/error.c lib/sys.c
tests/unit/test_state_LIBS := -ljson-c

UNIT_TESTS += tests/unit/test_devfilter
tests/unit/test_devfilter_SRCS := runtime/sandbox/devfilter.c runtime/sandbox/devcache.c lib/sha256.c \
	lib/error.c lib/sys.c
tests/unit/test_devfilter_LIBS :=
