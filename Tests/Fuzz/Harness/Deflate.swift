import CZlib

/// Compressed data, changed in what they are compressed from.
enum Deflate {
  /// Window bits that say what is around the data, by zlib's manual: 15, and 16 more for gzip.
  static let zlib: Int32 = 15
  static let gzip: Int32 = 15 + 16

  /// - Returns: the data with some bytes changed before compression; after it where they cannot be uncompressed.
  static func mutate(_ data: [UInt8], window: Int32) -> [UInt8] {
    guard let plain = uncompressed(data, window: window) else { return mutated(data) }
    return compressed(mutated(plain), window: window)
  }

  static func compressed(_ bytes: [UInt8], window: Int32) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    // Level 1 and the least memory: the size does not matter.
    check(
      deflateInit2_(&stream, 1, Z_DEFLATED, window, 1, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK, "zlib starts")
    defer { deflateEnd(&stream) }
    let room = Int(deflateBound(&stream, uLong(bytes.count)))
    return run(&stream, bytes, room: room) { check(deflate(&$0, Z_FINISH) == Z_STREAM_END, "zlib compresses") }
  }

  /// nil if the data are not a whole stream, or not of a small one.
  private static func uncompressed(_ data: [UInt8], window: Int32) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit2_(&stream, window, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var isWhole = false
    let bytes = run(&stream, data, room: 1 << 14) { isWhole = inflate(&$0, Z_FINISH) == Z_STREAM_END }
    return isWhole ? bytes : nil
  }

  private static func run(
    _ stream: inout z_stream, _ input: [UInt8], room: Int, _ body: (inout z_stream) -> Void
  ) -> [UInt8] {
    var input = input
    return input.withUnsafeMutableBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: room) { output, count in
        (stream.next_in, stream.avail_in) = (input.baseAddress, uInt(input.count))
        (stream.next_out, stream.avail_out) = (output.baseAddress, uInt(output.count))
        body(&stream)
        count = room - Int(stream.avail_out)
      }
    }
  }
}
