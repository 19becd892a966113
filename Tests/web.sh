#!/usr/bin/env bash
# The runtime as WebAssembly: its size, and Tests/web.py in a browser.
set -euo pipefail
cd "$(dirname "$0")/.."

bash Examples/web/build.sh .build/web
size=$(stat -c %s .build/web/mnistinfer.wasm)
[ "$size" -le 240000 ] || { echo "FAILED: mnistinfer.wasm has $size bytes" >&2; exit 1; }
python=.build/python/bin/python
[ -x $python ] || python=python3
[ -d .build/installed/usr ] || DESTDIR=$PWD/.build/installed PREFIX=/usr bash Sources/Installation/install.sh
MNISTINFER_LIBRARY=$PWD/.build/installed/usr/lib/libmnistinfer.so $python -B Tests/web.py .build/web "$@"
echo "web: passed"
