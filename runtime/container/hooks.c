/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.c: the state as hooks get it, poststart and poststop.
 *
 * The state is the JSON of `cloison state`. Only its status and the pid change between one hook and
 * the next, so the rest is made once and these two are put behind it (sandbox/hooks.c).
 */
#include "runtime/container/hooks.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/json.h"
#include "lib/warn.h"

static int add(struct json_object *o, const char *key, const char *value)
{
	struct json_object *s = json_object_new_string(value);

	return s && json_object_object_add(o, key, s) == 0 ? 0 : -1;
}

static int encode(struct json_object *o, const struct state *s)
{
	struct json_object *map = json_object_new_object();

	if (!map || json_object_object_add(o, "annotations", map) != 0)
		return -1;
	for (size_t i = 0; i < s->n_annotations; i++)
		if (add(map, s->annotations[i].key, s->annotations[i].value) < 0)
			return -1;
	return add(o, "ociVersion", s->oci_version) < 0 || add(o, "id", s->id) < 0 ||
			       add(o, "bundle", s->bundle) < 0 || add(o, "rootfs", s->rootfs) < 0 ||
			       add(o, "created", s->created) < 0
		       ? -1
		       : 0;
}

const char *hook_state(const struct state *state, struct arena *arena, struct error *err)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	const char *text = NULL;
	char *copy;

	if (o && encode(o, state) == 0)
		text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text) {
		error_set(err, ENOMEM, "cannot make the state for hooks");
		return NULL;
	}
	copy = arena_strdup(arena, text, err);
	if (copy)
		copy[strlen(copy) - 1] = '\0'; /* the brace: status and pid come behind */
	return copy;
}

int hooks_poststart(const struct hooks_plan *hooks, const struct state *state, struct arena *arena,
		    struct error *err)
{
	struct hook_call call = {.status = "running", .pid = state->pid, .cwd = state->bundle};

	if (!hooks->of[HOOK_POSTSTART].n)
		return 0;
	call.state = hook_state(state, arena, err);
	return call.state ? hooks_run(hooks, HOOK_POSTSTART, HOOK_STOPS, &call, err) : -1;
}

void hooks_poststop(const struct hooks_plan *hooks, const struct state *state, struct arena *arena)
{
	struct hook_call call = {.status = "stopped", .cwd = state->bundle};
	struct error err = ERROR_INIT;

	if (!hooks->of[HOOK_POSTSTOP].n)
		return;
	call.state = hook_state(state, arena, &err);
	if (!call.state || hooks_run(hooks, HOOK_POSTSTOP, HOOK_WARNS, &call, &err) < 0)
		warn(&err);
}
