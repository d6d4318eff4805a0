/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dropbearkey.c: `dropbearkey FILE`: the host's key.
 *
 * Takes the place of dropbear's own, which can do more. Makes an ed25519 key in FILE unless there is one, and prints
 * its fingerprint, a line `SHA256:...`.
 */
#include "buffer.h"
#include "dbrandom.h"
#include "dbutil.h"
#include "gensignkey.h"
#include "includes.h"
#include "session.h"
#include "signkey.h"
#include "sysoptions.h"

static sign_key *load(const char *file)
{
	buffer *b = buf_new(MAX_PRIVKEY_SIZE);
	sign_key *key = new_sign_key();
	enum signkey_type type = DROPBEAR_SIGNKEY_ANY;

	if (buf_readfile(b, file) == DROPBEAR_FAILURE)
		dropbear_exit("cannot read `%s'", file);
	buf_setpos(b, 0);
	if (buf_get_priv_key(b, key, &type) == DROPBEAR_FAILURE || type != DROPBEAR_SIGNKEY_ED25519)
		dropbear_exit("`%s' is not an ed25519 key", file);
	buf_burn_free(b);
	return key;
}

int dropbearkey_main(int argc, char **argv);

int dropbearkey_main(int argc, char **argv)
{
	buffer *b;

	if (argc != 2) {
		fprintf(stderr, "usage: dropbearkey FILE\n");
		return 2;
	}
	seedrandom();
	if (signkey_generate(DROPBEAR_SIGNKEY_ED25519, 0, argv[1], 1) == DROPBEAR_FAILURE)
		dropbear_exit("cannot make `%s'", argv[1]);
	b = buf_new(MAX_PUBKEY_SIZE);
	buf_put_pub_key(b, load(argv[1]), DROPBEAR_SIGNKEY_ED25519);
	/* the blob stands behind its length */
	buf_setpos(b, 4);
	puts(sign_key_fingerprint(buf_getptr(b, b->len - 4), b->len - 4));
	return fflush(stdout) ? 1 : 0;
}
