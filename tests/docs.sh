#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docs.sh: the documentation agrees with the programs, the Makefile and itself.
#
# What a program prints as its --help is the truth; a man page must name all of it and nothing
# else. Paths and targets that a page names must exist. Results as tests/run expects them.
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/cloison-docs.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
man=docs/man
status=0

# report NAME FILE - passed when FILE, the list of complaints, is empty
report() {
	if [ ! -s "$2" ]; then
		echo "ok - docs: $1"
		return
	fi
	sed 's/^/# /' "$2"
	echo "not ok - docs: $1: $(head -n 1 "$2")"
	status=1
}

# --- programs: native ones can be asked

bin=out/$(uname -m)/bin

# help_options - the long options that a --help on standard input lists
help_options() {
	sed -n 's/^  *\(-[a-zA-Z], \)\{0,1\}--\([a-z][a-z-]*\).*/\2/p' | sort -u
}

# page_part PAGE HEADING - the source between .Sh or .Ss HEADING and the next one
page_part() {
	awk -v want="$2" '/^\.S[hs] /{ on = (substr($0, 5) == want); next } on' "$1"
}

# page_options - the long options whose .It the mdoc source on standard input has
page_options() {
	sed -n 's/^\.It .*Fl Fl \([a-z][a-z-]*\).*/\1/p' | sort -u
}

# compare WHAT HELP PAGE - complain about options that only one of the two files has
compare() {
	comm -23 "$2" "$3" | sed "s/.*/$1: the page lacks --&/"
	comm -13 "$2" "$3" | sed "s/.*/$1: there is no --&, which the page has/"
}

# cloison_against PAGE - complaints about a page of cloison's
cloison_against() {
	page=$1
	"$bin/cloison" --help >"$dir/help" || echo "cloison --help: exit status $?"
	sed -n -e '/^verbs:/,/^$/s/^  \([a-z][a-z-]*\)  *.*/\1/p' -e '/^images,/,/^$/s/^  \([a-z][a-z-]*\)  *.*/\1/p' \
		"$dir/help" >"$dir/verbs"
	[ "$(wc -l <"$dir/verbs")" -ge 9 ] || echo "cloison --help lists too few verbs"
	sed -n '/^options:/,$p' "$dir/help" | help_options >"$dir/a"
	page_part "$page" "GLOBAL OPTIONS" | page_options | grep -v '^help$' >"$dir/b"
	[ -s "$dir/a" ] || echo "cloison --help lists no option"
	compare cloison "$dir/a" "$dir/b"
	while read -r verb; do
		page_part "$page" "$verb" >"$dir/part"
		[ -s "$dir/part" ] || echo "$verb: the page has no section"
		# with a global option it is the OCI verb, where a command has the same name
		"$bin/cloison" --root / "$verb" --help | help_options >"$dir/a"
		page_options <"$dir/part" >"$dir/b"
		compare "$verb" "$dir/a" "$dir/b"
	done <"$dir/verbs"
	awk '/^\.Sh VERBS/{ on = 1; next } /^\.Sh /{ on = 0 } on && /^\.Ss /{ print $2 }' "$page" |
		sort >"$dir/a"
	sort "$dir/verbs" | comm -13 - "$dir/a" | sed 's/.*/there is no verb &, which the page has/'
}

# commands_against PAGE - complaints about the page of the commands known from Docker
commands_against() {
	"$bin/cloison" --help | sed -n '/^commands,/,/^$/s/^  \([a-z][a-z-]*\)  *.*/\1/p' >"$dir/commands"
	[ "$(wc -l <"$dir/commands")" -ge 20 ] || echo "cloison --help lists too few commands"
	while read -r command; do
		page_part "$1" "$command" >"$dir/part"
		[ -s "$dir/part" ] || echo "$command: the page has no section"
		"$bin/cloison" "$command" --help | help_options >"$dir/a"
		page_options <"$dir/part" >"$dir/b"
		compare "$command" "$dir/a" "$dir/b"
	done <"$dir/commands"
	awk '/^\.Sh COMMANDS/{ on = 1; next } /^\.Sh /{ on = 0 } on && /^\.Ss /{ print $2 }' "$1" |
		sort >"$dir/a"
	sort "$dir/commands" | comm -13 - "$dir/a" | sed 's/.*/there is no command &, which the page has/'
}

