import DNNModel
import FoundationEssentials

/// The file that holds where a training stands.
struct CheckpointFile {
  let path: String

  /// The one of a training that writes to `outPath`.
  init(besides outPath: String) { self.init(path: outPath + ".checkpoint") }

  init(path: String) { self.path = path }

  var exists: Bool { FileManager.default.fileExists(atPath: path) }

  /// What it holds, or nil if it is not there.
  func read() throws -> ModelFile? {
    guard exists else { return nil }
    do {
      return try ModelFile(path: path)
    } catch {
      throw Unusable(path: path, reason: "\(error): remove it to start from the beginning")
    }
  }

  /// Once the model is written, nothing needs it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// A checkpoint that cannot be gone on from.
  struct Unusable: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "\(path): \(reason)" }
  }
}
