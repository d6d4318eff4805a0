/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_layer.c: a layer, compressed or not, unpacked for real below a directory of its own.
 *
 * Every second one, by its length, goes on top of a layer that is there already, if there is overlayfs to be had.
 * Whatever was in it, the directory beside and the layer below are as they were, and all of it can be removed again.
 */
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/overlay.h"
#include "lib/remove.h"
#include "runtime/store/layer.h"
#include "tests/fuzz/fuzz.h"

#define MOST 1048576

static int top = -1, below = -1;
static const char *const files[] = {".", "a", "a/x", "a/b", "a/b/y", "l", "f"};
static struct stat before[sizeof(files) / sizeof(*files)];

static void look_below(struct stat st[])
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		REQUIRE(fstatat(below, files[i], &st[i], AT_SYMLINK_NOFOLLOW) == 0);
}

static void make_below(void)
{
	REQUIRE(mkdirat(top, "below", 0755) == 0);
	below = openat(top, "below", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(below >= 0 && mkdirat(below, "a", 0755) == 0 && mkdirat(below, "a/b", 0755) == 0);
	REQUIRE(mknodat(below, "a/x", S_IFREG | 0644, 0) == 0 &&
		mknodat(below, "a/b/y", S_IFREG | 0644, 0) == 0 &&
		mknodat(below, "f", S_IFREG | 0644, 0) == 0 && symlinkat("a/b", below, "l") == 0);
	look_below(before);
}

/* mount_above - the root on top of what is below; FD_EMPTY where that cannot be done. */
static int mount_above(int root)
{
	struct error ignored = ERROR_INIT;
	struct overlay o = {.lower = &below, .n_lower = 1, .upper = root};
	int fd;

	REQUIRE(mkdirat(top, "work", 0700) == 0);
	o.work = openat(top, "work", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = overlay_mount(&o, &ignored);
	close(o.work);
	return fd < 0 ? FD_EMPTY : fd;
}

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
	make_below();
}

/* look - nothing but the two directories, and nothing in the other one. */
static void look(void)
{
	struct stat st, now[sizeof(files) / sizeof(*files)];

	REQUIRE(fstatat(top, "beside", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode));
	REQUIRE((st.st_mode & 07777) == 0700 && st.st_nlink == 2 && st.st_uid == geteuid());
	REQUIRE(fstat(top, &st) == 0 && (st.st_nlink == 5 || st.st_nlink == 6));
	look_below(now);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		REQUIRE(now[i].st_mode == before[i].st_mode &&
			now[i].st_size == before[i].st_size &&
			now[i].st_nlink == before[i].st_nlink &&
			now[i].st_uid == before[i].st_uid &&
			now[i].st_mtim.tv_nsec == before[i].st_mtim.tv_nsec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layer_tree tree = {.upper = {FD_EMPTY}, .most_bytes = MOST, .most_entries = 1000};
	int fd = memfd_create("layer", MFD_CLOEXEC);
	struct error err = ERROR_INIT;
	struct stream *s;
	int ret, root, merged = FD_EMPTY;

	if (top < 0)
		set_up();
	REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
	REQUIRE(mkdirat(top, "root", 0755) == 0);
	root = openat(top, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree.root.fd = root;
	if (size % 2)
		merged = mount_above(root);
	if (merged >= 0) {
		tree.root.fd = merged;
		tree.upper.fd = root;
	}
	s = stream_open(fd, "layer", MOST, &err);
	ret = layer_apply(&tree, s, "layer", &err);
	REQUIRE(ret == 0 || err.what[0]);
	stream_close(&s);
	close_fd(merged);
	close(root);
	close(fd);
	look();
	REQUIRE(remove_tree(top, "root") == 0 && remove_tree(top, "work") == 0);
	return 0;
}
