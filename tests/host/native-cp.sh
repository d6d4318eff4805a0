#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# native-cp.sh: cp, in both directions, as Docker does it; and files that try to get out of where they belong.
. tests/host/supervisor-lib.sh

export CLOISON_IMAGES="$T/images"

n() {
	CLOISON_TEST=$T CLOISON_HOST=unix://$socket timeout -k 5 "${LIMIT:-30}" "$cloison" "$@"
}

# an image with a root file system of its own, which can be written to
mkdir -p "$T/images/own/rootfs/bin" "$T/images/own/rootfs/tmp" "$T/images/own/rootfs/proc" \
	"$T/images/own/rootfs/dev" "$T/images/own/rootfs/sys" "$T/images/own/rootfs/etc"
cp "$busybox" "$T/images/own/rootfs/bin/busybox"
for applet in sh sleep ln mkdir cat rm mv echo; do
	ln -s busybox "$T/images/own/rootfs/bin/$applet"
done
jq '.root = {path: "rootfs"}' "$T/base.json" >"$T/images/own/config.json"
here=$T/here
mkdir -p "$here"

# shellcheck disable=SC2119 # alone, without a stand-in for PID 1
up || fail "cloisond does not start"

# with_both FUNCTION - with a container that runs and one that does not
with_both() {
	n run -d --name run --tmpfs /mnt own sleep 1000 >/dev/null
	n create --name stopped own true >/dev/null
	trap "n rm -f run stopped >/dev/null" EXIT
	"$1"
}

a_file() {
	for ct in run stopped; do
		echo "for $ct" >"$here/a"
		chmod 640 "$here/a"
		touch -d 2020-02-02 "$here/a"
		n cp "$here/a" "$ct:/tmp/$ct"
		n cp "$ct:/tmp/$ct" "$here/b"
		equal "$(cat "$here/b")" "for $ct"
		equal "$(stat -c '%a %Y' "$here/b")" "$(stat -c '%a %Y' "$here/a")"
		n cp "$ct:tmp/$ct" "$here"
		cmp "$here/a" "$here/$ct"
		n cp "$here/a" "$ct:/tmp"
		n cp "$ct:/tmp/a" "$here/b"
		rm "$here/b" "$here/$ct"
	done
}
check "a file goes in and comes out, of one that runs and of one that does not" with_both a_file

directories() {
	mkdir -p "$here/d/sub/deep" "$here/to"
	long=$(printf '%0200d' 7)
	echo one >"$here/d/one"
	echo "$long" >"$here/d/sub/$long"
	ln -s one "$here/d/link"
	mkfifo "$here/d/pipe"
	n cp "$here/d" run:/mnt/new
	n cp run:/mnt/new "$here/to/fresh"
	diff -r --no-dereference -x pipe "$here/d" "$here/to/fresh"
	[ -p "$here/to/fresh/pipe" ] || fail "no pipe"
	equal "$(readlink "$here/to/fresh/link")" one
	n cp "$here/d" run:/mnt/new
	n cp run:/mnt/new/d/one "$here/to/one"
	n cp "$here/d/." run:/mnt/flat/
	n cp run:/mnt/flat/one "$here/to/one"
	mkdir "$here/to/dir"
	n cp run:/mnt/new/. "$here/to/dir"
	[ -f "$here/to/dir/one" ] || fail "the contents are not in it"
	n cp run:/mnt/new "$here/to/dir"
	[ -f "$here/to/dir/new/one" ] || fail "the directory is not in it"
	rm -r "$here/to"
}
check "a directory goes into one that is there, or becomes it; /. is its contents; long names, links, pipes" with_both directories

refusals() {
	rc=0
	n cp "$here/a" run:/tmp/none/ 2>"$T/e" || rc=$?
	equal "$rc" 125
	has "$(cat "$T/e")" "there is no directory ./tmp/none/."
	n cp run:/nosuch "$here" 2>"$T/e" && fail "it copied nothing"
	has "$(cat "$T/e")" "cannot open ./nosuch.: ENOENT"
	n cp "$here/d" run:/tmp/a 2>"$T/e" && fail "a directory onto a file"
	has "$(cat "$T/e")" "cannot copy a directory to"
	n cp stopped:/proc/x "$here" 2>"$T/e" && fail "there is no proc"
	has "$(cat "$T/e")" "is on what is mounted at ./proc."
	refuse 125 "no such container: nosuch" n cp nosuch:/x "$here"
	refuse 125 "neither is a container" n cp "$here/a" "$here/b"
	refuse 125 "cannot open" n cp "$here/nosuch" run:/tmp
}
check "what cannot be done says why" with_both refusals

