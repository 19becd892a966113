// swift-tools-version: 6.2
import PackageDescription

#if arch(x86_64)
  let isX86 = true
#else
  let isX86 = false
#endif

/// One build of the microkernels. The sources stand in Sources/Kernels; the other folders are links to it, because a source
/// file can belong to one target only.
///
/// Kernels are optimised in debug builds too, or every test would take a hundred times as long; for size, because they spell out
/// vectors and tiles themselves, and what the compiler would unroll besides takes a third more code and gains no time;
/// unchecked, because they check nothing anyway; and free of references to Swift libraries, because the same objects go into
/// the Embedded library.
func kernelTarget(_ name: String, architecture: [String] = [], defines: [String] = []) -> Target {
  var flags = [
    "-Osize", "-assert-config", "Unchecked", "-Xfrontend", "-remove-runtime-asserts", "-wmo", "-disable-batch-mode",
    "-num-threads", "2", "-Xfrontend", "-disable-all-autolinking", "-Xfrontend", "-function-sections", "-Xfrontend",
    "-disable-reflection-metadata",
    // Without, each object holds a hash of the paths of its sources, and a library's bytes depend on its folder.
    "-Xfrontend", "-disable-incremental-llvm-codegen",
  ]
  for option in architecture { flags += ["-Xcc", option] }
  return .target(
    name: name,
    dependencies: ["CKernels"],
    swiftSettings: [.unsafeFlags(flags)] + defines.map { .define($0) })
}

let kernels: [Target] =
  [kernelTarget("Kernels"), kernelTarget("IntegerKernels")]
  + (isX86
    ? [
      kernelTarget("KernelsAVX2", architecture: ["-march=x86-64-v3"], defines: ["KERNELS_AVX2"]),
      kernelTarget("KernelsAVX512", architecture: ["-march=x86-64-v4"], defines: ["KERNELS_AVX512"]),
      kernelTarget("IntegerKernelsAVX2", architecture: ["-march=x86-64-v3"], defines: ["INTEGER_KERNELS_AVX2"]),
      kernelTarget(
        "IntegerKernelsAVXVNNI", architecture: ["-march=x86-64-v3", "-mavxvnni"],
        defines: ["INTEGER_KERNELS_AVX2", "INTEGER_KERNELS_VNNI"]),
      kernelTarget(
        "IntegerKernelsAVX512", architecture: ["-march=x86-64-v4", "-mavx512vnni"],
        defines: ["INTEGER_KERNELS_AVX512", "INTEGER_KERNELS_VNNI"]),
    ] : [])

let runtimeDependencies: [Target.Dependency] =
  ["CMNISTInfer", "CPlatform", "CPNG", "CKernels", "CDefaultModel"] + kernels.map { .byName(name: $0.name) }

