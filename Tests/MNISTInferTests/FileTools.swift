import DNNModel
import MNISTInfer

/// What the runtime makes of a file: it opens and predicts, or fails with a status.
enum Outcome: Equatable {
  case works
  case fails(Status, String)

  var isDamaged: Bool {
    if case .fails(.damaged, _) = self { true } else { false }
  }
}

/// Opens the bytes and, if that works, predicts one picture.
func outcome(_ bytes: [UInt8]) -> Outcome {
  do {
    let classifier = try Classifier(bytes: bytes, threads: 1)
    _ = try classifier.predict([UInt8](repeating: 77, count: classifier.input.count))
    return .works
  } catch let failure as Failure {
    return .fails(failure.status, failure.description)
  } catch {
    return .fails(.badArgument, "\(error)")
  }
}

/// One entry of a file's table of sections.
struct Section {
  var tag: String
  var range: Range<Int>
  /// Where the table has the section's checksum.
  var checksum: Int
}

/// The table of sections as it stands, as far as the bytes hold it and the sections are inside of the file.
func sections(_ bytes: [UInt8]) -> [Section] {
  let count = min(Int(integer(bytes, 12)), (bytes.count - 32) / 32)
  return (0..<max(count, 0)).compactMap { index in
    let entry = 32 + 32 * index
    let tag = String(decoding: bytes[entry..<(entry + 4)], as: UTF8.self)
    let (offset, length) = (integer64(bytes, entry + 8), integer64(bytes, entry + 16))
    guard offset <= bytes.count, length <= UInt64(bytes.count) - offset else { return nil }
    return Section(tag: tag, range: Int(offset)..<Int(offset + length), checksum: entry + 24)
  }
}

/// The bytes with every checksum computed again, so that a change gets past them.
func withRepairedChecksums(_ original: [UInt8]) -> [UInt8] {
  guard original.count >= 32 else { return original }
  var bytes = original
  for section in sections(bytes) {
    set(&bytes, section.checksum, bytes[section.range].withUnsafeBytes(Checksum.of))
  }
  let end = 32 + 32 * Int(integer(bytes, 12))
  if end <= bytes.count { set(&bytes, 24, bytes.withUnsafeBytes { headerChecksum($0, end: end) }) }
  return bytes
}

func integer(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
  bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
}

func integer64(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
  bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
}

func set<Integer: FixedWidthInteger>(_ bytes: inout [UInt8], _ offset: Int, _ value: Integer) {
  bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Integer.self) }
}
