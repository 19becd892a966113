#!/usr/bin/env bash
# The library where things go wrong: bad arguments, no memory, files that fail, threads, forks and signals.
#   bash Tests/trust.sh          as continuous integration runs it
#   bash Tests/trust.sh long     the same at a hundred times the size, in some hours
# SECURITY.md says what it finds.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# stage NAME: how far it is, and what the ones before have taken.
stage() { echo "== $1 (${SECONDS} s)"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
# pick SHORT LONG: one of them.
length=${1:-short}
case $length in short | long) ;; *) fail "usage: bash Tests/trust.sh [long]" ;; esac
pick() { if [ "$length" = long ]; then echo "$2"; else echo "$1"; fi; }

digits=Sources/CDefaultModel/digits.dnn
golden=Tests/MNISTInferTests/Golden/valid
picture=Examples/digits/7.png
warnings=(-std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -g -I Include)

swift build -c release --product mnistinfer
lib=$(swift build -c release --show-bin-path)
for program in arguments limits memory addresses extremes files signals fork threads cycles; do
  # Without knowledge of malloc the compiler leaves a program's own one alone; exported, it serves all libraries.
  cc "${warnings[@]}" -fno-builtin -rdynamic "Tests/Trust/$program.c" -L "$lib" -lmnistinfer -lpthread -ldl \
    -Wl,-rpath,"$lib" -o "$work/$program"
done

stage "every function with bad arguments"
for file in Include/mnistinfer.h Tests/Trust/arguments.c; do
  grep -o '\bdnn_[a-z0-9_]*(' $file | tr -d '(' | sort -u > "$work/$(basename $file)"
done
diff "$work/mnistinfer.h" "$work/arguments.c" || fail "Tests/Trust/arguments.c does not call the functions of the header"
"$work/arguments" $digits $picture | tail -1
"$work/limits" $digits $picture | tail -1
"$work/extremes" "$(pick 16 26)" default $golden/{steps-of-clothes,colour,colour-and-alpha,grey-and-alpha,picture}.dnn
python3 Tests/traps.py "$lib/libmnistinfer.so"

stage "no memory"
python3 Tests/Trust/interlaced.py "$work/interlaced.png"
head -c 3000 $digits > "$work/damaged.dnn"
models=($digits $golden/{every-layer-kind,integer-every-layer-kind,residual,steps-of-digits,steps-of-clothes,colour}.dnn)
for threads in 1 3; do
  for png in $picture "$work/interlaced.png"; do
    "$work/memory" $threads "$png" "$work/damaged.dnn" "${models[@]}"
  done
done
"$work/addresses" $picture

stage "files that fail, signals, forks"
"$work/files" $digits $picture
"$work/files" $golden/every-layer-kind.dnn $picture
"$work/signals" "$(pick 20 2000)" $picture $digits
"$work/fork" "$(pick 30 3000)" $picture default $golden/every-layer-kind.dnn

stage "threads"
"$work/threads" "$(pick 2000 10000)" default $golden/{every-layer-kind,integer-every-layer-kind}.dnn

stage "over and over"
"$work/cycles" "$(pick 20000 1000000)" $picture $digits

# instrument SANITIZER: builds the library with it. compile PROGRAM SANITIZER: makes PROGRAM.SANITIZER with both.
instrument() {
  # The sanitizer's own symbols are in no version script, and the linker says so for each.
  swift build --product mnistinfer --sanitize=$1 --scratch-path .build/$1 2>&1 | grep -v 'Cannot export local symbol'
}
compile() {
  local library swift
  library=$(swift build --show-bin-path --scratch-path .build/$2)
  swift=$(dirname "$(readlink -f "$(command -v swiftc)")")/../lib/swift/linux
  # The thread sanitizer of this toolchain knows dispatch, and what sanitizers keep of the kernels' types refers to Swift's runtime;
  # neither is ever called.
  clang "${warnings[@]}" -fsanitize=$2 Tests/Trust/$1.c -L "$library" -lmnistinfer -L "$swift" -Wl,--no-as-needed -ldispatch \
    -lBlocksRuntime -lswiftCore -lpthread -Wl,-rpath,"$library" -Wl,-rpath,"$swift" -o "$work/$1.$2" 2>&1 |
    { grep -v 'Cannot export local symbol' || true; }
}

stage "under the address sanitizer"
instrument address
for program in limits extremes files threads arguments; do compile $program address; done
"$work/limits.address" $digits $picture | tail -1
"$work/extremes.address" "$(pick 10 20)" default $golden/{steps-of-clothes,colour,colour-and-alpha,grey-and-alpha,picture}.dnn
"$work/files.address" $digits $picture
"$work/threads.address" "$(pick 50 1000)" default $golden/{every-layer-kind,integer-every-layer-kind}.dnn
if [ "$length" = long ]; then "$work/arguments.address" $digits $picture | tail -1; fi

stage "under the thread sanitizer"
instrument thread
for program in threads fork signals race; do compile $program thread; done
if "$work/race.thread" > "$work/report" 2>&1 || ! grep -q "ThreadSanitizer: data race" "$work/report"; then
  fail "the sanitizer does not see two threads in one session"
fi
# A child's threads may be started and ended by the sanitizer, too.
export TSAN_OPTIONS=halt_on_error=1:die_after_fork=0
"$work/threads.thread" "$(pick 100 10000)" default $golden/{every-layer-kind,integer-every-layer-kind}.dnn
"$work/fork.thread" "$(pick 5 500)" $picture default
"$work/signals.thread" "$(pick 5 500)" $picture $digits

stage "under valgrind"
for example in classify memory threads errors batch; do
  cc -std=c99 -O1 -g -I Include Examples/$example.c -L "$lib" -lmnistinfer -lpthread -Wl,-rpath,"$lib" -o "$work/example-$example"
done
# What valgrind does not know of AVX-512 would stop it. clean COMMAND…: it ends with 0, no error and nothing lost.
clean() {
  DNN_INSTRUCTION_SET=avx2 valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=all \
    "$@" > "$work/output" 2>&1 || fail "valgrind: $*: $(cat "$work/output")"
}
clean "$work/example-classify" Examples/digits/?.png
clean "$work/example-threads" Examples/digits/?.png
clean "$work/example-memory" < $picture
clean "$work/example-errors" $picture
clean "$work/example-batch" 100
echo "the examples are clean"
echo "trust: passed in $SECONDS s"
