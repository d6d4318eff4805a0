/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_supervisor.c: cloisond's parsers and arithmetic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "runtime/supervisor/log_file.h"
#include "runtime/supervisor/recover.h"
#include "runtime/supervisor/request.h"

#define NOW 1795392000000000000 /* 2026-11-23T00:00:00Z */
#define THIS_BOOT "01234567-89ab-4cde-8f01-23456789abcd"
#define OTHER_BOOT "11234567-89ab-4cde-8f01-23456789abcd"

static void times_are_read_in_each_form(void **state)
{
	static const struct {
		const char *text;
		int64_t ns; /* -1: refused */
	} cases[] = {
		{"1795392000", NOW},
		{"1795392000.25", NOW + 250000000},
		{"2026-11-23T00:00:00Z", NOW},
		{"2026-11-23T00:00:00.000000001Z", NOW + 1},
		{"2026-11-23T02:00:00+02:00", NOW},
		{"2026-11-22T22:30:00-01:30", NOW},
		{"2026-11-23", NOW},
		{"10s", NOW - 10000000000},
		{"1h30m", NOW - 5400000000000},
		{"250ms", NOW - 250000000},
		{"", -1},
		{"yesterday", -1},
		{"10", 10000000000},
		{"10x", -1},
		{"-5s", -1},
		{"1795392000.x", -1},
		{"2026-11-23T00:00:00+2", -1},
		{"2026-11-23T00:00:00Zulu", -1},
		{"99999999999999999999h", -1},
		{"1969-01-01", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t ns = -1;

		if (time_parse(cases[i].text, NOW, &ns) < 0)
			ns = -1;
		if (ns != cases[i].ns)
			fail_msg("%s: %jd, should be %jd", cases[i].text, (intmax_t)ns,
				 (intmax_t)cases[i].ns);
	}
}

static void policies_are_dockers(void **state)
{
	struct restart_policy p;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(restart_parse("on-failure:3", &p, &err), 0);
	assert_int_equal(p.kind, RESTART_ON_FAILURE);
	assert_int_equal(p.max, 3);
	assert_int_equal(restart_parse("unless-stopped", &p, &err), 0);
	assert_int_equal(p.kind, RESTART_UNLESS_STOPPED);
	assert_int_equal(restart_parse("always:3", &p, &err), -1);
	assert_int_equal(restart_parse("on-failure:-1", &p, &err), -1);
	assert_int_equal(restart_parse("on-failure:", &p, &err), -1);
	assert_int_equal(restart_parse("", &p, &err), -1);
}

static void signals_have_names_and_numbers(void **state)
{
	(void)state;
	assert_int_equal(signal_number("TERM"), SIGTERM);
	assert_int_equal(signal_number("sigkill"), SIGKILL);
	assert_int_equal(signal_number("15"), SIGTERM);
	assert_int_equal(signal_number("RTMIN+3"), 37);
	assert_int_equal(signal_number("0"), -1);
	assert_int_equal(signal_number("65"), -1);
	assert_int_equal(signal_number("TERMINATE"), -1);
	assert_string_equal(signal_name(SIGUSR1), "SIGUSR1");
}

static void a_runtimes_words_become_an_error(void **state)
{
	struct error err = ERROR_INIT;
	char text[512];

	(void)state;
	snprintf(text, sizeof(text),
		 "cloison: warning: odd\ncloison: create %064d: cannot execute `/x`: ENOENT\n"
		 "  cause: it is not there\n  hint:  make it\n",
		 0);
	runtime_error(text, &err);
	assert_string_equal(err.what, "cannot execute `/x`: ENOENT");
	assert_string_equal(err.cause, "it is not there");
	assert_string_equal(err.hint, "make it");
	runtime_error("", &err);
	assert_string_equal(err.what, "the runtime said nothing of why it failed");
}

/* A supervisor with nothing but its directory of containers. */
static struct supervisor s = {.channel = LOOP_SOURCE_INIT};

static int make_supervisor(void **state)
{
	static char dir[] = "/tmp/cloison-supervisor.XXXXXX";
	struct error err = ERROR_INIT;

	if (!mkdtemp(dir))
		return -1;
	*state = dir;
	s.dir = dir;
	s.containers_dir = open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	return s.containers_dir < 0 ? -1 : loop_init(&s.loop, &err);
}

static int remove_supervisor(void **state)
{
	close(s.containers_dir);
	close(s.loop.epoll);
	return rmdir(*state);
}

static void a_state_is_read_as_it_was_written(void **state)
{
	struct container *c = container_new(&s), *other = container_new(&s);
	struct error err = ERROR_INIT;
	char text[STATE_BYTES], path[ID_DIGITS + 8];

	(void)state;
	strcpy(c->name, "web");
	c->phase = PHASE_EXITED;
	c->pid = 4711;
	c->start_ticks = 123456789012;
	c->want_start = c->oom_killed = true;
	c->created_ns = NOW;
	c->finished_ns = NOW + 5;
	c->exit_code = 137;
	c->restarts = 4000000000;
	c->error = strdup("start web: `a b`: ENOENT");
	c->shut_down = c->unprepared = true;
	strcpy(c->boot, OTHER_BOOT);
	assert_int_equal(mkdirat(s.containers_dir, c->id, 0700), 0);
	state_save(c);
	snprintf(path, sizeof(path), "%s/state", c->id);
	assert_true(read_file(s.containers_dir, path, text, sizeof(text)) > 0);
	assert_int_equal(state_parse(text, other, &err), 0);
	assert_string_equal(other->name, "web");
	assert_int_equal(other->phase, PHASE_EXITED);
	assert_int_equal(other->pid, 4711);
	assert_int_equal(other->start_ticks, 123456789012);
	assert_true(other->want_start && other->oom_killed && !other->paused);
	assert_int_equal(other->created_ns, NOW);
	assert_int_equal(other->finished_ns, NOW + 5);
	assert_int_equal(other->exit_code, 137);
	assert_int_equal(other->restarts, 4000000000);
	assert_string_equal(other->error, "start web: `a b`: ENOENT");
	assert_true(other->shut_down && other->unprepared && !other->by_policy);
	assert_string_equal(other->boot, OTHER_BOOT);
	assert_int_equal(unlinkat(s.containers_dir, path, 0), 0);
	assert_int_equal(unlinkat(s.containers_dir, c->id, AT_REMOVEDIR), 0);
	container_forget(c);
	container_forget(other);
	assert_null(s.containers);
}

static void a_state_that_cannot_be_is_refused(void **state)
{
	static const char *const bad[] = {"",
					  "phase 3\n",
					  "name /etc\n",
					  "name web\nphase 9\n",
					  "name web\nphase x\n",
					  "name web\npid -3\n",
					  "name web\nexit-code 256\n",
					  "name web\nstarted 99999999999999999999\n",
					  "name web\nboot " OTHER_BOOT "0\n",
					  "name web\npid"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct container c = {0};
		struct error err = ERROR_INIT;
		char *text = strdup(bad[i]);

		if (state_parse(text, &c, &err) == 0)
			fail_msg("`%s` was taken", bad[i]);
		free(text);
		free(c.error);
	}
}

/* ---- another boot ---------------------------------------------------------------------------- */

static void the_kernels_boot_has_a_name(void **state)
{
	struct error err = ERROR_INIT;
	char one[BOOT_BYTES], two[BOOT_BYTES];

	(void)state;
	assert_int_equal(boot_read(one, &err), 0);
	assert_int_equal(strlen(one), BOOT_BYTES - 1);
	assert_int_equal(strspn(one, "0123456789abcdef-"), BOOT_BYTES - 1);
	assert_int_equal(boot_read(two, &err), 0);
	assert_string_equal(one, two);
}

static void nothing_of_a_process_outlives_its_boot(void **state)
{
	for (enum phase phase = PHASE_CREATED; phase <= PHASE_EXITED; phase++) {
		struct container c = {.phase = phase,
				      .pid = 4711,
				      .start_ticks = 99,
				      .in_runtime = true,
				      .paused = true,
				      .stopping = true,
				      .ready = true,
				      .boot = OTHER_BOOT};

		boot_lapse(&c, THIS_BOOT, NOW);
		assert_int_equal(c.pid, 0);
		assert_int_equal(c.start_ticks, 0);
		assert_false(c.in_runtime || c.paused || c.stopping || c.ready || c.ended_early);
		assert_true(c.unprepared);
		assert_string_equal(c.boot, THIS_BOOT);
		free(c.error);
	}
	(void)state;
}

static void what_ran_has_ended_and_nobody_claims_to_know_how(void **state)
{
	static const enum phase ran[] = {PHASE_STARTING, PHASE_RUNNING};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ran); i++) {
		struct container c = {.phase = ran[i], .started_ns = NOW - 5, .oom_killed = true};

		boot_lapse(&c, THIS_BOOT, NOW);
		assert_int_equal(c.phase, PHASE_EXITED);
		assert_int_equal(c.exit_code, 255);
		assert_int_equal(c.finished_ns, NOW);
		assert_false(c.oom_killed);
		assert_non_null(strstr(c.error, "not known: the host went down while it ran"));
		free(c.error);
	}
}

