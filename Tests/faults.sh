#!/usr/bin/env bash
# Every call of the tools on a file goes wrong, one after another; Tests/faults.py says what must be so then.
#   bash Tests/faults.sh [long]
set -euo pipefail
cd "$(dirname "$0")/.."

# TOOLS may name the folder where they are installed.
if [ -z "${TOOLS:-}" ]; then
  for tool in dnn-classify dnn-eval dnn-info dnn-quantize dnn-train; do swift build -c release --product $tool > /dev/null; done
  TOOLS=$(swift build -c release --show-bin-path)
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -Wall -Wextra -Werror -O1 -shared -fPIC -o "$work/faults.so" Tests/faults.c -ldl
# In memory, where there is room for it: a disk takes milliseconds for every fsync.
TMPDIR=${TMPDIR:-$([ ! -w /dev/shm ] || echo /dev/shm)} python3 -B Tests/faults.py "$TOOLS" "$work/faults.so" "$@"
