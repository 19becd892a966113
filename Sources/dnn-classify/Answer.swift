import DNNModel
import Glibc
import MNISTInfer

/// What the model says of a picture.
enum Answer: Codable {
  /// The likeliest classes, best first.
  case classified([Classifier.Prediction])
  /// The same, where the best is less likely than was asked for.
  case uncertain([Classifier.Prediction])
  /// The picture shows nothing that could be classified.
  case nothing

  /// What a program that reads it calls it.
  var word: String {
    switch self {
    case .classified: "class"
    case .uncertain: "uncertain"
    case .nothing: "nothing"
    }
  }

  var predictions: [Classifier.Prediction] {
    switch self {
    case .classified(let predictions), .uncertain(let predictions): predictions
    case .nothing: []
    }
  }
}

/// A picture to classify: a file, or "-" for what came on standard input.
struct Input {
  let path: String
  /// The bytes of standard input, which can be read once only.
  private let bytes: [UInt8]?

  init(path: String) throws {
    self.path = path
    bytes = path == "-" ? try Input.standardInput() : nil
  }

  private static func standardInput() throws -> [UInt8] {
    do {
      return try readAll(0, "standard input", atMost: largestPicture)
    } catch {
      throw UnreadableInput(description: error.description)
    }
  }

  /// The most pixels that are read, 2^26, have 8 bytes each; what cannot be compressed takes a little more.
  private static let largestPicture = 1 << 30

  func answer(of classifier: Classifier, top: Int, confidence: Float) throws -> Answer {
    do {
      let predictions =
        if let bytes { try classifier.classify(png: bytes, top: top) } else {
          try classifier.classify(path: path, top: top)
        }
      return predictions[0].probability < confidence ? .uncertain(predictions) : .classified(predictions)
    } catch let failure as Failure where failure.status == .nothingToSee {
      return .nothing
    } catch let failure as Failure where bytes != nil {
      // The runtime knows no name for it.
      throw UnreadableInput(description: "\(path): \(failure)")
    }
  }

  /// What the network sees of it.
  func image(for classifier: Classifier) throws -> [UInt8] {
    if let bytes { try classifier.prepare(png: bytes) } else { try classifier.prepare(path: path) }
  }
}

/// Standard input that is no file or no picture.
struct UnreadableInput: Error, CustomStringConvertible { let description: String }

/// A folder without a picture.
struct EmptyFolder: Error, CustomStringConvertible {
  let path: String
  var description: String { "\(path): no PNG files in this folder: give another, or pictures" }
}

/// The files that an argument stands for: itself, or for a folder all PNGs in it and in the folders in it, sorted. What is hidden
/// is left out.
func files(of argument: String) throws -> [String] {
  var status = stat()
  guard stat(argument, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return [argument] }
  let folder = argument.hasSuffix("/") ? argument : argument + "/"
  let pictures = pictures(in: folder)
  guard !pictures.isEmpty else { throw EmptyFolder(path: argument) }
  return pictures.sorted().map { folder + $0 }
}

/// The paths below a folder, whose path ends with a slash. What cannot be listed is left out, and links to folders, which may lead
/// back.
private func pictures(in folder: String) -> [String] {
  var (found, folders): ([String], [String]) = ([], [""])
  while let below = folders.popLast() {
    for name in (try? names(inFolder: folder + below)) ?? [] where name.first != UInt8(ascii: ".") {
      let path = below + String(decoding: name, as: UTF8.self)
      var status = stat()
      if lstat(folder + path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { folders.append(path + "/") }
      if path.lowercased().hasSuffix(".png") { found.append(path) }
    }
  }
  return found
}
