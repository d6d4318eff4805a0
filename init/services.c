/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * services.c: all services together, from the boot to the shutdown.
 *
 * What happens to one service is in service.c; here is what is asked of all of them in every round of the
 * loop, at the end of the boot and on the way down. They are visited in the order of their needs, on the way
 * down in the reverse order, and none is stopped as long as one that needs it is running.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "init/channel.h"
#include "init/file.h"
#include "init/loop.h"
#include "init/notify.h"
#include "init/say.h"
#include "init/service.h"
#include "init/servicestate.h"

#define CLEAN_POLL_MS 20 /* how often a killed cgroup is looked at */

bool services_told(pid_t pid, int status)
{
	for (size_t i = 0; i < service_count; i++) {
		if (services[i].pid != pid)
			continue;
		service_happen(&services[i], WIFSTOPPED(status) ? EVENT_HELD : EVENT_EXIT, status);
		return true;
	}
	return false;
}

bool services_over(void)
{
	return service_system.over;
}

static bool is_active(const struct service *s)
{
	return s->pid > 0 || s->state == SERVICE_STARTING || s->state == SERVICE_UP ||
	       s->state == SERVICE_STOPPING || s->state == SERVICE_CLEANING;
}

/* is_needed - does a service that is still running need @i? */
static bool is_needed(size_t i)
{
	const struct conditions *c = &service_conditions;

	for (size_t other = 0; other < service_count; other++)
		for (size_t k = 0; k < c->of[other].need_count; k++)
			if (c->of[other].needs[k] == i && is_active(&services[other]))
				return true;
	return false;
}

static bool any_active(void)
{
	for (size_t i = 0; i < service_count; i++)
		if (is_active(&services[i]))
			return true;
	return false;
}

static void write_states(void)
{
	static char text[SERVICES_MAX * 96];
	static bool told;
	size_t used = 0;

	for (size_t i = 0; i < service_count; i++) {
		const struct service *s = &services[i];
		int n = snprintf(text + used, sizeof(text) - used, "%s %s pid %d starts %u\n",
				 s->def.name, service_state_names[s->state], (int)s->pid,
				 s->starts);

		if (n > 0 && (size_t)n < sizeof(text) - used)
			used += (size_t)n;
	}
	/* once: a system on which it cannot be written is in trouble enough */
	if (file_replace(SERVICES_FILE, 0444, text, used) == 0) {
		told = false;
	} else if (!told) {
		say_error(errno, "services: cannot write `%s`", SERVICES_FILE);
		told = true;
	}
	service_system.changed = false;
}

static void step(struct service *s, uint64_t now)
{
	bool held = service_system.stopping || (s->def.terminal && !service_system.terminal_open);

	/* in this order, for the time of one state may lead to WAITING, which nobody would wake up again */
	if (s->due_ms > 0 && s->due_ms <= now)
		service_happen(s, EVENT_TIME, 0);
	if (s->state == SERVICE_CLEANING && service_is_empty(s))
		service_happen(s, EVENT_EMPTY, 0);
	if (s->state == SERVICE_WAITING && !held && !service_first_unmet(s))
		service_happen(s, EVENT_NEEDS, 0);
	if (service_system.stopping && !is_needed((size_t)(s - services)))
		service_happen(s, EVENT_STOP, 0);
	servicegroup_step(&s->group, service_group_changed, now);
	servicelog_step(&s->log, s->def.name);
}

void services_step(void)
{
	uint64_t now = loop_now_ms();

	/* In the order of needs: a start can set what the next waits for. Stopping goes the other way. */
	for (size_t i = 0; i < service_count; i++)
		step(&services[service_conditions
				       .order[service_system.stopping ? service_count - 1 - i : i]],
		     now);
	for (size_t i = 0; i < service_count; i++) {
		if (services[i].state == SERVICE_CLEANING)
			loop_wake_at(now + CLEAN_POLL_MS);
		if (services[i].due_ms > 0)
			loop_wake_at(services[i].due_ms);
	}
	/* when nobody is left, services_stop_all is to see it and not the next event to be waited for */
	if (service_system.stopping)
		loop_wake_at(any_active() ? service_system.stop_by_ms : now);
	if (service_system.changed)
		write_states();
}

int services_load(const struct cmdline *c)
{
	int failed = 0;

	if (mkdir(SERVICELOG_DIR, 0750) < 0 && errno != EEXIST) {
		say_error(errno, "services: cannot make directory `%s`", SERVICELOG_DIR);
		failed++;
	}
	serviceload_all(c);
	for (size_t i = 0; i < service_count; i++)
		if (services[i].def.channel && services[i].state == SERVICE_WAITING)
			channel_prepare();
	return failed + notify_open(service_notified);
}

bool services_pending(void)
{
	const struct conditions *c = &service_conditions;
	bool pending[SERVICES_MAX];
	bool any = false;

	for (size_t k = 0; k < service_count; k++) {
		size_t i = c->order[k];
		const struct service *s = &services[i];

		pending[i] = s->state == SERVICE_STARTING ||
			     (s->state == SERVICE_WAITING && s->starts == 0 && !s->def.terminal);
		for (size_t n = 0; n < c->of[i].need_count && s->state == SERVICE_WAITING; n++)
			pending[i] = pending[i] && (service_is_set(&services[c->of[i].needs[n]]) ||
						    pending[c->of[i].needs[n]]);
		any = any || pending[i];
	}
	return any;
}

int services_missing(void)
{
	int missing = 0;

	for (size_t i = 0; i < service_count; i++) {
		struct service *s = &services[i];
		const struct service *other = service_first_unmet(s);

		if (s->state == SERVICE_WAITING && other && !s->told_waiting) {
			say("service %s: waits for service %s, which is %s", s->def.name,
			    other->def.name, service_state_names[other->state]);
			s->told_waiting = true;
		}
		if (s->def.essential && !service_is_set(s)) {
			say("service %s: essential, and %s", s->def.name,
			    service_state_names[s->state]);
			missing++;
		}
	}
	return missing;
}

void services_open_terminal(void)
{
	service_system.terminal_open = true;
}

void services_stop_all(uint64_t deadline_ms)
{
	bool session = false;

	for (size_t i = 0; i < service_count; i++)
		session = session || (services[i].def.terminal && services[i].pid > 0);
	service_system.stopping = true;
	service_system.stop_by_ms = deadline_ms;
	while (any_active() && loop_now_ms() < deadline_ms)
		loop_round();
	for (size_t i = 0; i < service_count; i++) {
		if (!is_active(&services[i]))
			continue;
		say("service %s: the time for stopping services is over, killed",
		    services[i].def.name);
		service_kill_all(&services[i]);
	}
	/* what is open on a mount keeps it from being taken off */
	for (size_t i = 0; i < service_count; i++)
		servicegroup_remove(&services[i].group, services[i].def.name);
	notify_close();
	if (session)
		say_line_end();
}

void services_say(void)
{
	for (size_t i = 0; i < service_count; i++) {
		const struct service *s = &services[i];

		if (s->state == SERVICE_UP)
			say("service %s: running, pid %d, start %u", s->def.name, (int)s->pid,
			    s->starts);
		else if (s->starts > 0 || s->state != SERVICE_OFF)
			say("service %s: %s, %u starts", s->def.name, service_state_names[s->state],
			    s->starts);
	}
}
