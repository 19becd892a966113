import FoundationEssentials
import MNISTInfer

/// Labelled images to train on, wherever they come from.
public struct TrainingData {
  /// What provenance calls them.
  public let name: String
  /// What to train on and hold images out of.
  public let training: Dataset
  /// nil if there are none.
  public let test: Dataset?
  /// The classes' names.
  public let labels: [String]
  /// How a picture of any size becomes like the images.
  public let preparation: Preparation
  /// Changes of training images that leave them what they are.
  public let augmentation: Augmentation
  /// SHA-256 in hexadecimal: for IDX files, of the uncompressed training files, otherwise of the training images and labels.
  public let sha256: String

  /// Reads data.
  ///
  /// - Parameters:
  ///   - source: a CSV file, a folder of IDX files, a folder with a folder of PNGs for each class, "synthetic" for drawn digits, or
  ///     "mnist" or "fashion-mnist", which are fetched once; see `DataSource`.
  ///   - classCount: labels must be below; nil for as many as there are.
  ///   - note: takes a line to show to people before something takes long.
  /// - Throws: `DataError`.
  public init(_ source: String, classCount: Int?, note: (String) -> Void = { _ in }) throws {
    switch try DataSource(source) {
    case .synthetic:
      self.init(
        KnownDataset(folderName: source, classCount: classCount ?? 10), SyntheticDigits.draw(count: 12_000, seed: 1),
        test: SyntheticDigits.draw(count: 2000, seed: 2))
    case .published(let dataset):
      try self.init(
        path: dataset.folder(environment: ProcessInfo.processInfo.environment, note: note), classCount: classCount,
        note: note)
    case .path(let path): try self.init(path: path, classCount: classCount, note: note)
    }
  }

  private init(path source: String, classCount: Int?, note: (String) -> Void) throws {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else {
      throw DataError.cannotRead(path: source, reason: "it does not exist")
    }
    let name = URL(fileURLWithPath: source).standardizedFileURL.deletingPathExtension().lastPathComponent
    func known(_ parts: Dataset?...) -> KnownDataset {
      let largest = parts.compactMap { $0?.labels.max() }.max() ?? 0
      return KnownDataset(folderName: name, classCount: classCount ?? largest + 1)
    }
    if !isFolder {
      let data = try CSVFile.read(path: source, classCount: classCount)
      self.init(known(data), data, test: nil)
    } else if try !IDXFolder.isOne(path: source) && !PNGFolder.classes(in: source).isEmpty {
      let (data, labels) = try PNGFolder.read(path: source, classCount: classCount, note: note)
      self.init(known(data), data, test: nil, labels: labels)
    } else {
      let folder = try IDXFolder(path: source, classCount: classCount ?? TrainingData.mostClasses)
      // A class may have test images alone.
      self.init(known(folder.training, folder.test), folder.training, test: folder.test, sha256: folder.sha256)
    }
  }

  private init(
    _ known: KnownDataset, _ training: Dataset, test: Dataset?, labels: [String]? = nil, sha256: String? = nil
  ) {
    name = known.name
    (self.training, self.test) = (training, test)
    self.labels = labels ?? known.labels
    preparation = known.preparation
    augmentation = known.augmentation
    self.sha256 = sha256 ?? training.sha256
  }

  /// Images to hold out unless told otherwise: 5000, but of small data a sixth.
  public var usualHeldOutCount: Int { min(5000, max(training.count / 6, 1)) }

  /// A label of an IDX file is a byte.
  private static let mostClasses = 256
}

extension Dataset {
  /// Of the images and then the labels, four bytes each, little-endian.
  package var sha256: String {
    var hash = SHA256()
    hash.update(images)
    hash.update(labels.flatMap { label in (0..<4).map { UInt8(truncatingIfNeeded: label >> (8 * $0)) } })
    return hash.hexadecimal()
  }
}
