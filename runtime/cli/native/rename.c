/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rename.c: `rename`: give a container another name.
 */
#include "runtime/cli/native/common.h"

static int rename_it(const void *values, char **argv, struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(argv[0], err), *answer = NULL;
	struct tree tree = {0};

	(void)values;
	if (!request)
		return -1;
	tree_put_text(&tree, request, "name", argv[1]);
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot make a request");
	answer = ask("rename", take_ptr(request), err);
	return answer ? 0 : -1;
}

const struct native_verb native_rename = {
	.name = "rename",
	.arguments = "CONTAINER NAME",
	.summary = "give a container another name",
	.min_args = 2,
	.max_args = 2,
	.run = rename_it,
};
