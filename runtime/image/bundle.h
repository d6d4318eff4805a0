/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bundle.h: what `cloison run` finds of an image: a configuration, and where its layers are.
 */
#ifndef CLOISON_IMAGE_BUNDLE_H
#define CLOISON_IMAGE_BUNDLE_H

#include "runtime/store/store.h"

/* bundle_write - STORE/bundles/HEX/config.json for @image, HEX being the digest that its name stands for. */
must_check int bundle_write(const struct store *s, const struct image *image, struct error *err);

#endif
