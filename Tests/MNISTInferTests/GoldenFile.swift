import DNNModel
import MNISTInfer

/// A file taken apart into its sections, to be changed in one place and put together again.
struct GoldenFile {
  var sections: [(tag: FourCC, flags: UInt32, bytes: [UInt8])]
  /// Changes of the finished file, after which its checksums are made right again.
  private var patches: [(inout [UInt8]) -> Void] = []
  /// Changes of the finished file, after which nothing is made right.
  private var damages: [(inout [UInt8]) -> Void] = []

  init(_ bytes: [UInt8]) {
    sections = MNISTInferTests.sections(bytes).map { section in
      (
        tag: FourCC(rawValue: integer(bytes, section.checksum - 24)), flags: integer(bytes, section.checksum - 20),
        bytes: Array(bytes[section.range])
      )
    }
  }

  var encoded: [UInt8] {
    var bytes = assemble(sections)
    for patch in patches { patch(&bytes) }
    if !patches.isEmpty { bytes = withRepairedChecksums(bytes) }
    for damage in damages { damage(&bytes) }
    return bytes
  }

  /// The bytes of the section with a tag.
  subscript(tag: String) -> [UInt8] {
    get { sections[index(tag)].bytes }
    set { sections[index(tag)].bytes = newValue }
  }

  func index(_ tag: String) -> Int { sections.firstIndex { $0.tag.text == tag }! }

  // MARK: Changes inside of sections

  mutating func network(_ field: String, _ value: UInt64) {
    put(FieldListing(NetworkRecord.self), field, value, in: &self["LAYR"], at: 0)
  }

  mutating func layer(_ index: Int, _ field: String, _ value: UInt64) {
    let start = NetworkRecord.size + index * LayerRecord.size
    put(FieldListing(LayerRecord.self), field, value, in: &self["LAYR"], at: start)
  }

  mutating func layer(_ index: Int, parameter: Float) {
    layer(index, "activation parameter", UInt64(parameter.bitPattern))
  }

  mutating func tensor(_ index: Int, _ field: String, _ value: UInt64) {
    put(FieldListing(TensorRecord.self), field, value, in: &self["TNSR"], at: index * TensorRecord.size)
  }

  mutating func preparation(_ field: String, _ value: UInt64) {
    put(FieldListing(PreparationRecord.self), field, value, in: &self["PREP"], at: 0)
  }

  mutating func normalisation(_ field: String, _ value: Float) {
    put(FieldListing(NormalisationRecord.self), field, UInt64(value.bitPattern), in: &self["NORM"], at: 0)
  }

  /// A field of one value's record in QUAN.
  mutating func quantization(_ value: Int, scale: Float) { float("QUAN", at: value * QuantizationRecord.size, scale) }

  mutating func quantization(_ value: Int, zeroPoint: UInt32) {
    MNISTInferTests.set(&self["QUAN"], value * QuantizationRecord.size + 4, zeroPoint)
  }

  /// A float32 anywhere in a section.
  mutating func float(_ tag: String, at offset: Int, _ value: Float) {
    MNISTInferTests.set(&self[tag], offset, value.bitPattern)
  }

  /// The 40 bytes of a name.
  mutating func name(ofLayer index: Int, _ bytes: [UInt8]) {
    write(name(bytes), to: "LAYR", at: NetworkRecord.size + index * LayerRecord.size + 4)
  }

  mutating func name(ofTensor index: Int, _ bytes: [UInt8]) {
    write(name(bytes), to: "TNSR", at: index * TensorRecord.size)
  }

  private func name(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: Name.capacity - bytes.count) }

  private mutating func write(_ bytes: [UInt8], to tag: String, at offset: Int) {
    self[tag].replaceSubrange(offset..<(offset + bytes.count), with: bytes)
  }

  // MARK: Changes of the finished file

  mutating func header(_ field: String, _ value: UInt64) {
    patches.append { put(FieldListing(FileHeader.self), field, value, in: &$0, at: 0) }
  }

  mutating func entry(_ tag: String, _ field: String, _ value: UInt64) {
    let start = FileHeader.size + index(tag) * SectionEntry.size
    patches.append { put(FieldListing(SectionEntry.self), field, value, in: &$0, at: start) }
  }

  mutating func patch(_ change: @escaping (inout [UInt8]) -> Void) { patches.append(change) }
  mutating func damage(_ change: @escaping (inout [UInt8]) -> Void) { damages.append(change) }
}

/// Writes an integer into a field of a record, found by the name it has in the specification.
private func put(
  _ listing: FieldListing, _ field: String, _ value: UInt64, in bytes: inout [UInt8], at start: Int
) {
  let row = listing.rows.first { $0[3] == field }!
  let (offset, size) = (start + Int(row[0])!, Int(row[1])!)
  for index in 0..<min(size, 8) { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
}
