/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_exec.c: a hostile image's program and passwd file.
 *
 * The input is the program's bytes, a zero word and /etc/passwd, or, when it begins with "P", a
 * name and a PATH. What is found is a path; what is said about it is text within its bounds.
 */
#include "runtime/sandbox/exec.h"
#include "tests/fuzz/fuzz.h"

static void explain(struct exec_target *target)
{
	static const int errnums[] = {ENOENT, ENOEXEC, EACCES, ELIBBAD, ENOMEM, ELOOP, E2BIG};
	static char *const none[] = {NULL};

	REQUIRE(target->path[0]);
	for (size_t i = 0; i < ARRAY_SIZE(errnums); i++) {
		struct error err = ERROR_INIT;

		REQUIRE(exec_explain(target, none, none, errnums[i], &err) == -1);
		REQUIRE(err.what[0] && (err.code == 126 || err.code == 127));
	}
}

static void find(const char *name, char *const *envp)
{
	static struct exec_target target;
	struct error err = ERROR_INIT;

	if (exec_find(name, envp, EXEC_LOOK_NOW, &target, &err) < 0)
		REQUIRE(err.what[0] && (err.code == 126 || err.code == 127 || err.errnum));
	else
		explain(&target);
}

static void check_search(const uint8_t *data, size_t size)
{
	char *name = fuzz_part(&data, &size), *dirs = fuzz_part(&data, &size);
	size_t room = strlen(dirs) + 6;
	char *path = malloc(room);
	char *envp[] = {path, NULL};

	REQUIRE(path);
	snprintf(path, room, "PATH=%s", dirs);
	find(name, envp);
	free(path);
	free(dirs);
	free(name);
}

static void check_program(const uint8_t *data, size_t size)
{
	static int program = FD_EMPTY;
	static char path[32]; /* short, however long TMPDIR is */
	char *envp[] = {NULL};

	if (program < 0) {
		char real[4096];

		program = fuzz_file("program", real, sizeof(real));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", program);
	}
	fuzz_fill(program, data, size);
	find(path, envp);
}

static void check_home(const uint8_t *data, size_t size, uid_t uid)
{
	static int passwd = FD_EMPTY, top = FD_EMPTY;
	static char home[HOME_SIZE];
	const struct process_plan process = {.uid = uid};
	char *envp[] = {NULL, NULL};
	struct sandbox sb = {.process = &process, .envp = envp, .home = home};
	struct error err = ERROR_INIT;

	if (passwd < 0) {
		char path[4096];

		passwd = fuzz_file("root/etc/passwd", path, sizeof(path));
		*strrchr(path, '/') = '\0';
		*strrchr(path, '/') = '\0';
		top = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		REQUIRE(top >= 0);
	}
	fuzz_fill(passwd, data, size);
	REQUIRE(exec_home(&sb, (struct inroot){.fd = top}, &err) == 0);
	REQUIRE(envp[0] == home && !strncmp(home, "HOME=/", 6) && !envp[1]);
	REQUIRE(strlen(home) < HOME_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *passwd;

	if (size && data[0] == 'P') {
		check_search(data + 1, size - 1);
		return 0;
	}
	check_program(data, size);
	passwd = size > 4 ? memmem(data, size, "\0\0\0\0", 4) : NULL;
	if (passwd)
		check_home(passwd + 4, size - (size_t)(passwd + 4 - data), 0);
	else
		check_home(data, size, 1000);
	return 0;
}
