import CMNISTInfer
import Foundation
import MNISTInfer

extension FuzzTarget {
  /// Opening a model, with the checksums as they are and with right ones.
  static let model = FuzzTarget(name: "model", seeds: goldenFiles(["valid", "rejected"]), mutate: DNNSections.mutate) {
    input in
    let raw = open { modelOpenMemory(input.baseAddress, input.count, $0, $1) }
    modelClose(raw.model)
    let block = Block(copying: input)
    DNNSections.repairChecksums(block.bytes)
    let copied = open { modelOpenMemory(block.bytes.baseAddress, block.bytes.count, $0, $1) }
    let borrowed = open { modelOpenBorrowed(block.bytes.baseAddress, block.bytes.count, $0, $1) }
    check(copied.status == borrowed.status, "a borrowed file opens as a copied one does")
    if let model = borrowed.model { describe(model) }
    modelClose(copied.model)
    modelClose(borrowed.model)
  }

  /// The files beside the tests of the format.
  static func goldenFiles(_ folders: [String]) -> @Sendable () throws -> [[UInt8]] {
    {
      let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../MNISTInferTests/Golden").standardizedFileURL
      return try folders.flatMap { folder in
        let files = try FileManager.default.contentsOfDirectory(
          at: golden.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "dnn" && $0.lastPathComponent != "empty.dnn" }
          .sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
      }
    }
  }
}

/// Asks an open model for everything that it tells.
private func describe(_ model: OpaquePointer) {
  let classes = modelClassCount(model)
  check(classes >= 1, "a model has classes")
  for index in 0..<classes { check(modelLabel(model, index).map(isText) ?? false, "class \(index) has a label") }
  check(modelLabel(model, classes) == nil, "there are no more labels")
  var (height, width, channels): (UInt32, UInt32, UInt32) = (0, 0, 0)
  modelInputShape(model, &height, &width, &channels)
  check(height >= 1 && width >= 1 && (1...4).contains(channels), "the input is a picture")
  let layers = modelLayerCount(model)
  check(layers >= 1, "a model has layers")
  for index in 0..<layers {
    var info = dnn_layer_info()
    check(status { modelLayer(model, index, &info, $0) } == nil, "layer \(index) is described")
    check(isText(info.kind) && isText(info.name), "layer \(index) has texts")
    check(info.inputs.0 <= index && info.inputs.1 <= index, "layer \(index) reads what comes before it")
    check(min(info.height, info.width, info.channels) >= 1, "layer \(index) has an output")
  }
  var info = dnn_layer_info()
  check(status { modelLayer(model, layers, &info, $0) } == .badArgument, "there are no more layers")
  for key in ["recipe", "", "note"] { check(modelProperty(model, key).map(isText) ?? true, "properties are texts") }
}

private func isText(_ text: UnsafePointer<CChar>) -> Bool {
  String(validating: UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    != nil
}
