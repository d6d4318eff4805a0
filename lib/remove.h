/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remove.h: a tree of files, gone.
 */
#ifndef CLOISON_LIB_REMOVE_H
#define CLOISON_LIB_REMOVE_H

#include "lib/fd.h"

/*
 * remove_tree - @name in the directory @dir and all below it, however deep, by a fixed number of descriptors. Links are
 * not followed. What is not there is no error. Nobody else may change the tree meanwhile.
 * Returns 0, or -1 with errno.
 */
must_check int remove_tree(int dir, const char *name);

#endif
