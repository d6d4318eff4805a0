/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec.c: PATH lookup, the examination of the program, HOME.
 *
 * Source: execve(2), elf(5); OCI config.md "Process"; the kernel reads 256 bytes of a "#!" line
 * (BINPRM_BUF_SIZE).
 */
#include "runtime/sandbox/exec.h"

#include <elf.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/sys.h"

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#else
#error "which ELF machine is this?"
#endif

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const struct {
	unsigned int machine;
	const char *name;
} machines[] = {
	{EM_386, "x86 (32 bit)"}, {EM_X86_64, "x86_64"}, {EM_ARM, "arm (32 bit)"},
	{EM_AARCH64, "aarch64"},  {EM_RISCV, "riscv"},	 {EM_PPC64, "ppc64"},
	{EM_S390, "s390x"},	  {EM_MIPS, "mips"},
};

static const char *machine_name(unsigned int machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].machine == machine)
			return machines[i].name;
	return "another machine";
}

/* examine_script - is the interpreter of a "#!" line there? @head ends in a NUL. */
static void examine_script(char *head, struct exec_target *t)
{
	char *end = strchr(head, '\n');
	char *interp = head + 2;

	if (end)
		*end = '\0';
	interp += strspn(interp, " \t");
	if (end > head && end[-1] == '\r') {
		end[-1] = '\0';
		snprintf(t->cause, sizeof(t->cause),
			 "the line `#!%.80s` ends in CR LF, so the kernel looks for an interpreter "
			 "with a carriage return in its name",
			 interp);
		snprintf(t->hint, sizeof(t->hint), "convert the file to LF line ends");
		return;
	}
	interp[strcspn(interp, " \t")] = '\0';
	if (!*interp)
		snprintf(t->cause, sizeof(t->cause), "its first line `#!` names no interpreter");
	else if (access(interp, F_OK) < 0)
		snprintf(t->cause, sizeof(t->cause), "its interpreter `%.160s` does not exist",
			 interp);
	else if (access(interp, X_OK) < 0)
		snprintf(t->cause, sizeof(t->cause), "its interpreter `%.160s` is not executable",
			 interp);
}

/* examine_elf - is it for this machine, and is its loader there? */
static void examine_elf(char *head, size_t len, struct exec_target *t)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (len < sizeof(eh))
		return;
	memcpy(&eh, head, sizeof(eh));
	if (eh.e_machine != OWN_MACHINE) {
		snprintf(t->cause, sizeof(t->cause), "it is built for %s, this machine is %s",
			 machine_name(eh.e_machine), machine_name(OWN_MACHINE));
		return;
	}
	for (unsigned int i = 0; i < eh.e_phnum; i++) {
		size_t at = eh.e_phoff + (size_t)i * sizeof(ph);

		if (eh.e_phoff > len || at + sizeof(ph) > len)
			return;
		memcpy(&ph, head + at, sizeof(ph));
		if (ph.p_type != PT_INTERP)
			continue;
		if (ph.p_offset >= len || ph.p_filesz > len - ph.p_offset)
			return;
		if (ph.p_filesz && !head[ph.p_offset + ph.p_filesz - 1] &&
		    access(head + ph.p_offset, F_OK) < 0)
			snprintf(t->cause, sizeof(t->cause), "its loader `%.160s` does not exist",
				 head + ph.p_offset);
		return;
	}
}

/* examine - fill @t's cause, as far as the file can be read at all. */
static void examine(struct exec_target *t)
{
	_cleanup_fd_ int fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	static char head[4096 + 1];
	ssize_t n;

	if (fd < 0)
		return;
	n = read(fd, head, sizeof(head) - 1);
	if (n < 0)
		return;
	head[n] = '\0';
	if (n == 0)
		snprintf(t->cause, sizeof(t->cause), "the file is empty");
	else if (!memcmp(head, "#!", 2))
		examine_script(head, t);
	else if (n >= SELFMAG && !memcmp(head, ELFMAG, SELFMAG))
		examine_elf(head, (size_t)n, t);
	else
		snprintf(t->cause, sizeof(t->cause),
			 "it is neither an ELF file nor a script that "
			 "begins with #!");
}

/* fail_code - exec errors the user caused leave with Docker's codes. */
static int fail_code(struct error *err, int errnum)
{
	err->code = errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_INVOKE;
	return -1;
}

/* check_file - is @path something execve can be asked for? Returns 0, or -1 with errno. */
static int check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	return access(path, X_OK);
}

/* blocking_parent - the first directory of @path that may not be searched, into @buf. */
static bool blocking_parent(const char *path, char *buf, size_t size)
{
	for (size_t i = 1; i < size && path[i]; i++) {
		if (path[i] != '/')
			continue;
		memcpy(buf, path, i);
		buf[i] = '\0';
		if (access(buf, X_OK) < 0 && errno == EACCES)
			return true;
	}
	return false;
}

