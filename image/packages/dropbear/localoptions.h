/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * localoptions.h: what of dropbear the appliance has.
 *
 * Keys only, a shell or a command only: nothing is forwarded, there is no password, no file transfer of its own. One
 * algorithm of each kind, each the one that every OpenSSH since 6.5 has: curve25519 agrees on the keys,
 * chacha20-poly1305 encrypts and authenticates, ed25519 is the host's key. Without the others there is no big-number
 * arithmetic that a stranger could reach.
 */
#define NON_INETD_MODE 1
#define INETD_MODE 0
/* each connection executes the program anew, so each has other addresses */
#define DROPBEAR_REEXEC 1
#define DROPBEAR_SMALL_CODE 1

#define DROPBEAR_X11FWD 0
#define DROPBEAR_SVR_LOCALTCPFWD 0
#define DROPBEAR_SVR_REMOTETCPFWD 0
#define DROPBEAR_SVR_AGENTFWD 0
#define DROPBEAR_SFTPSERVER 0

#define DROPBEAR_CHACHA20POLY1305 1
#define DROPBEAR_AES128 0
#define DROPBEAR_AES256 0
#define DROPBEAR_ENABLE_CTR_MODE 0
#define DROPBEAR_SHA1_HMAC 0
#define DROPBEAR_SHA2_256_HMAC 0
#define DROPBEAR_USER_ALGO_LIST 0

#define DROPBEAR_CURVE25519 1
#define DROPBEAR_ECDH 0
#define DROPBEAR_DH_GROUP14_SHA1 0
#define DROPBEAR_DH_GROUP14_SHA256 0

/* of users; with a security key as well */
#define DROPBEAR_ED25519 1
#define DROPBEAR_SK_KEYS 1
#define DROPBEAR_SK_ECDSA 0
#define DROPBEAR_ECDSA 0
#define DROPBEAR_RSA 0
#define DROPBEAR_RSA_SHA1 0
#define DROPBEAR_DSS 0
/* dropbearkey makes it at boot */
#define DROPBEAR_DELAY_HOSTKEY 0

#define DROPBEAR_SVR_PASSWORD_AUTH 0
#define DROPBEAR_SVR_PUBKEY_AUTH 1
/* command=, which names the key to the session */
#define DROPBEAR_SVR_PUBKEY_OPTIONS 1
/* without it, it refuses a kernel that has users */
#define DROPBEAR_SVR_MULTIUSER 1
#define DO_MOTD 0

#define AUTH_TIMEOUT 30
#define MAX_AUTH_TRIES 6
#define MAX_UNAUTH_PER_IP 5
#define MAX_UNAUTH_CLIENTS 20
