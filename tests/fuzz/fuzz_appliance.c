/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_appliance.c: the configuration of the host, as a file, as words and as SMBIOS strings.
 *
 * The first byte says which. Beyond not crashing: every value that is kept passes its own check again
 * unchanged; where an address was asked for, DHCP is not wanted; and what `show` prints is read again
 * without a complaint.
 */
#include "runtime/config/config.h"
#include "runtime/config/show.h"
#include "runtime/config/smbios.h"
#include "tests/fuzz/fuzz.h"

static void hear(void *context, const struct config_origin *where, const char *key,
		 const char *text)
{
	unsigned int *count = context;
	char place[200];

	show_place(where, place, sizeof(place));
	REQUIRE(text[0] && place[0] && (!key || strlen(key) < 300));
	++*count;
}

static void require_checked(const struct config_row *row, const struct config_value *v)
{
	REQUIRE(v->n <= row->max);
	for (size_t i = 0; i < v->n; i++) {
		char again[CHECK_TEXT_MAX];

		REQUIRE(row->check(v->texts[i], again) == NULL);
		REQUIRE(!strcmp(v->texts[i], again));
	}
}

static void require_whole(const struct config *c)
{
	for (size_t k = 0; k < CONFIG_KEYS; k++)
		require_checked(&config_rows[k], &c->values[k]);
	for (size_t i = 0; i < c->n_interfaces; i++) {
		const struct config_interface *in = &c->interfaces[i];

		REQUIRE(check_is_interface(in->name));
		for (size_t k = 0; k < INTERFACE_KEYS; k++)
			require_checked(&config_interface_rows[k], &in->values[k]);
		REQUIRE(!in->values[INTERFACE_ADDRESSES].n || !config_wants_dhcp(in));
	}
}

/* read_again - what is shown, with what finishing it would complain about left aside. */
static void read_again(const struct config *c)
{
	static struct config again;
	const struct config_origin where = {CHANNEL_FILE, "shown", 0};
	unsigned int complaints = 0;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	REQUIRE(out && config_begin(&again) == 0);
	again.complain = hear;
	again.context = &complaints;
	show_yaml(c, true, out);
	fclose(out);
	if (size <= 65536)
		config_read_yaml(&again, &where, text, size);
	REQUIRE(complaints == 0);
	config_end(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config;
	struct config_origin where = {CHANNEL_IMAGE, "f", 0};
	unsigned int complaints = 0;

	if (size == 0)
		return 0;
	REQUIRE(config_begin(&config) == 0);
	config.complain = hear;
	config.context = &complaints;
	switch (data[0]) {
	case 'w':
		config_read_words(&config, &where, (const char *)data + 1, size - 1);
		break;
	case 's':
		config_read_smbios(&config, &where, data + 1, size - 1);
		break;
	default:
		config_read_yaml(&config, &where, (const char *)data + 1, size - 1);
		break;
	}
	config_finish(&config);
	require_whole(&config);
	read_again(&config);
	config_end(&config);
	return 0;
}
