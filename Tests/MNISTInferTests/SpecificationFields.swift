import MNISTInfer

/// Lists a record's fields as the specification's tables do: offset, size, type, name.
struct FieldListing: FieldCoder {
  private(set) var rows: [[String]] = []
  private var offset = 0

  init<Content: Record>(_: Content.Type) {
    var record = Content()
    record.code(&self)
  }

  private mutating func add(_ name: String, _ type: String, size: Int) {
    rows.append(["\(offset)", "\(size)", type, name])
    offset += size
  }

  mutating func field(_ name: StaticString, _ value: inout UInt16) { add("\(name)", "u16", size: 2) }
  mutating func field(_ name: StaticString, _ value: inout UInt32) { add("\(name)", "u32", size: 4) }
  mutating func field(_ name: StaticString, _ value: inout UInt64) { add("\(name)", "u64", size: 8) }
  mutating func field(_ name: StaticString, _ value: inout Float) { add("\(name)", "f32", size: 4) }
  mutating func field(_ name: StaticString, _ value: inout FourCC) { add("\(name)", "code", size: 4) }
  mutating func field(_ name: StaticString, _ value: inout Name) { add("\(name)", "name", size: Name.capacity) }
  mutating func reserved(_ count: Int) { add("reserved", "zero", size: count) }
}

extension FourCC {
  /// The four characters.
  var text: String { String(decoding: withUnsafeBytes(of: rawValue.littleEndian) { Array($0) }, as: UTF8.self) }
}

/// Codes and names of an enumeration, by trying the first 1,000 codes.
func cases<Value: RawRepresentable>(_: Value.Type) -> [[String]] where Value.RawValue == UInt32 {
  (0..<1000).compactMap { code in Value(rawValue: code).map { ["\(code)", "\($0)"] } }
}
