/// Strings in a section: a count, then for each its length in bytes (u32), its UTF-8 and a zero byte, so that C can use it in
/// place.
struct TextReader {
  private let section: FourCC
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ kind: SectionKind, _ bytes: UnsafeRawBufferPointer) {
    section = kind.tag
    self.bytes = bytes
  }

  mutating func count(limit: Int) throws(Failure) -> Int {
    let count = try integer()
    guard count <= limit else {
      throw Failure(.damaged, "section \(section): \(count) entries; the format allows \(limit)")
    }
    return count
  }

  /// The bytes of the next string, without its final zero.
  mutating func string() throws(Failure) -> UnsafeBufferPointer<UInt8> {
    let length = try integer()
    guard length <= Limits.string else {
      throw Failure(.damaged, "section \(section): a text of \(length) bytes; the format allows \(Limits.string)")
    }
    guard length < bytes.count - position else { throw Failure(.damaged, "section \(section) ends inside a text") }
    let text = UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)]).assumingMemoryBound(
      to: UInt8.self)
    guard bytes[position + length] == 0 else {
      throw Failure(.damaged, "section \(section): a text does not end with zero")
    }
    guard isText(text) else {
      throw Failure(.damaged, "section \(section): a text is not UTF-8, or has a zero or control character in it")
    }
    position += length + 1
    return text
  }

  func finish() throws(Failure) {
    guard position == bytes.count else {
      throw Failure(.damaged, "section \(section): \(bytes.count - position) bytes follow the last text")
    }
  }

  private mutating func integer() throws(Failure) -> Int {
    guard bytes.count - position >= 4 else { throw Failure(.damaged, "section \(section) ends early") }
    defer { position += 4 }
    return Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
  }
}

/// Whether the bytes are well-formed UTF-8 (Unicode 15, table 3-7) without control characters other than tab and newline.
func isText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  var index = 0
  while index < bytes.count {
    let first = bytes[index]
    let length: Int
    // The second byte's range excludes overlong forms, surrogates, control characters and what lies beyond U+10FFFF.
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch first {
    case 0x09, 0x0a, 0x20...0x7e: length = 1
    case 0xc2: (length, second) = (2, 0xa0...0xbf)  // below are the control characters U+0080 to U+009F
    case 0xc3...0xdf: length = 2
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: length = 3
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: length = 4
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return false
    }
    guard index + length <= bytes.count else { return false }
    if length > 1, !second.contains(bytes[index + 1]) { return false }
    if length > 2 {
      for later in 2..<length where bytes[index + later] & 0xc0 != 0x80 { return false }
    }
    index += length
  }
  return true
}

extension Name {
  /// Bytes before the padding.
  var length: Int {
    var length = 0
    while length < Name.capacity, bytes[length] != 0 { length += 1 }
    return length
  }

  /// Whether the name is UTF-8 text that ends with a zero, and everything after it is zero.
  var isValid: Bool {
    let length = length
    guard length < Name.capacity else { return false }
    for index in length..<Name.capacity where bytes[index] != 0 { return false }
    return withText { isText($0) }
  }

  func withText<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    let length = length
    return withUnsafeBytes(of: bytes) {
      body(UnsafeBufferPointer(start: $0.baseAddress?.assumingMemoryBound(to: UInt8.self), count: length))
    }
  }
}
