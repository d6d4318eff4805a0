/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * common.h: what the native verbs share.
 */
#ifndef CLOISON_CLI_NATIVE_COMMON_H
#define CLOISON_CLI_NATIVE_COMMON_H

#include <json-c/json.h>

#include "lib/json.h"
#include "runtime/cli/native/native_verb.h"
#include "runtime/native/client.h"
#include "runtime/native/native.h"
#include "runtime/native/output.h"
#include "runtime/native/session.h"
#include "runtime/native/tree.h"

#define SHORT_ID 12

/* request_for - {"container": NAME}; NULL with @err. */
struct json_object *request_for(const char *container, struct error *err) must_check;

/* ask - connect, send one request, disconnect. @object: taken. Returns the answer, or NULL with @err. */
struct json_object *ask(const char *verb, struct json_object *object, struct error *err) must_check;

/*
 * for_each - do @verb to each of @names over one connection, printing each name that it was done to, and each error,
 * as Docker does: one that fails does not keep the others from it.
 * @fill: adds to the request, or NULL
 * Returns 0, or -1 with the last error, which is not printed yet.
 */
typedef int fill_request(struct json_object *request, const void *values, struct error *err);
int for_each(const char *verb, char **names, fill_request *fill, const void *values,
	     struct error *err) must_check;

/* for_each_known - the same; @absent_ok: a container that is not there is no error. */
int for_each_known(const char *verb, char **names, fill_request *fill, const void *values,
		   bool absent_ok, struct error *err) must_check;

/* text_array - NULL-terminated texts as an array. */
struct json_object *text_array(char *const *texts);

/*
 * parse_decimal - the digits, with at most one point, that @text begins with; none of the blanks, signs, exponents,
 * hexadecimal digits and names that strtod(3) takes as well. Returns their end, or NULL.
 */
const char *parse_decimal(const char *text, double *value) must_check;

/* parse_bytes - "64m", "1.5g", "4096", "10MB". */
int parse_bytes(const char *option, const char *text, int64_t *bytes, struct error *err) must_check;

/* parse_duration - "1m30s", "500ms" into milliseconds; a plain number has the unit @plain_ms. */
int parse_duration(const char *option, const char *text, int64_t plain_ms, int64_t *ms,
		   struct error *err) must_check;

/* parse_integer - a whole number from @least on. */
int parse_integer(const char *option, const char *text, int64_t least, int64_t *value,
		  struct error *err) must_check;

/* parse_moment - what --since and --until take: RFC 3339, seconds since 1970, or a duration ago. */
int parse_moment(const char *option, const char *text, char *buf, size_t size,
		 struct error *err) must_check;

/* parse_filters - "KEY=VALUE" each, into {"KEY": ["VALUE", ...]}; NULL with @err. */
struct json_object *parse_filters(const struct option_list *list, struct error *err) must_check;

#endif
