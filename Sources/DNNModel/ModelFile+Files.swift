import MNISTInfer

extension ModelFile {
  /// Reads a file.
  ///
  /// - Parameter path: a `.dnn` file.
  /// - Throws: `FileError`, or `Failure` with the reader's reason.
  public init(path: String) throws {
    try self.init(decoding: readFile(path))
  }

  /// Writes a file, so that its name never stands for half of it; see `writeAtomically`.
  ///
  /// - Parameter path: the file to make or replace.
  /// - Throws: `ModelFileError` or `FileError`.
  public func write(to path: String) throws {
    try writeAtomically(encoded(), to: path)
  }
}
