# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real engines over the runtime. `make engines` runs all of them, as `make test` does.
#
#   ENGINES=swarm RUNTIME=crun make engines     one group; another runtime, to compare

ENGINE_GROUPS := docker compose swarm podman containerd limits

.PHONY: engines
engines: programs $(OUT)/pkg/busybox.done
	@tests/run $(foreach g,$(or $(ENGINES),$(ENGINE_GROUPS)),"tests/engines/run $g")

TEST_SCRIPTS += $(foreach g,$(ENGINE_GROUPS),"tests/engines/run $g")
