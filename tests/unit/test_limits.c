/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_limits.c: which files of a cgroup a resources object becomes, in which order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/sandbox/limits.h"

static const struct limits_now fresh = {
	.cpu_quota_us = LIMIT_UNSET,
	.cpu_period_us = LIMIT_UNSET,
};

/* append - a limits_emit that puts "FILE=VALUE;" to the end of a text. */
static int append(void *context, const char *file, const char *value, struct error *err)
{
	char *text = context;
	size_t len = strlen(text);

	(void)err;
	snprintf(text + len, 4096 - len, "%s=%s;", file, value);
	return 0;
}

/* check - the resources object @json with ' for " becomes @wanted. */
static void check_now(const char *json, const struct limits_now *now, int64_t memory_max,
		      const char *wanted)
{
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	const struct cgroup_plan *plan;
	char text[4096] = "", quoted[4096];

	snprintf(quoted, sizeof(quoted), "%s", json);
	for (char *p = quoted; *p; p++)
		if (*p == '\'')
			*p = '"';
	plan = plan_load_resources(quoted, strlen(quoted), "resources", memory_max, &arena, &err);
	if (!plan) {
		assert_string_equal(err.what, wanted);
		arena_free(&arena);
		return;
	}
	assert_int_equal(limits_each(plan, now, append, text, &err), 0);
	assert_string_equal(text, wanted);
	arena_free(&arena);
}

static void check(const char *json, const char *wanted)
{
	check_now(json, &fresh, LIMIT_UNSET, wanted);
}

static void nothing_set_writes_nothing(void **state)
{
	(void)state;
	check("{}", "");
	check("{'memory':{},'cpu':{'shares':0,'cpus':''},'pids':{'limit':0},'blockIO':{'weight':0},"
	      "'unified':null,'devices':[]}",
	      "");
	check("{'devices':[{'allow':false,'access':'rwm'}]}", "");
}

static void memory_swap_first_and_low_last(void **state)
{
	(void)state;
	check("{'memory':{'limit':100,'swap':300,'reservation':50}}",
	      "memory.swap.max=200;memory.max=100;memory.low=50;");
	check("{'memory':{'limit':-1}}", "memory.swap.max=max;memory.max=max;");
}

static void a_swap_limit_refers_to_the_memory_limit_that_holds(void **state)
{
	(void)state;
	check_now("{'memory':{'swap':300}}", &fresh, 100, "memory.swap.max=200;");
	check_now("{'memory':{'limit':50,'swap':300}}", &fresh, 100,
		  "memory.swap.max=250;memory.max=50;");
	check_now("{'memory':{'swap':99}}", &fresh, 100,
		  "resources: memory.swap: must not be below the memory limit: it is memory plus "
		  "swap");
	check_now("{'memory':{'swap':300}}", &fresh, LIMIT_MAX,
		  "resources: memory.swap: needs a memory limit: it is memory plus swap");
	check_now("{'pids':{'limit':5}}", &fresh, 100, "pids.max=5;");
}

static void quota_and_period_share_a_file(void **state)
{
	const struct limits_now now = {.cpu_quota_us = 5000, .cpu_period_us = 20000};

	(void)state;
	check("{'cpu':{'quota':10000,'period':50000}}", "cpu.max=10000 50000;");
	check("{'cpu':{'quota':10000}}", "cpu.max=10000;");
	check("{'cpu':{'quota':-1}}", "cpu.max=max;");
	check("{'cpu':{'period':50000}}", "cpu.max=max 50000;");
	check_now("{'cpu':{'period':50000}}", &now, LIMIT_UNSET, "cpu.max=5000 50000;");
	check_now("{'cpu':{'quota':7000}}", &now, LIMIT_UNSET, "cpu.max=7000 20000;");
	check_now("{'cpu':{'quota':-1}}", &now, LIMIT_UNSET, "cpu.max=max 20000;");
}

static void the_burst_is_never_above_the_quota(void **state)
{
	const struct limits_now now = {.cpu_quota_us = 5000, .cpu_period_us = 20000};

	(void)state;
	check("{'cpu':{'quota':10000,'burst':6000}}", "cpu.max.burst=6000;cpu.max=10000;");
	check_now("{'cpu':{'quota':10000,'burst':6000}}", &now, LIMIT_UNSET,
		  "cpu.max=10000 20000;cpu.max.burst=6000;");
	check_now("{'cpu':{'quota':3000,'burst':2000}}", &now, LIMIT_UNSET,
		  "cpu.max.burst=2000;cpu.max=3000 20000;");
}

static void a_weight_is_written_while_the_cgroup_is_not_idle(void **state)
{
	(void)state;
	check("{'cpu':{'shares':1024,'idle':1}}", "cpu.weight=39;cpu.idle=1;");
	check("{'cpu':{'shares':1024,'idle':0}}", "cpu.idle=0;cpu.weight=39;");
}

