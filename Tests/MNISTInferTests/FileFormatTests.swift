import DNNModel
import Foundation
import MNISTInfer
import TestSupport
import Testing

@Suite struct FileFormatTests {
  /// A few kilobytes with every kind of layer.
  private func small(_ isInteger: Bool) throws -> [UInt8] {
    try (isInteger ? quantized(smallModel(), seed: 1) : smallModel()).encoded()
  }

  @Test func writingAndReadingKeepsEverything() throws {
    for model in [smallModel(), quantized(smallModel(), seed: 1)] { try writeAndRead(model) }
  }

  private func writeAndRead(_ model: ModelFile) throws {
    let read = try ModelFile(decoding: model.encoded())
    #expect(read.input == model.input)
    #expect(read.labels == model.labels)
    #expect(read.quantization == model.quantization)
    #expect(read.provenance == model.provenance)
    #expect(read.metadata == model.metadata)
    #expect(read.history == model.history)
    #expect(read.trainingState == model.trainingState)
    #expect(read.selfTest?.pictures == model.selfTest?.pictures)
    #expect(read.selfTest?.probabilities == model.selfTest?.probabilities)
    #expect(read.selfTest?.tolerance == model.selfTest?.tolerance)
    #expect(read.tensors.map(\.elements) == model.tensors.map(\.elements))
    #expect(read.tensors.map(\.dimensions) == model.tensors.map(\.dimensions))
    #expect(read.tensors.map(\.name) == model.tensors.map(\.name))
    #expect(read.layers.count == model.layers.count)
    for (a, b) in zip(read.layers, model.layers) {
      #expect(a.kind == b.kind && a.name == b.name && a.inputs == b.inputs && a.output == b.output)
      #expect(a.window == b.window && a.activation == b.activation && a.weights == b.weights && a.bias == b.bias)
    }
    #expect(try read.encoded() == model.encoded(), "the same model gives the same bytes")
  }

  @Test func checksumIsCRC32C() {
    // The check value of CRC-32C and the vectors of RFC 3720, appendix B.4.
    #expect(Array("123456789".utf8).withUnsafeBytes(Checksum.of) == 0xe306_9283)
    #expect([UInt8](repeating: 0, count: 32).withUnsafeBytes(Checksum.of) == 0x8a91_36aa)
    #expect([UInt8](repeating: 0xff, count: 32).withUnsafeBytes(Checksum.of) == 0x62a8_ab43)
    #expect([UInt8](0..<32).withUnsafeBytes(Checksum.of) == 0x46dd_794e)
  }

  @Test func recordsHaveTheirSizes() {
    // `encoded` itself stops where a record's fields do not add up to its size.
    #expect(FileHeader().encoded.count == 32)
    #expect(SectionEntry().encoded.count == 32)
    #expect(NetworkRecord().encoded.count == 16)
    #expect(LayerRecord().encoded.count == 128)
    #expect(TensorRecord().encoded.count == 96)
    #expect(NormalisationRecord().encoded.count == 32)
    #expect(QuantizationRecord().encoded.count == 8)
    #expect(PreparationRecord().encoded.count == 32)
    #expect(EpochRecord().encoded.count == 32)
    #expect(SelfTestRecord().encoded.count == 8)
  }

  @Test(arguments: [false, true]) func cutAtEveryLength(isInteger: Bool) throws {
    let bytes = try small(isInteger)
    #expect(outcome(bytes) == .works)
    #expect(outcome([]) == .fails(.notAModel, "the file is empty"))
    for length in 1..<bytes.count {
      #expect(outcome(Array(bytes[0..<length])).isDamaged, "cut after \(length) bytes")
      #expect(outcome(withRepairedChecksums(Array(bytes[0..<length]))).isDamaged, "cut after \(length) bytes, repaired")
    }
  }

