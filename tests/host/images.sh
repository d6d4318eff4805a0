#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# images.sh: images that others made, loaded, listed, run and removed.
. tests/host/images-lib.sh

n() {
	CLOISON_TEST=$T CLOISON_HOST=unix://$socket timeout -k 5 "${LIMIT:-60}" "$cloison" "$@"
}

# mounts of its own hide the supervisor that the host may have
alone() {
	CLOISON_TEST=$T timeout -k 5 "${LIMIT:-60}" unshare -m sh -c '
		mount --make-rprivate / && mkdir -p /run/cloisond && mount -t tmpfs none /run/cloisond &&
		exec "$0" "$@"' "$cloison" "$@"
}

# umoci's image of three layers, $T/oci:web: the second removes, replaces and hides what the first has
make_image() {
	umoci init --layout "$T/oci" && umoci new --image "$T/oci:web" && umoci unpack --image "$T/oci:web" "$T/u" || return
	new_rootfs "$T/u/rootfs"
	root=$T/u/rootfs
	mkdir -p "$root/srv/data/deep/er" "$root/opt/all" "$root/home/user"
	for f in a b c; do echo "$f" >"$root/srv/data/$f"; done
	echo deep >"$root/srv/data/deep/er/file"
	ln "$root/srv/data/a" "$root/srv/data/a2"
	ln -s ../data/b "$root/srv/data/link"
	mkfifo "$root/srv/fifo"
	mknod "$root/srv/null" c 1 3
	dd if=/dev/zero of="$root/srv/sparse" bs=1 count=1 seek=1000000 2>/dev/null
	setfattr -n user.colour -v blue "$root/srv/data/b"
	chown -R 1000:1000 "$root/home/user"
	chmod 4755 "$root/srv/data/c"
	chmod 1777 "$root/tmp"
	touch -d '2001-02-03 04:05:06.789' "$root/srv/data/c" "$root/srv/data"
	echo one >"$root/opt/all/one"
	umoci repack --image "$T/oci:web" "$T/u" || return
	rm -rf "$T/u"
	umoci unpack --image "$T/oci:web" "$T/u" || return
	rm "$root/srv/data/a2"
	rm -rf "$root/srv/data/deep" "$root/opt/all"
	mkdir "$root/opt/all"
	echo two >"$root/opt/all/two"
	rm "$root/srv/data/link"
	mkdir "$root/srv/data/link"
	echo 'now a directory' >"$root/srv/data/link/file"
	chmod 600 "$root/srv/data/a"
	ln "$root/srv/data/c" "$root/srv/data/c2"
	umoci repack --image "$T/oci:web" "$T/u" || return
	rm -rf "$T/u"
	umoci unpack --image "$T/oci:web" "$T/u" || return
	echo three >"$root/srv/three"
	umoci repack --image "$T/oci:web" "$T/u" &&
		umoci config --image "$T/oci:web" --config.entrypoint echo --config.entrypoint said --config.cmd hello \
			--config.env FROM=image --config.workingdir /srv/data --config.user user
}
if ! make_image >"$T/umoci.out" 2>&1; then
	skip_all "umoci cannot make an image here: $(tail -n 1 "$T/umoci.out")"
fi
rm -rf "$T/u"

# listing DIR - each file of a tree with all that is to be equal
listing() {
	(
		cd "$1" || exit
		find . -printf '%p %y %#m %U:%G %T@ %l' \( -type d -o -printf ' %n' \) \( -type f -printf ' %s' -o -printf '' \) -printf '\n' | sort
		find . -type f -exec sha256sum {} + | sort
		find . \( -type b -o -type c \) -exec stat -c '%n %t:%T' {} + | sort
		getfattr -R -P -d -m '^(user|security)\.' . 2>/dev/null
	)
}

# merged NAME COMMAND... - run in a mount namespace where $T/merged is the image's root
merged() {
	lower=$(jq -r '.annotations["org.cloison.layers"]' "$store/bundles/$(i image inspect "$1" | jq -r '.[0].Digest[7:]')/config.json")
	shift
	mkdir -p "$T/merged"
	unshare -m sh -c 'mount -t overlay -o "ro,lowerdir=$1" overlay "$2" && shift 2 && exec "$@"' sh "$lower" "$T/merged" "$@"
}