static void a_status_that_was_told_is_kept(void **state)
{
	struct container early = {.phase = PHASE_STARTING,
				  .ended_early = true,
				  .early_status = 3 << 8,
				  .finished_ns = NOW - 9};
	struct container ended = {.phase = PHASE_EXITED, .exit_code = 4, .finished_ns = NOW - 9};

	(void)state;
	boot_lapse(&early, THIS_BOOT, NOW);
	assert_int_equal(early.phase, PHASE_EXITED);
	assert_int_equal(early.exit_code, 3);
	assert_int_equal(early.finished_ns, NOW - 9);
	assert_null(early.error);
	boot_lapse(&ended, THIS_BOOT, NOW);
	assert_int_equal(ended.exit_code, 4);
	assert_int_equal(ended.finished_ns, NOW - 9);
	assert_null(ended.error);
}

static void a_start_that_was_cut_off_was_none(void **state)
{
	struct container first = {.phase = PHASE_CREATING};
	struct container again = {.phase = PHASE_CREATING, .finished_ns = NOW - 9, .exit_code = 1};

	(void)state;
	boot_lapse(&first, THIS_BOOT, NOW);
	assert_int_equal(first.phase, PHASE_CREATED);
	boot_lapse(&again, THIS_BOOT, NOW);
	assert_int_equal(again.phase, PHASE_EXITED);
	assert_int_equal(again.exit_code, 1);
}

