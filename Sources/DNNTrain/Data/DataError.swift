import DNNModel

/// Why data cannot be trained on: the file, what is wrong with it, and what to do.
public enum DataError: Error, Equatable, CustomStringConvertible {
  /// Files that a folder should have, plain or with ".gz" after their names.
  case missing(folder: String, names: [String])
  /// The operating system's reason.
  case cannotRead(path: String, reason: String)
  /// Likewise.
  case cannotWrite(path: String, reason: String)
  /// For each mirror of a published data set, its address and what went wrong.
  case notFetched(dataset: String, reasons: [String], folder: String)
  /// The compressed stream contradicts itself.
  case damaged(path: String, reason: String)
  /// The first four bytes, as a number, are not those of the kind of file that was expected.
  case badMagic(path: String, magic: UInt32, expected: UInt32)
  /// Fewer bytes than the header announces.
  case truncated(path: String, expected: Int, actual: Int)
  /// More bytes than the header announces.
  case tooLong(path: String, expected: Int)
  /// No images, or images of a size out of range.
  case badDimensions(path: String, dimensions: [Int])
  /// More bytes than `DataError.mostBytes` once all images are in memory: compressed, they may take far less.
  case tooLarge(path: String, bytes: Int)
  /// Different numbers of images and labels.
  case countsDiffer(images: String, imageCount: Int, labels: String, labelCount: Int)
  /// Training and test images of different sizes.
  case sizesDiffer(training: String, test: String)
  /// Labels that the network has no output for: the largest, and the first image that has it.
  case labelOutOfRange(path: String, index: Int, label: Int, classCount: Int)
  /// A line of a CSV file, from 1.
  case badLine(path: String, line: Int, reason: String)
  /// Something that was given for a CSV file, and what to do.
  case notCSV(path: String, advice: String)
  /// A class without a picture.
  case emptyClass(folder: String)
  /// Another number of classes than the network's outputs.
  case classesDiffer(folder: String, count: Int, classCount: Int)
  /// Pictures of different heights and widths.
  case pictureSizesDiffer(path: String, size: [Int], first: String, firstSize: [Int])
  /// As many images to hold out as there are, or more.
  case tooFewImages(count: Int, heldOut: Int)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .missing(let folder, let names):
      "\(folder): \(names.joined(separator: " and ")) missing, plain or with \".gz\": give --data a folder of "
        + "IDX files, or one with a folder of PNGs for each class"
    case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    case .notFetched(let dataset, let reasons, let folder):
      "\(dataset) cannot be fetched:\n  " + reasons.joined(separator: "\n  ")
        + "\ntry again, or fetch the missing ones of its four files by hand and put them into \(folder), or give --data a folder "
        + "that has all four; DNN_MIRROR=ADDRESS names another mirror"
    case .damaged(let path, let reason): "\(path): the compressed data is damaged (\(reason)): fetch the file again"
    case .badMagic(let path, let magic, let expected):
      "\(path): starts with \(hexadecimal(magic)) instead of \(hexadecimal(expected)): "
        + "this is not an IDX file of \(expected & 0xff == 1 ? "labels" : "grey images")"
    case .truncated(let path, let expected, let actual):
      "\(path): ends after \(actual) of \(expected) bytes: fetch the file again"
    case .tooLong(let path, let expected):
      "\(path): goes on after the \(expected) bytes that its header announces: fetch the file again"
    case .badDimensions(let path, let dimensions):
      "\(path): the dimensions \(dimensions.map(String.init).joined(separator: "x")) are out of range: "
        + "there must be an image, of at most \(IDXFile.largestSide) pixels a side"
    case .tooLarge(let path, let bytes):
      "\(path): its images take \(bytes) bytes, and at most \(DataError.mostBytes) are read: take fewer or smaller ones"
    case .countsDiffer(let images, let imageCount, let labels, let labelCount):
      "\(images) has \(imageCount) images, but \(labels) has \(labelCount) labels: take both from the same data set"
    case .sizesDiffer(let training, let test):
      "\(test): the test images have another size than those of \(training): take both from the same data set"
    case .labelOutOfRange(let path, let index, let label, let classCount):
      "\(path): labels go up to \(label) (image \(index)), but the network has \(classCount) outputs: "
        + "give the last layer \(label + 1) outputs"
    case .badLine(let path, let line, let reason):
      "\(path), line \(line): \(reason): write a label and as many pixels from 0 to 255 on each line, with commas"
    case .notCSV(let path, let advice): "\(path): this is no CSV file: \(advice)"
    case .emptyClass(let folder): "\(folder): no .png file in it: add some or remove the folder"
    case .classesDiffer(let folder, let count, let classCount):
      "\(folder): there are folders for \(count) classes, but the network has \(classCount) outputs: "
        + "bring both to the same number"
    case .pictureSizesDiffer(let path, let size, let first, let firstSize):
      "\(path): the picture is \(size[0])x\(size[1]), but \(first) is \(firstSize[0])x\(firstSize[1]): "
        + "bring all to one size"
    case .tooFewImages(let count, let heldOut):
      "of \(count) training images \(heldOut) cannot be held out: hold out fewer"
    }
  }
}

extension DataError {
  /// Of all images of a file or a folder: some kilobytes must not ask for more memory than a machine has.
  static let mostBytes = 1 << 32

  /// Reads a file, or throws what is in the way.
  static func bytes(ofFile path: String) throws(DataError) -> [UInt8] {
    do {
      return try readFile(path)
    } catch {
      throw .cannotRead(path: path, reason: error.reason)
    }
  }

  /// Opens a file for reading, or throws what is in the way.
  static func descriptor(ofFile path: String) throws(DataError) -> Int32 {
    do {
      return try openFile(path)
    } catch {
      throw .cannotRead(path: path, reason: error.reason)
    }
  }
}

private func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}
