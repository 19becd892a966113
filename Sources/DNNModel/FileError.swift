import Glibc

/// Why a file could not be read or written.
public struct FileError: Error, CustomStringConvertible {
  /// What was tried, the file and the reason.
  public let description: String
  /// The reason alone.
  package let reason: String

  /// - Parameters:
  ///   - what: the attempt, like "write".
  ///   - path: the file's name, as people gave it.
  ///   - reason: what was in the way.
  package init(_ what: String, _ path: String, reason: String) {
    self.reason = reason
    description = "cannot \(what) \(path): \(reason)"
  }

  /// With the system's reason.
  package init(_ what: String, _ path: String, code: Int32 = errno) {
    self.init(what, path, reason: String(cString: strerror(code)))
  }
}
