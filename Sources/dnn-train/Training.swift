import DNNCluster
import DNNCommandLine
import DNNModel
import DNNReport
import DNNTrain
import MNISTInfer

/// What a training learns from and is measured on.
struct TrainingImages {
  let data: TrainingData
  let training: Dataset
  let heldOut: Dataset

  /// Reads the data.
  init(_ settings: Settings, _ display: Display) throws {
    data = try TrainingData(settings.dataPath, classCount: settings.classCount, note: display.note)
    (training, heldOut) = try data.training.split(heldOut: settings.heldOut(of: data), seed: settings.heldOutSeed)
  }
}

/// One training, its network made.
struct Training {
  private let settings: Settings
  private let display: Display
  private let images: TrainingImages
  let trainer: Trainer
  private let record: TrainingRecord

  /// - Parameters:
  ///   - settings: all that was asked for.
  ///   - images: the data that the settings name.
  ///   - display: where to show what happens.
  ///   - search: what chose the settings, if anything did.
  /// - Throws: `UsageError`, `ArchitectureError` or `ModelFileError` if network, data and format do not go together.
  init(_ settings: Settings, _ images: TrainingImages, _ display: Display, search: String? = nil) throws {
    (self.settings, self.images, self.display) = (settings, images, display)
    let (data, training) = (images.data, images.training)
    let options = settings.training.options(for: data)
    var record = TrainingRecord(recipe: settings.recipe?.name, data: data)
    (record.heldOutSeed, record.search) = (settings.heldOutSeed, search)
    switch settings.start {
    case .architecture(let architecture, let followsData):
      let network = followsData ? try architecture.withNewHead(classCount: data.labels.count) : architecture
      trainer = try Trainer(network, input: training.shape, options: options)
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
    _ = try trainer.modelFile(record, heldOut: images.heldOut.subset([0])).encoded()
  }

  /// Trains, writes the file and checks it.
  func run() throws -> ExitStatus {
    try check(settings.ranks)
    let checkpoint = CheckpointFile(besides: settings.outPath)
    let replaces = !settings.resumes && checkpoint.exists
    if settings.resumes {
      let goesOn = try resume(from: checkpoint)
      display.note(
        goesOn ? "going on from \(checkpoint.path)" : "there is no \(checkpoint.path): starting from the beginning")
    } else if replaces {
      display.note(
        "\(checkpoint.path) holds a training that was stopped, which this one replaces: --resume goes on with it")
    }
    display.begin(settings, trainer, training: images.training.count, heldOut: images.heldOut.count)
    if settings.ranks.isRoot { try settings.historyOutput.writeCSV(trainer.history) }
    Interrupt.watch()
    let outcome: TrainingOutcome
    var finished: ModelFile?
    do {
      outcome = try train(saving: checkpoint, replaces: replaces, isInterrupted: { Interrupt.isRequested }) {
        if let state = $1 { try report(.training(epoch: $0.epoch, total: $0.epochs), state) }
        if settings.ranks.isRoot { try settings.historyOutput.add($0, trainer.history) }
      }
      if outcome == .finished && settings.ranks.isRoot { finished = try finish() }
    } catch let error as FileError where checkpoint.exists {
      throw StoppedError(reason: error, checkpoint: checkpoint.path)
    }
    if outcome == .interrupted {
      try reportAsStopped()
      display.note("stopped; the same command with --resume goes on")
      return .interrupted
    }
    if case .diverged(let epoch) = outcome { throw try settings.ranks.together { try divergence(epoch) } }
    if settings.ranks.isRoot { checkpoint.remove() }
    if let finished { try report(.done, finished) }
    return .done
  }

  /// Compares what decides the result on all ranks.
  ///
  /// - Throws: `RanksDifferError`.
  func check(_ ranks: Communicator) throws { try trainer.check(ranks, record, heldOut: images.heldOut) }

  /// Takes over the state of a checkpoint. Only the root reads the file.
  ///
  /// - Returns: false if it is not there.
  func resume(from checkpoint: CheckpointFile) throws -> Bool {
    let ranks = settings.ranks
    var model = try ranks.together { ranks.isRoot ? try checkpoint.read() : nil }
    if !ranks.isAlone {
      let bytes = ranks.broadcast(try model?.encoded() ?? [])
      model = bytes.isEmpty ? nil : try ModelFile(decoding: bytes)
    }
    guard let model else { return false }
    do {
      try trainer.resume(from: model, record, heldOut: images.heldOut)
    } catch let error as CheckpointError {
      throw CheckpointFile.Unusable(path: checkpoint.path, reason: "\(error)")
    }
    return true
  }

  /// Trains to the end or an interruption, with a checkpoint after each epoch and then.
  ///
  /// - Parameters:
  ///   - checkpoint: where it goes.
  ///   - replaces: whether it holds another training, which is worth more than less than an epoch of this one.
  ///   - isInterrupted: asked after every step.
  ///   - epochEnded: called after every epoch, with the checkpoint if that was not the last.
  /// - Returns: how it ended.
  /// - Throws: `FileError` if a checkpoint cannot be written.
  func train(
    saving checkpoint: CheckpointFile, replaces: Bool = false, isInterrupted: () -> Bool,
    epochEnded: (TrainingProgress, ModelFile?) throws -> Void = { _, _ in }
  ) throws -> TrainingOutcome {
    let outcome = try trainer.train(on: images.training, heldOut: images.heldOut, isInterrupted: isInterrupted) {
      display.show($0)
      if $0.heldOutAccuracy == nil { return }
      try epochEnded($0, trainer.isFinished ? nil : save(checkpoint))
    }
    if outcome == .interrupted && !(replaces && trainer.history.isEmpty) { try save(checkpoint) }
    return outcome
  }

  /// Writes the state of training, which is the same on all ranks.
  ///
  /// - Returns: it; nil on ranks that do not write it.
  @discardableResult
  func save(_ checkpoint: CheckpointFile) throws -> ModelFile? {
    guard settings.ranks.isRoot else { return nil }
    let model = try trainer.checkpoint(record, heldOut: images.heldOut)
    try model.write(to: checkpoint.path)
    return model
  }

  /// Writes the model and checks it.
  @discardableResult
  func finish() throws -> ModelFile {
    let model = try trainer.modelFile(record, heldOut: images.heldOut)
    try model.write(to: settings.outPath)
    display.note("wrote \(settings.outPath)")
    try check([("held-out", images.heldOut)] + (images.data.test.map { [("test", $0)] } ?? []))
    return model
  }

  /// Shows the model as it is: by the test images once it is done, if there are any, by the held-out ones before.
  ///
  /// - Parameters:
  ///   - stage: of the training.
  ///   - model: a checkpoint until it is done, because only that has the weights that the training would end with now.
  /// - Throws: what `ReportFile.write` throws.
  private func report(_ stage: Report.Stage, _ model: @autoclosure () throws -> ModelFile) throws {
    guard settings.ranks.isRoot, let report = settings.report else { return }
    let test = stage == .done ? images.data.test : nil
    let data = EvaluationData(
      name: record.data, part: test == nil ? "held-out images" : "test images", test ?? images.heldOut)
    try report.write(model(), on: data, stage)
  }

  private func reportAsStopped() throws {
    let epochs = trainer.history.count
    if epochs > 0 {
      try report(
        .stopped(epoch: epochs, total: trainer.options.epochs), trainer.checkpoint(record, heldOut: images.heldOut))
    }
  }

  private func divergence(_ epoch: Int) throws -> DivergenceError {
    if epoch > 1 && settings.ranks.isRoot {
      try trainer.modelFile(record, heldOut: images.heldOut).write(to: settings.outPath)
      try reportAsStopped()
    }
    return DivergenceError(epoch: epoch, outPath: settings.outPath)
  }

  /// Measures the written file through the runtime, which shares no more than the kernels with the trainer.
  private func check(_ parts: [(String, Dataset)]) throws {
    let classifier = try Classifier(path: settings.outPath)
    for (name, data) in parts {
      let classes = try classifier.predictedClasses(data)
      let differing = zip(classes, trainer.predictedClasses(data)).count { $0 != $1 }
      let result = FileAccuracy(
        images: name, count: data.count, accuracy: data.accuracy(of: classes), differing: differing)
      if settings.historyOutput.isJSON {
        try Terminal.print(result.json())
      } else if !settings.isQuiet {
        try Terminal.print(result.text)
      }
    }
  }
}

/// A training that could not write what it came to.
struct StoppedError: Error, CustomStringConvertible {
  let reason: FileError
  let checkpoint: String

  var description: String {
    "\(reason); \(checkpoint) holds the training up to its last epoch: put that right, and the same command with --resume goes on"
  }
}

/// What the written file makes of images.
private struct FileAccuracy: Encodable {
  /// "held-out" or "test".
  let images: String
  let count: Int
  /// By the runtime, 0 to 1.
  let accuracy: Double
  /// Images that trainer and runtime take for different classes.
  let differing: Int

  var text: String {
    let agreement =
      differing == 0 ? "agree on all \(grouped(count))" : "differ on \(grouped(differing)) of \(grouped(count))"
    return "\(images): \(percent(accuracy)) right; the written file and the trainer \(agreement)\n"
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
