import DNNModel
import MNISTInfer

/// What a model's file says about its training, besides what the trainer knows itself.
public struct TrainingRecord {
  /// The recipe's name, or nil for an architecture of one's own.
  public var recipe: String?
  /// The data set's name, never a path.
  public var data: String
  /// Of the uncompressed training files.
  public var dataSHA256: String
  /// By class.
  public var labels: [String]
  /// How pictures of other sizes become inputs.
  public var preparation: Preparation
  /// What the held-out images were chosen by; see `Dataset.split`.
  public var heldOutSeed: UInt64 = 0
  /// SHA-256 of the model's file that training started from, or nil.
  public var initialModelSHA256: String?
  /// The search that chose the settings by the held-out accuracy, or nil.
  public var search: String?

  /// What `recipe` and `data` say.
  public init(recipe: String?, data: TrainingData) {
    self.init(
      recipe: recipe, data: data.name, dataSHA256: data.sha256, labels: data.labels, preparation: data.preparation)
  }

  /// All of it.
  public init(recipe: String?, data: String, dataSHA256: String, labels: [String], preparation: Preparation) {
    self.recipe = recipe
    self.data = data
    self.dataSHA256 = dataSHA256
    self.labels = labels
    self.preparation = preparation
  }
}

extension Trainer {
  /// The trained network as a model's file, with its provenance and a self-test on held-out images, its probabilities calibrated
  /// on these. The same training gives the same bytes: no clock, host name or path goes in.
  ///
  /// - Parameters:
  ///   - record: where the model comes from.
  ///   - heldOut: images that were not trained on.
  /// - Returns: the file, not yet encoded.
  /// - Throws: `ModelFileError`, `CustomLayerError` or `Failure` if the format cannot express the model.
  public func modelFile(_ record: TrainingRecord, heldOut: Dataset) throws -> ModelFile {
    let (model, temperature) = try network(record).calibrated(on: heldOut, threads: options.threads)
    return try complete(model, record, heldOut, accuracy: accuracy(on: heldOut), temperature)
  }

  /// As a checkpoint has it: not calibrated, which would take as long as measuring after every epoch.
  func modelFile(_ record: TrainingRecord, heldOut: Dataset, heldOutAccuracy: Double?) throws -> ModelFile {
    try complete(network(record), record, heldOut, accuracy: heldOutAccuracy ?? accuracy(on: heldOut), nil)
  }

  /// Adds what is known of a network besides itself.
  private func complete(
    _ network: ModelFile, _ record: TrainingRecord, _ heldOut: Dataset, accuracy: Double, _ temperature: Temperature?
  ) throws -> ModelFile {
    var model = network
    model.provenance = settings(record, heldOut: heldOut)
    model.provenance["held-out.accuracy"] = "\(accuracy)"
    model.provenance["temperature"] = temperature.map { "\($0.value)" }
    model.history = history
    model.selfTest = try selfTest(model, heldOut: heldOut)
    return model
  }

  private func network(_ record: TrainingRecord) throws -> ModelFile {
    var builder = ModelBuilder()
    var values = [0]
    for (index, layer) in network.layers.enumerated() {
      values.append(
        try layer.export(
          to: &builder, inputs: network.inputs[index].map { values[$0] },
          values: parameters.start + network.parameterOffsets[index]))
    }
    builder.append(
      .softmax, name: "softmax", inputs: [values[network.layers.count]], output: Shape(count: network.classCount))
    return ModelFile(
      input: network.input, layers: builder.layers, tensors: builder.tensors, labels: record.labels,
      preparation: record.preparation, normalisation: network.normalisation)
  }

  /// Everything that decides what training makes, threads left out.
  func settings(_ record: TrainingRecord, heldOut: Dataset) -> [String: String] {
    var settings = [
      "architecture": architecture.description,
      "data": record.data,
      "data.sha256": record.dataSHA256,
      "seed": "\(options.seed)",
      "epochs": "\(options.epochs)",
      "batch": "\(options.batchSize)",
      "optimizer": options.optimizer.name,
      "learning-rate": "\(options.optimizer.learningRate)",
      "held-out.count": "\(heldOut.count)",
      "tool": "dnn-train \(toolVersion)",
    ]
    settings["recipe"] = record.recipe
    if record.heldOutSeed > 0 { settings["held-out.seed"] = "\(record.heldOutSeed)" }
    settings["initial-model.sha256"] = record.initialModelSHA256
    settings["search"] = record.search
    settings.merge(options.unusualSettings) { _, unusual in unusual }
    settings.merge(options.optimizer.constants) { first, _ in first }
    return settings
  }

  /// The probabilities are the runtime's own, so that the test shows whether another machine computes the same.
  private func selfTest(_ model: ModelFile, heldOut: Dataset) throws -> ModelFile.SelfTest {
    let pictures = heldOut.subset(Array(0..<min(selfTestCount, heldOut.count))).images
    let probabilities = try Classifier(bytes: model.encoded(), threads: 1).predict(pictures)
    return ModelFile.SelfTest(pictures: pictures, probabilities: probabilities, tolerance: selfTestTolerance)
  }
}

extension TrainingOptions {
  /// Settings that are not what they are without being asked for, as a model's provenance names them.
  fileprivate var unusualSettings: [String: String] {
    let usual = TrainingOptions(
      epochs: epochs, batchSize: batchSize, seed: seed, threads: threads, optimizer: optimizer)
    var settings: [String: String] = [:]
    func add<Value: Equatable>(_ name: String, _ setting: KeyPath<TrainingOptions, Value>) {
      if self[keyPath: setting] != usual[keyPath: setting] { settings[name] = "\(self[keyPath: setting])" }
    }
    add("schedule", \.schedule)
    add("weight-decay", \.weightDecay)
    add("clip-norm", \.clipNorm)
    add("label-smoothing", \.labelSmoothing)
    add("average-decay", \.averageDecay)
    add("augmentation", \.augmentation)
    if let patience { settings["patience"] = "\(patience)" }
    if keepsBestEpoch { settings["kept-epoch"] = "best" }
    if !frozenLayers.isEmpty { settings["frozen"] = frozenLayers.joined(separator: ",") }
    return settings
  }
}

/// The version that `dnn-train --version` prints and that models' files carry.
public let toolVersion = Classifier.libraryVersion

let selfTestCount = 4
/// Far above what the order of a sum changes (some 1e-6), far below what a wrong weight does.
let selfTestTolerance: Float = 1e-4
