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

  /// Labels in IDX files are bytes. The memory for a confusion matrix stays small, too.
  static let largestClassCount = 256

  /// Images from wherever; at least one.
  public init(name: String, part: String, _ images: Dataset) {
    precondition(images.count > 0)
    self.name = name
    self.part = part
    self.images = images
  }

  /// Data whose number of classes is not known.
  ///
  /// - Parameter path: a folder of IDX files.
  /// - Throws: `DataError`.
  public init(path: String) throws {
    try self.init(path: path, classCount: EvaluationData.largestClassCount)
  }

  /// The classes' names where no model says them: those of known data sets, otherwise numbers.
  public var classLabels: [String] {
    KnownDataset(folderName: name, classCount: (images.labels.max() ?? 0) + 1).labels
  }

  /// Reads a folder of IDX files: its test set, or the training images if it has none.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - classCount: labels must be below.
  /// - Throws: `DataError` or `EvaluationError`.
  public init(path: String, classCount: Int) throws {
    let folder: IDXFolder
    do {
      folder = try IDXFolder(path: path, classCount: classCount)
    } catch DataError.labelOutOfRange(let path, let index, let label, _) {
      throw EvaluationError.labelOutOfRange(path: path, index: index, label: label, classCount: classCount)
    }
    self.init(
      name: folder.name, part: folder.test == nil ? "training images" : "test images",
      folder.test ?? folder.training)
  }
}
