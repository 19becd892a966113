import CPlatform

/// A line of text for a person, of at most 251 bytes of UTF-8.
///
/// Written as a string with interpolations: `layer: index, "stride is 0"`. Text beyond the capacity is cut at a character.
///
/// There are hundreds of messages, and they pass through most functions of the loader. So a message is but a pointer to its
/// text, and nothing that builds one is inlined; copies of 252 bytes and inlined loops would be a third of the library.
public struct Message: ExpressibleByStringInterpolation, @unchecked Sendable {
  /// Bytes of `dnn_error.message`, its final zero included.
  static let capacity = 252

  /// A C string in `capacity` bytes; nil where there was no memory for it.
  private let text: UnsafeMutablePointer<CChar>?

  #if hasFeature(Embedded)
    /// Frees the text. Ordinary Swift does so after the last reference, but Embedded Swift counts references only of what it
    /// allocates itself, and that traps where memory runs out. So here, who lets go of a failure calls this.
    @inline(never) func discard() { free(text) }
  #else
    private let owner: Owner

    private final class Owner {
      let text: UnsafeMutablePointer<CChar>?
      init(_ text: UnsafeMutablePointer<CChar>?) { self.text = text }
      deinit { free(text) }
    }

    func discard() {}
  #endif

  @inline(never) private init() {
    text = calloc(1, Message.capacity)?.bindMemory(to: CChar.self, capacity: Message.capacity)
    #if !hasFeature(Embedded)
      owner = Owner(text)
    #endif
  }

  /// A message without interpolations.
  public init(stringLiteral text: StaticString) {
    self.init()
    append(text)
  }
  /// A message with values filled in.
  public init(stringInterpolation text: Interpolation) { self = text.message }

  /// Copies the text and a zero to `destination`, which takes `capacity` bytes.
  func copy(to destination: UnsafeMutablePointer<CChar>) {
    memcpy(destination, start, strlen(start) + 1)
  }

  fileprivate var start: UnsafePointer<CChar> { text.map { UnsafePointer($0) } ?? cString("out of memory") }

  @inline(__always) private func append(_ text: StaticString) {
    // Of the literals around the values of an interpolation, many are empty.
    if text.utf8CodeUnitCount > 0 { append(literal: text.utf8Start) }
  }

  /// A literal ends in a zero: no length to pass at hundreds of places.
  @inline(never) private func append(literal: UnsafePointer<UInt8>) {
    append(literal, strlen(UnsafeRawPointer(literal).assumingMemoryBound(to: CChar.self)))
  }

  /// Well-formed text without zeros.
  @inline(never) private func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    guard let text else { return }
    let start = strlen(text)
    var added = min(count, Message.capacity - 1 - start)
    if added < count {
      // No part of a character: back to where one starts.
      while added > 0, bytes[added] & 0xc0 == 0x80 { added -= 1 }
    }
    memcpy(text + start, bytes, added)
  }

  /// Text from outside: what is not UTF-8, or a control character, becomes "?", so that a file cannot write to a terminal
  /// through an error message.
  @inline(never) private func appendForeign(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    var index = 0
    while index < bytes.count {
      if bytes[index] >= 0x20, let length = characterLength(bytes, index) {
        append(start + index, length)
        index += length
      } else {
        append("?")
        index += 1
      }
    }
  }

  @inline(never) private func append(_ value: Int64) {
    if value < 0 { append("-") }
    append(value.magnitude)
  }

  @inline(never) private func append(_ value: UInt64) {
    if value >= 10 { append(value / 10) }
    var digit = 0x30 + UInt8(value % 10)
    append(&digit, 1)
  }

  /// Collects the parts of an interpolated message.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate let message = Message()

    /// An empty message; the sizes are of no use, because its capacity is fixed.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Text of the message itself.
    @inline(__always) public func appendLiteral(_ text: StaticString) { message.append(text) }

    /// An integer in decimal.
    @inline(__always) public func appendInterpolation<Integer: FixedWidthInteger>(_ value: Integer) {
      if Integer.isSigned || Integer.bitWidth < UInt64.bitWidth {
        message.append(Int64(truncatingIfNeeded: value))
      } else {
        message.append(UInt64(truncatingIfNeeded: value))
      }
    }
    /// A literal.
    @inline(never) public func appendInterpolation(_ text: StaticString) { message.append(text) }
    /// Text from outside, without its control characters.
    @inline(never) public func appendInterpolation(_ text: UnsafeBufferPointer<UInt8>) { message.appendForeign(text) }
    /// The four characters.
    @inline(never) public func appendInterpolation(_ code: FourCC) {
      withUnsafeBytes(of: code.rawValue.littleEndian) { message.appendForeign($0.assumingMemoryBound(to: UInt8.self)) }
    }
    /// Another message, which ends in this one.
    @inline(never) public func appendInterpolation(_ inner: Message) {
      appendInterpolation(inner.start)
      inner.discard()
    }
    /// A C string.
    @inline(never) public func appendInterpolation(_ text: UnsafePointer<CChar>) {
      let bytes = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
      message.appendForeign(UnsafeBufferPointer(start: bytes, count: strlen(text)))
    }
  }
}

#if !hasFeature(Embedded)
  extension Message: CustomStringConvertible {
    /// The text.
    public var description: String { String(cString: start) }
  }
#endif
