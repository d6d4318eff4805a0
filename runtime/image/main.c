/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c: cloison-image COMMAND: images in the store.
 *
 * A program of its own, so that neither the runtime nor the supervisor holds what reads archives and decompresses. A
 * person calls it by the verbs of `cloison`: `cloison load` is `cloison-image load`.
 */
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/image/bundle.h"
#include "runtime/image/show.h"
#include "runtime/store/collect.h"
#include "runtime/store/load.h"

#define ARGUMENTS_MAX 64

struct arguments {
	const char *store, *input;
	bool quiet, json, whole;
	char *rest[ARGUMENTS_MAX + 1];
	size_t n_rest;
};

static int images(const struct arguments *a, struct error *err)
{
	_cleanup_store_ struct store s = STORE_EMPTY;

	if (store_open(a->store, STORE_SHARED, &s, err) < 0)
		return -1;
	return show_images(&s,
			   a->json    ? SHOW_JSON
			   : a->quiet ? SHOW_IDS
				      : SHOW_TABLE,
			   a->whole, err);
}

static void told(void *context, const char *name, const struct digest *digest)
{
	const struct arguments *a = context;
	char text[DIGEST_SIZE];

	if (!a->quiet)
		printf("Loaded image: %s\n", name[0] ? name : digest_text(digest, text));
}

/* collect - what nothing leads to goes, when nobody uses the store any more. */
static int collect(const struct arguments *a, enum store_use use, struct collected *what,
		   struct error *err)
{
	_cleanup_store_ struct store s = STORE_EMPTY;

	if (store_open(a->store, use, &s, err) < 0)
		/* Whoever uses the store will do it, or a later one. */
		return use == STORE_IF_FREE && err->errnum == EWOULDBLOCK ? 0 : -1;
	return store_collect(&s, what, err);
}

static int load(const struct arguments *a, struct error *err)
{
	const char *file = a->input ? a->input : "standard input";
	_cleanup_fd_ int opened = FD_EMPTY;
	struct error other = ERROR_INIT;
	struct collected what;
	struct store s;
	int ret;

	if (!a->input && isatty(STDIN_FILENO)) {
		error_set(err, 0, "standard input is a terminal, not an archive");
		return error_hint(err, "`cloison load -i FILE`");
	}
	if (a->input) {
		opened = open(a->input, O_RDONLY | O_CLOEXEC);
		if (opened < 0)
			return error_set(err, errno, "cannot open `%s`", a->input);
	}
	if (store_open(a->store, STORE_SHARED, &s, err) < 0)
		return -1;
	ret = load_archive(&s, a->input ? opened : STDIN_FILENO, file, a->rest[0], bundle_write,
			   told, (void *)a, err);
	store_close(&s);
	/* What is not of an image goes. If it cannot, that is told, and changes nothing about the images. */
	if (collect(a, STORE_IF_FREE, &what, &other) < 0)
		error_print(&other, "cloison: warning: load", STDERR_FILENO);
	return ret;
}

static int find(const struct store *s, const char *text, struct arena *arena,
		const struct image_name **name, struct error *err)
{
	struct image_index index;

	if (index_read(s, arena, &index, err) < 0)
		return -1;
	*name = image_find(s, &index, text, err);
	return *name ? 0 : -1;
}

static int forget(const struct arguments *a, const char *text, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_store_ struct store s = STORE_EMPTY;
	const struct image_name *name;
	char digest[DIGEST_SIZE];

	if (store_open(a->store, STORE_SHARED, &s, err) < 0 ||
	    find(&s, text, &arena, &name, err) < 0 || index_drop(&s, name, err) < 0)
		return -1;
	printf("Untagged: %s\n", name->name[0] ? name->name : digest_text(&name->digest, digest));
	return 0;
}

static int rmi(const struct arguments *a, struct error *err)
{
	struct collected what;

	for (size_t i = 0; i < a->n_rest; i++)
		if (forget(a, a->rest[i], err) < 0)
			return -1;
	return collect(a, STORE_IF_FREE, &what, err);
}

static int tag(const struct arguments *a, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_store_ struct store s = STORE_EMPTY;
	const struct image_name *old;
	char text[REFERENCE_SIZE];
	struct image_name name;
	struct reference r;

	if (reference_parse(a->rest[1], &r, err) < 0)
		return -1;
	if (r.digest.hex[0])
		return error_set(err, 0, "`%.300s`: a name cannot have a digest", a->rest[1]);
	if (store_open(a->store, STORE_SHARED, &s, err) < 0 ||
	    find(&s, a->rest[0], &arena, &old, err) < 0)
		return -1;
	name = *old;
	name.name = reference_text(&r, text);
	return index_set(&s, &name, err);
}

static int inspect(const struct arguments *a, struct error *err)
{
	_cleanup_store_ struct store s = STORE_EMPTY;

	if (store_open(a->store, STORE_SHARED, &s, err) < 0)
		return -1;
	return show_inspect(&s, a->rest, err);
}

static int history(const struct arguments *a, struct error *err)
{
	_cleanup_store_ struct store s = STORE_EMPTY;

	if (store_open(a->store, STORE_SHARED, &s, err) < 0)
		return -1;
	return show_history(&s, a->rest[0], a->whole, a->json, err);
}

static int prune(const struct arguments *a, struct error *err)
{
	struct collected what;

	if (collect(a, STORE_EXCLUSIVE, &what, err) < 0)
		return -1;
	printf("removed %llu blobs (%llu bytes) and %llu layers\n", (unsigned long long)what.blobs,
	       (unsigned long long)what.bytes, (unsigned long long)what.layers);
	return 0;
}

