# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makefile: the only entry point. On a fresh Debian 12 machine `make` alone is needed beforehand.
#
#   make demo            build, boot, start real containers beside VMs, print the comparison
#   make test            everything that is tested; ends with "N passed, N failed, N skipped"
#   make check           the part of it that needs no QEMU
#   make lint            warnings, formatting, static analysis
#   make all             programs, kernel, initramfs, manifest of ARCH
#   make image           kernel and initramfs of ARCH
#   make run             boot the image with this terminal as its console
#   make size            sizes against their limits
#   make reproducible    build twice, differently, and compare
#   make engines         real engines over the runtime (part of make test)
#   make bench report soak fuzz
#   make peers           Cloison, crun and runc in the appliance, by instructions
#   make hot             write runtime/hot.ld: what runs at each start, so that it lies together
#   make conformance     the table of the specification's requirements: Cloison, crun, runc
#   make deps            install the Debian packages that all this uses
#   make clean           remove out/
#
# ARCH=x86_64 (default) or aarch64. Results are in out/$(ARCH)/, the log of long steps in out/log;
# kernels and third-party packages are cached outside (image/README.md).
#
# Each component has a module.mk, which declares what it is made of:
#
#   PROGRAMS += name               a program of the appliance: static, musl, $(OUT)/bin/name
#   name_SRCS name_LIBS            its sources; -ljson-c and the like
#   name_CFLAGS name_LDFLAGS name_DEPS    optional: more flags; files to be made before compiling
#   name_RARE                      those of the sources that seldom run: linked behind the libraries
#   name_PIE := no                 a program at a fixed address; the reason stands beside it
#   UNIT_TESTS += dir/name         a cmocka test: dir/name.c and dir/name_SRCS, dir/name_LIBS,
#                                  dir/name_CFLAGS, dir/name_DEPS; glibc, ASan, UBSan;
#                                  $(OUT)/unit/dir/name, run by make check
#   HOST_PROGRAMS += name          a program of the build machine, of name_SRCS: $(OUT)/tools/name
#   CHECK_SCRIPTS += path          a test script that needs no QEMU (make check, make test)
#   CHECK_DEPS += file             what those scripts need to be made beforehand
#   BOOT_SCRIPTS += path           a test script that boots; run as `path ARCH`, for both (make test)
#   TEST_SCRIPTS += path           a test script for make test alone
#   SOAK_SCRIPTS, FUZZ_SCRIPTS     long runs
#   LINT_SCRIPTS += path           a further check for make lint
#   IMAGE_LISTS += path            a list of files for the initramfs (image/tools/mkcpio.c), in which
#                                  @OUT@ stands for $(OUT); IMAGE_DEPS += the files that it names
# Test scripts find ARCH and OUT in their environment and print lines as tests/run says.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.SECONDEXPANSION:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

ARCH ?= x86_64
ARCHES := x86_64 aarch64
ifeq ($(filter $(ARCH),$(ARCHES)),)
$(error ARCH=$(ARCH): x86_64 or aarch64)
endif
BOARD ?= qemu-$(ARCH)
OUT := out/$(ARCH)
LOG := out/log
CROSS := $(ARCH)-linux-gnu

# one fixed date for everything that carries one
SOURCE_DATE_EPOCH := 1795392000
export ARCH OUT LOG SOURCE_DATE_EPOCH

STEP := image/step

# --- flags

WARNINGS := -std=gnu17 -Wall -Wextra -Werror -Wshadow -Wconversion

# hardened code of the appliance, ours and others'
TARGET_CFLAGS := -O2 -pipe -fPIE -fvisibility=hidden -ffunction-sections -fdata-sections \
	-fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero
ifeq ($(ARCH),aarch64)
TARGET_CFLAGS += -mbranch-protection=pac-ret
endif
# musl protects no RELRO of a static program; on aarch64 the linker pads each file with up to 64 KiB to align it.
RELRO := $(if $(filter aarch64,$(ARCH)),norelro,relro)
TARGET_LDFLAGS := -static-pie -Wl,--gc-sections -Wl,-z,$(RELRO),-z,now -Wl,-z,noexecstack \
	-Wl,--build-id=none -Wl,--fatal-warnings
# what code takes instead of speed when nothing of it takes long
SMALL_CFLAGS := -Os -fno-reorder-functions
export TARGET_CFLAGS

# what we compile for the appliance; paths of this machine stay out of it
# Nothing unwinds a stack at run time; debuggers have .debug_frame. Both options: aarch64 asks for tables by either.
CFLAGS_OWN := $(WARNINGS) -fno-asynchronous-unwind-tables -fno-unwind-tables -D_GNU_SOURCE '-DCLOISON_VERSION="$(file <VERSION)"' -g -I. -I$(OUT)/gen -ffile-prefix-map=$(CURDIR)=.

