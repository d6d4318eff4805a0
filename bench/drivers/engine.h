/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine.h: what podman and docker share: an image of the probe, `run`, `rm`.
 */
#ifndef CLOISON_BENCH_DRIVERS_ENGINE_H
#define CLOISON_BENCH_DRIVERS_ENGINE_H

#include "bench/drivers/driver.h"

#define ENGINE_IMAGE "cloison-bench-probe:latest"

/* Adds the program with the options that come before the verb. */
typedef void (*engine_program)(const struct bench *b, const struct system *s, struct command *cmd);

/*
 * engine_import - whether the engine answers, then the root of the bundle as its image.
 * Returns 0, or -1 with s->skip.
 */
int engine_import(struct bench *b, struct system *s, engine_program program);

/* engine_run, engine_remove - the commands of a start, and of what removes its container. */
void engine_run(const struct bench *b, const struct system *s, const struct request *r,
		engine_program program, struct command *cmd);
void engine_remove(const struct bench *b, const struct system *s, unsigned int serial,
		   engine_program program, struct command *cmd);

#endif
