import DNNModel
import MNISTInfer
import Testing

@testable import DNNTrain

@Suite struct CheckpointTests {
  private let training = bars(count: 110, seed: 10)
  private let heldOut = bars(count: 60, seed: 11)
  private let record = TrainingRecord(
    recipe: nil, data: "bars", dataSHA256: "none", labels: ["lying", "standing", "falling", "rising"],
    preparation: Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0))

  /// Everything that a training can depend on.
  private func trainer(threads: Int, _ change: (inout TrainingOptions) -> Void = { _ in }) throws -> Trainer {
    var options = TrainingOptions(
      epochs: 3, batchSize: 40, seed: 1, threads: threads, optimizer: Adam(learningRate: 0.02), keepsBestEpoch: true)
    options.schedule = LearningRateSchedule(.cosine, warmUp: 1)
    options.weightDecay = 0.01
    options.clipNorm = 1
    options.labelSmoothing = 0.1
    options.averageDecay = 0.9
    options.augmentation = Augmentation.digits
    options.augmentation.mixup = 0.2
    options.augmentation.outliers = 0.3
    change(&options)
    return try Trainer(
      Architecture(parsing: "conv 6 3x3; batchnorm relu; maxpool 2; dropout 0.2; dense 4"), input: training.shape,
      options: options)
  }

  /// Trains for some steps and returns the checkpoint's bytes.
  private func interrupted(afterStep last: Int) throws -> [UInt8] {
    let trainer = try trainer(threads: 2)
    var step = 0
    let outcome = trainer.train(on: training, heldOut: heldOut, isInterrupted: { step >= last }) { _ in step += 1 }
    #expect(outcome == .interrupted)
    return try trainer.checkpoint(record, heldOut: heldOut).encoded()
  }

  private func finished(_ trainer: Trainer) throws -> [UInt8] {
    #expect(trainer.train(on: training, heldOut: heldOut) { _ in } == .finished)
    return try trainer.modelFile(record, heldOut: heldOut).encoded()
  }

  @Test("goes on bit for bit from any step, on another number of threads")
  func resumption() throws {
    let expected = try finished(trainer(threads: 1))
    // Three steps an epoch: 3 and 6 are their ends.
    for step in 1...8 {
      let bytes = try interrupted(afterStep: step)
      let resumed = try trainer(threads: 1 + step % 3)
      try resumed.resume(from: ModelFile(decoding: bytes), record, heldOut: heldOut)
      #expect(try finished(resumed) == expected, "after step \(step)")
    }
  }

  @Test("one trainer goes on by itself, and checkpoints on the way change nothing")
  func goingOn() throws {
    let trainer = try trainer(threads: 2)
    while true {
      let (epoch, step) = (trainer.position.epoch, trainer.position.step)
      if trainer.train(on: training, heldOut: heldOut, isInterrupted: { true }, report: { _ in }) == .finished { break }
      #expect(trainer.position.step == step + 1 && trainer.position.epoch >= epoch)
      _ = try trainer.checkpoint(record, heldOut: heldOut)
    }
    #expect(try trainer.modelFile(record, heldOut: heldOut).encoded() == finished(self.trainer(threads: 1)))
  }

  @Test("a checkpoint is a model: that of the best epoch so far")
  func model() throws {
    let trainer = try trainer(threads: 2)
    var accuracies: [Double] = []
    trainer.train(on: training, heldOut: heldOut, isInterrupted: { accuracies.count == 2 }) {
      accuracies += $0.heldOutAccuracy.map { [$0] } ?? []
    }
    let bytes = try trainer.checkpoint(record, heldOut: heldOut).encoded()
    let classes = try Classifier(bytes: bytes, threads: 1).predictedClasses(heldOut)
    #expect(heldOut.accuracy(of: classes) == accuracies.max())
    #expect(try ModelFile(decoding: bytes).provenance["held-out.accuracy"] == "\(accuracies.max() ?? 0)")
  }

  @Test("another training's checkpoint is refused, with the setting's name")
  func otherSettings() throws {
    let model = try ModelFile(decoding: interrupted(afterStep: 2))
    func refusal(_ change: (inout TrainingOptions) -> Void) throws -> String? {
      let trainer = try trainer(threads: 1, change)
      do {
        try trainer.resume(from: model, record, heldOut: heldOut)
      } catch CheckpointError.differs(let setting, _, _) {
        return setting
      }
      return nil
    }
    #expect(try refusal { $0.seed = 2 } == "seed")
    #expect(try refusal { $0.batchSize = 20 } == "batch")
    #expect(try refusal { $0.augmentation.shift = 1 } == "augmentation")
    #expect(try refusal { $0.averageDecay = 0 } == "average-decay")
    #expect(try refusal { $0.schedule.warmUp = 0 } == "schedule")
    #expect(try refusal { $0.threads = 4 } == nil)
    var other = model
    other.trainingState = nil
    #expect(throws: CheckpointError.noState) {
      try trainer(threads: 1).resume(from: other, record, heldOut: heldOut)
    }
  }

  @Test("a damaged state is refused and never read past its end")
  func damage() throws {
    let model = try ModelFile(decoding: interrupted(afterStep: 2))
    let state = try #require(model.trainingState)
    let trainer = try trainer(threads: 1)
    func isRefused(_ bytes: [UInt8]) -> Bool {
      var damaged = model
      damaged.trainingState = bytes
      return (try? trainer.resume(from: damaged, record, heldOut: heldOut)) == nil
    }
    for length in Array(0..<200) + stride(from: 200, to: state.count, by: 97) {
      #expect(isRefused(Array(state[..<length])), "\(length) of \(state.count) bytes")
    }
    #expect(isRefused(state + [0]))
    // Every byte of the settings and the position, each set so that counts become huge.
    for place in 0..<400 {
      var bytes = state
      bytes[place] = 0xff
      _ = isRefused(bytes)
    }
    #expect(!isRefused(state))
  }
}
