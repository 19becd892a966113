import MNISTInfer

extension GoldenCase {
  /// Sizes and versions of the header.
  static func headerCases() throws -> [GoldenCase] {
    [
      GoldenCase("empty", .notAModel, "the file is empty", bytes: []),
      try GoldenCase("cut-in-signature", "cut short: only 5 bytes are there") { cut(&$0, to: 5) },
      try GoldenCase("cut-in-header", "cut short: 20 bytes, and the header alone has 32") { cut(&$0, to: 20) },
      try GoldenCase("cut-in-table", "cut short: 100 bytes, and the header alone has 224") { cut(&$0, to: 100) },
      try GoldenCase("cut-in-sections", "cut short: 500 of 932 bytes are there") { cut(&$0, to: 500) },
      try GoldenCase("cut-last-byte", "cut short: 931 of 932 bytes are there") { cut(&$0, to: 931) },
      try GoldenCase("bytes-after-end", "4 bytes follow the end of the model") {
        $0.damage { $0 += [0, 0, 0, 0] }
      },
      try GoldenCase("file-size-too-small", "64 bytes follow the end of the model") {
        $0.header("file size", 932 - 64)
      },
      try GoldenCase("file-size-zero", "932 bytes follow the end of the model") { $0.header("file size", 0) },
      try GoldenCase("file-size-too-large", "cut short: 932 of 933 bytes are there") {
        $0.header("file size", 933)
      },
      try GoldenCase("file-size-u64-max", "cut short: 932 of 18446744073709551615 bytes are there") {
        $0.header("file size", .max)
      },
      try GoldenCase(
        "header-checksum", "the header's checksum does not match: the file was altered or damaged"
      ) { $0.damage { $0[24] ^= 1 } },
      try GoldenCase("header-altered", "the header's checksum does not match: the file was altered or damaged") {
        $0.damage { $0[10] ^= 1 }
      },
      try GoldenCase("header-reserved", "reserved bytes of the header are not zero") { $0.header("reserved", 1) },
      try GoldenCase("major-version-0", "format version 0.9 never was") {
        $0.header("major version", 0)
        $0.header("minor version", 9)
      },
      try GoldenCase(
        "major-version-2", .unsupported, "format version 2.0 needs a newer library; this one reads version 1"
      ) { $0.header("major version", 2) },
      try GoldenCase(
        "newer-minor-version-reserved", .unsupported,
        "format version 1.7 needs a newer library; this one reads 1.0: layer 0: reserved bytes are not zero"
      ) {
        $0.header("minor version", 7)
        $0.layer(0, "reserved", 1)
      },
      try GoldenCase(
        "newer-minor-version-cut-short", "section DATA: the checksum does not match; the file was altered or damaged"
      ) {
        $0.header("minor version", 7)
        $0.damage { $0[931] ^= 1 }
      },
      try GoldenCase("line-ends-to-lf", convertedLineEnds) {
        $0.damage { bytes in bytes = converted(bytes) { $0 == 13 && $1 == 10 ? [] : [$0] } }
      },
      try GoldenCase("line-ends-to-crlf", convertedLineEnds) {
        $0.damage { bytes in bytes = converted(bytes) { byte, _ in byte == 10 ? [13, 10] : [byte] } }
      },
      try GoldenCase(
        "seven-bits", .notAModel, "not a .dnn model: the first bytes are not the format's signature"
      ) { $0.damage { bytes in bytes = bytes.map { $0 & 0x7f } } },
    ]
  }

  private static let convertedLineEnds =
    "line ends were converted on the way: transfer the file as binary, not as text"

  private static func converted(_ bytes: [UInt8], _ convert: (UInt8, UInt8) -> [UInt8]) -> [UInt8] {
    bytes.indices.flatMap { convert(bytes[$0], $0 + 1 < bytes.count ? bytes[$0 + 1] : 0) }
  }

  private static func cut(_ file: inout GoldenFile, to count: Int) { file.damage { $0 = Array($0.prefix(count)) } }

  /// The table of sections.
  static func sectionCases() throws -> [GoldenCase] {
    try sectionCountCases() + sectionPlaceCases() + sectionFlagCases() + sectionOrderCases()
  }

  private static func sectionCountCases() throws -> [GoldenCase] {
    [
      try GoldenCase("section-count-zero", "900 bytes belong to no section") { $0.header("section count", 0) },
      try GoldenCase("section-count-65", "the header counts 65 sections; the format allows 64") {
        $0.header("section count", 65)
      },
      try GoldenCase(
        "section-count-u32-max", "the header counts 4294967295 sections; the format allows 64"
      ) { $0.header("section count", 0xffff_ffff) },
      try GoldenCase(
        "section-count-too-small", "section LAYR starts at byte 256, not 192: sections overlap or leave a gap"
      ) { $0.header("section count", 5) },
    ]
  }

