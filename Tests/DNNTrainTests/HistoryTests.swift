import DNNModel
import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

/// What a training tells of its epochs.
@Suite struct HistoryTests {
  private let training = bars(count: 120, seed: 10)
  private let heldOut = bars(count: 60, seed: 11)
  private let record = TrainingRecord(
    recipe: nil, data: "bars", dataSHA256: "none", labels: ["lying", "standing", "falling", "rising"],
    preparation: Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0))

  private func trainer(learningRate: Float, epochs: Int = 3) throws -> Trainer {
    var options = TrainingOptions(
      epochs: epochs, batchSize: 40, seed: 1, threads: 2, optimizer: Adam(learningRate: learningRate))
    options.schedule = LearningRateSchedule(.cosine)
    return try Trainer(
      Architecture(parsing: "conv 6 3x3 relu; maxpool 2; dense 4"), input: training.shape, options: options)
  }

  /// Mean cross-entropy and accuracy of a network before calibration, through the runtime.
  private func measured(_ trainer: Trainer, on data: Dataset) throws -> (loss: Double, accuracy: Double) {
    let model = try trainer.modelFile(record, heldOut: heldOut, heldOutAccuracy: nil)
    let classifier = try Classifier(bytes: model.encoded(), threads: 1)
    let probabilities = try classifier.predict(data.images)
    let losses = data.labels.enumerated().map { -log(Double(probabilities[4 * $0.offset + $0.element])) }
    return (
      losses.reduce(0, +) / Double(data.count), data.accuracy(of: try classifier.predictedClasses(data))
    )
  }

  @Test("an epoch each, in the file as in the trainer, with what the runtime measures on held-out images")
  func heldOutFigures() throws {
    let trainer = try trainer(learningRate: 0.02)
    var ends: [TrainingProgress] = []
    trainer.train(on: training, heldOut: heldOut) { ends += $0.heldOutAccuracy == nil ? [] : [$0] }
    let file = try ModelFile(decoding: trainer.modelFile(record, heldOut: heldOut).encoded())
    #expect(file.history == trainer.history && file.history.count == 3)
    for (epoch, end) in zip(file.history, ends) {
      #expect(epoch.trainingLoss == Float(end.loss) && epoch.trainingAccuracy == Float(end.accuracy))
      #expect(epoch.heldOutLoss == end.heldOutLoss.map(Float.init))
      #expect(epoch.heldOutAccuracy == end.heldOutAccuracy.map(Float.init))
    }
    let (loss, accuracy) = try measured(trainer, on: heldOut)
    let last = try #require(file.history.last)
    #expect(abs(Double(last.heldOutLoss) - loss) < 1e-5 && last.heldOutAccuracy == Float(accuracy))
    // Three steps an epoch; the rates of the third, sixth and ninth are 0.02 times half of 1 + cos(π step / 9).
    for (epoch, step) in zip(file.history, [2.0, 5, 8]) {
      #expect(abs(Double(epoch.learningRate) - 0.01 * (1 + cos(.pi * step / 9))) < 1e-8)
    }
  }

  @Test("where weights do not move, training figures are those of the training images")
  func trainingFigures() throws {
    let trainer = try trainer(learningRate: 1e-20, epochs: 1)
    trainer.train(on: training, heldOut: heldOut) { _ in }
    let (loss, accuracy) = try measured(trainer, on: training)
    #expect(abs(Double(trainer.history[0].trainingLoss) - loss) < 1e-5)
    #expect(trainer.history[0].trainingAccuracy == Float(accuracy))
  }

  @Test("a checkpoint whose history is of another length is damaged")
  func incompleteHistory() throws {
    let trainer = try trainer(learningRate: 0.02)
    var epochs = 0
    trainer.train(on: training, heldOut: heldOut, isInterrupted: { epochs == 2 }) {
      epochs += $0.heldOutAccuracy == nil ? 0 : 1
    }
    var checkpoint = try trainer.checkpoint(record, heldOut: heldOut)
    #expect(checkpoint.history.count == 2)
    try self.trainer(learningRate: 0.02).resume(from: checkpoint, record, heldOut: heldOut)
    checkpoint.history.removeLast()
    #expect(throws: CheckpointError.damaged) {
      try self.trainer(learningRate: 0.02).resume(from: checkpoint, record, heldOut: heldOut)
    }
  }

  @Test("finite weights whose held-out loss is not finite have diverged, and the history ends before")
  func infiniteHeldOutLoss() throws {
    let trainer = try trainer(learningRate: 1e-20)
    for index in 0..<trainer.parameters.count { trainer.parameters.start[index] *= 1e25 }
    trainer.packAll()
    // Black pictures see none of the weights, which the held-out ones multiply twice.
    let black = Dataset(
      shape: training.shape, images: [UInt8](repeating: 0, count: training.images.count), labels: training.labels)
    #expect(trainer.train(on: black, heldOut: heldOut) { _ in } == .diverged(epoch: 1))
    #expect(trainer.history.isEmpty)
  }
}
