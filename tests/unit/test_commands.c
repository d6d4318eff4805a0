/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_commands.c: how the commands known from Docker read their options and write their answers: flags, sizes, times,
 * mounts, tables, templates, detach keys, frames (runtime/cli/native/, runtime/native/).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>

#include "runtime/cli/native/flags.h"
#include "runtime/cli/native/runflags.h"

struct values {
	bool all, quiet;
	int proxy;
	const char *name;
	unsigned int last;
	struct option_list env;
};

static const struct option table[] = {
	{"all", 'a', OPTION_FLAG, offsetof(struct values, all), NULL, ""},
	{"quiet", 'q', OPTION_FLAG, offsetof(struct values, quiet), NULL, ""},
	{"proxy", 0, OPTION_TOGGLE, offsetof(struct values, proxy), NULL, ""},
	{"name", 'n', OPTION_STRING, offsetof(struct values, name), "NAME", ""},
	{"last", 0, OPTION_NUMBER, offsetof(struct values, last), "N", ""},
	{"env", 'e', OPTION_LIST, offsetof(struct values, env), "X", ""},
};

/* parse - the words of @text; @left receives those that are arguments, joined by spaces. */
static int parse(const char *text, enum flags_order order, struct values *v, char *left,
		 struct error *err)
{
	static char words[512];
	char *argv[32] = {NULL};
	size_t n = 0;
	bool help;
	int rc;

	snprintf(words, sizeof(words), "%s", text);
	for (char *p = strtok(words, " "); p; p = strtok(NULL, " "))
		argv[n++] = p;
	*v = (struct values){.all = false};
	*err = (struct error)ERROR_INIT;
	rc = flags_parse(table, ARRAY_SIZE(table), order, argv, v, &help, err);
	*left = '\0';
	for (size_t i = 0; rc == 0 && argv[i]; i++)
		left = stpcpy(stpcpy(left, i ? " " : ""), argv[i]);
	return rc;
}

static void letters_are_joined_and_values_stand_anywhere(void **state)
{
	struct values v;
	struct error err;
	char left[512];

	(void)state;
	assert_int_equal(parse("-aq -nweb -e A=1 -e=B --env C=2 x", FLAGS_FIRST, &v, left, &err),
			 0);
	assert_true(v.all && v.quiet);
	assert_string_equal(v.name, "web");
	assert_int_equal(v.env.n, 3);
	assert_string_equal(v.env.values[1], "B");
	assert_string_equal(left, "x");
	assert_int_equal(parse("-an web --all=false --proxy=false", FLAGS_FIRST, &v, left, &err),
			 0);
	assert_false(v.all);
	assert_int_equal(v.proxy, -1);
	assert_string_equal(v.name, "web");
	assert_int_equal(parse("--name=", FLAGS_FIRST, &v, left, &err), 0);
	assert_string_equal(v.name, "");
}

static void options_end_at_a_command_or_go_on_after_arguments(void **state)
{
	struct values v;
	struct error err;
	char left[512];

	(void)state;
	assert_int_equal(parse("-a web ls -q -x", FLAGS_FIRST, &v, left, &err), 0);
	assert_string_equal(left, "web ls -q -x");
	assert_false(v.quiet);
	assert_int_equal(parse("web -a db -n x -- -q", FLAGS_ANYWHERE, &v, left, &err), 0);
	assert_string_equal(left, "web db -q");
	assert_true(v.all);
	assert_false(v.quiet);
	assert_int_equal(parse("- -a", FLAGS_ANYWHERE, &v, left, &err), 0);
	assert_string_equal(left, "-");
}

