#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mutants.sh: does soak.sh see what a runtime leaves behind, or does wrong? In place of the runtime a
# script is run that calls it and then, at one of the starts, leaves one thing on purpose. The line of
# soak.sh that is about it has to be "not ok", and with the runtime alone to be "ok".
#
# Runs in tests/debian/chroot, where nothing that is left matters.
set -u
cd "$(dirname "$0")/../.." || exit 1
ARCH=${ARCH:-x86_64}
OUT=${OUT:-out/$ARCH}
export ARCH OUT

if [ "${1:-}" != --here ]; then
	[ "$(id -u)" -eq 0 ] || { echo "skip - soak's mutants: needs root"; exit 0; }
	exec tests/debian/chroot tests/soak/mutants.sh --here
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cloison=$PWD/$OUT/bin/cloison
status=0

# soak - with $dir/runtime, in $dir/said; nobody else is in these namespaces
soak() {
	RUNTIME=$dir/runtime SHARED=0 STARTS=120 WORKERS=4 ROUNDS=${ROUNDS:-1} SEED=7 SOAK_HANG=${SOAK_HANG:-60} \
		tests/soak/soak.sh >"$dir/said" 2>&1
}

# wrapper TEXT - the runtime, then TEXT, whose $* is the command line and $rc the exit code
wrapper() {
	printf '#!/bin/sh\nM=%s\n"%s" "$@" >$M/out.$$ 2>&1\nrc=$?\n%s\ncat $M/out.$$\nrm -f $M/out.$$\nexit $rc\n' \
		"$dir" "$cloison" "$1" >"$dir/runtime"
	chmod 755 "$dir/runtime"
}

# mutant WHAT LINE TEXT [UNDO] - the line of soak.sh with LINE in it has to fail
mutant() {
	wrapper "$3"
	soak
	if grep -q "^not ok - .*$2" "$dir/said"; then
		echo "ok - soak sees $1"
	else
		echo "not ok - soak sees $1: $(grep -E "^(not )?ok" "$dir/said" | tr '\n' ';' | cut -c 1-400)"
		status=1
	fi
	${4:-true} >/dev/null 2>&1
}

# outsider COMMAND - a process that is there before, and runs COMMAND at the 18th start
outsider() {
	rm -f "$dir/go"
	sh -c "while [ ! -e $dir/go ]; do sleep 0.1; done; $1" </dev/null >/dev/null 2>&1 &
	outsider=$!
}

at_18='case "$1 $2 $3 $*" in *run*-17) '
ln -s "$cloison" "$dir/runtime"
soak
if grep '^not ok' "$dir/said" | grep -v "kernel's memory\|dying cgroup"; then
	echo "not ok - soak passes with the runtime itself"
	exit 1
fi
echo "ok - soak passes with the runtime itself"
rm "$dir/runtime"

left="no state, cgroup, mount"
mutant "a file that is left" "$left" "$at_18 : >/run/left ;; esac" "rm -f /run/left"
mutant "a state directory that is left" "$left" "$at_18"' mkdir "$2/left" ;; esac'
mutant "a mount that is left" "$left" "$at_18 mount -t tmpfs x /mnt ;; esac" "umount /mnt"
mutant "a cgroup that is left" "$left" "$at_18 mkdir /sys/fs/cgroup/left ;; esac" "rmdir /sys/fs/cgroup/left"
mutant "a queue that is left" "$left" "$at_18 ipcmk -Q >/dev/null ;; esac" "ipcrm -a"
mutant "a process that is left" "a tenth of them" "$at_18 env -i sleep 1000 & ;; esac"
mutant "a process whose child is not waited for" "a tenth of them" "$at_18 env -i sh -c 'sleep 0.1 & exec sleep 1000' & ;; esac"
outsider "sleep 0.1 & exec sleep 1000"
mutant "a zombie that is left" "$left" "$at_18"' : >$M/go ;; esac' "kill $outsider"
outsider "exec unshare -n sleep 1000"
mutant "a network namespace that is left" "no namespace is left" "$at_18"' : >$M/go ;; esac' "kill $outsider"
mutant "memory of the kernel that is left" "memory does not grow" \
	'case "$*" in *run*) for i in 1 2 3 4 5 6 7 8 9 10; do ipcmk -S 50 >/dev/null; done ;; esac' "ipcrm -a"
mutant "a start that fails" "a tenth of them" "$at_18 rc=125 ;; esac"
mutant "a container that is said to run when it does not" "on their own ids" \
	'case "$*" in *state*) sed -i s/created/running/ $M/out.$$ ;; esac'
mutant "a state without a status" "on the same four ids" 'case "$*" in *state*-[0-3]) sed -i s/status/stat/ $M/out.$$ ;; esac'
ROUNDS=20
mutant "two containers of one id" "64\|4 at once: no state" \
	'case "$*" in *create*hold-[0-3]*) rm -f $M/out.$$; ("'"$cloison"'" --root $2-b run --detach --bundle "$5" $6-b; "'"$cloison"'" --root $2-b delete --force $6-b) >/dev/null 2>&1 </dev/null ;; esac'
ROUNDS=1 SOAK_HANG=5
mutant "a command that hangs" "a tenth of them" "$at_18 sleep 1000 ;; esac"
exit $status
