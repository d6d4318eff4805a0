/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_appliance.c: the configuration of the host (runtime/config): schema, YAML, words, SMBIOS, labels.
 *
 * Texts are handed over in heap blocks of their exact size, so that the address sanitizer sees a single
 * byte read too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "init/cmdline.h"
#include "runtime/config/config.h"
#include "runtime/config/keys.h"
#include "runtime/config/probe.h"
#include "runtime/config/show.h"
#include "runtime/config/smbios.h"
#include "runtime/config/zones.h"

static struct config config;
static struct {
	unsigned int count;
	char all[16384];
} heard;

static void hear(void *context, const struct config_origin *where, const char *key,
		 const char *text)
{
	char place[200];
	size_t n = strlen(heard.all);

	(void)context;
	heard.count++;
	show_place(where, place, sizeof(place));
	snprintf(heard.all + n, sizeof(heard.all) - n, "%s: %s: %s\n", place, key ? key : "-",
		 text);
}

static int begin(void **state)
{
	(void)state;
	memset(&heard, 0, sizeof(heard));
	if (config_begin(&config) < 0)
		return -1;
	config.complain = hear;
	return 0;
}

static int end(void **state)
{
	(void)state;
	config_end(&config);
	return 0;
}

/* fresh - as at the beginning of a test. */
static void fresh(void)
{
	config_end(&config);
	assert_int_equal(begin(NULL), 0);
}

static void *copy_of(const void *data, size_t size)
{
	char *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, data, size);
	return copy;
}

static void yaml_from(enum config_channel channel, const char *text)
{
	const struct config_origin where = {channel, "f", 0};
	char *copy = copy_of(text, strlen(text));

	config_read_yaml(&config, &where, copy, strlen(text));
	free(copy);
}

static void yaml(const char *text)
{
	yaml_from(CHANNEL_IMAGE, text);
}

static void words(const char *text)
{
	const struct config_origin where = {CHANNEL_CMDLINE, "/proc/cmdline", 0};
	char *copy = copy_of(text, strlen(text));

	config_read_words(&config, &where, copy, strlen(text));
	free(copy);
}

static void assert_heard(unsigned int count, const char *part)
{
	if (heard.count != count || !strstr(heard.all, part))
		fail_msg("heard %u times, not %u times `%s`:\n%s", heard.count, count, part,
			 heard.all);
}

static void assert_values(const struct config_value *v, const char *joined)
{
	char text[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < v->n && n < sizeof(text); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
				      v->texts[i]);
	assert_string_equal(text, joined);
}

static const struct config_interface *interface(const char *name)
{
	for (size_t i = 0; i < config.n_interfaces; i++)
		if (!strcmp(config.interfaces[i].name, name))
			return &config.interfaces[i];
	fail_msg("no interface %s", name);
	return NULL;
}

static void an_empty_text_leaves_the_defaults(void **state)
{
	(void)state;
	yaml("");
	yaml("# nothing\n");
	words("");
	words("root=/dev/sda ip=dhcp quiet");
	config_finish(&config);
	assert_int_equal(heard.count, 0);
	assert_string_equal(config_text(&config, KEY_HOSTNAME), "cloison");
	assert_int_equal(config.n_interfaces, 0);
	assert_int_equal(config.values[KEY_HOSTNAME].origin.channel, CHANNEL_DEFAULT);
}

static void every_key_is_read_with_its_line(void **state)
{
	(void)state;
	yaml("hostname: web-1\n"
	     "timezone: Europe/Paris\n"
	     "ntp: [pool.ntp.org, 10.0.0.1]\n"
	     "projects: /srv/projects\n"
	     "log: {sinks: 'udp://logs.lab'}\n"
	     "data:\n  create: on\n  device: /dev/vda\n"
	     "network:\n  dns:\n    - 10.0.0.1\n    - FD00::0:1\n  search: lab\n"
	     "authorized_keys:\n"
	     "  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7n1jVhVVxOYjH9y3Uu1lQ8xE3nOBkqVdTpTw7T0Xyz a@b\n"
	     "sysctl: {net.ipv4.ip_forward: 1}\n");
	config_finish(&config);
	assert_string_equal(heard.all, "");
	assert_values(&config.values[KEY_HOSTNAME], "web-1");
	assert_values(&config.values[KEY_TIMEZONE], "CET-1CEST,M3.5.0,M10.5.0/3");
	assert_values(&config.values[KEY_NTP], "pool.ntp.org 10.0.0.1");
	assert_values(&config.values[KEY_LOG_SINKS], "udp://logs.lab:514");
	assert_values(&config.values[KEY_DATA_CREATE], "yes");
	assert_values(&config.values[KEY_DNS], "10.0.0.1 fd00::1");
	assert_values(&config.values[KEY_SEARCH], "lab");
	assert_int_equal(config.values[KEY_DNS].origin.line, 10);
	assert_int_equal(config.values[KEY_AUTHORIZED_KEYS].n, 1);
	assert_string_equal(config.sysctls[0].name, "net.ipv4.ip_forward");
	assert_values(&config.sysctls[0].value, "1");
}

