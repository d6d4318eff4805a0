# SPDX-License-Identifier: GPL-2.0-or-later
# The documentation has a test: it must agree with the programs, the Makefile and itself.
CHECK_SCRIPTS += tests/docs.sh
