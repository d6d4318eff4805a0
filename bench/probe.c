/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.c: the workload of every start that is timed, the same file in a container and in a VM.
 *
 * A static program without a C library, so that nothing but the system under test runs before its
 * first instruction. That instruction reads the cycle counter; then one write of a mark to fd 1
 * tells the harness that the workload runs. In a container fd 1 is a pipe of the harness, in a VM
 * it is the serial console. (QEMU's debugcon would spare the serial driver, but port 0xe9 needs
 * iopl or ioperm, which the appliance's kernel does not offer: CONFIG_X86_IOPL_IOPERM is off.)
 *
 * Then, by name and argument:
 *	/init		the kernel started it as PID 1 of a VM: power off
 *	anything else	exit 0
 *	... again	say that it runs again and again, 1 ms apart: for who listens from the middle on
 *	... hold	stay, asleep, until killed, or until nobody has the other end of the pipe that is the
 *			standard input, if one is; first say how much RAM there is and is free
 */
#include "bench/mark.h"
#include "lib/rawcall.h"

#include <asm/poll.h>
#include <asm/unistd.h>
#include <linux/reboot.h>
#include <linux/sysinfo.h>
#include <linux/time.h>

#if defined(__x86_64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	rdtsc\n"
	"	shl $32, %rdx\n"
	"	or %rdx, %rax\n"
	"	mov %rax, %rdi\n"
	"	mov %rsp, %rsi\n"
	"	xor %ebp, %ebp\n"
	"	and $-16, %rsp\n"
	"	call probe_main\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mrs x0, cntvct_el0\n"
	"	mov x1, sp\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	bl probe_main\n");
#endif

static int same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* send - one mark in one write; there is nobody to tell when it fails. */
static void send(char kind, uint64_t value)
{
	char text[MARK_SIZE];

	mark_format(text, kind, value);
	call4(__NR_write, 1, (long)text, MARK_SIZE, 0);
}

/* hold - the idle workload of the memory scenario. */
static void hold(void)
{
	struct sysinfo si;
	struct pollfd leash;

	/* Not an initialiser: for that, compilers call memset, which nobody here defines. */
	si.totalram = si.freeram = si.mem_unit = 0;

	if (call4(__NR_sysinfo, (long)&si, 0, 0, 0) == 0) {
		send(MARK_RAM_TOTAL, (uint64_t)si.totalram * si.mem_unit / 1024);
		send(MARK_RAM_FREE, (uint64_t)si.freeram * si.mem_unit / 1024);
	}
	leash.fd = 0;
	leash.events = leash.revents = 0;
	if (call4(__NR_ppoll, (long)&leash, 1, 0, 0) == 1 && leash.revents & POLLHUP)
		return;
	for (;;)
		call4(__NR_ppoll, 0, 0, 0, 0);
}

/* again - a restored machine has no first instruction: its reports go on where they were. */
static void again(void)
{
	struct timespec pause;

	pause.tv_sec = 0;
	pause.tv_nsec = 1000000;
	for (;;) {
		call4(__NR_nanosleep, (long)&pause, 0, 0, 0);
		send(MARK_PROBE, 0);
	}
}

/*
 * probe_main - all there is after _start.
 * @counter:	the cycle counter at the first instruction
 * @stack:	the initial stack: argc, then argv
 */
__attribute__((noreturn, used)) void probe_main(uint64_t counter, const long *stack);

__attribute__((noreturn, used)) void probe_main(uint64_t counter, const long *stack)
{
	long argc = stack[0];
	char *const *argv = (char *const *)(stack + 1);

	send(MARK_PROBE, counter);
	/* The last word: a kernel hands words of its command line that it does not know to init. */
	if (argc > 1 && same(argv[argc - 1], "hold"))
		hold();
	if (argc > 1 && same(argv[argc - 1], "again"))
		again();
	if (argc > 0 && same(argv[0], "/init"))
		call4(__NR_reboot, (long)LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		      LINUX_REBOOT_CMD_POWER_OFF, 0);
	for (;;)
		call4(__NR_exit_group, 0, 0, 0, 0);
}
