# SPDX-License-Identifier: GPL-2.0-or-later
# The configuration of the host. runtime/module.mk includes this.
PROGRAMS += cloison-config
config_seed := $(OUT)/gen/seed.c
# what the unit tests and the fuzz target take: all that makes no system call
config_pure := $(addprefix runtime/config/,check.c doc.c keys.c probe.c schema.c show.c smbios.c tree.c words.c zones.c)
cloison-config_SRCS := $(filter-out runtime/config/mkseed.c,$(wildcard runtime/config/*.c)) $(config_seed) \
	lib/arena.c lib/audit.c lib/error.c lib/netlink.c lib/sys.c
cloison-config_LIBS := -lyaml
cloison-config_CFLAGS := $(SMALL_CFLAGS)

HOST_PROGRAMS += mkseed
mkseed_SRCS := runtime/config/mkseed.c

$(config_seed): runtime/config/seed.sh $(OUT)/tools/mkseed
	@mkdir -p $(@D)
	@runtime/config/seed.sh $(OUT)/gen/seed.img
	@$(OUT)/tools/mkseed $(OUT)/gen/seed.img >$@
	@rm $(OUT)/gen/seed.img $(OUT)/gen/seed.img.log

IMAGE_LISTS += runtime/config/image.list
IMAGE_DEPS += $(OUT)/bin/cloison-config $(addprefix image/rootfs/etc/cloison/services.d/,config.service dhcp.service ntp.service log.service ssh.service) \
	$(OUT)/pkg/dropbear.key

UNIT_TESTS += tests/unit/test_super
tests/unit/test_super_SRCS := runtime/config/super.c $(config_seed)

UNIT_TESTS += tests/unit/test_appliance
tests/unit/test_appliance_SRCS := $(config_pure) init/cmdline.c lib/arena.c lib/error.c
tests/unit/test_appliance_LIBS := -lyaml
