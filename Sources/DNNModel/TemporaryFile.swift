import Glibc

/// A new file in the folder of another, which it is to replace once it is complete.
///
/// It is locked as long as its writer lives. So what a killed writer left can be told from what another writes now, and the next
/// one that writes into the folder removes it.
struct TemporaryFile {
  let path: String
  let descriptor: Int32

  /// - Parameters:
  ///   - folder: where to make it.
  ///   - target: the file to replace, for errors.
  /// - Throws: `FileError`.
  init(in folder: String, for target: String) throws {
    TemporaryFile.removeAbandoned(in: folder)
    while true {
      var template = Array((folder + "/" + TemporaryFile.prefix + "XXXXXX").utf8CString)
      let descriptor = mkstemp(&template)
      if descriptor < 0 && errno == EINTR { continue }
      guard descriptor >= 0 else { throw FileError("make a temporary file for", target) }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      lock(descriptor)
      // Before it was locked, another writer may have taken it for abandoned.
      var status = stat()
      if fstat(descriptor, &status) != 0 || status.st_nlink > 0 {
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  private static let prefix = ".mnistinfer-"

  /// Whatever is in the way, writing goes on: these files are only in the way of people who look for hidden ones.
  private static func removeAbandoned(in folder: String) {
    let prefix = Array(TemporaryFile.prefix.utf8)
    for name in (try? names(inFolder: folder)) ?? [] where name.starts(with: prefix) {
      let path = folder + "/" + String(decoding: name, as: UTF8.self)
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }
}

/// Waits for the lock. A file system without locks keeps none from removing, and has no other file for what is locked here.
private func lock(_ descriptor: Int32) {
  while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
}
