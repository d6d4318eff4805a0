/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wait.c: `wait`: wait until containers have ended, and print the exit code of each.
 */
#include "runtime/cli/native/common.h"

static int wait_one(struct native_client *client, const char *name, struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(name, err), *answer = NULL;
	struct native_frame frame;

	if (!request)
		return -1;
	answer = native_request(client, "wait", take_ptr(request), err);
	while (answer && !tree_true(answer, "end")) {
		json_free(&answer);
		if (native_receive(client, &frame, err) < 0)
			return -1;
		answer = native_answer(&frame, err);
	}
	if (!answer)
		return -1;
	printf("%jd\n", (intmax_t)tree_number(answer, "exit"));
	return fflush(stdout) ? error_set(err, errno, "cannot print") : 0;
}

static int wait_for(const void *values, char **argv, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;

	(void)values;
	if (native_need(&client, err) < 0)
		return -1;
	for (; *argv; argv++)
		if (wait_one(&client, *argv, err) < 0)
			return -1;
	return 0;
}

const struct native_verb native_wait = {
	.name = "wait",
	.arguments = "CONTAINER...",
	.summary = "wait until containers have ended, and print their exit codes",
	.min_args = 1,
	.max_args = -1,
	.run = wait_for,
};
