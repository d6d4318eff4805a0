/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * examine.c: what keeps a program from being run.
 *
 * Two occasions. exec_examine() reads the program's head before the filter is loaded; for a program
 * that is all right that is one open, one read and one look for its loader. What it finds wrong is
 * kept for the errno that the kernel answers to it, and believed only if that errno comes. The other
 * functions are called when something has failed already, and may look as closely as they like.
 *
 * Source: execve(2), elf(5), path_resolution(7); fs/binfmt_script.c (256 bytes of a "#!" line, five
 * interpreters in a row); fs/exec.c for the limits on arguments.
 */
#include <elf.h>
#include <fcntl.h>
#include <linux/binfmts.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "runtime/sandbox/exec.h"

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#define GLIBC_LOADER "/lib64/ld-linux-x86-64.so.2"
#define MUSL_LOADER "/lib/ld-musl-x86_64.so.1"
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#define GLIBC_LOADER "/lib/ld-linux-aarch64.so.1"
#define MUSL_LOADER "/lib/ld-musl-aarch64.so.1"
#else
#error "which ELF machine is this?"
#endif

#define HEAD_BYTES 4096
#define MAX_INTERPRETERS 5
#define ONE_ARGUMENT_BYTES 131072 /* MAX_ARG_STRLEN with pages of 4 KiB */

static const struct {
	unsigned int machine;
	const char *name;
} machines[] = {
	{EM_386, "x86 (32 bit)"}, {EM_X86_64, "x86_64"}, {EM_ARM, "arm (32 bit)"},
	{EM_AARCH64, "aarch64"},  {EM_RISCV, "riscv"},	 {EM_PPC64, "ppc64"},
	{EM_S390, "s390x"},	  {EM_MIPS, "mips"},
};

/* A file at the end of a chain of interpreters, and its first bytes, which end in a NUL. */
struct file {
	struct exec_target *target;
	const char *path;
	const char *prefix; /* "", or "its interpreter `/x`: " */
	char *head;
	size_t len;
};

static const char *machine_name(unsigned int machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].machine == machine)
			return machines[i].name;
	return "another machine";
}

/* say - keep a cause for @errnum; the first for each is the one the kernel meets first. */
__attribute__((format(printf, 3, 4))) static void say(const struct file *f, int errnum,
						      const char *fmt, ...)
{
	struct exec_cause *c = f->target->causes;
	va_list ap;

	for (size_t i = 0; i < EXEC_CAUSES; i++, c++) {
		if (c->errnum == errnum)
			return;
		if (c->errnum)
			continue;
		c->errnum = errnum;
		va_start(ap, fmt);
		vsnprintf(c->text, sizeof(c->text), fmt, ap);
		va_end(ap);
		return;
	}
}

static void hint(const struct file *f, const char *text)
{
	snprintf(f->target->hint, sizeof(f->target->hint), "%s", text);
}

/* examine_loader - the program's dynamic loader is there, or why not. */
static void examine_loader(const struct file *f, const char *loader)
{
	if (access(loader, X_OK) == 0)
		return;
	if (errno == EACCES) {
		say(f, EACCES, "%sits loader `%.120s` is not executable", f->prefix, loader);
		return;
	}
	if (strstr(loader, "ld-musl") && access(GLIBC_LOADER, F_OK) == 0) {
		say(f, ENOENT,
		    "%sits loader `%.80s` does not exist: it is built for musl, the container has glibc",
		    f->prefix, loader);
		hint(f, "use a build for glibc, or one that is linked statically");
	} else if (strstr(loader, "ld-linux") && access(MUSL_LOADER, F_OK) == 0) {
		say(f, ENOENT,
		    "%sits loader `%.80s` does not exist: it is built for glibc, the container has musl",
		    f->prefix, loader);
		hint(f, "use a build for musl, or one that is linked statically");
	} else {
		say(f, ENOENT, "%sits loader `%.120s` does not exist", f->prefix, loader);
	}
}

/* A segment of either class. */
struct segment {
	uint32_t type;
	uint64_t offset, size;
};

/* read_segment - segment @i of the program; false: it is not in the part of the file we have. */
static bool read_segment(const struct file *f, bool wide, unsigned int i, struct segment *s)
{
	Elf64_Ehdr wide_header;
	Elf32_Ehdr header;
	Elf64_Phdr wide_segment;
	Elf32_Phdr segment;
	uint64_t at;

	if (wide) {
		memcpy(&wide_header, f->head, sizeof(wide_header));
		at = wide_header.e_phoff + (uint64_t)i * sizeof(wide_segment);
		if (i >= wide_header.e_phnum || wide_header.e_phoff > f->len ||
		    at + sizeof(wide_segment) > f->len)
			return false;
		memcpy(&wide_segment, f->head + at, sizeof(wide_segment));
		*s = (struct segment){wide_segment.p_type, wide_segment.p_offset,
				      wide_segment.p_filesz};
		return true;
	}
	memcpy(&header, f->head, sizeof(header));
	at = header.e_phoff + (uint64_t)i * sizeof(segment);
	if (i >= header.e_phnum || at + sizeof(segment) > f->len)
		return false;
	memcpy(&segment, f->head + at, sizeof(segment));
	*s = (struct segment){segment.p_type, segment.p_offset, segment.p_filesz};
	return true;
}

