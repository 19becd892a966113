#!/usr/bin/env bash
# Builds the library and the tools, and puts them and what programs need to build against the library under $PREFIX:
#
#   PREFIX=/usr/local bash Sources/Installation/install.sh
#
# PREFIX is /usr/local unless set. With DESTDIR, as makers of packages want it, all goes under $DESTDIR$PREFIX. The tree may be
# moved as a whole afterwards. Everything put there is listed in share/mnistinfer/installed-files, which uninstall.sh reads.
set -euo pipefail
cd "$(dirname "$0")/../.."
PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}
case $PREFIX in /*) ;; *) echo "install.sh: PREFIX=$PREFIX is not an absolute path" >&2; exit 2 ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

toolchain=$(swiftc -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1/bin|p')
header=Include/mnistinfer.h
version_part() { sed -n "s/^#define DNN_VERSION_$1 //p" $header; }
version=$(version_part MAJOR).$(version_part MINOR).$(version_part PATCH)

echo "building mnistinfer"
bash Sources/Installation/build-library.sh
library=$(swift build -c release --scratch-path .build/library --show-bin-path)
soname=$(readelf -dW "$library/libmnistinfer.so" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
# The Swift runtime goes into the tools, so they are compiled in a folder of their own. So does the C++ library that it needs,
# where there is a static one: without loading the shared one, they start in four fifths of the time.
static=.build/static
runtime=(--static-swift-stdlib)
cxx=$("$toolchain/clang" -print-file-name=libstdc++.a)
if [ -f "$cxx" ]; then
  # The only library of a folder that the linker looks into before those of the system.
  mkdir -p .build/cxx
  ln -sfn "$cxx" .build/cxx/libstdc++.a
  runtime+=(-Xswiftc -L -Xswiftc "$PWD/.build/cxx" -Xswiftc -Xclang-linker -Xswiftc -static-libgcc)
fi
tools=$(cd Sources && echo dnn-*)
for tool in $tools; do
  echo "building $tool"
  swift build --quiet -c release --disable-local-rpath -Xlinker -s --product "$tool" --scratch-path $static "${runtime[@]}"
done
built=$(swift build -c release --scratch-path $static --show-bin-path)

# One object, in which everything but the functions of the header is local: so it shares no symbol with the program that it is
# linked into, not even one with a Swift runtime of its own.
archive=$work/libmnistinfer.a
make_archive() {
  local functions=$work/functions object=$work/mnistinfer.o whole=$work/whole.o roots
  nm -D --defined-only "$library/libmnistinfer.so" | sed -n 's/.* T \([^@]*\).*/\1/p' > "$functions"
  roots=$(sed 's/^/--undefined=/' "$functions")
  # Only the toolchain's linker reads what the compiler leaves for link time, and only the system's drops what is not used.
  "$toolchain/ld.lld" -r -mllvm -enable-machine-outliner=always -o "$whole" "@$library/mnistinfer.product/Objects.LinkFileList"
  # shellcheck disable=SC2086  # one option for each function
  ld -r --gc-sections --force-group-allocation $roots -o "$object" "$whole"
  objcopy --keep-global-symbols="$functions" --strip-unneeded --remove-section=.comment --remove-section=.llvm_addrsig \
    --remove-section=.swift1_autolink_entries --remove-section=.linker-options "$object"
  ar rcD "$archive" "$object"
}
make_archive

root=$DESTDIR$PREFIX
list=share/mnistinfer/installed-files
mkdir -p "$root/$(dirname $list)"
: > "$root/$list"
# put MODE FILE PLACE: a program that runs keeps the file it has, because the new one is a new file.
put() {
  install -D -m "$1" "$2" "$root/$3"
  echo "$3" >> "$root/$list"
}
link() {
  ln -sfn "$1" "$root/$2"
  echo "$2" >> "$root/$list"
}
# fill MODE TEMPLATE PLACE: with the version filled in.
fill() {
  put "$1" "Sources/Installation/$2" "$3"
  sed -i -e "s/@VERSION@/$version/g" -e "s/@SONAME@/$soname/g" "$root/$3"
}

put 755 "$library/libmnistinfer.so" "lib/libmnistinfer.so.$version"
link "libmnistinfer.so.$version" lib/$soname
link $soname lib/libmnistinfer.so
put 644 "$archive" lib/libmnistinfer.a
put 644 $header include/mnistinfer.h
put 644 Include/mnistinfer.hpp include/mnistinfer.hpp
fill 644 mnistinfer.pc lib/pkgconfig/mnistinfer.pc
fill 644 mnistinfer-config.cmake lib/cmake/mnistinfer/mnistinfer-config.cmake
fill 644 mnistinfer-config-version.cmake lib/cmake/mnistinfer/mnistinfer-config-version.cmake
put 644 LICENSE share/doc/mnistinfer/LICENSE

# generate TOOL OPTION PLACE: what a tool says about itself.
generate() {
  # shellcheck disable=SC2086  # an option and its value
  "$built/$1" $2 > "$work/page"
  put 644 "$work/page" "$3"
}
for tool in $tools; do
  put 755 "$built/$tool" "bin/$tool"
  generate "$tool" --manual "share/man/man1/$tool.1"
  generate "$tool" "--completion bash" "share/bash-completion/completions/$tool"
  generate "$tool" "--completion zsh" "share/zsh/site-functions/_$tool"
  generate "$tool" "--completion fish" "share/fish/vendor_completions.d/$tool.fish"
done

# The system's list of libraries.
if [ -z "$DESTDIR" ] && [ "$(id -u)" = 0 ] && command -v ldconfig > /dev/null; then ldconfig; fi
echo "installed mnistinfer $version in $root"
