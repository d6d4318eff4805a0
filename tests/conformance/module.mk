# SPDX-License-Identifier: GPL-2.0-or-later
#
# Conformance to the OCI runtime specification: `run` says how.

HOST_PROGRAMS += conformance-probe
conformance-probe_SRCS := tests/conformance/probe.c
conformance-probe_LDFLAGS := -static

CHECK_SCRIPTS += tests/conformance/check

# what a machine without cgroup v2 controllers can tell of Cloison
CHECK_SCRIPTS += "tests/conformance/run out/$(ARCH)/bin/cloison"

# does the suite notice what is wrong?
SOAK_SCRIPTS += "tests/conformance/mutants $(OUT)/bin/cloison"

# the table of Cloison, crun and runc, in a guest with cgroup v2; CONFORMANCE="--only seccomp" for a part. One
# processor: of two emulated ones either may wait for the other for as long as this machine is busy, and with
# a quota of processor time that was for ever. The case that needs two has a guest of its own.
.PHONY: conformance
conformance: programs $(OUT)/pkg/busybox.done $(OUT)/tools/conformance-probe $(OUT)/tools/console-receiver
	@tests/debian/guest -c 1 -t $(or $(LIMIT),9000) env LIMIT=120 sh tests/conformance/run --table --jobs 2 \
		$(CONFORMANCE) $(OUT)/bin/cloison crun runc
	$(if $(CONFORMANCE),,@tests/debian/guest -c 2 -t 900 env LIMIT=120 sh tests/conformance/run --table \
		--only exec_cpu_affinity $(OUT)/bin/cloison crun runc)
