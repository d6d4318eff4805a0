/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layers.c: a root of an image's layers, with a directory of the container's on top for what it writes.
 *
 * As with any other root nothing is mounted on the host: the overlay is a detached mount, which the child attaches. A
 * root that is only read has that directory too: what mounts need is made in it before it becomes read-only.
 */
#include "runtime/sandbox/layers.h"

#include <fcntl.h>

#include "lib/overlay.h"
#include "lib/sys.h"

static int mount_layers(const struct plan *plan, const int *lower, struct error *err)
{
	_cleanup_fd_ int upper = FD_EMPTY, work = FD_EMPTY, lock = FD_EMPTY;
	struct overlay o = {.lower = lower,
			    .n_lower = plan->n_layers,
			    .attributes = MOUNT_ATTR_NODEV};

	if (overlay_written(plan->root_path, lower[0], &upper, &work, &lock, err) < 0)
		return -1;
	o.upper = upper;
	o.work = work;
	return overlay_mount(&o, err);
}

int layers_mount(const struct plan *plan, struct error *err)
{
	int *lower = calloc(plan->n_layers, sizeof(*lower));
	size_t n = 0;
	int root = -1;

	if (!lower)
		return error_set(err, ENOMEM, "cannot stack layers");
	while (n < plan->n_layers) {
		lower[n] = open(plan->layers[n], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (lower[n] < 0) {
			error_set(err, errno, "cannot open layer `%s`", plan->layers[n]);
			break;
		}
		n++;
	}
	if (n == plan->n_layers)
		root = mount_layers(plan, lower, err);
	while (n-- > 0)
		close_fd(lower[n]);
	free(lower);
	return root;
}
