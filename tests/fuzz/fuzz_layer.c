/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_layer.c: a layer, compressed or not, unpacked for real below a directory of its own.
 *
 * Whatever was in it, the directory beside that one is as it was, and all of it can be removed again.
 */
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/remove.h"
#include "runtime/store/layer.h"
#include "tests/fuzz/fuzz.h"

#define MOST 1048576

static int top = -1;

static void set_up(void)
{
	const char *tmp = getenv("TMPDIR");
	char path[PATH_MAX];

	setlocale(LC_CTYPE, "C.UTF-8");
	umask(022);
	snprintf(path, sizeof(path), "%s/layer.XXXXXX", tmp ? tmp : "/tmp");
	REQUIRE(mkdtemp(path));
	top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(top >= 0 && mkdirat(top, "beside", 0700) == 0);
}

/* look - nothing but the two directories, and nothing in the other one. */
static void look(void)
{
	struct stat st;

	REQUIRE(fstatat(top, "beside", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode));
	REQUIRE((st.st_mode & 07777) == 0700 && st.st_nlink == 2 && st.st_uid == geteuid());
	REQUIRE(fstat(top, &st) == 0 && st.st_nlink == 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layer_tree tree = {.upper = {FD_EMPTY}, .most_bytes = MOST, .most_entries = 1000};
	int fd = memfd_create("layer", MFD_CLOEXEC);
	struct error err = ERROR_INIT;
	struct stream *s;
	int ret;

	if (top < 0)
		set_up();
	REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
	REQUIRE(mkdirat(top, "root", 0755) == 0);
	tree.root.fd = openat(top, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s = stream_open(fd, "layer", MOST, &err);
	ret = layer_apply(&tree, s, "layer", &err);
	REQUIRE(ret == 0 || err.what[0]);
	stream_close(&s);
	close(tree.root.fd);
	close(fd);
	look();
	REQUIRE(remove_tree(top, "root") == 0);
	return 0;
}
