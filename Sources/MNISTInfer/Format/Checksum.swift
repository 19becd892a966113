import CKernels

/// CRC-32C, the Castagnoli polynomial of RFC 3720 (iSCSI), appendix B.4: reflected 0x82f63b78, starting from and xored with
/// all ones.
///
/// A CRC of 32 bits finds every burst of up to 32 bits, so every changed byte; this polynomial finds more of the scattered
/// errors than zip's, and processors have an instruction for it.
package struct Checksum {
  private var state = UInt32.max

  package init() {}

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    #if arch(x86_64)
      if instructionSetLevel() >= DNN_CPU_AVX2, let start = bytes.baseAddress {
        state = dnn_crc32c(state, start, bytes.count)
        return
      }
    #endif
    state = CRCTable().update(state, bytes)
  }

  package var value: UInt32 { ~state }

  package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var checksum = Checksum()
    checksum.update(bytes)
    return checksum.value
  }
}

/// The checksum without the instruction: a table of what each byte does to the register.
private struct CRCTable {
  private var table: InlineArray<256, UInt32>

  init() {
    table = InlineArray<256, UInt32> { index in
      var entry = UInt32(truncatingIfNeeded: index)
      for _ in 0..<8 { entry = entry >> 1 ^ (entry & 1 == 0 ? 0 : 0x82f6_3b78) }
      return entry
    }
  }

  func update(_ state: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var state = state
    for byte in bytes { state = state >> 8 ^ table[Int((state ^ UInt32(byte)) & 0xff)] }
    return state
  }
}