  @Test(arguments: [false, true]) func everyFlippedBitIsFound(isInteger: Bool) throws {
    let bytes = try small(isInteger)
    for position in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[position] ^= 1 << bit
        #expect(outcome(changed) != .works, "bit \(bit) of byte \(position)")
      }
    }
    print("flipped each of \(8 * bytes.count) bits of a file of \(bytes.count) bytes")
  }

  @Test func bytesAfterTheEnd() throws {
    #expect(outcome(try smallModel().encoded() + [0]).isDamaged)
  }

  /// Random changes of a byte, with the checksums left alone and again with them repaired: an error or a working model.
  @Test(arguments: [false, true]) func randomChanges(isInteger: Bool) throws {
    let bytes = try small(isInteger)
    var random = Random(11)
    var working = 0
    for _ in 0..<changes {
      var changed = bytes
      changed[random.int(0...(bytes.count - 1))] ^= UInt8(random.int(1...255))
      #expect(outcome(changed) != .works)
      if outcome(withRepairedChecksums(changed)) == .works { working += 1 }
    }
    // A changed weight still is a weight, so many must work.
    #expect(working > changes / 20)
    print("changed a byte \(changes) times; with repaired checksums \(working) files work, the others are refused")
  }

  /// Several changes at once, and integers replaced by the values that arithmetic most often gets wrong.
  @Test(arguments: [false, true]) func randomIntegers(isInteger: Bool) throws {
    let bytes = try small(isInteger)
    let values: [UInt32] = [0, 1, 2, 3, 0x7f, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, .max - 1, .max]
    var random = Random(12)
    for _ in 0..<changes {
      var changed = bytes
      for _ in 0..<random.int(1...3) {
        set(&changed, 4 * random.int(0...((bytes.count - 4) / 4)), values[random.int(0...(values.count - 1))])
      }
      _ = outcome(withRepairedChecksums(changed))
    }
  }

  /// $DNN_FUZZ changes; 10,000 unless told.
  private var changes: Int { ProcessInfo.processInfo.environment["DNN_FUZZ"].flatMap { Int($0) } ?? 10_000 }

  @Test func filesOfOtherKindsAreNamed() {
    func start(_ text: String) -> [UInt8] { Array(text.utf8) + [UInt8](repeating: 0, count: 40) }
    let cases: [([UInt8], String)] = [
      ([0, 0, 0, 0] + start("TFL3"), "TensorFlow Lite"), (start("GGUF"), "GGUF"), ([0x89] + start("PNG\r\n"), "PNG"),
      ([0x1f, 0x8b] + start(""), "gzip"), ([0xff, 0xd8, 0xff] + start(""), "JPEG"), (start("PK\u{3}\u{4}"), "zip"),
      ([0x89] + start("HDF\r\n"), "HDF5"), ([8, 0, 0, 0, 0, 0, 0, 0] + start("{\"a\":1}"), "safetensors"),
      (start("<!DOCTYPE html>"), "web page"), ([0x08, 0x07, 0x12] + start("pytorch"), "ONNX"),
      (start("hello"), "not a .dnn"),
    ]
    for (bytes, name) in cases {
      guard case .fails(.notAModel, let message) = outcome(bytes) else {
        Issue.record("\(name): \(outcome(bytes))")
        continue
      }
      #expect(message.contains(name), "\(message)")
    }
  }

  @Test func newerVersionsAreUnsupported() throws {
    var bytes = try smallModel().encoded()
    set(&bytes, 8, UInt16(2))
    #expect(
      outcome(withRepairedChecksums(bytes))
        == .fails(.unsupported, "format version 2.0 needs a newer library; this one reads version 1"))
  }

  /// A newer minor version is read as far as it is understood; what is not is the version's fault, not damage.
  @Test func newerMinorVersions() throws {
    var bytes = try smallModel().encoded()
    set(&bytes, 10, UInt16(3))
    #expect(outcome(withRepairedChecksums(bytes)) == .works)
    let layers = try #require(sections(bytes).first { $0.tag == "LAYR" })
    bytes[layers.range.lowerBound + NetworkRecord.size + LayerRecord.size - 1] = 1
    #expect(
      outcome(withRepairedChecksums(bytes))
        == .fails(
          .unsupported,
          "format version 1.3 needs a newer library; this one reads 1.0: layer 0: reserved bytes are not zero"))
  }

  @Test func unknownSectionsAreSkippedOnlyIfMarked() throws {
    let model = smallModel()
    let bytes = try model.encoded()
    let parts = sections(bytes).map { section in
      (
        tag: FourCC(rawValue: integer(bytes, section.checksum - 24)), flags: integer(bytes, section.checksum - 20),
        bytes: Array(bytes[section.range])
      )
    }
    #expect(assemble(parts) == bytes)
    #expect(outcome(assemble([(FourCC("XTRA"), 1, [1, 2, 3])] + parts)) == .works)
    #expect(
      outcome(assemble([(FourCC("XTRA"), 0, [1, 2, 3])] + parts))
        == .fails(.unsupported, "section XTRA is needed and not known; a newer library may read this file"))
    for index in parts.indices {
      var without = parts
      without.remove(at: index)
      let isRequired = parts[index].flags == 0
      #expect(outcome(assemble(without)).isDamaged == isRequired, "without \(parts[index].tag)")
      #expect(outcome(assemble(parts + [parts[index]])).isDamaged, "\(parts[index].tag) twice")
    }
  }
}
