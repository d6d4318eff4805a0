/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remove.h: a tree of files, gone.
 */
#ifndef CLOISON_LIB_REMOVE_H
#define CLOISON_LIB_REMOVE_H

#include "lib/fd.h"

/*
 * remove_tree - @name in the directory @dir and all below it, however deep, by a bounded number of descriptors. Links are
 * not followed, and nothing is removed but what was in the tree, also when somebody changes it meanwhile. What is not
 * there is no error. In an overlay, a directory of the layers below that lies more than 200 deep is one (EXDEV).
 * Returns 0, or -1 with errno.
 */
must_check int remove_tree(int dir, const char *name);

#endif
