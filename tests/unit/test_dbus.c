/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_dbus.c: messages of D-Bus, byte for byte, and properties of units.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "runtime/systemd/scope.h"

static uint8_t buffer[1024];

static struct wire writer(void)
{
	return (struct wire){.at = buffer, .room = sizeof(buffer)};
}

static void a_call_is_written_as_the_specification_says(void **state)
{
	static const struct wire_call call = {"d", "/p", "i", "M", "su"};
	static const char wanted[] = "l\1\0\1\14\0\0\0\7\0\0\0\110\0\0\0"
				     "\1\1o\0\2\0\0\0/p\0\0\0\0\0\0"
				     "\2\1s\0\1\0\0\0i\0\0\0\0\0\0\0"
				     "\3\1s\0\1\0\0\0M\0\0\0\0\0\0\0"
				     "\6\1s\0\1\0\0\0d\0\0\0\0\0\0\0"
				     "\10\1g\0\2su\0"
				     "\2\0\0\0ab\0\0\5\0\0\0";
	struct wire w = writer();

	(void)state;
	wire_begin(&w, 7, &call);
	wire_string(&w, "ab");
	wire_u32(&w, 5);
	wire_end(&w);
	assert_false(w.failed);
	assert_int_equal(w.len, sizeof(wanted) - 1);
	assert_memory_equal(buffer, wanted, w.len);
}

static void what_does_not_fit_is_noticed(void **state)
{
	static const struct wire_call call = {"d", "/p", "i", "M", ""};
	struct wire w = {.at = buffer, .room = 40};

	(void)state;
	wire_begin(&w, 1, &call);
	wire_end(&w);
	assert_true(w.failed);
	assert_true(w.len <= 40);
}

static void what_was_written_can_be_read(void **state)
{
	static const struct wire_call call = {"d", "/p", "i", "M", "uoss"};
	struct wire w = writer();
	struct wire_message m;
	const char *v[3] = {"", "", ""};

	(void)state;
	wire_begin(&w, 7, &call);
	wire_u32(&w, 9);
	wire_string(&w, "/job");
	wire_string(&w, "unit");
	wire_string(&w, "done");
	wire_end(&w);
	assert_int_equal(wire_size(buffer), w.len);
	assert_true(wire_parse(buffer, w.len, &m));
	assert_string_equal(m.member, "M");
	assert_string_equal(m.interface, "i");
	assert_true(wire_strings(&m, 1, v, 3));
	assert_string_equal(v[0], "/job");
	assert_string_equal(v[2], "done");
	assert_false(wire_strings(&m, 0, v, 1));
	for (size_t cut = WIRE_HEADER; cut < w.len; cut++)
		assert_false(wire_parse(buffer, cut, &m));
	buffer[0] = 'B';
	assert_int_equal(wire_size(buffer), 0);
}

/* property - the bytes that @text becomes after the name "N", from its signature on. */
static const char *property(const char *name, const char *text, size_t *len)
{
	static struct wire w;
	struct error err = ERROR_INIT;

	w = writer();
	if (property_append(&w, name, text, &err) < 0)
		return NULL;
	assert_false(w.failed);
	*len = w.len;
	return (const char *)buffer;
}

static void annotations_have_types(void **state)
{
	static const struct {
		const char *text, *bytes;
		size_t len;
	} cases[] = {
		{"true", "\1\0\0\0N\0\1b\0\0\0\0\1\0\0\0", 16},
		{"'x y'", "\1\0\0\0N\0\1s\0\0\0\0\3\0\0\0x y\0", 20},
		{"5", "\1\0\0\0N\0\1i\0\0\0\0\5\0\0\0", 16},
		{"-2", "\1\0\0\0N\0\1i\0\0\0\0\376\377\377\377", 16},
		{"uint64 5", "\1\0\0\0N\0\1t\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0", 24},
		{"byte 255", "\1\0\0\0N\0\1y\0\377", 10},
		{"['a', 'b']", "\1\0\0\0N\0\2as\0\0\0\16\0\0\0\1\0\0\0a\0\0\0\1\0\0\0b\0", 30},
	};
	static const char *const wrong[] = {"",	   "soon", "'x",	"'x' ", "byte 256",  "5 ",
					    "--5", "1.5",  "uint32 -1", "['a'", "['a' 'b']", "+5"};
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *bytes = property("N", cases[i].text, &len);

		assert_non_null(bytes);
		assert_int_equal(len, cases[i].len);
		assert_memory_equal(bytes, cases[i].bytes, len);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_null(property("N", wrong[i], &len));
}

static void seconds_become_microseconds(void **state)
{
	size_t len = 0;
	const char *bytes = property("XSec", "7", &len);

	(void)state;
	assert_non_null(bytes);
	assert_memory_equal(bytes, "\5\0\0\0XUSec\0\1t\0\0\0\0\300\317\152\0\0\0\0\0", 24);
	assert_null(property("XSec", "-7", &len));
}

static void a_scopes_name_has_three_parts(void **state)
{
	static const struct {
		const char *path, *slice, *unit;
	} cases[] = {
		{NULL, "system.slice", "cloison-id.scope"},
		{"::id", "system.slice", "id.scope"},
		{"a-b.slice:docker:x", "a-b.slice", "docker-x.scope"},
	};
	static const char *const wrong[] = {"/docker/x", "a:b", "a.slice:b:c:d", "a:b:c"};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scope s = {.bus = BUS_SYSTEM};

		assert_int_equal(scope_name(&s, cases[i].path, "id", &err), 0);
		assert_string_equal(s.slice, cases[i].slice);
		assert_string_equal(s.unit, cases[i].unit);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct scope s = {.bus = BUS_SYSTEM};

		assert_int_equal(scope_name(&s, wrong[i], "id", &err), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_written_as_the_specification_says),
		cmocka_unit_test(what_does_not_fit_is_noticed),
		cmocka_unit_test(what_was_written_can_be_read),
		cmocka_unit_test(annotations_have_types),
		cmocka_unit_test(seconds_become_microseconds),
		cmocka_unit_test(a_scopes_name_has_three_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
