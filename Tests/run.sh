#!/usr/bin/env bash
# Every test: style, the Swift suites on each instruction set, again under the address sanitizer, and the library as C sees it.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "== style"
swift-format lint --strict --recursive Package.swift Sources Tests

echo "== Swift tests"
swift build --build-tests
swift test --skip-build --quiet
# The kernels' own tests run those of each instruction set by themselves; reports and the search for ranges do not depend on it.
for set in avx2 portable; do
  echo "-- with at most $set"
  DNN_INSTRUCTION_SET=$set swift test --skip-build --quiet --skip KernelTests --skip DNNReportTests --skip Quantization
done

echo "== under the address sanitizer"
# XCTest keeps two objects until the end, and Foundation loses a buffer for each empty file it reads.
suppressions=$(mktemp)
trap 'rm -f "$suppressions"' EXIT
printf 'leak:libXCTest\nleak:libFoundationEssentials\n' > "$suppressions"
# The sanitizer's own symbols are in no version script, and the linker says so for each.
swift build --build-tests --sanitize=address --scratch-path .build/address 2>&1 | grep -v 'Cannot export local symbol'
LSAN_OPTIONS=suppressions=$suppressions:print_suppressions=0 \
  swift test --skip-build --sanitize=address --scratch-path .build/address --quiet --filter 'MNISTInferTests|KernelTests'

echo "== fuzzing"
bash Tests/fuzz.sh replay

echo "== installation"
bash Tests/installation.sh
bash Tests/abi.sh

echo "== the library"
bash Tests/library.sh

echo "== where things go wrong"
bash Tests/trust.sh

echo "== the format in Python, beside the library"
python3 -m venv .build/python
.build/python/bin/pip install --quiet --disable-pip-version-check numpy scikit-learn pillow
(cd Examples/python && MNISTINFER_LIBRARY=../../.build/installed/usr/lib/libmnistinfer.so ../../.build/python/bin/python -B -m unittest)

echo "== the tools"
TOOLS=$PWD/.build/installed/usr/bin bash Tests/tools.sh

echo "== faults of files, odd inputs, determinism"
TOOLS=$PWD/.build/installed/usr/bin bash Tests/faults.sh
python3 -B Tests/inputs.py .build/installed/usr/bin
TOOLS=$PWD/.build/installed/usr/bin LIBRARY=$PWD/.build/installed/usr/lib/libmnistinfer.so bash Tests/determinism.sh

echo "== several processes"
TOOLS=$PWD/.build/installed/usr/bin bash Tests/mpi.sh

echo "== the wheel for Python"
bash Tests/wheel.sh

echo "== the browser"
bash Tests/web.sh
