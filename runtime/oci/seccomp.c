/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp.c: linux.seccomp to a filter the kernel loads.
 *
 * Most containers come with the profile `cloison spec` writes; its program is part of this one.
 * It is recognised by its text, which then need not even be parsed, or, in a file that somebody
 * has written anew, by what it says. Any other profile is compiled the first time it is seen, and
 * then taken from the cache below the state directory.
 */
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

#include "runtime/oci/decode.h"
#include "runtime/seccomp/cache.h"
#include "runtime/seccomp/default.h"
#include "runtime/seccomp/policy.h"
#include "runtime/seccomp/tree.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static const struct name_value filter_flags[] = {
	{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
	{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
	{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
	{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
};

const char *seccomp_flag_at(size_t index)
{
	return index < ARRAY_SIZE(filter_flags) ? filter_flags[index].name : NULL;
}

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

/*
 * adjust_flags - with and without a listener. The kernel refuses the flag about receiving without
 * one, where it has no meaning, and TSYNC with one; there is one thread, with nobody to keep in step.
 */
static void adjust_flags(struct seccomp_plan *seccomp)
{
	if (seccomp->listener_path)
		seccomp->flags = (seccomp->flags | SECCOMP_FILTER_FLAG_NEW_LISTENER) &
				 ~(unsigned int)SECCOMP_FILTER_FLAG_TSYNC;
	else
		seccomp->flags &= ~(unsigned int)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
}

static void use_default(struct seccomp_plan *seccomp)
{
	seccomp->prog.len = seccomp_default_filter_length;
	/* sock_fprog's pointer is not const, though the kernel only reads through it. */
	seccomp->prog.filter = (struct sock_filter *)seccomp_default_filter;
	seccomp->is_default = true;
}

/* compile - the filter for @policy, whose canonical text is @key's; from the cache if it is there. */
static int compile(const struct json_at *at, const struct seccomp_policy *policy,
		   const struct seccomp_key *key, struct seccomp_plan *seccomp)
{
	const char *root = seccomp->cache_root;

	if (root && seccomp_cache_find(root, key, at->source->arena, &seccomp->prog))
		return 0;
	if (seccomp_tree(at, policy, key->arch, &seccomp->prog) < 0)
		return -1;
	if (root)
		seccomp_cache_keep(root, key, &seccomp->prog);
	return 0;
}

static int make_filter(const struct json_at *at, const struct seccomp_policy *policy,
		       struct seccomp_plan *seccomp)
{
	size_t length = seccomp_policy_text(policy, NULL, 0);
	_cleanup_free_ char *text = malloc(length);
	const struct seccomp_key key = {
		.text = text,
		.length = length,
		.arch = seccomp_arch_native(),
	};

	if (!text)
		return error_set(at->source->err, ENOMEM, "cannot compare the seccomp profile");
	seccomp_policy_text(policy, text, length);
	if (length != seccomp_default_text_length ||
	    memcmp(text, seccomp_default_text, length) != 0)
		return compile(at, policy, &key, seccomp);
	use_default(seccomp);
	return 0;
}

int decode_seccomp(const struct json_at *at, void *into)
{
	struct seccomp_plan *seccomp = into;
	struct seccomp_policy policy;

	if (json_is_known(at)) {
		use_default(seccomp);
		return 0;
	}
	if (seccomp_policy_decode(at, &policy) < 0 || find_flags(at, &policy, &seccomp->flags) < 0)
		return -1;
	seccomp->default_action = policy.default_action;
	if (seccomp_policy_notifies(&policy)) {
		seccomp->listener_path = policy.listener_path;
		seccomp->listener_metadata = policy.listener_metadata;
	}
	adjust_flags(seccomp);
	return make_filter(at, &policy, seccomp);
}
