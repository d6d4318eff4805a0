/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * native.h: what a run request means, for the command line and for the supervisor.
 *
 * A request is a JSON object as `cloison run` sends it (contract in runtime/native/request.c): an image,
 * a command and what people know from docker run. An image is a bundle, a directory with config.json
 * and a root file system; what the request says is put into the bundle's configuration, and the rest of
 * it stays as the bundle's author wrote it.
 */
#ifndef CLOISON_NATIVE_NATIVE_H
#define CLOISON_NATIVE_NATIVE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/error.h"

#define NATIVE_IMAGES "/usr/share/cloison/bundles"
#define NATIVE_VOLUMES "/var/lib/cloison/volumes"

struct json_object;

/*
 * native_request_check - refuse what is wrong in a request, naming the member. It comes from a client:
 * sizes and counts have limits.
 */
int native_request_check(const struct json_object *request, struct error *err) must_check;

/*
 * native_config - the complete OCI configuration for @request.
 * @images: the directory in which an image's name is looked for; NULL: NATIVE_IMAGES
 * A member "id" of the request gives the host name where "hostname" does not. Namespaces given as
 * "container:NAME" must have been replaced (native_config_join).
 * Returns a new object, to be written with json_object_to_json_string_ext and NOSLASHESCAPE, or NULL with
 * @err. Nothing is made or changed.
 */
struct json_object *native_config(const struct json_object *request, const char *images,
				  struct error *err) must_check;

/* native_first_process - the host's number of a container's first process, or -1 with @err. */
typedef pid_t native_first_process(const char *container, void *context, struct error *err);

/*
 * native_config_join - replace "container:NAME" in the request's namespaces by the path of the namespace
 * of that container's first process, which @find tells.
 * @config: NULL, or the configuration that was made of the request before: then that is changed, and the request is not
 */
int native_config_join(struct json_object *request, struct json_object *config,
		       native_first_process *find, void *context, struct error *err) must_check;

/*
 * native_prepare - make the directories on the host that a request takes for granted: named volumes,
 * and the source of a mount with "create": true (what -v does, and --mount does not).
 */
int native_prepare(const struct json_object *request, struct error *err) must_check;

/* native_has_image - whether @image is there, by name in @images (NULL: NATIVE_IMAGES) or by path. */
bool native_has_image(const char *image, const char *images);

#endif
