# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the build itself.
CHECK_SCRIPTS += image/tests/mkcpio image/tests/config image/tests/runner image/tests/cache image/tests/sources image/tests/deps
TEST_SCRIPTS += image/tests/fetch image/tests/manifest
BOOT_SCRIPTS += image/tests/devices
