import DNNCluster
import DNNModel
import MNISTInfer

/// A model's file and how good it is on some images.
public struct ModelEvaluation {
  /// The path, as it was given.
  public let file: String
  /// Of the file.
  public let bytes: Int
  /// What is in the file.
  public let model: ModelFile
  /// Its layers and what they cost.
  public let summary: ModelSummary
  /// What the model made of the images.
  public let predictions: Predictions
  /// How good that is.
  public let metrics: Metrics
  /// All images in one call, after some to warm up; `dnn-bench` measures with more care.
  public let imagesPerSecond: Double

  /// Runs a model on images.
  ///
  /// - Parameters:
  ///   - file: the path of the model, for people.
  ///   - classifier: the model.
  ///   - contents: the bytes that the classifier was opened with.
  ///   - data: the images; the same on all ranks.
  ///   - ranks: the processes that share the images.
  /// - Throws: `EvaluationError`, or `Failure` if memory runs out.
  public init(
    file: String, _ classifier: Classifier, contents: [UInt8], on data: EvaluationData, _ ranks: Communicator = .alone
  ) throws {
    let shape = data.images.shape
    guard shape == classifier.input else {
      throw EvaluationError.shapesDiffer(file: file, model: sides(classifier.input), data: sides(shape))
    }
    guard classifier.labels.count <= EvaluationData.largestClassCount else {
      throw EvaluationError.tooManyClasses(file: file, classCount: classifier.labels.count)
    }
    self.file = file
    bytes = contents.count
    model = try ModelFile(decoding: contents)
    summary = try ModelSummary(bytes: contents)
    _ = try classifier.predict(Array(data.images.images.prefix(256 * shape.count)))
    let start = ContinuousClock.now
    predictions = try Predictions(classifier, on: data.images, ranks)
    imagesPerSecond = Double(data.images.count) / max((ContinuousClock.now - start) / .seconds(1), 1e-9)
    metrics = Metrics(predictions)
  }

  /// Weights and biases.
  public var parameters: Int { summary.layers.reduce(0) { $0 + $1.parameters } }

  /// For one image.
  public var multiplyAdds: Int { summary.layers.reduce(0) { $0 + $1.multiplyAdds } }
}

private func sides(_ shape: Shape) -> [Int] { [shape.height, shape.width, shape.channels] }
