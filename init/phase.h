/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phase.h: the life of the appliance as named and timed phases.
 */
#ifndef CLOISON_INIT_PHASE_H
#define CLOISON_INIT_PHASE_H

/* In the order in which they are entered; the names are in phase.c. */
enum phase {
	PHASE_ROOT,
	PHASE_MOUNTS,
	PHASE_CONSOLE,
	PHASE_CMDLINE,
	PHASE_WATCHDOG,
	PHASE_MANIFEST,
	PHASE_SYSCTL,
	PHASE_CGROUP,
	PHASE_NETWORK,
	PHASE_SEAL,
	PHASE_SERVICES,
	PHASE_READY,
	PHASE_STOP,
	PHASE_TERMINATE,
	PHASE_KILL,
	PHASE_UNMOUNT,
	PHASE_SYNC,
	PHASE_END,
	PHASE_COUNT,
};

/* phase_enter - the phase before ends here, @p begins. */
void phase_enter(enum phase p);

/* phase_say - print the phases from @first on that have been entered, a line for each. */
void phase_say(enum phase first);

/* phase_save - write all phases so far to PHASE_FILE; 0, or -1 with errno. */
int phase_save(void) __attribute__((warn_unused_result));

#define PHASE_FILE "/run/init/phases"

#endif