enum fate { LEFT, STARTS, GOES };

/* What a container was when the host went down, and what becomes of it: Docker's rules for the daemon's start. */
static const struct {
	const char *name;
	enum restart_kind restart;
	bool rm;
	enum phase phase;
	bool user_stopped, want_start, restarting;
	enum fate fate;
} fates[] = {
	/* clang-format off */
	{"no, ran", RESTART_NO, false, PHASE_RUNNING, false, false, false, LEFT},
	{"no, exited", RESTART_NO, false, PHASE_EXITED, false, false, false, LEFT},
	{"no, was being started again", RESTART_NO, false, PHASE_EXITED, false, true, false, LEFT},
	{"on-failure, ran", RESTART_ON_FAILURE, false, PHASE_RUNNING, false, false, false, LEFT},
	{"on-failure, waited for its restart", RESTART_ON_FAILURE, false, PHASE_EXITED, false, false, true, LEFT},
	{"always, ran", RESTART_ALWAYS, false, PHASE_RUNNING, false, false, false, STARTS},
	{"always, was being started", RESTART_ALWAYS, false, PHASE_CREATING, false, true, false, STARTS},
	{"always, waited for its restart", RESTART_ALWAYS, false, PHASE_EXITED, false, false, true, STARTS},
	{"always, stopped by hand", RESTART_ALWAYS, false, PHASE_EXITED, true, false, false, STARTS},
	{"always, never started", RESTART_ALWAYS, false, PHASE_CREATED, false, false, false, LEFT},
	{"unless-stopped, ran", RESTART_UNLESS_STOPPED, false, PHASE_RUNNING, false, false, false, STARTS},
	{"unless-stopped, exited", RESTART_UNLESS_STOPPED, false, PHASE_EXITED, false, false, false, STARTS},
	{"unless-stopped, stopped by hand", RESTART_UNLESS_STOPPED, false, PHASE_EXITED, true, false, false, LEFT},
	{"unless-stopped, was being stopped by hand", RESTART_UNLESS_STOPPED, false, PHASE_RUNNING, true, false, false, LEFT},
	{"unless-stopped, never started", RESTART_UNLESS_STOPPED, false, PHASE_CREATED, false, false, false, LEFT},
	{"--rm, ran", RESTART_NO, true, PHASE_RUNNING, false, false, false, GOES},
	{"--rm, exited", RESTART_NO, true, PHASE_EXITED, false, false, false, GOES},
	{"--rm, never started", RESTART_NO, true, PHASE_CREATED, false, false, false, LEFT},
	{"--rm, was being started", RESTART_NO, true, PHASE_CREATING, false, true, false, GOES},
	/* clang-format on */
};

