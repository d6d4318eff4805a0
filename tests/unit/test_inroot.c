/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_inroot.c: paths stay inside the root, whatever links say.
 *
 * Each test gets a directory with a root and, beside it, an "outside" that must never change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/inroot.h"

struct place {
	char dir[64];
	struct inroot root;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	char path[128];

	assert_non_null(p);
	strcpy(p->dir, "/tmp/cloison-inroot.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(path, sizeof(path), "%s/outside", p->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/root", p->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	p->root.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->root.fd >= 0);
	*state = p;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->root.fd);
	assert_int_equal(nftw(p->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(p);
	return 0;
}

static bool exists(const struct place *p, const char *below)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", p->dir, below);
	return access(path, F_OK) == 0;
}

static void link_in_root(const struct place *p, const char *name, const char *target)
{
	assert_int_equal(symlinkat(target, p->root.fd, name), 0);
}

static void is_made(int fd, const char *path, enum inroot_leaf leaf)
{
	struct stat st;

	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & S_IFMT, leaf == INROOT_DIR ? S_IFDIR : S_IFREG);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void make_ok(const struct place *p, const char *path, enum inroot_leaf leaf)
{
	is_made(inroot_make(p->root, path, leaf), path, leaf);
}

static void make_fails(const struct place *p, const char *path, int errnum)
{
	assert_int_equal(inroot_make(p->root, path, INROOT_DIR), -1);
	assert_int_equal(errno, errnum);
}

static void missing_directories_are_made(void **state)
{
	const struct place *p = *state;

	make_ok(p, "/a/b/c", INROOT_DIR);
	make_ok(p, "x//y/./z", INROOT_DIR);
	make_ok(p, "/a/b/c", INROOT_DIR);
	assert_true(exists(p, "root/a/b/c"));
	assert_true(exists(p, "root/x/y/z"));
}

static void what_is_new_is_made_at_once(void **state)
{
	static const char *const paths[] = {"pts", "pts", "/a/b", "a/b/", "/gone", "/up", "."};
	const struct place *p = *state;

	link_in_root(p, "gone", "/later/there");
	link_in_root(p, "up", "../../../else");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		is_made(inroot_make_new(p->root, paths[i], INROOT_DIR), paths[i], INROOT_DIR);
	is_made(inroot_make_new(p->root, "log", INROOT_FILE), "log", INROOT_FILE);
	assert_true(exists(p, "root/pts") && exists(p, "root/a/b"));
	assert_true(exists(p, "root/later/there") && exists(p, "root/else"));
	assert_false(exists(p, "else"));
}

static void a_missing_file_is_made_empty(void **state)
{
	const struct place *p = *state;
	struct stat st;

	make_ok(p, "/etc/hosts", INROOT_FILE);
	assert_int_equal(fstatat(p->root.fd, "etc/hosts", &st, 0), 0);
	assert_int_equal(st.st_size, 0);
}

static void dots_and_links_stay_inside(void **state)
{
	const struct place *p = *state;

	link_in_root(p, "up", "../outside");
	link_in_root(p, "away", "/outside");
	make_ok(p, "/../../new", INROOT_DIR);
	make_ok(p, "/up/one", INROOT_DIR);
	make_ok(p, "/away/two", INROOT_DIR);
	assert_true(exists(p, "root/new"));
	assert_true(exists(p, "root/outside/one"));
	assert_true(exists(p, "root/outside/two"));
	assert_false(exists(p, "outside/one"));
	assert_false(exists(p, "outside/two"));
}

static void a_dangling_link_is_followed_inside(void **state)
{
	const struct place *p = *state;

	make_ok(p, "/etc", INROOT_DIR);
	link_in_root(p, "etc/resolv.conf", "../run/systemd/resolve/resolv.conf");
	make_ok(p, "/etc/resolv.conf", INROOT_FILE);
	assert_true(exists(p, "root/run/systemd/resolve/resolv.conf"));
	link_in_root(p, "var", "/srv/var");
	make_ok(p, "/var/lib/x", INROOT_DIR);
	assert_true(exists(p, "root/srv/var/lib/x"));
	link_in_root(p, "out", "../../../outside/three");
	make_ok(p, "/out", INROOT_DIR);
	assert_true(exists(p, "root/outside/three"));
	assert_false(exists(p, "outside/three"));
}

