import DNNModel
import Foundation
import MNISTInfer
import Testing

/// What the specification's page says against what the code does, in both directions.
@Suite struct SpecificationTests {
  private let page: SpecificationPage

  init() throws { page = try SpecificationPage() }

  private static let records: [String: [[String]]] = [
    "FileHeader": FieldListing(FileHeader.self).rows,
    "SectionEntry": FieldListing(SectionEntry.self).rows,
    "NetworkRecord": FieldListing(NetworkRecord.self).rows,
    "LayerRecord": FieldListing(LayerRecord.self).rows,
    "TensorRecord": FieldListing(TensorRecord.self).rows,
    "NormalisationRecord": FieldListing(NormalisationRecord.self).rows,
    "QuantizationRecord": FieldListing(QuantizationRecord.self).rows,
    "PreparationRecord": FieldListing(PreparationRecord.self).rows,
    "EpochRecord": FieldListing(EpochRecord.self).rows,
    "SelfTestRecord": FieldListing(SelfTestRecord.self).rows,
  ]

  @Test func recordsAreTheCodes() throws {
    let tables = page.tables.filter { $0.columns.prefix(4) == ["Offset", "Size", "Type", "Field"] }
    #expect(tables.map(\.heading).sorted() == Self.records.keys.map { "Record: \($0)" }.sorted())
    for table in tables {
      let expected = Self.records[String(table.heading.dropFirst("Record: ".count))] ?? []
      #expect(table.rows.count == expected.count, "\(table.heading)")
      for (row, field) in zip(table.rows, expected) { #expect(Array(row.prefix(4)) == field, "\(table.heading)") }
    }
  }

  /// So that a new record cannot be forgotten above.
  @Test func recordsAreAllThere() throws {
    let source = try packageText("Sources/MNISTInfer/Format/Records.swift")
    #expect(source.matches(of: /struct (\w+): Record \{/).map { String($0.1) }.sorted() == Self.records.keys.sorted())
  }

  @Test func sectionsAreTheCodes() throws {
    let table = try #require(page.table("Tag", "Flags", "Presence"))
    let kinds = (0..<SectionKind.count).compactMap { SectionKind(rawValue: $0) }
    let expected = kinds.map { kind in
      [kind.tag.text, "\(kind.flags)", kind.isRequired ? "required" : "optional"]
    }
    #expect(SectionKind(rawValue: SectionKind.count) == nil)
    #expect(table.rows.map { Array($0.prefix(3)) } == expected)
  }

  @Test func layersAreTheCodes() throws {
    let table = try #require(page.table("Code", "Kind", "Inputs", "Window", "Tensors", "Activation"))
    let kinds = (0..<LayerKind.count).compactMap { LayerKind(rawValue: $0) }
    #expect(LayerKind(rawValue: LayerKind.count) == nil)
    #expect(table.rows.map { Array($0.prefix(2)) } == kinds.map { [$0.code.text, "\($0)"] })
  }

  @Test func enumerationsAreTheCodes() throws {
    let types = try #require(page.table("Code", "Name", "Bytes"))
    let tables = [
      (page.table("Code", "Name", "f(x)"), cases(Activation.self)), (types, cases(TensorType.self)),
      (page.table("Code", "Polarity"), cases(Polarity.self)), (page.table("Code", "Placement"), cases(Placement.self)),
    ]
    let steps = try #require(page.table("Bit", "Step"))
    #expect(
      steps.rows.map { Array($0.prefix(2)) }
        == PreparationSteps.named.map { ["\($0.steps.rawValue.trailingZeroBitCount)", $0.name] })
    #expect(PreparationSteps.named.reduce(.none) { $0 | $1.steps } == .all)
    for (table, expected) in tables { #expect(try #require(table).rows.map { Array($0.prefix(2)) } == expected) }
    for row in types.rows {
      #expect(TensorType(rawValue: UInt32(row[0]) ?? 0)?.elementSize == Int(row[2]), "\(row[1])")
    }
  }

  private static let limits: [String: Int] = [
    "sections": Limits.sections, "layers": Limits.layers, "tensors": Limits.tensors, "dimension": Limits.dimension,
    "window": Limits.window, "elements": Limits.elements, "tensorElements": Int(Limits.tensorElements),
    "operations": Int(Limits.operations), "averagedElements": Limits.averagedElements, "classes": Limits.classes,
    "inputChannels": Limits.inputChannels,
    "string": Limits.string, "pairs": Limits.pairs, "epochs": Limits.epochs, "selfTests": Limits.selfTests,
  ]

  @Test func limitsAreTheCodes() throws {
    let table = try #require(page.table("Name", "Limit"))
    let source = try packageText("Sources/MNISTInfer/Format/Limits.swift")
    let names = source.matches(of: /package static let (\w+)(?:: Int64)? =/).map { String($0.1) }
    #expect(names.sorted() == Self.limits.keys.sorted())
    #expect(table.rows.map { $0[0] }.sorted() == Self.limits.keys.sorted())
    for row in table.rows { #expect(number(row[1]) == Self.limits[row[0]], "\(row[0])") }
  }

  /// A number, or a power written with ^.
  private func number(_ text: String) -> Int? {
    let parts = text.split(separator: "^").compactMap { Int($0) }
    return parts.count == 2 && parts[0] == 2 ? 1 << parts[1] : parts.first
  }

  /// The ranges of shifts are tested at both ends by the golden files; here are the numbers that a reader starts from.
  @Test func integerModelsAreTheCodes() throws {
    let text = try packageText("Sources/MNISTInfer/MNISTInfer.docc/FileFormat.md").replacing("\n", with: " ")
    let coefficients = try #require(page.table("k", "a[k]"))
    #expect(coefficients.rows.map { Int($0[0]) } == [0, 1, 2, 3, 4, 5])
    #expect(coefficients.rows.map { Int($0[1]) } == IntegerReference.coefficients)

    for (factor, multiplier, shift, words) in [
      (1.0 / 3, 1_431_655_765, 32, "m = 1431655765 and s = 32 for M = 1/3"),
      (0.5, 1 << 30, 31, "m = 2^30 and s = 31 for M = 1/2"),
      (1 - 0x1p-40, 1 << 30, 30, "m = 2^30 and s = 30 for M = 1 - 2^-40"),
    ] {
      #expect(text.contains(words))
      let fixed = FixedPoint(factor)
      #expect(Int(fixed.multiplier) == multiplier && fixed.shift == shift, "\(words)")
    }

    let logits = [0, 16, -48, 40]
    let powers = IntegerReference.powers(logits, scale: 1 / 16)
    let probabilities = IntegerReference.softmax(logits, scale: 1 / 16).map { "0x" + String($0.bitPattern, radix: 16) }
    #expect(text.contains("the logits \(list(logits)) give the e \(list(powers)), and the probabilities"))
    #expect(text.contains("the probabilities \(list(probabilities)), as the bits"))
  }

  /// "a, b and c".
  private func list<Item>(_ items: [Item]) -> String {
    items.dropLast().map { "\($0)" }.joined(separator: ", ") + " and \(items[items.count - 1])"
  }

  @Test func exampleIsWhatTheWriterMakes() throws {
    let lines = try #require(page.code["A complete file"])
    var bytes: [UInt8] = []
    for line in lines {
      let match = try #require(line.wholeMatch(of: /([0-9a-f]{4})  (.+?)   +(.+)/), "\(line)")
      #expect(Int(match.1, radix: 16) == bytes.count, "the offset of: \(line)")
      bytes += try #require(exampleBytes(match.2), "\(line)")
    }
    #expect(bytes == (try exampleModel().encoded()))
    let probabilities = try Classifier(bytes: bytes, threads: 1).predict([255, 0, 0, 255])
    for (actual, expected) in zip(probabilities, [0.81757, 0.18243, 0.01099, 0.98901] as [Float]) {
      #expect(abs(actual - expected) < 1e-5)
    }
  }

  /// Bytes in hexadecimal, or `00 × n`.
  private func exampleBytes(_ text: Substring) -> [UInt8]? {
    if let match = text.wholeMatch(of: /00 × (\d+)/) {
      return Int(match.1).map { [UInt8](repeating: 0, count: $0) }
    }
    let bytes = text.split(separator: " ").map { UInt8($0, radix: 16) }
    return bytes.contains(nil) ? nil : bytes.compactMap { $0 }
  }

  private func exampleModel() -> ModelFile {
    var dense = LayerDescription(.dense, name: "dense", inputs: [0], output: Shape(count: 2))
    (dense.weights, dense.bias) = (0, 1)
    return ModelFile(
      input: Shape(height: 1, width: 2, channels: 1),
      layers: [dense, LayerDescription(.softmax, name: "softmax", inputs: [1], output: Shape(count: 2))],
      tensors: [
        TensorDescription(name: "weights", dimensions: [2, 2], values: [1, -1, -2, 2]),
        TensorDescription(name: "bias", dimensions: [2], values: [0, 0.5]),
      ],
      labels: ["left", "right"],
      preparation: Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0),
      normalisation: [(scale: 1 / 255, offset: 0)])
  }
}
