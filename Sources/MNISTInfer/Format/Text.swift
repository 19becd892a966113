/// Strings in a section: a count, then for each its length in bytes (u32), its UTF-8 and a zero byte, so that C can use it in
/// place.
struct TextReader {
  private let section: FourCC
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  /// Strings read so far.
  private var index = 0

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
      throw Failure(
        .damaged, "section \(section): text \(index) has \(length) bytes; the format allows \(Limits.string)")
    }
    guard length < bytes.count - position else {
      throw Failure(.damaged, "section \(section) ends inside text \(index)")
    }
    let text = UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)]).assumingMemoryBound(
      to: UInt8.self)
    guard bytes[position + length] == 0 else {
      throw Failure(.damaged, "section \(section): text \(index) does not end with zero")
    }
    guard isText(text) else {
      throw Failure(
        .damaged, "section \(section): text \(index) is not UTF-8, or has a zero or control character in it")
    }
    position += length + 1
    index += 1
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
    return Int(clamping: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
  }
}

func nameFailure(_ what: StaticString, _ index: Int) -> Failure {
  Failure(
    .damaged, "\(what) \(index): the name is not UTF-8 of up to \(Name.capacity - 1) bytes, padded with zeros")
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
