/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * squeeze.c: what a JSON text goes through before json-c sees it.
 *
 * One pass over the bytes finds what json-c 0.16 lets pass even in strict mode: NUL in strings, which
 * would end a C string early and so change a name's meaning, control characters, NaN, other quotes, and
 * bad UTF-8 (json-c can look for that too, for a fifth more time). It copies the rest without
 * the indentation, for each byte of which json-c takes a dozen instructions. Nothing is understood here
 * of how tokens follow one another: that is json-c's.
 */
#include "lib/squeeze.h"

#include <limits.h>
#include <string.h>

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

/* What a byte outside of strings begins. */
enum token { T_WRONG, T_SPACE, T_MARK, T_QUOTE, T_WORD, T_NUMBER };

/* The letters are those of true, false and null. */
static const unsigned char tokens[UCHAR_MAX + 1] = {
	[' '] = T_SPACE,	  ['\t'] = T_SPACE, ['\r'] = T_SPACE, ['\n'] = T_SPACE,
	['{'] = T_MARK,		  ['}'] = T_MARK,   ['['] = T_MARK,   [']'] = T_MARK,
	[','] = T_MARK,		  [':'] = T_MARK,   ['"'] = T_QUOTE,  ['-'] = T_NUMBER,
	['0' ... '9'] = T_NUMBER, ['t'] = T_WORD,   ['r'] = T_WORD,   ['u'] = T_WORD,
	['e'] = T_WORD,		  ['f'] = T_WORD,   ['a'] = T_WORD,   ['l'] = T_WORD,
	['s'] = T_WORD,		  ['n'] = T_WORD,
};

/* What may stand in strings and needs no look: ASCII without the quote and the backslash. */
static const bool ordinary[UCHAR_MAX + 1] = {
	[' ' ... '!'] = true,
	['#' ... '['] = true,
	[']' ... 0x7f] = true,
};

static size_t skip_space(const char *s, size_t length, size_t at)
{
	while (at < length && (s[at] == ' ' || s[at] == '\n' || s[at] == '\t' || s[at] == '\r'))
		at++;
	return at;
}

static bool is_structural(char c)
{
	unsigned char token = tokens[(unsigned char)c];

	return token == T_MARK || token == T_QUOTE;
}

/* is_same - memcmp() for what is long and mostly the same: the C library's goes byte by byte. */
static bool is_same(const char *a, const char *b, size_t length)
{
	size_t i = 0;

	for (; length - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
		uint64_t left, right;

		memcpy(&left, a + i, sizeof(left));
		memcpy(&right, b + i, sizeof(right));
		if (left != right)
			return false;
	}
	return memcmp(a + i, b + i, length - i) == 0;
}

/*
 * match - how many bytes at the start of @text are @known, but for white space between the tokens;
 * 0: none. Both begin and end with a brace.
 */
static size_t match(const char *text, size_t length, const struct json_known *known)
{
	bool in_string = false;
	size_t i = 0, j = 0;

	if (length >= known->length && is_same(text, known->text, known->length))
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

_Static_assert(JSON_SQUEEZE_SLACK > sizeof(uint64_t), "copy_ordinary() writes that much at a time");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "ordinary_bytes() counts from the lowest");

/* ordinary_bytes - how many of the eight at the lower end of @word are ordinary[]. */
static size_t ordinary_bytes(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
	uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
	/* The lowest bit that is set is right: what is borrowed from a byte comes from below it. */
	uint64_t other = (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
			  ((word - ones * ' ') & ~word) | word) &
			 high;

	return other ? (size_t)__builtin_ctzll(other) / 8 : sizeof(word);
}

/* copy_ordinary - copy what is ordinary at @s, to @out; returns how much. */
static size_t copy_ordinary(const char *s, const char *end, char *out)
{
	size_t done = 0;

	while (end - s >= (ptrdiff_t)(done + sizeof(uint64_t))) {
		uint64_t word;
		size_t n;

		memcpy(&word, s + done, sizeof(word));
		memcpy(out + done, &word, sizeof(word));
		n = ordinary_bytes(word);
		done += n;
		if (n < sizeof(word))
			return done;
	}
	for (; ordinary[(unsigned char)s[done]]; done++) /* the NUL at the text's end is not */
		out[done] = s[done];
	return done;
}

/*
 * squeeze_string - check and copy the string that begins with the quote at *@from, and go behind it.
 * One that does not end in the text is json-c's to refuse. Returns the end of what was copied to @out;
 * *@wrong: what is wrong with *@from, or NULL.
 */
static char *squeeze_string(const char **from, const char *end, char *out, const char **wrong)
{
	const char *s = *from;
	size_t step;

	*out++ = *s++;
	for (;;) {
		size_t n = copy_ordinary(s, end, out);

		s += n;
		out += n;
		if (s == end)
			break;
		if (*s == '"') {
			*out++ = *s++;
			break;
		}
		if (s[0] == '\\' && s[1] == '/') { /* it need not be escaped */
			*out++ = '/';
			s += 2;
			continue;
		}
		step = 1;
		*wrong = check_string(s, (size_t)(end - s), &step);
		if (*wrong)
			break;
		memcpy(out, s, step);
		out += step;
		s += step;
	}
	*from = s;
	return out;
}

