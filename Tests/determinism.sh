#!/usr/bin/env bash
# The same input gives the same bytes: for any number of threads, twice, under another locale and in another time zone.
#   bash Tests/determinism.sh [long]     long: more images, and the library on all 70,000 of MNIST
set -euo pipefail
cd "$(dirname "$0")/.."

# TOOLS may name the folder where they are installed, and LIBRARY the library.
if [ -z "${TOOLS:-}" ]; then
  for product in dnn-bench dnn-classify dnn-eval dnn-info dnn-quantize dnn-train mnistinfer; do
    swift build -c release --product $product > /dev/null
  done
  TOOLS=$(swift build -c release --show-bin-path)
fi
LIBRARY=${LIBRARY:-$(swift build -c release --show-bin-path)/libmnistinfer.so}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A locale that writes 1.5 as 1,5 and 1,000 as 1.000. It has to be there: without one this would compare nothing.
mkdir "$work/locales"
localedef -i de_DE -f UTF-8 "$work/locales/de_DE.UTF-8"
point=$(LOCPATH=$work/locales LC_ALL=de_DE.UTF-8 locale decimal_point)
[ "$point" = , ] || { echo "FAILED: the German locale's decimal point is '$point'" >&2; exit 1; }

python3 -B Tests/determinism.py "$TOOLS" "$work" "$@"
python3 -B Tests/exact.py "$LIBRARY" "$work/convnet.dnn" $([ "${1:-}" = long ] || echo 100) --float32
[ "${1:-}" != long ] || python3 -B Tests/exact.py "$LIBRARY" Sources/CDefaultModel/digits.dnn
