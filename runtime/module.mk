# SPDX-License-Identifier: GPL-2.0-or-later
include runtime/config/module.mk

# The default seccomp profile becomes C when Cloison is built.
HOST_PROGRAMS += mkdefault
seccomp_compiler := runtime/seccomp/policy.c runtime/seccomp/calls.c runtime/seccomp/tree.c
mkdefault_SRCS := runtime/seccomp/mkdefault.c $(seccomp_compiler) lib/arena.c lib/json.c lib/squeeze.c lib/error.c
mkdefault_LIBS := -ljson-c -lseccomp

seccomp_default := $(OUT)/gen/seccomp_default.c
$(seccomp_default): runtime/seccomp/default.json $(OUT)/tools/mkdefault
	@mkdir -p $(@D)
	@$(OUT)/tools/mkdefault $(ARCH) $< >$@

# What the runtime and the supervisor know of the store of images: to find one, and to use it.
store_look := $(addprefix runtime/store/,blob.c digest.c image.c index.c manifest.c reference.c store.c)
other_programs := runtime/supervisor/% runtime/config/% runtime/image/% runtime/store/%

PROGRAMS += cloison
# What a common start does not run lies behind all that it does, the libraries' included: the kernel maps
# sixteen pages of code at each fault, and code that lies together takes fewer of them. Last come the commands,
# of which an OCI start runs nothing.
cloison_RARE := runtime/sandbox/examine.c $(wildcard runtime/systemd/*.c) $(seccomp_compiler) \
	$(addprefix runtime/cli/,beside.c config.c image.c doctor.c events.c explain.c features.c kill.c pause.c ps.c spec.c state.c update.c why.c) \
	$(addprefix runtime/container/,announce.c events.c hooks.c pause.c processes.c stats.c update.c why.c) \
	$(addprefix runtime/oci/,features.c hooks.c layers.c spec.c tuning.c) \
	$(addprefix runtime/sandbox/,cgroup_update.c copyup.c hooks.c idmap.c \
		layers.c listener.c netdev.c probes.c rootless.c userns.c) \
	$(store_look) lib/audit.c lib/nearest.c lib/netlink.c lib/overlay.c lib/remove.c $(wildcard runtime/native/*.c runtime/cli/native/*.c)
cloison_SRCS := $(filter-out $(other_programs) runtime/seccomp/mkdefault.c $(cloison_RARE),$(wildcard runtime/*/*.c)) \
	$(filter-out lib/audit.c lib/nearest.c lib/netlink.c lib/overlay.c lib/remove.c,$(LIB_SRCS)) $(seccomp_default)
cloison_LIBS := -ljson-c -lseccomp -lcap
# What seldom runs is small, and without the parts that seldom run taken out of functions: the linker puts those of
# all objects before everything else, where they push what does run apart.
cloison_SMALL := $(patsubst %.c,$(OUT)/obj/%.o,$(cloison_RARE) runtime/oci/landlock.c \
	$(addprefix runtime/sandbox/,activation.c cgroup_tree.c landlock.c))
$(cloison_SMALL): runtime/module.mk
$(cloison_SMALL): \
	TARGET_CFLAGS += $(SMALL_CFLAGS)
# Position-independent, it would relocate 1,270 pointers at each start: eight pages to copy, 70,000
# instructions, 2% of a `run`. And where it lies elsewhere each time, an emulator translates it again
# each time: then a start takes more than twice as long. What the parsers read into is on the heap and the
# stack, which stay at random addresses.
cloison_PIE := no
# What runs at each start lies together (bench/hot): otherwise every page of the program is mapped. And no other
# program of the image lies at the same addresses, so that who counts what is executed can tell them apart.
cloison_LDFLAGS := -Wl,-T,runtime/hot.ld -Wl,-Ttext-segment=0x10000000
$(OUT)/debug/cloison: runtime/hot.ld

# The supervisor makes configurations and runs the runtime; it has nothing of the sandbox in it.
PROGRAMS += cloisond
cloisond_SRCS := $(wildcard runtime/supervisor/*.c runtime/native/*.c) runtime/oci/caps.c runtime/oci/names.c \
	$(store_look) lib/arena.c lib/audit.c lib/error.c lib/inroot.c lib/json.c lib/loop.c lib/overlay.c lib/remove.c lib/sha256.c \
	lib/squeeze.c lib/sys.c
cloisond_LIBS := -ljson-c
cloisond_CFLAGS := $(SMALL_CFLAGS)

# Archives and their compression are read by a program that has nothing else in it.
PROGRAMS += cloison-image
cloison-image_SRCS := $(wildcard runtime/image/*.c runtime/store/*.c) runtime/oci/spec.c $(seccomp_default) \
	lib/arena.c lib/error.c lib/inroot.c lib/json.c lib/overlay.c lib/remove.c lib/sha256.c lib/squeeze.c lib/sys.c
cloison-image_LIBS := -larchive -lz -lzstd -ljson-c
IMAGE_LISTS += runtime/image/image.list
IMAGE_DEPS += $(OUT)/bin/cloison-image

# What --init runs: no C library, nothing to relocate, linked by ld alone.
REAPER := $(OUT)/bin/cloison-reaper
REAPER_CFLAGS := -Os -ffreestanding -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables

$(OUT)/obj-reaper/%.o: %.c $(CC_TARGET) $(FLAGS)
	$(call compile,$(CC_TARGET) $(CFLAGS_OWN) $(REAPER_CFLAGS))

$(REAPER): $(OUT)/obj-reaper/runtime/reaper.o
	@mkdir -p $(@D)
	@$(CROSS)-ld -static -s --build-id=none -z noexecstack -z noseparate-code -o $@ $<
-include $(OUT)/obj-reaper/runtime/reaper.d
programs: $(REAPER)
IMAGE_DEPS += $(REAPER)
CHECK_DEPS += $(REAPER)

UNIT_TESTS += tests/unit/test_supervisor
tests/unit/test_supervisor_SRCS := $(filter-out runtime/supervisor/main.c,$(cloisond_SRCS))
tests/unit/test_supervisor_LIBS := -ljson-c

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

UNIT_TESTS += tests/unit/test_native
tests/unit/test_native_SRCS := $(oci_srcs) $(wildcard runtime/native/*.c) $(store_look) lib/inroot.c lib/overlay.c \
	lib/remove.c lib/sha256.c lib/sys.c
tests/unit/test_native_LIBS := $(oci_libs)

UNIT_TESTS += tests/unit/test_store
tests/unit/test_store_SRCS := $(wildcard runtime/store/*.c) lib/arena.c lib/error.c lib/inroot.c lib/json.c lib/overlay.c \
	lib/remove.c lib/sha256.c lib/squeeze.c lib/sys.c
tests/unit/test_store_LIBS := -larchive -lz -lzstd -ljson-c

UNIT_TESTS += tests/unit/test_commands
tests/unit/test_commands_SRCS := $(oci_srcs) $(wildcard runtime/native/*.c) $(store_look) lib/inroot.c lib/overlay.c \
	lib/remove.c lib/sha256.c lib/sys.c lib/nearest.c runtime/cli/options.c $(addprefix runtime/cli/native/,common.c flags.c mountflags.c runflags.c)
tests/unit/test_commands_LIBS := $(oci_libs)
