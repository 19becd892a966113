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

  /// A C string in `capacity` bytes, or `noMemory`.
  private let text: UnsafeMutablePointer<CChar>

  /// The text where there was no memory for one: never written, never freed. Not inlined, so that it has one address.
  @inline(never) private static var noMemory: UnsafeMutablePointer<CChar> {
    UnsafeMutablePointer(mutating: cString("out of memory"))
  }

  #if hasFeature(Embedded)
    /// Frees the text. Ordinary Swift does so after the last reference, but Embedded Swift counts references only of what it
    /// allocates itself, and that traps where memory runs out. So here, who lets go of a failure calls this.
    @inline(never) func discard() { if text != Message.noMemory { free(text) } }
  #else
    private let owner: Owner

    private final class Owner {
      let text: UnsafeMutablePointer<CChar>
      init(_ text: UnsafeMutablePointer<CChar>) { self.text = text }
      deinit { if text != Message.noMemory { free(text) } }
    }

    func discard() {}
  #endif

  @inline(never) private init() {
    text = calloc(1, Message.capacity)?.bindMemory(to: CChar.self, capacity: Message.capacity) ?? Message.noMemory
    #if !hasFeature(Embedded)
      owner = Owner(text)
    #endif
  }

  /// A message without interpolations.
  public init(stringLiteral text: StaticString) { self = Message.append(text.utf8Start, to: nil) }
  /// A message with values filled in.
  public init(stringInterpolation text: Interpolation) { self = text.finished }

  /// Copies the text and a zero to `destination`, which takes `capacity` bytes.
  func copy(to destination: UnsafeMutablePointer<CChar>) {
    memcpy(destination, start, strlen(start) + 1)
  }

  private var start: UnsafePointer<CChar> { UnsafePointer(text) }

  /// Well-formed text without zeros.
  @inline(never) private func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    if text == Message.noMemory { return }
    let start = strlen(text)
    var added = min(count, Message.capacity - 1 - start)
    if added < count {
      // No part of a character: back to where one starts.
      while added > 0, bytes[added] & 0xc0 == 0x80 { added -= 1 }
    }
    memcpy(text + start, bytes, added)
  }

  @inline(never) private func append(_ value: UInt64) {
    if value >= 10 { append(value / 10) }
    var digit = 0x30 + UInt8(value % 10)
    append(&digit, 1)
  }

  private func append(_ character: Unicode.Scalar) {
    var byte = UInt8(truncatingIfNeeded: character.value)
    append(&byte, 1)
  }

  // What follows appends a literal and a value to a message, or to a new one. A literal ends in a zero: no length to pass at
  // hundreds of places.

  @inline(never) private static func append(_ literal: UnsafePointer<UInt8>, to begun: Message?) -> Message {
    let message = begun ?? Message()
    message.append(literal, strlen(UnsafeRawPointer(literal).assumingMemoryBound(to: CChar.self)))
    return message
  }

  @inline(never) private static func append(
    _ literal: UnsafePointer<UInt8>, literal second: UnsafePointer<UInt8>, to begun: Message?
  ) -> Message {
    append(second, to: append(literal, to: begun))
  }

  @inline(never) private static func append(
    _ literal: UnsafePointer<UInt8>, _ value: Int64, to begun: Message?
  ) -> Message {
    let message = append(literal, to: begun)
    if value < 0 { message.append("-") }
    message.append(value.magnitude)
    return message
  }

  @inline(never) private static func append(
    _ literal: UnsafePointer<UInt8>, _ value: UInt64, to begun: Message?
  ) -> Message {
    let message = append(literal, to: begun)
    message.append(value)
    return message
  }

  /// Text from outside: what is not UTF-8, or a control character, becomes "?", so that a file cannot write to a terminal
  /// through an error message.
  @inline(never) private static func append(
    _ literal: UnsafePointer<UInt8>, _ foreign: UnsafeBufferPointer<UInt8>, to begun: Message?
  ) -> Message {
    let message = append(literal, to: begun)
    guard let start = foreign.baseAddress else { return message }
    var index = 0
    while index < foreign.count {
      if foreign[index] >= 0x20, let length = characterLength(foreign, index) {
        message.append(start + index, length)
        index += length
      } else {
        message.append("?")
        index += 1
      }
    }
    return message
  }

  /// A C string from outside.
  @inline(never) private static func append(
    _ literal: UnsafePointer<UInt8>, _ text: UnsafePointer<CChar>, to begun: Message?
  ) -> Message {
    let bytes = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
    return append(literal, UnsafeBufferPointer(start: bytes, count: strlen(text)), to: begun)
  }

  @inline(never) private static func append(
    _ literal: UnsafePointer<UInt8>, _ code: FourCC, to begun: Message?
  ) -> Message {
    withUnsafeBytes(of: code.rawValue.littleEndian) {
      append(literal, $0.assumingMemoryBound(to: UInt8.self), to: begun)
    }
  }

  @inline(never) private static func append(
    _ literal: UnsafePointer<UInt8>, _ inner: Message, to begun: Message?
  ) -> Message {
    defer { inner.discard() }
    return append(literal, inner.start, to: begun)
  }

  /// Collects the parts of an interpolated message.
  public struct Interpolation: StringInterpolationProtocol {
    /// Nil before the first value.
    private var message: Message?
    /// The literal before the next value, which is appended with it: one call instead of two at hundreds of places.
    private var pending: StaticString = ""

    /// An empty message; the sizes are of no use, because its capacity is fixed.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Text of the message itself.
    @inline(__always) public mutating func appendLiteral(_ text: StaticString) { pending = text }

    /// An integer in decimal.
    @inline(__always) public mutating func appendInterpolation<Integer: FixedWidthInteger>(_ value: Integer) {
      if Integer.isSigned || Integer.bitWidth < UInt64.bitWidth {
        message = Message.append(takePending(), Int64(truncatingIfNeeded: value), to: message)
      } else {
        message = Message.append(takePending(), UInt64(truncatingIfNeeded: value), to: message)
      }
    }
    /// A literal.
    @inline(__always) public mutating func appendInterpolation(_ text: StaticString) {
      message = Message.append(takePending(), literal: text.utf8Start, to: message)
    }
    /// Text from outside, without its control characters.
    @inline(__always) public mutating func appendInterpolation(_ text: UnsafeBufferPointer<UInt8>) {
      message = Message.append(takePending(), text, to: message)
    }
    /// The four characters.
    @inline(__always) public mutating func appendInterpolation(_ code: FourCC) {
      message = Message.append(takePending(), code, to: message)
    }
    /// Another message, which ends in this one.
    @inline(__always) public mutating func appendInterpolation(_ inner: Message) {
      message = Message.append(takePending(), inner, to: message)
    }
    /// A C string.
    @inline(__always) public mutating func appendInterpolation(_ text: UnsafePointer<CChar>) {
      message = Message.append(takePending(), text, to: message)
    }

    @inline(__always) private mutating func takePending() -> UnsafePointer<UInt8> {
      defer { pending = "" }
      return pending.utf8Start
    }

    /// With the literal after the last value, which is empty where a message ends in a value.
    @inline(__always) fileprivate var finished: Message {
      if let message, pending.utf8CodeUnitCount == 0 { return message }
      return Message.append(pending.utf8Start, to: message)
    }
  }
}

#if !hasFeature(Embedded)
  extension Message: CustomStringConvertible {
    /// The text.
    public var description: String { String(cString: start) }
  }
#endif
