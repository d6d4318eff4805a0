/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.c: json-c with limits and places in its messages.
 *
 * A file is read whole (it is at most 1 MiB), checked for what json-c lets pass and freed of what says
 * nothing (squeeze.c), and then parsed. The source's known member is left out of the parsing: in its
 * place comes a string that no file can contain. What json-c refuses it is fed once more as it is in
 * the file, to tell where. Decoding walks the tables of json.h; no function here recurses on the input:
 * depth is the decoders' own, and json-c bounds its own by JSON_MAX_DEPTH.
 */
#include "lib/json.h"

#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/squeeze.h"
#include "lib/text.h"

#define PLACE_BYTES 256
#define FIELDS_MAX 24 /* rows of a table */

static const char *const kind_names[] = {
	[JSON_BOOL] = "true or false", [JSON_NUMBER] = "a whole number",
	[JSON_STRING] = "a string",    [JSON_STRINGS] = "an array of strings",
	[JSON_OBJECT] = "an object",   [JSON_ARRAY] = "an array",
	[JSON_MAP] = "an object",      [JSON_ANY] = "anything",
};

static const enum json_type kind_types[] = {
	[JSON_BOOL] = json_type_boolean,  [JSON_NUMBER] = json_type_int,
	[JSON_STRING] = json_type_string, [JSON_STRINGS] = json_type_array,
	[JSON_OBJECT] = json_type_object, [JSON_ARRAY] = json_type_array,
	[JSON_MAP] = json_type_object,
};

static const char *type_name(enum json_type type)
{
	switch (type) {
	case json_type_null:
		return "null";
	case json_type_boolean:
		return "a boolean";
	case json_type_double:
		return "a number with a fraction or exponent";
	case json_type_int:
		return "a number";
	case json_type_object:
		return "an object";
	case json_type_array:
		return "an array";
	case json_type_string:
		return "a string";
	}
	return "of unknown type";
}

/* Not with printf: the place of each mount is kept, and most files have some. */
void json_place(const struct json_at *at, char *buf, size_t size)
{
	const struct json_at *chain[JSON_MAX_DEPTH];
	size_t depth = 0, used = 0;

	for (; at->parent && depth < ARRAY_SIZE(chain); at = at->parent)
		chain[depth++] = at;
	buf[0] = '\0';
	while (depth > 0) {
		at = chain[--depth];
		if (at->key) {
			used = text_append(buf, size, used, used ? "." : "");
			used = text_append(buf, size, used, at->key);
		} else {
			used = text_append(buf, size, used, "[");
			used = text_append_number(buf, size, used, at->index);
			used = text_append(buf, size, used, "]");
		}
	}
}

static int vfail(const struct json_at *at, const char *fmt, va_list ap)
{
	char place[PLACE_BYTES];
	char text[512];

	json_place(at, place, sizeof(place));
	vsnprintf(text, sizeof(text), fmt, ap);
	return error_set(at->source->err, 0, "%s: %s%s%s", at->source->name, place,
			 place[0] ? ": " : "", text);
}

int json_fail(const struct json_at *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfail(at, fmt, ap);
	va_end(ap);
	return -1;
}

int json_fail_key(const struct json_at *at, const char *key, const char *fmt, ...)
{
	struct json_at member = {.source = at->source, .parent = at, .key = key};
	va_list ap;

	va_start(ap, fmt);
	vfail(&member, fmt, ap);
	va_end(ap);
	return -1;
}

/* fail_offset - "<file>: line L column C: <what>" for the byte @offset of @text. */
static void fail_offset(const struct json_source *source, const char *text, size_t offset,
			const char *what)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) { /* not inside a character */
			column++;
		}
	}
	error_set(source->err, 0, "%s: line %zu column %zu: %s", source->name, line, column, what);
}

static const char *parse_message(enum json_tokener_error why)
{
	switch (why) {
	case json_tokener_success:
	case json_tokener_continue:
	case json_tokener_error_parse_eof:
		return "unexpected end of file";
	case json_tokener_error_depth:
		return "nested too deeply; the limit is 64 levels";
	case json_tokener_error_parse_unexpected:
		return "unexpected character";
	default:
		return json_tokener_error_desc(why);
	}
}
_Static_assert(JSON_MAX_DEPTH == 64, "parse_message() names the limit");

/*
 * feed - parse @length bytes of @text at @start; json-c keeps its state between calls.
 * Returns the tree when it is complete, or NULL; @position is then where in the text it stopped.
 */
