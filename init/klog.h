/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog.h: what the kernel and PID 1 have said, kept in files below /run/init.
 */
#ifndef CLOISON_INIT_KLOG_H
#define CLOISON_INIT_KLOG_H

#include <stddef.h>
#include <stdint.h>

#define KLOG_FILE "/run/init/kernel.log"	   /* being written */
#define KLOG_FILE_OLD "/run/init/kernel.log.1"	   /* the one before */
#define KLOG_FILE_BOOT "/run/init/kernel.log.boot" /* the first one, which stays */
#define KLOG_BYTES 32768			   /* of each, at most */

/* klog_begin - from now on, in the loop, keep what the kernel says; first what it has said so far. */
void klog_begin(void);

/* klog_own - keep a line of PID 1, @len bytes with its newline. */
void klog_own(const char *line, size_t len);

/* klog_end - write no more, so that /run can be unmounted. */
void klog_end(void);

/* One record of /dev/kmsg, as far as it is kept. */
struct klog_record {
	uint64_t seq;
	uint64_t time_us;
	const char *text; /* not terminated, one line */
	size_t len;
};

/*
 * klog_parse - take apart what one read(2) of /dev/kmsg gave. Returns 0, or -1 when it is no record.
 * Source: Documentation/ABI/testing/dev-kmsg.
 */
int klog_parse(struct klog_record *r, const char *bytes, size_t len)
	__attribute__((warn_unused_result));

#endif
