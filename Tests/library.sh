#!/usr/bin/env bash
# What a C program gets: the installed library's dependencies and symbols, the header, and the examples.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

[ -d .build/installed/usr ] || DESTDIR=$root/.build/installed PREFIX=/usr bash Sources/Installation/install.sh
lib=$root/.build/installed/usr/lib

echo "== needs libpng and libc only"
needed=$(readelf -d "$lib/libmnistinfer.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
echo "$needed"
for name in $needed; do
  case $name in libpng16.so.* | libc.so.* | libm.so.* | ld-linux*) ;; *) fail "the library needs $name" ;; esac
done

echo "== exports exactly what the header declares"
nm -D --defined-only "$lib/libmnistinfer.so" | awk '$2 == "T" {print $3}' | sed 's/@.*//' | sort > "$work/exported"
grep -o '\bdnn_[a-z0-9_]*(' Include/mnistinfer.h | tr -d '(' | sort -u > "$work/declared"
diff "$work/declared" "$work/exported" || fail "header and library differ"
wc -l < "$work/exported"

echo "== imports nothing that ends the process or prints"
imports=$(nm -D --undefined-only "$lib/libmnistinfer.so" | awk '{print $2}' | sed 's/@.*//')
for name in exit _exit abort printf fprintf puts fputs perror signal sigaction setlocale; do
  if grep -qx "$name" <<< "$imports"; then fail "the library imports $name"; fi
done

echo "== kernels refer to nothing and share no symbol"
# What is installed becomes machine code only when it is linked; this is the same before.
swift build --quiet -c release --product mnistinfer
objects=$(swift build -c release --show-bin-path)
for name in Kernels KernelsAVX2 KernelsAVX512 IntegerKernels IntegerKernelsAVX2 IntegerKernelsAVXVNNI IntegerKernelsAVX512; do
  [ -d "$objects/$name.build" ] || continue
  if nm -u "$objects/$name.build"/*.o | grep -E ' U ' | grep -vE 'memset|memcpy|memmove|\$s[0-9]+'"$name"'[0-9]'; then
    fail "$name refers to symbols outside of itself"
  fi
  # A shared symbol compiled for one instruction set could be the one that another set's code calls. "symbolic" is the name of a
  # type, which is the same text in all of them.
  if nm "$objects/$name.build"/*.o | grep -E ' [WV] ' | grep -vE "$name|__swift_reflection_version| V symbolic "; then
    fail "$name has weak symbols that are not its own"
  fi
done

echo "== the header as C99 and C++17"
echo '#include <mnistinfer.h>' > "$work/header.c"
cp "$work/header.c" "$work/header.cpp"
cc -std=c99 -pedantic -Wall -Wextra -Werror -I Include -fsyntax-only "$work/header.c"
c++ -std=c++17 -pedantic -Wall -Wextra -Werror -I Include -fsyntax-only "$work/header.cpp"

echo "== the functions of C++"
c++ -std=c++17 -pedantic -Wall -Wextra -Werror -I Include Tests/cplusplus.cpp -L "$lib" -lmnistinfer -Wl,-rpath,"$lib" \
  -o "$work/cplusplus"
"$work/cplusplus" Examples/digits/7.png || fail "mnistinfer.hpp"

echo "== the examples, with plain cc"
for example in classify threads; do
  cc -std=c99 -pedantic -Wall -Wextra -Werror -O2 -I Include "Examples/$example.c" -L "$lib" -lmnistinfer -lpthread \
    -Wl,-rpath,"$lib" -o "$work/$example"
  "$work/$example" "$root"/Examples/digits/?.png | sort > "$work/$example.out"
  cat "$work/$example.out"
  for digit in 0 1 2 3 4 5 6 7 8 9; do
    grep -q "/$digit.png: $digit (" "$work/$example.out" || fail "$example: $digit.png is not classified as $digit"
  done
done
"$work/classify" "$work/none.png" 2> "$work/message" && fail "a missing picture is no error"
grep -q "cannot open" "$work/message" || fail "a missing picture: $(cat "$work/message")"
echo "== predicting allocates nothing"
cc -std=c11 -Wall -Wextra -Werror -O1 -fno-builtin -rdynamic -I Include Tests/allocations.c -L "$lib" -lmnistinfer \
  -Wl,-rpath,"$lib" -o "$work/allocations"
"$work/allocations" || fail "predicting allocates"

echo "== integer models: the same bytes everywhere"
golden=Tests/MNISTInferTests/Golden/valid
for model in $golden/integer-every-layer-kind.dnn $golden/integer-residual.dnn Sources/CDefaultModel/digits.dnn; do
  python3 Tests/exact.py "$lib/libmnistinfer.so" "$model" 300 || fail "$model"
done
echo "library: passed"