static void what_is_not_there_is_named(void **state)
{
	static const char *const cases[][3] = {
		{"--gpus all", "option `--gpus` is not implemented", "nearest: --device"},
		{"-p 80:80", "option `--publish` is not implemented", "nearest: --network host"},
		{"--nam x", "unknown option `--nam`", "nearest: --name"},
		{"--wholly-other", "unknown option `--wholly-other`", ""},
		{"-axq", "unknown option `-x` in -axq", ""},
		{"--name", "option --name needs a value", ""},
		{"-n", "option -n needs a value", ""},
		{"--last x", "option --last: `x` is not a number", ""},
		{"--all=maybe", "option --all: `maybe` is neither true nor false", ""},
	};
	struct values v;
	struct error err;
	char left[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse(cases[i][0], FLAGS_FIRST, &v, left, &err), -1);
		assert_string_equal(err.what, cases[i][1]);
		assert_string_equal(err.hint, cases[i][2]);
	}
}

static void sizes_and_durations_are_read_as_docker_does(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} sizes[] = {{"0", 0},		{"512", 512},	     {"1k", 1024},
		     {"64M", 64 << 20}, {"1.5g", 3LL << 29}, {"10MiB", 10 << 20},
		     {"2kb", 2048},	{"-1", -2},	     {"x", -2},
		     {"1kk", -2},	{"1e30", -2},	     {"", -2},
		     {"nan", -2},	{"inf", -2},	     {" 1", -2},
		     {"0x10", -2},	{" -1", -2},	     {"1..2", -2}};
	static const struct {
		const char *text;
		int64_t ms;
	} times[] = {{"30s", 30000}, {"1m30s", 90000}, {"500ms", 500}, {"1h", 3600000},
		     {"1.5s", 1500}, {"30", -2},       {"", -2},       {"1x", -2},
		     {"-1s", -2},    {"1s2", -2},      {" -1s", -2},   {"1e3s", -2},
		     {"1s 2s", -2}};
	struct error err;
	int64_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int rc = parse_bytes("m", sizes[i].text, &value, &err);

		assert_int_equal(rc, sizes[i].bytes == -2 ? -1 : 0);
		if (rc == 0)
			assert_int_equal(value, sizes[i].bytes);
	}
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		int rc = parse_duration("t", times[i].text, 0, &value, &err);

		assert_int_equal(rc, times[i].ms == -2 ? -1 : 0);
		if (rc == 0)
			assert_int_equal(value, times[i].ms);
	}
}