static void each_bad_value_is_told_with_file_line_and_key(void **state)
{
	static const struct {
		const char *text, *told;
	} bad[] = {
		{"hostname: -a\n", "image file f:1: hostname: `-a`: not a host name"},
		{"\nhostname: [a, b]\n", "f:2: hostname: must be one value"},
		{"hostname: {a: b}\n", "f:1: hostname: must be one value"},
		{"hostname:\n", "f:1: hostname: ``: not a host name"},
		{"timezone: Mars/Olympus\n", "f:1: timezone: `Mars/Olympus`: not a time zone"},
		{"timezone: CET-1CEST\n", "f:1: timezone: `CET-1CEST`: not a time zone"},
		{"network:\n  dns:\n  - 1.2.3.4\n  - 1.2.3\n",
		 "f:4: network.dns: `1.2.3`: not an IP"},
		{"network:\n  dns: {a: b}\n", "f:2: network.dns: must be a list"},
		{"network: 7\n", "f:1: network: must be a mapping"},
		{"network:\n  colour: red\n", "f:2: network.colour: unknown key"},
		{"network:\n  interfaces: [eth0]\n", "f:2: network.interfaces: must be a mapping"},
		{"network:\n  interfaces:\n    eth0: dhcp\n",
		 "f:3: network.interfaces.eth0: must be"},
		{"network:\n  interfaces:\n    eth/0: {}\n",
		 "f:3: network.interfaces.eth/0: `eth/0`:"},
		{"network:\n  interfaces:\n    lo: {}\n",
		 "f:3: network.interfaces.lo: `lo`: neither"},
		{"network:\n  interfaces:\n    e:\n      mtu: 67\n",
		 "f:4: network.interfaces.e.mtu: `67`: must be a number"},
		{"network:\n  interfaces:\n    e:\n      speed: 1\n",
		 "f:4: network.interfaces.e.speed: unknown key"},
		{"network:\n  interfaces:\n    e:\n      addresses: 10.0.0.1/33\n",
		 "f:4: network.interfaces.e.addresses: `10.0.0.1/33`: not an IP address with"},
		{"network:\n  interfaces:\n    e: {addresses: 10.0.0.1/0}\n", "prefix length of 0"},
		{"network:\n  interfaces:\n    e: {addresses: 10.0.0.1/255.0.255.0}\n",
		 "not an IP"},
		{"network:\n  interfaces:\n    e: {vlan: 4095}\n",
		 "vlan: `4095`: must be a number"},
		{"ntp: ['a b']\n", "f:1: ntp: `a b`: neither a host name nor"},
		{"ntp: [[a]]\n", "f:1: ntp: a list here holds single values only"},
		{"log: {sinks: tcp://a}\n", "f:1: log.sinks: `tcp://a`: not a log sink"},
		{"log: {sinks: 'udp://a:0'}\n", "not a log sink"},
		{"projects: srv\n", "f:1: projects: `srv`: the path must begin with `/`"},
		{"projects: /a/../b\n", "a path cannot hold `..`"},
		{"data: {create: maybe}\n", "f:1: data.create: `maybe`: must be yes or no"},
		{"data: {device: /dev/../etc}\n", "f:1: data.device: `/dev/../etc`: not a disk"},
		{"authorized_keys: [ssh-ed25519 xyz]\n",
		 "f:1: authorized_keys: `ssh-ed25519 xyz`: the key after"},
		{"authorized_keys: [ssh-rsa AAAAB3NzaC1yc2E=]\n",
		 "f:1: authorized_keys: `ssh-rsa AAAAB3NzaC1yc2E=`: the remote shell takes"},
		{"console: window\n", "f:1: console: `window`: what is on the console is"},
		{"authorized_keys: ['x y']\n", "not a public key"},
		{"sysctl: {kernel.core_pattern: x}\n",
		 "f:1: sysctl.kernel.core_pattern: only net.*"},
		{"sysctl: {net.../x: 1}\n", "not the name of a kernel setting"},
		{"sysctl: {vm.swappiness: 'a;b'}\n",
		 "f:1: sysctl.vm.swappiness: `a;b`: not a value"},
		{"network.dns: 1.2.3.4\n", "f:1: network.dns: unknown key"},
		{"[a]\n", "f:1: -: must be a mapping"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fresh();
		yaml(bad[i].text);
		assert_heard(1, bad[i].told);
		assert_string_equal(config_text(&config, KEY_HOSTNAME), "cloison");
	}
}

static void the_good_values_beside_bad_ones_are_kept(void **state)
{
	(void)state;
	yaml("hostname: good\n"
	     "colour: red\n"
	     "network:\n"
	     "  dns: [1.2.3.4, bad, 1.2.3.5]\n"
	     "  interfaces:\n"
	     "    eth0: {addresses: [10.0.0.2/24, 10.0.0.300/24], mtu: 1}\n");
	assert_int_equal(heard.count, 4);
	assert_values(&config.values[KEY_HOSTNAME], "good");
	assert_values(&config.values[KEY_DNS], "1.2.3.4 1.2.3.5");
	assert_values(&interface("eth0")->values[INTERFACE_ADDRESSES], "10.0.0.2/24");
	assert_false(interface("eth0")->values[INTERFACE_MTU].set);
}

static void a_list_without_a_good_value_replaces_nothing_and_an_empty_one_does(void **state)
{
	(void)state;
	yaml("ntp: [a.lab]\n");
	yaml_from(CHANNEL_FAT, "ntp: ['?']\n");
	assert_values(&config.values[KEY_NTP], "a.lab");
	yaml_from(CHANNEL_FAT, "ntp: []\n");
	assert_values(&config.values[KEY_NTP], "");
	assert_true(config.values[KEY_NTP].set);
}

static void what_is_no_yaml_counts_for_nothing(void **state)
{
	static const struct {
		const char *text, *told;
	} bad[] = {
		{"hostname: a\nx: [\n", "f:3: -: not YAML"},
		{"hostname: a\n\tx: b\n", "f:2: -: not YAML"},
		{"hostname: a\n---\nhostname: b\n", "f:2: -: a second document begins"},
		{"hostname: &x a\nprojects: *x\n", "f:1: -: anchors, aliases and tags"},
		{"hostname: !!str a\n", "f:1: -: anchors, aliases and tags"},
		{"hostname: a\n? [b]\n: c\n", "f:2: -: a key must be plain text"},
		{"hostname: a\nx: [[[[[[[[1]]]]]]]]\n", "f:2: -: nested more than 8 deep"},
		{"hostname: \"a\\0b\"\n", "f:1: -: a value holds a NUL character"},
		{"hostname: \xff\n", "-: not YAML"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fresh();
		yaml(bad[i].text);
		assert_heard(1, bad[i].told);
		assert_string_equal(config_text(&config, KEY_HOSTNAME), "cloison");
	}
}

static void a_text_beyond_a_limit_is_refused(void **state)
{
	const struct config_origin where = {CHANNEL_IMAGE, "f", 0};
	size_t size = 65537;
	char *text = malloc(size);
	size_t n;

	(void)state;
	assert_non_null(text);
	memset(text, '#', size);
	config_read_yaml(&config, &where, text, size - 1);
	assert_int_equal(heard.count, 0);
	config_read_yaml(&config, &where, text, size);
	assert_heard(1, "larger than 65536 bytes");
	n = (size_t)snprintf(text, size, "ntp: [");
	for (int i = 0; i < 4097; i++)
		n += (size_t)snprintf(text + n, size - n, "a,");
	n += (size_t)snprintf(text + n, size - n, "a]");
	config_read_yaml(&config, &where, text, n);
	assert_heard(2, "more than 4096 values");
	free(text);
}

static void a_key_given_twice_counts_once(void **state)
{
	(void)state;
	yaml("hostname: a\nhostname: b\n");
	assert_heard(1, "f:2: hostname: given twice: the first one counts");
	assert_values(&config.values[KEY_HOSTNAME], "a");
}

static void a_later_channel_wins_and_is_the_origin(void **state)
{
	(void)state;
	yaml("hostname: a\nntp: [x.lab, y.lab]\nprojects: /p\n");
	yaml_from(CHANNEL_FW_CFG, "hostname: b\nntp: z.lab\n");
	words("quiet cloison.hostname=c cloison.hostname=-");
	assert_heard(1,
		     "kernel command line /proc/cmdline:3: cloison.hostname: `-`: not a host name");
	assert_values(&config.values[KEY_HOSTNAME], "c");
	assert_int_equal(config.values[KEY_HOSTNAME].origin.line, 2);
	assert_values(&config.values[KEY_NTP], "z.lab");
	assert_int_equal(config.values[KEY_NTP].origin.channel, CHANNEL_FW_CFG);
	assert_values(&config.values[KEY_PROJECTS], "/p");
}

static void an_interface_is_taken_as_a_whole_from_the_last_channel(void **state)
{
	(void)state;
	yaml("network:\n  interfaces:\n    eth0: {dhcp: yes, mtu: 1400}\n    eth1: {dhcp: yes}\n");
	words("cloison.ip=10.0.0.2::10.0.0.1:255.255.0.0:box:eth0:off:9.9.9.9:8.8.8.8:time.lab");
	config_finish(&config);
	assert_string_equal(heard.all, "");
	assert_values(&interface("eth0")->values[INTERFACE_ADDRESSES], "10.0.0.2/16");
	assert_values(&interface("eth0")->values[INTERFACE_GATEWAY], "10.0.0.1");
	assert_false(interface("eth0")->values[INTERFACE_MTU].set);
	assert_false(config_wants_dhcp(interface("eth0")));
	assert_true(config_wants_dhcp(interface("eth1")));
	assert_values(&config.values[KEY_HOSTNAME], "box");
	assert_values(&config.values[KEY_DNS], "9.9.9.9 8.8.8.8");
	assert_values(&config.values[KEY_NTP], "time.lab");
}

static void where_an_address_was_asked_for_dhcp_is_never_wanted(void **state)
{
	static const char *const asked[] = {
		"network:\n  interfaces:\n    eth0: {addresses: 10.0.0.2/24, dhcp: yes}\n",
		"network:\n  interfaces:\n    eth0: {addresses: bad, dhcp: yes}\n",
		"network:\n  interfaces:\n    eth0: {dhcp: yes, addresses: {a: b}}\n",
		"network:\n  interfaces:\n    eth0: {dhcp: yes, addresses: [[1]]}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		fresh();
		yaml(asked[i]);
		config_finish(&config);
		assert_non_null(strstr(heard.all, "DHCP is not spoken"));
		assert_false(config_wants_dhcp(interface("eth0")));
	}
	fresh();
	words("cloison.ip=10.0.0.2:::::eth0:dhcp cloison.ip=eth0:dhcp");
	config_finish(&config);
	assert_false(config_wants_dhcp(interface("eth0")));
}

static void addresses_of_both_families_come_from_two_words(void **state)
{
	(void)state;
	words("cloison.ip=10.0.0.2/24::10.0.0.1 cloison.ip=[fd00::2/64]::[fd00::1]:::eth0");
	assert_string_equal(heard.all, "");
	assert_values(&interface("eth0")->values[INTERFACE_ADDRESSES], "10.0.0.2/24 fd00::2/64");
	assert_values(&interface("eth0")->values[INTERFACE_GATEWAY], "10.0.0.1 fd00::1");
}

static void an_interface_can_be_named_by_its_mac_address(void **state)
{
	(void)state;
	yaml("network:\n  interfaces:\n    52:54:00:AB:cd:ef: {dhcp: yes}\n");
	words("\"cloison.ip=10.0.0.2/24:::::[52:54:00:ab:cd:EF]\"");
	assert_string_equal(heard.all, "");
	assert_int_equal(config.n_interfaces, 1);
	assert_false(config_wants_dhcp(&config.interfaces[0]));
}

static void a_vlan_has_its_number_from_its_name(void **state)
{
	(void)state;
	words("cloison.vlan=eth0.100:eth0 cloison.vlan=office:eth0:7 cloison.vlan=x");
	assert_heard(1, "cmdline:3: cloison.vlan: use NAME:PARENT or NAME:PARENT:ID");
	assert_values(&interface("eth0.100")->values[INTERFACE_VLAN], "100");
	assert_values(&interface("office")->values[INTERFACE_VLAN], "7");
	assert_values(&interface("office")->values[INTERFACE_PARENT], "eth0");
}

static void what_belongs_together_is_looked_at(void **state)
{
	(void)state;
	yaml("network:\n  interfaces:\n    a: {vlan: 1}\n    b: {gateway: 10.0.0.1}\n"
	     "    52:54:00:00:00:01: {vlan: 1, parent: eth0}\n");
	config_finish(&config);
	assert_int_equal(heard.count, 3);
	assert_non_null(strstr(heard.all, "f:3: network.interfaces.a: a VLAN needs both"));
	assert_non_null(strstr(heard.all, "f:4: network.interfaces.b: a gateway without"));
	assert_non_null(strstr(heard.all,
			       "f:5: network.interfaces.52:54:00:00:00:01: a VLAN needs a name"));
}

/* hear_init - PID 1 says it is unknown; that the value is bad it may say. */
static void hear_init(void *context, const char *word, size_t len, const char *why)
{
	(void)context;
	if (!strcmp(why, "unknown"))
		fail_msg("PID 1 does not know `%.*s`", (int)len, word);
}

static void pid_1_knows_every_word_of_the_configuration(void **state)
{
	static const char *const special[] = {"ip", "vlan"};

	(void)state;
	for (size_t i = 0; i < CONFIG_KEYS + 2; i++) {
		const char *word = i < CONFIG_KEYS ? config_rows[i].word : special[i - CONFIG_KEYS];
		struct cmdline c;
		char text[64];

		if (!word)
			continue;
		snprintf(text, sizeof(text), "cloison.%s=a", word);
		heard.count = 0;
		cmdline_defaults(&c);
		cmdline_parse(&c, text, strlen(text), hear_init, NULL);
		assert_true(config_read_word(&config,
					     &(struct config_origin){CHANNEL_CMDLINE, "c", 1},
					     text));
	}
}

/* A structure of OEM strings: a header of 5 bytes, the strings, an empty one. */
static void smbios(const char *strings, size_t size)
{
	const struct config_origin where = {CHANNEL_SMBIOS, "raw", 0};
	uint8_t raw[512] = {11, 5, 0, 0, 2};
	uint8_t *copy;

	memcpy(raw + 5, strings, size);
	copy = copy_of(raw, 5 + size);
	config_read_smbios(&config, &where, copy, 5 + size);
	free(copy);
}

static void smbios_strings_are_words_or_a_whole_file(void **state)
{
	/* base64 of "hostname: s\nntp: [a, '?']\n" */
	static const char strings[] = "vendor text\0cloison.projects=/p\0"
				      "cloison.config=aG9zdG5hbWU6IHMKbnRwOiBbYSwgJz8nXQo=\0"
				      "cloison.colour=1\0";

	(void)state;
	smbios(strings, sizeof(strings));
	assert_values(&config.values[KEY_PROJECTS], "/p");
	assert_values(&config.values[KEY_HOSTNAME], "s");
	assert_values(&config.values[KEY_NTP], "a");
	assert_int_equal(config.values[KEY_PROJECTS].origin.line, 2);
	assert_int_equal(heard.count, 2);
	assert_non_null(strstr(heard.all, "SMBIOS raw:2: ntp: `?`: neither"));
	assert_non_null(strstr(heard.all, "SMBIOS raw:4: -: `cloison.colour=1`: unknown"));
}

static void a_bad_smbios_structure_is_told(void **state)
{
	const struct config_origin where = {CHANNEL_SMBIOS, "raw", 0};
	static const uint8_t bad[][5] = {{12, 4}, {11, 200}, {11, 3}};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		config_read_smbios(&config, &where, bad[i], sizeof(bad[i]));
	config_read_smbios(&config, &where, bad[1], 2);
	assert_heard(4, "SMBIOS raw: -: not a structure of OEM strings");
	smbios("cloison.hostname=x", 18);
	assert_heard(5, "a string without an end");
	smbios("cloison.config=a*==\0", 20);
	assert_heard(6, "cloison.config: not base64");
	smbios("cloison.config=abcde\0", 21);
	assert_heard(7, "cloison.config: not base64");
}

static void ext4_and_fat_are_told_by_their_labels(void **state)
{
	static uint8_t b[PROBE_BYTES];
	struct probe p;

	(void)state;
	probe_bytes(b, &p);
	assert_int_equal(p.kind, PROBE_UNKNOWN);

	b[1024 + 0x38] = 0x53;
	b[1024 + 0x39] = 0xef;
	probe_bytes(b, &p);
	assert_int_equal(p.kind, PROBE_UNKNOWN); /* no extents: ext2 */
	b[1024 + 0x60] = 0xc0;
	b[1024 + 0x3a] = 1;
	b[1024 + 0x18] = 2;
	b[1024 + 0x05] = 1;
	memcpy(b + 1024 + 0x78, "cloison-data-abcd", 16);
	probe_bytes(b, &p);
	assert_int_equal(p.kind, PROBE_EXT4);
	assert_string_equal(p.label, "cloison-data-abc");
	assert_false(p.has_errors);
	assert_int_equal(p.bytes, 256 * 4096);
	b[1024 + 0x3a] = 2;
	probe_bytes(b, &p);
	assert_true(p.has_errors);

	memset(b, 0, sizeof(b));
	memcpy(b, "\xeb\x3c\x90", 3);
	b[12] = 2;
	b[16] = 2;
	b[22] = 9;
	b[38] = 0x29;
	memcpy(b + 43, "CLOISON    ", 11);
	b[510] = 0x55;
	b[511] = 0xaa;
	probe_bytes(b, &p);
	assert_int_equal(p.kind, PROBE_FAT);
	assert_string_equal(p.label, "CLOISON");
	b[22] = 0;
	probe_bytes(b, &p);
	assert_int_equal(p.kind, PROBE_UNKNOWN); /* FAT32 has its label elsewhere */
	b[66] = 0x29;
	memcpy(b + 71, "STICK\x01     ", 11);
	probe_bytes(b, &p);
	assert_string_equal(p.label, "STICK?");
}

static void a_time_zone_file_says_what_the_rule_says(void **state)
{
	static const struct {
		const char *zone;
		time_t at;
		const char *text;
	} when[] = {
		{"Europe/Paris", 1764410400, "2025-11-29 11:00 CET"},
		{"Europe/Paris", 1782000000, "2026-06-21 02:00 CEST"},
		{"Australia/Sydney", 1764410400, "2025-11-29 21:00 AEDT"},
		{"<+0545>-5:45", 1764410400, "2025-11-29 15:45 +0545"},
		{"UTC", 1764410400, "2025-11-29 10:00 UTC"},
	};
	char path[] = "/tmp/cloison-zone.XXXXXX", variable[64], text[64], file[ZONE_FILE_MAX];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(variable, sizeof(variable), ":%s", path);
	for (size_t i = 0; i < sizeof(when) / sizeof(*when); i++) {
		const char *rule = zone_rule(when[i].zone);
		size_t n = zone_file(rule ? rule : "", file);
		struct tm tm;

		assert_non_null(rule);
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, file, n, 0), n);
		setenv("TZ", "UTC0", 1);
		tzset();
		setenv("TZ", variable, 1);
		tzset();
		assert_non_null(localtime_r(&when[i].at, &tm));
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M %Z", &tm);
		assert_string_equal(text, when[i].text);
	}
	close(fd);
	unlink(path);
}

