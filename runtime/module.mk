# SPDX-License-Identifier: GPL-2.0-or-later

# The default seccomp profile becomes C when Cloison is built; its compiler stays out of the program.
HOST_PROGRAMS += mkdefault
seccomp_tool_only := runtime/seccomp/mkdefault.c runtime/seccomp/tree.c
mkdefault_SRCS := $(seccomp_tool_only) runtime/seccomp/policy.c runtime/seccomp/compile.c \
	lib/arena.c lib/json.c lib/error.c
mkdefault_LIBS := -ljson-c -lseccomp

seccomp_default := $(OUT)/gen/seccomp_default.c
$(seccomp_default): runtime/seccomp/default.json $(OUT)/tools/mkdefault
	@mkdir -p $(@D)
	@$(OUT)/tools/mkdefault $(ARCH) $< >$@

PROGRAMS += cloison
cloison_SRCS := $(filter-out $(seccomp_tool_only),$(wildcard runtime/*/*.c)) $(LIB_SRCS) \
	$(seccomp_default)
cloison_LIBS := -ljson-c -lseccomp -lcap

oci_srcs := $(wildcard runtime/oci/*.c) runtime/seccomp/policy.c runtime/seccomp/compile.c \
	$(seccomp_default) lib/arena.c lib/json.c lib/error.c
oci_libs := -ljson-c -lseccomp