# compatibility - what the compatibility page has of the options of `run`
compatibility() {
	"$bin/cloison" run --help | help_options >"$dir/a"
	sed -n 's/^| `--\([a-z0-9-]*\)[^|]*| \(done\|different\|ours\)[ |].*/\1/p' "$1" | sort -u >"$dir/b"
	compare "run" "$dir/a" "$dir/b"
	sed -n 's/^| `--\([a-z0-9-]*\)[^|]*| not implemented.*/\1/p' "$1" | sort -u >"$dir/a"
	sed -n '/^} absent/,/^};/s/^\t{"\([a-z0-9-]*\)", .*/\1/p' runtime/cli/native/flags.c | sort -u >"$dir/b"
	[ -s "$dir/b" ] || echo "no row found in runtime/cli/native/flags.c"
	comm -13 "$dir/b" "$dir/a" | sed 's/.*/flags.c lacks --&/'
}

if [ -x "$bin/cloison" ]; then
	commands_against $man/cloison-commands.1 >"$dir/out"
	report "cloison-commands.1_has_every_command_and_option_of_the_program" "$dir/out"
	compatibility docs/reference/docker-compatibility.md >"$dir/out"
	report "docker-compatibility.md_says_of_every_option_what_it_is" "$dir/out"
	cloison_against $man/cloison.1 >"$dir/out"
	report "cloison.1_has_every_verb_and_option_of_the_program" "$dir/out"

	# the comparison itself: an option taken out, one put in, and a section renamed are all seen
	sed -e '/^\.It Fl a , Fl Fl all$/d' -e 's/^\.It Fl f , Fl Fl force$/.It Fl f , Fl Fl farce/' \
		-e 's/^\.Ss state$/.Ss stat/' $man/cloison.1 >"$dir/page"
	cloison_against "$dir/page" >"$dir/found"
	for want in "kill: the page lacks --all" "delete: the page lacks --force" \
		"delete: there is no --farce" "state: the page has no section" "there is no verb stat,"; do
		grep -q -e "$want" "$dir/found" || echo "not found: $want"
	done >"$dir/out"
	report "a_page_that_disagrees_with_the_program_is_found" "$dir/out"
else
	echo "skip - docs: cloison.1_has_every_verb_and_option_of_the_program: no $bin/cloison"
fi

if [ -x "$bin/cloison-bench" ] && [ -f $man/cloison-bench.1 ]; then
	"$bin/cloison-bench" --help >"$dir/help"
	help_options <"$dir/help" >"$dir/a"
	mandoc -T ascii $man/cloison-bench.1 | sed 's/.\x08//g' >"$dir/page"
	{
		[ -s "$dir/a" ] || echo "cloison-bench --help lists no option"
		while read -r option; do
			grep -q -E -e "(^|[^a-z-])--$option([^a-z-]|\$)" "$dir/page" ||
				echo "the page lacks --$option"
		done <"$dir/a"
		"$bin/cloison-bench" list | sed -n 's/^  \([a-z0-9-]*\) .*/\1/p' | while read -r word; do
			grep -q -w -e "$word" "$dir/page" || echo "the page lacks $word"
		done
	} >"$dir/out"
	report "cloison-bench.1_has_every_option_scenario_and_system" "$dir/out"
fi