  private static func sectionPlaceCases() throws -> [GoldenCase] {
    func place(_ offset: UInt64) -> String {
      "section TNSR starts at byte \(offset), not 576: sections overlap or leave a gap"
    }
    let places: [(String, UInt64)] = [
      ("section-gap", 640), ("section-overlap", 512), ("section-unaligned", 577), ("section-on-header", 0),
      ("section-offset-wraps", .max - 63), ("section-past-end", 1 << 40),
    ]
    let lengths: [(String, UInt64)] = [
      ("section-length-past-end", 37), ("section-length-wraps", .max - 895), ("section-length-u64-max", .max),
    ]
    return try places.map { name, offset in
      try GoldenCase(name, place(offset)) { $0.entry("TNSR", "offset", offset) }
    }
      + lengths.map { name, length in
        try GoldenCase(name, "section DATA of \(length) bytes reaches past the end of the file") {
          $0.entry("DATA", "length", length)
        }
      } + [
        try GoldenCase("section-length-short", "4 bytes belong to no section") { $0.entry("DATA", "length", 32) },
        try GoldenCase("section-padding", "the padding before section TNSR is not zero") {
          $0.damage { $0[575] = 1 }
        },
        try GoldenCase("section-padding-before-first", "the padding before section LAYR is not zero") {
          $0.damage { $0[224] = 1 }
        },
      ]
  }

  private static func sectionFlagCases() throws -> [GoldenCase] {
    [
      try GoldenCase("section-reserved", "section LABL: reserved bytes are not zero") {
        $0.entry("LABL", "reserved", 1)
      },
      try GoldenCase(
        "section-unknown-flag", .unsupported,
        "section LABL: flags 2 are not known; a newer library may read this file"
      ) { $0.entry("LABL", "flags", 2) },
      try GoldenCase("section-required-but-skippable", "section LAYR: flags are 1, not 0") {
        $0.entry("LAYR", "flags", 1)
      },
      try GoldenCase("section-optional-but-needed", "section META: flags are 0, not 1", .complete) {
        $0.entry("META", "flags", 0)
      },
      try GoldenCase(
        "section-unknown-needed", .unsupported,
        "section Next is needed and not known; a newer library may read this file"
      ) { $0.sections.append((FourCC("Next"), 0, [1])) },
      try GoldenCase(
        "section-unknown-checksum", "section xtra: the checksum does not match; the file was altered or damaged"
      ) {
        $0.sections.append((FourCC("xtra"), 1, [1]))
        $0.damage { $0[$0.count - 1] ^= 1 }
      },
    ]
  }

  private static func sectionOrderCases() throws -> [GoldenCase] {
    let tags = ["LAYR", "TNSR", "LABL", "PREP", "NORM", "PROV", "META", "TEST", "TRNG", "DATA"]
    let checksums =
      try tags.map { tag in
        try GoldenCase(
          "checksum-\(tag)", "section \(tag): the checksum does not match; the file was altered or damaged", .complete
        ) { file in
          let place = MNISTInferTests.sections(file.encoded).first { $0.tag == tag }!.range.lowerBound
          file.damage { $0[place] ^= 0x80 }
        }
      }
      + [
        try GoldenCase(
          "checksum-QUAN", "section QUAN: the checksum does not match; the file was altered or damaged", .integer
        ) { file in
          let place = MNISTInferTests.sections(file.encoded).first { $0.tag == "QUAN" }!.range.lowerBound
          file.damage { $0[place] ^= 0x80 }
        }
      ]
    let missing = try ["LAYR", "TNSR", "LABL", "PREP", "NORM", "DATA"].map { tag in
      try GoldenCase("missing-\(tag)", "section \(tag) is missing") { $0.sections.remove(at: $0.index(tag)) }
    }
    func place(_ tag: String) -> String {
      "section \(tag) is not in its place: it is twice there or out of order"
    }
    return checksums + missing + [
      try GoldenCase("section-twice", place("LABL")) { $0.sections.insert($0.sections[2], at: 3) },
      try GoldenCase("section-twice-apart", place("LABL")) { $0.sections.insert($0.sections[2], at: 5) },
      try GoldenCase("section-out-of-order", place("TNSR")) { $0.sections.swapAt(1, 2) },
      try GoldenCase("section-data-first", place("LAYR")) { $0.sections.insert($0.sections.remove(at: 5), at: 0) },
    ]
  }
}
