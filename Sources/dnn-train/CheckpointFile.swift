import DNNModel
import Foundation

/// The file beside the one to write that holds where the training stands.
struct CheckpointFile {
  let path: String

  init(besides outPath: String) { path = outPath + ".checkpoint" }

  /// What it holds, or nil if it is not there.
  func read() throws -> ModelFile? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
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
