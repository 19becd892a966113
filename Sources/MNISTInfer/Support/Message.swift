/// A line of text for a person, of at most 251 bytes of UTF-8, without any allocation.
///
/// Written as a string with interpolations: `"layer \(index): stride is 0"`. Text beyond the capacity is cut at a character.
public struct Message: ExpressibleByStringInterpolation, Sendable {
  /// Bytes of `dnn_error.message`, its final zero included.
  static let capacity = 252

  fileprivate var bytes = InlineArray<252, UInt8>(repeating: 0)
  fileprivate var count = 0

  init() {}

  /// A message without interpolations.
  public init(stringLiteral text: StaticString) { append(text) }
  /// A message with values filled in.
  public init(stringInterpolation text: Interpolation) { self = text.message }

  /// Copies the text and a zero to `destination`, which takes `capacity` bytes.
  func copy(to destination: UnsafeMutablePointer<CChar>) {
    let count = completeCount
    for index in 0..<count { destination[index] = CChar(bitPattern: bytes[index]) }
    destination[count] = 0
  }

  /// The bytes without a last character that the capacity cut in two.
  private var completeCount: Int {
    guard count == Message.capacity - 1 else { return count }
    var start = count - 1
    while start > 0, bytes[start] & 0xc0 == 0x80 { start -= 1 }
    let length = bytes[start] >= 0xf0 ? 4 : bytes[start] >= 0xe0 ? 3 : bytes[start] >= 0xc0 ? 2 : 1
    return start + length > count ? start : count
  }

  mutating func append(_ text: StaticString) {
    if text.hasPointerRepresentation {
      append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    } else {
      append(byte: UInt8(truncatingIfNeeded: text.unicodeScalar.value))  // such a literal is one ASCII character
    }
  }

  /// Text from outside: what is not UTF-8, or a control character, becomes "?", so that a file cannot write to a terminal
  /// through an error message.
  mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
    var index = 0
    while index < text.count {
      let length = text[index] < 0x20 ? nil : characterLength(text, index)
      if length == nil { append(byte: 0x3f) }
      for offset in 0..<(length ?? 0) { append(byte: text[index + offset]) }
      index += length ?? 1
    }
  }

  mutating func append(_ value: UInt64) {
    if value >= 10 { append(value / 10) }
    append(byte: 0x30 + UInt8(value % 10))
  }

  fileprivate mutating func append(byte: UInt8) {
    guard count < Message.capacity - 1 else { return }
    bytes[count] = byte
    count += 1
  }

  /// Collects the parts of an interpolated message.
  public struct Interpolation: StringInterpolationProtocol {
    var message = Message()

    /// An empty message; the sizes are of no use, because its capacity is fixed.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Text of the message itself.
    public mutating func appendLiteral(_ text: StaticString) { message.append(text) }

    /// An integer in decimal.
    public mutating func appendInterpolation<Integer: BinaryInteger>(_ value: Integer) {
      if value < 0 { message.append("-") }
      message.append(UInt64(truncatingIfNeeded: value.magnitude))
    }
    /// A literal.
    public mutating func appendInterpolation(_ text: StaticString) { message.append(text) }
    /// Text from outside, without its control characters.
    public mutating func appendInterpolation(_ text: UnsafeBufferPointer<UInt8>) { message.append(text) }
    /// The four characters.
    public mutating func appendInterpolation(_ code: FourCC) {
      withUnsafeBytes(of: code.rawValue.littleEndian) { message.append($0.assumingMemoryBound(to: UInt8.self)) }
    }
    /// Another message.
    public mutating func appendInterpolation(_ inner: Message) {
      for index in 0..<inner.count { message.append(byte: inner.bytes[index]) }
    }
    /// A C string.
    public mutating func appendInterpolation(_ text: UnsafePointer<CChar>) {
      var length = 0
      while length < Message.capacity, text[length] != 0 { length += 1 }
      text.withMemoryRebound(to: UInt8.self, capacity: length) {
        message.append(UnsafeBufferPointer(start: $0, count: length))
      }
    }
  }
}

#if !hasFeature(Embedded)
  extension Message: CustomStringConvertible {
    /// The text.
    public var description: String {
      let count = completeCount
      return String(unsafeUninitializedCapacity: count) { buffer in
        for index in 0..<count { buffer[index] = bytes[index] }
        return count
      }
    }
  }
#endif
