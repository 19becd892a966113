import Glibc

/// Reads a regular file whole.
///
/// - Parameter path: the file.
/// - Returns: its bytes.
/// - Throws: `FileError`, also for what may have no end: a folder, a device, a pipe, or a file of more than 4 GiB.
public func readFile(_ path: String) throws(FileError) -> [UInt8] {
  let descriptor = try openFile(path)
  defer { close(descriptor) }
  return try readAll(descriptor, path, atMost: largestFile)
}

/// Far above any model, picture or data set for this package.
private let largestFile = 1 << 32

/// Opens a regular file for reading; waiting for somebody to write to a pipe could take for ever.
///
/// - Returns: a descriptor, which the caller closes.
/// - Throws: `FileError`.
package func openFile(_ path: String) throws(FileError) -> Int32 {
  var descriptor: Int32
  repeat { descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) } while descriptor < 0 && errno == EINTR
  guard descriptor >= 0 else { throw FileError("open", path) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    defer { close(descriptor) }
    throw FileError("read", path)
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    close(descriptor)
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    throw FileError("read", path, reason: isFolder ? "it is a folder, not a file" : "it is not a regular file")
  }
  return descriptor
}

/// Reads what is left of a file or a pipe.
///
/// - Parameters:
///   - descriptor: where from.
///   - path: its name for errors.
///   - limit: more bytes are an error.
/// - Returns: the bytes.
/// - Throws: `FileError`, also for a file that became shorter: its end would be missing without a sign.
package func readAll(_ descriptor: Int32, _ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw FileError("read", path) }
  let announced = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
  guard announced <= limit else { throw FileError("read", path, reason: "it is larger than \(limit) bytes") }
  // One byte more than there should be, so that the first read that is asked for more finds the end.
  var bytes = [UInt8](repeating: 0, count: announced + 1)
  var count = 0
  while true {
    if count == bytes.count { bytes += [UInt8](repeating: 0, count: max(count, 1 << 16)) }
    let result = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, $0.count - count) }
    if result < 0 && errno == EINTR { continue }
    guard result >= 0 else { throw FileError("read", path) }
    if result == 0 { break }
    count += result
    guard count <= limit else { throw FileError("read", path, reason: "it is larger than \(limit) bytes") }
  }
  guard count >= announced else { throw FileError("read", path, reason: "it became shorter while it was read") }
  bytes.removeLast(bytes.count - count)
  return bytes
}

/// The names of all that is in a folder, but for "." and "..", in no order.
///
/// - Returns: the names' bytes, which need not be UTF-8.
/// - Throws: `FileError`.
package func names(inFolder path: String) throws(FileError) -> [[UInt8]] {
  guard let folder = opendir(path) else { throw FileError("list", path) }
  defer { closedir(folder) }
  var names: [[UInt8]] = []
  errno = 0
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
    if name != Array(".".utf8) && name != Array("..".utf8) { names.append(name) }
    errno = 0
  }
  guard errno == 0 else { throw FileError("list", path) }
  return names
}
