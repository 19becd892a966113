import Foundation
import MNISTInfer

extension ModelFile {
  /// Reads a file.
  ///
  /// - Parameter path: a `.dnn` file.
  /// - Throws: a file error, or `Failure` with the reader's reason.
  public init(path: String) throws {
    try self.init(decoding: Array(Data(contentsOf: URL(fileURLWithPath: path))))
  }

  /// Writes a file. Under the final name there is never half a file: the bytes go to a temporary one in the same folder, which
  /// then takes the name.
  ///
  /// - Parameter path: the file to make or replace.
  /// - Throws: `ModelFileError`, or a file error.
  public func write(to path: String) throws {
    try Data(encoded()).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
