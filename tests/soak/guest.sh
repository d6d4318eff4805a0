#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh: soak.sh in the Debian guest: cgroup v2, and nobody else in the kernel's books.
STARTS=${STARTS:-1000}
# a start is some 60 ms there on a quiet machine
exec tests/debian/guest -t "${GUEST_SECONDS:-$((600 + STARTS / 2))}" \
	env SHARED=0 STARTS="$STARTS" ROUNDS="${ROUNDS:-2}" tests/soak/soak.sh
