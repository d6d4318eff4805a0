#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh: soak.sh in the Debian guest: cgroup v2, and nobody else in the kernel's books.
STARTS=${STARTS:-1000}
# A start is some 60 ms there on a quiet machine. On a busy one take GUEST_CPUS=1: of two emulated
# processors one may wait for minutes for a lock that the other holds, which does not get to run, and
# what takes minutes is a hang here.
exec tests/debian/guest -c "${GUEST_CPUS:-2}" -t "${GUEST_SECONDS:-$((600 + STARTS / 2))}" \
	env SHARED=0 STARTS="$STARTS" ROUNDS="${ROUNDS:-2}" tests/soak/soak.sh
