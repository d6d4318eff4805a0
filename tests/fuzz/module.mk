# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fuzz targets, one for each parser that meets a hostile or a foreign input: tests/fuzz/fuzz_NAME.c,
# a corpus in tests/fuzz/corpus/NAME, a dictionary. libFuzzer comes with clang. What the targets test
# is compiled once, with its coverage, into archives from which each takes what it needs.
#
#   make fuzz                 each for ten minutes; FUZZ_SECONDS= for another time
#   make test                 all of them together about a minute

FUZZ_OCI := config process json state exec options seccomp cgroup log dbus property notify update why native commands tar
FUZZ_INIT := cmdline mountinfo services manifest klog survivor
FUZZ_SUPERVISOR := supervisor supstate logindex runtimeerror
FUZZ_TOOLS := mkcpio bench
FUZZ_APPLIANCE := appliance probe
FUZZ_IMAGES := reference imagejson layer

# clang warns of the enums that glibc has in place of ints; the kernel's headers are those of the
# appliance's kernel, as for the programs
FUZZ_CFLAGS := $(WARNINGS) -D_GNU_SOURCE -O1 -g -I. -I$(OUT)/gen -fno-omit-frame-pointer \
	-isystem $(OUT)/pkg/linux-headers/include \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -Wno-sign-conversion

# alloc.c is another malloc than the sanitizer's
fuzz_oci_srcs := $(filter-out $(seccomp_tool_only) runtime/cli/alloc.c runtime/supervisor/% runtime/config/% \
	runtime/image/%, \
	$(wildcard runtime/*/*.c runtime/cli/native/*.c)) \
	$(LIB_SRCS) $(seccomp_default)
fuzz_supervisor_srcs := $(cloisond_SRCS)
fuzz_init_srcs := $(filter-out init/main.c,$(wildcard init/*.c)) lib/error.c lib/sys.c lib/xxh64.c
fuzz_tools_srcs := bench/mark.c bench/memory.c $(BENCH_RESULTS) bench/table.c bench/section.c $(BENCH_REPORT) \
	lib/error.c lib/xxh64.c

fuzz_appliance_srcs := $(config_pure) lib/arena.c lib/error.c
fuzz_images_srcs := $(wildcard runtime/store/*.c) lib/arena.c lib/error.c lib/inroot.c lib/json.c lib/overlay.c \
	lib/remove.c lib/sha256.c lib/squeeze.c lib/sys.c

$(OUT)/fuzz/obj/%.o: %.c $(FLAGS) tests/fuzz/module.mk | deps-ensure $(OUT)/pkg/musl.done
	$(call compile,clang $(FUZZ_CFLAGS))

define fuzz_group
$(OUT)/fuzz/$(1).a: $(patsubst %.c,$(OUT)/fuzz/obj/%.o,$(fuzz_$(1)_srcs))
	@rm -f $$@
	@ar rcs $$@ $$^
$(2:%=$(OUT)/fuzz/fuzz_%): $(OUT)/fuzz/fuzz_%: $(OUT)/fuzz/obj/tests/fuzz/fuzz_%.o $(OUT)/fuzz/$(1).a
	@clang -fsanitize=fuzzer,address,undefined $$^ -o $$@ $(3)
CHECK_DEPS += $(2:%=$(OUT)/fuzz/fuzz_%)
CHECK_SCRIPTS += "env FUZZ_SECONDS=4 FUZZ_SEED=1 tests/fuzz/run.sh tests/fuzz/$(1).dict $(2)"
FUZZ_SCRIPTS += $(2:%="tests/fuzz/run.sh tests/fuzz/$(1).dict %")
-include $(patsubst %.c,$(OUT)/fuzz/obj/%.d,$(fuzz_$(1)_srcs)) $(2:%=$(OUT)/fuzz/obj/tests/fuzz/fuzz_%.d)
endef

$(eval $(call fuzz_group,oci,$(FUZZ_OCI),-ljson-c -lseccomp -lcap))
$(eval $(call fuzz_group,init,$(FUZZ_INIT)))
$(eval $(call fuzz_group,supervisor,$(FUZZ_SUPERVISOR),-ljson-c))
$(eval $(call fuzz_group,tools,$(FUZZ_TOOLS),-ljson-c -lm))
$(eval $(call fuzz_group,appliance,$(FUZZ_APPLIANCE),-lyaml))
$(eval $(call fuzz_group,images,$(FUZZ_IMAGES),-larchive -lz -lzstd -ljson-c))
