# SPDX-License-Identifier: GPL-2.0-or-later
#
# The bench: cloison-bench, the floor and the probe it starts, what is booted for it, and the
# targets `make demo` (quick), `make bench` (full) and `make report` (the page of the last results).
#
#   BENCH_ARGS='--scenario s02-start --blocks 3'     passed to cloison-bench run

PROGRAMS += cloison-bench
cloison-bench_SRCS := $(filter-out bench/probe.c bench/floor.c bench/mkbundle.c, \
	$(wildcard bench/*.c bench/drivers/*.c bench/scenarios/*.c)) lib/error.c lib/sha256.c lib/sys.c
cloison-bench_LIBS := -ljson-c -lm

PROGRAMS += cloison-bench-floor
cloison-bench-floor_SRCS := bench/floor.c bench/rng.c
cloison-bench-floor_PIE := no # as the runtime: what that takes beyond the floor is not its address

PROGRAMS += cloison-bench-work
cloison-bench-work_SRCS := $(wildcard bench/work/*.c) bench/rng.c
cloison-bench-work_LIBS := -lm

# The probe has no C library and nothing to relocate: compiled plainly, linked by ld alone.
BENCH_PROBE := $(OUT)/bin/cloison-bench-probe
PROBE_CFLAGS := -Os -ffreestanding -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables
PROBE_OBJECTS := $(OUT)/obj-probe/bench/probe.o $(OUT)/obj-probe/bench/mark.o

$(OUT)/obj-probe/%.o: %.c $(CC_TARGET) $(FLAGS)
	$(call compile,$(CC_TARGET) $(CFLAGS_OWN) $(PROBE_CFLAGS))

$(BENCH_PROBE): $(PROBE_OBJECTS)
	@mkdir -p $(@D)
	@$(CROSS)-ld -static -s --build-id=none -z noexecstack -o $@ $^

-include $(PROBE_OBJECTS:.o=.d)

# config.json for the containers in the appliance: the same tables as on the host
HOST_PROGRAMS += mkbundle
mkbundle_SRCS := bench/mkbundle.c bench/bundle.c
mkbundle_LIBS := -ljson-c

$(OUT)/bench/once.json: $(OUT)/tools/mkbundle
	@mkdir -p $(@D)
	@$< rootfs /probe >$@

$(OUT)/bench/hold.json: $(OUT)/tools/mkbundle
	@mkdir -p $(@D)
	@$< rootfs /probe hold >$@

$(OUT)/bench/work-%.json: $(OUT)/tools/mkbundle
	@mkdir -p $(@D)
	@$< /bench/work /work $* 10 1 /dev/shm >$@

BENCH_WORK := $(foreach group,syscall cpu net io,$(OUT)/bench/work-$(group).json)

$(OUT)/bench/probe.cpio: bench/probe.list $(BENCH_PROBE) $(OUT)/tools/mkcpio
	@mkdir -p $(@D)
	@$(OUT)/tools/mkcpio -D OUT=$(OUT) -o $@ $<

$(OUT)/bench/agent.cpio: bench/agent.list $(BENCH_PROBE) $(OUT)/bin/cloison-bench \
		$(OUT)/bench/once.json $(OUT)/bench/hold.json $(BENCH_WORK) $(OUT)/tools/mkcpio \
		$(OUT)/bin/cloison-bench-floor $(OUT)/bin/cloison-bench-work
	@mkdir -p $(@D)
	@$(OUT)/tools/mkcpio -D OUT=$(OUT) -o $@ $<

$(OUT)/bench/%.cpio.lz4: $(OUT)/bench/%.cpio
	@lz4 -q -f -l -9 $< $@

# The image that ships, and what the bench adds, one frame behind the other.
$(OUT)/bench/appliance.cpio.lz4: $(OUT)/initramfs.cpio.lz4 $(OUT)/bench/agent.cpio.lz4
	@cat $^ >$@

# into QEMU, which runs here
$(OUT)/bench/boot.so: bench/mark.c bench/mark.h
$(OUT)/bench/%.so: bench/plugin/%.c bench/plugin/qemu.h $(FLAGS)
	@mkdir -p $(@D)
	@$(HOST_CC) $(HOST_CFLAGS) -fPIC -fvisibility=hidden -shared $(filter %.c,$^) -o $@

BENCH_FILES := $(OUT)/bench/boot.so $(BENCH_PROBE) $(OUT)/bin/cloison-bench-floor $(OUT)/bin/cloison-bench \
	$(OUT)/bin/cloison-bench-work \
	$(OUT)/bench/probe.cpio.lz4 $(OUT)/bench/appliance.cpio.lz4

# The harness runs here, whatever ARCH its guests are of.
BENCH_HOST_ARCH := $(shell uname -m)
BENCH := out/$(BENCH_HOST_ARCH)/bin/cloison-bench
ifneq ($(ARCH),$(BENCH_HOST_ARCH))
.PHONY: bench-harness
bench-harness:
	@$(MAKE) --no-print-directory ARCH=$(BENCH_HOST_ARCH) $(BENCH)
else
bench-harness: $(BENCH)
endif

# A run that found something wrong still has a report; the status is the run's.
define bench_run
@mkdir -p $(OUT)/report
@status=0; $(BENCH) run --mode $(1) --artifacts $(OUT) --out $(OUT)/report/results.json \
	$(BENCH_ARGS) || status=$$?; \
	if [ $$status -le 1 ]; then $(BENCH) report $(OUT)/report/results.json || status=$$?; fi; \
	exit $$status
endef

demo: image programs bench-harness $(BENCH_FILES)
	$(call bench_run,quick)

bench: image programs bench-harness $(BENCH_FILES)
	$(call bench_run,full)

# Debian with systemd, for the machines that boot it: big, so only when it is asked for
.PHONY: bench-debian
bench-debian:
	@mkdir -p $(OUT)/bench
	@ln -sfn "$$(tests/debian/root --disk)" $(OUT)/bench/debian.disk
	@ln -sfn "$$(tests/debian/root)/boot/vmlinuz" $(OUT)/bench/debian.vmlinuz

peers: image programs $(BENCH_FILES) $(OUT)/tools/mkcpio
	@bench/peers $(BLOCKS)

.PHONY: hot
hot: image programs $(BENCH_FILES) $(OUT)/tools/mkcpio $(OUT)/bench/hot.so
	@bench/hot

report: bench-harness
	@$(BENCH) report $(OUT)/report/results.json

# --- tests

CHECK_DEPS += $(BENCH_PROBE)

UNIT_TESTS += bench/tests/test_stats
BENCH_STATS := bench/stats.c bench/bootstrap.c bench/distribution.c bench/permute.c \
	bench/regress.c bench/survival.c bench/rng.c
bench/tests/test_stats_SRCS := $(BENCH_STATS)
bench/tests/test_stats_LIBS := -lm

UNIT_TESTS += bench/tests/test_published
bench/tests/test_published_SRCS := $(BENCH_STATS)
bench/tests/test_published_LIBS := -lm

UNIT_TESTS += bench/tests/test_mark
bench/tests/test_mark_SRCS := bench/mark.c

UNIT_TESTS += bench/tests/test_memory
bench/tests/test_memory_SRCS := bench/memory.c lib/error.c

UNIT_TESTS += bench/tests/test_harness
bench/tests/test_harness_SRCS := bench/harness.c bench/mark.c lib/error.c lib/sys.c

UNIT_TESTS += bench/tests/test_result
BENCH_REPORT := bench/report.c bench/page.c bench/raw.c bench/plots.c bench/bars.c bench/chart.c \
	bench/lang.c
BENCH_RESULTS := $(BENCH_STATS) bench/result.c bench/sample.c bench/journal.c bench/view.c
bench/tests/test_result_SRCS := $(BENCH_RESULTS) \
	bench/table.c bench/section.c $(BENCH_REPORT) lib/error.c
bench/tests/test_result_LIBS := -ljson-c -lm

UNIT_TESTS += bench/tests/test_compare
bench/tests/test_compare_SRCS := $(BENCH_RESULTS) bench/compare.c bench/targets.c lib/error.c
bench/tests/test_compare_LIBS := -ljson-c -lm

CHECK_SCRIPTS += bench/tests/bench.sh bench/tests/report.sh
TEST_SCRIPTS += bench/tests/selftest.sh bench/tests/resume.sh

# Boots, so not with check.
test soak: $(BENCH_FILES)
TEST_SCRIPTS += "bench/tests/icount.sh 2"
SOAK_SCRIPTS += "bench/tests/icount.sh 10"