static void policies_decide_as_dockers_daemon_does_at_its_start(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fates); i++) {
		struct container c = {.restart = {.kind = fates[i].restart},
				      .auto_remove = fates[i].rm,
				      .phase = fates[i].phase,
				      .user_stopped = fates[i].user_stopped,
				      .want_start = fates[i].want_start,
				      .restarting = fates[i].restarting,
				      .restarts = 7,
				      .delay_ms = 60000};
		enum fate fate;

		boot_lapse(&c, THIS_BOOT, NOW);
		boot_decide(&c);
		fate = c.want_remove ? GOES : c.want_start ? STARTS : LEFT;
		if (fate != fates[i].fate || c.restarting || c.by_policy != (fate == STARTS))
			fail_msg("%s: %d, should be %d", fates[i].name, fate, fates[i].fate);
		if (fate == STARTS && (c.user_stopped || c.restarts || c.delay_ms))
			fail_msg("%s: does not begin anew", fates[i].name);
		if (fates[i].user_stopped && fate == LEFT && !c.user_stopped)
			fail_msg("%s: it is forgotten that it was stopped", fates[i].name);
		free(c.error);
	}
}

static void a_stop_of_all_is_no_stop_by_hand(void **state)
{
	struct container c = {.restart = {.kind = RESTART_UNLESS_STOPPED},
			      .phase = PHASE_EXITED,
			      .shut_down = true,
			      .exit_code = 143};

	(void)state;
	boot_decide(&c);
	assert_true(c.want_start);
	assert_false(c.shut_down);
	assert_int_equal(c.exit_code, 143);
}

/* ---- stops ----------------------------------------------------------------------------------- */

/* ran - @c with a directory, and a program that nobody looks at */
static struct container *ran(const char *name, enum phase phase)
{
	struct container *c = container_new(&s);

	snprintf(c->name, sizeof(c->name), "%s", name);
	c->phase = phase;
	assert_int_equal(mkdirat(s.containers_dir, c->id, 0700), 0);
	return c;
}

static void take_away(struct container *c)
{
	struct error err = ERROR_INIT;

	assert_int_equal(container_remove_files(c, &err), 0);
	container_forget(c);
}

static void no_event(struct loop_source *source, uint32_t events)
{
	(void)source;
	(void)events;
}

/* Somebody who has asked for a change; @theirs: the other end. */
static void connect_client(struct client *client, int *theirs)
{
	struct error err = ERROR_INIT;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	*client = (struct client){.s = &s, .next = s.clients, .changes = true};
	assert_int_equal(loop_add(&s.loop, &client->source, pair[0], EPOLLIN, no_event, &err), 0);
	s.clients = client;
	*theirs = pair[1];
}

static void disconnect(struct client *client, int theirs)
{
	s.clients = client->next;
	client_drop(client);
	close(theirs);
	free(client->out);
}

/* answer - what waits for the client, which is left without it; NULL: nothing */
static const char *answer(struct client *client)
{
	static char text[512];
	size_t length = client->out_end - client->out_start;

	if (!length)
		return NULL;
	snprintf(text, sizeof(text), "%.*s", (int)(length - FRAME_HEADER),
		 (const char *)client->out + client->out_start + FRAME_HEADER);
	client->out_start = client->out_end = 0;
	return text;
}

static void a_stop_is_answered_when_it_is_on_the_disk(void **state)
{
	struct container *c = ran("ended", PHASE_EXITED);
	const struct request r = {0};
	struct client client;
	uint64_t before = s.flush.changes;
	int theirs;

	(void)state;
	s.flush.needed = true;
	connect_client(&client, &theirs);
	verb_stop(&client, &r, c);
	assert_true(c->user_stopped);
	assert_non_null(answer(&client));
	assert_int_equal(s.flush.changes, before + 1);
	assert_int_equal(client.after, before + 1);
	disconnect(&client, theirs);
	loop_cancel(&s.loop, &s.flush.timer);
	s.flush = (struct flush){0};
	take_away(c);
}

static void a_stop_by_hand_is_one_after_a_stop_of_all_too(void **state)
{
	struct container *c = ran("outlived", PHASE_RUNNING);

	(void)state;
	c->restart.kind = RESTART_ALWAYS;
	c->shut_down = true;
	life_stop(c, SIGTERM, 1);
	life_exited(c, 0, NOW);
	assert_int_equal(c->phase, PHASE_EXITED);
	assert_true(c->user_stopped);
	assert_false(c->want_start || c->restarting || c->shut_down);
	take_away(c);
}

