import MNISTInfer

extension GoldenCase {
  private static let notText = "section LABL: text 1 is not UTF-8, or has a zero or control character in it"

  /// Labels, provenance and metadata.
  static func textCases() throws -> [GoldenCase] {
    try badTextCases() + labelCases() + pairCases()
  }

  /// Bytes that are no text, each as the middle label.
  private static func badTextCases() throws -> [GoldenCase] {
    let texts: [(String, [UInt8])] = [
      ("zero", [0x6f, 0x00, 0x65]), ("escape", [0x1b, 0x5b, 0x4a]), ("carriage-return", [0x61, 0x0d]),
      ("delete", [0x61, 0x7f]), ("c1-control", [0xc2, 0x9b, 0x4a]), ("overlong-2", [0xc0, 0x80]),
      ("overlong-2-slash", [0xc1, 0xaf]), ("overlong-3", [0xe0, 0x9f, 0xbf]),
      ("overlong-4", [0xf0, 0x8f, 0xbf, 0xbf]), ("surrogate", [0xed, 0xa0, 0x80]),
      ("beyond-unicode", [0xf4, 0x90, 0x80, 0x80]), ("byte-ff", [0xff]), ("stray-continuation", [0x61, 0x80]),
      ("truncated-2", [0x61, 0xc3]), ("truncated-3", [0xe2, 0x82]), ("truncated-4", [0xf0, 0x9f, 0x98]),
      ("broken-3", [0xe2, 0x28, 0xa1]), ("latin-1", [0x66, 0xfc, 0x72]), ("utf-16", [0xff, 0xfe, 0x61, 0x00]),
    ]
    return try texts.map { name, text in
      try GoldenCase("label-\(name)", notText) { $0["LABL"] = texts3([0x61], text, [0x62]) }
    }
  }

  /// A section of three labels.
  private static func texts3(_ texts: [UInt8]...) -> [UInt8] { encoded(texts.count, texts) }

  /// A count, and strings that need not be as many.
  private static func encoded(_ count: Int, _ texts: [[UInt8]]) -> [UInt8] {
    integer(count) + texts.flatMap { integer($0.count) + $0 + [0] }
  }

  private static func pairs(_ texts: String...) -> [UInt8] { encoded(texts.count / 2, texts.map { Array($0.utf8) }) }

