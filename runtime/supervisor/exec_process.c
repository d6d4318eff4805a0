/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec_process.c: what the runtime is to execute in a running container.
 *
 * The container's own process, from its configuration, with what the request says instead, as a file for
 * the runtime's `exec --process`: so there is no limit on words, and no word can be taken for an option.
 */
#include <string.h>

#include "lib/json.h"
#include "runtime/native/config.h"
#include "runtime/supervisor/exec.h"

static struct json_object *words(char *const *list)
{
	struct json_object *array = must_have(json_object_new_array());

	for (; *list; list++)
		if (json_object_array_add(array, must_have(json_object_new_string(*list))) < 0)
			(void)must_have(NULL);
	return array;
}

/* same_key - do two KEY=VALUE have the same key? */
static bool same_key(const char *a, const char *b)
{
	size_t length = strcspn(a, "=");

	return !strncmp(a, b, length) && (b[length] == '=' || !b[length]);
}

/* set_env - @env over what is there. */
static int set_env(struct json_object *process, char *const *env, struct error *err)
{
	struct json_object *list = json_get(process, "env");

	if (!list) {
		list = must_have(json_object_new_array());
		json_put(process, "env", list);
	}
	for (; env && *env; env++) {
		struct json_object *value = must_have(json_object_new_string(*env));
		size_t n = json_object_array_length(list), i = 0;

		if (!strchr(*env, '=') || **env == '=') {
			json_object_put(value);
			return error_set(err, EINVAL, "environment `%.64s` is not KEY=VALUE", *env);
		}
		while (i < n &&
		       !same_key(*env, json_object_get_string(json_object_array_get_idx(list, i))))
			i++;
		if (json_object_array_put_idx(list, i, value) < 0)
			(void)must_have(NULL);
	}
	return 0;
}

/* set_user - by the container's own files; and the rights of a privileged one. */
static int set_user(struct json_object *config, const struct exec_process *e, struct error *err)
{
	const struct native_request request = {.user = e->user, .privileged = e->privileged};
	const char *rootfs = json_get_text(json_get(config, "root"), "path");
	struct native_build b = {.request = &request,
				 .config = config,
				 .rootfs = rootfs,
				 .err = err};

	if (!rootfs || rootfs[0] != '/')
		return error_set(err, EINVAL, "config.json: root.path is not absolute");
	if (e->user && native_apply_user(&b) < 0)
		return -1;
	if (e->privileged && native_apply_security(&b) < 0)
		return -1;
	return b.tree.lost ? error_set(err, ENOMEM, "cannot read the users") : 0;
}

int exec_write_process(const struct container *c, const struct exec_process *e, const char *file,
		       struct error *err)
{
	const struct json_source source = {.name = "config.json", .err = err};
	_cleanup_fd_ int dir = container_dir(c, err);
	_cleanup_json_ struct json_object *config = NULL;
	struct json_object *process;

	config = dir < 0 ? NULL : json_read(dir, "config.json", &source);
	process = json_get(config, "process");
	if (!config)
		return -1;
	if (!process)
		return error_set(err, EINVAL, "config.json: process is missing");
	json_put(process, "args", words(e->argv));
	json_put_bool(process, "terminal", e->terminal);
	json_object_object_del(process, "consoleSize");
	if (e->workdir)
		json_put_text(process, "cwd", e->workdir);
	if (set_env(process, e->env, err) < 0 || set_user(config, e, err) < 0)
		return -1;
	return write_json(dir, file, process, err);
}