static void a_stop_of_all_stays_one_when_a_client_stops_too(void **state)
{
	struct container *c = ran("both", PHASE_RUNNING);

	(void)state;
	s.shutting_down = c->shut_down = true;
	life_stop(c, SIGTERM, 1);
	life_exited(c, 0, NOW);
	assert_true(c->shut_down && c->user_stopped);
	s.shutting_down = false;
	take_away(c);
}

static void who_waits_for_a_start_hears_that_it_was_stopped(void **state)
{
	struct container *c = ran("joins", PHASE_CREATED);
	const struct request r = {0};
	struct client starts, waits;
	int theirs[2];

	(void)state;
	connect_client(&starts, &theirs[0]);
	connect_client(&waits, &theirs[1]);
	c->want_start = true;
	verb_start(&starts, &r, c);
	assert_null(answer(&starts));
	verb_wait(&waits, &r, c);
	assert_non_null(answer(&waits));
	life_stop(c, SIGTERM, 1);
	assert_non_null(strstr(answer(&starts), "start joins: it was stopped before it ran"));
	assert_null(starts.op);
	/* it has not ended: it never began */
	assert_null(answer(&waits));
	disconnect(&waits, theirs[1]);
	disconnect(&starts, theirs[0]);
	take_away(c);
}

static void a_restart_that_is_given_up_fails(void **state)
{
	struct container *c = ran("anew", PHASE_RUNNING);
	const struct request r = {.has_timeout = true, .timeout_s = 1};
	struct client client;
	int theirs;

	(void)state;
	connect_client(&client, &theirs);
	verb_restart(&client, &r, c);
	assert_true(c->want_start);
	assert_null(answer(&client));
	life_exited(c, 0, NOW);
	/* it is about to start */
	assert_null(answer(&client));
	c->phase = PHASE_RUNNING;
	life_stop(c, SIGTERM, 1);
	life_exited(c, 0, NOW);
	assert_non_null(strstr(answer(&client), "start anew: it was stopped before it ran"));
	disconnect(&client, theirs);
	take_away(c);
}

/* A start that a stop of all has overtaken and that did not come to its end by then. */
static void a_start_that_a_stop_of_all_overtook_is_the_policys(void **state)
{
	static const struct {
		enum phase phase;
		enum restart_kind restart;
		bool starts;
	} cases[] = {
		{PHASE_CREATING, RESTART_ALWAYS, true},
		{PHASE_CREATING, RESTART_UNLESS_STOPPED, true},
		{PHASE_CREATING, RESTART_NO, false},
		{PHASE_STARTING, RESTART_ALWAYS, true},
		{PHASE_STARTING, RESTART_NO, false},
	};

	(void)state;
	for (size_t boot = 0; boot < 2; boot++)
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			struct container *c = ran("overtaken", cases[i].phase);

			c->restart.kind = cases[i].restart;
			c->want_start = true;
			s.shutting_down = true;
			life_shut_down_one(c);
			s.shutting_down = false;
			assert_true(c->shut_down);
			if (boot) {
				boot_lapse(c, OTHER_BOOT, NOW);
				boot_decide(c);
			} else {
				s.ending = true; /* decided only: nothing is executed */
				recover_end(&s);
				s.ending = s.replayed = false;
			}
			if (c->want_start != cases[i].starts || c->shut_down)
				fail_msg("%zu, %zu: %d", boot, i, c->want_start);
			take_away(c);
		}
}

static void what_ended_while_it_was_being_started_does_not_run_twice(void **state)
{
	struct container *c = ran("short", PHASE_STARTING);

	(void)state;
	c->want_start = c->ended_early = true;
	c->early_status = 3 << 8;
	s.ending = true;
	recover_end(&s);
	s.ending = s.replayed = false;
	assert_int_equal(c->phase, PHASE_EXITED);
	assert_int_equal(c->exit_code, 3);
	assert_false(c->want_start);
	take_away(c);
}

static void shutting_down(bool is)
{
	if (!is)
		loop_cancel(&s.loop, &s.shutdown_timer);
	s.shutting_down = s.ending = s.replayed = false;
	if (is)
		s.replayed = true;
}

static void a_limit_that_is_short_is_kept(void **state)
{
	int64_t begin_ms = loop_now_ms();

	(void)state;
	shutting_down(true);
	life_shut_down(&s, 1500);
	assert_true(s.shutdown_timer.armed);
	/* those that run are killed at once, and half a second later nothing is waited for any more */
	s.shutdown_timer.expired(&s.shutdown_timer);
	assert_true(s.shutdown_timer.at_ms >= begin_ms + 500);
	assert_true(s.shutdown_timer.at_ms < begin_ms + 1900);
	shutting_down(false);
}

