#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# images-hostile.sh: archives by someone who means harm. Each is refused with one clear line, or does what it says inside
# its own root; nothing outside the store is touched, no part of an image is to be seen, and the store is whole.
#
#   bad PATTERN [LIST]     the layer of these entries is refused, with an error that says PATTERN
#   good [LIST]            it is taken; its root is $(fs) then
#   no PATTERN NAME        the archive $T/NAME.tar is refused
. tests/host/images-lib.sh

mkdir "$T/outside"
echo canary >"$T/outside/canary"
ln -s "$T/outside" "$T/way"

outside() {
	find "$T/outside" /etc/passwd /etc/shadow -printf '%p %s %m %n %T@\n'
}
before=$(outside)

no() {
	rm -rf "$store"
	rc=0
	i load -q -i "$T/$2.tar" >"$T/no.out" 2>"$T/no.err" || rc=$?
	equal "$rc" 125
	has "$(head -n 1 "$T/no.err")" "$1"
	equal "$(grep -c '^cloison: ' "$T/no.err")" 1
	[ "$(wc -l <"$T/no.err")" -le 3 ] || fail "more than three lines: $(cat "$T/no.err")"
	equal "$(cat "$T/no.out")" ""
	equal "$(outside)" "$before"
	equal "$(i images -q)" ""
	store_is_clean
	equal "$(find "$store/layers" "$store/blobs/sha256" -mindepth 1)" ""
}

bad() {
	rm -rf "$store"
	entries layer
	archive bad layer
	no "$1" bad
}

good() {
	rm -rf "$store"
	entries layer
	archive good layer
	i load -q -i "$T/good.tar"
	equal "$(outside)" "$before"
	store_is_clean
}

fs() {
	find "$store/layers" -mindepth 2 -maxdepth 2 -name fs
}

forget() {
	i rmi good >/dev/null
	equal "$(find "$store/layers" "$store/blobs/sha256" -mindepth 1)" ""
}

long() {
	head -c "$1" /dev/zero | tr '\0' x
}

paths_that_climb() {
	for path in ../x a/../../x /../x a/.. ./../x ..; do
		printf 'f %s data=x\n' "$path" | bad 'entry.*its path has a `..`'
	done
}
check "paths with a .. are refused" paths_that_climb

paths_too_long() {
	printf 'f x pax=path=%s/%s\n' "$(long 200)" "$(long 256)" | bad 'its path has a part of 256 bytes: ENAMETOOLONG'
	part=$(long 200)
	path=$part
	for _ in $(seq 21); do path=$path/$part; done
	printf 'f x pax=path=%s\n' "$path" | bad 'its path is too long: ENAMETOOLONG'
}
check "so are paths that no kernel takes" paths_too_long

paths_that_are_odd() {
	printf 'f . data=x\n' | bad 'has the path of the root, and is no directory'
	printf 'f //abs//file data=x\nf ./dot/./file data=y\n' | good
	equal "$(cat "$(fs)/abs/file" "$(fs)/dot/file")" xy
	forget
	# a name that is no text is a name
	printf 'f \303(\377 data=x\n' | good
	equal "$(find "$(fs)" -type f | od -An -c | tr -d ' \n' | grep -c '303(377')" 1
	forget
}
check "absolute ones are the image's own, and names are bytes" paths_that_are_odd

through_links() {
	# each of these leads out of the root for whoever follows it on the host
	for target in / ../../../../../../../../.. "$T/outside" "$T/way"; do
		printf 'l out link=%s\nf out%s/canary data=overwritten\nf out/new data=x\n' "$target" "$T/outside" | good
		[ ! -e "$T/outside/new" ] || fail "it wrote outside"
		forget
	done
	printf 'd a\nl a/up link=../..\nf a/up/x data=inside\n' | good
	equal "$(cat "$(fs)/x")" inside
	forget
	printf 'l a link=b\nl b link=a\nf a/x data=x\n' | bad 'cannot make the directory `a`: ELOOP'
}
check "what goes through a link ends inside the root" through_links

