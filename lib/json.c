/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.c: json-c with limits and places in its messages.
 *
 * A file is read whole (it is at most 1 MiB), scanned once for what json-c 0.16 lets pass even in
 * strict mode (NUL in strings, which would end a C string early and so change a name's meaning,
 * control characters, NaN, other quotes) and for bad UTF-8 (json-c can do that too, for a fifth
 * more time), and then parsed. The source's known member is left out of the parsing: json-c is fed what is before
 * it, a string that no file can contain (it has a NUL in it), and what is after it. Decoding walks the tables of json.h; no function here
 * recurses on the input: depth is the decoders' own, and json-c bounds its own by JSON_MAX_DEPTH.
 */
#include "lib/json.h"

#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#define PLACE_BYTES 256

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

void json_place(const struct json_at *at, char *buf, size_t size)
{
	const struct json_at *chain[JSON_MAX_DEPTH];
	size_t depth = 0, used = 0;

	for (; at->parent && depth < ARRAY_SIZE(chain); at = at->parent)
		chain[depth++] = at;
	buf[0] = '\0';
	while (depth > 0 && used < size) {
		int n;

		at = chain[--depth];
		if (at->key)
			n = snprintf(buf + used, size - used, "%s%s", used ? "." : "", at->key);
		else
			n = snprintf(buf + used, size - used, "[%zu]", at->index);
		used += (size_t)n;
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

/*
 * utf8_length - the bytes of the character at @s, of which @left are there; 0: not UTF-8.
 * Source: RFC 3629, section 4: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
static size_t utf8_length(const char *s, size_t left)
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned char low = 0x80, high = 0xbf; /* bounds of the second byte */
	size_t length;

	if (u[0] >= 0xc2 && u[0] <= 0xdf)
		length = 2;
	else if (u[0] >= 0xe0 && u[0] <= 0xef)
		length = 3;
	else if (u[0] >= 0xf0 && u[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if (u[0] == 0xe0)
		low = 0xa0;
	else if (u[0] == 0xed)
		high = 0x9f;
	else if (u[0] == 0xf0)
		low = 0x90;
	else if (u[0] == 0xf4)
		high = 0x8f;
	if (left < length || u[1] < low || u[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool json_is_utf8(const char *text)
{
	for (size_t step; *text; text += step) {
		step = (unsigned char)*text < 0x80 ? 1 : utf8_length(text, strnlen(text, 4));
		if (step == 0)
			return false;
	}
	return true;
}

void json_make_utf8(char *text)
{
	for (size_t step; *text; text += step) {
		step = (unsigned char)*text < 0x80 ? 1 : utf8_length(text, strnlen(text, 4));
		if (step == 0) {
			*text = '?';
			step = 1;
		}
	}
}

static size_t digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* number_length - the bytes of the number at @s; 0: it is none. */
static size_t number_length(const char *s)
{
	const char *p = s;

	if (*p == '-')
		p++;
	if (digits(p) == 0 || (*p == '0' && digits(p) > 1))
		return 0;
	p += digits(p);
	if (*p == '.') {
		if (digits(++p) == 0)
			return 0;
		p += digits(p);
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '+' || *p == '-';
		if (digits(p) == 0)
			return 0;
		p += digits(p);
	}
	return (size_t)(p - s);
}

/* fits - whether the number of @length bytes at @s has 64 bits; json-c would cut it to them. */
static bool fits(const char *s, size_t length)
{
	const char *limit = *s == '-' ? "-9223372036854775808" : "18446744073709551615";

	if (memchr(s, '.', length) || memchr(s, 'e', length) || memchr(s, 'E', length))
		return true; /* not an integer; nobody takes it for one */
	return length < strlen(limit) || (length == strlen(limit) && memcmp(s, limit, length) <= 0);
}

/* check_string - the same as check_text() for one byte in a string. */
static const char *check_string(const char *text, size_t left, size_t *step)
{
	unsigned char c = (unsigned char)text[0];

	if (c == '\\') {
		if (left > 5 && memcmp(text, "\\u0000", 6) == 0)
			return "NUL character in a string";
		*step = left > 1 && (unsigned char)text[1] < 0x80 ? 2 : 1;
	} else if (c < 0x20) {
		return "control character in a string";
	} else if (c >= 0x80) {
		*step = utf8_length(text, left);
		if (*step == 0)
			return "not UTF-8";
	}
	return NULL;
}

/* What may stand outside of strings, but for numbers: the letters are those of true, false, null. */
static const bool plain[UCHAR_MAX + 1] = {
	['{'] = true, ['}'] = true, ['['] = true,  [']'] = true,  [','] = true,
	[':'] = true, [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true,
	['t'] = true, ['r'] = true, ['u'] = true,  ['e'] = true,  ['f'] = true,
	['a'] = true, ['l'] = true, ['s'] = true,  ['n'] = true,
};

/* What may stand in strings and needs no look: ASCII without the quote and the backslash. */
static const bool ordinary[UCHAR_MAX + 1] = {
	[' ' ... '!'] = true,
	['#' ... '['] = true,
	[']' ... 0x7f] = true,
};

/*
 * check_text - find what json-c would accept between the bytes @start and @end: control characters
 * and NUL in strings, what is not UTF-8, quotes and numbers of another kind than JSON's.
 * @text ends with a NUL; @start is outside of strings.
 * Returns NULL, or what is wrong with the byte at @where.
 * Source: RFC 8259, sections 2, 6, 7 and 8.1.
 */
static const char *check_text(const char *text, size_t start, size_t end, size_t *where)
{
	const char *wrong;
	bool in_string = false;
	size_t i, step;

	for (i = start; i < end; i += step) {
		const bool *harmless = in_string ? ordinary : plain;
		char c;

		while (i < end && harmless[(unsigned char)text[i]])
			i++;
		if (i >= end)
			break;
		c = text[i];
		step = 1;
		*where = i;
		if (c == '"') {
			in_string = !in_string;
		} else if (in_string) {
			wrong = check_string(text + i, end - i, &step);
			if (wrong)
				return wrong;
		} else if (c == '-' || (c >= '0' && c <= '9')) {
			step = number_length(text + i);
			if (step == 0)
				return "not a number";
			if (!fits(text + i, step))
				return "number out of range";
		} else {
			return c == '\0' ? "NUL byte" : "unexpected character";
		}
	}
	return NULL;
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

/* The marker that stands for the known member: check_text() keeps it out of files. */
static const char known_marker[] = "\"\\u0000\"";

static size_t skip_space(const char *s, size_t length, size_t at)
{
	while (at < length && (s[at] == ' ' || s[at] == '\n' || s[at] == '\t' || s[at] == '\r'))
		at++;
	return at;
}

static bool is_structural(char c)
{
	return c && strchr("{}[]:,\"", c);
}

/*
 * match - how many bytes at the start of @text are @known, but for white space between the tokens;
 * 0: none. Both begin and end with a brace.
 */
static size_t match(const char *text, size_t length, const struct json_known *known)
{
	bool in_string = false;
	size_t i = 0, j = 0;

	if (length >= known->length && memcmp(text, known->text, known->length) == 0)
		return known->length;
	for (;;) {
		size_t before = i;

		if (j == known->length)
			return i;
		if (!in_string) {
			i = skip_space(text, length, i);
			j = skip_space(known->text, known->length, j);
		}
		if (i == length || text[i] != known->text[j])
			return 0;
		/* No white space within a number or a word. */
		if (i > before && i > 0 && !is_structural(text[before - 1]) &&
		    !is_structural(text[i]))
			return 0;
		if (text[i] == '"')
			in_string = !in_string;
		if (text[i] == '\\') /* the known text has no escapes */
			return 0;
		i++;
		j++;
	}
}

/*
 * find_known - where the source's known text is in @text, up to @end; @length: nowhere. A quote
 * before and after the key is in the text as it is, so it does not stand inside of a string.
 */
static size_t find_known(const char *text, size_t length, const struct json_known *known,
			 size_t *end)
{
	char key[64];
	size_t key_length = (size_t)snprintf(key, sizeof(key), "\"%s\"", known->key);
	const char *at = text;

	while ((at = memmem(at, length - (size_t)(at - text), key, key_length))) {
		size_t start = skip_space(text, length, (size_t)(at - text) + key_length);

		if (text[start] == ':') {
			size_t n;

			start = skip_space(text, length, start + 1);
			n = match(text + start, length - start, known);
			*end = start + n;
			if (n)
				return start;
		}
		at += key_length;
	}
	*end = length;
	return length;
}

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
	tree = json_tokener_parse_ex(tok, known_marker, (int)strlen(known_marker));
	if (tree || json_tokener_get_error(tok) != json_tokener_continue)
		return tree;
	return feed(tok, text, after, length + 1 - after, position);
}

struct json_object *json_parse(const char *text, size_t length, const struct json_source *source)
{
	_cleanup_json_ struct json_object *tree = NULL;
	struct json_tokener *tok;
	enum json_tokener_error why;
	const char *wrong;
	size_t known, after, position;

	if (length > JSON_MAX_BYTES) {
		error_set(source->err, 0, "%s is %zu bytes long; the limit is %d", source->name,
			  length, JSON_MAX_BYTES);
		return NULL;
	}
	known = after = length;
	if (source->known)
		known = find_known(text, length, source->known, &after);
	wrong = check_text(text, 0, known, &position);
	if (!wrong)
		wrong = check_text(text, after, length, &position);
	if (wrong) {
		fail_offset(source, text, position, wrong);
		return NULL;
	}
	tok = json_tokener_new_ex(JSON_MAX_DEPTH);
	if (!tok) {
		error_set(source->err, ENOMEM, "cannot parse %s", source->name);
		return NULL;
	}
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	tree = parse(tok, text, length, known, after, &position);
	why = json_tokener_get_error(tok);
	json_tokener_free(tok);
	if (why == json_tokener_success && tree)
		return take_ptr(tree);
	if (why == json_tokener_success)
		error_set(source->err, 0, "%s: must be an object, is null", source->name);
	else
		fail_offset(source, text, position < length ? position : length,
			    parse_message(why));
	return NULL;
}

bool json_is_known(const struct json_at *at)
{
	return json_object_is_type(at->value, json_type_string) &&
	       json_object_get_string_len(at->value) == 1 &&
	       json_object_get_string(at->value)[0] == '\0';
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
	if (json_is_known(at))
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
	char *copy =
		arena_strdup(at->source->arena, json_object_get_string(at->value), at->source->err);

	if (!copy)
		return -1;
	memcpy(member, &copy, sizeof(copy));
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

bool json_member(const struct json_at *at, const char *key, struct json_at *member)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(at->value, key, &value) || !value)
		return false;
	*member = (struct json_at){.source = at->source, .parent = at, .key = key, .value = value};
	return true;
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

int json_decode_fields(const struct json_at *at, const struct json_field *fields, size_t count,
		       void *into)
{
	static const struct json_field object = {.kind = JSON_OBJECT};
	struct json_at member;

	if (expect(at, &object) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (json_member(at, fields[i].key, &member)) {
			if (store(&member, &fields[i], into) < 0)
				return -1;
		} else if (fields[i].required) {
			return json_fail_key(at, fields[i].key, "is missing");
		}
	}
	return 0;
}
