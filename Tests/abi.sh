#!/usr/bin/env bash
# Compares the binary interface with the description of it in Tests/mnistinfer.abi:
#   bash Tests/abi.sh              fails where they differ, and says in what
#   bash Tests/abi.sh --update     writes the description anew, for a change that is meant
#
# The description is made from the header: a library of functions that do nothing, compiled by gcc, because libabigail finds no
# C types in Swift's debug information. That the real library has these functions, and with these types, the compiler checks
# (HeaderCheck.swift) and Tests/library.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
description=Tests/mnistinfer.abi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo '#include <mnistinfer.h>' > "$work/header.c"
gcc -std=c2x -I Include -aux-info "$work/declarations" -fsyntax-only "$work/header.c"
{
  echo '#include <mnistinfer.h>'
  sed -n '/mnistinfer\.h/s/.*extern \(.*\);.*/\1 { __builtin_trap(); }/p' "$work/declarations"
} > "$work/functions.c"
gcc -std=c2x -Wno-return-type -I Include -g -O0 -shared -fPIC -nostdlib -Wl,-soname,libmnistinfer.so.1 \
  -Wl,--version-script=Sources/MNISTInfer/exports.map "$work/functions.c" -o "$work/libmnistinfer.so"
abidw --no-corpus-path --no-comp-dir-path --no-show-locs --type-id-style hash "$work/libmnistinfer.so" |
  sed "s| path='[^']*'||" > "$work/new.abi"

if [ "${1:-}" = --update ]; then
  cp "$work/new.abi" $description
  echo "wrote $description"
elif ! abidiff $description "$work/new.abi"; then
  echo "FAILED: the binary interface is not the one of $description. A removal or a change breaks programs that are linked" >&2
  echo "already; an addition does not: bash Tests/abi.sh --update" >&2
  exit 1
else
  echo "abi: passed"
fi
