import DNNCommandLine
import DNNModel
import DNNTrain
import Foundation
import MNISTInfer

/// One run of dnn-train, its data read.
struct Training {
  private let settings: Settings
  private let display: Display
  private let training: Dataset
  private let heldOut: Dataset
  private let test: Dataset?
  private let trainer: Trainer
  private let record: TrainingRecord

  /// Reads the data and makes the network.
  init(_ settings: Settings) throws {
    self.settings = settings
    display = Display(isQuiet: settings.isQuiet)
    let data = try TrainingData(settings.dataPath, classCount: settings.classCount)
    (training, heldOut) = try data.training.split(heldOut: settings.heldOut(of: data), seed: settings.heldOutSeed)
    test = data.test
    let options = settings.training.options(for: data)
    var record = TrainingRecord(recipe: settings.recipe?.name, data: data)
    record.heldOutSeed = settings.heldOutSeed
    switch settings.start {
    case .architecture(let architecture):
      trainer = try Trainer(architecture, input: training.shape, options: options)
    case .model(let model, let sha256):
      guard model.input == training.shape else {
        throw UsageError("--init-from: the model takes pictures of another size than those of \(settings.dataPath)")
      }
      record.initialModelSHA256 = sha256
      trainer =
        model.labels == data.labels
        ? try Trainer(continuing: model, options: options)
        : try Trainer(continuing: model, newClassCount: data.labels.count, options: options)
    }
    self.record = record
    // What the format or the runtime cannot express shows now and not after hours.
    _ = try trainer.modelFile(record, heldOut: heldOut.subset([0])).encoded()
  }

  /// Trains, writes the file and checks it.
  func run() throws -> ExitStatus {
    let checkpoint = CheckpointFile(besides: settings.outPath)
    if settings.resumes { try resume(checkpoint) }
    display.begin(settings, trainer, training: training.count, heldOut: heldOut.count)
    try settings.historyOutput.writeCSV(trainer.history)
    Interrupt.watch()
    let outcome = try trainer.train(on: training, heldOut: heldOut, isInterrupted: { Interrupt.isRequested }) {
      display.show($0)
      if $0.heldOutAccuracy == nil { return }
      if !trainer.isFinished { try save(checkpoint) }
      try settings.historyOutput.add($0, trainer.history)
    }
    if outcome == .interrupted {
      try save(checkpoint)
      display.note("stopped; the same command with --resume goes on")
      return .interrupted
    }
    if case .diverged(let epoch) = outcome { throw try divergence(epoch) }
    try trainer.modelFile(record, heldOut: heldOut).write(to: settings.outPath)
    checkpoint.remove()
    display.note("wrote \(settings.outPath)")
    try check([("held-out", heldOut)] + (test.map { [("test", $0)] } ?? []))
    return .done
  }

  private func resume(_ checkpoint: CheckpointFile) throws {
    guard let model = try checkpoint.read() else {
      display.note("there is no \(checkpoint.path): starting from the beginning")
      return
    }
    do {
      try trainer.resume(from: model, record, heldOut: heldOut)
    } catch let error as CheckpointError {
      throw CheckpointFile.Unusable(path: checkpoint.path, reason: "\(error)")
    }
    display.note("going on from \(checkpoint.path)")
  }

  private func save(_ checkpoint: CheckpointFile) throws {
    try trainer.checkpoint(record, heldOut: heldOut).write(to: checkpoint.path)
  }

  private func divergence(_ epoch: Int) throws -> DivergenceError {
    if epoch > 1 { try trainer.modelFile(record, heldOut: heldOut).write(to: settings.outPath) }
    return DivergenceError(epoch: epoch, outPath: settings.outPath)
  }

  /// Measures the written file through the runtime, which shares no more than the kernels with the trainer.
  private func check(_ parts: [(String, Dataset)]) throws {
    let classifier = try Classifier(path: settings.outPath)
    for (name, data) in parts {
      let classes = try classifier.predictedClasses(data)
      let differing = zip(classes, trainer.predictedClasses(data)).count { $0 != $1 }
      display.note(
        "\(name): \(percent(data.accuracy(of: classes))) of \(data.count) images right; "
          + "trainer and runtime differ on \(differing)")
    }
  }
}

/// A training that led nowhere.
struct DivergenceError: Error, CustomStringConvertible {
  let epoch: Int
  let outPath: String

  var description: String {
    let kept = epoch > 1 ? "\(outPath) has the last good weights, from before it" : "nothing was written"
    return "epoch \(epoch): the loss or the weights are no longer finite numbers; \(kept); "
      + "try a smaller --lr, --warm-up 1 or --clip 1"
  }
}
