import DNNTrain
import MNISTInfer

/// Labelled images to measure models on.
public struct EvaluationData: Sendable {
  /// The data set's name.
  public let name: String
  /// "test images", or "training images" where a folder has no others.
  public let part: String
  /// The images.
  public let images: Dataset
  /// The classes' names where no model says them: those of the data, otherwise numbers.
  public let classLabels: [String]

  /// Labels in IDX files are bytes. The memory for a confusion matrix stays small, too.
  static let largestClassCount = 256

  /// Images from wherever; at least one. Without labels, classes are numbered.
  public init(name: String, part: String, _ images: Dataset, classLabels: [String]? = nil) {
    precondition(images.count > 0)
    self.name = name
    self.part = part
    self.images = images
    self.classLabels = classLabels ?? (0...(images.labels.max() ?? 0)).map { "\($0)" }
  }

  /// Reads data as training does: its test set, or the training images if it has none.
  ///
  /// - Parameters:
  ///   - source: what `TrainingData` takes.
  ///   - classCount: labels must be below; nil for as many as there are.
  ///   - note: takes a line to show to people before something takes long.
  /// - Throws: `DataError` or `EvaluationError`.
  public init(_ source: String, classCount: Int?, note: (String) -> Void = { _ in }) throws {
    let data: TrainingData
    do {
      data = try TrainingData(source, classCount: classCount, note: note)
    } catch DataError.labelOutOfRange(let path, let index, let label, let classCount) {
      throw EvaluationError.labelOutOfRange(path: path, index: index, label: label, classCount: classCount)
    }
    self.init(
      name: data.name, part: data.test == nil ? "training images" : "test images", data.test ?? data.training,
      classLabels: data.labels)
  }
}
