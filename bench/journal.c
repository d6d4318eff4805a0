/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.c: see journal.h. Every line is one write(2) to a file opened for appending.
 */
#include "bench/journal.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/uio.h>

#define MAX_LINE 4096

/* What a start is summarised by when only the journal knows of it. */
static const struct {
	const char *name;
	sample_field field;
} metrics[] = {{"ready", sample_ready}, {"whole", sample_exit}, {"cpu", sample_cpu}};

static int no_memory(struct error *err)
{
	return error_set(err, ENOMEM, "cannot keep the results");
}

static int journal_path(const char *path, const char *suffix, char out[PATH_MAX], struct error *err)
{
	if ((size_t)snprintf(out, PATH_MAX, "%s.journal%s", path, suffix) >= PATH_MAX)
		return error_set(err, ENAMETOOLONG, "cannot write `%s`", path);
	return 0;
}

/* append - @o, which is taken over, as a line. */
static int append(int fd, json_object *o, struct error *err)
{
	size_t len = 0;
	const char *text =
		o ? json_object_to_json_string_length(
			    o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len)
		  : NULL;
	struct iovec line[2] = {{(void *)text, len}, {"\n", 1}};
	ssize_t n;
	int ret = 0;

	if (!text) {
		json_object_put(o);
		return no_memory(err);
	}
	do
		n = writev(fd, line, 2);
	while (n < 0 && errno == EINTR);
	if (n < 0 || (size_t)n != len + 1) {
		ret = error_set(err, n < 0 ? errno : ENOSPC, "cannot append to the journal");
		error_hint(err, "make room, then go on with: cloison-bench run --resume FILE");
	}
	json_object_put(o);
	return ret;
}

static json_object *pair(const char *key, int64_t v)
{
	json_object *o = json_object_new_object();

	if (o)
		json_object_object_add(o, key, json_object_new_int64(v));
	return o;
}

/* sample_line - a sample with its visit in front. */
static json_object *sample_line(unsigned int visit, const struct sample *s)
{
	json_object *o = pair("visit", visit), *members = sample_json(s);

	if (!o || !members) {
		json_object_put(o);
		json_object_put(members);
		return NULL;
	}
	json_object_object_foreach(members, key, value)
	{
		json_object_object_add(o, key, json_object_get(value));
	}
	json_object_put(members);
	return o;
}

static bool silent(const struct results *r)
{
	return r->journal < 0 || r->muted;
}

void results_mute(struct results *r, bool on)
{
	r->muted = on;
}

int journal_sample(struct results *r, const struct sample *s, struct error *err)
{
	return silent(r) ? 0 : append(r->journal, sample_line(r->visit, s), err);
}

int journal_end(struct results *r, struct error *err)
{
	return silent(r) ? 0 : append(r->journal, pair("end", r->visit), err);
}

/* disturb - what disturbed its block goes to a sample that does not know it. */
static void disturb(struct sample *s, int64_t steal_ticks, int64_t psi_us)
{
	if (s->steal_ticks == NOT_MEASURED)
		s->steal_ticks = steal_ticks;
	if (s->psi_us == NOT_MEASURED)
		s->psi_us = psi_us;
}

int journal_block(struct results *r, size_t first, int64_t steal_ticks, int64_t psi_us,
		  struct error *err)
{
	json_object *o;

	for (size_t i = first; i < r->count; i++)
		disturb(&r->samples[i], steal_ticks, psi_us);
	if (silent(r) || first >= r->count)
		return 0;
	o = pair("block", r->samples[first].block);
	if (!o)
		return no_memory(err);
	json_object_object_add(o, "scenario", json_object_new_string(r->samples[first].scenario));
	json_object_object_add(o, "steal_ticks", json_object_new_int64(steal_ticks));
	json_object_object_add(o, "psi_us", json_object_new_int64(psi_us));
	return append(r->journal, o, err);
}

void journal_close(struct results *r)
{
	close_fd(r->journal);
	r->journal = FD_EMPTY;
	free(r->replays);
	r->replays = NULL;
	r->replay_count = 0;
}

