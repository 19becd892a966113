#!/usr/bin/env bash
# Builds libmnistinfer.so as it is installed, stripped, into .build/library: optimised as a whole, at link time, which makes it a
# twentieth smaller than `swift build` alone does. The number in its SONAME changes when programs must be linked anew.
set -euo pipefail
cd "$(dirname "$0")/../.."
swift build --quiet -c release --scratch-path .build/library --product mnistinfer --disable-local-rpath \
  --experimental-lto-mode full -Xlinker -s -Xlinker -soname -Xlinker libmnistinfer.so.1 \
  -Xlinker -mllvm -Xlinker -enable-machine-outliner=always