static const char *text_of(struct json_object *object)
{
	return json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void volumes_and_mounts_become_the_same(void **state)
{
	struct error err = ERROR_INIT;
	struct json_object *mount = parse_volume("/a:/b:ro,z", &err);

	(void)state;
	assert_string_equal(text_of(mount),
			    "{\"type\":\"bind\",\"source\":\"/a\",\"target\":\"/b\","
			    "\"create\":true,\"options\":[\"ro\"]}");
	json_object_put(mount);
	mount = parse_volume("data:/b", &err);
	assert_string_equal(tree_text(mount, "type"), "volume");
	json_object_put(mount);
	mount = parse_volume("./x:/b", &err);
	assert_true(tree_text(mount, "source")[0] == '/');
	json_object_put(mount);
	assert_null(parse_volume("only", &err));
	mount = parse_volume("/only", &err);
	assert_string_equal(tree_text(mount, "type"), "volume");
	assert_null(tree_text(mount, "source"));
	json_object_put(mount);
	assert_null(parse_volume("/a:b", &err));
	assert_null(parse_volume("/a:/b:fast", &err));
	mount = parse_mount("type=bind,src=/a,dst=/b,readonly", &err);
	assert_string_equal(text_of(mount),
			    "{\"options\":[\"ro\"],\"type\":\"bind\",\"source\":\"/a\","
			    "\"target\":\"/b\"}");
	json_object_put(mount);
	mount = parse_mount("type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1777", &err);
	assert_string_equal(text_of(mount), "{\"options\":[\"size=1048576\",\"mode=1777\"],"
					    "\"type\":\"tmpfs\",\"target\":\"/t\"}");
	json_object_put(mount);
	assert_null(parse_mount("type=bind,flavour=x", &err));
	assert_null(parse_mount("type", &err));
}

/* printed - what output_rows() writes of @rows, a JSON text; NULL with @err. */
static char *printed(const char *rows, const char *format, bool json, struct error *err)
{
	static const struct output_column columns[] = {{"CONTAINER ID", "ID"}, {"NAMES", "Names"}};
	struct json_object *tree = json_tokener_parse(rows);
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	int rc;

	*err = (struct error)ERROR_INIT;
	rc = output_rows(to, tree, columns, ARRAY_SIZE(columns), format, json, err);
	fclose(to);
	json_object_put(tree);
	if (rc == 0)
		return text;
	free(text);
	return NULL;
}

static void rows_are_printed_in_every_form(void **state)
{
#define ROWS \
	"[{\"ID\":\"0123\",\"Names\":\"a\\u001bb\"},{\"ID\":\"é\",\"Names\":\"c\",\"S\":{\"X\":[1,true]}}]"
	static const struct {
		const char *format;
		bool json;
		const char *want;
	} cases[] = {
		{NULL, false, "CONTAINER ID   NAMES\n0123           a?b\né              c\n"},
		{"table {{.Names}}\\t{{.ID}}", false,
		 "NAMES   CONTAINER ID\na?b     0123\nc       é\n"},
		{"{{ .ID }}\\t{{json .Names}}", false, "0123\t\"a\\u001bb\"\né\t\"c\"\n"},
		{"json", false,
		 "{\"ID\":\"0123\",\"Names\":\"a\\u001bb\"}\n"
		 "{\"ID\":\"é\",\"Names\":\"c\",\"S\":{\"X\":[1,true]}}\n"},
		{NULL, true, ROWS "\n"},
	};
	static const char *const wrong[][2] = {
		{"{{.No}}", "template: there is no field `.No`"},
		{"{{.ID", "template: `{{.ID` has no }}"},
		{"{{range .}}", "template: `{{range .}}` is not implemented"},
		{"{{.ID | upper}}", "template: `{{.ID | upper}}` is not implemented"},
		{"{{}}", "template: `{{}}` is not implemented"},
		{"{{.ID.X}}", "template: there is no field `.ID.X`"},
		{"table x", "format ` x`"},
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = printed(ROWS, cases[i].format, cases[i].json, &err);

		assert_non_null(text);
		assert_string_equal(text, cases[i].want);
		free(text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_null(printed(ROWS, wrong[i][0], false, &err));
		assert_string_equal(err.what, wrong[i][1]);
	}
#undef ROWS
}

static void values_print_as_go_prints_them(void **state)
{
	struct error err;
	char *text = printed("[{\"A\":[\"x\",\"y\"],\"M\":{\"k\":\"v\"},\"B\":true,\"N\":null}]",
			     "{{.A}} {{.M}} {{.M.k}} {{.B}} {{.N}} {{json .M}}", false, &err);

	(void)state;
	assert_string_equal(text, "[x y] map[k:v] v true <nil> {\"k\":\"v\"}\n");
	free(text);
}

static void ages_and_sizes_are_said_as_docker_says_them(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} ages[] = {{0, "Less than a second"}, {1, "1 second"},	     {59, "59 seconds"},
		    {61, "About a minute"},    {150, "2 minutes"},   {3000, "About an hour"},
		    {7200, "2 hours"},	       {200000, "2 days"},   {1300000, "2 weeks"},
		    {6000000, "2 months"},     {70000000, "2 years"}};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ages); i++)
		assert_string_equal(output_age(ages[i].seconds, buf, sizeof(buf)), ages[i].text);
	assert_string_equal(output_size(0, UNITS_BINARY, buf, sizeof(buf)), "0B");
	assert_string_equal(output_size(2097152, UNITS_BINARY, buf, sizeof(buf)), "2MiB");
	assert_string_equal(output_size(1536, UNITS_DECIMAL, buf, sizeof(buf)), "1.54kB");
	assert_int_equal(output_time("1970-01-02T00:00:01.5Z"), 86401);
	assert_int_equal(output_time("yesterday"), -1);
}