loads() {
	skopeo copy -q "oci:$T/oci:web" "oci-archive:$T/web.tar:web"
	equal "$(i load -i "$T/web.tar")" 'Loaded image: web:latest'
	equal "$(i images --json | jq -r '.[] | .Name')" 'web:latest'
	# the same by every name of its
	id=$(i images -q)
	for name in web:latest web "$id" "sha256:$(i image inspect web | jq -r '.[0].Id[7:]')" "web@$(i image inspect web | jq -r '.[0].Digest')"; do
		equal "$(i image inspect "$name" | jq -r '.[0].RepoTags[0]')" web:latest
	done
	equal "$(i image inspect web | jq -c '.[0].Config.Entrypoint + .[0].Config.Cmd')" '["echo","said","hello"]'
	equal "$(i history --json web | jq 'map(select(.Layer)) | length')" 3
	store_is_clean
}
check "an archive that skopeo wrote is loaded, listed and told of" loads

# `load FILE` for `load -i FILE`
not_from_a_terminal() {
	rc=0
	said=$(script -qec "timeout 20 $image load $T/web.tar" /dev/null) || rc=$?
	equal "$rc" 125
	has "$said" 'load: standard input is a terminal, not an archive'
}
check "a terminal is no archive, and the option for a file is told" not_from_a_terminal

same_tree() {
	umoci unpack --image "$T/oci:web" "$T/u" >/dev/null 2>&1
	listing "$T/u/rootfs" >"$T/theirs"
	export T
	merged web sh -c "$(command -v listing >/dev/null; cat <<'END'
. "$0"
listing "$T/merged"
END
)" "$T/listing.sh" >"$T/ours"
	diff "$T/theirs" "$T/ours"
	[ "$(wc -l <"$T/ours")" -gt 100 ]
}
{
	echo 'listing() {'
	sed -n '/^listing() {/,/^}/p' "$0" | sed 1d
} >"$T/listing.sh"
check "its root is what umoci unpacks: modes, owners, times, links, attributes, content" same_tree

from_docker() {
	skopeo copy -q "oci:$T/oci:web" "docker-archive:$T/docker.tar:team/web:2"
	equal "$(gzip -c "$T/docker.tar" | i load | sed 's|.* ||; s|.*/team|team|')" team/web:2
	equal "$(i image inspect team/web:2 | jq '.[0].RootFS.Layers | length')" 3
	# the layers are those that are there already
	equal "$(find "$store/layers" -mindepth 1 -maxdepth 1 | wc -l)" 3
}
check "an archive as \`docker save\` writes it, compressed, by standard input" from_docker

others_read_it() {
	skopeo copy -q "oci:$store:web:latest" "oci:$T/back:x"
	equal "$(jq -r '.manifests[0].digest' "$T/back/index.json")" "$(i image inspect web:latest | jq -r '.[0].Digest')"
}
check "the store is a layout that skopeo reads, with the same digest" others_read_it

runs_alone() {
	r() { alone run "$@"; }
	equal "$(r web)" 'said hello'
	equal "$(r web you)" 'said you'
	equal "$(r --entrypoint sh web -c 'echo $FROM $(pwd) $(id -un); cat a' 2>&1)" "image /srv/data user
cat: can't open 'a': Permission denied"
	# what one writes the next does not see
	equal "$(r -u 0 --entrypoint sh web -c 'echo x >/srv/data/new; rm /srv/three; ls /srv')" "data
fifo
null
sparse"
	equal "$(r --entrypoint sh web -c 'ls /srv/three; ls /srv/data/new' 2>&1)" "/srv/three
ls: /srv/data/new: No such file or directory"
	equal "$(r --read-only -w /made/up -u 0 --entrypoint sh web -c pwd)" /made/up
	equal "$(r --read-only -u 0 --entrypoint sh web -c 'echo x >/srv/x' 2>&1)" "sh: can't create /srv/x: Read-only file system"
	[ ! -d /run/cloison/~native ] || equal "$(find /run/cloison/~native -mindepth 1 -name overlay)" ""
	equal "$(find "$store/uses" -mindepth 1)" ""
	equal "$(find "$store/layers" -path '*/fs/made')" ""
}
check "a container of it has its command, environment, directory and user, and files of its own" runs_alone

# Who ran it in the foreground is killed, and it goes on: the next run must leave it its files.
abandoned() {
	alone run --name "$tag-left" -u 0 --entrypoint sh web -c 'while sleep 0.1; do date >/srv/now || exit; done' &
	wait_for 20 left_writes
	pkill -KILL -f "cloison run --name $tag-left"
	equal "$(alone run web)" 'said hello'
	i rmi web:latest >/dev/null
	"$cloison" exec "$tag-left" rm /srv/now
	wait_for 10 left_writes
	equal "$("$cloison" exec "$tag-left" cat /srv/three)" three
	"$cloison" delete --force "$tag-left"
	i load -q -i "$T/web.tar"
	equal "$(alone run web)" 'said hello'
	equal "$(find /run/cloison/~native -mindepth 1)" ""
}
left_writes() {
	"$cloison" exec "$tag-left" test -s /srv/now
}
check "a container whose \`run\` was killed keeps its files, and its image's, until it is deleted" abandoned