static void with_nothing_that_runs_a_stop_of_all_ends_at_once(void **state)
{
	(void)state;
	s.replayed = false;
	life_shut_down(&s, 15000);
	assert_false(s.ending);
	recover_end(&s);
	assert_true(s.ending);
	shutting_down(false);
}

static void a_stop_of_all_waits_for_what_has_no_container_any_more(void **state)
{
	struct job purge = {.s = &s};

	(void)state;
	shutting_down(true);
	life_shut_down(&s, 15000);
	s.jobs = &purge;
	life_is_down(&s);
	assert_false(s.ending);
	s.jobs = NULL;
	life_is_down(&s);
	assert_true(s.ending);
	shutting_down(false);
}

static void a_prefix_finds_one_or_says_that_there_are_more(void **state)
{
	struct container *a = container_new(&s), *b = container_new(&s);
	struct error err = ERROR_INIT;

	(void)state;
	strcpy(a->name, "aa");
	strcpy(b->name, "bb");
	memset(a->id, '1', ID_DIGITS);
	memset(b->id, '1', ID_DIGITS);
	b->id[5] = '2';
	assert_ptr_equal(container_find(&s, "aa", &err), a);
	assert_ptr_equal(container_find(&s, "111112", &err), b);
	assert_null(container_find(&s, "111", &err));
	assert_non_null(strstr(err.what, "several"));
	assert_null(container_find(&s, "", &err));
	assert_string_equal(err.what, "no such container: ");
	assert_null(container_find(&s, "9", &err));
	container_forget(a);
	container_forget(b);
}

static void invented_names_are_free_and_valid(void **state)
{
	(void)state;
	for (int i = 0; i < 1500; i++) {
		struct container *c = container_new(&s);
		struct error err = ERROR_INIT;
		char name[NAME_BYTES + 1];

		name_invent(&s, name);
		assert_int_equal(name_check(name, &err), 0);
		assert_false(name_taken(&s, name));
		memcpy(c->name, name, sizeof(name));
	}
	while (s.containers)
		container_forget(s.containers);
}

/* ---- the disk -------------------------------------------------------------------------------- */

static void nothing(struct loop_timer *timer)
{
	(void)timer;
}

static int disk_errnum; /* of each fsync(2) from now on */

int fsync(int fd)
{
	errno = disk_errnum;
	return fcntl(fd, F_GETFD) < 0 || disk_errnum ? -1 : 0;
}

/* flushed - until the child of a flush has ended. */
static void flushed(void)
{
	int status;
	pid_t pid;

	assert_non_null(s.flush.job);
	pid = s.flush.job->pid;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(job_ended(&s, pid, status));
}

/* due - what the flush's timer would do now. */
static void due(void)
{
	assert_true(s.flush.timer.armed);
	loop_cancel(&s.loop, &s.flush.timer);
	s.flush.timer.expired(&s.flush.timer);
}

static struct container *make_container(const char *name)
{
	struct container *c = container_new(&s);
	struct error err = ERROR_INIT;
	int dir;

	snprintf(c->name, sizeof(c->name), "%s", name);
	assert_int_equal(mkdirat(s.containers_dir, c->id, 0700), 0);
	dir = container_dir(c, &err);
	assert_true(dir >= 0);
	assert_int_equal(write_file(dir, "request.json", "{}", 2, &err), 0);
	assert_int_equal(write_file(dir, "config.json", "{}", 2, &err), 0);
	close(dir);
	state_save(c);
	flush_changed(&s, c, FLUSH_ALL);
	return c;
}

static bool is_there(const struct container *c, const char *file)
{
	char path[ID_DIGITS + 32];

	snprintf(path, sizeof(path), "%s/%s", c->id, file);
	return faccessat(s.containers_dir, path, F_OK, 0) == 0;
}

static void remove_containers(void)
{
	struct error err = ERROR_INIT;

	while (s.containers) {
		assert_int_equal(container_remove_files(s.containers, &err), 0);
		container_forget(s.containers);
	}
	loop_cancel(&s.loop, &s.flush.timer);
	s.flush = (struct flush){0};
}