static void detach_keys_are_told_from_input(void **state)
{
	struct detach_keys k;
	struct error err = ERROR_INIT;
	uint8_t out[64];
	size_t n;

	(void)state;
	assert_int_equal(detach_keys_parse(&k, "ctrl-p,ctrl-q", &err), 0);
	assert_false(detach_keys_feed(&k, (const uint8_t *)"ab\020", 3, out, &n));
	assert_int_equal(n, 2);
	assert_int_equal(detach_keys_flush(&k, out), 1);
	assert_int_equal(out[0], 020);
	assert_false(detach_keys_feed(&k, (const uint8_t *)"\020", 1, out, &n));
	assert_int_equal(n, 0);
	assert_false(detach_keys_feed(&k, (const uint8_t *)"x\020\020", 3, out, &n));
	assert_memory_equal(out, "\020x\020", 3);
	assert_int_equal(n, 3);
	assert_true(detach_keys_feed(&k, (const uint8_t *)"\021rest", 5, out, &n));
	assert_int_equal(n, 0);

	/* the beginning of the keys within them */
	assert_int_equal(detach_keys_parse(&k, "a,a,b", &err), 0);
	assert_true(detach_keys_feed(&k, (const uint8_t *)"aaaab", 5, out, &n));
	assert_int_equal(n, 2);

	assert_int_equal(detach_keys_parse(&k, "", &err), 0);
	assert_false(detach_keys_feed(&k, (const uint8_t *)"\020\021", 2, out, &n));
	assert_int_equal(n, 2);
	assert_int_equal(detach_keys_parse(&k, "ctrl-[,x", &err), 0);
	assert_int_equal(k.keys[0], 27);
	assert_int_equal(detach_keys_parse(&k, "ctrl-1", &err), -1);
	assert_int_equal(detach_keys_parse(&k, "ab", &err), -1);
	assert_int_equal(detach_keys_parse(&k, "a,", &err), -1);
	assert_int_equal(detach_keys_parse(&k, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", &err), -1);
}

/* answers - a client whose supervisor has said these bytes and hung up. */
static void answers(struct native_client *c, const void *bytes, size_t n)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[1], bytes, n), n);
	/* what the client sends is not read: a reset would throw away what was said */
	shutdown(pair[1], SHUT_WR);
	*c = (struct native_client){.in = pair[0], .out = pair[0]};
	(void)pair[1];
}

static void add_frame(uint8_t *to, size_t *n, enum frame_type type, const char *text)
{
	frame_header(to + *n, type, (uint32_t)strlen(text));
	for (size_t i = 0; text[i]; i++) /* without its NUL */
		to[*n + FRAME_HEADER + i] = (uint8_t)text[i];
	*n += FRAME_HEADER + strlen(text);
}

static void answers_may_come_in_parts_and_errors_are_the_supervisors(void **state)
{
	struct native_client c;
	struct error err = ERROR_INIT;
	struct json_object *answer;
	uint8_t bytes[1024];
	size_t n = 0;

	(void)state;
	add_frame(bytes, &n, FRAME_JSON, "{\"ok\":true,\"more\":true,\"list\":[1]}");
	add_frame(bytes, &n, FRAME_JSON, "{\"ok\":true,\"list\":[2,3]}");
	add_frame(bytes, &n, FRAME_JSON,
		  "{\"ok\":false,\"error\":\"no such\",\"hint\":\"look\",\"code\":126}");
	add_frame(bytes, &n, FRAME_STDOUT, "x");
	add_frame(bytes, &n, FRAME_JSON, "[1]");
	bytes[n++] = 9;
	memset(bytes + n, 0, 8);
	answers(&c, bytes, n + 8);
	answer = native_request(&c, "ps", NULL, &err);
	assert_int_equal(json_object_array_length(json_object_object_get(answer, "list")), 3);
	json_object_put(answer);
	assert_null(native_request(&c, "ps", NULL, &err));
	assert_string_equal(err.what, "no such");
	assert_string_equal(err.hint, "look");
	assert_int_equal(error_exit_code(&err), 126);
	assert_null(native_request(&c, "ps", NULL, &err));
	assert_null(native_request(&c, "ps", NULL, &err));
	assert_non_null(strstr(err.what, "answered with something else"));
	assert_null(native_request(&c, "ps", NULL, &err));
	assert_non_null(strstr(err.what, "is no message"));
	native_disconnect(&c);
}