static struct json_object *feed(struct json_tokener *tok, const char *text, size_t start,
				size_t length, size_t *position)
{
	struct json_object *tree = json_tokener_parse_ex(tok, text + start, (int)length);

	*position = start + json_tokener_get_parse_end(tok);
	return tree;
}

/* parse - the text, but for the known member from @known to @after (both @length if it is not there). */
static struct json_object *parse(struct json_tokener *tok, const char *text, size_t length,
				 size_t known, size_t after, size_t *position)
{
	struct json_object *tree;

	/* The terminating NUL goes in too: it tells json-c that the text is complete. */
	if (known == length)
		return feed(tok, text, 0, length + 1, position);
	tree = feed(tok, text, 0, known, position);
	if (tree || json_tokener_get_error(tok) != json_tokener_continue)
		return tree;
	*position = known;
	tree = json_tokener_parse_ex(tok, JSON_MARKER, (int)strlen(JSON_MARKER));
	if (tree || json_tokener_get_error(tok) != json_tokener_continue)
		return tree;
	return feed(tok, text, after, length + 1 - after, position);
}

static void drop_tree(void *tree)
{
	json_object_put(tree);
}

/*
 * parse_squeezed - the tree of what json_squeeze() left; when there is none, @text itself is parsed to tell
 * the place.
 */
static struct json_object *parse_squeezed(const struct json_squeezed *squeezed, const char *text,
					  size_t length, const struct json_source *source)
{
	struct json_tokener *tok = json_tokener_new_ex(JSON_MAX_DEPTH);
	struct json_object *tree;
	enum json_tokener_error why;
	size_t position;

	if (!tok) {
		error_set(source->err, ENOMEM, "cannot parse %s", source->name);
		return NULL;
	}
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	tree = feed(tok, squeezed->out, 0, squeezed->length + 1, &position);
	if (!tree) {
		json_tokener_reset(tok);
		tree = parse(tok, text, length, squeezed->known, squeezed->after, &position);
	}
	why = json_tokener_get_error(tok);
	json_tokener_free(tok);
	if (tree)
		return tree;
	/* The tree of `null` is NULL; that, too, is how json-c says that there is no memory. */
	if (why == json_tokener_success && text[strspn(text, " \t\r\n")] == 'n')
		error_set(source->err, 0, "%s: must be an object, is null", source->name);
	else if (why == json_tokener_success)
		error_set(source->err, ENOMEM, "cannot parse %s", source->name);
	else
		fail_offset(source, text, position < length ? position : length,
			    parse_message(why));
	return NULL;
}

struct json_object *json_parse(const char *text, size_t length, const struct json_source *source)
{
	_cleanup_json_ struct json_object *tree = NULL;
	struct json_squeezed squeezed = {0};
	_cleanup_free_ char *out = NULL;
	const char *wrong;

	if (length > JSON_MAX_BYTES) {
		error_set(source->err, 0, "%s is %zu bytes long; the limit is %d", source->name,
			  length, JSON_MAX_BYTES);
		return NULL;
	}
	squeezed.out = out = malloc(length + JSON_SQUEEZE_SLACK);
	if (!out) {
		error_set(source->err, ENOMEM, "cannot parse %s", source->name);
		return NULL;
	}
	wrong = json_squeeze(text, length, source->known, source->skip, &squeezed);
	if (wrong) {
		fail_offset(source, text, squeezed.wrong, wrong);
		return NULL;
	}
	tree = parse_squeezed(&squeezed, text, length, source);
	if (tree && source->lasting && arena_adopt(source->arena, tree, drop_tree, source->err) < 0)
		return NULL;
	return take_ptr(tree);
}

static bool is_marker(struct json_object *string)
{
	return json_object_get_string_len(string) == 1 && *json_object_get_string(string) == '\0';
}

bool json_is_known(const struct json_at *at)
{
	return json_object_is_type(at->value, json_type_string) && is_marker(at->value);
}

/* read_all - read exactly @size bytes; -1 with errno, EIO when the file is shorter. */
static int read_all(int fd, char *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, buf + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0) {
			errno = EIO; /* somebody truncated it in the meantime */
			return -1;
		}
		done += (size_t)n;
	}
	return 0;
}

/* parse_file - @length bytes of @fd, into @text, which has room for a NUL after them. */
static struct json_object *parse_file(int fd, char *text, size_t length,
				      const struct json_source *source)
{
	if (read_all(fd, text, length) < 0) {
		error_set(source->err, errno, "cannot read `%s`", source->name);
		return NULL;
	}
	text[length] = '\0';
	return json_parse(text, length, source);
}