static void a_flush_that_fails_has_not_taken_place(void **state)
{
	struct container *c;

	(void)state;
	s.flush.needed = true;
	c = make_container("web");
	disk_errnum = EIO;
	due();
	flushed();
	assert_int_equal(s.flush.errnum, EIO);
	assert_int_equal(s.flush.done, 0);
	assert_int_equal(c->unflushed, FLUSH_ALL);
	assert_true(s.flush.names);
	assert_false(is_there(c, STATE_KEPT));
	flush_now(&s); /* does not come before the next try is due */
	assert_true(s.flush.timer.at_ms > loop_now_ms() + 500);
	disk_errnum = 0;
	due();
	flushed();
	assert_int_equal(s.flush.errnum, 0);
	assert_int_equal(s.flush.done, s.flush.changes);
	assert_true(is_there(c, STATE_KEPT) && is_there(c, "config.json.kept"));
	assert_false(is_there(c, "state.keep"));
	remove_containers();
}

/* Where the disk is full, say: its part file cannot be made here. */
static void a_state_that_is_not_in_its_file_is_not_on_the_disk(void **state)
{
	struct container *c, *other;
	char part[ID_DIGITS + 32];

	(void)state;
	s.flush.needed = true;
	c = make_container("web");
	other = make_container("db");
	snprintf(part, sizeof(part), "%s/state.new", c->id);
	assert_int_equal(mkdirat(s.containers_dir, part, 0700), 0);
	state_save(c);
	assert_int_equal(c->unsaved, EISDIR);
	due();
	flushed();
	assert_int_equal(s.flush.errnum, EISDIR);
	assert_int_equal(s.flush.done, 0);
	assert_true(is_there(other, STATE_KEPT)); /* it is in nobody's way */
	assert_int_equal(unlinkat(s.containers_dir, part, AT_REMOVEDIR), 0);
	due();
	flushed();
	assert_int_equal(c->unsaved, 0);
	assert_int_equal(s.flush.errnum, 0);
	assert_int_equal(s.flush.done, s.flush.changes);
	remove_containers();
}

static void a_flush_that_was_killed_is_tried_again(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	s.flush.needed = true;
	make_container("web");
	due();
	pid = s.flush.job->pid;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(job_ended(&s, pid, SIGKILL));
	assert_int_equal(s.flush.done, 0);
	assert_int_equal(s.flush.errnum, 0);
	due();
	flushed();
	assert_int_equal(s.flush.done, s.flush.changes);
	remove_containers();
}

static void one_that_cannot_be_written_is_in_nobodys_way(void **state)
{
	struct container *bad, *good;
	char path[ID_DIGITS + 32];

	(void)state;
	s.flush.needed = true;
	good = make_container("good");
	bad = make_container("bad"); /* the first of the list */
	snprintf(path, sizeof(path), "%s/" STATE_KEPT, bad->id);
	assert_int_equal(mkdirat(s.containers_dir, path, 0700), 0);
	due();
	flushed();
	assert_true(s.flush.errnum != 0);
	assert_true(is_there(good, STATE_KEPT));
	assert_int_equal(unlinkat(s.containers_dir, path, AT_REMOVEDIR), 0);
	remove_containers();
}

static void many_are_written_with_one_call(void **state)
{
	(void)state;
	s.flush.needed = true;
	for (int i = 0; i < 12; i++)
		make_container("many");
	disk_errnum = EIO; /* no single one is asked for */
	due();
	flushed();
	disk_errnum = 0;
	assert_int_equal(s.flush.errnum, 0);
	for (const struct container *c = s.containers; c; c = c->next)
		assert_true(is_there(c, STATE_KEPT));
	remove_containers();
}

static void what_was_kept_comes_back(void **state)
{
	struct error err = ERROR_INIT;
	struct container *c;
	char text[STATE_BYTES], now[STATE_BYTES];
	int dir;

	(void)state;
	s.flush.needed = true;
	c = make_container("web");
	due();
	flushed();
	dir = container_dir(c, &err);
	assert_true(read_file(dir, "state", text, sizeof(text)) > 0);
	assert_int_equal(write_file(dir, "state", "", 0, &err), 0);
	assert_int_equal(unlinkat(dir, "request.json", 0), 0);
	assert_int_equal(flush_restore(dir, &err), 0);
	assert_true(read_file(dir, "state", now, sizeof(now)) > 0);
	assert_string_equal(now, text);
	assert_true(is_there(c, "request.json"));
	assert_int_equal(flush_restore(dir, &err), 0); /* and once more */
	close(dir);
	remove_containers();
}

