import CFuzzer
import Foundation

/// A file that is on no disk, for readers that take a path.
final class MemoryFile: Sendable {
  let path: String
  private let descriptor: Int32

  init() {
    descriptor = memfd_create("fuzz", MFD_CLOEXEC)
    check(descriptor >= 0, "there is a file in memory")
    path = "/proc/self/fd/\(descriptor)"
  }

  /// Replaces the contents.
  func write(_ bytes: [UInt8]) {
    check(
      ftruncate(descriptor, 0) == 0 && pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, "memory is written")
  }
}