struct json_object *json_read(int dirfd, const char *path, const struct json_source *source)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	_cleanup_free_ char *own = NULL;
	char *text;
	struct stat st;
	size_t length;

	/* O_NONBLOCK: opening a FIFO must not hang. */
	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0) {
		error_set(source->err, errno, "cannot open `%s`", source->name);
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(source->err, 0, "%s is not a regular file", source->name);
		return NULL;
	}
	if (st.st_size == 0) {
		error_set(source->err, 0, "%s is empty", source->name);
		return NULL;
	}
	if (st.st_size > JSON_MAX_BYTES) {
		error_set(source->err, 0, "%s is %jd bytes long; the limit is %d", source->name,
			  (intmax_t)st.st_size, JSON_MAX_BYTES);
		return NULL;
	}
	length = (size_t)st.st_size;
	if (source->keep) {
		source->keep->length = length;
		text = arena_alloc(source->arena, length + 1, 1, source->err);
		source->keep->data = text;
		return text ? parse_file(fd, text, length, source) : NULL;
	}
	own = malloc(length + 1);
	if (!own) {
		error_set(source->err, ENOMEM, "cannot read `%s`", source->name);
		return NULL;
	}
	return parse_file(fd, own, length, source);
}

void json_free(struct json_object **tree)
{
	if (*tree)
		json_object_put(*tree);
	*tree = NULL;
}

/* expect - check that @at has the JSON type of @field's kind. */
static int expect(const struct json_at *at, const struct json_field *field)
{
	enum json_type type = json_object_get_type(at->value);

	/* What stands for the known member is a string, and the member is an object. */
	if (type == json_type_string && is_marker(at->value))
		type = json_type_object;
	else if (type == kind_types[field->kind])
		return 0;
	if (field->kind == JSON_NUMBER)
		return json_fail(at,
				 "must be a whole number from %" PRId64 " to %" PRIu64 ", is %s",
				 field->min, field->max, type_name(type));
	return json_fail(at, "must be %s, is %s", kind_names[field->kind], type_name(type));
}

const char *json_string(const struct json_at *at)
{
	static const struct json_field string = {.kind = JSON_STRING};

	if (expect(at, &string) < 0)
		return NULL;
	return json_object_get_string(at->value);
}

static int store_number(const struct json_at *at, const struct json_field *field, void *member)
{
	int64_t i = json_object_get_int64(at->value); /* too large ones saturate, never negative */
	uint64_t u = i < 0 ? (uint64_t)i : json_object_get_uint64(at->value);
	bool fits = i < 0 ? i >= field->min
			  : u <= field->max && (field->min <= 0 || u >= (uint64_t)field->min);

	if (!fits)
		return json_fail(at,
				 "must be a whole number from %" PRId64 " to %" PRIu64 ", is %s",
				 field->min, field->max, json_object_get_string(at->value));
	switch (field->size) {
	case sizeof(uint16_t):
		*(uint16_t *)member = (uint16_t)u;
		return 0;
	case sizeof(uint32_t):
		*(uint32_t *)member = (uint32_t)u;
		return 0;
	case sizeof(uint64_t):
		*(uint64_t *)member = u;
		return 0;
	}
	return json_fail(at, "has no member of %zu bytes to go to", field->size);
}

static int store_string(const struct json_at *at, void *member)
{
	const char *text = json_object_get_string(at->value);

	if (!at->source->lasting)
		text = arena_strdup(at->source->arena, text, at->source->err);
	if (!text)
		return -1;
	memcpy(member, &text, sizeof(text));
	return 0;
}

static int copy_string(const struct json_at *at, void *into)
{
	if (!json_string(at))
		return -1;
	return store_string(at, into);
}

/* store_list - decode each element of an array into a new array, one zeroed element longer. */
static int store_list(const struct json_at *at, const struct json_field *field, char *base)
{
	size_t count = json_object_array_length(at->value);
	json_decode *decode = field->kind == JSON_STRINGS ? copy_string : field->decode;
	char *list = arena_alloc(at->source->arena, count + 1, field->size, at->source->err);

	if (!list)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_at element = {
			.source = at->source,
			.parent = at,
			.index = i,
			.value = json_object_array_get_idx(at->value, i),
		};

		if (decode(&element, list + i * field->size) < 0)
			return -1;
	}
	memcpy(base + field->offset, &list, sizeof(list));
	if (field->count_offset != JSON_NO_COUNT)
		memcpy(base + field->count_offset, &count, sizeof(count));
	return 0;
}

