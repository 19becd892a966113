/// Whether the bytes are well-formed UTF-8 without control characters other than tab and newline.
func isText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  var index = 0
  while index < bytes.count {
    guard let length = characterLength(bytes, index) else { return false }
    index += length
  }
  return true
}

/// Bytes of the character that starts at `index`, or nil where the bytes are no well-formed UTF-8 (Unicode 15, table 3-7) or a
/// control character other than tab and newline.
func characterLength(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
  let length: Int
  // The second byte's range excludes overlong forms, surrogates, control characters and what lies beyond U+10FFFF.
  var second: ClosedRange<UInt8> = 0x80...0xbf
  switch bytes[index] {
  case 0x09, 0x0a, 0x20...0x7e: length = 1
  case 0xc2: (length, second) = (2, 0xa0...0xbf)  // below are the control characters U+0080 to U+009F
  case 0xc3...0xdf: length = 2
  case 0xe0: (length, second) = (3, 0xa0...0xbf)
  case 0xed: (length, second) = (3, 0x80...0x9f)
  case 0xe1...0xef: length = 3
  case 0xf0: (length, second) = (4, 0x90...0xbf)
  case 0xf1...0xf3: length = 4
  case 0xf4: (length, second) = (4, 0x80...0x8f)
  default: return nil
  }
  guard index + length <= bytes.count else { return nil }
  if length > 1, !second.contains(bytes[index + 1]) { return nil }
  if length > 2 {
    for later in 2..<length where bytes[index + later] & 0xc0 != 0x80 { return nil }
  }
  return length
}