/* begin - a new journal after checkpoint @number, with the visits that are to be replayed. */
static int begin(struct results *r, const char *path, int64_t number, struct error *err)
{
	char temporary[PATH_MAX], final[PATH_MAX];
	json_object *o = pair("journal", 1), *id = NULL;
	int fd;

	if (journal_path(path, ".new", temporary, err) || journal_path(path, "", final, err)) {
		json_object_put(o);
		return -1;
	}
	close_fd(r->journal);
	r->journal = FD_EMPTY;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0) {
		json_object_put(o);
		return error_set(err, errno, "cannot create `%s`", temporary);
	}
	json_object_object_get_ex(r->doc, "run_id", &id);
	json_object_object_add(o, "run_id", json_object_get(id));
	json_object_object_add(o, "checkpoint", json_object_new_int64(number));
	if (append(fd, o, err))
		goto fail;
	for (size_t i = 0; i < r->replay_count; i++) {
		const struct replay *p = &r->replays[i];

		if (append(fd, sample_line(p->visit, &p->sample), err))
			goto fail;
		if ((i + 1 == r->replay_count || p[1].visit != p->visit) &&
		    append(fd, pair("end", p->visit), err))
			goto fail;
	}
	if (rename(temporary, final) < 0) {
		error_set(err, errno, "cannot rename to `%s`", final);
		goto fail;
	}
	r->journal = fd;
	return 0;
fail:
	close_fd(fd);
	unlink(temporary);
	return -1;
}

static json_object *member(json_object *o, const char *key)
{
	json_object *v = NULL;

	return o && json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static json_object *checkpoint_of(struct results *r)
{
	return member(r->doc, "checkpoint");
}

int journal_done(struct results *r, const char *scenario, struct error *err)
{
	json_object *list = results_list(r, "done");

	if (list && json_object_array_add(list, json_object_new_string(scenario)) == 0)
		return 0;
	return no_memory(err);
}

bool journal_is_done(struct results *r, const char *scenario)
{
	json_object *list = member(r->doc, "done");

	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)), scenario) ==
		    0)
			return true;
	return false;
}

int journal_checkpoint(struct results *r, const char *path, const struct checkpoint *at,
		       struct error *err)
{
	int64_t number = json_object_get_int64(member(checkpoint_of(r), "number")) + 1;
	json_object *c = json_object_new_object(), *lengths = json_object_new_object();

	if (!c || !lengths || !results_list(r, "done")) {
		json_object_put(c);
		json_object_put(lengths);
		return no_memory(err);
	}
	json_object_object_foreach(r->doc, key, value)
	{
		if (json_object_is_type(value, json_type_array) && strcmp(key, "samples") != 0)
			json_object_object_add(lengths, key,
					       json_object_new_uint64(
						       json_object_array_length(value)));
	}
	json_object_object_add(c, "number", json_object_new_int64(number));
	json_object_object_add(c, "order", json_object_new_uint64(at->order));
	json_object_object_add(c, "draws", json_object_new_uint64(at->draws));
	json_object_object_add(c, "serial", json_object_new_int64(at->serial));
	json_object_object_add(c, "samples", json_object_new_uint64(r->count));
	json_object_object_add(c, "lengths", lengths);
	json_object_object_add(r->doc, "checkpoint", c);
	if (results_write(r, path, err))
		return -1;
	return begin(r, path, number, err);
}

void journal_finish(struct results *r, const char *path)
{
	struct error ignored = ERROR_INIT;
	char name[PATH_MAX];

	journal_close(r);
	json_object_object_del(r->doc, "checkpoint");
	json_object_object_del(r->doc, "done");
	if (journal_path(path, "", name, &ignored) == 0)
		unlink(name);
}

