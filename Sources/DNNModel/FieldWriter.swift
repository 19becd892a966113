import MNISTInfer

/// Appends a record's fields, little-endian.
struct FieldWriter: FieldCoder {
  private(set) var bytes: [UInt8] = []

  private mutating func append<Integer: FixedWidthInteger>(_ value: Integer) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func field(_ name: StaticString, _ value: inout UInt16) { append(value) }
  mutating func field(_ name: StaticString, _ value: inout UInt32) { append(value) }
  mutating func field(_ name: StaticString, _ value: inout UInt64) { append(value) }
  mutating func field(_ name: StaticString, _ value: inout Float) { append(value.bitPattern) }
  mutating func field(_ name: StaticString, _ value: inout FourCC) { append(value.rawValue) }
  mutating func field(_ name: StaticString, _ value: inout Name) {
    for index in 0..<Name.capacity { bytes.append(value.bytes[index]) }
  }
  mutating func reserved(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }
}

extension Record {
  /// The record's bytes in the file.
  package var encoded: [UInt8] {
    var writer = FieldWriter()
    var record = self
    record.code(&writer)
    precondition(writer.bytes.count == Self.size)
    return writer.bytes
  }
}

extension Name {
  /// - Throws: if the text does not fit or has a zero in it.
  init(_ text: String) throws {
    self.init()
    guard text.utf8.count < Name.capacity else {
      throw ModelFileError.nameTooLong(text)
    }
    for (index, byte) in text.utf8.enumerated() { bytes[index] = byte }
  }

  /// The name as a string.
  var text: String { String(decoding: (0..<Name.capacity).map { bytes[$0] }.prefix { $0 != 0 }, as: UTF8.self) }
}

/// A value that the format has no room for.
public enum ModelFileError: Error, CustomStringConvertible {
  /// A name of a layer or tensor with more than 39 bytes.
  case nameTooLong(String)
  /// A number that a field cannot hold.
  case outOfRange(what: String, value: Int)
  /// What the reader says of the bytes that were just written: the description contradicts itself.
  case invalid(String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .nameTooLong(let name): "the name \"\(name)\" has over 39 bytes: shorten it"
    case .outOfRange(let what, let value): "\(what) is \(value), which the format cannot hold"
    case .invalid(let reason): "the model cannot be written: \(reason)"
    }
  }
}
