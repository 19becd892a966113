import DNNModel
import MNISTInfer
import TestSupport

/// A `.dnn` file taken apart into its sections.
struct DNNSections {
  private typealias Section = (tag: FourCC, flags: UInt32, bytes: [UInt8])
  private var sections: [Section] = []

  /// As far as the table makes sense.
  init(_ file: [UInt8]) {
    file.withUnsafeBytes { file in
      sections = DNNSections.entries(file).map { ($0.tag, $0.flags, Array(file[DNNSections.range($0)])) }
    }
  }

  /// Entries of the table whose sections lie in the file.
  private static func entries(_ file: UnsafeRawBufferPointer) -> [SectionEntry] {
    guard file.count >= FileHeader.size, let start = file.baseAddress else { return [] }
    let count = min(Int(FileHeader.read(start).record.sectionCount), file.count / SectionEntry.size - 1)
    return (0..<count).map { SectionEntry.read(start + FileHeader.size + $0 * SectionEntry.size).record }
      .filter { $0.offset <= file.count && $0.length <= UInt64(file.count) - $0.offset }
  }

  private static func range(_ entry: SectionEntry) -> Range<Int> {
    Int(entry.offset)..<Int(entry.offset + entry.length)
  }

  /// Makes the checksums right, so that a change gets past them. The file's bytes may be of any kind.
  static func repairChecksums(_ file: UnsafeMutableRawBufferPointer) {
    let bytes = UnsafeRawBufferPointer(file)
    guard bytes.count >= FileHeader.size, let start = bytes.baseAddress else { return }
    let header = FileHeader.read(start).record
    for index in 0..<min(Int(header.sectionCount), bytes.count / SectionEntry.size - 1) {
      let offset = FileHeader.size + index * SectionEntry.size
      let entry = SectionEntry.read(start + offset).record
      guard entry.offset <= bytes.count, entry.length <= UInt64(bytes.count) - entry.offset else { continue }
      // The table's last eight bytes are the checksum and reserved ones.
      let checksum = Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[range(entry)]))
      file.storeBytes(of: checksum.littleEndian, toByteOffset: offset + SectionEntry.size - 8, as: UInt32.self)
    }
    let end = FileHeader.size + Int(header.sectionCount) * SectionEntry.size
    guard end <= bytes.count else { return }
    let checksum = headerChecksum(bytes, end: end)
    file.storeBytes(of: checksum.littleEndian, toByteOffset: FileHeader.size - 8, as: UInt32.self)
  }

  /// The file with one section, or the order of sections, changed and everything around it right.
  static func mutate(_ file: [UInt8], _ random: inout Random) -> [UInt8]? {
    var parts = DNNSections(file)
    guard !parts.sections.isEmpty else { return nil }
    let index = random.int(0...(parts.sections.count - 1))
    switch random.int(0...15) {
    case 0: parts.sections.remove(at: index)
    case 1: parts.sections.insert(parts.sections[index], at: random.int(0...parts.sections.count))
    case 2: parts.sections.insert((FourCC("xtra"), UInt32(random.int(0...1)), [1, 2, 3]), at: index)
    case 3...7: parts.changeRecords(index, &random)
    default: parts.sections[index].bytes = mutated(parts.sections[index].bytes)
    }
    return assemble(parts.sections)
  }

  /// Removes, repeats or exchanges whole records of a section that consists of such.
  private mutating func changeRecords(_ index: Int, _ random: inout Random) {
    let section = sections[index]
    let layout: [(tag: FourCC, header: Int, record: Int)] = [
      (FourCC("LAYR"), NetworkRecord.size, LayerRecord.size), (FourCC("TNSR"), 0, TensorRecord.size),
      (FourCC("QUAN"), 0, QuantizationRecord.size), (FourCC("HIST"), 0, EpochRecord.size),
    ]
    let known = layout.first { $0.tag == section.tag }
    guard let (_, header, size) = known, section.bytes.count >= header + size else {
      return sections[index].bytes = mutated(section.bytes)
    }
    var records = stride(from: header, through: section.bytes.count - size, by: size).map {
      section.bytes[$0..<$0 + size]
    }
    let (first, second) = (random.int(0...(records.count - 1)), random.int(0...(records.count - 1)))
    switch random.int(0...3) {
    case 0: records.remove(at: first)
    case 1: records.insert(records[first], at: second)
    case 2: records.swapAt(first, second)
    default: records[first] = (mutated(Array(records[first])) + [UInt8](repeating: 0, count: size)).prefix(size)
    }
    sections[index].bytes = Array(section.bytes.prefix(header) + records.joined())
    guard header > 0 else { return }
    // The last field of the network's record counts its layers.
    let count = withUnsafeBytes(of: UInt32(records.count).littleEndian) { Array($0) }
    sections[index].bytes.replaceSubrange(header - 4..<header, with: count)
  }
}
