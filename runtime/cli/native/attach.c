/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attach.c: `attach`: connect to a running container's terminal or streams.
 *
 * Whether it has a terminal, and whether its input is open, the supervisor tells (inspect): a container keeps what it was made
 * with.
 */
#include "runtime/cli/native/attach.h"

struct values {
	bool no_stdin;
	int sig_proxy;
	const char *detach_keys;
};

static const struct option table[] = {
	{"no-stdin", 0, OPTION_FLAG, offsetof(struct values, no_stdin), NULL,
	 "do not connect to its input"},
	{"detach-keys", 0, OPTION_STRING, offsetof(struct values, detach_keys), "KEYS",
	 "leave it by these keys (default: " DETACH_KEYS "; \"\": none)"},
	{"sig-proxy", 0, OPTION_TOGGLE, offsetof(struct values, sig_proxy), NULL,
	 "pass signals on to it (default: true)"},
};

/* look - what the container was made with. */
static int look(struct native_client *client, const char *container, bool *tty, bool *input,
		bool *running, struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(container, err), *answer = NULL;
	struct json_object *list, *one, *config;

	if (!request)
		return -1;
	answer = native_request(client, "inspect", take_ptr(request), err);
	if (!answer)
		return -1;
	list = tree_get(answer, "containers", json_type_array);
	one = list && json_object_array_length(list) ? json_object_array_get_idx(list, 0) : NULL;
	config = tree_get(one, "Config", json_type_object);
	if (!config)
		return error_set(err, EPROTO, "the supervisor tells nothing of `%s`", container);
	*tty = tree_true(config, "Tty");
	*input = tree_true(config, "OpenStdin");
	*running = tree_true(tree_get(one, "State", json_type_object), "Running");
	return 0;
}

int attach_to(const char *container, const struct attach_options *options, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	_cleanup_client_ struct native_client starter = NATIVE_CLIENT_INIT;
	_cleanup_session_ struct session session = SESSION_INIT;
	_cleanup_json_ struct json_object *request = request_for(container, err), *answer = NULL;
	struct session_options s = {.sig_proxy = !options->no_proxy};
	const char *keys = options->keys ? options->keys : getenv("CLOISON_DETACH_KEYS");
	struct tree tree = {0};
	bool open = false, running = false;
	int code;

	if (!request || native_need(&client, err) < 0 ||
	    look(&client, container, &s.tty, &open, &running, err) < 0)
		return -1;
	if (!running && !options->start) {
		error_set(err, 0, "container `%s` is not running", container);
		return error_hint(err, "`cloison start -a %s` starts it", container);
	}
	s.input = options->input && open;
	if (detach_keys_parse(&s.keys, s.tty ? (keys ? keys : DETACH_KEYS) : "", err) < 0 ||
	    session_check(&s, err) < 0)
		return -1;
	tree_put_bool(&tree, request, "stdin", s.input);
	tree_put_bool(&tree, request, "stdout", true);
	tree_put_bool(&tree, request, "stderr", true);
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot make a request");
	answer = native_request(&client, "attach", take_ptr(request), err);
	if (!answer || session_begin(&session, &s, err) < 0)
		return -1;
	if (options->start && (native_need(&starter, err) < 0 ||
			       session_start(&session, &starter, container, err) < 0))
		return -1;
	code = session_relay(&session, &client, err);
	return code == SESSION_DETACHED ? 0 : code;
}

static int attach(const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	const struct attach_options options = {
		.input = !v->no_stdin,
		.no_proxy = v->sig_proxy < 0,
		.keys = v->detach_keys,
	};

	return attach_to(argv[0], &options, err);
}

const struct native_verb native_attach = {
	.name = "attach",
	.arguments = "CONTAINER",
	.summary = "connect to a running container",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = 1,
	.run = attach,
};