static int refuse(const char *path, int errnum, struct error *err)
{
	char parent[192];

	error_set(err, errnum, "cannot execute `%s`", path);
	if (errnum == EACCES && blocking_parent(path, parent, sizeof(parent)))
		error_cause(err, "the user may not search the directory `%s`", parent);
	else if (errnum == EACCES)
		error_cause(err, "the user has no execute permission on the file");
	return fail_code(err, errnum);
}

static const char *path_of(char *const *envp)
{
	for (; *envp; envp++)
		if (!strncmp(*envp, "PATH=", 5))
			return *envp + 5;
	return DEFAULT_PATH;
}

/* search - look for @name in the directories of @dirs; an empty one is the working directory. */
static int search(const char *name, const char *dirs, struct exec_target *t, struct error *err)
{
	char refused[PATH_MAX] = "";
	int refused_errnum = 0;

	for (const char *p = dirs;; p++) {
		size_t len = strcspn(p, ":");
		int n = snprintf(t->path, sizeof(t->path), "%.*s/%s", len ? (int)len : 1,
				 len ? p : ".", name);

		if (n > 0 && (size_t)n < sizeof(t->path)) {
			if (check_file(t->path) == 0)
				return 0;
			if (errno != ENOENT && errno != ENOTDIR && !refused_errnum) {
				refused_errnum = errno;
				memcpy(refused, t->path, (size_t)n + 1);
			}
		}
		p += len;
		if (!*p)
			break;
	}
	if (refused_errnum)
		return refuse(refused, refused_errnum, err);
	error_set(err, ENOENT, "cannot find the executable `%s` in PATH", name);
	error_cause(err, "PATH in the container is `%.200s`", dirs);
	return fail_code(err, ENOENT);
}

int exec_find(const char *name, char *const *envp, struct exec_target *t, struct error *err)
{
	t->cause[0] = t->hint[0] = '\0';
	if (!*name) {
		error_set(err, ENOENT, "the executable's name is empty");
		return fail_code(err, ENOENT);
	}
	if (!strchr(name, '/')) {
		if (search(name, path_of(envp), t, err) < 0)
			return -1;
	} else {
		if ((size_t)snprintf(t->path, sizeof(t->path), "%s", name) >= sizeof(t->path))
			return error_set(err, ENAMETOOLONG, "cannot execute `%.64s...`", name);
		if (check_file(name) < 0)
			return refuse(name, errno, err);
	}
	examine(t);
	return 0;
}

int exec_explain(const struct exec_target *t, int errnum, struct error *err)
{
	error_set(err, errnum, "cannot execute `%s`", t->path);
	if (t->cause[0] &&
	    (errnum == ENOENT || errnum == ENOEXEC || errnum == EACCES || errnum == ELIBBAD))
		error_cause(err, "%s", t->cause);
	if (err->cause[0] && t->hint[0])
		error_hint(err, "%s", t->hint);
	return fail_code(err, errnum);
}

/* home_of - the home directory in a passwd line "name:pw:uid:gid:gecos:home:shell", if @uid's. */
static const char *home_of(char *line, uid_t uid)
{
	char *field[6] = {line};
	char *end;

	for (size_t i = 1; i < ARRAY_SIZE(field); i++) {
		field[i] = strchr(field[i - 1], ':');
		if (!field[i])
			return NULL;
		*field[i]++ = '\0';
	}
	field[5][strcspn(field[5], ":")] = '\0';
	errno = 0;
	if (strtoul(field[2], &end, 10) != uid || *end || end == field[2] || errno)
		return NULL;
	return field[5][0] == '/' ? field[5] : NULL;
}

int exec_home(struct sandbox *sb, struct inroot root, struct error *err)
{
	static char text[64 * 1024 + 1];
	_cleanup_fd_ int fd = FD_EMPTY;
	const char *home = "/";
	size_t n_env = 0;
	ssize_t n = 0;

	for (; sb->envp[n_env]; n_env++)
		if (!strncmp(sb->envp[n_env], "HOME=", 5))
			return 0;
	fd = inroot_open(root, "/etc/passwd", O_RDONLY | O_NONBLOCK);
	if (fd >= 0)
		n = read(fd, text, sizeof(text) - 1);
	else if (errno != ENOENT && errno != ENOTDIR)
		return error_set(err, errno, "cannot open the container's `/etc/passwd`");
	text[n > 0 ? n : 0] = '\0';
	for (char *line = text, *next; *line; line = next) {
		const char *found;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		found = home_of(line, sb->process->uid);
		if (found) {
			home = found;
			break;
		}
	}
	snprintf(sb->home, HOME_SIZE, "HOME=%s", home);
	sb->envp[n_env] = sb->home;
	sb->envp[n_env + 1] = NULL;
	return 0;
}
