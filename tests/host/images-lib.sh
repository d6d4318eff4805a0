# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# images-lib.sh: images made for tests, over supervisor-lib.sh, which it sources.
#
# The store is $T/store. What umoci and skopeo make is real; what is wrong in some way is made here.
#
#   i ARGUMENT...                        cloison-image with the store
#   entries LAYER <<LIST                 $T/LAYER.tar of what tests/host/mktar.c takes, with blanks for tabs
#   archive NAME [FILTER] LAYER...       $T/NAME.tar, an OCI layout with one image; FILTER changes its configuration
#   store_is_clean                       nothing half done in it, each blob what its name says
. tests/host/supervisor-lib.sh

image=$PWD/$OUT/bin/cloison-image
store=$T/store
export CLOISON_STORE="$store"
arch=amd64
[ "$ARCH" = x86_64 ] || arch=arm64

i() {
	CLOISON_TEST=$T timeout -k 5 "${LIMIT:-60}" "$image" "$@"
}

entries() {
	tr ' ' '\t' | "$tools/mktar" >"$T/$1.tar"
}

digest() {
	sha256sum "$1" | cut -d' ' -f1
}

# put FILE - into the layout $T/layout; its digest
put() {
	sum=$(digest "$1")
	cp "$1" "$T/layout/blobs/sha256/$sum"
	echo "$sum"
}

# descriptor TYPE FILE
descriptor() {
	jq -cn --arg t "$1" --arg d "sha256:$(put "$2")" --argjson s "$(stat -c %s "$2")" \
		'{mediaType: $t, digest: $d, size: $s}'
}

# uncompressed FILE - its digest when decompressed
uncompressed() {
	case $(head -c 4 "$1" | od -An -tx1 | tr -d ' ') in
	1f8b*) gzip -dc "$1" ;;
	28b52ffd) zstd -dc "$1" ;;
	*) cat "$1" ;;
	esac | sha256sum | cut -d' ' -f1
}

archive() {
	name=$1
	filter=.
	shift
	[ -e "$T/$1.tar" ] || { filter=$1 && shift; }
	rm -rf "$T/layout"
	mkdir -p "$T/layout/blobs/sha256"
	printf '{"imageLayoutVersion":"1.0.0"}' >"$T/layout/oci-layout"
	layers='[]'
	ids='[]'
	for layer; do
		layers=$(echo "$layers" | jq -c --argjson l "$(descriptor "${MEDIA:-application/vnd.oci.image.layer.v1.tar}" "$T/$layer.tar")" '. + [$l]')
		ids=$(echo "$ids" | jq -c --arg d "sha256:$(uncompressed "$T/$layer.tar")" '. + [$d]')
	done
	jq -cn --argjson ids "$ids" --arg arch "$arch" '{created: "2026-01-02T03:04:05Z", architecture: $arch, os: "linux",
		config: {Env: ["A=b"], Cmd: ["sh"]}, rootfs: {type: "layers", diff_ids: $ids},
		history: ($ids | map({created: "2026-01-02T03:04:05Z", created_by: "a test"}))}' | jq -c "$filter" >"$T/layout.config"
	jq -cn --argjson l "$layers" --argjson c "$(descriptor application/vnd.oci.image.config.v1+json "$T/layout.config")" '{
		schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $c, layers: $l}' |
		jq -c "${MANIFEST:-.}" >"$T/layout.manifest"
	jq -cn --arg n "$name" --argjson m "$(descriptor application/vnd.oci.image.manifest.v1+json "$T/layout.manifest")" '{
		schemaVersion: 2, manifests: [$m + {annotations: {"org.opencontainers.image.ref.name": $n}}]}' |
		jq -c "${INDEX:-.}" >"$T/layout/index.json"
	tar -C "$T/layout" -cf "$T/$name.tar" oci-layout index.json blobs
}

store_is_clean() {
	equal "$(find "$store/layers" -maxdepth 1 -name '.*' ! -path "$store/layers")" ""
	for blob in "$store"/blobs/sha256/*; do
		[ ! -e "$blob" ] || equal "$(digest "$blob")" "${blob##*/}"
	done
}