/* As long as the disk takes, and a client that says no more waits, the loop is at rest. */
static void a_client_that_waits_for_the_disk_costs_nothing(void **state)
{
	static const char request[] =
		"{\"verb\":\"rename\",\"container\":\"web\",\"name\":\"new\"}";
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct error err = ERROR_INIT;
	struct loop_timer never = {0};
	uint8_t header[FRAME_HEADER];
	char answer[512] = "";
	int64_t until;
	int fd, turns = 0;

	(void)state;
	if (geteuid() != 0)
		skip();
	s.flush.needed = true;
	s.listener.fd = FD_EMPTY;
	make_container("web");
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", s.dir);
	assert_int_equal(clients_listen(&s, addr.sun_path, &err), 0);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	frame_header(header, FRAME_JSON, sizeof(request) - 1);
	assert_int_equal(write(fd, header, sizeof(header)), sizeof(header));
	assert_int_equal(write(fd, request, sizeof(request) - 1), sizeof(request) - 1);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	while (!s.flush.job)
		assert_int_equal(loop_turn(&s.loop, &err), 0);
	until = loop_now_ms() + 300;
	while (loop_now_ms() < until) {
		loop_after(&s.loop, &never, 300, nothing);
		assert_int_equal(loop_turn(&s.loop, &err), 0);
		turns++;
	}
	loop_cancel(&s.loop, &never);
	assert_true(turns < 20);
	assert_int_equal(recv(fd, answer, sizeof(answer), MSG_DONTWAIT), -1);
	disk_errnum = 0;
	flushed();
	assert_true(recv(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT) > FRAME_HEADER);
	assert_non_null(strstr(answer + FRAME_HEADER, "\"ok\":true"));
	close(fd);
	while (s.clients) {
		assert_int_equal(loop_turn(&s.loop, &err), 0);
		clients_sweep(&s);
	}
	loop_close(&s.loop, &s.listener);
	assert_int_equal(unlink(addr.sun_path), 0);
	remove_containers();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_in_each_form),
		cmocka_unit_test(policies_are_dockers),
		cmocka_unit_test(signals_have_names_and_numbers),
		cmocka_unit_test(a_runtimes_words_become_an_error),
		cmocka_unit_test(a_state_is_read_as_it_was_written),
		cmocka_unit_test(a_state_that_cannot_be_is_refused),
		cmocka_unit_test(the_kernels_boot_has_a_name),
		cmocka_unit_test(nothing_of_a_process_outlives_its_boot),
		cmocka_unit_test(what_ran_has_ended_and_nobody_claims_to_know_how),
		cmocka_unit_test(a_status_that_was_told_is_kept),
		cmocka_unit_test(a_start_that_was_cut_off_was_none),
		cmocka_unit_test(policies_decide_as_dockers_daemon_does_at_its_start),
		cmocka_unit_test(a_stop_of_all_is_no_stop_by_hand),
		cmocka_unit_test(a_stop_is_answered_when_it_is_on_the_disk),
		cmocka_unit_test(a_stop_by_hand_is_one_after_a_stop_of_all_too),
		cmocka_unit_test(a_stop_of_all_stays_one_when_a_client_stops_too),
		cmocka_unit_test(who_waits_for_a_start_hears_that_it_was_stopped),
		cmocka_unit_test(a_restart_that_is_given_up_fails),
		cmocka_unit_test(a_start_that_a_stop_of_all_overtook_is_the_policys),
		cmocka_unit_test(what_ended_while_it_was_being_started_does_not_run_twice),
		cmocka_unit_test(a_limit_that_is_short_is_kept),
		cmocka_unit_test(with_nothing_that_runs_a_stop_of_all_ends_at_once),
		cmocka_unit_test(a_stop_of_all_waits_for_what_has_no_container_any_more),
		cmocka_unit_test(a_prefix_finds_one_or_says_that_there_are_more),
		cmocka_unit_test(invented_names_are_free_and_valid),
		cmocka_unit_test(a_flush_that_fails_has_not_taken_place),
		cmocka_unit_test(a_state_that_is_not_in_its_file_is_not_on_the_disk),
		cmocka_unit_test(a_flush_that_was_killed_is_tried_again),
		cmocka_unit_test(one_that_cannot_be_written_is_in_nobodys_way),
		cmocka_unit_test(many_are_written_with_one_call),
		cmocka_unit_test(what_was_kept_comes_back),
		cmocka_unit_test(a_client_that_waits_for_the_disk_costs_nothing),
	};

	return cmocka_run_group_tests(tests, make_supervisor, remove_supervisor);
}
