/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s24_image.c: what each system keeps on the disk, and so reads when nothing is in the cache.
 *
 * Files are counted whole; what is read of an emulator or of shared libraries is not known, and the libraries
 * are not counted.
 */
#include "bench/scenarios/scenario.h"

#include <sys/stat.h>

static double kib_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (double)st.st_size / 1024 : 0;
}

/* user_space_kib - what the image holds once unpacked, by the manifest of the build; 0: it is not there. */
static double user_space_kib(const struct artifacts *f)
{
	char path[PATH_MAX + 32];
	json_object *doc, *totals = NULL, *size = NULL;
	double kib = 0;

	snprintf(path, sizeof(path), "%s/manifest.json", f->dir);
	doc = json_object_from_file(path);
	if (doc && json_object_object_get_ex(doc, "totals", &totals) &&
	    json_object_object_get_ex(totals, "userspace", &size))
		kib = json_object_get_double(size) / 1024;
	json_object_put(doc);
	return kib;
}

static int put(struct bench *b, const char *system, const char *what, double kib, struct error *err)
{
	struct datum d = {kib, 0};

	if (kib == 0)
		return 0;
	return results_summarise_data(&b->results, scenario_image.id, system, what, "KiB", &d, 1, 0,
				      &b->draws, err);
}

static int run(struct bench *b, struct error *err)
{
	const struct artifacts *f = &b->files;
	double user_space = user_space_kib(f);
	char image[PATH_MAX + 32];

	snprintf(image, sizeof(image), "%s/initramfs.cpio.lz4", f->dir);
	if (scenario_record(b, &scenario_image, NULL, err) ||
	    put(b, "appliance", "kernel", kib_of(f->kernel), err) ||
	    put(b, "appliance", "image", kib_of(image), err) ||
	    put(b, "appliance", "user space", user_space, err) ||
	    put(b, "machines", "kernel", kib_of(f->kernel), err) ||
	    put(b, "machines", "image", kib_of(f->probe_initrd), err) ||
	    put(b, "probe", "program", kib_of(f->probe), err))
		return -1;
	if (user_space == 0 &&
	    results_text(
		    &b->results, "threats",
		    "s24-image: the build's manifest.json cannot be read, so user space has no "
		    "size",
		    err))
		return -1;
	for (size_t i = 0; i < b->system_count; i++) {
		const struct system *s = &b->systems[i];

		if (s->available && s->program[0] &&
		    put(b, s->driver->id, "program", kib_of(s->program), err))
			return -1;
	}
	return 0;
}

const struct scenario scenario_image = {
	.id = "s24-image",
	.title = "size on the disk",
	.full_only = true,
	.run = run,
};
