import DNNCluster
import FoundationEssentials
import Glibc

/// Options that several programs have.
extension CommandLineOptions {
  /// The value of --threads; without it or for 0, as many as there are processors for this process.
  ///
  /// - Parameter ranks: the processes that share the processors.
  /// - Returns: at least 1.
  /// - Throws: `UsageError` if it is no number up to 256: more threads would only wait for each other, and each needs memory.
  public func threads(_ ranks: Communicator = .alone) throws -> Int {
    let most = 256
    let asked = try integer("--threads", in: 0...most) ?? 0
    return asked > 0 ? asked : min(ranks.processorShare, most)
  }

  /// Says how work goes, unless --quiet is there.
  public func note(_ text: String) {
    if !has("--quiet") { Terminal.note(text) }
  }

  /// The value of --out, which must be there; see `outputPath(_:_:)`.
  public func outputPath(_ ranks: Communicator = .alone) throws -> String {
    guard let path = try outputPath("--out", ranks) else {
      throw UsageError("--out is missing: give the .dnn file to write")
    }
    return path
  }

  /// The path of a file to write, or nil without the option: better found out now than after hours that it cannot be written.
  ///
  /// - Parameters:
  ///   - name: the option.
  ///   - ranks: the processes of which the root will write it; the others' machines need not have the folder.
  /// - Returns: the path, as it was given.
  /// - Throws: `OutputError` if nothing can be written there.
  public func outputPath(_ name: String, _ ranks: Communicator = .alone) throws -> String? {
    guard let path = text(name) else { return nil }
    if !ranks.isRoot { return path }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder = false
    if path.isEmpty { throw OutputError(option: name, path: path, reason: "give the name of a file") }
    // What words become that are not UTF-8: under this name nobody would look for the file.
    if path.unicodeScalars.contains("\u{fffd}") {
      throw OutputError(option: name, path: path, reason: "the name is not UTF-8: give another")
    }
    switch CommandLineOptions.kind(ofFile: path) {
    case S_IFDIR: throw OutputError(option: name, path: path, reason: "is a folder: give the name of a file in it")
    case nil, S_IFREG: break
    // A device or a pipe is written to where it is.
    case _: return path
    }
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder else {
      throw OutputError(option: name, path: path, reason: "the folder \(folder) does not exist: make it first")
    }
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw OutputError(option: name, path: path, reason: "the folder \(folder) cannot be written to: choose another")
    }
    return path
  }

  /// The value of --out where a model is read that it must not replace; otherwise as `outputPath(_:)`.
  public func outputPath(keeping model: String) throws -> String {
    let path = try outputPath()
    if let file = CommandLineOptions.status(ofFile: path), let kept = CommandLineOptions.status(ofFile: model),
      (file.st_dev, file.st_ino) == (kept.st_dev, kept.st_ino)
    {
      throw OutputError(
        option: "--out", path: path, reason: "is the model itself, which would be lost: give another name")
    }
    return path
  }

  /// The path of a file that others are written beside, which no device or pipe can be; otherwise as `outputPath(_:)`.
  public func regularOutputPath(_ ranks: Communicator = .alone) throws -> String {
    let path = try outputPath(ranks)
    if ranks.isRoot, let kind = CommandLineOptions.kind(ofFile: path), kind != S_IFREG {
      throw OutputError(
        option: "--out", path: path,
        reason: "is no regular file, and a checkpoint goes beside it: give the name of a file")
    }
    return path
  }

  /// The file's type, links followed, or nil if there is none.
  private static func kind(ofFile path: String) -> mode_t? { status(ofFile: path).map { $0.st_mode & S_IFMT } }

  private static func status(ofFile path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  /// A number, or nil without the option.
  ///
  /// - Throws: `UsageError` if the value is no number of the range.
  public func number<Number: BinaryFloatingPoint & LosslessStringConvertible>(
    _ name: String, in range: ClosedRange<Number>
  ) throws -> Number? {
    guard let text = text(name) else { return nil }
    guard let value = Number(text), range.contains(value) else {
      throw UsageError("\(name) \(text): give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}

/// Why a file could not be written where it was asked to be.
public struct OutputError: Error, CustomStringConvertible {
  let option: String
  let path: String
  let reason: String

  /// The path, what is wrong with it and what to do.
  public var description: String { "\(option) \(path): \(reason)" }
}
