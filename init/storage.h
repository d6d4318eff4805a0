/* SPDX-License-Identifier: GPL-2.0-or-later */
/* storage.h: does the data partition still take what is written to it? */
#ifndef CLOISON_INIT_STORAGE_H
#define CLOISON_INIT_STORAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define STORAGE_DIRECTORY "/var/lib/cloison"

/* storage_step - start the next probe when it is due; to be called in every round of the loop. */
void storage_step(void);

/* storage_ended - a child has ended; true when it was the probe. */
bool storage_ended(pid_t pid, int status) __attribute__((warn_unused_result));

/* storage_fault - what is wrong with the storage at @now_ms; NULL when nothing is known to be. */
const char *storage_fault(uint64_t now_ms);

#endif