#define IMAGE "\nIMAGE is NAME[:TAG][@DIGEST], the end of such a name, or the beginning of an ID.\n"

static const struct command {
	const char *name, *after_image; /* NULL: only behind `image` */
	const char *arguments, *does;
	size_t least, most; /* arguments */
	bool lists;	    /* takes --no-trunc and --json */
	const char *quiet;  /* what --quiet does; NULL: it is not taken */
	int (*run)(const struct arguments *a, struct error *err);
} commands[] = {
	{"images", "ls", "", "List the images of the store.\n", 0, 0, true, "print IDs alone",
	 images},
	{"load", "load", "[NAME]",
	 "Load images from an archive, an OCI image layout or what `docker save` writes; compressed or not.\n"
	 "NAME is what the only image of an archive is to be called.\n",
	 0, 1, false, "say nothing", load},
	{"rmi", "rm", "IMAGE...",
	 "Remove images; what containers use of them stays as long as they do.\n" IMAGE, 1,
	 ARGUMENTS_MAX, false, NULL, rmi},
	{"tag", "tag", "IMAGE NAME", "Give an image another name.\n" IMAGE, 2, 2, false, NULL, tag},
	{"history", "history", "IMAGE", "Tell how an image was made, the last step first.\n" IMAGE,
	 1, 1, true, NULL, history},
	{NULL, "inspect", "IMAGE...", "Tell all that is known of images, as a JSON list.\n" IMAGE,
	 1, ARGUMENTS_MAX, false, NULL, inspect},
	{NULL, "prune", "", "Remove what no name and no container leads to.\n", 0, 0, false, NULL,
	 prune},
};

static void print_option(const char *words, const char *does)
{
	printf("  %-20s%s\n", words, does);
}

static void print_help(const struct command *c)
{
	printf("usage: cloison %s%s [OPTION...]%s%s\n\n%s", c->name ? "" : "image ",
	       c->name ? c->name : c->after_image, *c->arguments ? " " : "", c->arguments, c->does);
	puts("\noptions:");
	if (c->run == load)
		print_option("-i, --input FILE", "read this archive, not standard input");
	if (c->quiet)
		print_option("-q, --quiet", c->quiet);
	if (c->lists) {
		print_option("--no-trunc", "print whole IDs and commands");
		print_option("--json", "print one JSON document");
	}
	print_option("--store DIR", "the store, in place of " STORE_DEFAULT);
}

static void print_commands(void)
{
	puts("usage: cloison image COMMAND [OPTION...] [ARGUMENT...]\n\ncommands:");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-10s%.*s\n", commands[i].after_image,
		       (int)strcspn(commands[i].does, ",;.\n"), commands[i].does);
	puts("\n`cloison image COMMAND --help` says more about each.");
}

static bool is(const char *word, const char *brief, const char *full)
{
	return !strcmp(word, brief) || !strcmp(word, full);
}

static int parse(const struct command *c, char **argv, struct arguments *a, struct error *err)
{
	for (; *argv; argv++) {
		if (c->quiet && is(*argv, "-q", "--quiet"))
			a->quiet = true;
		else if (c->lists && !strcmp(*argv, "--json"))
			a->json = true;
		else if (c->lists && !strcmp(*argv, "--no-trunc"))
			a->whole = true;
		else if (!strcmp(*argv, "--store") && argv[1])
			a->store = *++argv;
		else if (c->run == load && is(*argv, "-i", "--input") && argv[1])
			a->input = *++argv;
		else if (**argv != '-' && a->n_rest < c->most)
			a->rest[a->n_rest++] = *argv;
		else {
			error_set(err, 0, "cannot take `%.64s`", *argv);
			return error_hint(err, "`cloison %s --help` says what there is",
					  c->name ? c->name : "image");
		}
	}
	if (a->n_rest < c->least) {
		error_set(err, 0, "needs %zu argument%s more", c->least - a->n_rest,
			  c->least - a->n_rest == 1 ? "" : "s");
		return error_hint(err, "usage: cloison %s%s %s", c->name ? "" : "image ",
				  c->name ? c->name : c->after_image, c->arguments);
	}
	return 0;
}

static bool wants_help(char **argv)
{
	for (; *argv; argv++)
		if (is(*argv, "-h", "--help"))
			return true;
	return false;
}

static int run(char **argv, struct error *err)
{
	const char *store = getenv("CLOISON_STORE");
	struct arguments a = {.store = store && *store ? store : STORE_DEFAULT};
	bool behind = false;

	if (*argv && !strcmp(*argv, "image")) {
		behind = true;
		argv++;
	}
	if (!*argv || is(*argv, "-h", "--help")) {
		print_commands();
		return 0;
	}
	for (size_t i = 0; *argv && i < ARRAY_SIZE(commands); i++) {
		const char *name = behind ? commands[i].after_image : commands[i].name;

		if (!name || strcmp(name, *argv) != 0)
			continue;
		if (wants_help(argv + 1)) {
			print_help(&commands[i]);
			return 0;
		}
		if (parse(&commands[i], argv + 1, &a, err) < 0 || commands[i].run(&a, err) < 0)
			return error_wrap(err, "%s", *argv);
		return fflush(stdout) == 0
			       ? 0
			       : error_set(err, errno, "cannot write to standard output");
	}
	error_set(err, 0, "unknown command `image %.64s`", *argv);
	return error_hint(err, "`cloison image --help` lists them");
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;

	umask(022);
	/* Names in archives are UTF-8, and stay what they are. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc >= 1 && run(argv + 1, &err) == 0)
		return 0;
	error_print(&err, "cloison", STDERR_FILENO);
	return error_exit_code(&err);
}
