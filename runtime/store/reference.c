/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reference.c: a scanner for references, by hand: the grammar is regular and short.
 *
 *	reference   name [":" tag] ["@" digest]
 *	name        [host "/"] component ["/" component]*
 *	host        label ["." label]* [":" port], before the first "/", if it has a "." or ":" or an upper-case
 *	            letter or is "localhost"
 *	component   alnum+ ((["."] | "_" | "__" | "-"+) alnum+)*		lower case
 *	tag         [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}
 */
#include "runtime/store/reference.h"

#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DEFAULT_TAG "latest"

static int wrong(const char *text, const char *why, struct error *err)
{
	error_set(err, 0, "`%.300s` is not a reference to an image: %s", text, why);
	return error_hint(err,
			  "NAME[:TAG][@DIGEST], in lower case: web, web:1.2, host:5000/team/web");
}

/* separator - the length of what may stand between two parts of a component; 0: nothing may. */
static size_t separator(const char *at)
{
	if (*at == '.')
		return 1;
	if (*at == '_')
		return at[1] == '_' ? 2 : 1;
	return strspn(at, "-");
}

/* component - the length of the component at @at; 0: there is none. */
static size_t component(const char *at)
{
	size_t n = strspn(at, LOWER);

	for (;;) {
		size_t gap = n ? separator(at + n) : 0;
		size_t more = gap ? strspn(at + n + gap, LOWER) : 0;

		if (!more)
			return n;
		n += gap + more;
	}
}

/* label - the length of a part of a host's name: letters and digits, and "-" between them. */
static size_t label(const char *at)
{
	size_t n = strspn(at, LOWER UPPER "-");

	while (n > 0 && at[n - 1] == '-')
		n--;
	return at[0] == '-' ? 0 : n;
}

/* host_name - the length of the labels at @at, with a "." between each two. */
static size_t host_name(const char *at)
{
	size_t n = label(at), more;

	while (n > 0 && at[n] == '.' && (more = label(at + n + 1)) > 0)
		n += 1 + more;
	return n;
}

/* host - the length of the host at @at with its "/"; 0: what begins there is no host. */
static size_t host(const char *at)
{
	size_t n = strcspn(at, "/@"), name = host_name(at);

	if (at[n] != '/' || name == 0 || name > n)
		return 0;
	if (!memchr(at, '.', n) && !memchr(at, ':', n) && strcspn(at, UPPER) >= n &&
	    !(n == strlen("localhost") && !memcmp(at, "localhost", n)))
		return 0;
	if (name < n) { /* a port */
		size_t digits;

		if (at[name] != ':')
			return 0;
		digits = strspn(at + name + 1, "0123456789");
		if (digits == 0 || digits > 5 || name + 1 + digits != n)
			return 0;
	}
	return n + 1;
}

/* scan_name - the length of the name at the beginning of @text; 0: there is none. */
static size_t scan_name(const char *text)
{
	size_t n = host(text), part = component(text + n);

	if (!part)
		return 0;
	for (n += part; text[n] == '/'; n += 1 + part) {
		part = component(text + n + 1);
		if (!part)
			return 0;
	}
	return n;
}

/* poses - whether a name could be taken for an image's ID. */
static bool poses(const char *name, size_t length)
{
	return digest_is_hex(name, length) ||
	       (length == strlen("sha256") && !memcmp(name, "sha256", length));
}

int reference_parse(const char *text, struct reference *r, struct error *err)
{
	size_t n = scan_name(text);
	const char *at = text + n;

	memset(r, 0, sizeof(*r));
	if (n == 0)
		return wrong(text, "it does not begin with a name", err);
	if (poses(text, n))
		return wrong(text, "its name is what digests look like", err);
	if (n > REFERENCE_NAME_MAX)
		return wrong(text, "its name is longer than 255 bytes", err);
	memcpy(r->name, text, n);
	if (*at == ':') {
		size_t length = strspn(++at, LOWER UPPER "_.-");

		if (length == 0 || *at == '.' || *at == '-')
			return wrong(text, "its tag does not begin with a letter, digit or `_`",
				     err);
		if (length > REFERENCE_TAG_MAX)
			return wrong(text, "its tag is longer than 128 bytes", err);
		memcpy(r->tag, at, length);
		at += length;
	}
	if (*at == '@') {
		if (digest_parse(at + 1, &r->digest, err) < 0)
			return error_wrap(err, "`%.300s` is not a reference to an image", text);
		return 0;
	}
	if (*at)
		return wrong(text, "it goes on behind name and tag", err);
	if (!r->tag[0])
		memcpy(r->tag, DEFAULT_TAG, sizeof(DEFAULT_TAG));
	return 0;
}

const char *reference_text(const struct reference *r, char buf[REFERENCE_SIZE])
{
	snprintf(buf, REFERENCE_SIZE, "%s%s%s", r->name, r->tag[0] ? ":" : "", r->tag);
	return buf;
}