hard_links() {
	printf 'h x link=../outside/canary\n' | bad 'a hard link: its path has a `..`'
	printf 'h x link=%s/canary\n' "$T/outside" | bad 'cannot link it to .*: ENOENT'
	printf 'l out link=%s\nh x link=out/canary\n' "$T/outside" | bad 'cannot link it to `out/canary`: ENOENT'
	printf 'd dir\nh x link=dir\n' | bad 'cannot link it to `dir`: EISDIR'
	printf 'h x link=x\n' | bad 'cannot link it to `x`: ENOENT'
	printf 'l ln link=/etc/passwd\nh x link=ln\n' | good
	equal "$(readlink "$(fs)/x")" /etc/passwd
	forget
	printf 'f x data=one\nh x link=x\nh ./x link=x\n' | good
	equal "$(cat "$(fs)/x")" one
	forget
}
check "hard links lead to files of the image alone" hard_links

replaced_on_the_way() {
	# a directory that becomes a link to the outside, and a link that becomes a directory
	printf 'd etc\nf etc/x data=1\nl etc link=%s\nf etc/canary data=2\n' "$T/outside" | good
	forget
	printf 'l etc link=%s\nd etc\nf etc/canary data=2\n' "$T/outside" | good
	equal "$(cat "$(fs)/etc/canary")" 2
	forget
	printf 'f a data=1\nd a\nf a/b data=2\nf a data=3\n' | good
	equal "$(cat "$(fs)/a")" 3
	forget
}
check "what is replaced on the way is replaced, not followed" replaced_on_the_way

nodes() {
	printf 'c gone\n' | bad 'is the device 0:0'
	printf 'c gone major=4096\n' | bad 'is the device 4096:0, which there cannot be'
	printf 'c gone minor=1048576\n' | bad 'is the device 0:1048576, which there cannot be'
	printf 'c null major=1 minor=3\nb disk major=8 minor=0\np fifo\n' | good
	equal "$(stat -c '%t:%T' "$(fs)/disk")" 8:0
	forget
}
check "a device that an overlay takes for a removed file is refused" nodes

whiteouts() {
	for name in .wh. .wh.. .wh...; do
		printf 'f %s\n' "$name" | bad 'is a whiteout of nothing'
	done
	printf 'f .wh.nothing\nf a/.wh..wh..opq\nf .wh..wh.plnk\nf x data=x\n' | good
	equal "$(find "$(fs)" -mindepth 1 -printf '%P\n' | sort | paste -sd' ')" 'a x'
	forget
}
check "whiteouts of nothing are refused, and those that hide nothing are nothing" whiteouts

# a whiteout that is behind a link, of what is behind a link, of the root's parent
whiteouts_and_links() {
	entries one <<-END
		d a
		f a/keep data=1
		l out link=$T/outside
	END
	entries two <<-END
		f out/.wh.canary
		f out$T/outside/.wh..wh..opq
		f a/.wh.keep
	END
	rm -rf "$store"
	archive good one two
	i load -q -i "$T/good.tar"
	equal "$(outside)" "$before"
	forget
	entries two <<-END
		f a/../.wh.a
	END
	archive bad one two
	no 'its path has a `..`' bad
}
check "a whiteout hides nothing outside the root" whiteouts_and_links

owners() {
	for id in uid=4294967295 gid=4294967295 uid=99999999999999999999 uid=-1; do
		printf 'f x data=x pax=%s\n' "$id" | bad 'its owner is .*, which no file can have|is not a readable archive'
	done
}
check "owners that no file can have" owners

attributes() {
	for name in trusted.overlay.opaque=y trusted.overlay.redirect=/etc trusted.x=1 system.posix_acl_access=x; do
		printf 'f x data=x pax=SCHILY.xattr.%s\n' "$name" | bad 'has the attribute `.*`, which images may not set'
	done
	printf 'f x data=x pax=SCHILY.xattr.security.capability=nonsense\n' | bad 'cannot set the attribute `security.capability`: EINVAL'
	printf 'f x data=x pax=SCHILY.xattr.security.selinux=x pax=SCHILY.xattr.user.a=b\n' | good
	equal "$(getfattr --only-values -n user.a "$(fs)/x" 2>/dev/null)" b
	forget
}
check "attributes by which an overlay would be told lies" attributes