let package = Package(
  name: "mnistinfer",
  products: [
    .library(name: "mnistinfer", type: .dynamic, targets: ["MNISTInferEmbedded"]),
    .library(name: "DNNModel", targets: ["DNNModel"]),
    .library(name: "DNNTrain", targets: ["DNNTrain"]),
    .executable(name: "dnn-train", targets: ["dnn-train"]),
    .executable(name: "dnn-quantize", targets: ["dnn-quantize"]),
    .executable(name: "dnn-classify", targets: ["dnn-classify"]),
    .executable(name: "dnn-info", targets: ["dnn-info"]),
    .executable(name: "dnn-bench", targets: ["dnn-bench"]),
    .executable(name: "dnn-eval", targets: ["dnn-eval"]),
  ],
  traits: [.trait(name: "MPI", description: "Work shared by the processes that mpirun starts")],
  targets: kernels + [
    .systemLibrary(name: "CMNISTInfer", path: "Include"),
    .systemLibrary(name: "CPlatform"),
    .systemLibrary(name: "CPNG"),
    .systemLibrary(name: "CKernels"),
    .systemLibrary(name: "CZlib"),
    // Of the MPI that is the system's choice.
    .systemLibrary(name: "CMPI", pkgConfig: "mpi-c", providers: [.apt(["libopenmpi-dev"])]),
    // #embed is C23.
    .target(name: "CDefaultModel", cSettings: [.unsafeFlags(["-std=c23"])]),

    // The runtime, twice: for the tools and tests, and as the library that needs no Swift.
    .target(name: "MNISTInfer", dependencies: runtimeDependencies, exclude: ["exports.map", "discarded.ld"]),
    .target(
      name: "MNISTInferEmbedded",
      dependencies: runtimeDependencies,
      exclude: ["exports.map", "discarded.ld"],
      swiftSettings: [
        .enableExperimentalFeature("Embedded"),
        // One object per thread number, not per file, is what an Embedded debug build leaves; and an allocation that the
        // compiler would insert is an error, because it would trap where memory runs out.
        .unsafeFlags([
          "-wmo", "-disable-batch-mode", "-num-threads", "2", "-no-allocations", "-Xfrontend", "-function-sections",
          "-Xfrontend", "-disable-incremental-llvm-codegen", "-enforce-exclusivity=unchecked",
        ]),
        // The time goes into the kernels.
        .unsafeFlags(["-Osize", "-Xfrontend", "-mergeable-traps"], .when(configuration: .release)),
      ],
      linkerSettings: [
        .linkedLibrary("png16"),
        .unsafeFlags([
          "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/MNISTInfer/exports.map",
          "-Xlinker", "--gc-sections", "-Xlinker", "-z", "-Xlinker", "now", "-Xlinker", "-z", "-Xlinker", "relro",
          "-Xlinker", "-z", "-Xlinker", "noexecstack",
          // lld can make one of functions that are the same for two instruction sets.
          "-use-ld=lld", "-Xlinker", "--icf=all",
          "-Xlinker", "--script=\(Context.packageDirectory)/Sources/MNISTInfer/discarded.ld",
        ]),
      ]),

    .target(
      name: "DNNCluster",
      dependencies: ["DNNModel", "MNISTInfer", .target(name: "CMPI", condition: .when(traits: ["MPI"]))]),
    .target(name: "DNNModel", dependencies: ["MNISTInfer", "CPlatform", "CPNG"]),
    .target(name: "DNNTrain", dependencies: ["DNNModel", "DNNCluster", "CZlib"]),
    .target(name: "DNNReport", dependencies: ["DNNTrain", "DNNCluster", "CPNG"]),
    .target(name: "DNNCommandLine", dependencies: ["DNNModel", "DNNCluster"]),
    .executableTarget(name: "dnn-train", dependencies: ["DNNReport", "DNNCommandLine", "DNNCluster"]),
    .executableTarget(name: "dnn-quantize", dependencies: ["DNNTrain", "DNNCommandLine"]),
    .executableTarget(name: "dnn-classify", dependencies: ["DNNModel", "DNNCommandLine", "DNNCluster"]),
    .executableTarget(name: "dnn-info", dependencies: ["DNNModel", "DNNCommandLine"]),
    .executableTarget(name: "dnn-bench", dependencies: ["DNNModel", "DNNCommandLine"]),
    .executableTarget(name: "dnn-eval", dependencies: ["DNNReport", "DNNCommandLine", "DNNCluster"]),

    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(
      name: "KernelTests",
      dependencies: ["CKernels", "TestSupport"] + kernels.map { .byName(name: $0.name) },
      // Without, the references take many minutes instead of seconds.
      swiftSettings: [.unsafeFlags(["-O", "-wmo", "-disable-batch-mode", "-num-threads", "2"])]),
    .testTarget(
      name: "MNISTInferTests", dependencies: ["MNISTInfer", "DNNModel", "CPNG", "CZlib", "TestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "DNNTrainTests", dependencies: ["DNNTrain", "DNNCluster", "TestSupport"],
      exclude: ["pytorch.json", "pytorch.py"]),
    .testTarget(name: "DNNCommandLineTests", dependencies: ["DNNCommandLine"]),
    .testTarget(
      name: "DNNReportTests", dependencies: ["DNNReport"], exclude: ["scikit_learn.json", "scikit_learn.py"]),
  ],
  swiftLanguageModes: [.v6]
)

// Only where libFuzzer brings the program's main: see Tests/fuzz.sh.
if Context.environment["DNN_FUZZ_BUILD"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzzer", "CPNG", "CZlib", "DNNTrain", "TestSupport"],
      path: "Tests/Fuzz/Harness",
      // The usual linker warns of each of the sanitizers' symbols.
      linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
  ]
}
