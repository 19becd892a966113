#!/usr/bin/env bash
# Removes what install.sh put under $PREFIX, which is /usr/local unless set, or under $DESTDIR$PREFIX.
set -euo pipefail
root=${DESTDIR:-}${PREFIX:-/usr/local}
list=share/mnistinfer/installed-files
[ -f "$root/$list" ] || { echo "uninstall.sh: there is no $root/$list: nothing was installed there" >&2; exit 1; }
cd "$root"
xargs -d '\n' rm -f -- < $list
rm $list
rmdir --ignore-fail-on-non-empty share/mnistinfer share/doc/mnistinfer lib/cmake/mnistinfer
if [ -z "${DESTDIR:-}" ] && [ "$(id -u)" = 0 ] && command -v ldconfig > /dev/null; then ldconfig; fi
echo "removed mnistinfer from $root"