sizes() {
	printf 'f x size=1000 data=short\ncut\n' | bad 'is not a readable archive'
	printf 'f x size=8589934591\ncut\n' | bad 'is not a readable archive'
	printf 'f x pax=size=9223372036854775807\ncut\n' | bad 'is not a readable archive|EFBIG'
	printf 'f x pax=size=-5\n' | bad 'is not a readable archive|has a size below 0|content beyond'
	printf 'f x sum=1\n' | bad 'is not a readable archive'
}
check "sizes that lie, and sums" sizes

pax_headers() {
	printf 'f x pax=path=a paxsize=4\n' | bad 'is not a readable archive|has the path of the root'
	printf 'x pax size=6 data=5\nf x\n' | bad 'is not a readable archive'
	printf 'x pax size=12 data=999 path=x\nf x\n' | tr ' ' '\t' | sed 's/999\tpath/999 path/' | "$tools/mktar" >"$T/layer.tar"
	archive bad layer
	no 'is not a readable archive' bad
	printf 'x pax zeros=3000000\nf x\n' | bad 'is not a readable archive'
	printf 'f x data=x pax=GNU.sparse.major=1 pax=GNU.sparse.minor=0 pax=GNU.sparse.name=../../x pax=GNU.sparse.realsize=5\n' |
		bad 'is not a readable archive|its path has a `..`'
}
check "pax headers that lie about themselves" pax_headers

# in a store of 24 MiB
in_little_room() {
	mkdir -p "$T/small"
	trap 'umount "$T/small" 2>/dev/null || true' EXIT
	mount -t tmpfs -o size=24m,nr_inodes="${2:-20000}" small "$T/small"
	usual=$store
	store=$T/small/store
	CLOISON_STORE=$store
	no "$1" bad
	"$tools/peak-rss" "$image" load -q -i "$T/bad.tar" 3>"$T/peak" 2>/dev/null || true
	[ "$(cat "$T/peak")" -le 65536 ] || fail "it took $(cat "$T/peak") KiB"
	umount "$T/small"
	store=$usual
	CLOISON_STORE=$store
}

bombs() {
	printf 'f x zeros=100000000\n' | tr ' ' '\t' | "$tools/mktar" | gzip -9 >"$T/layer.tar"
	archive bad layer
	in_little_room 'has more than .* bytes: EFBIG'
	printf 'f x zeros=100000000\n' | tr ' ' '\t' | "$tools/mktar" | zstd -q >"$T/layer.tar"
	archive bad layer
	in_little_room 'has more than .* bytes: EFBIG'
	for n in $(seq 3000); do echo "f f$n"; done | entries layer
	archive bad layer
	in_little_room 'has more than .* entries: EFBIG' 2000
}
check "compression bombs and too many files, in a store with little room" bombs

compression() {
	entries plain <<-END
		f x zeros=100000
	END
	gzip -c "$T/plain.tar" | head -c 60 >"$T/layer.tar"
	diff_of=$(digest "$T/plain.tar")
	# the layer is what it is, whatever its uncompressed digest would be
	uncompressed() { echo "$diff_of"; }
	archive bad layer
	no 'is not what gzip writes: it ends in the middle' bad
	{ gzip -c "$T/plain.tar" && echo garbage; } >"$T/layer.tar"
	archive bad layer
	no 'is not what gzip writes' bad
	zstd -q -c "$T/plain.tar" | head -c 20 >"$T/layer.tar"
	archive bad layer
	no 'is not what zstd writes: it ends in the middle' bad
	zstd -q --ultra --long=31 -c "$T/plain.tar" >"$T/layer.tar"
	printf '\050\265\057\375\000\250\001\000\000' >"$T/layer.tar"
	archive bad layer
	no 'is not what zstd writes: Frame requires too much memory' bad
}
check "compressed files that are cut off, go on, or ask for too much memory" compression

