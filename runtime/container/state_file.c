/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_file.c: state.json and config.json of a container's directory.
 *
 * state.json is two lines, each a JSON object: the container, then its first process and the cgroup that
 * it was born in, whose path systemd tells only when the scope is there. Each is written once, to the end
 * of the file. Readers take no lock, and a writer may be killed at any moment: a line without its newline
 * is not there yet. So nothing is ever replaced, and no file has to be made beside it and renamed.
 *
 * Source: RFC 8259 for the text; RFC 3339 for the time.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <json-c/printbuf.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/json.h"
#include "lib/sys.h"
#include "runtime/container/state.h"

#define CGROUP_PATH_MAX 640
/* The second line, at most: each byte of the path may become six. */
#define PROCESS_LINE_BYTES (160 + 6 * CGROUP_PATH_MAX)

/* ---- writing --------------------------------------------------------------------------------- */

/* write_all - at the end of the file. Returns 0, or -1 with errno. */
static int write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		length -= (size_t)n;
	}
	return 0;
}

/* put_digits - the last @width decimal digits of @value. Returns where they end. */
static char *put_digits(char *p, unsigned int width, uint64_t value)
{
	for (unsigned int i = width; i--; value /= 10)
		p[i] = (char)('0' + value % 10);
	return p + width;
}

static char *put_number(char *p, uint64_t value)
{
	unsigned int width = 1;

	for (uint64_t rest = value; rest >= 10; rest /= 10)
		width++;
	return put_digits(p, width, value);
}

void state_format_time(const struct timespec *when, char text[STATE_TIME_SIZE])
{
	struct tm tm = {0};
	char *p = text;

	gmtime_r(&when->tv_sec, &tm);
	p = put_digits(p, 4, (uint64_t)tm.tm_year + 1900);
	*p++ = '-';
	p = put_digits(p, 2, (uint64_t)tm.tm_mon + 1);
	*p++ = '-';
	p = put_digits(p, 2, (uint64_t)tm.tm_mday);
	*p++ = 'T';
	p = put_digits(p, 2, (uint64_t)tm.tm_hour);
	*p++ = ':';
	p = put_digits(p, 2, (uint64_t)tm.tm_min);
	*p++ = ':';
	p = put_digits(p, 2, (uint64_t)tm.tm_sec);
	*p++ = '.';
	p = put_digits(p, 6, (uint64_t)when->tv_nsec / 1000);
	*p++ = 'Z';
	*p = '\0';
}

static int put(struct printbuf *b, const char *text)
{
	return printbuf_memappend(b, text, (int)strlen(text)) < 0 ? -1 : 0;
}

/* is_plain - does @text stand in JSON as it is? The bytes of UTF-8 do. */
static bool is_plain(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < ' ' || *p == '"' || *p == '\\')
			return false;
	return true;
}

/* put_string - @value between quotes, after @before. */
static int put_string(struct printbuf *b, const char *before, const char *value)
{
	_cleanup_json_ struct json_object *string = NULL;
	const char *text;

	if (put(b, before) < 0)
		return -1;
	if (!value || is_plain(value))
		return put(b, "\"") < 0 || put(b, value ? value : "") < 0 ? -1 : put(b, "\"");
	string = json_object_new_string(value);
	if (!string)
		return -1;
	text = json_object_to_json_string_ext(string, JSON_C_TO_STRING_NOSLASHESCAPE);
	return text ? put(b, text) : -1;
}

/* put_flag - only what is true is written. */
static int put_flag(struct printbuf *b, const char *text, bool value)
{
	return value ? put(b, text) : 0;
}

static int put_annotations(struct printbuf *b, const struct state *s)
{
	const char *before = ",\"annotations\":{";

	for (size_t i = 0; i < s->n_annotations; i++, before = ",")
		if (put_string(b, before, s->annotations[i].key) < 0 ||
		    put_string(b, ":", s->annotations[i].value) < 0)
			return -1;
	return put_flag(b, "}", s->n_annotations > 0);
}

