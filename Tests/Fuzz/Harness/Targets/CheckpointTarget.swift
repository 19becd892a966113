import DNNModel
@testable import DNNTrain
import MNISTInfer
import TestSupport

extension FuzzTarget {
  /// A checkpoint, with right checksums and the settings of the training that it is for.
  static let checkpoint = FuzzTarget(
    name: "checkpoint", seeds: { try CheckpointTraining.seeds() }, mutate: DNNSections.mutate
  ) { input in
    let block = Block(copying: input)
    DNNSections.repairChecksums(block.bytes)
    var file = try ModelFile(decoding: Array(block.bytes))
    guard let bytes = file.trainingState else { return }
    var state = try TrainingState(decoding: bytes)
    check(try TrainingState(decoding: state.encoded).encoded == state.encoded, "a state is written as it was read")
    let training = try CheckpointTraining()
    guard state.settings != training.settings else { return try training.goOn(from: file) }
    do {
      try training.goOn(from: file)
      check(false, "a checkpoint of another training is not taken")
    } catch CheckpointError.differs {}
    state.settings = training.settings
    file.trainingState = state.encoded
    try training.goOn(from: file)
  }
}

/// A training of a tiny network.
private struct CheckpointTraining {
  private let trainer: Trainer
  private static let data = {
    var random = Random(1)
    return Dataset(shape: Shape(height: 4, width: 4, channels: 1), images: random.bytes(4 * 16), labels: [0, 1, 1, 0])
  }()
  private static var record: TrainingRecord {
    TrainingRecord(
      recipe: nil, data: "noise", dataSHA256: "", labels: ["a", "b"],
      preparation: Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0))
  }

  init() throws {
    var options = TrainingOptions(
      epochs: 3, batchSize: 2, seed: 1, threads: 1, optimizer: Adam(learningRate: 0.01), keepsBestEpoch: true)
    (options.averageDecay, options.patience, options.augmentation.shift) = (0.9, 2, 1)
    trainer = try Trainer(
      Architecture(parsing: "conv 1 3x3; batchnorm relu; dense 2"), input: Self.data.shape, options: options)
  }

  var settings: [String: String] {
    var settings = trainer.settings(Self.record, heldOut: Self.data)
    settings["instruction-set"] = String(cString: trainer.network.kernelName)
    return settings
  }

  /// Between steps and epochs.
  static func seeds() throws -> [[UInt8]] {
    try (1...5).map { last in
      let training = try CheckpointTraining()
      training.train(steps: last)
      return try training.trainer.checkpoint(record, heldOut: data).encoded()
    }
  }

  private func train(steps: Int) {
    var step = 0
    trainer.train(on: Self.data, heldOut: Self.data, isInterrupted: { step >= steps }) { _ in step += 1 }
  }

  func goOn(from file: ModelFile) throws {
    try trainer.resume(from: file, Self.record, heldOut: Self.data)
    train(steps: 2)
    // Hostile weights make no model, which is an error.
    _ = try trainer.checkpoint(Self.record, heldOut: Self.data).encoded()
  }
}
