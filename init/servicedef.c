/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * servicedef.c: the files of /etc/cloison/services.d.
 *
 *	# a comment: a line of its own
 *	exec = /bin/ntpd -n -p "time server"
 *	needs = network
 *
 * A line is `key = value`. The table `keys` has a function for each key; most take one word, some a
 * list of words. In lists, blanks divide words and double quotes hold blanks together; inside quotes
 * `\"` and `\\` stand for the second character. There are no variables and no continuation lines.
 *
 * Files come from whoever made the image, so this is no hostile input, but PID 1 has one life: every
 * length and count has a bound, nothing is allocated, and no function here makes a system call. The
 * words are copied into the definition's own text, which is as large as a file may be: a word with
 * its NUL is never longer than the word with the blank or line end that follows it, save the last.
 *
 * Every line is read, whatever was wrong before it: who corrects a file wants to hear it all at once.
 */
#include "init/servicedef.h"

#include <signal.h>
#include <string.h>

#include "init/backoff.h"

/* A piece of the file. */
struct span {
	const char *text;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

static bool span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.text, word, s.len) == 0;
}

static struct span trim(struct span s)
{
	while (s.len > 0 && is_blank(s.text[0])) {
		s.text++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.text[s.len - 1]))
		s.len--;
	return s;
}

bool servicedef_name_ok(const char *name, size_t len)
{
	if (len == 0 || len > SERVICE_NAME_MAX || name[0] == '.' || name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_name_char(name[i]))
			return false;
	return true;
}

/* put - one more byte of the definition's text; false when it is full. */
static bool put(struct service_def *d, char c)
{
	if (d->text_used == sizeof(d->text))
		return false;
	d->text[d->text_used++] = c;
	return true;
}

/* take_word - copy the next word of @rest into the text; NULL, or what is wrong. */
static const char *take_word(struct service_def *d, struct span *rest, char **word)
{
	bool quoted = false;
	bool room = true;
	size_t i = 0;

	*word = d->text + d->text_used;
	for (; i < rest->len && (quoted || !is_blank(rest->text[i])); i++) {
		char c = rest->text[i];

		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && c == '\\') {
			if (++i == rest->len || (rest->text[i] != '"' && rest->text[i] != '\\'))
				return "after a `\\` in quotes only `\"` or `\\` can follow";
			c = rest->text[i];
		}
		room = room && put(d, c);
	}
	if (quoted)
		return "a double quote is not closed";
	if (!room || !put(d, '\0'))
		return "too long";
	*rest = trim((struct span){rest->text + i, rest->len - i});
	return NULL;
}

/* take_words - add all words of @value to @list, which has room for @max and its end. */
static const char *take_words(struct service_def *d, struct span value, char **list, size_t max,
			      const char *too_many)
{
	size_t n = 0;

	while (list[n])
		n++;
	while (value.len > 0) {
		const char *why;

		if (n == max)
			return too_many;
		why = take_word(d, &value, &list[n]);
		if (why) {
			list[n] = NULL;
			return why;
		}
		n++;
	}
	return NULL;
}

/* take_number - a decimal number of at most @max, at the front of @s, which keeps what follows. */
static bool take_number(struct span *s, uint64_t max, uint64_t *number)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; i < s->len && s->text[i] >= '0' && s->text[i] <= '9'; i++) {
		n = n * 10 + (uint64_t)(s->text[i] - '0');
		if (n > max)
			return false;
	}
	*number = n;
	s->text += i;
	s->len -= i;
	return i > 0;
}

static const char *take_bool(struct span value, bool *to)
{
	if (!span_is(value, "yes") && !span_is(value, "no"))
		return "the value must be yes or no";
	*to = span_is(value, "yes");
	return NULL;
}

/* take_time - 500ms, 10s or 10, 2min: from 1 ms to an hour. */
static const char *take_time(struct span value, uint32_t *ms)
{
	static const struct {
		const char *name;
		uint32_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"", 1000}, {"min", 60000}};
	uint64_t n;

	if (!take_number(&value, SERVICE_TIME_MAX_MS, &n))
		return "not a time from 1ms to 60min";
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!span_is(value, units[i].name))
			continue;
		if (n == 0 || n * units[i].ms > SERVICE_TIME_MAX_MS)
			break;
		*ms = (uint32_t)n * units[i].ms;
		return NULL;
	}
	return "not a time from 1ms to 60min";
}

