/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show.h: what is told of images.
 */
#ifndef CLOISON_IMAGE_SHOW_H
#define CLOISON_IMAGE_SHOW_H

#include "runtime/store/store.h"

enum show_form { SHOW_TABLE, SHOW_IDS, SHOW_JSON };

/* show_images - all of them. One that cannot be read is told of on standard error and is no reason to hide the rest. */
must_check int show_images(const struct store *s, enum show_form form, bool whole,
			   struct error *err);

/* show_history - how the image that @text means was made, the last step first. */
must_check int show_history(const struct store *s, const char *text, bool whole, bool json,
			    struct error *err);

/* show_inspect - all that is known of the images that @texts means, as a JSON list. */
must_check int show_inspect(const struct store *s, char *const *texts, struct error *err);

#endif