if [ -x "$bin/cloison-config" ]; then
	"$bin/cloison-config" --help >"$dir/help"
	help_options <"$dir/help" >"$dir/a"
	page_options <$man/cloison-config.1 >"$dir/b"
	{
		compare cloison-config "$dir/a" "$dir/b"
		sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$dir/help" >"$dir/verbs"
		[ "$(wc -l <"$dir/verbs")" -ge 6 ] || echo "cloison-config --help lists too few commands"
		while read -r verb; do
			grep -q "^\.It Cm $verb" $man/cloison-config.1 || echo "the page lacks $verb"
		done <"$dir/verbs"
	} >"$dir/out"
	report "cloison-config.1_has_every_command_and_option" "$dir/out"
fi
if [ -x "$bin/cloisond" ]; then
	"$bin/cloisond" --help | help_options >"$dir/a"
	page_options <$man/cloisond.8 >"$dir/b"
	{
		[ -s "$dir/a" ] || echo "cloisond --help lists no option"
		compare cloisond "$dir/a" "$dir/b"
		sed -n 's/.*{"\([a-z]*\)", verb_[a-z_]*, .*/\1/p' \
			runtime/supervisor/request.c >"$dir/words"
		[ -s "$dir/words" ] || echo "no verb found in runtime/supervisor/request.c"
		while read -r word; do
			grep -q -w -e "$word" $man/cloisond.8 || echo "cloisond.8 lacks the verb $word"
		done <"$dir/words"
	} >"$dir/out"
	report "cloisond.8_has_every_option_and_verb" "$dir/out"
fi

# --- what the sources have and the pages must name

for page in init.8 cloison.1 cloison-commands.1 cloisond.8 cloison-config.5 cloison-config.1 cloison-appliance.5 \
	cloison-services.5 cloison-bench.1; do
	[ -f "$man/$page" ] || echo "$man/$page is missing"
done >"$dir/out"
report "each_program_has_a_man_page" "$dir/out"

find $man -name '*.[1-8]' -exec mandoc -T lint -W warning {} + >"$dir/out" 2>/dev/null
report "man_pages_have_no_warning" "$dir/out"

sed -n 's/^\t{PART_[A-Z]*, "\([A-Za-z.]*\)".*/\1/p' runtime/oci/unsupported.c >"$dir/keys"
{
	[ -s "$dir/keys" ] || echo "no row found in runtime/oci/unsupported.c"
	page_part $man/cloison-config.5 REFUSED >"$dir/part"
	while read -r key; do
		grep -q -E -e "(^|[ .])$key( |\$)" "$dir/part" || echo "REFUSED lacks $key"
	done <"$dir/keys"
} >"$dir/out"
report "cloison-config.5_names_all_that_is_refused" "$dir/out"

if [ -f $man/init.8 ]; then
	sed -n 's/.*{"\([a-z]*\)", set_[a-z]*}.*/\1/p' init/cmdline.c >"$dir/words"
	{
		[ -s "$dir/words" ] || echo "no word found in init/cmdline.c"
		while read -r word; do
			grep -q -e "cloison\\.$word" $man/init.8 || echo "init.8 lacks cloison.$word"
		done <"$dir/words"
	} >"$dir/out"
	report "init.8_names_every_word_of_the_kernel_command_line" "$dir/out"
fi

# the keys and words of the tables, and the time zones
sed -n 's/.*= {"\([a-z._]*\)", \(NULL\|"\([a-z.]*\)"\), [0-9]*, check_.*/\1 \3/p' runtime/config/schema.c >"$dir/keys"
sed -n 's/^\t{"\([A-Z][A-Za-z_\/]*\)", .*},$/\1/p' runtime/config/zones.c >"$dir/zones"
{
	[ "$(wc -l <"$dir/keys")" -ge 16 ] || echo "too few keys found in runtime/config/schema.c"
	[ "$(wc -l <"$dir/zones")" -ge 50 ] || echo "too few zones found in runtime/config/zones.c"
	while read -r key word; do
		grep -q -E "^\.It Cm ([a-z]+ , Cm )?$key( |\$)" $man/cloison-appliance.5 || echo "the page lacks $key"
		[ -z "$word" ] || grep -q -e "^\.It Cm cloison\.$word=" $man/cloison-appliance.5 ||
			echo "the page lacks cloison.$word"
	done <"$dir/keys"
	page_part $man/cloison-appliance.5 "TIME ZONES" | tr ' ;,' '\n' | sed 's/\.$//' >"$dir/part"
	while read -r zone; do
		grep -q -x -e "$zone" "$dir/part" || echo "the page lacks $zone"
	done <"$dir/zones"
} >"$dir/out"
report "cloison-appliance.5_has_every_key_word_and_time_zone" "$dir/out"