/* keep - a line of the journal. @whole: receives how many replays are of visits that have ended. */
static int keep(struct results *r, json_object *o, size_t *whole, struct error *err)
{
	json_object *v = NULL, *scenario = member(o, "scenario");
	struct replay *more;

	if (json_object_object_get_ex(o, "end", &v)) {
		*whole = r->replay_count;
		return 0;
	}
	if (json_object_object_get_ex(o, "block", &v)) {
		for (size_t i = 0; i < r->replay_count && scenario; i++) {
			struct sample *s = &r->replays[i].sample;

			if (s->block == json_object_get_int(v) &&
			    strcmp(s->scenario, json_object_get_string(scenario)) == 0)
				disturb(s, json_object_get_int64(member(o, "steal_ticks")),
					json_object_get_int64(member(o, "psi_us")));
		}
		return 0;
	}
	if (!json_object_object_get_ex(o, "visit", &v) || !scenario)
		return 0;
	more = realloc(r->replays, (r->replay_count + 1) * sizeof(*more));
	if (!more)
		return no_memory(err);
	r->replays = more;
	more[r->replay_count].visit = (unsigned int)json_object_get_int64(v);
	if (sample_parse(r, o, &more[r->replay_count].sample, err))
		return -1;
	if (more[r->replay_count++].visit == 0)
		*whole = r->replay_count; /* of no visit: whole by itself */
	return 0;
}

/* belongs - whether a journal with this first line is of this run and after this checkpoint. */
static bool belongs(struct results *r, json_object *head)
{
	json_object *number = member(checkpoint_of(r), "number");

	return head && number && member(head, "journal") &&
	       json_object_equal(member(head, "run_id"), member(r->doc, "run_id")) &&
	       json_object_get_int64(member(head, "checkpoint")) == json_object_get_int64(number);
}

/*
 * read_journal - the samples of all visits that have ended into r->replays. There may be none: the
 * journal of an earlier checkpoint, or no journal, adds nothing.
 */
static int read_journal(struct results *r, const char *path, struct error *err)
{
	_cleanup_file_ FILE *f = NULL;
	char name[PATH_MAX], line[MAX_LINE];
	size_t whole = 0;
	bool first = true;

	if (journal_path(path, "", name, err))
		return -1;
	f = fopen(name, "re");
	/* The last line may have been cut: it has no end then, or is no JSON. */
	while (f && fgets(line, sizeof(line), f) && strchr(line, '\n')) {
		json_object *o = json_tokener_parse(line);
		int ret = 0;

		if (!o || (first && !belongs(r, o))) {
			json_object_put(o);
			break;
		}
		if (!first)
			ret = keep(r, o, &whole, err);
		first = false;
		json_object_put(o);
		if (ret)
			return -1;
	}
	r->replay_count = whole;
	return 0;
}

/* cut - back to what the lists had at the checkpoint. */
static void cut(struct results *r, json_object *checkpoint)
{
	json_object *lengths = member(checkpoint, "lengths");
	size_t samples = (size_t)json_object_get_int64(member(checkpoint, "samples"));

	if (samples < r->count)
		r->count = samples;
	json_object_object_foreach(lengths, key, value)
	{
		json_object *list = member(r->doc, key);
		size_t keep_n = (size_t)json_object_get_int64(value), n;

		if (!json_object_is_type(list, json_type_array))
			continue;
		n = json_object_array_length(list);
		if (n > keep_n)
			json_object_array_del_idx(list, keep_n, n - keep_n);
	}
}

int journal_resume(struct results *r, const char *path, struct checkpoint *at, struct error *err)
{
	json_object *c = checkpoint_of(r);
	size_t n = 0;

	if (!c)
		return 1;
	if (!json_object_is_type(member(c, "lengths"), json_type_object))
		return error_set(err, 0, "the checkpoint in `%s` is damaged", path);
	at->order = json_object_get_uint64(member(c, "order"));
	at->draws = json_object_get_uint64(member(c, "draws"));
	at->serial = (unsigned int)json_object_get_int64(member(c, "serial"));
	cut(r, c);
	if (read_journal(r, path, err))
		return -1;
	/* What belongs to no visit is measured again, with the rest of its scenario. */
	for (size_t i = 0; i < r->replay_count; i++)
		if (r->replays[i].visit > 0)
			r->replays[n++] = r->replays[i];
	r->replay_count = n;
	return begin(r, path, json_object_get_int64(member(c, "number")), err);
}