/* store_map - decode each member of an object into a new array, in the file's order. */
static int store_map(const struct json_at *at, const struct json_field *field, char *base)
{
	size_t count = (size_t)json_object_object_length(at->value);
	char *list = arena_alloc(at->source->arena, count, field->size, at->source->err);
	size_t i = 0;

	if (!list)
		return -1;
	json_object_object_foreach(at->value, key, value)
	{
		struct json_at member = {.source = at->source,
					 .parent = at,
					 .key = key,
					 .value = value};

		if (field->decode(&member, list + i * field->size) < 0)
			return -1;
		i++;
	}
	memcpy(base + field->offset, &list, sizeof(list));
	if (field->count_offset != JSON_NO_COUNT)
		memcpy(base + field->count_offset, &count, sizeof(count));
	return 0;
}

static int store(const struct json_at *at, const struct json_field *field, char *base)
{
	void *member = base + field->offset;
	int r = 0;

	if (field->kind != JSON_ANY && expect(at, field) < 0)
		return -1;
	if (field->flag_offset)
		*(bool *)(base + field->flag_offset) = true;
	switch (field->kind) {
	case JSON_BOOL:
		*(bool *)member = json_object_get_boolean(at->value);
		break;
	case JSON_NUMBER:
		r = store_number(at, field, member);
		break;
	case JSON_STRING:
		r = store_string(at, member);
		break;
	case JSON_OBJECT:
	case JSON_ANY:
		return field->decode(at, member);
	case JSON_STRINGS:
	case JSON_ARRAY:
		return store_list(at, field, base);
	case JSON_MAP:
		return store_map(at, field, base);
	}
	if (r == 0 && field->decode)
		r = field->decode(at, member);
	return r;
}

int json_decode_value(const struct json_at *at, const struct json_field *field, void *into)
{
	struct json_field here = *field;

	here.offset = 0;
	return store(at, &here, into);
}

/*
 * The objects of the files read here have few members: to go through them costs less than to make
 * the hash of a key.
 */
bool json_member_n(const struct json_at *at, const char *key, size_t length, struct json_at *member)
{
	if (!json_object_is_type(at->value, json_type_object))
		return false;
	json_object_object_foreach(at->value, name, value)
	{
		if (name[0] != key[0] || strncmp(name, key, length) != 0 || name[length] != '\0')
			continue;
		*member = (struct json_at){.source = at->source,
					   .parent = at,
					   .key = name,
					   .value = value};
		return value;
	}
	return false;
}

bool json_member(const struct json_at *at, const char *key, struct json_at *member)
{
	return json_member_n(at, key, strlen(key), member);
}

bool json_is_empty(const struct json_at *at)
{
	switch (json_object_get_type(at->value)) {
	case json_type_null:
		return true;
	case json_type_array:
		return json_object_array_length(at->value) == 0;
	case json_type_object:
		return json_object_object_length(at->value) == 0;
	case json_type_string:
		return json_object_get_string_len(at->value) == 0;
	case json_type_boolean:
		return !json_object_get_boolean(at->value);
	case json_type_int:
		return json_object_get_int64(at->value) == 0;
	case json_type_double:
		return false;
	}
	return false;
}

/* find_field - the row of the table for @key; @count: none. */
static size_t find_field(const struct json_field *fields, size_t count, const char *key)
{
	size_t i = 0;

	while (i < count && (fields[i].key[0] != key[0] || strcmp(fields[i].key, key) != 0))
		i++;
	return i;
}

/* The table's order is that of decoding; the file's members are looked through just once. */
int json_decode_fields(const struct json_at *at, const struct json_field *fields, size_t count,
		       void *into)
{
	static const struct json_field object = {.kind = JSON_OBJECT};
	struct json_object *values[FIELDS_MAX];
	struct json_at member = {.source = at->source, .parent = at};

	if (expect(at, &object) < 0)
		return -1;
	if (count > FIELDS_MAX)
		return json_fail(at, "has a table of %zu rows", count);
	for (size_t i = 0; i < count; i++)
		values[i] = NULL;
	json_object_object_foreach(at->value, key, value)
	{
		size_t i = find_field(fields, count, key);

		if (i < count)
			values[i] = value;
	}
	for (size_t i = 0; i < count; i++) {
		member.key = fields[i].key;
		member.value = values[i];
		if (member.value && store(&member, &fields[i], into) < 0)
			return -1;
		if (!member.value && fields[i].required)
			return json_fail_key(at, fields[i].key, "is missing");
	}
	return 0;
}
