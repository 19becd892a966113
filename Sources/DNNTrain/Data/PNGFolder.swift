import DNNModel
import FoundationEssentials
import MNISTInfer

/// A folder with a folder of PNGs for each class, whose name is the class's. Pictures have one size. They are grey if all are;
/// otherwise they have red, green and blue.
enum PNGFolder {
  /// Names of the folders in it, numbers in their order and before words; empty if there are none.
  ///
  /// - Throws: `DataError.cannotRead`.
  static func classes(in path: String) throws -> [String] {
    try names(in: path).filter { isFolder("\(path)/\($0)") }
      .sorted { (Int($0) ?? Int.max, $0) < (Int($1) ?? Int.max, $1) }
  }

  /// - Parameters:
  ///   - path: the folder.
  ///   - classCount: at most so many classes, or nil.
  ///   - note: takes a line about files that are left out.
  /// - Returns: the pictures as the runtime prepares them, and the classes' names.
  /// - Throws: `DataError`.
  static func read(path: String, classCount: Int?, note: (String) -> Void) throws -> (Dataset, [String]) {
    let classes = try classes(in: path)
    if classes.isEmpty { throw DataError.emptyClass(folder: path) }
    if let classCount, classes.count != classCount {
      throw DataError.classesDiffer(folder: path, count: classes.count, classCount: classCount)
    }
    var leftOut: [String] = []
    let files = try classes.enumerated().flatMap { label, name in
      let folder = "\(path)/\(name)"
      let all = try names(in: folder).sorted()
      let pictures = all.filter(isPNG)
      if pictures.isEmpty { throw DataError.emptyClass(folder: folder) }
      leftOut += all.filter { !isPNG($0) }.map { "\(folder)/\($0)" }
      return pictures.map { (path: "\(folder)/\($0)", label: label) }
    }
    if let first = leftOut.first {
      let others = leftOut.count > 1 ? " and \(leftOut.count - 1) more are" : " is"
      note("only .png files are read: \(first)\(others) left out")
    }
    let shape = try shape(of: files.map(\.path))
    // At most so many files as a folder can list, of three megabytes each: far from overflow.
    let bytes = files.count * shape.count
    guard bytes <= DataError.mostBytes else { throw DataError.tooLarge(path: path, bytes: bytes) }
    var images = [UInt8](repeating: 0, count: bytes)
    let preparation = Preparation(polarity: .lightOnDark, placement: .stretch, boxHeight: 0, boxWidth: 0)
    for (index, file) in files.enumerated() {
      let picture = try picture(file.path)
      try images.withUnsafeMutableBufferPointer { images in
        guard let start = images.baseAddress else { return }
        try prepare(picture, preparation, shape, into: start + index * shape.count)
      }
    }
    return (Dataset(shape: shape, images: images, labels: files.map(\.label)), classes)
  }

  private static func isPNG(_ name: String) -> Bool { name.lowercased().hasSuffix(".png") }

  /// The size of all, and whether any has colour.
  private static func shape(of paths: [String]) throws -> Shape {
    var (shape, isColoured): (Shape?, Bool) = (nil, false)
    for path in paths {
      let picture = try picture(path)
      let size = Shape(height: picture.height, width: picture.width, channels: 1)
      guard max(size.height, size.width) <= IDXFile.largestSide else {
        throw DataError.badDimensions(path: path, dimensions: [size.height, size.width])
      }
      if let shape, shape != size {
        throw DataError.pictureSizesDiffer(
          path: path, size: [size.height, size.width], first: paths[0], firstSize: [shape.height, shape.width])
      }
      shape = size
      isColoured = isColoured || hasColour(picture)
    }
    guard var shape else { preconditionFailure("no class, no picture") }
    if isColoured { shape.channels = 3 }
    return shape
  }

  private static func hasColour(_ picture: borrowing Picture) -> Bool {
    for pixel in stride(from: 0, to: picture.pixels.count, by: 4) {
      let start = picture.pixels.start + pixel
      if start[0] != start[1] || start[1] != start[2] { return true }
    }
    return false
  }

  private static func picture(_ path: String) throws -> Picture {
    let bytes = try DataError.bytes(ofFile: path)
    do throws(Failure) {
      return try bytes.span.withUnsafeBytes { bytes throws(Failure) in try Picture(png: bytes) }
    } catch {
      throw DataError.cannotRead(path: path, reason: "\(error)")
    }
  }

  private static func names(in path: String) throws -> [String] {
    let all: [[UInt8]]
    do {
      all = try DNNModel.names(inFolder: path)
    } catch {
      throw DataError.cannotRead(path: path, reason: error.reason)
    }
    return try all.map { bytes in
      guard let name = String(validating: bytes, as: UTF8.self) else {
        let shown = String(decoding: bytes, as: UTF8.self)
        throw DataError.cannotRead(path: "\(path)/\(shown)", reason: "its name is not UTF-8: rename it")
      }
      return name
    }.filter { !$0.hasPrefix(".") }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }
}
