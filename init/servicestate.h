/* SPDX-License-Identifier: GPL-2.0-or-later */
/* servicestate.h: the services of PID 1 as the service*.c files share them. */
#ifndef CLOISON_INIT_SERVICESTATE_H
#define CLOISON_INIT_SERVICESTATE_H

#include "init/backoff.h"
#include "init/cmdline.h"
#include "init/conditions.h"
#include "init/notify.h"
#include "init/servicedef.h"
#include "init/servicegroup.h"
#include "init/servicelog.h"

enum service_state {
	SERVICE_WAITING,  /* for its needs */
	SERVICE_STARTING, /* runs, is not ready yet */
	SERVICE_UP,
	SERVICE_STOPPING, /* was asked to end */
	SERVICE_CLEANING, /* its cgroup has been killed; waits until nobody is left */
	SERVICE_BACKOFF,  /* waits for its next start */
	SERVICE_DONE,	  /* has ended well and for good; a oneshot keeps its conditions set */
	SERVICE_FAILED,	  /* has ended badly and for good, or could not be loaded */
	SERVICE_OFF,	  /* is not wanted (any more) */
	SERVICE_STATES,
};

struct service {
	struct service_def def;
	enum service_state state;
	enum service_state after; /* of CLEANING: what comes next */
	pid_t pid;		  /* 0: the first process has ended */
	uint64_t due_ms;	  /* what the state waits for is over then; 0: never */
	uint64_t next_ms;	  /* of BACKOFF, known before it begins */
	uint64_t started_ms;
	uint64_t up_ms; /* when it became ready; 0: it did not */
	unsigned int starts;
	bool told_waiting; /* that it waits in vain */
	bool late;	   /* killed by PID 1: not ready in time, or no sign of life */
	int ready_fd;
	struct backoff backoff;
	struct servicegroup group;
	struct servicelog log;
};

extern struct service services[SERVICES_MAX];
extern size_t service_count;
extern struct conditions service_conditions;

extern const char *const service_state_names[SERVICE_STATES];

/* What is so for all of them. */
extern struct service_system {
	bool terminal_open;  /* services with a terminal may be started */
	bool stopping;	     /* all services are being stopped */
	bool over;	     /* the service that ends the system has ended */
	bool changed;	     /* the file of the states is behind */
	uint64_t stop_by_ms; /* stopping: the time for it is over then */
} service_system;

/* service.c says what they are and what is done about them. */
enum service_event {
	EVENT_NEEDS,
	EVENT_READY,
	EVENT_EXIT,
	EVENT_EMPTY,
	EVENT_TIME,
	EVENT_STOP,
	EVENT_HELD,
	SERVICE_EVENTS,
};

/* service_happen - @status: of EVENT_EXIT and EVENT_HELD, as waitpid(2) gives it. */
void service_happen(struct service *s, enum service_event e, int status);

/* service_is_set - are the conditions that it sets? */
bool service_is_set(const struct service *s);

/* service_first_unmet - a service that @s waits for; NULL when there is none. */
const struct service *service_first_unmet(const struct service *s);

/* service_is_empty - is nobody left who has to go? */
bool service_is_empty(const struct service *s);

/* service_kill_all - SIGKILL; nobody waits for the end. */
void service_kill_all(struct service *s);

/* service_group_changed - of the loop: a limit may have been reached. */
void service_group_changed(int fd, short revents);

/* service_notified - a message came: of the first process of a service, or from the cgroup so named. */
void service_notified(pid_t pid, const char *name, struct notify n);

/* serviceload_all - fill the three above, state included. */
void serviceload_all(const struct cmdline *c);

#endif
