/// A copy of a PNG file without the chunks that pixels do not need: what remains is IHDR, PLTE, tRNS, IDAT, IEND and whatever
/// else calls itself critical (PNG specification, third edition, section 5.4).
///
/// libpng's simplified interface has no switch for gAMA, cHRM, sRGB, iCCP and cICP, and applies some of them to some formats; and
/// texts and profiles, which may be compressed bombs, need not reach it at all.
struct PNGEssence: ~Copyable {
  let bytes: Buffer<UInt8>
  private(set) var size = 0

  /// Anything; what is not a PNG, or is cut short, is copied as it is from where it stops making sense, for libpng to name.
  init(_ file: UnsafeRawBufferPointer) throws(Failure) {
    bytes = try Buffer(count: file.count)
    let signature = 8
    var read = min(signature, file.count)
    append(file, 0..<read)
    // Length, type and checksum of a chunk are 12 bytes.
    while file.count - read >= 12 {
      let length = Int(clamping: UInt32(bigEndian: file.loadUnaligned(fromByteOffset: read, as: UInt32.self)))
      guard length <= file.count - read - 12 else { break }
      let type = FourCC(rawValue: UInt32(littleEndian: file.loadUnaligned(fromByteOffset: read + 4, as: UInt32.self)))
      let end = read + 12 + length
      // Bit 5 of the type's first byte marks what a decoder may leave out.
      let isAncillary = file[read + 4] & 0x20 != 0
      if !isAncillary || type == FourCC("tRNS") { append(file, read..<end) }
      read = end
    }
    append(file, read..<file.count)
  }

  /// Whether pixels have 16 bits a sample and come in the seven passes of Adam7. These libpng must not bring to 8 bits: up to
  /// 1.6.50 its simplified interface then writes them to wrong places, the last ones past the end of the buffer (CVE-2025-65018).
  var isInterlacedSixteenBits: Bool {
    // Signature, length and type of IHDR, width, height; depth; colour, compression, filter; interlacing.
    let (depth, interlacing) = (24, 28)
    return size > interlacing && bytes[depth] == 16 && bytes[interlacing] != 0
  }

  private mutating func append(_ file: UnsafeRawBufferPointer, _ range: Range<Int>) {
    guard let start = file.baseAddress else { return }
    (bytes.start + size).copy(from: start.assumingMemoryBound(to: UInt8.self) + range.lowerBound, count: range.count)
    size += range.count
  }
}