int journal_replay(struct results *r, unsigned int visit, struct error *err)
{
	int n = 0;

	for (size_t i = 0; i < r->replay_count; i++) {
		bool was = r->muted;
		int ret;

		if (r->replays[i].visit != visit)
			continue;
		r->muted = true; /* the journal has it */
		ret = results_add(r, &r->replays[i].sample, err);
		r->muted = was;
		if (ret)
			return -1;
		n++;
	}
	return n;
}

/* summarise_rest - what the journal added has no summaries: of starts, the usual ones. */
static int summarise_rest(struct results *r, size_t first, struct error *err)
{
	struct rng rng = {1};

	for (size_t i = first; i < r->count; i++) {
		const struct sample *s = &r->samples[i];
		size_t before = first;

		while (before < i && (strcmp(r->samples[before].scenario, s->scenario) != 0 ||
				      strcmp(r->samples[before].system, s->system) != 0))
			before++;
		for (size_t m = 0; before == i && m < ARRAY_SIZE(metrics); m++)
			if (results_summarise(r, s->scenario, s->system, metrics[m].name, "ns",
					      metrics[m].field, &rng, err))
				return -1;
	}
	return 0;
}

/* merge - what was measured after the checkpoint that the file is. */
static int merge(struct results *r, const char *path, struct error *err)
{
	json_object *c = checkpoint_of(r);
	size_t first = r->count;

	/* A run that was interrupted gently has written all it had. */
	if (!c || r->count != (size_t)json_object_get_int64(member(c, "samples")))
		return 0;
	if (read_journal(r, path, err))
		return -1;
	for (size_t i = 0; i < r->replay_count; i++)
		if (results_add(r, &r->replays[i].sample, err))
			return -1;
	r->replay_count = 0;
	json_object_object_add(r->doc, "interrupted", json_object_new_boolean(true));
	return summarise_rest(r, first, err);
}

/* read_document - all of @fd, which is @path. Returns NULL with @err. */
static json_object *read_document(int fd, const char *path, struct error *err)
{
	json_tokener *tok = json_tokener_new();
	enum json_tokener_error why = json_tokener_continue;
	json_object *doc = NULL;
	char text[16384];
	ssize_t n = 0;

	if (!tok) {
		no_memory(err);
		return NULL;
	}
	while (!doc && why == json_tokener_continue && (n = read(fd, text, sizeof(text))) > 0) {
		doc = json_tokener_parse_ex(tok, text, (int)n);
		why = json_tokener_get_error(tok);
	}
	if (!doc && n < 0)
		error_set(err, errno, "cannot read results from `%s`", path);
	else if (!doc && why == json_tokener_success)
		error_set(err, 0, "cannot read results from `%s`: it is null", path);
	else if (!doc)
		error_set(err, 0, "cannot read results from `%s`: %s", path,
			  why == json_tokener_continue ? "it is cut off"
						       : json_tokener_error_desc(why));
	json_tokener_free(tok);
	return doc;
}

int results_load(struct results *r, const char *path, struct error *err)
{
	_cleanup_fd_ int file = open(path, O_RDONLY | O_CLOEXEC);
	json_object *samples;

	*r = (struct results){.journal = FD_EMPTY};
	if (file < 0)
		return error_set(err, errno, "cannot open `%s`", path);
	r->doc = read_document(file, path, err);
	if (!r->doc)
		return -1;
	if (json_object_get_int(member(r->doc, "schema")) != RESULT_SCHEMA)
		return error_set(err, 0, "`%s` is not a result file of schema %d", path,
				 RESULT_SCHEMA);
	samples = member(r->doc, "samples");
	for (size_t i = 0;
	     json_object_is_type(samples, json_type_array) && i < json_object_array_length(samples);
	     i++) {
		struct sample s;

		if (sample_parse(r, json_object_array_get_idx(samples, i), &s, err) ||
		    results_add(r, &s, err))
			return -1;
	}
	return merge(r, path, err);
}

json_object *results_read(const char *path, struct error *err)
{
	struct results r;
	json_object *doc = NULL;

	if (results_load(&r, path, err) == 0 && results_put_samples(&r, err) == 0)
		doc = json_object_get(r.doc);
	results_close(&r);
	return doc;
}
