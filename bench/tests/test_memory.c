/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_memory.c: the kernel's books are read right, and a process's share of them.
 */
#include "bench/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

static const char meminfo[] = "MemTotal:       24684084 kB\n"
			      "AnonPages:         10100 kB\n"
			      "Shmem:              8484 kB\n"
			      "KReclaimable:      63016 kB\n"
			      "Slab:              90001 kB\n"
			      "SReclaimable:      60001 kB\n"
			      "SUnreclaim:        30000 kB\n"
			      "KernelStack:        2112 kB\n"
			      "PageTables:         1596 kB\n"
			      "SecPageTables:        77 kB\n"
			      "Percpu:             1664 kB\n"
			      "ShmemHugePages:       55 kB\n";

static void meminfo_fields_are_found_by_whole_name(void **state)
{
	struct memory m;

	(void)state;
	assert_int_equal(memory_parse(meminfo, &m), 0);
	assert_int_equal(m.kb[MEM_ANON], 10100);
	assert_int_equal(m.kb[MEM_SLAB], 30000);
	assert_int_equal(m.kb[MEM_STACKS], 2112);
	assert_int_equal(m.kb[MEM_TABLES], 1596);
	assert_int_equal(m.kb[MEM_PERCPU], 1664);
	assert_int_equal(m.kb[MEM_SHMEM], 8484);
	/* of the kernel: not the anonymous and shared pages of processes */
	assert_int_equal(memory_kernel(&m), 30000 + 2112 + 1596 + 1664);
}

static void a_missing_field_is_an_error(void **state)
{
	struct memory m;

	(void)state;
	assert_int_equal(memory_parse("AnonPages: 1 kB\nSUnreclaim: 2 kB\n", &m), -1);
	assert_int_equal(memory_parse("", &m), -1);
}

static void touched_memory_shows_in_the_footprint(void **state)
{
	const size_t size = 8 << 20;
	struct footprint before = {0}, after = {0};
	struct error err = ERROR_INIT;
	char *p;

	(void)state;
	assert_int_equal(footprint_add(&before, getpid(), NULL, &err), 0);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(p != MAP_FAILED);
	memset(p, 1, size);
	assert_int_equal(footprint_add(&after, getpid(), NULL, &err), 0);
	assert_in_range(after.pss_kb - before.pss_kb, 8000, 9500);
	assert_in_range(after.uss_kb - before.uss_kb, 8000, 9500);
	munmap(p, size);
}

static void named_ram_and_translated_code_are_told_apart(void **state)
{
	struct footprint f = {0};
	struct error err = ERROR_INIT;
	int fd = memfd_create("bench-test-ram", MFD_CLOEXEC);
	char *ram, *jit;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4 << 20), 0);
	ram = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	jit = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	assert_true(ram != MAP_FAILED && jit != MAP_FAILED);
	memset(ram, 1, 3 << 20);
	memset(jit, 1, 1 << 20);
	assert_int_equal(footprint_add(&f, getpid(), "bench-test-ram", &err), 0);
	assert_in_range(f.guest_ram_kb, 3072, 4096);
	assert_in_range(f.jit_kb, 1024, 2048);
	munmap(ram, 4 << 20);
	munmap(jit, 2 << 20);
	close(fd);
}

static void a_process_that_is_gone_is_an_error(void **state)
{
	struct footprint f = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(footprint_add(&f, 0x3fffffff, NULL, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meminfo_fields_are_found_by_whole_name),
		cmocka_unit_test(a_missing_field_is_an_error),
		cmocka_unit_test(touched_memory_shows_in_the_footprint),
		cmocka_unit_test(named_ram_and_translated_code_are_told_apart),
		cmocka_unit_test(a_process_that_is_gone_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
