/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp.c: linux.seccomp to a filter the kernel loads.
 */
#include "runtime/oci/decode.h"

int decode_seccomp(const struct json_at *at, void *into)
{
	(void)into;
	return json_fail(at, "is not supported yet");
}
