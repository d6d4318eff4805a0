/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkdefault.c: a tool of the build: `mkdefault ARCH default.json >seccomp_default.c`.
 *
 * It writes the C source of what default.h declares: the profile's canonical text and its program
 * for ARCH.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <seccomp.h>
#include <string.h>

#include "runtime/seccomp/policy.h"
#include "runtime/seccomp/tree.h"

static void write_text(const char *text, size_t length)
{
	printf("const char seccomp_default_text[] =");
	for (size_t i = 0; i < length; i++) {
		if (i % 72 == 0)
			printf("%s\n\t\"", i ? "\"" : "");
		if (text[i] == '\n' || text[i] == '\t') {
			printf(text[i] == '\n' ? "\\n" : "\\t");
			continue;
		}
		if (text[i] == '"' || text[i] == '\\')
			putchar('\\');
		putchar(text[i]);
	}
	printf("\";\nconst size_t seccomp_default_text_length = %zu;\n\n", length);
}

static void write_program(const struct sock_fprog *prog)
{
	printf("const struct sock_filter seccomp_default_filter[] = {\n");
	for (size_t i = 0; i < prog->len; i++)
		printf("\t{0x%02x, %u, %u, 0x%08" PRIx32 "},\n", prog->filter[i].code,
		       prog->filter[i].jt, prog->filter[i].jf, prog->filter[i].k);
	printf("};\nconst unsigned short seccomp_default_filter_length = %u;\n", prog->len);
}

static int write_source(const struct json_at *at, const struct seccomp_policy *policy,
			const struct sock_fprog *prog)
{
	size_t length = seccomp_policy_text(policy, NULL, 0);
	char *text = arena_alloc(at->source->arena, length, 1, at->source->err);

	if (!text)
		return -1;
	seccomp_policy_text(policy, text, length);
	printf("/* Made by runtime/seccomp/mkdefault.c from default.json; do not edit. */\n"
	       "#include \"runtime/seccomp/default.h\"\n\n");
	write_text(text, length);
	write_program(prog);
	if (fflush(stdout) == EOF || ferror(stdout))
		return error_set(at->source->err, errno, "cannot write the source");
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	_cleanup_arena_ struct arena arena = {0};
	struct json_source source = {.arena = &arena, .err = &err};
	struct json_at at = {.source = &source};
	_cleanup_json_ struct json_object *tree = NULL;
	struct seccomp_policy policy;
	struct sock_fprog prog;
	uint32_t arch;

	if (argc != 3) {
		fprintf(stderr, "usage: mkdefault ARCH default.json\n");
		return 2;
	}
	arch = seccomp_arch_resolve_name(argv[1]);
	if (arch == 0) {
		fprintf(stderr, "mkdefault: no such architecture: %s\n", argv[1]);
		return 2;
	}
	source.name = argv[2];
	tree = json_read(AT_FDCWD, argv[2], &source);
	at.value = tree;
	if (!tree || seccomp_policy_decode(&at, &policy) < 0 ||
	    seccomp_tree(&at, &policy, arch, &prog) < 0 || write_source(&at, &policy, &prog) < 0) {
		error_print(&err, "mkdefault", STDERR_FILENO);
		return 1;
	}
	return 0;
}