static int encode(struct printbuf *b, const struct state *s)
{
	return put_string(b, "{\"ociVersion\":", s->oci_version) < 0 ||
			       put_string(b, ",\"id\":", s->id) < 0 ||
			       put_string(b, ",\"bundle\":", s->bundle) < 0 ||
			       put_string(b, ",\"rootfs\":", s->rootfs) < 0 ||
			       put_string(b, ",\"cgroupPath\":", s->cgroup_path) < 0 ||
			       (*s->systemd_unit &&
				put_string(b, ",\"systemdUnit\":", s->systemd_unit) < 0) ||
			       put_string(b, ",\"created\":", s->created) < 0 ||
			       put_flag(b, ",\"poststart\":true", s->poststart) < 0 ||
			       put_flag(b, ",\"poststop\":true", s->poststop) < 0 ||
			       put_flag(b, ",\"keepKeyring\":true", s->keep_keyring) < 0 ||
			       put_annotations(b, s) < 0
		       ? -1
		       : put(b, "}\n");
}

/* check_cgroup_path - does it have its place in the line for the process? */
static int check_cgroup_path(const struct state *state, struct error *err)
{
	if (strlen(state->cgroup_path) <= CGROUP_PATH_MAX)
		return 0;
	return error_set(err, ENAMETOOLONG, "the cgroup of container `%s`", state->id);
}

int state_write(int file, const struct state *state, struct error *err)
{
	struct printbuf *b;
	int rc;

	/* What is written has to be read again, or the container could not be deleted. */
	if (!json_is_utf8(state->bundle) || !json_is_utf8(state->rootfs))
		return error_set(err, EILSEQ, "the path of the bundle `%s`", state->bundle);
	if (check_cgroup_path(state, err) < 0)
		return -1;
	b = printbuf_new();
	errno = ENOMEM;
	rc = b ? encode(b, state) : -1;
	/* The same: with the line for the process it has to stay below what is read. */
	if (rc == 0 && printbuf_length(b) > JSON_MAX_BYTES - PROCESS_LINE_BYTES) {
		errno = E2BIG;
		rc = -1;
	}
	if (rc == 0)
		rc = write_all(file, b->buf, (size_t)printbuf_length(b));
	if (rc < 0)
		error_set(err, errno, "cannot write the state of container `%s`", state->id);
	if (b)
		printbuf_free(b);
	return rc;
}

/* put_escaped - @text as it stands between quotes: a unit's name has backslashes. */
static char *put_escaped(char *p, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ') {
			p = stpcpy(p, "\\u00");
			*p++ = "0123456789abcdef"[c >> 4];
			*p++ = "0123456789abcdef"[c & 15];
			continue;
		}
		if (c == '"' || c == '\\')
			*p++ = '\\';
		*p++ = (char)c;
	}
	return p;
}

