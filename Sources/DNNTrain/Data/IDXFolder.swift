import FoundationEssentials
import MNISTInfer

/// A data set in a folder of IDX files with the names of MNIST's, each plain or gzip:
/// `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and, if there is a test set, `t10k-images-idx3-ubyte` and
/// `t10k-labels-idx1-ubyte`.
public struct IDXFolder {
  /// The folder's own name.
  public let name: String
  /// What to train on and hold images out of.
  public let training: Dataset
  /// nil if the folder has none.
  public let test: Dataset?
  /// SHA-256 of the uncompressed training files, images and then labels, in hexadecimal.
  public let sha256: String

  /// Reads all files.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - classCount: labels must be below.
  /// - Throws: `DataError`.
  public init(path: String, classCount: Int) throws {
    let files = try IDXFolder.paths(in: path)
    name = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
    let images = try IDXFile(path: files.trainingImages, .images)
    let labels = try IDXFile(path: files.trainingLabels, .labels)
    training = try Dataset(images, labels, classCount: classCount)
    var hash = SHA256()
    hash.update(images.bytes)
    hash.update(labels.bytes)
    sha256 = hash.hexadecimal()
    test = try files.test.map {
      try Dataset(IDXFile(path: $0.images, .images), IDXFile(path: $0.labels, .labels), classCount: classCount)
    }
    if let test, test.shape != training.shape, let testFiles = files.test {
      throw DataError.sizesDiffer(training: files.trainingImages, test: testFiles.images)
    }
  }

  /// Whether the folder has all files of a training set.
  static func isOne(path: String) -> Bool { (try? paths(in: path)) != nil }

  private struct Paths {
    var trainingImages: String
    var trainingLabels: String
    var test: (images: String, labels: String)?
  }

  private static func paths(in folder: String) throws -> Paths {
    func find(_ name: String) -> String? {
      [name, name + ".gz"].map { "\(folder)/\($0)" }.first { FileManager.default.fileExists(atPath: $0) }
    }
    func pair(_ prefix: String) throws -> (String, String)? {
      let names = ["\(prefix)-images-idx3-ubyte", "\(prefix)-labels-idx1-ubyte"]
      let found = names.map(find)
      if let images = found[0], let labels = found[1] { return (images, labels) }
      if found[0] == nil && found[1] == nil && prefix == "t10k" { return nil }
      throw DataError.missing(folder: folder, names: zip(names, found).filter { $1 == nil }.map { $0.0 })
    }
    guard let training = try pair("train") else { throw DataError.missing(folder: folder, names: []) }
    return Paths(trainingImages: training.0, trainingLabels: training.1, test: try pair("t10k"))
  }
}

extension Dataset {
  /// - Throws: `DataError` if the files do not belong together or a label is out of range.
  init(_ images: IDXFile, _ labels: IDXFile, classCount: Int) throws {
    guard images.dimensions[0] == labels.dimensions[0] else {
      throw DataError.countsDiffer(
        images: images.path, imageCount: images.dimensions[0], labels: labels.path, labelCount: labels.dimensions[0])
    }
    let values = labels.bytes[labels.start...].map { Int($0) }
    self.init(
      shape: Shape(height: images.dimensions[1], width: images.dimensions[2], channels: 1),
      images: Array(images.bytes[images.start...]), labels: values)
    try checkLabels(path: labels.path, classCount: classCount)
  }
}
