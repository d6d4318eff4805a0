#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# seed.sh: make the file system that mkseed turns into C. The same bytes each time: the time, the UUID and
# the hash seed are fixed, and the machine's mke2fs.conf is not read.
#
# usage: seed.sh IMAGE
#
# metadata_csum_seed lets the kernel change the UUID of a mounted file system. The features are those that
# mke2fs 1.47 gives an ext4, but for orphan_file, whose blocks are not zero. Room for the descriptors of
# 8 TiB is left (resize_inode), so growing moves nothing.
set -eu
none=00000000-0000-4000-8000-000000000000
rm -f "$1"
truncate -s 64M "$1"
E2FSPROGS_FAKE_TIME=${SOURCE_DATE_EPOCH:?is set by the Makefile} MKE2FS_CONFIG=/dev/null \
	/sbin/mke2fs -q -F -t ext4 -b 4096 -I 256 -N 8192 -m 1 -J size=16 -L cloison-data -U $none \
	-O none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum,metadata_csum_seed \
	-E hash_seed=$none,lazy_itable_init=1,lazy_journal_init=0,nodiscard,resize=4294967295,root_owner=0:0 -e remount-ro \
	"$1" >"$1.log" 2>&1 || {
	cat "$1.log" >&2
	exit 1
}
