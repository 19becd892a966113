/// Walks the fields of a record in the order in which they stand in the file.
///
/// Each record of the format names its fields once, in `code(_:)`. A reader, a writer and the listing that the specification
/// is compared with are three coders over that one description, so they cannot disagree.
package protocol FieldCoder {
  mutating func field(_ name: StaticString, _ value: inout UInt16)
  mutating func field(_ name: StaticString, _ value: inout UInt32)
  mutating func field(_ name: StaticString, _ value: inout UInt64)
  mutating func field(_ name: StaticString, _ value: inout Float)
  mutating func field(_ name: StaticString, _ value: inout FourCC)
  mutating func field(_ name: StaticString, _ value: inout Name)
  /// Bytes that are zero in this version; a reader rejects anything else.
  mutating func reserved(_ count: Int)
}

/// A structure of fixed size in the file.
package protocol Record {
  /// Bytes in the file.
  static var size: Int { get }
  /// A record with every field zero.
  init()
  mutating func code<Coder: FieldCoder>(_ coder: inout Coder)
}

/// A name of up to 39 bytes of UTF-8, padded with zeros to 40 bytes.
package struct Name: BitwiseCopyable {
  package static let capacity = 40
  package var bytes = InlineArray<40, UInt8>(repeating: 0)
  package init() {}
}

/// Reads a record's fields, little-endian, from memory that holds at least the record's size.
struct FieldReader: FieldCoder {
  private(set) var next: UnsafeRawPointer
  /// Whether all reserved bytes so far were zero.
  private(set) var reservedAreZero = true

  init(_ start: UnsafeRawPointer) { next = start }

  private mutating func integer<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer {
    let value = Integer(littleEndian: next.loadUnaligned(as: Integer.self))
    next += MemoryLayout<Integer>.size
    return value
  }

  mutating func field(_ name: StaticString, _ value: inout UInt16) { value = integer(UInt16.self) }
  mutating func field(_ name: StaticString, _ value: inout UInt32) { value = integer(UInt32.self) }
  mutating func field(_ name: StaticString, _ value: inout UInt64) { value = integer(UInt64.self) }
  mutating func field(_ name: StaticString, _ value: inout Float) {
    value = Float(bitPattern: integer(UInt32.self))
  }
  mutating func field(_ name: StaticString, _ value: inout FourCC) { value = FourCC(rawValue: integer(UInt32.self)) }
  mutating func field(_ name: StaticString, _ value: inout Name) {
    for index in 0..<Name.capacity { value.bytes[index] = integer(UInt8.self) }
  }
  mutating func reserved(_ count: Int) {
    for _ in 0..<count where integer(UInt8.self) != 0 { reservedAreZero = false }
  }
}

extension Record {
  /// Reads a record; the caller has checked that `size` bytes are there.
  ///
  /// - Returns: the record, and whether its reserved bytes were zero as they must be.
  package static func read(_ bytes: UnsafeRawPointer) -> (record: Self, reservedAreZero: Bool) {
    var record = Self()
    var reader = FieldReader(bytes)
    record.code(&reader)
    return (record, reader.reservedAreZero)
  }
}