static const char *take_id(struct span value, uint32_t *id)
{
	uint64_t n;

	if (!take_number(&value, UINT32_MAX - 1, &n) || value.len > 0)
		return "not a number from 0 to 4294967294";
	*id = (uint32_t)n;
	return NULL;
}

/* take_choice - the index of @value in @words, which end with NULL; -1 when it is none of them. */
static int take_choice(struct span value, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (span_is(value, words[i]))
			return i;
	return -1;
}

static const char *set_exec(struct service_def *d, struct span value)
{
	const char *why = take_words(d, value, d->argv, SERVICE_WORDS, "more than 32 words");

	if (why)
		return why;
	if (d->argv[0][0] != '/')
		return "the path must begin with `/`";
	d->path = d->argv[0];
	return NULL;
}

static const char *set_environment(struct service_def *d, struct span value)
{
	const char *why =
		take_words(d, value, d->environment, SERVICE_ENVIRONMENT, "more than 16 variables");

	for (char **e = d->environment; !why && *e; e++)
		if (!strchr(*e, '=') || (*e)[0] == '=')
			why = "each word must be NAME=VALUE";
	return why;
}

static const char *take_names(struct service_def *d, struct span value, char **list, size_t max,
			      const char *too_many)
{
	const char *why = take_words(d, value, list, max, too_many);

	for (char **n = list; !why && *n; n++)
		if (!servicedef_name_ok(*n, strlen(*n)))
			why = "a name has at most 32 letters, digits, `-`, `_` and `.`";
	return why;
}

static const char *set_needs(struct service_def *d, struct span value)
{
	return take_names(d, value, d->needs, SERVICE_NEEDS, "more than 8 needs");
}

static const char *set_provides(struct service_def *d, struct span value)
{
	return take_names(d, value, d->provides, SERVICE_PROVIDES, "more than 4 names");
}

static const char *set_ready(struct service_def *d, struct span value)
{
	static const char *const words[] = {"none", "notify", "fd", NULL};
	int i = take_choice(value, words);

	if (i < 0)
		return "the value must be none, notify or fd";
	d->ready = (enum service_ready)i;
	return NULL;
}

static const char *set_restart(struct service_def *d, struct span value)
{
	static const char *const words[] = {"always", "on-failure", "no", NULL};
	int i = take_choice(value, words);

	if (i < 0)
		return "the value must be always, on-failure or no";
	d->restart = (enum service_restart)i;
	return NULL;
}

static const char *set_log(struct service_def *d, struct span value)
{
	static const char *const words[] = {"ring", "console", "none", NULL};
	int i = take_choice(value, words);

	if (i < 0)
		return "the value must be ring, console or none";
	d->log = (enum service_log)i;
	return NULL;
}

static const char *set_kill(struct service_def *d, struct span value)
{
	static const char *const words[] = {"all", "first", NULL};
	int i = take_choice(value, words);

	if (i < 0)
		return "the value must be all or first";
	d->kill = (enum service_kill)i;
	return NULL;
}

static const char *set_oneshot(struct service_def *d, struct span value)
{
	return take_bool(value, &d->oneshot);
}

static const char *set_terminal(struct service_def *d, struct span value)
{
	return take_bool(value, &d->terminal);
}

static const char *set_channel(struct service_def *d, struct span value)
{
	return take_bool(value, &d->channel);
}

static const char *set_essential(struct service_def *d, struct span value)
{
	return take_bool(value, &d->essential);
}

static const char *set_start_timeout(struct service_def *d, struct span value)
{
	return take_time(value, &d->start_timeout_ms);
}

static const char *set_stop_timeout(struct service_def *d, struct span value)
{
	return take_time(value, &d->stop_timeout_ms);
}

