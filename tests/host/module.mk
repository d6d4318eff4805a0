# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests of the runtime on the build machine: real namespaces, as root, without QEMU. Each script says
# what it is about; lib.sh is what they share.

HOST_PROGRAMS += console-receiver
console-receiver_SRCS := tests/host/console-receiver.c

HOST_PROGRAMS += seccomp-agent
seccomp-agent_SRCS := tests/host/seccomp-agent.c

HOST_PROGRAMS += datagram
datagram_SRCS := tests/host/datagram.c
datagram_LDFLAGS := -static

# the containers' programs
check-build: $(OUT)/pkg/busybox.done

CHECK_SCRIPTS += tests/host/lifecycle.sh tests/host/killed.sh tests/host/namespaces.sh \
	tests/host/mounts.sh tests/host/process.sh tests/host/seccomp.sh tests/host/broken.sh tests/host/explain.sh tests/host/doctor.sh tests/host/why.sh tests/host/terminal.sh tests/host/exec.sh \
	tests/host/pause.sh tests/host/hybrid.sh tests/host/devices.sh tests/host/lean.sh \
	tests/host/badinput.sh tests/host/edges.sh tests/host/faults.sh tests/host/leak.sh
CHECK_SCRIPTS += tests/host/config.sh
CHECK_SCRIPTS += tests/host/activation.sh tests/host/hooks.sh tests/host/tuning.sh tests/host/landlock.sh

# where there is AppArmor: in Debian's kernel
CHECK_SCRIPTS += tests/host/apparmor.sh
TEST_SCRIPTS += "tests/debian/guest -t 2400 env LIMIT=120 sh tests/host/apparmor.sh"
TEST_SCRIPTS += "tests/debian/guest -t 2400 env LIMIT=120 sh tests/host/why.sh" \
	"tests/debian/guest -t 2400 env LIMIT=120 ONLY=label_redirect sh tests/attack/attack.sh"
TEST_SCRIPTS += "tests/debian/guest -t 2400 env LIMIT=120 sh tests/debian/limits.sh" \
	"tests/debian/guest -t 2400 env LIMIT=120 sh tests/debian/systemd.sh" \
	"tests/debian/guest -c 1 -t 2400 env LIMIT=120 sh tests/debian/small.sh"

# ids, namespaces that are joined, ordinary users
CHECK_SCRIPTS += tests/host/idmap.sh tests/host/pods.sh tests/host/rootless.sh tests/host/netdevices.sh

# the long forms: every occurrence of every system call, more and longer races
SOAK_SCRIPTS += "env LONG=1 tests/host/faults.sh" "env LONG=1 tests/host/killed.sh"

HOST_PROGRAMS += disturb
disturb_SRCS := tests/host/disturb.c

HOST_PROGRAMS += peak-rss
peak-rss_SRCS := tests/host/peak-rss.c

# the supervisor: one that asks, and one that is its PID 1
HOST_PROGRAMS += supervisor-client
supervisor-client_SRCS := tests/host/supervisor-client.c
supervisor-client_LIBS := -ljson-c

HOST_PROGRAMS += init-stand-in
init-stand-in_SRCS := tests/host/init-stand-in.c

CHECK_SCRIPTS += tests/host/supervisor.sh tests/host/supervisor-kill.sh tests/host/supervisor-boot.sh \
	tests/host/native.sh tests/host/native-terminal.sh tests/host/native-cp.sh
SOAK_SCRIPTS += "env LONG=1 tests/host/supervisor-kill.sh"

# images: archives of umoci's, skopeo's and our own making
CHECK_SCRIPTS += tests/host/images.sh tests/host/images-hostile.sh
HOST_PROGRAMS += mktar
mktar_SRCS := tests/host/mktar.c
