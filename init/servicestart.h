/* SPDX-License-Identifier: GPL-2.0-or-later */
/* servicestart.h: from a definition to a process. */
#ifndef CLOISON_INIT_SERVICESTART_H
#define CLOISON_INIT_SERVICESTART_H

#include <sys/types.h>

#include "init/servicedef.h"

#define SERVICE_READY_ENV "CLOISON_READY_FD"
#define SERVICE_NOFILE_SOFT 1024
#define SERVICE_NOFILE_HARD 524288 /* also what PID 1 has, for all that it keeps */

/* What a run of a service is given; FD_EMPTY for what it does not get. */
struct start_fds {
	int cgroup;
	int log;
	int ready;
	int channel;
};

/* service_start - the pid of the new first process, or -1 with errno. */
pid_t service_start(const struct service_def *d, const struct start_fds *fds)
	__attribute__((warn_unused_result));

#endif
