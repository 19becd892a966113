#!/usr/bin/env bash
# What is installed, as its users find it: in another place than it was installed to, and without a Swift toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
# plain COMMAND…: with Debian's programs alone, and an empty environment.
plain() { env -i PATH=/usr/bin:/bin "$@"; }
# reads_digits NAME COMMAND…: the command classifies the ten pictures rightly.
reads_digits() {
  local name=$1 digit
  shift
  "$@" Examples/digits/?.png > "$work/output" 2>&1 || fail "$name: $(cat "$work/output")"
  for digit in 0 1 2 3 4 5 6 7 8 9; do
    grep -q "/$digit.png: $digit (" "$work/output" || fail "$name reads $digit.png as: $(cat "$work/output")"
  done
}

echo "== install"
rm -rf .build/installed
DESTDIR=$root/.build/installed PREFIX=/usr bash Sources/Installation/install.sh
(cd .build/installed/usr && find . ! -type d | sed 's|^\./||' | sort) > "$work/found"
{ echo share/mnistinfer/installed-files; cat .build/installed/usr/share/mnistinfer/installed-files; } | sort > "$work/listed"
diff "$work/listed" "$work/found" || fail "the list of installed files is not what is installed"
if PREFIX=relative bash Sources/Installation/install.sh 2> /dev/null; then fail "a relative PREFIX is taken"; fi
prefix=$work/moved
cp -a .build/installed/usr "$prefix"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
version=$(sed -n 's/^#define DNN_VERSION_[A-Z]* //p' Include/mnistinfer.h | paste -sd.)

echo "== the library"
lib=$prefix/lib/libmnistinfer.so
[ "$(readlink -f "$lib")" = "$(readlink -f "$prefix/lib/libmnistinfer.so.1")" ] || fail "the library's links"
readelf -dW "$lib" > "$work/dynamic"
grep -q 'SONAME.*\[libmnistinfer.so.1\]' "$work/dynamic" || fail "SONAME"
grep -q BIND_NOW "$work/dynamic" || fail "symbols are bound late, so that their table stays writable"
if grep -E 'RPATH|RUNPATH|TEXTREL' "$work/dynamic"; then fail "the library has a run path or text relocations"; fi
readelf -lW "$lib" > "$work/segments"
grep -q GNU_RELRO "$work/segments" || fail "no RELRO"
grep -q 'GNU_STACK.* RW ' "$work/segments" || fail "the stack is executable"
if grep ' RWE ' "$work/segments"; then fail "a segment is writable and executable"; fi
if readelf -SW "$lib" | grep -E '\.(symtab|debug_info)'; then fail "the library is not stripped"; fi
nm -D --defined-only "$lib" | awk '{print $3}' | grep -v 'MNISTINFER_1.0$' && fail "symbols without the version"
nm --defined-only --extern-only "$prefix/lib/libmnistinfer.a" | sed -n 's/.* [A-Z] //p' | sort > "$work/archive"
nm -D --defined-only "$lib" | sed -n 's/.* T \([^@]*\).*/\1/p' | sort > "$work/shared"
diff "$work/shared" "$work/archive" || fail "the archive defines other symbols than the library"
size=$(stat -Lc %s "$lib")
model=$(stat -c %s Sources/CDefaultModel/digits.dnn)
echo "$size bytes, $((size - model)) of them without the built-in model"
[ "$size" -le 300000 ] || fail "the library has $size bytes"
[ $((size - model)) -le 200000 ] || fail "the library has $((size - model)) bytes without the model"

echo "== the same bytes from another folder"
copy="$root/.build/another folder"
mkdir -p "$copy"
git ls-files -z Package.swift Sources Include Tests | xargs -0 cp -a --parents -t "$copy" --
bash "$copy/Sources/Installation/build-library.sh"
cmp "$lib" "$copy/.build/library/release/libmnistinfer.so" || fail "the library's bytes depend on the folder that it is built in"

