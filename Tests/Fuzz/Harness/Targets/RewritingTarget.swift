import DNNModel
@testable import DNNTrain
@testable import MNISTInfer
import TestSupport

extension FuzzTarget {
  /// A model's file as Swift values: written again, made float32, and trained on.
  static let rewriting = FuzzTarget(
    name: "rewriting", seeds: { try goldenFiles(["valid"])() + randomFiles() }, mutate: DNNSections.mutate
  ) { input in
    let block = Block(copying: input)
    DNNSections.repairChecksums(block.bytes)
    let bytes = Array(block.bytes)
    let file = try ModelFile(decoding: bytes)
    let encoded = try unfailing("a file that was read is written") { try file.encoded() }
    if isCanonical(bytes) { check(encoded == bytes, "a canonical file is written as it was") }
    let again = try unfailing("what was written is read") { try ModelFile(decoding: encoded) }
    check(try again.encoded() == encoded, "what was written is written again as it is")
    let float = file.dequantized()
    _ = try unfailing("a float32 model is written") { try float.encoded() }
    try trainOn(file)
  }

  /// Whether the writer would have made the file: see "Canonical form" in the format's specification.
  private static func isCanonical(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { file in
      guard let start = file.baseAddress else { return false }
      let header = FileHeader.read(start).record
      return header.minorVersion == 0
        && (0..<Int(header.sectionCount)).allSatisfy { index in
          let entry = SectionEntry.read(start + FileHeader.size + index * SectionEntry.size).record
          let isEmpty =
            entry.tag == SectionKind.history.tag
            ? entry.length == 0
            : [SectionKind.provenance.tag, SectionKind.metadata.tag].contains(entry.tag) && entry.length == 4
          return SectionKind(tag: entry.tag) != nil && !isEmpty
        }
    }
  }
}

/// Runs what must not throw, and says so if it does.
func unfailing<Result>(_ promise: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch {
    check(false, "\(promise): \(error)")
    throw error
  }
}

extension ModelFile {
  /// Whether little time and memory is enough to train the network.
  var isSmall: Bool {
    let sizes = layers.map(\.output.count) + tensors.map { $0.dimensions.reduce(1, *) } + [input.count]
    return sizes.reduce(0, +) < 1 << 12 && layers.allSatisfy { $0.window.height * $0.window.width < 1 << 8 }
  }

  /// Noise of the input's shape.
  func images(_ count: Int) -> Dataset {
    var random = Random(1)
    return Dataset(
      shape: input, images: random.bytes(count * input.count), labels: (0..<count).map { $0 % self.labels.count })
  }
}

/// A step of training from a model's weights, and the result as a file.
private func trainOn(_ file: ModelFile) throws {
  guard file.isSmall else { return }
  let options = TrainingOptions(epochs: 1, batchSize: 2, seed: 1, threads: 1, optimizer: SGD(learningRate: 0.01))
  let trainer = try Trainer(continuing: file, options: options)
  let data = file.images(2)
  trainer.train(on: data, heldOut: data) { _ in }
  let record = TrainingRecord(
    recipe: nil, data: "", dataSHA256: "", labels: file.labels, preparation: file.preparation)
  _ = try trainer.modelFile(record, heldOut: data).encoded()
}
