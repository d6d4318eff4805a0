# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh: what the QEMU boards' run scripts share. Sourced by them, after they have set
#   qemu        the program
#   machine     its machine, CPU and memory words
#   console     the kernel's console device
#   defaults    words of the kernel command line beside it
#
# usage of a run script: run [--print] [QEMU OPTION...]
# environment:
#   MEM      memory, MiB (128)             CPUS     processors (1)
#   APPEND   more words for the kernel     EXTRA    more words for QEMU
#   ACCEL    tcg (default) or kvm          SERIAL   stdio (default), mon:stdio, ...
#   KERNEL, INITRD   other files           OUT      where those are (out/ARCH)
# With --print the command is printed, one word per line, and not run.
# shellcheck shell=sh disable=SC2154 # set by the script that sources this

run_board() {
	print=
	if [ "${1:-}" = --print ]; then
		print=1
		shift
	fi
	kernel=${KERNEL:-$OUT/vmlinuz}
	initrd=${INITRD:-$OUT/initramfs.cpio.lz4}
	for f in "$kernel" "$initrd"; do
		if [ ! -f "$f" ]; then
			echo "cloison: run: no file \`$f\`" >&2
			echo "  hint:  make image ARCH=$arch" >&2
			exit 1
		fi
	done
	append="console=$console quiet $defaults${APPEND:+ $APPEND}"
	# shellcheck disable=SC2086 # lists of words
	set -- $qemu $machine -accel "${ACCEL:-tcg}" -m "${MEM:-128}" -smp "${CPUS:-1}" \
		-nodefaults -nographic -no-reboot -serial "${SERIAL:-stdio}" \
		-kernel "$kernel" -initrd "$initrd" -append "$append" ${EXTRA:-} "$@"
	if [ -n "$print" ]; then
		printf '%s\n' "$@"
		exit 0
	fi
	exec "$@"
}
