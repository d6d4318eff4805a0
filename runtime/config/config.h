/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.h: the configuration of the host, and where each part of it came from.
 *
 * Every key is a row of a table (schema.c) and every value a list of texts that have been checked; a
 * single value is a list of one. Channels are read in the order of their enum, and what a later one says
 * replaces what an earlier one said: a key as a whole, an interface as a whole. A value that is wrong is
 * told and replaces nothing, so the rest holds.
 */
#ifndef CLOISON_CONFIG_CONFIG_H
#define CLOISON_CONFIG_CONFIG_H

#include <stdbool.h>

#include "lib/arena.h"
#include "runtime/config/check.h"

/* In order: the later one wins. */
enum config_channel {
	CHANNEL_DEFAULT,
	CHANNEL_IMAGE,
	CHANNEL_DATA,
	CHANNEL_APPENDED,
	CHANNEL_FAT,
	CHANNEL_FW_CFG,
	CHANNEL_SMBIOS,
	CHANNEL_CMDLINE,
	CHANNEL_FLAG,
	CHANNEL_FILE, /* one that was named to be checked */
	CHANNELS,
};

struct config_origin {
	enum config_channel channel;
	const char *file;  /* NULL: built in */
	unsigned int line; /* or the number of the word, or of the string; 0: of none */
};

enum config_key {
	KEY_HOSTNAME,
	KEY_TIMEZONE,
	KEY_NTP,
	KEY_AUTHORIZED_KEYS,
	KEY_CONSOLE,
	KEY_PROJECTS,
	KEY_LOG_SINKS,
	KEY_DATA_CREATE,
	KEY_DATA_DEVICE,
	KEY_DNS,
	KEY_SEARCH,
	CONFIG_KEYS,
};

enum config_interface_key {
	INTERFACE_ADDRESSES,
	INTERFACE_GATEWAY,
	INTERFACE_DHCP,
	INTERFACE_MTU,
	INTERFACE_PARENT,
	INTERFACE_VLAN,
	INTERFACE_KEYS,
};

#define CONFIG_INTERFACES_MAX 32
#define CONFIG_SYSCTLS_MAX 64
#define CONFIG_VALUES_MAX 64 /* of one key */

/* A row of the schema. */
struct config_row {
	const char *name; /* "network.dns": as in the file, sections joined by dots */
	const char *word; /* on the kernel command line, after `cloison.`; NULL: not there */
	size_t max;	  /* how many values; 1: it is no list */
	check_function *check;
	const char *fallback; /* built-in default; NULL: none */
};

extern const struct config_row config_rows[CONFIG_KEYS];
extern const struct config_row config_interface_rows[INTERFACE_KEYS];

struct config_value {
	bool set;
	struct config_origin origin;
	size_t n;
	const char **texts;
};

struct config_interface {
	const char *name; /* or its MAC address */
	struct config_origin origin;
	/* Addresses were asked for, right or wrong: DHCP is not for this one. */
	bool is_static;
	struct config_value values[INTERFACE_KEYS];
};

struct config_sysctl {
	const char *name;
	struct config_value value;
};

struct config {
	struct arena arena;
	struct config_value values[CONFIG_KEYS];
	size_t n_interfaces, n_sysctls;
	struct config_interface interfaces[CONFIG_INTERFACES_MAX];
	struct config_sysctl sysctls[CONFIG_SYSCTLS_MAX];
	/*
	 * complain - told of everything that cannot be followed. @key: NULL for what concerns a whole
	 * text. @text: one sentence, fit for a terminal once control characters are taken out.
	 */
	void (*complain)(void *context, const struct config_origin *where, const char *key,
			 const char *text);
	void *context;
};

/* config_begin - @c with the built-in defaults; ended by config_end(). Returns -1 without memory. */
int config_begin(struct config *c) must_check;
void config_end(struct config *c);
#define _cleanup_config_ __attribute__((cleanup(config_end)))

/* config_read_yaml - what the text of a file says; @where: its channel and name. */
void config_read_yaml(struct config *c, const struct config_origin *where, const char *text,
		      size_t length);

/*
 * config_read_words - what the `cloison.` words of a kernel command line say. Words that are not of
 * the configuration pass unnoticed: PID 1 tells of those that nobody knows.
 */
void config_read_words(struct config *c, const struct config_origin *where, const char *text,
		       size_t length);

/* config_read_word - one word `cloison.NAME=VALUE`; returns false when NAME is not ours. */
bool config_read_word(struct config *c, const struct config_origin *where, const char *word);

/* config_finish - look at what belongs together, once everything has been read. */
void config_finish(struct config *c);

/* config_complain - tell of one thing. */
void config_complain(struct config *c, const struct config_origin *where, const char *key,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* config_text - the value of a key that is no list; NULL: it has none. */
const char *config_text(const struct config *c, enum config_key key);

/* config_is_yes - whether a key that is yes or no is yes. */
bool config_is_yes(const struct config_value *value);

/* config_wants_dhcp - whether DHCP is to be spoken on this interface. */
bool config_wants_dhcp(const struct config_interface *i);

/* config_channel_name - "kernel command line". */
const char *config_channel_name(enum config_channel channel);

/* --- for the readers of channels */

/*
 * config_put - check the values of a row and keep those that are right.
 * @key:   for messages
 * @lines: of each value, or NULL: that of @where
 */
void config_put(struct config *c, const struct config_row *row, struct config_value *into,
		const struct config_origin *where, const char *key, const char *const *texts,
		const unsigned int *lines, size_t n);

/* config_interface - the interface @name for values of this origin; NULL: said why not. */
struct config_interface *config_interface(struct config *c, const struct config_origin *where,
					  const char *key, const char *name);

#endif