static const char *set_stop_signal(struct service_def *d, struct span value)
{
	static const char *const words[] = {"TERM", "HUP",  "INT", "QUIT",
					    "USR1", "USR2", "PWR", NULL};
	static const int numbers[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPWR};
	int i = take_choice(value, words);

	if (i < 0)
		return "the value must be TERM, HUP, INT, QUIT, USR1, USR2 or PWR";
	d->stop_signal = numbers[i];
	return NULL;
}

static const char *set_watchdog(struct service_def *d, struct span value)
{
	return take_time(value, &d->watchdog_ms);
}

static const char *set_restart_wait(struct service_def *d, struct span value)
{
	return take_time(value, &d->restart_wait_ms);
}

static const char *set_user(struct service_def *d, struct span value)
{
	return take_id(value, &d->uid);
}

static const char *set_group(struct service_def *d, struct span value)
{
	return take_id(value, &d->gid);
}

static const char *set_memory(struct service_def *d, struct span value)
{
	static const char units[] = "KMG";
	unsigned int shift = 0;
	uint64_t n;

	if (!take_number(&value, (uint64_t)1 << 40, &n))
		return "not a size, as 64M";
	if (value.len == 1 && memchr(units, value.text[0], sizeof(units) - 1)) {
		shift = 10 * (unsigned int)(strchr(units, value.text[0]) - units + 1);
		value.len = 0;
	}
	if (value.len > 0)
		return "not a size, as 64M";
	if (n > ((uint64_t)1 << 40) >> shift || n << shift < SERVICE_MEMORY_MIN)
		return "the size must be from 64K to 1024G";
	d->memory_bytes = n << shift;
	return NULL;
}

static const char *set_pids(struct service_def *d, struct span value)
{
	uint64_t n;

	if (span_is(value, "max")) {
		d->pids = 0;
		return NULL;
	}
	if (!take_number(&value, 4194304, &n) || value.len > 0 || n == 0)
		return "the value must be a number from 1 to 4194304, or max";
	d->pids = (uint32_t)n;
	return NULL;
}

static const char *set_cpu(struct service_def *d, struct span value)
{
	uint64_t n;

	if (!take_number(&value, 100000, &n) || !span_is(value, "%") || n == 0)
		return "not a part of a processor from 1% to 100000%";
	d->cpu_percent = (uint32_t)n;
	return NULL;
}

enum { ONCE, AGAIN }; /* may the key be repeated? */

/* Each function returns NULL, or what is wrong with the value, which is not empty. */
static const struct {
	const char *name;
	const char *(*set)(struct service_def *d, struct span value);
	int repeat;
} keys[] = {
	/* clang-format off */
	{"channel", set_channel, ONCE},
	{"cpu", set_cpu, ONCE},
	{"environment", set_environment, AGAIN},
	{"essential", set_essential, ONCE},
	{"exec", set_exec, ONCE},
	{"group", set_group, ONCE},
	{"kill", set_kill, ONCE},
	{"log", set_log, ONCE},
	{"memory", set_memory, ONCE},
	{"needs", set_needs, AGAIN},
	{"oneshot", set_oneshot, ONCE},
	{"pids", set_pids, ONCE},
	{"provides", set_provides, AGAIN},
	{"ready", set_ready, ONCE},
	{"restart", set_restart, ONCE},
	{"restart_wait", set_restart_wait, ONCE},
	{"start_timeout", set_start_timeout, ONCE},
	{"stop_signal", set_stop_signal, ONCE},
	{"stop_timeout", set_stop_timeout, ONCE},
	{"terminal", set_terminal, ONCE},
	{"user", set_user, ONCE},
	{"watchdog", set_watchdog, ONCE},
	/* clang-format on */
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* What one run of the parser remembers. */
struct parse {
	struct service_def *d;
	service_complaint complain;
	void *context;
	unsigned int line;
	bool seen[KEYS];
};

static void complain(struct parse *p, struct span key, const char *why)
{
	char shown[SERVICE_NAME_MAX + 1];
	size_t n = key.len < sizeof(shown) - 1 ? key.len : sizeof(shown) - 1;

	for (size_t i = 0; i < n; i++)
		shown[i] = key.text[i] > ' ' && key.text[i] < 0x7f ? key.text[i] : '?';
	shown[n] = '\0';
	p->d->bad = true;
	p->complain(p->context, p->line, shown, why);
}

static bool was_set(const struct parse *p, const char *name)
{
	for (size_t i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return p->seen[i];
	return false;
}

/* follow - one `key = value`; NULL, or what is wrong. */
static const char *follow(struct parse *p, struct span key, struct span value)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (!span_is(key, keys[i].name))
			continue;
		if (p->seen[i] && keys[i].repeat == ONCE)
			return "given twice";
		p->seen[i] = true;
		return value.len > 0 ? keys[i].set(p->d, value) : "a value is missing";
	}
	return "unknown key";
}

