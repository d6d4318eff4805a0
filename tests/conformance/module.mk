# SPDX-License-Identifier: GPL-2.0-or-later
#
# Conformance to the OCI runtime specification: `run` says how.

HOST_PROGRAMS += conformance-probe
conformance-probe_SRCS := tests/conformance/probe.c
conformance-probe_LDFLAGS := -static

CHECK_SCRIPTS += tests/conformance/check
