# SPDX-License-Identifier: GPL-2.0-or-later
#
# lib.sh: what the build scripts share. Sourced by scripts that run in the top of the clone.
#
# The cache, ${CLOISON_CACHE:-~/.cache/cloison}, holds
#   dl/SHA256        downloaded files, named by their content
#   pin/NAME_VER     which files a pinned source package came to (see fetch)
#   src/KEY          kernel sources, unpacked and patched
#   built/KEY        results, named by the hash of everything that went into them
#   debian/root-KEY  tests/debian/root, and debian/disk-KEY, the same as a disk
#   apt/             a private apt state
# Everything is made in cache/tmp and moved in place by rename, so what stands there is complete.
# shellcheck shell=sh disable=SC2034 # used by the scripts that source this

CLOISON_CACHE=${CLOISON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cloison}
LOG=${LOG:-out/log}
export CLOISON_CACHE LOG

# die WHERE WHAT [HINT] - one line of error, and out
die() {
	echo "cloison: $1: $2" >&2
	[ $# -lt 3 ] || echo "  hint:  $3" >&2
	exit 1
}

# triplet ARCH - the GNU name of the architecture's compiler
triplet() {
	case $1 in
	x86_64) echo x86_64-linux-gnu ;;
	aarch64) echo aarch64-linux-gnu ;;
	*) die build "unknown architecture \`$1\`" "ARCH=x86_64 or ARCH=aarch64" ;;
	esac
}

# kernel_arch ARCH - the kernel's own name of the architecture
kernel_arch() {
	case $1 in
	aarch64) echo arm64 ;;
	*) echo "$1" ;;
	esac
}

hash_stdin() {
	sha256sum | cut -c1-64
}

# hash_files FILE... - one hash for the contents, whatever the files are called
hash_files() {
	cat -- "$@" | hash_stdin
}

# cache_tmp - a fresh directory on the cache's file system
cache_tmp() {
	mkdir -p "$CLOISON_CACHE/tmp"
	mktemp -d "$CLOISON_CACHE/tmp/XXXXXXXX"
}

# cache_lock NAME - hold the lock NAME until the process ends (file descriptor 9)
cache_lock() {
	mkdir -p "$CLOISON_CACHE/lock"
	exec 9>"$CLOISON_CACHE/lock/$1"
	flock 9
}

# clean_env COMMAND... - run with nothing of the caller's environment but what is named here
clean_env() {
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME="${TMPDIR:-/tmp}" LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" "$@"
}

# read_recipe NAME - the recipe's variables, with those of the source it builds from
read_recipe() {
	PACKAGES=${PACKAGES:-image/packages}
	RECIPE=$(pwd)/$PACKAGES/$1
	NEEDS=
	KIND=source
	FROM=$1
	[ -f "$RECIPE/recipe" ] || die build "no recipe \`$PACKAGES/$1/recipe\`"
	# shellcheck source=/dev/null
	. "$RECIPE/recipe"
	PIN=$(image/fetch --pin "$FROM")
}

# pinned_files PIN - "SHA256 NAME" lines of a record that image/fetch has made
pinned_files() {
	sed -n 's/^file //p' "$1"
}

# patch_files - the patches of the source that the recipe builds from, in the order in which they apply
#
# They are in patches/ beside the source's own recipe, and each says at its head why it is there.
patch_files() {
	find "$PACKAGES/$FROM/patches" -type f -name '*.patch' 2>/dev/null | LC_ALL=C sort
}

# patch_sums - "SHA256 NAME" lines of them: part of the key of whatever is built from the source
patch_sums() {
	patch_files | while read -r f; do
		printf '%s %s\n' "$(hash_files "$f")" "$(basename "$f")"
	done
}

# apply_patches DIR - to the unpacked source; one that does not fit as it is fails the build
apply_patches() {
	for f in $(patch_files); do
		echo "applying $f"
		patch -d "$1" -p1 --fuzz=0 --forward --batch --no-backup-if-mismatch --reject-file=- <"$f" ||
			die build "\`$f\` does not apply to $FROM $VERSION" "image/README.md, \"To patch a source\""
	done
}

# compiler_id TRIPLET - what changes when the compiler or the linker does
compiler_id() {
	"$1-gcc" --version | head -n 1
	"$1-ld" --version | head -n 1
}

# linux_tree PIN - unpack and patch the kernel's sources once, print where they are
#
# What no board of ours could build is left out: it is half of the tree.
linux_tree() {
	key=linux-$({
		pinned_files "$1"
		patch_sums
		cat image/lib.sh # what is left out
	} | hash_stdin | cut -c1-24)
	tree=$CLOISON_CACHE/src/$key
	if [ ! -d "$tree" ]; then
		dir=$(cache_tmp)
		sum=$(pinned_files "$1" | cut -d' ' -f1)
		tarball=$(dpkg-deb --fsys-tarfile "$CLOISON_CACHE/dl/$sum" | tar -t |
			grep '^\./usr/src/.*\.tar\.xz$')
		dpkg-deb --fsys-tarfile "$CLOISON_CACHE/dl/$sum" | tar -xO "$tarball" |
			tar -xJ --strip-components=1 -C "$dir" --wildcards \
				--exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/media/*.[ch]' \
				--exclude='*/drivers/net/wireless/*.[ch]' --exclude='*/sound/*.[ch]' \
				--exclude='*/drivers/staging/*.[ch]' --exclude='*/drivers/infiniband/*.[ch]' \
				--exclude='*/tools/testing/*' --exclude='*/tools/perf/*' \
				--exclude='*/Documentation/*.rst' --exclude='*/Documentation/*.yaml' \
				--exclude='*/Documentation/*.txt' --exclude='*/Documentation/*.svg' >&2
		[ -f "$dir/Makefile" ] || die kernel "the package's tarball could not be unpacked"
		(apply_patches "$dir" >&2) || {
			rm -rf "$dir"
			exit 1
		}
		mkdir -p "$CLOISON_CACHE/src"
		mv "$dir" "$tree"
	fi
	echo "$tree"
}
