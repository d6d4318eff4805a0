/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp.c: linux.seccomp to a filter the kernel loads.
 *
 * Most containers come with the profile `cloison spec` writes; its program is part of this one.
 * It is recognised by its text, which then need not even be parsed, or, in a file that somebody
 * has written anew, by what it says. Any other profile is compiled now.
 */
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

#include "runtime/oci/decode.h"
#include "runtime/seccomp/compile.h"
#include "runtime/seccomp/default.h"
#include "runtime/seccomp/policy.h"

/* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is about a listener, which there is not. */
static const struct name_value filter_flags[] = {
	{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
	{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
	{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
};

static int find_flags(const struct json_at *at, const struct seccomp_policy *policy,
		      unsigned int *flags)
{
	for (size_t i = 0; i < policy->n_flags; i++) {
		const struct name_value *known =
			find_name(filter_flags, ARRAY_SIZE(filter_flags), policy->flags[i]);

		if (!known)
			return json_fail_key(at, "flags", "no such flag: `%s`", policy->flags[i]);
		*flags |= (unsigned int)known->value;
	}
	return 0;
}

static bool is_default(const struct seccomp_policy *policy)
{
	_cleanup_free_ char *text = malloc(seccomp_default_text_length);

	/* Without memory it is compiled, and the error is found there. */
	return text &&
	       seccomp_policy_text(policy, text, seccomp_default_text_length) ==
		       seccomp_default_text_length &&
	       memcmp(text, seccomp_default_text, seccomp_default_text_length) == 0;
}

static void use_default(struct seccomp_plan *seccomp)
{
	seccomp->prog.len = seccomp_default_filter_length;
	/* sock_fprog's pointer is not const, though the kernel only reads through it. */
	seccomp->prog.filter = (struct sock_filter *)seccomp_default_filter;
}

int decode_seccomp(const struct json_at *at, void *into)
{
	struct seccomp_plan *seccomp = into;
	struct seccomp_policy policy;

	if (json_is_known(at)) {
		use_default(seccomp);
		return 0;
	}
	if (refuse_unsupported(at, PART_SECCOMP) < 0 || seccomp_policy_decode(at, &policy) < 0 ||
	    find_flags(at, &policy, &seccomp->flags) < 0)
		return -1;
	if (!is_default(&policy))
		return seccomp_compile(at, &policy, seccomp_arch_native(), &seccomp->prog);
	use_default(seccomp);
	return 0;
}
