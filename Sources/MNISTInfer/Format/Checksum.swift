/// CRC-32C, the Castagnoli polynomial of RFC 3720 (iSCSI), appendix B.4: reflected 0x82f63b78, starting from and xored with
/// all ones.
///
/// A CRC of 32 bits finds every burst of up to 32 bits, so every changed byte; this polynomial finds more of the scattered
/// errors than zip's, and processors have an instruction for it.
package struct Checksum {
  private var table: InlineArray<256, UInt32>
  private var state = UInt32.max

  package init() {
    table = InlineArray<256, UInt32> { index in
      var entry = UInt32(truncatingIfNeeded: index)
      for _ in 0..<8 { entry = entry >> 1 ^ (entry & 1 == 0 ? 0 : 0x82f6_3b78) }
      return entry
    }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var state = state
    for byte in bytes { state = state >> 8 ^ table[Int((state ^ UInt32(byte)) & 0xff)] }
    self.state = state
  }

  package var value: UInt32 { ~state }

  package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var checksum = Checksum()
    checksum.update(bytes)
    return checksum.value
  }
}