int state_write_process(int dir, int file, const struct state *state, struct error *err)
{
	_cleanup_fd_ int own = FD_EMPTY;
	static char text[PROCESS_LINE_BYTES]; /* not on a child's stack */
	char *p;

	if (file < 0) {
		own = openat(dir, STATE_FILE, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
		file = own;
	}
	p = put_number(stpcpy(text, "{\"pid\":"), (uint64_t)state->pid);
	p = put_number(stpcpy(p, ",\"startTicks\":"), state->start_ticks);
	p = put_number(stpcpy(p, ",\"startTicksEnd\":"), state->start_ticks_end);
	if (check_cgroup_path(state, err) < 0)
		return -1;
	p = put_escaped(stpcpy(p, ",\"cgroupPath\":\""), state->cgroup_path);
	p = stpcpy(p, "\"}\n");
	if (file < 0 || write_all(file, text, (size_t)(p - text)) < 0)
		return error_set(err, errno, "cannot write the state of container `%s`", state->id);
	return 0;
}

int state_keep_config(int dir, const struct json_text *config, struct error *err)
{
	_cleanup_fd_ int to =
		openat(dir, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (to < 0 || write_all(to, config->data, config->length) < 0)
		return error_set(err, errno, "cannot keep the configuration");
	return 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int decode_annotation(const struct json_at *at, void *into)
{
	struct annotation *a = into;

	a->key = arena_strdup(at->source->arena, at->key, at->source->err);
	a->value = json_string(at);
	if (a->value)
		a->value = arena_strdup(at->source->arena, a->value, at->source->err);
	return a->key && a->value ? 0 : -1;
}

static const struct json_field container_fields[] = {
	{.key = "ociVersion", .kind = JSON_STRING, JSON_INTO(struct state, oci_version)},
	{.key = "bundle", .kind = JSON_STRING, .required = true, JSON_INTO(struct state, bundle)},
	{.key = "rootfs", .kind = JSON_STRING, JSON_INTO(struct state, rootfs)},
	{.key = "cgroupPath", .kind = JSON_STRING, JSON_INTO(struct state, cgroup_path)},
	{.key = "systemdUnit", .kind = JSON_STRING, JSON_INTO(struct state, systemd_unit)},
	{.key = "created", .kind = JSON_STRING, JSON_INTO(struct state, created)},
	{.key = "poststart", .kind = JSON_BOOL, JSON_INTO(struct state, poststart)},
	{.key = "poststop", .kind = JSON_BOOL, JSON_INTO(struct state, poststop)},
	{.key = "keepKeyring", .kind = JSON_BOOL, JSON_INTO(struct state, keep_keyring)},
	{.key = "annotations",
	 .kind = JSON_MAP,
	 JSON_LIST(struct state, annotations, n_annotations),
	 .decode = decode_annotation},
};

static const struct json_field process_fields[] = {
	{.key = "pid",
	 .kind = JSON_NUMBER,
	 .required = true,
	 JSON_INTO(struct state, pid),
	 .min = 1,
	 .max = INT32_MAX},
	{.key = "startTicks",
	 .kind = JSON_NUMBER,
	 .required = true,
	 JSON_INTO(struct state, start_ticks),
	 .max = UINT64_MAX},
	{.key = "startTicksEnd",
	 .kind = JSON_NUMBER,
	 .required = true,
	 JSON_INTO(struct state, start_ticks_end),
	 .max = UINT64_MAX},
	{.key = "cgroupPath", .kind = JSON_STRING, JSON_INTO(struct state, cgroup_path)},
};

/*
 * read_text - what is in the file by now, with a NUL behind it, in @arena; "" when there is none.
 * @file: receives its descriptor. Returns NULL with @err.
 */
static char *read_text(int dir, struct arena *arena, int *file, struct error *err)
{
	/* Others may have put anything here, and opening a FIFO must not hang. */
	_cleanup_fd_ int fd =
		openat(dir, STATE_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	size_t length = 0, done = 0;
	struct stat st;
	char *text;

	if (fd >= 0 || errno != ENOENT) {
		if (fd < 0 || fstat(fd, &st) < 0) {
			error_set(err, errno, "cannot open `%s`", STATE_FILE);
			return NULL;
		}
		if (!S_ISREG(st.st_mode) || st.st_size > JSON_MAX_BYTES) {
			error_set(err, 0, "%s is not a file of at most %d bytes", STATE_FILE,
				  JSON_MAX_BYTES);
			return NULL;
		}
		length = (size_t)st.st_size;
	}
	text = arena_alloc(arena, length + 1, 1, err);
	if (!text)
		return NULL;
	while (done < length) {
		ssize_t n = read(fd, text + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			error_set(err, errno, "cannot read `%s`", STATE_FILE);
			return NULL;
		}
		if (n == 0) /* shorter than it was: what is there is there */
			break;
		done += (size_t)n;
	}
	text[done] = '\0';
	*file = take_fd(&fd);
	return text;
}

/* decode - one line into what of @state the table names. */
static int decode(const char *text, size_t length, const struct json_source *source,
		  const struct json_field *fields, size_t n_fields, struct state *state)
{
	_cleanup_json_ struct json_object *tree = json_parse(text, length, source);
	struct json_at at = {.source = source, .value = tree};

	if (!tree || json_decode_fields(&at, fields, n_fields, state) < 0)
		return -1;
	return check_cgroup_path(state, source->err);
}

int state_read(int dir, const char *id, struct arena *arena, struct state *state, struct error *err)
{
	_cleanup_fd_ int file = FD_EMPTY;

	return state_read_open(dir, id, arena, state, &file, err);
}

int state_read_open(int dir, const char *id, struct arena *arena, struct state *state, int *file,
		    struct error *err)
{
	const struct json_source source = {.name = STATE_FILE, .arena = arena, .err = err};
	char *text, *line, *end;

	*state = (struct state){.oci_version = "",
				.bundle = "",
				.rootfs = "",
				.created = "",
				.cgroup_path = "",
				.systemd_unit = ""};
	state->id = arena_strdup(arena, id, err);
	text = state->id ? read_text(dir, arena, file, err) : NULL;
	if (!text)
		return -1;
	end = strchr(text, '\n');
	if (!end)
		return 0;
	*end = '\0';
	if (decode(text, (size_t)(end - text), &source, container_fields,
		   ARRAY_SIZE(container_fields), state) < 0)
		return -1;
	line = end + 1;
	end = strchr(line, '\n');
	if (!end)
		return 0;
	*end = '\0';
	return decode(line, (size_t)(end - line), &source, process_fields,
		      ARRAY_SIZE(process_fields), state);
}
