// swift-tools-version: 6.2
import PackageDescription

// A path, because SwiftPM takes no package with unsafeFlags by its version.
let package = Package(
  name: "custom-layer",
  dependencies: [.package(name: "mnistinfer", path: "../..")],
  targets: [
    .executableTarget(name: "custom-layer", dependencies: [.product(name: "DNNTrain", package: "mnistinfer")])
  ])