/* check_bytes - NULL, or what makes a line unfit to be looked at. */
static const char *check_bytes(struct span line)
{
	if (line.len > SERVICE_LINE_BYTES)
		return "longer than 1024 bytes";
	if (line.len > 0 && line.text[line.len - 1] == '\r')
		return "the line ends in CR LF, which must be LF alone";
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.text[i] < ' ' ? line.text[i] != '\t' : line.text[i] == 0x7f)
			return "a control character";
	return NULL;
}

static void parse_line(struct parse *p, struct span line)
{
	const char *why = check_bytes(line);
	struct span none = {"", 0};
	struct span key, value;
	const char *equals;

	if (why) {
		complain(p, none, why);
		return;
	}
	line = trim(line);
	if (line.len == 0 || line.text[0] == '#')
		return;
	equals = memchr(line.text, '=', line.len);
	if (!equals) {
		complain(p, none, "not of the form `key = value`");
		return;
	}
	key = trim((struct span){line.text, (size_t)(equals - line.text)});
	value = trim((struct span){equals + 1, (size_t)(line.text + line.len - (equals + 1))});
	why = follow(p, key, value);
	if (why)
		complain(p, key, why);
}

/* check_whole - what single lines cannot tell: keys that are missing or exclude each other. */
static void check_whole(struct parse *p)
{
	struct service_def *d = p->d;
	const struct {
		bool wrong;
		const char *key;
		const char *why;
	} rules[] = {
		{!was_set(p, "exec"), "exec", "missing"},
		{d->oneshot && d->ready != READY_NONE, "ready", "a oneshot is ready when it ends"},
		{d->oneshot && d->watchdog_ms > 0, "watchdog", "not for a oneshot"},
		{d->oneshot && d->channel, "channel", "not for a oneshot"},
		{d->oneshot && was_set(p, "restart") && d->restart == RESTART_ALWAYS, "restart",
		 "a oneshot is not started again when it ends with 0"},
		{d->terminal && was_set(p, "log"), "log", "not with a terminal"},
		{d->terminal && (d->oneshot || d->essential), "terminal",
		 "not for a oneshot or an essential service, for it comes last"},
	};

	p->line = 0;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].wrong)
			complain(p, (struct span){rules[i].key, strlen(rules[i].key)},
				 rules[i].why);
	if (d->oneshot && !was_set(p, "restart"))
		d->restart = RESTART_NO;
	if (!was_set(p, "group"))
		d->gid = d->uid;
}

void servicedef_defaults(struct service_def *d, const char *name)
{
	memset(d, 0, sizeof(*d));
	strncpy(d->name, name, sizeof(d->name) - 1);
	d->start_timeout_ms = SERVICE_START_TIMEOUT_MS;
	d->stop_timeout_ms = SERVICE_STOP_TIMEOUT_MS;
	d->stop_signal = SIGTERM;
	d->restart_wait_ms = BACKOFF_CAP_MS;
	d->pids = SERVICE_PIDS_DEFAULT;
}

void servicedef_parse(struct service_def *d, const char *text, size_t len,
		      service_complaint complain_to, void *context)
{
	struct parse p = {.d = d, .complain = complain_to, .context = context};

	if (len > SERVICE_FILE_BYTES) {
		complain(&p, (struct span){"", 0}, "the file is longer than 4096 bytes");
		return;
	}
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		struct span line = {text, end ? (size_t)(end - text) : len};

		p.line++;
		parse_line(&p, line);
		text += line.len + (end != NULL);
		len -= line.len + (end != NULL);
	}
	check_whole(&p);
}