static void io_limits_name_their_device(void **state)
{
	const struct limits_now bfq = {.has_bfq = true,
				       .cpu_quota_us = LIMIT_UNSET,
				       .cpu_period_us = LIMIT_UNSET};
	const char *weights = "{'blockIO':{'weight':500,'weightDevice':["
			      "{'major':8,'minor':0,'weight':1000}]}}";

	(void)state;
	check(weights, "io.weight=4950;io.weight=8:0 10000;");
	check_now(weights, &bfq, LIMIT_UNSET, "io.bfq.weight=500;io.bfq.weight=8:0 1000;");
	check("{'blockIO':{'weight':10}}", "io.weight=1;");
	check("{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':1,'rate':1000}],"
	      "'throttleWriteBpsDevice':[{'major':8,'minor':1,'rate':2000}],"
	      "'throttleReadIOPSDevice':[{'major':8,'minor':2,'rate':3}],"
	      "'throttleWriteIOPSDevice':[{'major':8,'minor':2,'rate':0}]}}",
	      "io.max=8:1 rbps=1000;io.max=8:1 wbps=2000;io.max=8:2 riops=3;io.max=8:2 wiops=max;");
}

static void the_other_controllers(void **state)
{
	(void)state;
	check("{'cpu':{'cpus':'0-3,8','mems':'0'},'pids':{'limit':-1}}",
	      "pids.max=max;cpuset.cpus=0-3,8;cpuset.mems=0;");
	check("{'hugepageLimits':[{'pageSize':'2MB','limit':0},{'pageSize':'1GB','limit':5}]}",
	      "hugetlb.2MB.max=0;hugetlb.2MB.rsvd.max=0;hugetlb.1GB.max=5;hugetlb.1GB.rsvd.max=5;");
	check("{'rdma':{'mlx5_1':{'hcaHandles':3,'hcaObjects':10000},'x':{'hcaObjects':0}}}",
	      "rdma.max=mlx5_1 hca_handle=3 hca_object=10000;rdma.max=x hca_object=0;");
}

static void unified_has_the_last_word(void **state)
{
	(void)state;
	check("{'unified':{'memory.high':'5','misc.max':'x 1'},'memory':{'limit':9}}",
	      "memory.max=9;memory.high=5;misc.max=x 1;");
}

static unsigned int controllers(const char *json)
{
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	const struct cgroup_plan *plan =
		plan_load_resources(json, strlen(json), "resources", LIMIT_UNSET, &arena, &err);
	unsigned int set;

	assert_non_null(plan);
	set = limits_controllers(plan);
	arena_free(&arena);
	return set;
}

static void each_limit_needs_its_controller(void **state)
{
	(void)state;
	assert_int_equal(controllers("{}"), 0);
	assert_int_equal(controllers("{\"memory\":{\"reservation\":5}}"), 1U << CONTROLLER_MEMORY);
	assert_int_equal(controllers("{\"cpu\":{\"idle\":0}}"), 1U << CONTROLLER_CPU);
	assert_int_equal(controllers("{\"cpu\":{\"mems\":\"0\"}}"), 1U << CONTROLLER_CPUSET);
	assert_int_equal(controllers("{\"blockIO\":{\"weight\":20}}"), 1U << CONTROLLER_IO);
	assert_int_equal(controllers(
				 "{\"unified\":{\"a.x\":\"\",\"cgroup.max.depth\":\"1\","
				 "\"memory.high\":\"\",\"io.max\":\"\",\"pids.max\":\"\","
				 "\"cpu.max\":\"\",\"hugetlb.2MB.max\":\"\",\"dmem.max\":\"\"}}"),
			 1U << CONTROLLER_MEMORY | 1U << CONTROLLER_IO | 1U << CONTROLLER_PIDS |
				 1U << CONTROLLER_CPU | 1U << CONTROLLER_HUGETLB |
				 1U << CONTROLLER_DMEM);
}

static void without_swap_there_is_no_more_than_none(void **state)
{
	(void)state;
	assert_true(limit_holds_anyway(ENOENT, "memory.swap.max", "0"));
	assert_true(limit_holds_anyway(ENOENT, "memory.swap.max", "max"));
	assert_false(limit_holds_anyway(ENOENT, "memory.swap.max", "1"));
	assert_false(limit_holds_anyway(EACCES, "memory.swap.max", "0"));
	assert_false(limit_holds_anyway(ENOENT, "memory.max", "max"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_set_writes_nothing),
		cmocka_unit_test(memory_swap_first_and_low_last),
		cmocka_unit_test(a_swap_limit_refers_to_the_memory_limit_that_holds),
		cmocka_unit_test(quota_and_period_share_a_file),
		cmocka_unit_test(the_burst_is_never_above_the_quota),
		cmocka_unit_test(a_weight_is_written_while_the_cgroup_is_not_idle),
		cmocka_unit_test(io_limits_name_their_device),
		cmocka_unit_test(the_other_controllers),
		cmocka_unit_test(unified_has_the_last_word),
		cmocka_unit_test(each_limit_needs_its_controller),
		cmocka_unit_test(without_swap_there_is_no_more_than_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
