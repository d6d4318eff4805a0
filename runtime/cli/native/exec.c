/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec.c: `exec`: one more process in a running container.
 */
#include "runtime/cli/native/runflags.h"

struct values {
	bool detach, interactive, tty, privileged;
	const char *user, *workdir, *detach_keys;
	struct option_list env, env_file;
};

static const struct option table[] = {
	{"detach", 'd', OPTION_FLAG, offsetof(struct values, detach), NULL, "do not wait for it"},
	{"interactive", 'i', OPTION_FLAG, offsetof(struct values, interactive), NULL,
	 "connect our standard input to it"},
	{"tty", 't', OPTION_FLAG, offsetof(struct values, tty), NULL, "give it a terminal"},
	{"env", 'e', OPTION_LIST, offsetof(struct values, env), "NAME[=VALUE]",
	 "set a variable, or pass on one of ours"},
	{"env-file", 0, OPTION_LIST, offsetof(struct values, env_file), "FILE",
	 "set the variables that FILE has, one a line"},
	{"workdir", 'w', OPTION_STRING, offsetof(struct values, workdir), "DIR",
	 "working directory"},
	{"user", 'u', OPTION_STRING, offsetof(struct values, user), "USER[:GROUP]",
	 "run as this user"},
	{"privileged", 0, OPTION_FLAG, offsetof(struct values, privileged), NULL,
	 "with all capabilities"},
	{"detach-keys", 0, OPTION_STRING, offsetof(struct values, detach_keys), "KEYS",
	 "leave it by these keys"},
};

static struct json_object *make_request(const struct values *v, char **argv, struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(argv[0], err);
	struct json_object *env = environment(&v->env_file, &v->env, err);
	struct tree tree = {0};

	if (!request || !env) {
		json_object_put(env);
		return NULL;
	}
	tree_put(&tree, request, "env", env);
	tree_put(&tree, request, "argv", text_array(argv + 1));
	if (v->user)
		tree_put_text(&tree, request, "user", v->user);
	if (v->workdir)
		tree_put_text(&tree, request, "workdir", v->workdir);
	tree_put_bool(&tree, request, "tty", v->tty);
	tree_put_bool(&tree, request, "stdin", v->interactive);
	tree_put_bool(&tree, request, "detach", v->detach);
	tree_put_bool(&tree, request, "privileged", v->privileged);
	if (!tree.lost)
		return take_ptr(request);
	error_set(err, ENOMEM, "cannot make a request");
	return NULL;
}

static int exec(const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	const char *keys = v->detach_keys ? v->detach_keys : getenv("CLOISON_DETACH_KEYS");
	struct session_options s = {.tty = v->tty, .input = v->interactive, .sig_proxy = true};
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	_cleanup_session_ struct session session = SESSION_INIT;
	_cleanup_json_ struct json_object *request = make_request(v, argv, err), *answer = NULL;
	int code;

	if (!request ||
	    detach_keys_parse(&s.keys, s.tty ? (keys ? keys : DETACH_KEYS) : "", err) < 0 ||
	    (!v->detach && session_check(&s, err) < 0) || native_need(&client, err) < 0)
		return -1;
	answer = native_request(&client, "exec", take_ptr(request), err);
	if (!answer)
		return -1;
	if (v->detach)
		return 0;
	if (session_begin(&session, &s, err) < 0)
		return -1;
	code = session_relay(&session, &client, err);
	return code == SESSION_DETACHED ? 0 : code;
}

const struct native_verb native_exec = {
	.name = "exec",
	.arguments = "CONTAINER COMMAND [ARGUMENT...]",
	.summary = "run one more process in a running container",
	NATIVE_OPTIONS(table, struct values),
	.command = true,
	.min_args = 2,
	.max_args = -1,
	.run = exec,
};
