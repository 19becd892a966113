#!/usr/bin/env bash
# Compiles the runtime to WebAssembly and makes the page, into .build/web or the folder that is given:
#   mnistinfer.wasm, mnistinfer.mjs    the library and its JavaScript interface, for pages of your own
#   index.html                         the page with everything inside: open it from a server or from the disk
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-.build/web}
objects=.build/wasm
mkdir -p "$out" $objects

target=wasm32-unknown-none-wasm
features=(-msimd128 -mbulk-memory -mnontrapping-fptoint -msign-ext)
swift=(swiftc -lto=llvm-full -target $target -swift-version 6 -package-name mnistinfer -parse-as-library -wmo -c
  -enable-experimental-feature Embedded -Xfrontend -function-sections -Xfrontend -disable-stack-protector
  -Xcc -fmodule-map-file=Sources/CKernels/module.modulemap)
for feature in "${features[@]}"; do swift+=(-Xcc "$feature"); done

for module in Kernels IntegerKernels; do
  "${swift[@]}" -Osize -assert-config Unchecked -Xfrontend -remove-runtime-asserts -module-name $module Sources/$module/*.swift -o $objects/$module.o
done
# The whole runtime but for what decodes PNGs and what checks the header for them.
find Sources/MNISTInfer -name '*.swift' ! -name '*PNG*' ! -name ClassifyFunctions.swift ! -name PrepareFunctions.swift \
  ! -name HeaderCheck.swift |
  sort > $objects/sources
"${swift[@]}" -Osize -Xfrontend -mergeable-traps -enforce-exclusivity=unchecked -module-name MNISTInfer -Xcc -fmodule-map-file=Include/module.modulemap \
  -Xcc -fmodule-map-file=Sources/CPlatform/module.modulemap -Xcc -fmodule-map-file=Sources/CDefaultModel/include/module.modulemap \
  @$objects/sources -o $objects/MNISTInfer.o
for source in Sources/CPlatform/wasm.c Sources/CDefaultModel/default_model.c; do
  clang --target=$target -std=c23 -O2 -ffreestanding -Wall -Wextra "${features[@]}" -I Sources/CDefaultModel/include \
    -c $source -o $objects/"$(basename $source .c)".o
done

# Every function of the header that needs neither files nor PNGs.
functions=$(grep -o '\bdnn_[a-z0-9_]*(' Include/mnistinfer.h | tr -d '(' | sort -u | grep -vE 'png|^dnn_model_open$')
exports=()
for function in $functions malloc free; do exports+=(--export="$function"); done
wasm-ld --no-entry --gc-sections --strip-all --stack-first -z stack-size=262144 "${exports[@]}" \
  $objects/*.o -o "$out/mnistinfer.wasm"

cp Examples/web/mnistinfer.mjs "$out/"
python3 Examples/web/bundle.py Examples/web "$out/mnistinfer.wasm" "$out/index.html"
stat -c '%n: %s bytes' "$out/mnistinfer.wasm" "$out/index.html"
