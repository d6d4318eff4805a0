/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.h: building JSON with one check for memory.
 *
 * Each step takes what the one before made, NULL when there was no memory for it, and remembers that in
 * struct tree; who builds looks once, at the end.
 */
#ifndef CLOISON_NATIVE_TREE_H
#define CLOISON_NATIVE_TREE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

struct tree {
	bool lost; /* something did not fit into memory */
};

/* tree_put - hand @value, new, to the object; it replaces a member of this name. */
static inline void tree_put(struct tree *t, struct json_object *object, const char *key,
			    struct json_object *value)
{
	if (object && value && json_object_object_add(object, key, value) == 0)
		return;
	json_object_put(value);
	t->lost = true;
}

/* tree_add - hand @value, new, to the array. */
static inline void tree_add(struct tree *t, struct json_object *array, struct json_object *value)
{
	if (array && value && json_object_array_add(array, value) == 0)
		return;
	json_object_put(value);
	t->lost = true;
}

static inline void tree_put_text(struct tree *t, struct json_object *object, const char *key,
				 const char *text)
{
	tree_put(t, object, key, json_object_new_string(text));
}

static inline void tree_put_number(struct tree *t, struct json_object *object, const char *key,
				   int64_t number)
{
	tree_put(t, object, key, json_object_new_int64(number));
}

static inline void tree_put_bool(struct tree *t, struct json_object *object, const char *key,
				 bool value)
{
	tree_put(t, object, key, json_object_new_boolean(value));
}

static inline void tree_add_text(struct tree *t, struct json_object *array, const char *text)
{
	tree_add(t, array, json_object_new_string(text));
}

/* tree_get - a member of this type, or NULL. */
static inline struct json_object *tree_get(const struct json_object *object, const char *key,
					   enum json_type type)
{
	struct json_object *value;

	if (!json_object_is_type((struct json_object *)object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

static inline const char *tree_text(const struct json_object *object, const char *key)
{
	struct json_object *value = tree_get(object, key, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

static inline bool tree_true(const struct json_object *object, const char *key)
{
	struct json_object *value = tree_get(object, key, json_type_boolean);

	return value && json_object_get_boolean(value);
}

static inline int64_t tree_number(const struct json_object *object, const char *key)
{
	struct json_object *value = tree_get(object, key, json_type_int);

	return value ? json_object_get_int64(value) : 0;
}

/* tree_need - a member of this type, made empty where there is none (object or array). */
static inline struct json_object *tree_need(struct tree *t, struct json_object *object,
					    const char *key, enum json_type type)
{
	struct json_object *value = tree_get(object, key, type);

	if (value || !object)
		return value;
	value = type == json_type_array ? json_object_new_array() : json_object_new_object();
	tree_put(t, object, key, value);
	return tree_get(object, key, type);
}

#endif