sed -n 's/^\t{"\([a-z_]*\)", set_[a-z_]*, [A-Z]*},$/\1/p' init/servicedef.c | sort >"$dir/keys"
sed -n 's/^\.It Cm \([a-z_]*\) No = .*/\1/p' $man/cloison-services.5 | sort >"$dir/page"
{
	[ -s "$dir/keys" ] || echo "no key found in init/servicedef.c"
	comm -23 "$dir/keys" "$dir/page" | sed 's/.*/the page lacks &/'
	comm -13 "$dir/keys" "$dir/page" | sed 's/.*/there is no key &, which the page has/'
} >"$dir/out"
report "cloison-services.5_has_every_key_of_a_service" "$dir/out"

# --- the pages among themselves

find . -name '*.md' ! -path './out/*' ! -path './.git/*' | sed 's|^\./||' | sort >"$dir/md"

# targets that make knows; the goal is one it has no rule for, so nothing is built
env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -pRrq : 2>/dev/null |
	sed -n 's/^\([a-z][a-z-]*\):.*/\1/p' | sort -u >"$dir/targets"
{
	grep -q '^demo$' "$dir/targets" && grep -q '^test$' "$dir/targets" ||
		echo "the targets of the Makefile were not found"
	# `make ...` in a sentence; in examples, indented or fenced, lines that begin with make
	while read -r file; do
		awk '/^ *```/ { fenced = !fenced } /^    / || fenced { print; next }
			{ n = split($0, part, "`"); for (i = 2; i <= n; i += 2) print "    " part[i] }' "$file"
	done <"$dir/md" >"$dir/code"
	grep -o -E '^ *make( +[A-Za-z][A-Za-z_]*(=[A-Za-z0-9_.-]+)?)+' "$dir/code" |
		sed 's/^ *make //' | tr ' ' '\n' | grep -v = | sed '/^$/d' | sort -u >"$dir/named"
	[ -s "$dir/named" ] || echo "no make command found"
	comm -23 "$dir/named" "$dir/targets" | sed 's/.*/there is no target &/'
} >"$dir/out"
report "make_commands_in_the_pages_are_targets" "$dir/out"

while read -r file; do
	grep -o -E '\]\([^)]*\)' "$file" | sed 's/^](\(.*\))$/\1/' | while read -r to; do
		case $to in
		http://* | https://* | mailto:* | '#'*) continue ;;
		esac
		[ -e "$(dirname "$file")/${to%%#*}" ] || echo "$file: link to $to"
	done
done <"$dir/md" >"$dir/out"
report "links_lead_to_files" "$dir/out"

# `lib/error.h` in a page, docs/... in a comment; capitals stand for something else
{
	while read -r file; do
		grep -o -E '`(lib|init|runtime|bench|image|board|tests|docs)/[A-Za-z0-9_./-]*`' "$file" |
			tr -d '\140' | grep -v '[A-Z]' | while read -r path; do
			# image/README.md speaks of its own folder
			[ -e "$path" ] || [ -e "$(dirname "$file")/$path" ] || echo "$file: $path"
		done
	done <"$dir/md"
	grep -r -o -E 'docs/[a-z-]+/[a-z0-9-]+\.[a-z0-9]+' lib init runtime bench image board Makefile |
		while IFS=: read -r file path; do
			[ -e "$path" ] || echo "$file: $path"
		done
} >"$dir/out"
report "paths_named_in_the_pages_exist" "$dir/out"

exit $status
