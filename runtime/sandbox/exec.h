/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec.h: finding the program, and saying why it cannot be run.
 *
 * "No such file or directory" for a file that is plainly there is the oldest complaint about
 * container runtimes. execve gives one errno for a missing file, a missing interpreter, a script
 * with DOS line ends and a missing loader. Where system calls are going to be filtered the reasons are
 * looked for before execve and kept as text, otherwise after it; only when execve fails with the errno
 * that fits are they shown.
 */
#ifndef CLOISON_SANDBOX_EXEC_H
#define CLOISON_SANDBOX_EXEC_H

#include <limits.h>
#include <stdbool.h>

#include "runtime/sandbox/sandbox.h"

#define EXEC_CAUSES 2 /* a program of 32 bits may be refused for what it is or for its loader */

/* When to look at what is found: now, or only once execve has failed, which is cheaper. */
enum exec_look { EXEC_LOOK_NOW, EXEC_LOOK_LATER };

struct exec_target {
	bool looked;
	char path[PATH_MAX];
	struct exec_cause {
		int errnum; /* what execve answers to it; 0: none */
		char text[256];
	} causes[EXEC_CAUSES];
	char hint[128];
};

/*
 * exec_find - resolve @name as execvp(3) does, with PATH from @envp, and examine what it finds. With
 * EXEC_LOOK_LATER a path is not even looked up.
 * Returns -1 with err->code EXIT_NOT_FOUND or EXIT_CANNOT_INVOKE.
 */
int exec_find(const char *name, char *const *envp, enum exec_look look, struct exec_target *target,
	      struct error *err) must_check;

/*
 * exec_missing - is there plainly no program @name? Then create already says so, as engines expect:
 * what depends on the user, on the working directory or on the file is left for the start.
 */
bool exec_missing(const char *name, char *const *envp, struct error *err);

/*
 * exec_explain - the error for an execve of @target with @argv and @envp that failed with @errnum.
 * Returns -1. With EXEC_LOOK_NOW it makes no system call: a filter may be loaded.
 */
int exec_explain(struct exec_target *target, char *const *argv, char *const *envp, int errnum,
		 struct error *err);

/* examine.c: exec_examine - note in @target what would make execve fail, as far as it can be read. */
void exec_examine(struct exec_target *target);

/* exec_explain_path - the cause, if one can be established, why @path failed with @errnum. */
void exec_explain_path(const char *path, int errnum, struct error *err);

/* exec_explain_failure - the same for the execve itself. */
void exec_explain_failure(const struct exec_target *target, char *const *argv, char *const *envp,
			  int errnum, struct error *err);

/* exec_home - set HOME from the container's /etc/passwd when the environment has none. */
int exec_home(struct sandbox *sb, struct inroot root, struct error *err) must_check;

#endif
