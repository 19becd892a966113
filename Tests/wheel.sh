#!/usr/bin/env bash
# The Python wheel, made from the installed library and installed where there is neither the library nor its sources.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ -d .build/installed/usr ] || DESTDIR=$PWD/.build/installed PREFIX=/usr bash Sources/Installation/install.sh
if PREFIX=$work bash Examples/python/build_wheel.sh "$work/dist" 2> "$work/output"; then
  echo "FAILED: a wheel of nothing" >&2; exit 1
fi
grep -q "nothing is installed in $work: run Sources/Installation/install.sh" "$work/output" || { cat "$work/output" >&2; exit 1; }
PREFIX=$PWD/.build/installed/usr bash Examples/python/build_wheel.sh "$work/dist"
ls "$work/dist"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "$work"/dist/mnistinfer-*-py3-none-manylinux_*.whl
label=$(env -i "$work/venv/bin/python" -c "import mnistinfer; print(mnistinfer.classify('$PWD/Examples/digits/7.png').label)")
[ "$label" = 7 ] || { echo "FAILED: the wheel reads 7.png as $label" >&2; exit 1; }
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pillow
cp Examples/python/{test_mnistinfer,library}.py "$work/"
DIGITS=$PWD/Examples/digits
cd "$work"
env -i DIGITS="$DIGITS" "$work/venv/bin/python" -m unittest test_mnistinfer
echo "wheel: passed"