# lies FILTERS PATTERN - an image whose manifest or configuration is changed
digests_that_lie() {
	entries layer <<-END
		f x data=x
	END
	zero=0000000000000000000000000000000000000000000000000000000000000000
	archive bad ".rootfs.diff_ids[0] = \"sha256:$zero\"" layer
	no 'is not that of the configuration' bad
	MANIFEST=".layers[0].digest = \"sha256:$zero\"" archive bad layer
	no 'cannot open blob .*: ENOENT' bad
	MANIFEST='.layers[0].size = 5' archive bad layer
	no 'layer .* is another' bad
	MANIFEST=".config.digest = \"sha256:$zero\"" archive bad layer
	no 'cannot open blob .*: ENOENT' bad
	INDEX=".manifests[0].digest = \"sha256:$zero\"" archive bad layer
	no 'cannot open blob .*: ENOENT' bad
	for digest in sha256:../../../../etc/passwd sha256:ABC "sha512:$zero" "$zero" "sha256:${zero}0" ''; do
		INDEX=".manifests[0].digest = \"$digest\"" archive bad layer
		no 'manifests\[0\].digest: .* is not a digest' bad
	done
	archive bad layer
	name=$(echo "$T"/layout/blobs/sha256/* | cut -d' ' -f1)
	echo more >>"$name"
	tar -C "$T/layout" -cf "$T/bad.tar" oci-layout index.json blobs
	no 'entry `blobs/sha256/.*`: blob .* is another' bad
}
check "digests and sizes that lie" digests_that_lie

manifests() {
	entries layer <<-END
		f x data=x
	END
	for change in '.schemaVersion = 1|schemaVersion: must be 2, is 1' \
		'del(.schemaVersion)|schemaVersion: is missing' \
		'.manifests = []|has manifests, and layers or a config' \
		'.layers[0].mediaType = "text/html"|entry 0 is a `text/html`, not a layer' \
		'.config.mediaType = "text/html"|is a `text/html`, not an image' \
		'.layers = [range(128) as $i | .layers[0]]|has 128 entries, at most 127' \
		'.layers = []|the manifest has 0 layers and the configuration 1' \
		'.layers[0].size = -1|layers\[0\].size: must be' \
		'.layers = {}|layers: must be'; do
		MANIFEST="${change%%|*}"
		case $change in '.layers = [range'*) MANIFEST='.layers = [range(128) as $i | .layers[0]]' ;; esac
		export MANIFEST
		archive bad layer
		no "${change##*|}" bad
	done
	unset MANIFEST
	for change in '.architecture = "sparc"~is for `sparc`' '.os = "windows"~is for the system `windows`' \
		'.rootfs.diff_ids += .rootfs.diff_ids~the manifest has 1 layers and the configuration 2' \
		'del(.rootfs)~rootfs' '.config = 5~config: must be' '.config.Env = "A"~config.Env: must be'; do
		archive bad "${change%%~*}" layer
		no "${change##*~}" bad
	done
	archive bad ".author = \"$(long 100000)\" | .author *= 12" layer
	no 'of JSON at most 1048576 are read' bad
}
check "manifests and configurations that contradict themselves" manifests

names() {
	entries layer <<-END
		f x data=x
	END
	for name in "sha256:$(printf %064d 0)" "$(printf %064d 0)" ../../etc/passwd Web UPPER/CASE a//b 'a b' web: :tag -x; do
		INDEX=".manifests[0].annotations[\"org.opencontainers.image.ref.name\"] = \"$name\"" archive bad layer
		no 'is not a reference to an image' bad
	done
}
check "names that are none" names

# What is not an image in an index, as buildx puts it there, and what is in it again and again.
strange_indexes() {
	rm -rf "$store"
	entries layer <<-END
		f x data=x
	END
	archive plain layer
	provenance=$(jq -cn '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: ("sha256:" + "0" * 64), size: 2},
		layers: [{mediaType: "application/vnd.in-toto+json", digest: ("sha256:" + "1" * 64), size: 2}]}')
	echo "$provenance" >"$T/provenance"
	echo rubbish >"$T/rubbish"
	jq -c --argjson p "$(descriptor application/vnd.oci.image.manifest.v1+json "$T/provenance")" \
		--argjson r "$(descriptor application/vnd.oci.image.manifest.v1+json "$T/rubbish")" --arg a "$arch" '{schemaVersion: 2,
		manifests: ([(.manifests[0] | .platform = {os: "linux", architecture: $a}), ($p | .platform = {os: "unknown",
		architecture: "unknown"}), $r] + [range(1000) as $i | $p])}' "$T/layout/index.json" >"$T/inner"
	jq -cn --argjson i "$(descriptor application/vnd.oci.image.index.v1+json "$T/inner")" \
		'{schemaVersion: 2, manifests: [$i + {annotations: {"io.containerd.image.name": "host.example/web:5",
		"org.opencontainers.image.ref.name": "5"}}]}' >"$T/layout/index.json"
	tar -C "$T/layout" -cf "$T/good.tar" oci-layout index.json blobs
	i load -q -i "$T/good.tar" 2>"$T/err"
	equal "$(cat "$T/err")" ""
	equal "$(i images --json | jq -r '.[].Name')" host.example/web:5
	has "$(i image prune)" '^removed 0 blobs'
	i rmi web:5 >/dev/null
	equal "$(find "$store/layers" "$store/blobs/sha256" "$store/bundles" -mindepth 1)" ""
}
check "an index with what is no image in it does not stop anything" strange_indexes

# A user that is looked for in a device: to open it would do something already.
device_as_passwd() {
	entries layer <<-END
		d etc
		c etc/passwd major=1 minor=3
	END
	archive good '.config.User = "root"' layer
	rm -rf "$store"
	i load -q -i "$T/good.tar"
	rc=0
	CLOISON_TEST=$T timeout -k 5 60 strace -f -qq -o "$T/trace" -e trace=openat,openat2 unshare -m sh -c '
		mount --make-rprivate / && mkdir -p /run/cloisond && mount -t tmpfs none /run/cloisond &&
		exec "$0" run good true' "$cloison" >/dev/null 2>"$T/err" || rc=$?
	equal "$rc" 125
	has "$(cat "$T/err")" 'no such user: `root`'
	equal "$(grep 'etc/passwd' "$T/trace" | grep -v O_PATH | grep '= [0-9]')" ""
	i rmi good >/dev/null
}
check "a device where the users should be is not opened" device_as_passwd

archives() {
	echo 'not an archive, whatever it is' >"$T/bad.tar"
	no 'is not a readable archive|is no archive of images' bad
	: >"$T/bad.tar"
	no 'is not a readable archive|is no archive of images' bad
	entries bad <<-END
		f x data=x
	END
	no 'is no archive of images' bad
	entries bad <<-END
		f oci-layout data={}
		d index.json
	END
	no 'is no archive of images' bad
	printf 'l manifest.json link=index.json\nl index.json link=manifest.json\nf oci-layout data={}\n' | entries bad
	no 'is no archive of images' bad
	printf 'f manifest.json data=[]\n' | entries bad
	no 'manifest.json: has no images' bad
	printf 'f manifest.json data=[{"Config":"../../etc/passwd","Layers":[]}]\n' | entries bad
	no 'manifest.json: there is no file' bad
	printf 'f ../manifest.json data=x\n' | entries bad
	no 'leads out of the archive' bad
	printf 'l a link=../../etc/passwd\n' | entries bad
	no 'leads out of the archive' bad
	printf 'c a major=1 minor=3\n' | entries bad
	no 'is no file' bad
	for n in $(seq 8193); do echo "f f$n"; done | entries bad
	no 'has more than 8192 files: EFBIG' bad
	printf 'f manifest.json data=%s\n' "$(long 200 | tr x '[')" | entries bad
	no 'manifest.json: ' bad
}
check "archives that are none" archives

deep() {
	# 200 levels, and a link into the last of them through which 200 more are made, and so on: deeper than a path is long
	{
		path=d
		for _ in $(seq 199); do path=$path/d; done
		for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
			if [ "$n" -eq 1 ]; then
				echo "d $path"
			else
				echo "l l$n link=${last:-}$path"
				echo "d l$n/$path"
				last=l$n/
			fi
		done
		echo 'c gone'
	} >"$T/list"
	bad 'is the device 0:0' <"$T/list"
	head -n -1 "$T/list" | good
	forget
}
check "a tree that is deeper than a path is long is made, and removed" deep