/* cut_comments - from each " #" to the end of its line. */
static void cut_comments(char *text)
{
	char *to = text;

	for (const char *p = text; *p;) {
		if (p[0] == ' ' && p[1] == '#')
			p += strcspn(p, "\n");
		else
			*to++ = *p++;
	}
	*to = '\0';
}

static void what_is_shown_can_be_read_again(void **state)
{
	char *first = NULL, *second = NULL;
	size_t size;
	FILE *out;

	(void)state;
	yaml("hostname: a\nntp: []\nlog: {sinks: [udp://a, 'udp://b:99']}\ntimezone: <-03>3\n"
	     "network:\n  search: [lab]\n  interfaces:\n    eth0: {addresses: ['fd00::1/64']}\n"
	     "    52:54:00:00:00:01: {dhcp: yes, mtu: 1400}\n"
	     "sysctl: {net.ipv4.conf.eth0/5.forwarding: 1, vm.swappiness: 10}\n");
	assert_string_equal(heard.all, "");
	out = open_memstream(&first, &size);
	show_yaml(&config, true, out);
	fclose(out);
	fresh();
	yaml(first);
	assert_string_equal(heard.all, "");
	out = open_memstream(&second, &size);
	show_yaml(&config, false, out);
	fclose(out);
	assert_non_null(strstr(first, "\"udp://b:99\"] # image file f:3\n"));
	cut_comments(first);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

static void a_key_is_named_by_its_comment_without_what_a_shell_would_read(void **state)
{
	static const struct {
		const char *key, *name;
	} keys[] = {
		{"ssh-ed25519 AAAAC3Nza anna@desk", "anna@desk"},
		{"ssh-ed25519 AAAAC3Nza  Anna M?ller, desk 2", "Anna_M_ller__desk_2"},
		{"ssh-ed25519 AAAAC3Nza $(reboot);\"`'", "__reboot_____"},
		{"ssh-ed25519 AAAAC3Nza --help", "_-help"},
		{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7n1j+/hVVxOYjH==", "key-hVVxOYjH"},
		{"ssh-ed25519 AAAAC3NzaC1lZDI1+/abcdef ", "key-+_abcdef"},
	};
	char name[KEY_NAME_MAX + 1], line[CHECK_TEXT_MAX + KEY_LINE_MORE];

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		key_name(keys[i].key, name);
		assert_string_equal(name, keys[i].name);
	}
	key_line(keys[0].key, line, sizeof(line));
	assert_string_equal(line, "command=\"/bin/cloison-config session anna@desk\" "
				  "ssh-ed25519 AAAAC3Nza anna@desk\n");
}

static void a_line_is_never_longer_than_its_key_and_what_is_reserved(void **state)
{
	static char key[CHECK_TEXT_MAX], line[CHECK_TEXT_MAX + KEY_LINE_MORE];

	(void)state;
	snprintf(key, sizeof(key), "ssh-ed25519 AAAA ");
	memset(key + strlen(key), 'a', sizeof(key) - 1 - strlen(key));
	assert_in_range(key_line(key, line, sizeof(line)), 1, sizeof(line) - 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_text_leaves_the_defaults),
		TEST(a_key_is_named_by_its_comment_without_what_a_shell_would_read),
		TEST(a_line_is_never_longer_than_its_key_and_what_is_reserved),
		TEST(every_key_is_read_with_its_line),
		TEST(each_bad_value_is_told_with_file_line_and_key),
		TEST(the_good_values_beside_bad_ones_are_kept),
		TEST(a_list_without_a_good_value_replaces_nothing_and_an_empty_one_does),
		TEST(what_is_no_yaml_counts_for_nothing),
		TEST(a_text_beyond_a_limit_is_refused),
		TEST(a_key_given_twice_counts_once),
		TEST(a_later_channel_wins_and_is_the_origin),
		TEST(an_interface_is_taken_as_a_whole_from_the_last_channel),
		TEST(where_an_address_was_asked_for_dhcp_is_never_wanted),
		TEST(addresses_of_both_families_come_from_two_words),
		TEST(an_interface_can_be_named_by_its_mac_address),
		TEST(a_vlan_has_its_number_from_its_name),
		TEST(what_belongs_together_is_looked_at),
		TEST(pid_1_knows_every_word_of_the_configuration),
		TEST(smbios_strings_are_words_or_a_whole_file),
		TEST(a_bad_smbios_structure_is_told),
		TEST(ext4_and_fat_are_told_by_their_labels),
		TEST(a_time_zone_file_says_what_the_rule_says),
		TEST(what_is_shown_can_be_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
