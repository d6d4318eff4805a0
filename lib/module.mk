# SPDX-License-Identifier: GPL-2.0-or-later
LIB_SRCS := $(wildcard lib/*.c)

UNIT_TESTS += tests/unit/test_error
tests/unit/test_error_SRCS := lib/error.c

UNIT_TESTS += tests/unit/test_inroot
tests/unit/test_inroot_SRCS := lib/inroot.c lib/sys.c

UNIT_TESTS += tests/unit/test_json
tests/unit/test_json_SRCS := lib/json.c lib/squeeze.c lib/arena.c lib/error.c
tests/unit/test_json_LIBS := -ljson-c

UNIT_TESTS += tests/unit/test_arena
tests/unit/test_arena_SRCS := lib/arena.c lib/error.c

UNIT_TESTS += tests/unit/test_nearest
tests/unit/test_nearest_SRCS := lib/nearest.c

UNIT_TESTS += tests/unit/test_xxh64
tests/unit/test_xxh64_SRCS := lib/xxh64.c

UNIT_TESTS += tests/unit/test_sha256
tests/unit/test_sha256_SRCS := lib/sha256.c lib/error.c

UNIT_TESTS += tests/unit/test_loop
tests/unit/test_loop_SRCS := lib/loop.c lib/error.c
