/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache.h: compiled filters by what they were compiled from, in ROOT/~seccomp.
 *
 * The name is none a container can have. Files are found by a hash of the policy's canonical text,
 * but believed only if they contain that very text, so it does not matter how good the hash is.
 */
#ifndef CLOISON_SECCOMP_CACHE_H
#define CLOISON_SECCOMP_CACHE_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"

#define SECCOMP_CACHE_DIR "~seccomp"
#define SECCOMP_CACHE_FILES 64 /* the oldest goes when one more comes */

/* What a filter is made from. */
struct seccomp_key {
	const char *text; /* seccomp_policy_text() */
	size_t length;
	uint32_t arch; /* SCMP_ARCH_* */
};

/*
 * seccomp_cache_find - the filter kept for @key below @root, its instructions in @arena.
 * Returns true, or false when there is none that can be believed: a file of another owner, one that
 * others may write, a damaged one, one for another version, architecture or policy.
 */
bool seccomp_cache_find(const char *root, const struct seccomp_key *key, struct arena *arena,
			struct sock_fprog *prog) must_check;

/*
 * seccomp_cache_keep - keep @prog for @key. Whatever prevents it costs the next start some time and
 * nothing else, so there is no error: a full disk does not keep a container from starting.
 */
void seccomp_cache_keep(const char *root, const struct seccomp_key *key,
			const struct sock_fprog *prog);

#endif