  private static func integer(_ value: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(value).littleEndian) { Array($0) }
  }

  private static func labelCases() throws -> [GoldenCase] {
    [
      try GoldenCase("labels-too-few", "section LABL: 2 labels for 3 classes") {
        $0["LABL"] = encoded(2, [[0x61], [0x62]])
      },
      try GoldenCase("labels-too-many", "section LABL: 4 labels for 3 classes") {
        $0["LABL"] = encoded(4, [[0x61], [0x62], [0x63], [0x64]])
      },
      try GoldenCase("labels-none", "section LABL: 0 labels for 3 classes") { $0["LABL"] = encoded(0, []) },
      try GoldenCase("labels-count-u32-max", "section LABL: 4294967295 entries; the format allows 65536") {
        $0["LABL"] = [0xff, 0xff, 0xff, 0xff]
      },
      try GoldenCase("labels-empty-section", "section LABL ends early") { $0["LABL"] = [] },
      try GoldenCase("labels-end-in-count", "section LABL ends early") { $0["LABL"] = [3, 0, 0] },
      try GoldenCase("labels-end-after-count", "section LABL ends early") { $0["LABL"] = [3, 0, 0, 0] },
      try GoldenCase("labels-end-in-length", "section LABL ends early") { $0["LABL"] = encoded(3, [[0x61]]) + [1] },
      try GoldenCase("label-past-end", "section LABL ends inside text 0") { $0["LABL"][4] = 200 },
      try GoldenCase("label-without-room-for-zero", "section LABL ends inside text 2") { $0["LABL"].removeLast() },
      try GoldenCase(
        "label-length-u32-max", "section LABL: text 0 has 4294967295 bytes; the format allows 65535"
      ) { $0["LABL"].replaceSubrange(4..<8, with: [0xff, 0xff, 0xff, 0xff]) },
      try GoldenCase("label-without-zero", "section LABL: text 2 does not end with zero") {
        $0["LABL"][$0["LABL"].count - 1] = 0x21
      },
      try GoldenCase("labels-trailing-byte", "section LABL: 1 bytes follow the last text") { $0["LABL"].append(0) },
    ]
  }

  private static func pairCases() throws -> [GoldenCase] {
    [
      try GoldenCase(
        "keys-out-of-order", "section PROV: key \"data\" is twice there or out of order", .complete
      ) { $0["PROV"] = pairs("seed", "1", "data", "none") },
      try GoldenCase("keys-twice", "section PROV: key \"seed\" is twice there or out of order", .complete) {
        $0["PROV"] = pairs("seed", "1", "seed", "2")
      },
      try GoldenCase("keys-prefix-after", "section META: key \"no\" is twice there or out of order", .complete) {
        $0["META"] = pairs("note", "1", "no", "2")
      },
      try GoldenCase("keys-signed-order", "section META: key \"z\" is twice there or out of order", .complete) {
        $0["META"] = pairs("é", "1", "z", "2")
      },
      try GoldenCase("key-empty-twice", "section META: key \"\" is twice there or out of order", .complete) {
        $0["META"] = pairs("", "1", "", "2")
      },
      try GoldenCase(
        "key-not-utf-8", "section META: text 0 is not UTF-8, or has a zero or control character in it", .complete
      ) { $0["META"] = encoded(1, [[0xc0, 0xaf], [0x61]]) },
      try GoldenCase(
        "value-escape", "section PROV: text 1 is not UTF-8, or has a zero or control character in it", .complete
      ) { $0["PROV"] = pairs("seed", "\u{1b}[2J") },
      try GoldenCase("pair-without-value", "section META ends early", .complete) {
        $0["META"] = encoded(1, [[0x61]])
      },
      try GoldenCase("pairs-trailing", "section META: 6 bytes follow the last text", .complete) {
        $0["META"] = encoded(1, [[0x61], [0x62], [0x63]])
      },
      try GoldenCase("pairs-too-many", "section PROV: 4097 entries; the format allows 4096", .complete) {
        $0["PROV"] = encoded(4097, [])
      },
      try GoldenCase("pairs-empty-section", "section PROV ends early", .complete) { $0["PROV"] = [] },
    ]
  }

  /// Names of layers and tensors.
  static func nameCases() throws -> [GoldenCase] {
    let layer = "layer 1: the name is not UTF-8 of up to 39 bytes, padded with zeros"
    let tensor = "tensor 1: the name is not UTF-8 of up to 39 bytes, padded with zeros"
    let long = [UInt8](repeating: 0x61, count: 40)
    return [
      try GoldenCase("layer-name-without-zero", layer) { $0.name(ofLayer: 1, long) },
      try GoldenCase("layer-name-padding", layer) { $0.name(ofLayer: 1, [0x61, 0, 0x62]) },
      try GoldenCase("layer-name-truncated", layer) { $0.name(ofLayer: 1, [0x61, 0xe2, 0x82]) },
      try GoldenCase("layer-name-control", layer) { $0.name(ofLayer: 1, [0x61, 0x07]) },
      try GoldenCase("tensor-name-without-zero", tensor, .int8) { $0.name(ofTensor: 1, long) },
      try GoldenCase("tensor-name-surrogate", tensor, .int8) { $0.name(ofTensor: 1, [0xed, 0xbf, 0xbf]) },
      try GoldenCase("layer-names-twice", "layers 0 and 2 have the same name", .picture) {
        $0.name(ofLayer: 2, Array("conv".utf8))
      },
      try GoldenCase("tensor-names-twice", "tensors 0 and 2 have the same name", .int8) {
        $0.name(ofTensor: 2, Array("scales".utf8))
      },
    ]
  }
}