supervised() {
	n run -d --name kept -u 0 --entrypoint sh web -c 'echo line >>/srv/log; exec sleep 1000' >/dev/null
	wait_for 10 n exec kept test -s /srv/log
	n stop -t 0 kept >/dev/null
	# stopped, it is its image and what it wrote
	equal "$(n cp kept:/srv/log - | tar -xO)" line
	equal "$(n cp kept:/srv/three - | tar -xO)" three
	echo put >"$T/put"
	n cp "$T/put" kept:/srv/put
	n start kept >/dev/null
	wait_for 10 twice
	id=$(n inspect -f '{{.Id}}' kept)
	# its layers stay as long as it does
	i rmi web:latest team/web:2 >/dev/null
	equal "$(i images -q)" ""
	equal "$(n exec kept cat /srv/three /srv/put)" "three
put"
	n rm -f kept >/dev/null
	[ ! -e "$dir/containers/$id" ] || fail "its directory is left"
	wait_for 10 trash_is_empty
	i image prune >/dev/null
	equal "$(find "$store/layers" "$store/blobs/sha256" "$store/bundles" -mindepth 1)" ""
}
trash_is_empty() {
	[ -z "$(find "$dir/trash" -mindepth 1)" ]
}
twice() {
	[ "$(n exec kept cat /srv/log | wc -l)" -eq 2 ]
}
# shellcheck disable=SC2119 # alone, without a stand-in for PID 1
up || fail "cloisond does not start"
check "one of the supervisor keeps what it wrote, and its image's layers as long as it is there" supervised

compressed() {
	entries plain <<-END
		f hello data=hello
	END
	gzip -c "$T/plain.tar" >"$T/gz.tar"
	{ cat "$T/gz.tar"; head -c 0 /dev/null | gzip -c; } >"$T/members.tar"
	zstd -q -c "$T/plain.tar" >"$T/zst.tar"
	for layer in plain gz members zst; do
		archive "in-$layer" "$layer"
		i load -q -i "$T/in-$layer.tar"
		equal "$(cat "$(jq -r '.annotations["org.cloison.layers"]' "$store"/bundles/"$(i image inspect "in-$layer" | jq -r '.[0].Digest[7:]')"/config.json)/hello")" hello
	done
	i rmi in-plain in-gz in-members in-zst >/dev/null
}
check "layers may be plain, gzip, of several members, or zstd" compressed

killed_at_any_moment() {
	i load -q -i "$T/web.tar"
	for layer in "$store"/layers/*; do
		find "$layer" -mindepth 2 | wc -l >"$T/count.${layer##*/}"
	done
	landed=0
	for n in $(seq "${KILLS:-30}"); do
		# a load of what is not there, or the removal of what is
		if [ -n "$(i images -q)" ]; then
			set -- rmi web:latest
		else
			set -- load -q -i "$T/web.tar"
		fi
		"$image" "$@" >/dev/null 2>&1 &
		pid=$!
		sleep "0.$(printf %03d $((n * 397 % 150)))"
		kill -KILL "$pid" 2>/dev/null || true
		rc=0
		wait "$pid" 2>/dev/null || rc=$?
		[ "$rc" -ne 137 ] || landed=$((landed + 1))
		for blob in "$store"/blobs/sha256/*; do
			[ ! -e "$blob" ] || equal "$(digest "$blob")" "${blob##*/}"
		done
		# what has a layer's name is all of it
		for layer in "$store"/layers/[0-9a-f]*; do
			[ ! -d "$layer" ] || equal "$(find "$layer" -mindepth 2 | wc -l)" "$(cat "$T/count.${layer##*/}")"
		done
		[ $((n % 5)) -ne 0 ] || { i image prune >/dev/null && store_is_clean; }
	done
	[ "$landed" -ge 5 ] || fail "only $landed of them were killed"
	i load -q -i "$T/web.tar"
	merged web sh -c '. "$0"; listing "$T/merged"' "$T/listing.sh" >"$T/ours"
	diff "$T/theirs" "$T/ours"
	store_is_clean
}
export T
check "killed at any moment a load leaves a store that is whole, and then succeeds" killed_at_any_moment
