import MNISTInfer

extension GoldenCase {
  /// Preparation and normalisation. The input is 1 × 3, the box 1 × 2.
  static func descriptionCases() throws -> [GoldenCase] { try preparationCases() + normalisationCases() }

  private static func preparationCases() throws -> [GoldenCase] {
    func box(_ height: Int, _ width: Int) -> String {
      "section PREP: a box of \(height)×\(width) does not fit the input"
    }
    return [
      try GoldenCase("preparation-short", "section PREP has the wrong size; a record of 32 bytes is expected") {
        $0["PREP"].removeLast()
      },
      try GoldenCase("preparation-long", "section PREP has the wrong size; a record of 32 bytes is expected") {
        $0["PREP"].append(0)
      },
      try GoldenCase("preparation-empty", "section PREP has the wrong size; a record of 32 bytes is expected") {
        $0["PREP"] = []
      },
      try GoldenCase("preparation-reserved", "section PREP: reserved bytes are not zero") {
        $0.preparation("reserved", 1)
      },
      try GoldenCase(
        "polarity-unknown", .unsupported, "section PREP: polarity 2 needs a newer library"
      ) { $0.preparation("polarity", 2) },
      try GoldenCase(
        "placement-unknown", .unsupported, "section PREP: placement 3 needs a newer library"
      ) { $0.preparation("placement", 3) },
      try GoldenCase("steps-unknown", .unsupported, "section PREP: steps 256 need a newer library") {
        $0.preparation("steps", 256)
      },
      try GoldenCase("steps-u32-max", .unsupported, "section PREP: steps 4294967295 need a newer library") {
        $0.preparation("steps", 0xffff_ffff)
      },
      try GoldenCase("steps-of-stretch", "section PREP: steps 8 do not go with polarity and placement") {
        for (field, value) in [("placement", 0), ("box height", 0), ("box width", 0), ("steps", 8)] {
          $0.preparation(field, UInt64(value))
        }
      },
      try GoldenCase("steps-colour-of-keep", "section PREP: steps 2 do not go with polarity and placement") {
        $0.preparation("polarity", 0)
        $0.preparation("steps", 2)
      },
      try GoldenCase("steps-strokes-of-fit", "section PREP: steps 64 do not go with polarity and placement") {
        $0.preparation("placement", 2)
        $0.preparation("steps", 64)
      },
      try GoldenCase("box-unused", "section PREP: a box that nothing uses") { $0.preparation("placement", 0) },
      try GoldenCase("box-zero", box(0, 2)) { $0.preparation("box height", 0) },
      try GoldenCase("box-too-high", box(2, 2)) { $0.preparation("box height", 2) },
      try GoldenCase("box-u32-max", box(1, 0xffff_ffff)) { $0.preparation("box width", 0xffff_ffff) },
      try GoldenCase(
        "box-of-colour", "section PREP: placement in a box takes an input of one channel, not 3"
      ) {
        $0.network("width", 1)
        $0.network("channels", 3)
      },
    ]
  }

  private static func normalisationCases() throws -> [GoldenCase] {
    func channel(_ index: Int) -> String { "section NORM: scale or offset of channel \(index) is out of range" }
    let cases: [(String, String, Float, Int)] = [
      ("zero-scale", "scale 0", 0, 0), ("minus-zero-scale", "scale 0", -0.0, 0), ("nan-scale", "scale 0", .nan, 0),
      ("infinite-scale", "scale 0", .infinity, 0), ("nan-offset", "offset 0", .nan, 0),
      ("infinite-offset", "offset 0", -.infinity, 0), ("unused-scale", "scale 1", 1, 1),
      ("unused-offset-minus-zero", "offset 3", -0.0, 3),
    ]
    return try cases.map { name, field, value, index in
      try GoldenCase("normalisation-\(name)", channel(index)) { $0.normalisation(field, value) }
    } + [
      try GoldenCase("normalisation-short", "section NORM has the wrong size; a record of 32 bytes is expected") {
        $0["NORM"].removeLast(16)
      },
      try GoldenCase("normalisation-long", "section NORM has the wrong size; a record of 32 bytes is expected") {
        $0["NORM"] += [0, 0, 0, 0]
      },
    ]
  }

