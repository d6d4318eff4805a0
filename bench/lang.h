/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lang.h: the report's words in English or French.
 *
 * What is written in the code is the English; a table has the French (french.h). Text out of the
 * results that follows a pattern ("the load was 3.1 on 2 processors") is translated by the pattern.
 */
#ifndef CLOISON_BENCH_LANG_H
#define CLOISON_BENCH_LANG_H

#include <stdbool.h>
#include <stddef.h>

void lang_set(bool french);

/* lang_code - "en" or "fr". */
const char *lang_code(void);

/* tr - @english in the language that was set; itself when it has no translation. */
const char *tr(const char *english);

/* tr_text - the same of a text that may follow a pattern, into @buf. Returns @buf. */
const char *tr_text(const char *english, char *buf, size_t size);

/* lang_missing - the first text that tr() was asked for and did not have in French; or NULL. */
const char *lang_missing(void);

#endif
