/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply.c: from values to the host.
 *
 * The steps are a table. The root is read-only, so what programs expect below /etc is a link to /run
 * there: resolv.conf, localtime, root's .ssh. For services there are lists below /run/cloison-config, one
 * entry a line: on which devices DHCP is spoken (dhcp), time servers (ntp), log sinks (log), where projects
 * are (projects). Files are replaced by rename, so nobody reads half of one.
 */
#include "runtime/config/apply.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/config/data.h"
#include "runtime/config/keys.h"
#include "runtime/config/network.h"
#include "runtime/config/zones.h"

#define TEXT_MAX (32 * (CHECK_TEXT_MAX + KEY_LINE_MORE)) /* authorised keys, all of them */

static void failed(struct config *c, const struct config_value *v, const char *key,
		   const char *what, const char *object)
{
	config_complain(c, &v->origin, key, "%s `%s`: %s", what, object, errno_name(errno));
}

static int write_file(const char *path, const char *text, size_t length, mode_t mode)
{
	char temporary[96];
	_cleanup_fd_ int fd = FD_EMPTY;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0 || write(fd, text, length) != (ssize_t)length)
		return -1;
	return rename(temporary, path);
}

/* write_lines - each value on a line of its own, behind @prefix. */
static int write_lines(const char *path, const char *prefix, const struct config_value *v,
		       mode_t mode)
{
	static char text[TEXT_MAX + CONFIG_VALUES_MAX * 16];
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s\n", prefix, v->texts[i]);
	return write_file(path, text, n, mode);
}

static void set_hostname(struct config *c)
{
	const char *name = config_text(c, KEY_HOSTNAME);

	if (sethostname(name, strlen(name)) < 0)
		failed(c, &c->values[KEY_HOSTNAME], "hostname", "cannot set", name);
}

static void set_timezone(struct config *c)
{
	char file[ZONE_FILE_MAX];
	size_t n = zone_file(config_text(c, KEY_TIMEZONE), file);

	if (write_file("/run/localtime", file, n, 0644) < 0)
		failed(c, &c->values[KEY_TIMEZONE], "timezone", "cannot write", "/run/localtime");
}

static void set_resolver(struct config *c)
{
	const struct config_value *dns = &c->values[KEY_DNS], *search = &c->values[KEY_SEARCH];
	char text[2048];
	size_t n = 0;

	/* Without either it is DHCP's, if that is spoken. */
	if (!dns->n && !search->n)
		return;
	if (search->n)
		n += (size_t)snprintf(text, sizeof(text), "search");
	for (size_t i = 0; i < search->n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %s", search->texts[i]);
	if (search->n)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "\n");
	for (size_t i = 0; i < dns->n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "nameserver %s\n", dns->texts[i]);
	if (write_file("/run/resolv.conf", text, n, 0644) < 0)
		failed(c, dns, "network.dns", "cannot write", "/run/resolv.conf");
}

static void set_keys(struct config *c)
{
	const struct config_value *keys = &c->values[KEY_AUTHORIZED_KEYS];
	static char text[TEXT_MAX];
	size_t n = 0;

	if (!keys->n)
		return;
	for (size_t i = 0; i < keys->n; i++)
		n += key_line(keys->texts[i], text + n, sizeof(text) - n);
	if ((mkdir("/run/ssh", 0700) < 0 && errno != EEXIST) ||
	    write_file("/run/ssh/authorized_keys", text, n, 0600) < 0)
		failed(c, keys, "authorized_keys", "cannot write", "/run/ssh/authorized_keys");
}

static void set_sysctls(struct config *c)
{
	for (size_t i = 0; i < c->n_sysctls; i++) {
		const struct config_sysctl *s = &c->sysctls[i];
		char path[160], key[128];
		_cleanup_fd_ int fd = FD_EMPTY;
		size_t n;

		if (!s->value.n)
			continue;
		/* As sysctl(8): a slash in the name is a dot in a component, such as eth0.100. */
		n = (size_t)snprintf(path, sizeof(path), "/proc/sys/%s", s->name);
		for (size_t k = strlen("/proc/sys/"); k < n; k++)
			path[k] = path[k] == '.' ? '/' : path[k] == '/' ? '.' : path[k];
		n = strlen(s->value.texts[0]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		snprintf(key, sizeof(key), "sysctl.%s", s->name);
		if (fd < 0 || write(fd, s->value.texts[0], n) != (ssize_t)n)
			failed(c, &s->value, key, "cannot set it to", s->value.texts[0]);
	}
}

static void set_projects(struct config *c)
{
	const char *path = config_text(c, KEY_PROJECTS);

	if (!strncmp(path, DATA_DIR "/", sizeof(DATA_DIR)) && mkdir(path, 0755) < 0 &&
	    errno != EEXIST)
		failed(c, &c->values[KEY_PROJECTS], "projects", "cannot make", path);
}

/* write_dhcp - after the network: by then VLANs have their names. */
static void write_dhcp(struct config *c)
{
	char names[CONFIG_INTERFACES_MAX][IFNAMSIZ], text[CONFIG_INTERFACES_MAX * IFNAMSIZ];
	size_t count = network_dhcp(c, names), n = 0;

	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", names[i]);
	if (write_file(APPLY_DIR "/dhcp", text, n, 0644) < 0)
		failed(c, &(struct config_value){.n = 0}, "network", "cannot write",
		       APPLY_DIR "/dhcp");
}

static const struct {
	enum config_key key;
	const char *path;
} lists[] = {
	{KEY_NTP, APPLY_DIR "/ntp"},	       {KEY_LOG_SINKS, APPLY_DIR "/log"},
	{KEY_PROJECTS, APPLY_DIR "/projects"}, {KEY_DNS, APPLY_DIR "/dns"},
	{KEY_CONSOLE, APPLY_DIR "/console"},
};

static void write_lists(struct config *c)
{
	if (mkdir(APPLY_DIR, 0755) < 0 && errno != EEXIST)
		failed(c, &(struct config_value){.n = 0}, "services", "cannot make", APPLY_DIR);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (write_lines(lists[i].path, "", &c->values[lists[i].key], 0644) < 0)
			failed(c, &c->values[lists[i].key], config_rows[lists[i].key].name,
			       "cannot write", lists[i].path);
}

static void (*const steps[])(struct config *c) = {
	set_hostname, set_timezone, set_sysctls,   set_projects, set_keys,
	set_resolver, write_lists,  network_apply, write_dhcp,
};

static void complain_error(struct config *c, const struct config_origin *where, const char *key,
			   const struct error *err)
{
	char line[600];

	error_line(err, line, sizeof(line));
	config_complain(c, where, key, "%s%s%s", line, err->hint[0] ? "; " : "", err->hint);
}

bool apply_data(struct config *c)
{
	const struct config_origin where = {.channel = CHANNEL_DATA};
	struct error err = ERROR_INIT;
	int rc = data_mount(&err);

	if (rc < 0)
		complain_error(c, &where, NULL, &err);
	/* What is there but damaged is there: nothing is made beside it. */
	return rc != 0;
}

void apply_all(struct config *c, bool has_data)
{
	struct error err = ERROR_INIT;

	if (!has_data && config_is_yes(&c->values[KEY_DATA_CREATE]) &&
	    (data_create(config_text(c, KEY_DATA_DEVICE), &err) < 0 || data_mount(&err) < 0))
		complain_error(c, &c->values[KEY_DATA_CREATE].origin, "data.create", &err);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		steps[i](c);
}