  /// The history: two records of 32 bytes.
  static func historyCases() throws -> [GoldenCase] {
    let size = "bytes are no whole records of 32"
    let magnitude = "section HIST: a loss or the learning rate of epoch 1 is out of range"
    let share = "section HIST: an accuracy of epoch 1 is not between 0 and 1"
    let fields: [(name: String, offset: Int, highest: Float, message: String)] = [
      ("training-loss", 0, .infinity, magnitude), ("training-accuracy", 4, Float(1).nextUp, share),
      ("held-out-loss", 8, .infinity, magnitude), ("held-out-accuracy", 12, Float(1).nextUp, share),
      ("learning-rate", 16, .infinity, magnitude),
    ]
    return try fields.flatMap { field in
      try [("nan", .nan), ("negative", -.leastNonzeroMagnitude), ("too-high", field.highest)].map { name, value in
        try GoldenCase("history-\(field.name)-\(name)", field.message, .history) {
          $0.float("HIST", at: EpochRecord.size + field.offset, value)
        }
      }
    } + [
      try GoldenCase("history-cut", "section HIST: 63 \(size)", .history) { $0["HIST"].removeLast() },
      try GoldenCase("history-trailing", "section HIST: 65 \(size)", .history) { $0["HIST"].append(0) },
      try GoldenCase("history-reserved", "section HIST: reserved bytes of epoch 0 are not zero", .history) {
        $0["HIST"][31] = 1
      },
      try GoldenCase(
        "checksum-HIST", "section HIST: the checksum does not match; the file was altered or damaged", .history
      ) { file in
        let place = sections(file.encoded).first { $0.tag == "HIST" }!.range.lowerBound
        file.damage { $0[place] ^= 0x80 }
      },
      try GoldenCase("history-needed", "section HIST: flags are 0, not 1", .history) { $0.entry("HIST", "flags", 0) },
      try GoldenCase(
        "history-after-self-test", "section HIST is not in its place: it is twice there or out of order", .complete
      ) { $0.sections.insert((FourCC("HIST"), SectionEntry.skippable, []), at: $0.index("TEST") + 1) },
    ]
  }

  /// The self-test: 8 bytes, 2 pictures of 3 bytes, 2 bytes of padding, 2 × 3 probabilities from byte 16 on.
  static func selfTestCases() throws -> [GoldenCase] {
    func range(_ count: UInt32) -> String { "section TEST: \(count) pictures; the format allows 1 to 1024" }
    let tolerance = "section TEST: the tolerance is not between 0 and 1"
    func size(_ bytes: Int, _ count: UInt32) -> String {
      "section TEST: \(bytes) bytes do not hold \(count) pictures and their results"
    }
    let counts: [(String, UInt32, String)] = [
      ("no-pictures", 0, range(0)), ("1025-pictures", 1025, range(1025)), ("u32-max-pictures", .max, range(.max)),
      ("count-too-small", 1, size(40, 1)), ("count-too-large", 3, size(40, 3)),
    ]
    let tolerances: [(String, Float)] = [("negative", -0.1), ("over-1", 1.5), ("nan", .nan), ("infinite", .infinity)]
    let probabilities: [(String, Float)] = [("negative", -0.5), ("over-1", 1.5), ("nan", .nan)]
    return try counts.map { name, count, message in
      try GoldenCase("self-test-\(name)", message, .complete) { set(&$0["TEST"], 0, count) }
    }
      + tolerances.map { name, value in
        try GoldenCase("self-test-tolerance-\(name)", tolerance, .complete) { $0.float("TEST", at: 4, value) }
      }
      + probabilities.map { name, value in
        try GoldenCase("self-test-probability-\(name)", "section TEST: result 4 is not a probability", .complete) {
          $0.float("TEST", at: 32, value)
        }
      } + [
        try GoldenCase("self-test-cut", size(39, 2), .complete) { $0["TEST"].removeLast() },
        try GoldenCase("self-test-trailing", size(41, 2), .complete) { $0["TEST"].append(0) },
        try GoldenCase("self-test-padding", "section TEST: the padding is not zero", .complete) {
          $0["TEST"][15] = 1
        },
        try GoldenCase(
          "self-test-empty", "section TEST has the wrong size; a record of 8 bytes is expected", .complete
        ) { $0["TEST"] = [] },
      ]
  }
}