archives() {
	mkdir -p "$here/x/y"
	echo tar >"$here/x/y/z"
	ln "$here/x/y/z" "$here/x/hard"
	tar -C "$here" -cf - x | n cp - run:/tmp
	n cp run:/tmp/x - | tar -tf - | sort >"$T/list"
	equal "$(cat "$T/list")" "x/
x/hard
x/y/
x/y/z"
	equal "$(n cp run:/tmp/x - | tar -xOf - x/hard)" tar
	equal "$(n exec run sh -c 'cat /tmp/x/y/z')" tar
	tar -C "$here" --format=gnu -cf - x | n cp - stopped:/tmp
	equal "$(cat "$T/images/own/rootfs/tmp/x/hard")" tar
}
check "- is an archive: as GNU tar writes it, and as it reads it" with_both archives

owners() {
	echo mine >"$here/m"
	chown 12:34 "$here/m"
	chmod 4755 "$here/m"
	n cp "$here/m" run:/mnt/m
	n cp -a run:/mnt/m "$here/m0"
	equal "$(stat -c %u:%g "$here/m0")" 0:0
	n cp -a "$here/m" run:/mnt/m
	n cp -a run:/mnt/m "$here/m1"
	equal "$(stat -c %u:%g:%a "$here/m1")" 12:34:4755
	n cp run:/mnt/m "$here/m2"
	equal "$(stat -c %u:%g:%a "$here/m2")" 0:0:755
	ln -s m "$here/lm"
	n cp "$here/lm" run:/mnt/l1
	equal "$(n cp run:/mnt/l1 - | tar -tvf - | cut -c 1)" l
	n cp -L "$here/lm" run:/mnt/l2
	equal "$(n cp run:/mnt/l2 - | tar -tvf - | cut -c 1)" -
}
check "-a keeps owners and set-user-ID, -L follows the link" with_both owners

# --- attacks: nothing outside may be read or written

mkdir -p "$T/secret"
echo secret >"$T/secret/file"

links_lead_nowhere() {
	n exec run sh -c "ln -s $T/secret /mnt/abs; ln -s ../../../../../../../../$T/secret /mnt/rel; ln -s /proc/1/root /mnt/magic"
	for link in abs rel magic; do
		n cp "run:/mnt/$link/file" "$here/got" 2>/dev/null && fail "$link leads out"
		n cp "$here/a" "run:/mnt/$link/file" 2>/dev/null && fail "$link leads out"
		n cp -L "run:/mnt/$link" "$here/got" 2>/dev/null && [ -e "$here/got/file" ] && fail "$link leads out"
		rm -rf "$here/got"
	done
	equal "$(ls "$T/secret")" file
	equal "$(cat "$T/secret/file")" secret
}
check "a container's links lead nowhere but into the container" with_both links_lead_nowhere

swapped() {
	n exec -d run sh -c "mkdir /mnt/s; while :; do mkdir /mnt/s/t; echo in >/mnt/s/t/file; rm -r /mnt/s/t; ln -s $T/secret /mnt/s/t; rm /mnt/s/t; done"
	i=0
	while [ "$i" -lt 60 ]; do
		i=$((i + 1))
		n cp run:/mnt/s/t/file "$here/swap" 2>/dev/null || true
		n cp run:/mnt/s "$here/swaps" 2>/dev/null || true
		n cp "$here/a" run:/mnt/s/t/evil 2>/dev/null || true
		! grep -rqs secret "$here/swap" "$here/swaps" || fail "it read what is outside"
		rm -rf "$here/swap" "$here/swaps"
	done
	equal "$(ls "$T/secret")" file
}
check "links that are swapped during the copy lead nowhere either" with_both swapped

