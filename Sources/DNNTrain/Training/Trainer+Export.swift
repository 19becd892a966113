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

  /// What `recipe` and `folder` say.
  public init(recipe: String?, folder: IDXFolder, classCount: Int) {
    let known = KnownDataset(folderName: folder.name, classCount: classCount)
    self.init(
      recipe: recipe, data: known.name, dataSHA256: folder.sha256, labels: known.labels,
      preparation: known.preparation)
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
  /// The trained network as a model's file, with its provenance and a self-test on held-out images. The same training gives the
  /// same bytes: no clock, host name or path goes in.
  ///
  /// - Parameters:
  ///   - record: where the model comes from.
  ///   - heldOut: images that were not trained on.
  /// - Returns: the file, not yet encoded.
  /// - Throws: `ModelFileError` or `Failure` if the format cannot express the model.
  public func modelFile(_ record: TrainingRecord, heldOut: Dataset) throws -> ModelFile {
    var builder = ModelBuilder()
    var values = [0]
    for (index, layer) in network.layers.enumerated() {
      values.append(
        layer.export(
          to: &builder, inputs: network.inputs[index].map { values[$0] },
          values: parameters.start + network.parameterOffsets[index]))
    }
    builder.append(
      .softmax, name: "softmax", inputs: [values[network.layers.count]], output: Shape(count: network.classCount))
    var model = ModelFile(
      input: network.input, layers: builder.layers, tensors: builder.tensors, labels: record.labels,
      preparation: record.preparation,
      normalisation: network.normalisation)
    model.provenance = provenance(record, heldOut: heldOut)
    model.selfTest = try selfTest(model, heldOut: heldOut)
    return model
  }

  private func provenance(_ record: TrainingRecord, heldOut: Dataset) -> [String: String] {
    var provenance = [
      "architecture": architecture.description,
      "data": record.data,
      "data.sha256": record.dataSHA256,
      "seed": "\(options.seed)",
      "epochs": "\(options.epochs)",
      "batch": "\(options.batchSize)",
      "optimizer": options.optimizer.name,
      "learning-rate": "\(options.optimizer.learningRate)",
      "held-out.accuracy": "\(accuracy(on: heldOut))",
      "held-out.count": "\(heldOut.count)",
      "tool": "dnn-train \(toolVersion)",
    ]
    provenance["recipe"] = record.recipe
    return provenance
  }

  /// The probabilities are the runtime's own, so that the test shows whether another machine computes the same.
  private func selfTest(_ model: ModelFile, heldOut: Dataset) throws -> ModelFile.SelfTest {
    let pictures = heldOut.subset(Array(0..<min(selfTestCount, heldOut.count))).images
    let probabilities = try Classifier(bytes: model.encoded(), threads: 1).predict(pictures)
    return ModelFile.SelfTest(pictures: pictures, probabilities: probabilities, tolerance: selfTestTolerance)
  }
}

/// The version that `dnn-train --version` prints and that models' files carry.
public let toolVersion = "0.1.0"

let selfTestCount = 4
/// Far above what the order of a sum changes (some 1e-6), far below what a wrong weight does.
let selfTestTolerance: Float = 1e-4