static void links_in_a_circle_are_refused(void **state)
{
	const struct place *p = *state;

	link_in_root(p, "a", "b");
	link_in_root(p, "b", "a");
	link_in_root(p, "grow", "grow/more");
	make_fails(p, "/a", ELOOP);
	make_fails(p, "/a/x", ELOOP);
	make_fails(p, "/grow", ELOOP);
}

static void a_file_is_no_directory(void **state)
{
	const struct place *p = *state;

	make_ok(p, "/file", INROOT_FILE);
	make_fails(p, "/file/below", ENOTDIR);
}

static void long_names_are_refused(void **state)
{
	const struct place *p = *state;
	char name[8192];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	make_fails(p, name, ENAMETOOLONG);
	name[300] = '\0';
	make_fails(p, name, ENAMETOOLONG);
}

static void magic_links_are_refused(void **state)
{
	struct inroot host = {.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};

	(void)state;
	assert_int_equal(inroot_open(host, "/proc/self/cwd", O_PATH), -1);
	assert_int_equal(errno, ELOOP);
	close(host.fd);
}

static void the_parent_and_the_name_are_told_apart(void **state)
{
	const struct place *p = *state;
	const char *name;
	int fd = inroot_parent(p->root, "/dev/net/tun", &name);

	assert_true(fd >= 0);
	assert_string_equal(name, "tun");
	close(fd);
	assert_true(exists(p, "root/dev/net"));
	for (size_t i = 0; i < 3; i++) {
		static const char *const bad[] = {"/", "/dev/..", "."};

		assert_int_equal(inroot_parent(p->root, bad[i], &name), -1);
		assert_int_equal(errno, EINVAL);
	}
}

/* rename_for_ever - what other processes of the machine may do at any time. */
static pid_t rename_for_ever(const struct place *p)
{
	char a[128], b[128];
	pid_t pid;

	snprintf(a, sizeof(a), "%s/outside/a", p->dir);
	snprintf(b, sizeof(b), "%s/outside/b", p->dir);
	assert_int_equal(mkdir(a, 0755), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (pid == 0)
		if (rename(a, b) < 0 || rename(b, a) < 0)
			_exit(1);
	return pid;
}

/*
 * The kernel sees that something was renamed or mounted while it went up, cannot tell whether that led
 * out of the root, and gives up with EAGAIN: openat2(2).
 */
static void renames_elsewhere_do_not_matter(void **state)
{
	const struct place *p = *state;
	char up[256];
	size_t n = 0;
	pid_t pid;

	make_ok(p, "/d/file", INROOT_FILE);
	for (size_t i = 0; i < 40; i++)
		n += (size_t)snprintf(up + n, sizeof(up) - n, "../d/");
	snprintf(up + n, sizeof(up) - n, "file");
	assert_int_equal(symlinkat(up, p->root.fd, "d/link"), 0);
	pid = rename_for_ever(p);
	for (size_t i = 0; i < 3000; i++) {
		int fd = inroot_open(p->root, "/d/link", O_PATH);

		if (fd < 0) {
			kill(pid, SIGKILL);
			fail_msg("try %zu: %s", i, strerror(errno));
		}
		close(fd);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(missing_directories_are_made),
		TEST(what_is_new_is_made_at_once),
		TEST(a_missing_file_is_made_empty),
		TEST(dots_and_links_stay_inside),
		TEST(a_dangling_link_is_followed_inside),
		TEST(links_in_a_circle_are_refused),
		TEST(a_file_is_no_directory),
		TEST(long_names_are_refused),
		TEST(magic_links_are_refused),
		TEST(the_parent_and_the_name_are_told_apart),
		TEST(renames_elsewhere_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