static void examine_elf(const struct file *f)
{
	Elf32_Ehdr eh; /* up to e_machine both classes are alike */
	bool wide = f->head[EI_CLASS] == ELFCLASS64;
	struct segment s;

	if (f->len < (wide ? sizeof(Elf64_Ehdr) : sizeof(eh))) {
		say(f, ENOEXEC, "%sit is cut off: an ELF file of %zu bytes", f->prefix, f->len);
		return;
	}
	memcpy(&eh, f->head, sizeof(eh));
	if (eh.e_machine != OWN_MACHINE)
		say(f, ENOEXEC, "%sit is built for %s, this machine is %s", f->prefix,
		    machine_name(eh.e_machine), machine_name(OWN_MACHINE));
	else if (!wide)
		say(f, ENOEXEC, "%sit is a program of 32 bits, which this kernel does not run",
		    f->prefix);
	else if (eh.e_type != ET_EXEC && eh.e_type != ET_DYN)
		say(f, ENOEXEC,
		    "%sit is an ELF file, but no program (an object file or a core dump)",
		    f->prefix);
	for (unsigned int i = 0; read_segment(f, wide, i, &s); i++) {
		if (s.type != PT_INTERP)
			continue;
		if (s.size && s.offset < f->len && s.size <= f->len - s.offset &&
		    !f->head[s.offset + s.size - 1])
			examine_loader(f, f->head + s.offset);
		return;
	}
}

/* examine_script - the line's interpreter, in @f's head; NULL: there is none to go on with. */
static char *examine_script(const struct file *f)
{
	char *end = strchr(f->head, '\n'), *interp = f->head + 2;

	if (end)
		*end = '\0';
	interp += strspn(interp, " \t");
	if (end > f->head && end[-1] == '\r') {
		end[-1] = '\0';
		say(f, ENOENT,
		    "%sthe line `#!%.80s` ends in CR LF, so the kernel looks for an interpreter with "
		    "a carriage return in its name",
		    f->prefix, interp);
		hint(f, "convert the file to LF line ends");
		return NULL;
	}
	interp[strcspn(interp, " \t")] = '\0';
	if (!*interp) {
		say(f, ENOEXEC, "%sits first line `#!` names no interpreter", f->prefix);
		return NULL;
	}
	if (access(interp, X_OK) == 0)
		return interp;
	if (errno == EACCES)
		say(f, EACCES, "%sits interpreter `%.120s` is not executable", f->prefix, interp);
	else
		say(f, errno, "%sits interpreter `%.120s` does not exist", f->prefix, interp);
	return NULL;
}

static void examine_other(const struct file *f)
{
	static const char bom[] = "\xef\xbb\xbf#!";

	if (f->len == 0) {
		say(f, ENOEXEC, "%sthe file is empty", f->prefix);
	} else if (!strncmp(f->head, bom, sizeof(bom) - 1)) {
		say(f, ENOEXEC, "%sit begins with a byte order mark, and only then with #!",
		    f->prefix);
		hint(f, "save it as UTF-8 without a byte order mark");
	} else {
		say(f, ENOEXEC, "%sit is neither an ELF file nor a script that begins with #!",
		    f->prefix);
	}
}

/* read_head - the first bytes of a file; -1: they cannot be read, so nothing can be said. */
static ssize_t read_head(const char *path, char *head)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read(fd, head, HEAD_BYTES);

	if (n >= 0)
		head[n] = '\0';
	return n;
}

void exec_examine(struct exec_target *t)
{
	static char head[HEAD_BYTES + 1];
	char path[256], prefix[192] = "";
	struct file f = {.target = t, .path = t->path, .prefix = prefix, .head = head};

	memset(t->causes, 0, sizeof(t->causes));
	t->hint[0] = '\0';
	for (unsigned int depth = 0;; depth++) {
		ssize_t n = read_head(f.path, head);
		char *interp;

		if (n < 0)
			return;
		f.len = (size_t)n;
		if (n < 2 || memcmp(head, "#!", 2) != 0)
			break;
		if (depth == MAX_INTERPRETERS) {
			say(&f, ELOOP, "%d interpreters in a row are scripts", MAX_INTERPRETERS);
			return;
		}
		head[BINPRM_BUF_SIZE] = '\0';
		interp = examine_script(&f);
		if (!interp || strlen(interp) >= sizeof(path))
			return;
		memcpy(path, interp, strlen(interp) + 1);
		f.path = path;
		snprintf(prefix, sizeof(prefix), "its interpreter `%.120s`: ", path);
	}
	if (f.len >= SELFMAG && !memcmp(head, ELFMAG, SELFMAG))
		examine_elf(&f);
	else
		examine_other(&f);
}