echo "== the tools"
for tool in "$prefix"/bin/*; do
  name=$(basename "$tool")
  readelf -dW "$tool" | grep -E 'RPATH|RUNPATH' && fail "$name has a run path"
  plain ldd "$tool" | grep -E 'swift|Foundation|not found' && fail "$name needs a Swift toolchain"
  plain "$tool" --version | grep -qx "$name $version" || fail "$name --version"
  # A quarter over what the largest has; what is in Foundation and not in FoundationEssentials brings 44 million.
  size=$(stat -c %s "$tool")
  [ "$size" -le 20000000 ] || fail "$name has $size bytes: does anything need more of Foundation than FoundationEssentials?"
done
reads_digits dnn-classify plain "$prefix/bin/dnn-classify"
ls "$prefix/bin" | tr '\n' ' '; du -sh "$prefix/bin" | cut -f1

echo "== the examples, through pkg-config and make"
for compiler in gcc clang; do
  make --silent -C Examples BUILD="$work/$compiler" CC=$compiler \
    CFLAGS="-O2 -std=c99 -Wall -Wextra -Werror -pedantic" CXXFLAGS="-O2 -std=c++17 -Wall -Wextra -Werror -pedantic" \
    CXX="$(if [ $compiler = gcc ]; then echo g++; else echo clang++; fi)"
  for program in classify threads cplusplus embedded; do reads_digits "$program ($compiler)" "$work/$compiler/$program"; done
  "$work/$compiler/memory" < Examples/digits/3.png | head -1 | grep -q '^3 (' || fail "memory ($compiler)"
  "$work/$compiler/form" Examples/digits/form.png | grep -qx 4071926583 || fail "form ($compiler)"
  "$work/$compiler/batch" 500 | grep -q '^500 images in .* a second' || fail "batch ($compiler)"
  "$work/$compiler/errors" Examples/digits/7.png > "$work/output" || fail "errors ($compiler)"
  for line in "missing model: status 3" "as a model: status 10" "forgotten argument: status 1" "as a picture: status 20" \
    "no such picture" "7.png: 7"; do
    grep -q "$line" "$work/output" || fail "errors ($compiler) does not say '$line': $(cat "$work/output")"
  done
  if "$work/$compiler/cplusplus" none.png 2> "$work/output"; then fail "cplusplus: a missing picture is no error"; fi
  grep -q "cannot open none.png" "$work/output" || fail "cplusplus: $(cat "$work/output")"
done
wc -l Examples/*.c | awk '$2 != "total" && $1 >= 80 { print; bad = 1 } END { exit bad }' || fail "an example is too long"

echo "== the examples, through CMake"
plain cmake -S Examples -B "$work/cmake" -D CMAKE_PREFIX_PATH="$prefix" -D CMAKE_BUILD_TYPE=Release \
  -D CMAKE_C_FLAGS="-Wall -Wextra -Werror -pedantic" > "$work/output" || fail "cmake: $(cat "$work/output")"
plain cmake --build "$work/cmake" > "$work/output" 2>&1 || fail "cmake --build: $(cat "$work/output")"
unset LD_LIBRARY_PATH
for program in classify threads cplusplus embedded; do reads_digits "$program (CMake)" "$work/cmake/$program"; done
"$work/cmake/form" Examples/digits/form.png | grep -qx 4071926583 || fail "form (CMake)"

echo "== the static archive"
mkdir "$work/static"
cat > "$work/static/CMakeLists.txt" << END
cmake_minimum_required(VERSION 3.16)
project(static C)
find_package(mnistinfer $version EXACT REQUIRED)
add_executable(classify $root/Examples/classify.c)
target_link_libraries(classify PRIVATE mnistinfer::static)
END
plain cmake -S "$work/static" -B "$work/static" -D CMAKE_PREFIX_PATH="$prefix" > "$work/output" || fail "$(cat "$work/output")"
plain cmake --build "$work/static" > "$work/output" 2>&1 || fail "$(cat "$work/output")"
reads_digits "classify (static)" "$work/static/classify"
plain ldd "$work/static/classify" | grep mnistinfer && fail "the archive's program needs the shared library"
# Through pkg-config, also where there are no files of libpng's for programmers.
flags=$(plain PKG_CONFIG_LIBDIR="$prefix/lib/pkgconfig" pkg-config --static --cflags --libs mnistinfer) || fail "pkg-config"
# shellcheck disable=SC2086  # options
plain gcc Examples/classify.c ${flags/-lmnistinfer/-l:libmnistinfer.a} -o "$work/static/pkg-config"
reads_digits "classify (static, pkg-config)" "$work/static/pkg-config"
plain ldd "$work/static/pkg-config" | grep mnistinfer && fail "pkg-config's static program needs the shared library"
sed -i "s/ $version EXACT/ 99.0/" "$work/static/CMakeLists.txt"
if plain cmake -S "$work/static" -B "$work/newer" -D CMAKE_PREFIX_PATH="$prefix" > "$work/output" 2>&1; then
  fail "CMake takes version $version for 99.0"
fi
# Into a program with a Swift runtime of its own, which must not meet the one inside of the archive.
cat > "$work/static/main.swift" << 'END'
import CMNISTInfer
var model: OpaquePointer?
var session: OpaquePointer?
var best = dnn_prediction()
var texts = (0..<1000).map { "text \($0)" }
for path in CommandLine.arguments.dropFirst() {
  guard dnn_model_open_default(&model, nil) == DNN_OK, dnn_session_open(model, nil, &session, nil) == DNN_OK,
    dnn_classify_png_file(session, path, &best, 1, nil, nil) == DNN_OK
  else { fatalError(path) }
  texts.sort { $0.count > $1.count }
  print("\(path): \(String(cString: best.label)) (\(best.probability))")
  dnn_session_close(session)
  dnn_model_close(model)
}
END
swiftc -O -I Include "$work/static/main.swift" "$prefix/lib/libmnistinfer.a" -lpng16 -o "$work/static/swift"
reads_digits "a Swift program (static)" "$work/static/swift"

echo "== uninstall"
PREFIX=$prefix bash Sources/Installation/uninstall.sh
(cd "$prefix" && find . ! -type d) | grep . && fail "uninstall leaves files"
[ ! -e "$prefix/lib/cmake/mnistinfer" ] || fail "uninstall leaves folders"
for missing in "$prefix" "$work/none"; do
  if PREFIX=$missing bash Sources/Installation/uninstall.sh 2> "$work/output"; then fail "there is something to uninstall in $missing"; fi
  [ "$(cat "$work/output")" = "uninstall.sh: there is no $missing/share/mnistinfer/installed-files: nothing was installed there" ] \
    || fail "uninstall.sh: $(cat "$work/output")"
done
echo "installation: passed"
