#!/usr/bin/env bash
# Every test: style, the Swift suites on each instruction set, again under the address sanitizer, and the library as C sees it.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "== style"
swift-format lint --strict --recursive Package.swift Sources Tests

echo "== Swift tests"
swift build --build-tests
swift test --skip-build --quiet
for set in avx2 portable; do
  echo "-- with at most $set"
  DNN_INSTRUCTION_SET=$set swift test --skip-build --quiet
done

echo "== under the address sanitizer"
# XCTest keeps two objects of its own until the end.
suppressions=$(mktemp)
trap 'rm -f "$suppressions"' EXIT
echo 'leak:libXCTest' > "$suppressions"
LSAN_OPTIONS=suppressions=$suppressions:print_suppressions=0 \
  swift test --sanitize=address --scratch-path .build/address --quiet --filter MNISTInferTests

echo "== the library"
bash Tests/library.sh

echo "== the format in Python, beside the library"
python3 -m venv .build/python
.build/python/bin/pip install --quiet --disable-pip-version-check numpy
library=$(swift build -c release --show-bin-path)/libmnistinfer.so
(cd Examples/python && MNISTINFER_LIBRARY=$library ../../.build/python/bin/python -B -m unittest)

echo "== the tools"
bash Tests/tools.sh
