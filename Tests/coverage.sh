#!/usr/bin/env bash
# How much of the runtime its Swift tests run: lines, and regions, which are the parts of a line that a condition separates (the
# compiler counts no branches as such). Lists what they leave out of the loader, and fails if that is over one line in a hundred:
#   bash Tests/coverage.sh
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# With the processor's best instructions, and without any, which takes other ways in places.
swift build --build-tests --enable-code-coverage
for set in avx512 portable; do
  DNN_INSTRUCTION_SET=$set swift test --skip-build --enable-code-coverage --quiet --filter MNISTInferTests
  cp "$(swift build --show-bin-path)/codecov/default.profdata" "$work/$set.profdata"
done
"$tools/llvm-profdata" merge "$work"/*.profdata -o "$work/all.profdata"
binary=$(ls -d "$(swift build --show-bin-path)"/*PackageTests.xctest)
coverage() { "$tools/llvm-cov" "$1" "$binary" -instr-profile "$work/all.profdata" "${@:2}" 2> "$work/warnings"; }

coverage show Sources/MNISTInfer/Format Sources/MNISTInfer/Graph | awk '/^\/.*:$/ { file = $0 } /^ *[0-9]+\| +0\|/ { print file $0 }' |
  sed "s|$PWD/||"
coverage export -summary-only Sources/MNISTInfer > "$work/summary.json"
python3 - "$work/summary.json" << 'END'
import collections, json, sys
counts = collections.defaultdict(collections.Counter)
for file in json.load(open(sys.argv[1]))["data"][0]["files"]:
    folder = file["filename"].split("/MNISTInfer/")[1].split("/")[0]
    for kind in ("lines", "regions"):
        for which in ("covered", "count"):
            counts[folder][kind, which] += file["summary"][kind][which]
for folder, count in sorted(counts.items()):
    print(folder, *(f"{count[kind, 'covered']} of {count[kind, 'count']} {kind}" for kind in ("lines", "regions")), sep=", ")
loader = counts["Format"] + counts["Graph"]
if loader["lines", "covered"] < .99 * loader["lines", "count"]:
    sys.exit("FAILED: over one line of the loader in a hundred is never run")
END