# hostile ARCHIVE - into the container, and out of what pretends to be one: nothing may be made outside
hostile() {
	n cp - run:/mnt/h <"$1" 2>"$T/h.err" || true
	equal "$(ls "$T/secret")" file
	equal "$(cat "$T/secret/file")" secret
}

bad_archives() {
	n exec run mkdir -p /mnt/h
	mkdir -p "$T/b/x"
	echo bad >"$T/b/x/f"
	tar -C "$T/b" --transform "s,^,../../../../$T/secret/," -P -cf "$T/dots.tar" x/f 2>/dev/null
	hostile "$T/dots.tar"
	has "$(cat "$T/h.err")" 'a name with `..` in it'
	ln -s "$T/secret" "$T/b/way"
	tar -C "$T/b" -cf "$T/way.tar" way
	rm "$T/b/way"
	mkdir "$T/b/way"
	echo bad >"$T/b/way/file"
	tar -C "$T/b" -rf "$T/way.tar" way/file
	hostile "$T/way.tar"
	head -c 700 "$T/way.tar" >"$T/short.tar"
	hostile "$T/short.tar"
	tr a b <"$T/way.tar" >"$T/sum.tar"
	hostile "$T/sum.tar"
	has "$(cat "$T/h.err")" "the archive is broken"
	mknod "$T/b/dev" c 1 3
	tar -C "$T/b" -cf "$T/dev.tar" dev
	hostile "$T/dev.tar"
	has "$(cat "$T/h.err")" "the archive has a device"
}
# frame TYPE FILE - as the supervisor sends it
frame() {
	size=$(stat -c %s "$2")
	printf '%b' "$(printf '\\0%o\\0\\0\\0\\0\\0\\0%o\\0%o' "$1" $((size / 256)) $((size % 256)))"
	cat "$2"
}

# A supervisor at the other end of ssh that sends the archive $1, whatever was asked for.
false_friend() {
	echo '{"ok":true}' >"$T/ok"
	echo '{"end":true,"exit":0}' >"$T/end"
	{
		frame 3 "$T/ok"
		frame 1 "$1"
		frame 3 "$T/end"
	} >"$T/answer"
	mkdir -p "$T/bin" "$here/f/in"
	printf '#!/bin/sh\ncat %s\ncat >/dev/null\n' "$T/answer" >"$T/bin/ssh"
	chmod +x "$T/bin/ssh"
	rm -rf "$here/f/in/new"
	! PATH=$T/bin:$PATH CLOISON_HOST=ssh://there timeout -k 5 30 "$cloison" cp ct:/x "$here/f/in/$2" 2>"$T/h.err" ||
		fail "it was taken: $1"
	equal "$(ls "$T/secret")" file
	equal "$(cat "$T/secret/file")" secret
	equal "$(ls "$here/f")" in
}

bad_supervisor() {
	mkdir -p "$T/k/top"
	echo bad >"$T/k/top/f"
	echo bad >"$T/k/beside"
	tar -C "$T/k" -b 1 -cf "$T/two.tar" top beside
	false_friend "$T/two.tar" new
	has "$(cat "$T/h.err")" "the archive has .beside. beside .top."
	false_friend "$T/two.tar" ""
	tar -C "$T/k" -b 1 -cf "$T/file.tar" beside top
	false_friend "$T/file.tar" new
	has "$(cat "$T/h.err")" "the archive has more than its top"
	ln -s ../.. "$T/k/way"
	tar -C "$T/k" -b 1 -cf "$T/link.tar" way
	rm "$T/k/way"
	mkdir "$T/k/way"
	echo bad >"$T/k/way/escaped"
	tar -C "$T/k" -b 1 -rf "$T/link.tar" way/escaped
	false_friend "$T/link.tar" new
	tar -C "$T/k" -b 1 --transform 's,^top/f,top/../../f,' -P -cf "$T/up.tar" top
	false_friend "$T/up.tar" new
	has "$(cat "$T/h.err")" 'a name with `..` in it'
}
check "an archive from the other end of ssh stays below its place here" bad_supervisor

check "an archive cannot write beside its place, be it by names, by links or by being broken" with_both bad_archives

down
finish
