import FoundationEssentials
import Glibc

/// Writes a file so that its name never stands for half of it: the bytes go to a temporary file in the same folder, are
/// forced to the disk, and take the name in one step. Whatever happens before leaves the old file, if there was one. What a
/// killed process left of a temporary file, the next one that writes into the folder removes.
///
/// - Parameters:
///   - bytes: all of the new contents.
///   - path: the file to make or replace. A symbolic link is followed, not replaced. What is there and no regular file, like
///     /dev/stdout, is written to as it is.
/// - Throws: `FileError`; the temporary file is gone then.
public func writeAtomically(_ bytes: [UInt8], to path: String) throws {
  let targetURL = URL(fileURLWithPath: path).resolvingSymlinksInPath()
  let target = targetURL.path
  var status = stat()
  if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { return try writeInPlace(bytes, to: path) }
  let folder = targetURL.deletingLastPathComponent().path
  let temporary = try TemporaryFile(in: folder, for: path)
  do {
    defer { close(temporary.descriptor) }
    try write(bytes, to: temporary.descriptor, path)
    // A temporary file is the owner's alone; the new file has the rights that any new file gets.
    guard fchmod(temporary.descriptor, 0o666 & ~currentMask()) == 0 else { throw FileError("set the rights of", path) }
    try synchronise(temporary.descriptor, path)
    guard rename(temporary.path, target) == 0 else { throw FileError("replace", path) }
  } catch {
    unlink(temporary.path)
    throw error
  }
  // Until the folder is on the disk too, a power failure may bring the old file back. Some file systems do not offer it.
  let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  if folderDescriptor >= 0 {
    fsync(folderDescriptor)
    close(folderDescriptor)
  }
}

private func writeInPlace(_ bytes: [UInt8], to path: String) throws {
  var descriptor: Int32
  repeat { descriptor = open(path, O_WRONLY | O_CLOEXEC) } while descriptor < 0 && errno == EINTR
  guard descriptor >= 0 else { throw FileError("write", path) }
  defer { close(descriptor) }
  try write(bytes, to: descriptor, path)
}

private func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
  var count = 0
  while count < bytes.count {
    let result = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + count, bytes.count - count) }
    if result < 0 && errno == EINTR { continue }
    guard result > 0 else { throw FileError("write", path) }
    count += result
  }
}

private func synchronise(_ descriptor: Int32, _ path: String) throws {
  while fsync(descriptor) != 0 {
    guard errno == EINTR else { throw FileError("write", path) }
  }
}

/// The process's file mode creation mask. It can only be read by setting it, so this is wrong for a moment in other threads;
/// /proc tells without that, where there is one.
private func currentMask() -> mode_t {
  if let status = try? readFile("/proc/self/status"),
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first(where: { $0.hasPrefix("Umask:") }),
    let mask = line.split(separator: "\t").last.flatMap({ mode_t($0, radix: 8) })
  {
    return mask
  }
  let mask = umask(0o077)
  umask(mask)
  return mask
}