static void the_end_of_the_connection_is_an_error(void **state)
{
	struct native_client c;
	struct error err = ERROR_INIT;
	struct native_frame frame;
	uint8_t bytes[FRAME_HEADER];

	(void)state;
	frame_header(bytes, FRAME_JSON, 100);
	answers(&c, bytes, sizeof(bytes));
	assert_int_equal(native_receive(&c, &frame, &err), -1);
	assert_non_null(strstr(err.what, "has closed the connection"));
	native_disconnect(&c);
}

static void a_run_becomes_a_request(void **state)
{
	struct run_flags f = {.tty = true, .memory = "64m", .cpus = "0.5", .network = "host"};
	char *argv[] = {(char *)"demo", (char *)"echo", (char *)"a", NULL};
	struct error err = ERROR_INIT;
	struct json_object *request;

	(void)state;
	setenv("OURS", "1", 1);
	unsetenv("THEIRS");
	f.env = (struct option_list){3, {(char *)"A=b", (char *)"OURS", (char *)"THEIRS"}};
	f.ulimit = (struct option_list){1, {(char *)"nofile=5:unlimited"}};
	f.label = (struct option_list){2, {(char *)"k=v", (char *)"alone"}};
	f.device = (struct option_list){1, {(char *)"/dev/null:r"}};
	request = run_request(&f, argv, &err);
	if (!request)
		fail_msg("%s", err.what);
	assert_string_equal(text_of(json_object_object_get(request, "argv")), "[\"echo\",\"a\"]");
	assert_string_equal(text_of(json_object_object_get(request, "env")),
			    "[\"A=b\",\"OURS=1\"]");
	assert_string_equal(text_of(json_object_object_get(request, "ulimits")),
			    "[{\"name\":\"nofile\",\"soft\":5,\"hard\":-1}]");
	assert_string_equal(text_of(json_object_object_get(request, "labels")),
			    "{\"k\":\"v\",\"alone\":\"\"}");
	assert_string_equal(text_of(json_object_object_get(request, "devices")),
			    "[{\"source\":\"/dev/null\",\"permissions\":\"r\"}]");
	assert_string_equal(text_of(json_object_object_get(request, "namespaces")),
			    "{\"network\":\"host\"}");
	assert_int_equal(tree_number(request, "memory"), 64 << 20);
	json_object_put(request);
	f.cpus = "many";
	assert_null(run_request(&f, argv, &err));
	assert_string_equal(err.what, "option --cpus: `many` is no number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_are_joined_and_values_stand_anywhere),
		cmocka_unit_test(options_end_at_a_command_or_go_on_after_arguments),
		cmocka_unit_test(what_is_not_there_is_named),
		cmocka_unit_test(sizes_and_durations_are_read_as_docker_does),
		cmocka_unit_test(volumes_and_mounts_become_the_same),
		cmocka_unit_test(rows_are_printed_in_every_form),
		cmocka_unit_test(values_print_as_go_prints_them),
		cmocka_unit_test(ages_and_sizes_are_said_as_docker_says_them),
		cmocka_unit_test(detach_keys_are_told_from_input),
		cmocka_unit_test(answers_may_come_in_parts_and_errors_are_the_supervisors),
		cmocka_unit_test(the_end_of_the_connection_is_an_error),
		cmocka_unit_test(a_run_becomes_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