/* ---- after a failure ------------------------------------------------------------------------- */

/*
 * blocking_part - the first directory on the way to @path that fails with @errnum for @mode, into
 * @buf; the last part of the path is not looked at.
 */
static bool blocking_part(const char *path, int mode, int errnum, char *buf, size_t size)
{
	for (size_t i = 1; i < size && path[i]; i++) {
		if (path[i] != '/')
			continue;
		memcpy(buf, path, i);
		buf[i] = '\0';
		if (access(buf, mode) < 0 && errno == errnum)
			return true;
	}
	return false;
}

static void explain_missing(const char *path, struct error *err)
{
	char text[128];
	struct stat st;
	ssize_t n;

	if (blocking_part(path, F_OK, ENOENT, text, sizeof(text))) {
		error_cause(err, "there is no directory `%s`", text);
		return;
	}
	if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
		return;
	n = readlink(path, text, sizeof(text) - 1);
	if (n > 0) {
		text[n] = '\0';
		error_cause(err, "it is a symbolic link to `%s`, which does not exist", text);
	}
}

static void explain_denied(const char *path, struct error *err)
{
	char parent[192];
	struct statvfs fs;
	struct stat st;

	if (blocking_part(path, X_OK, EACCES, parent, sizeof(parent)))
		error_cause(err, "user %u may not search the directory `%s`", geteuid(), parent);
	else if (stat(path, &st) < 0)
		return;
	else if (S_ISDIR(st.st_mode))
		error_cause(err, "it is a directory");
	else if (!S_ISREG(st.st_mode))
		error_cause(err, "it is not a regular file");
	else if (!(st.st_mode & 0111))
		error_cause(err, "it is not executable: its mode is %04o", st.st_mode & 07777);
	else if (statvfs(path, &fs) == 0 && fs.f_flag & ST_NOEXEC)
		error_cause(err, "the file system it is on is mounted noexec");
	else
		error_cause(err, "its mode is %04o and its owner %u:%u; the user is %u:%u",
			    st.st_mode & 07777, st.st_uid, st.st_gid, geteuid(), getegid());
}

void exec_explain_path(const char *path, int errnum, struct error *err)
{
	char part[192];

	switch (errnum) {
	case ENOENT:
		explain_missing(path, err);
		break;
	case EACCES:
		explain_denied(path, err);
		break;
	case ENOTDIR:
		if (blocking_part(path, F_OK, ENOTDIR, part, sizeof(part))) {
			*strrchr(part, '/') = '\0';
			error_cause(err, "`%s` is not a directory", part);
		} else if (strlen(path) < sizeof(part) && strrchr(path, '/')) {
			snprintf(part, sizeof(part), "%.*s", (int)(strrchr(path, '/') - path),
				 path);
			error_cause(err, "`%s` is not a directory", part);
		}
		break;
	case ELOOP:
		error_cause(err, "its symbolic links lead in a circle, or there are more than 40");
		break;
	default:
		break;
	}
}

/* explain_size - E2BIG; counted in memory, since a filter may hold by now. */
static void explain_size(char *const *argv, char *const *envp, struct error *err)
{
	char *const *const lists[] = {argv, envp};
	static const char *const names[] = {"process.args", "process.env"};
	size_t bytes = 0, strings = 0;

	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; lists[l][i]; i++) {
			size_t len = strlen(lists[l][i]) + 1;

			if (len > ONE_ARGUMENT_BYTES) {
				error_cause(err,
					    "%s[%zu] has %zu bytes; the kernel takes %d in one",
					    names[l], i, len, ONE_ARGUMENT_BYTES);
				return;
			}
			bytes += len;
			strings++;
		}
	error_cause(
		err,
		"arguments and environment have %zu bytes in %zu strings; the kernel takes a quarter "
		"of RLIMIT_STACK, at most 6 MiB",
		bytes, strings);
}

void exec_explain_failure(const struct exec_target *t, char *const *argv, char *const *envp,
			  int errnum, struct error *err)
{
	if (errnum == E2BIG)
		explain_size(argv, envp, err);
	else if (errnum == ETXTBSY)
		error_cause(err, "a process has it open for writing");
	for (size_t i = 0; i < EXEC_CAUSES; i++) {
		if (t->causes[i].errnum != errnum)
			continue;
		error_cause(err, "%s", t->causes[i].text);
		if (t->hint[0])
			error_hint(err, "%s", t->hint);
	}
}
