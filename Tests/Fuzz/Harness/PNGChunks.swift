import CZlib
import TestSupport

/// The chunks of a PNG, as far as it has them.
enum PNGChunks {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Larger pictures take long, and are the business of the tests of limits.
  static func isSmall(_ png: UnsafeRawBufferPointer) -> Bool {
    // Width and height stand first in the first chunk, after its length and type.
    guard png.count >= 24 else { return true }
    let (width, height) = (integer(png, 16), integer(png, 20))
    return max(width, height) <= 1 << 14 && width * height <= 1 << 14
  }

  private static func integer(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
    Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }

  /// Where the types and data of whole chunks stand; a length and a checksum are around each.
  private static func bodies(_ png: UnsafeRawBufferPointer) -> [Range<Int>] {
    var (start, bodies) = (signature.count, [Range<Int>]())
    while png.count - start >= 12, integer(png, start) <= png.count - start - 12 {
      let end = start + 8 + integer(png, start)
      bodies.append(start + 4..<end)
      start = end + 4
    }
    return bodies
  }

  static func repairChecksums(_ png: UnsafeMutableRawBufferPointer) {
    for body in bodies(UnsafeRawBufferPointer(png)) {
      let checksum = crc(UnsafeRawBufferPointer(rebasing: png[body]))
      png.storeBytes(of: checksum.bigEndian, toByteOffset: body.upperBound, as: UInt32.self)
    }
  }

  private static func crc(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, uInt(bytes.count)))
  }

  /// One chunk changed, or their order; of IDAT the uncompressed data.
  static func mutate(_ png: [UInt8], _ random: inout Random) -> [UInt8]? {
    var chunks = png.withUnsafeBytes { png in bodies(png).map { Array(png[$0]) } }
    guard !chunks.isEmpty else { return nil }
    let (index, other) = (random.int(0...(chunks.count - 1)), random.int(0...(chunks.count - 1)))
    let (type, data) = (chunks[index].prefix(4), Array(chunks[index].dropFirst(4)))
    switch random.int(0...9) {
    case 0: chunks.remove(at: index)
    case 1: chunks.insert(chunks[index], at: other)
    case 2: chunks.swapAt(index, other)
    case 3: chunks.insert(Array("tRNS".utf8) + random.bytes(random.int(0...8)), at: index)
    default:
      let isPixels = type.elementsEqual("IDAT".utf8) && random.int(0...4) > 0
      chunks[index] = type + (isPixels ? Deflate.mutate(data, window: Deflate.zlib) : mutated(data))
    }
    return assemble(chunks)
  }

  private static func assemble(_ chunks: [[UInt8]]) -> [UInt8] {
    chunks.reduce(into: signature) { png, chunk in
      let (length, checksum) = (UInt32(chunk.count - min(4, chunk.count)), chunk.withUnsafeBytes(crc))
      png +=
        withUnsafeBytes(of: length.bigEndian) { Array($0) } + chunk
        + withUnsafeBytes(of: checksum.bigEndian) { Array($0) }
    }
  }
}
