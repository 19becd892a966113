/// Four ASCII characters that name a section or a kind of layer in the file, first character in the lowest byte.
public struct FourCC: Equatable, Sendable {
  /// The characters as a little-endian integer.
  public var rawValue: UInt32

  /// Any four bytes.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The text is exactly four ASCII characters.
  package init(_ text: StaticString) {
    precondition(text.utf8CodeUnitCount == 4)
    let bytes = text.utf8Start
    rawValue = UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16 | UInt32(bytes[3]) << 24
  }
}
