import CZlib
import Glibc

/// A file of images or labels as MNIST's are: a magic number, one size a dimension, both big-endian, and bytes.
struct IDXFile {
  /// What a file holds; the raw value is its magic number: unsigned bytes (8) in so many dimensions.
  enum Kind: UInt32 {
    case labels = 0x0801
    case images = 0x0803

    var rank: Int { Int(rawValue & 0xff) }
  }

  /// Rows or columns of an image: no data set has more, and shapes computed from it stay far from overflow.
  static let largestSide = 1024
  private static let largestCount = 1 << 28

  let path: String
  let dimensions: [Int]
  /// The file's bytes, uncompressed.
  let bytes: [UInt8]
  /// Where the elements start in them.
  let start: Int

  /// - Parameters:
  ///   - path: a file, plain or gzip.
  ///   - kind: what it must hold.
  /// - Throws: `DataError`.
  init(path: String, _ kind: Kind) throws {
    self.path = path
    start = 4 + 4 * kind.rank
    let file = try GzipReader(path: path)
    let header = try file.read(atMost: start)
    guard header.count >= 4 else { throw DataError.truncated(path: path, expected: start, actual: header.count) }
    let words = stride(from: 0, to: header.count / 4 * 4, by: 4).map { offset in
      header[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    guard words[0] == kind.rawValue else {
      throw DataError.badMagic(path: path, magic: words[0], expected: kind.rawValue)
    }
    guard header.count == start else { throw DataError.truncated(path: path, expected: start, actual: header.count) }
    dimensions = words.dropFirst().map { Int($0) }
    guard (1...IDXFile.largestCount).contains(dimensions[0]),
      dimensions.dropFirst().allSatisfy({ (1...IDXFile.largestSide).contains($0) })
    else { throw DataError.badDimensions(path: path, dimensions: dimensions) }
    let count = dimensions.reduce(1, *)
    guard count <= DataError.mostBytes else { throw DataError.tooLarge(path: path, bytes: count) }
    bytes = header + (try file.read(atMost: count))
    guard bytes.count == start + count else {
      throw DataError.truncated(path: path, expected: start + count, actual: bytes.count)
    }
    guard try file.read(atMost: 1).isEmpty else { throw DataError.tooLong(path: path, expected: start + count) }
  }
}

/// A plain or gzip file, read from the front.
private final class GzipReader {
  private let path: String
  private let file: gzFile

  init(path: String) throws {
    self.path = path
    let descriptor = try DataError.descriptor(ofFile: path)
    guard let file = gzdopen(descriptor, "rb") else {
      close(descriptor)
      throw DataError.cannotRead(path: path, reason: "no memory")
    }
    self.file = file
  }

  deinit { gzclose(file) }

  /// The next bytes, fewer than asked only at the file's end. Memory grows with what the file really holds, whatever its header
  /// announces.
  func read(atMost count: Int) throws -> [UInt8] {
    let chunkSize = 1 << 20
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(count, chunkSize))
    while bytes.count < count {
      let read = Int(gzread(file, &chunk, UInt32(min(chunkSize, count - bytes.count))))
      var code: Int32 = 0
      let reason = gzerror(file, &code).map { String(cString: $0) } ?? ""
      if code == Z_ERRNO { throw DataError.cannotRead(path: path, reason: String(cString: strerror(errno))) }
      guard read >= 0, code == Z_OK || code == Z_STREAM_END else { throw DataError.damaged(path: path, reason: reason) }
      if read == 0 { break }
      bytes += chunk.prefix(read)
    }
    return bytes
  }
}
