# SPDX-License-Identifier: GPL-2.0-or-later
#
# Thousands of containers, and many at once: on the build machine and, in the long run, in a guest
# with cgroup v2 in which nobody else works. In the appliance: its supervisor killed and stopped, and
# the power going while its containers write.

HOST_PROGRAMS += soak
soak_SRCS := tests/soak/soak.c tests/soak/drive.c
soak_LDFLAGS := -static

CHECK_SCRIPTS += "env STARTS=300 WORKERS=64 ROUNDS=1 tests/soak/soak.sh"
SOAK_SCRIPTS += "env POWER_CUTS=$(or $(POWER_CUTS),300) OUT=out/x86_64 tests/boot/run x86_64 powercut"
SOAK_SCRIPTS += "env CLOISON_LOAD=3600 OUT=out/x86_64 tests/boot/run x86_64 watchdog"
SOAK_SCRIPTS += "env CLOISON_KILLS=100 CLOISON_BOOT_TIMEOUT=3600 OUT=out/x86_64 tests/boot/run x86_64 supervisor"
SOAK_SCRIPTS += "env STARTS=10000 ROUNDS=10 tests/soak/soak.sh" "env STARTS=10000 tests/soak/guest.sh" \
	tests/soak/mutants.sh