# the build machine's own: tools, and tests under the sanitizers
HOST_CC := gcc
HOST_CFLAGS := $(WARNINGS) -D_GNU_SOURCE -O2 -g -I. -I$(OUT)/gen
UNIT_CFLAGS := $(WARNINGS) -D_GNU_SOURCE -O1 -g -I. -I$(OUT)/gen -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all

CC_TARGET := $(OUT)/toolchain/cc
SYSROOT := $(OUT)/sysroot
LIB_PACKAGES := libseccomp libcap2 lz4 json-c libyaml zlib libzstd libarchive

# rebuilt when the flags change, not when a comment in this file does
FLAGS := $(OUT)/flags
flags_now := $(strip $(TARGET_CFLAGS) | $(SMALL_CFLAGS) | $(TARGET_LDFLAGS) | $(CFLAGS_OWN) | $(HOST_CFLAGS) | $(UNIT_CFLAGS))
ifneq ($(flags_now),$(strip $(if $(wildcard $(FLAGS)),$(file <$(FLAGS)))))
.PHONY: $(FLAGS)
endif
$(FLAGS):
	$(shell mkdir -p $(@D))$(file >$@,$(flags_now))

# --- components

include $(wildcard lib/module.mk) $(filter-out lib/module.mk,$(wildcard */module.mk tests/*/module.mk))

# --- targets by name

.PHONY: all image programs run size lint check test soak fuzz reproducible clean deps deps-ensure
.PHONY: demo bench peers report

all: programs image $(OUT)/manifest.json

programs: $(PROGRAMS:%=$(OUT)/bin/%)

image: $(OUT)/vmlinuz $(OUT)/initramfs.cpio.lz4

deps:
	@image/deps install

# what every file that is built waits for, and is not rebuilt by
deps-ensure:
	@image/deps ensure

clean:
	rm -rf out

# --- toolchain and libraries: from the cache, or built (image/build-package)

package_inputs = $(wildcard image/packages/$(1)/* image/packages/$(1)/patches/*) image/build-package image/cc.in image/make-cc \
	image/lib.sh image/fetch

# $(OUT)/pkg/NAME is a link into the cache. NAME.done is newer than what the package is built from;
# NAME.key says which result it is, and changes only when that does.
$(OUT)/pkg/%.key: $(OUT)/pkg/%.done
	@readlink $(<:.done=) | cmp -s - $@ || readlink $(<:.done=) >$@

$(OUT)/pkg/musl.done: $(call package_inputs,musl) $(call package_inputs,linux-headers) \
		$(call package_inputs,linux) $(FLAGS) | deps-ensure
	@$(STEP) "musl $(ARCH)" image/build-package musl $(ARCH) $(@:.done=)
	@touch $@

$(LIB_PACKAGES:%=$(OUT)/pkg/%.done) $(OUT)/pkg/busybox.done $(OUT)/pkg/dropbear.done: $(OUT)/pkg/%.done: \
		$$(call package_inputs,$$*) $(OUT)/pkg/musl.key
	@$(STEP) "$* $(ARCH)" image/build-package $* $(ARCH) $(@:.done=)
	@touch $@

# one directory with all headers and archives
$(SYSROOT)/.complete: $(OUT)/pkg/musl.key $(LIB_PACKAGES:%=$(OUT)/pkg/%.key)
	@rm -rf $(SYSROOT) $(SYSROOT).new
	@mkdir -p $(SYSROOT).new
	@for p in $(^:.key=); do cp -RL $$p/. $(SYSROOT).new/ || exit 1; done
	@mv $(SYSROOT).new $(SYSROOT)
	@touch $@

$(CC_TARGET): $(SYSROOT)/.complete image/cc.in image/make-cc
	@mkdir -p $(@D)
	@image/make-cc $(ARCH) $(abspath $(SYSROOT)) $@

# --- our programs
#
# Objects are shared between programs, except those of a program with flags of its own.

objects_of = $(patsubst %.c,$(OUT)/obj$(if $($(1)_CFLAGS),-$(1))/%.o,$(2))
objects = $(call objects_of,$(1),$($(1)_SRCS))
rare_objects = $(call objects_of,$(1),$($(1)_RARE))

define compile
@mkdir -p $(@D)
$(if $(V),,@echo "  cc      $@" >>$(LOG))
$(if $(V),,@)$(1) -MMD -MP -c $< -o $@
endef

$(OUT)/obj/%.o: %.c $(CC_TARGET) $(FLAGS)
	$(call compile,$(CC_TARGET) $(CFLAGS_OWN) $(TARGET_CFLAGS))

target_ldflags = $(if $(filter no,$($(1)_PIE)),$(patsubst -static-pie,-static,$(TARGET_LDFLAGS)),$(TARGET_LDFLAGS))

define program_rules
$(if $(strip $($(1)_CFLAGS)),
$(OUT)/obj-$(1)/%.o: %.c $(CC_TARGET) $(FLAGS)
	$$(call compile,$(CC_TARGET) $(CFLAGS_OWN) $(TARGET_CFLAGS) $($(1)_CFLAGS))
)
$(if $($(1)_DEPS),$(call objects,$(1)) $(call rare_objects,$(1)): | $($(1)_DEPS))
$(OUT)/debug/$(1): $(call objects,$(1)) $(call rare_objects,$(1)) $(CC_TARGET)
	@mkdir -p $$(@D)
	$(if $(V),,@)$(CC_TARGET) $(TARGET_CFLAGS) $(call target_ldflags,$(1)) $($(1)_LDFLAGS) \
		$(call objects,$(1)) $(if $($(1)_RARE),$($(1)_LIBS) -lc $(call rare_objects,$(1))) $($(1)_LIBS) -o $$@
$(OUT)/bin/$(1): $(OUT)/debug/$(1)
	@mkdir -p $$(@D)
	$(if $(V),,@)$(CROSS)-strip -o $$@ $$<
-include $(patsubst %.o,%.d,$(call objects,$(1)) $(call rare_objects,$(1)))
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rules,$(p))))

# --- programs of the build machine

HOST_PROGRAMS += mkcpio
mkcpio_SRCS := image/tools/mkcpio.c lib/xxh64.c

$(OUT)/host/%.o: %.c $(FLAGS) | deps-ensure
	$(call compile,$(HOST_CC) $(HOST_CFLAGS))

define host_rules
$(if $($(1)_DEPS),$(patsubst %.c,$(OUT)/host/%.o,$($(1)_SRCS)): | $($(1)_DEPS))
$(OUT)/tools/$(1): $(patsubst %.c,$(OUT)/host/%.o,$($(1)_SRCS))
	@mkdir -p $$(@D)
	$(if $(V),,@)$(HOST_CC) $(HOST_CFLAGS) $$^ $($(1)_LDFLAGS) $($(1)_LIBS) -o $$@
-include $(patsubst %.c,$(OUT)/host/%.d,$($(1)_SRCS))
endef
$(foreach p,$(HOST_PROGRAMS),$(eval $(call host_rules,$(p))))

# --- image

kernel_inputs := $(wildcard image/packages/linux/* image/packages/linux/patches/*) image/kernel/common.config \
	image/kernel/$(ARCH).config image/kernel/$(BOARD).config image/kernel/build image/kernel/check \
	image/lib.sh image/fetch

$(OUT)/pkg/kernel-$(BOARD).done: $(kernel_inputs) | deps-ensure
	@$(STEP) "kernel $(BOARD)" image/kernel/build $(ARCH) $(BOARD) $(@:.done=)
	@touch $@

# which board's kernel is in place
board_now := $(OUT)/gen/board
ifneq ($(BOARD),$(strip $(if $(wildcard $(board_now)),$(file <$(board_now)))))
.PHONY: $(board_now)
endif
$(board_now):
	$(shell mkdir -p $(@D))$(file >$@,$(BOARD))

$(OUT)/vmlinuz $(OUT)/kernel.config $(OUT)/System.map: $(OUT)/%: $(OUT)/pkg/kernel-$(BOARD).key $(board_now)
	@cp $(<:.key=)/$* $@

$(OUT)/gen/busybox.list: $(OUT)/pkg/busybox.key image/rootfs/links
	@mkdir -p $(@D)
	@image/rootfs/links $(<:.key=)/links >$@

$(OUT)/gen/os-release: image/rootfs/os-release.in VERSION
	@mkdir -p $(@D)
	@sed 's/@VERSION@/$(file <VERSION)/' $< >$@

initramfs_lists := image/rootfs/list $(OUT)/gen/busybox.list $(IMAGE_LISTS)

# what the lists take from $(OUT), and from the clone
$(OUT)/initramfs.cpio: $(initramfs_lists) $(IMAGE_DEPS) $(OUT)/tools/mkcpio $(OUT)/pkg/busybox.key \
		$(OUT)/bin/init $(OUT)/bin/cloison $(OUT)/bin/cloisond $(OUT)/gen/os-release \
		$(wildcard image/rootfs/etc/* image/rootfs/etc/cloison/services.d/*) image/rootfs/udhcpc.script image/rootfs/readlink \
		image/rootfs/demo-config.json
	@$(OUT)/tools/mkcpio -D OUT=$(OUT) -m $(OUT)/gen/initramfs.files -b $(OUT)/gen/initramfs.first -o $@ \
		$(initramfs_lists)

# The legacy frame is the one that the kernel reads. It is unpacked as a whole or not at all, so what checks
# the rest has one of its own.
$(OUT)/initramfs.cpio.lz4: $(OUT)/initramfs.cpio
	@n=$$(cat $(OUT)/gen/initramfs.first) && head -c $$n $< >$(OUT)/gen/first.cpio && \
		tail -c +$$((n + 1)) $< >$(OUT)/gen/rest.cpio && \
		lz4 -q -f -l -9 $(OUT)/gen/first.cpio $(OUT)/gen/first.lz4 && \
		lz4 -q -f -l -9 $(OUT)/gen/rest.cpio $(OUT)/gen/rest.lz4 && \
		cat $(OUT)/gen/first.lz4 $(OUT)/gen/rest.lz4 >$@

$(OUT)/gen/links: $(FLAGS)
	@mkdir -p $(@D)
	@{ $(foreach p,$(PROGRAMS),echo '$p $($(p)_LIBS)';) } >$@

$(OUT)/manifest.json: $(OUT)/vmlinuz $(OUT)/kernel.config $(OUT)/System.map \
		$(OUT)/initramfs.cpio.lz4 $(OUT)/gen/links $(PROGRAMS:%=$(OUT)/bin/%) image/manifest \
		$(wildcard image/packages/*/patches/*)
	@image/manifest $(ARCH) $(BOARD) $(OUT)

size: $(OUT)/manifest.json
	@image/size $<

run: image
	@echo 'Leave QEMU with Ctrl-A X.'
	@SERIAL=mon:stdio board/$(BOARD)/run

# --- unit tests

$(OUT)/unit/obj/%.o: %.c $(FLAGS) | deps-ensure
	$(call compile,$(HOST_CC) $(UNIT_CFLAGS))

unit_objects = $(patsubst %.c,$(OUT)/unit/obj$(if $($(1)_CFLAGS),-$(subst /,-,$(1)))/%.o,$(1).c $($(1)_SRCS))

define unit_rules
$(if $(strip $($(1)_CFLAGS)),
$(OUT)/unit/obj-$(subst /,-,$(1))/%.o: %.c $(FLAGS) | deps-ensure
	$$(call compile,$(HOST_CC) $(UNIT_CFLAGS) $($(1)_CFLAGS))
)
$(if $($(1)_DEPS),$(call unit_objects,$(1)): | $($(1)_DEPS))
$(OUT)/unit/$(1): $(call unit_objects,$(1))
	@mkdir -p $$(@D)
	$(if $(V),,@)$(HOST_CC) $(UNIT_CFLAGS) $$^ $($(1)_LDFLAGS) $($(1)_LIBS) -lcmocka -o $$@
-include $(patsubst %.o,%.d,$(call unit_objects,$(1)))
endef
$(foreach t,$(UNIT_TESTS),$(eval $(call unit_rules,$(t))))

# --- tests
#
# Those that need no QEMU run on the build machine, once; those that boot run for each architecture.

.PHONY: test-build check-build
export TEST_ARCHES := $(ARCHES)

test_units := $(UNIT_TESTS:%=$(OUT)/unit/%)
check_list := $(test_units) $(CHECK_SCRIPTS)
# each group by itself, so that each has the time limit of a test
boot_list := $(foreach a,$(ARCHES),$(foreach s,$(sort $(BOOT_SCRIPTS)),"env ARCH=$a OUT=out/$a $s $a") \
	$(foreach g,$(shell tests/boot/run --list $a),"env ARCH=$a OUT=out/$a tests/boot/run $a $g"))

check-build: $(test_units) programs $(HOST_PROGRAMS:%=$(OUT)/tools/%) $(CHECK_DEPS)

check: check-build
	@tests/run $(check_list)

lint: programs
	@tests/run image/lint $(LINT_SCRIPTS)

ifeq ($(ARCH),x86_64)
test: all check-build
	@$(MAKE) --no-print-directory ARCH=aarch64 all
	@tests/run image/lint $(LINT_SCRIPTS) $(check_list) $(TEST_SCRIPTS) $(boot_list)
else
test:
	@$(MAKE) --no-print-directory ARCH=x86_64 test
endif

# hours, some of them
soak: export TEST_TIMEOUT ?= 21600
soak: all check-build
	@tests/run $(SOAK_SCRIPTS)

fuzz: check-build
	@tests/run $(FUZZ_SCRIPTS)

reproducible: | deps-ensure
	@image/reproducible $(ARCH)
