/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_runtimeerror.c: what the runtime prints, which quotes what hostile images contain, as an error.
 */
#include "runtime/supervisor/supervisor.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct error err = ERROR_INIT;

	runtime_error(text, &err);
	REQUIRE(err.what[0] && memchr(err.what, '\0', sizeof(err.what)));
	REQUIRE(!strchr(err.what, '\n') && !strchr(err.cause, '\n') && !strchr(err.hint, '\n'));
	free(text);
	return 0;
}
