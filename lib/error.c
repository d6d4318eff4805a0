/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.c: filling, wrapping and printing of struct error; no allocation anywhere.
 */
#include "lib/error.h"

#include <stdarg.h>
#include <string.h>

/* Named as in errno(3); strerrorname_np() is a GNU addition that musl does not have. */
static const struct {
	int num;
	const char *name;
} errno_names[] = {
#define E(n)          \
	{             \
		n, #n \
	}
	E(EPERM),	 E(ENOENT),	  E(ESRCH),	   E(EINTR),	     E(EIO),
	E(ENXIO),	 E(E2BIG),	  E(ENOEXEC),	   E(EBADF),	     E(ECHILD),
	E(EAGAIN),	 E(ENOMEM),	  E(EACCES),	   E(EFAULT),	     E(ENOTBLK),
	E(EBUSY),	 E(EEXIST),	  E(EXDEV),	   E(ENODEV),	     E(ENOTDIR),
	E(EISDIR),	 E(EINVAL),	  E(ENFILE),	   E(EMFILE),	     E(ENOTTY),
	E(ETXTBSY),	 E(EFBIG),	  E(ENOSPC),	   E(ESPIPE),	     E(EROFS),
	E(EMLINK),	 E(EPIPE),	  E(EDOM),	   E(ERANGE),	     E(EDEADLK),
	E(ENAMETOOLONG), E(ENOLCK),	  E(ENOSYS),	   E(ENOTEMPTY),     E(ELOOP),
	E(ENODATA),	 E(ETIME),	  E(EPROTO),	   E(EBADMSG),	     E(EOVERFLOW),
	E(EILSEQ),	 E(EUSERS),	  E(ENOTSOCK),	   E(EMSGSIZE),	     E(EPROTOTYPE),
	E(EOPNOTSUPP),	 E(EAFNOSUPPORT), E(EADDRINUSE),   E(EADDRNOTAVAIL), E(ENETDOWN),
	E(ENETUNREACH),	 E(ECONNABORTED), E(ECONNRESET),   E(ENOBUFS),	     E(EISCONN),
	E(ENOTCONN),	 E(ETIMEDOUT),	  E(ECONNREFUSED), E(EHOSTUNREACH),  E(EALREADY),
	E(EINPROGRESS),	 E(ESTALE),	  E(EDQUOT),	   E(ECANCELED),     E(EKEYREJECTED),
	E(EOWNERDEAD),	 E(ELIBBAD),
#undef E
};

const char *errno_name(int errnum)
{
	static char unknown[16];

	for (size_t i = 0; i < ARRAY_SIZE(errno_names); i++)
		if (errno_names[i].num == errnum)
			return errno_names[i].name;
	snprintf(unknown, sizeof(unknown), "E%d", errnum);
	return unknown;
}

int error_set(struct error *err, int errnum, const char *fmt, ...)
{
	va_list ap;

	err->errnum = errnum;
	err->code = 0;
	err->cause[0] = '\0';
	err->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	return -1;
}

int error_wrap(struct error *err, const char *fmt, ...)
{
	char prefix[256];
	char whole[sizeof(err->what)];
	va_list ap;
	size_t used;

	va_start(ap, fmt);
	vsnprintf(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
	/* What was said first matters most: a text too long loses its end, not its beginning. */
	used = (size_t)snprintf(whole, sizeof(whole), "%s: ", prefix);
	strncpy(whole + used, err->what, sizeof(whole) - used - 1);
	whole[sizeof(whole) - 1] = '\0';
	memcpy(err->what, whole, sizeof(whole));
	return -1;
}

int error_cause(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->cause, sizeof(err->cause), fmt, ap);
	va_end(ap);
	return -1;
}

int error_hint(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -1;
}

int error_exit_code(const struct error *err)
{
	return err->code ? err->code : EXIT_ENGINE;
}

/* sanitise - replace what could steer a terminal; bytes above 0x7f are left to UTF-8. */
static void sanitise(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

size_t error_line(const struct error *err, char *buf, size_t size)
{
	int n;

	if (err->errnum)
		n = snprintf(buf, size, "%s: %s", err->what, errno_name(err->errnum));
	else
		n = snprintf(buf, size, "%s", err->what);
	if (n < 0 || size == 0)
		return 0;
	sanitise(buf);
	return (size_t)n < size ? (size_t)n : size - 1;
}

/* write_text - a short write to a pipe or terminal is finished; a failed one cannot be reported. */
static void write_text(int fd, const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		buf += n;
		len -= (size_t)n;
	}
}

void error_print(const struct error *err, const char *program, int fd)
{
	char line[sizeof(err->what) + 64];
	char text[sizeof(line) + sizeof(err->cause) + sizeof(err->hint) + 96];
	char cause[sizeof(err->cause)], hint[sizeof(err->hint)];
	int n;

	error_line(err, line, sizeof(line));
	memcpy(cause, err->cause, sizeof(cause));
	memcpy(hint, err->hint, sizeof(hint));
	sanitise(cause);
	sanitise(hint);
	n = snprintf(text, sizeof(text), "%s: %s\n%s%s%s%s%s%s", program, line,
		     cause[0] ? "  cause: " : "", cause, cause[0] ? "\n" : "",
		     hint[0] ? "  hint:  " : "", hint, hint[0] ? "\n" : "");
	if (n > 0)
		write_text(fd, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}
