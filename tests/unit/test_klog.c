/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_klog.c: records of /dev/kmsg (init/klog.c).
 */
#include "init/klog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct klog_record r;

static int parse(const char *text)
{
	return klog_parse(&r, text, strlen(text));
}

static void check(const char *record, uint64_t seq, uint64_t time_us, const char *text)
{
	assert_int_equal(parse(record), 0);
	assert_int_equal(r.seq, seq);
	assert_int_equal(r.time_us, time_us);
	assert_int_equal(r.len, strlen(text));
	assert_memory_equal(r.text, text, r.len);
}

/* From Documentation/ABI/testing/dev-kmsg. */
static void the_documented_records_are_read(void **state)
{
	(void)state;
	check("7,160,424069,-;pci_root PNP0A03:00: host bridge window [io  0x0000-0x0cf7] (ignored)\n"
	      " SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n",
	      160, 424069, "pci_root PNP0A03:00: host bridge window [io  0x0000-0x0cf7] (ignored)");
	check("6,339,5140900,-;NET: Registered protocol family 10\n", 339, 5140900,
	      "NET: Registered protocol family 10");
	check("30,340,5690716,-;udevd[80]: starting version 181\n", 340, 5690716,
	      "udevd[80]: starting version 181");
}

static void fields_that_come_later_are_passed_over(void **state)
{
	(void)state;
	check("6,1,2,c,caller=T1,more=7;text; with a semicolon\n", 1, 2, "text; with a semicolon");
	check("6,1,2;\n", 1, 2, "");
	check("6,1,2,-;without an end", 1, 2, "without an end");
}

static void what_is_no_record_is_refused(void **state)
{
	static const char *const bad[] = {"",	      "6",
					  "6,",	      "6,1",
					  "6,1,",     "6,1,2",
					  "6,1,2,-",  "x,1,2,-;t",
					  "6,,2,-;t", "6,1,-2,-;t",
					  "6;1;2;t",  "6,99999999999999999999,2,-;t"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(parse(bad[i]), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_documented_records_are_read),
		cmocka_unit_test(fields_that_come_later_are_passed_over),
		cmocka_unit_test(what_is_no_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
