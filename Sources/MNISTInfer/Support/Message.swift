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
  public init(stringLiteral text: StaticString) { self.init(literal: text.utf8Start) }
  /// A message with values filled in.
  public init(stringInterpolation text: Interpolation) {
    self = text.message
    append(text.pending)
  }

  /// Copies the text and a zero to `destination`, which takes `capacity` bytes.
  func copy(to destination: UnsafeMutablePointer<CChar>) {
    memcpy(destination, start, strlen(start) + 1)
  }

  fileprivate var start: UnsafePointer<CChar> { text.map { UnsafePointer($0) } ?? cString("out of memory") }

  @inline(__always) private func append(_ text: StaticString) {
    // Where a message ends in a value, the literal after it is empty.
    if text.utf8CodeUnitCount > 0 { append(literal: text.utf8Start) }
  }

  @inline(never) private init(literal: UnsafePointer<UInt8>) {
    self.init()
    append(literal: literal)
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
  @inline(never) private func append(literal: UnsafePointer<UInt8>, foreign bytes: UnsafeBufferPointer<UInt8>) {
    append(literal: literal)
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

  /// A C string from outside.
  @inline(never) private func append(literal: UnsafePointer<UInt8>, _ text: UnsafePointer<CChar>) {
    let bytes = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
    append(literal: literal, foreign: UnsafeBufferPointer(start: bytes, count: strlen(text)))
  }

  @inline(never) private func append(literal: UnsafePointer<UInt8>, _ code: FourCC) {
    withUnsafeBytes(of: code.rawValue.littleEndian) {
      append(literal: literal, foreign: $0.assumingMemoryBound(to: UInt8.self))
    }
  }

  @inline(never) private func append(literal: UnsafePointer<UInt8>, _ inner: Message) {
    append(literal: literal, inner.start)
    inner.discard()
  }

  @inline(never) private func append(literal: UnsafePointer<UInt8>, _ value: Int64) {
    append(literal: literal)
    if value < 0 { append("-") }
    append(value.magnitude)
  }

  @inline(never) private func append(literal: UnsafePointer<UInt8>, _ value: UInt64) {
    append(literal: literal)
    append(value)
  }

  @inline(never) private func append(_ value: UInt64) {
    if value >= 10 { append(value / 10) }
    var digit = 0x30 + UInt8(value % 10)
    append(&digit, 1)
  }

  /// Collects the parts of an interpolated message.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate let message = Message()
    /// The literal before the next value, which is appended with it: one call instead of two at hundreds of places.
    fileprivate var pending: StaticString = ""

    /// An empty message; the sizes are of no use, because its capacity is fixed.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Text of the message itself.
    @inline(__always) public mutating func appendLiteral(_ text: StaticString) { pending = text }

    /// An integer in decimal.
    @inline(__always) public mutating func appendInterpolation<Integer: FixedWidthInteger>(_ value: Integer) {
      let literal = takePending()
      if Integer.isSigned || Integer.bitWidth < UInt64.bitWidth {
        message.append(literal: literal, Int64(truncatingIfNeeded: value))
      } else {
        message.append(literal: literal, UInt64(truncatingIfNeeded: value))
      }
    }
    /// A literal.
    @inline(__always) public mutating func appendInterpolation(_ text: StaticString) {
      message.append(literal: takePending())
      message.append(literal: text.utf8Start)
    }
    /// Text from outside, without its control characters.
    @inline(__always) public mutating func appendInterpolation(_ text: UnsafeBufferPointer<UInt8>) {
      message.append(literal: takePending(), foreign: text)
    }
    /// The four characters.
    @inline(__always) public mutating func appendInterpolation(_ code: FourCC) {
      message.append(literal: takePending(), code)
    }
    /// Another message, which ends in this one.
    @inline(__always) public mutating func appendInterpolation(_ inner: Message) {
      message.append(literal: takePending(), inner)
    }
    /// A C string.
    @inline(__always) public mutating func appendInterpolation(_ text: UnsafePointer<CChar>) {
      message.append(literal: takePending(), text)
    }

    @inline(__always) private mutating func takePending() -> UnsafePointer<UInt8> {
      defer { pending = "" }
      return pending.utf8Start
    }
  }
}

#if !hasFeature(Embedded)
  extension Message: CustomStringConvertible {
    /// The text.
    public var description: String { String(cString: start) }
  }
#endif