/* find_known - where behind the known member's key, at @at, its value ends; @at: it is another. */
static size_t find_known(const char *text, size_t length, size_t at, const struct json_known *known,
			 struct json_squeezed *to)
{
	size_t start = skip_space(text, length, at);
	size_t n;

	if (text[start] != ':')
		return at;
	start = skip_space(text, length, start + 1);
	n = match(text + start, length - start, known);
	if (n == 0)
		return at;
	to->known = start;
	to->after = start + n;
	return to->after;
}

/* skip_indentation - past white space, most of which is spaces after the end of a line. */
static const char *skip_indentation(const char *s, const char *end)
{
	while (tokens[(unsigned char)*s] == T_SPACE) {
		uint64_t word;

		s++;
		if (end - s < (ptrdiff_t)sizeof(word))
			continue;
		memcpy(&word, s, sizeof(word));
		word ^= 0x2020202020202020;
		s += word ? (size_t)__builtin_ctzll(word) / 8 : sizeof(word);
	}
	return s;
}

/* string_end - behind the string that begins with the quote at @s, or @end. */
static const char *string_end(const char *s, const char *end)
{
	for (s++; s < end; s++) {
		while (end - s >= (ptrdiff_t)sizeof(uint64_t)) {
			uint64_t word;
			size_t n;

			memcpy(&word, s, sizeof(word));
			n = ordinary_bytes(word);
			s += n;
			if (n < sizeof(word))
				break;
		}
		if (s < end && *s == '"')
			return s + 1;
		if (s < end && *s == '\\')
			s++;
	}
	return end;
}

/* value_end - behind the object or the array that begins at @s: its brackets are counted; NULL: no end. */
static const char *value_end(const char *s, const char *end)
{
	size_t depth = 0;

	while (s < end) {
		char c = *s;

		if (c == '"') {
			s = string_end(s, end);
			continue;
		}
		s++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return s;
		else if (c == '\n')
			s = skip_indentation(s, end);
	}
	return NULL;
}

/*
 * skip_value - is the string of @length bytes at @key one of @skip's keys at this depth, with an object or an
 * array as its value? Returns where that ends, or NULL.
 */
static const char *skip_value(const char *key, size_t length, unsigned int depth, const char *end,
			      const struct json_skip *skip)
{
	for (; skip && skip->key; skip++) {
		const char *s = key + length;

		if (skip->depth != depth || length != skip->key_length ||
		    memcmp(key, skip->key, length) != 0)
			continue;
		s = skip_indentation(s, end);
		if (*s != ':')
			return NULL;
		s = skip_indentation(s + 1, end);
		return *s == '{' || *s == '[' ? value_end(s, end) : NULL;
	}
	return NULL;
}

const char *json_squeeze(const char *text, size_t length, const struct json_known *known,
			 const struct json_skip *skip, struct json_squeezed *to)
{
	const char *wrong = NULL;
	const char *s = text, *end = text + length, *start, *after;
	unsigned int depth = 0;
	char *out = to->out;
	size_t step;

	to->known = to->after = length;
	while (s < end && !wrong) {
		switch ((enum token)tokens[(unsigned char)*s]) {
		case T_SPACE:
			s = skip_indentation(s, end);
			if (out > to->out && !is_structural(out[-1]))
				*out++ = ' ';
			break;
		case T_MARK:
			depth += *s == '{' || *s == '[';
			depth -= *s == '}' || *s == ']';
			*out++ = *s++;
			break;
		case T_WORD:
			*out++ = *s++;
			break;
		case T_QUOTE:
			start = s;
			out = squeeze_string(&s, end, out, &wrong);
			/* What is followed by the end of a value is no key. */
			if (wrong || (is_structural(*s) && *s != ':'))
				break;
			after = skip_value(start, (size_t)(s - start), depth, end, skip);
			if (after) {
				*out++ = ':';
				*out++ = after[-1] == '}' ? '{' : '[';
				*out++ = after[-1];
				s = after;
				break;
			}
			if (!known || (size_t)(s - start) != known->key_length ||
			    memcmp(start, known->key, known->key_length) != 0)
				break;
			s = text + find_known(text, length, (size_t)(s - text), known, to);
			if (to->known == length)
				break;
			known = NULL;
			*out++ = ':';
			out = stpcpy(out, JSON_MARKER);
			break;
		case T_NUMBER:
			step = number_length(s);
			if (step > 0 && fits(s, step)) {
				out = mempcpy(out, s, step);
				s += step;
			} else {
				wrong = step ? "number out of range" : "not a number";
			}
			break;
		case T_WRONG:
			wrong = *s == '\0' ? "NUL byte" : "unexpected character";
			break;
		}
	}
	*out = '\0';
	to->length = (size_t)(out - to->out);
	to->wrong = (size_t)(s - text);
	return wrong;
}
