import MNISTInfer

/// In place of the number of a tensor: there is none.
private let none: UInt64 = 0xffff_ffff

extension GoldenCase {
  /// What makes an integer model one.
  static func integerCases() throws -> [GoldenCase] {
    try quantizationCases() + integerTensorCases() + tableCases() + integerLayerCases() + sumCases() + shiftCases()
  }

  /// Section QUAN: three records of 8 bytes.
  private static func quantizationCases() throws -> [GoldenCase] {
    func size(_ bytes: Int) -> String { "section QUAN: \(bytes) bytes do not hold the scales of 3 values" }
    let scales: [(String, Float)] = [
      ("zero", 0), ("minus-zero", -0.0), ("negative", -0.01), ("nan", .nan), ("infinity", .infinity),
      ("subnormal", .leastNormalMagnitude.nextDown),
    ]
    let channel = "section NORM: scale and offset of channel 0 are not those of value 0 in section QUAN"
    let probabilities = "section QUAN: value 2, the probabilities, has a scale and zero point other than 1 and 0"
    return try scales.map { name, scale in
      try GoldenCase(
        "quantization-scale-\(name)", "section QUAN: the scale of value 1 is not a positive normal number", .integer
      ) { $0.quantization(1, scale: scale) }
    }
      + [("256", 256), ("u32-max", UInt32.max)].map { name, zeroPoint in
        try GoldenCase(
          "zero-point-\(name)",
          "section QUAN: the zero point of value 0 is \(zeroPoint); the format allows 0 to 255", .integer
        ) { $0.quantization(0, zeroPoint: zeroPoint) }
      } + [
        try GoldenCase("quantization-short", size(23), .integer) { $0["QUAN"].removeLast() },
        try GoldenCase("quantization-of-fewer-values", size(16), .integer) { $0["QUAN"].removeLast(8) },
        try GoldenCase("quantization-of-more-values", size(32), .integer) { $0["QUAN"] += $0["QUAN"].prefix(8) },
        try GoldenCase("quantization-empty", size(0), .integer) { $0["QUAN"] = [] },
        try GoldenCase("quantization-skippable", "section QUAN: flags are 1, not 0", .integer) {
          $0.entry("QUAN", "flags", 1)
        },
        try GoldenCase(
          "quantization-before-normalisation",
          "section NORM is not in its place: it is twice there or out of order", .integer
        ) { $0.sections.swapAt($0.index("NORM"), $0.index("QUAN")) },
        try GoldenCase("normalisation-of-another-scale", channel, .integer) {
          $0.normalisation("scale 0", Float(1.0 / 255).nextUp)
        },
        try GoldenCase("normalisation-of-another-offset", channel, .integer) {
          $0.normalisation("offset 0", -9 * (1 / 255))
        },
        try GoldenCase("normalisation-of-another-zero-point", channel, .integer) { $0.quantization(0, zeroPoint: 11) },
        try GoldenCase("probabilities-with-scale", probabilities, .integer) { $0.quantization(2, scale: 0.5) },
        try GoldenCase("probabilities-with-zero-point", probabilities, .integer) { $0.quantization(2, zeroPoint: 1) },
      ]
  }

  /// Types of weights and biases. Tensor 0 is the scales, float32; tensor 1 the weights, int8; tensor 2 the bias.
  private static func integerTensorCases() throws -> [GoldenCase] {
    let integerBias = "is no int32 vector of 3 elements"
    return [
      try GoldenCase(
        "integer-weights-float32",
        "layer 0: its weights, tensor 0, are of type 1; it takes 2 in a model with a section QUAN", .integer
      ) { $0.layer(0, "weights", 0) },
      try GoldenCase(
        "integer-weights-uint8",
        "layer 0: its weights, tensor 1, are of type 4; it takes 2 in a model with a section QUAN", .integer
      ) {
        $0.tensor(1, "type", 4)
        $0.tensor(1, "scales", none)
      },
      try GoldenCase("integer-bias-float32", "layer 0: its bias, tensor 2, \(integerBias)", .integer) {
        $0.tensor(2, "type", 1)
      },
      try GoldenCase("integer-bias-of-another-size", "layer 0: its bias, tensor 2, \(integerBias)", .integer) {
        $0.tensor(2, "dimension 0", 4)
        $0.tensor(2, "length", 16)
        $0["DATA"] += [0, 0, 0, 0]
      },
      try GoldenCase(
        "bias-int32", "layer 0: its bias, tensor 2, is no float32 vector of 3 elements", .int8
      ) { $0.tensor(2, "type", 3) },
      try GoldenCase("weights-int32", "layer 0: its weights, tensor 0, are of type 3; it takes 1 or 2") {
        $0.tensor(0, "type", 3)
      },
      try GoldenCase("scales-of-int32", "tensor 2: an int8 tensor has scales, and no other has", .integer) {
        $0.tensor(2, "scales", 0)
      },
      try GoldenCase(
        "scales-int32", "tensor 1: its scales, tensor 2, are no float32 vector of 3 elements", .integer
      ) { $0.tensor(1, "scales", 2) },
      try GoldenCase(
        "integer-model-without-quantization", "layer 0: its bias, tensor 2, is no float32 vector of 3 elements",
        .integer
      ) { $0.sections.remove(at: $0.index("QUAN")) },
    ]
  }

  /// Layer 3 looks up in tensor 3.
  private static func tableCases() throws -> [GoldenCase] {
    let table = "layer 3: its table, tensor 3, is no uint8 vector of 256 elements"
    return [
      try GoldenCase(
        "table-missing", "layer 3: a layer of kind ACTV in an integer model needs a table", .integerPicture
      ) { $0.layer(3, "weights", none) },
      try GoldenCase("table-past-tensors", "layer 3: its table is tensor 5, but there are only 5", .integerPicture) {
        $0.layer(3, "weights", 5)
      },
      // The bytes after the table are the padding of none.
      try GoldenCase("table-of-192", table, .integerPicture) { file in
        file.tensor(3, "dimension 0", 192)
        file.tensor(3, "length", 192)
        file.tensor(4, "offset", 384)
        file["DATA"].removeSubrange(256..<320)
      },
      try GoldenCase("table-of-rank-2", table, .integerPicture) {
        $0.tensor(3, "rank", 2)
        $0.tensor(3, "dimension 0", 16)
        $0.tensor(3, "dimension 1", 16)
      },
      try GoldenCase(
        "table-of-int8", "layer 3: its table, tensor 1, is no uint8 vector of 256 elements", .integerPicture
      ) { $0.layer(3, "weights", 1) },
      try GoldenCase("table-with-bias", "layer 3: a layer of kind ACTV has no bias", .integerPicture) {
        $0.layer(3, "bias", 2)
      },
      try GoldenCase("table-in-float-model", "layer 0: a layer of kind ACTV has no tensors") {
        $0.layer(0, "kind", UInt64(FourCC("ACTV").rawValue))
      },
    ]
  }

  /// Activations, scales that must agree, logits and means.
  private static func integerLayerCases() throws -> [GoldenCase] {
    func activation(_ layer: Int, _ code: Int, _ kind: String) -> String {
      "layer \(layer): activation \(code); a layer of kind \(kind) in an integer model has 0, 1 or 3"
    }
    func copy(_ layer: Int, _ kind: String) -> String {
      "layer \(layer): a layer of kind \(kind) keeps scale and zero point, but those of values \(layer) and \(layer + 1) differ"
    }
    return [
      try GoldenCase("integer-leaky-relu", activation(0, 2, "CONV"), .integerPicture) {
        $0.layer(0, "activation", 2)
        $0.layer(0, parameter: 0.125)
      },
      try GoldenCase("integer-add-sigmoid", activation(1, 4, "ADD "), .integerPicture) {
        $0.layer(1, "activation", 4)
        $0.layer(1, parameter: 0)
      },
      try GoldenCase("integer-dense-tanh", activation(6, 5, "DENS"), .integerPicture) {
        $0.layer(6, "activation", 5)
      },
      try GoldenCase("max-pool-of-another-scale", copy(2, "MAXP"), .integerPicture) {
        $0.quantization(3, scale: 0x1p-4)
      },
      try GoldenCase("max-pool-of-another-zero-point", copy(2, "MAXP"), .integerPicture) {
        $0.quantization(3, zeroPoint: 8)
      },
      try GoldenCase("flatten-of-another-scale", copy(5, "FLAT"), .integerPicture) {
        $0.quantization(6, scale: Float(0x1p-7).nextUp)
      },
      try GoldenCase(
        "logits-with-zero-point", "layer 6 writes the logits, so the zero point of value 7 is 0, not 1",
        .integerPicture
      ) { $0.quantization(7, zeroPoint: 1) },
      try GoldenCase(
        "logits-with-relu", "layer 6 writes the logits, so its activation is 0, not 1", .integerPicture
      ) { $0.layer(6, "activation", 1) },
      // A picture of 5 × 1,684,301 instead of 1 × 3, of which 8,421,504 could be added up.
      try GoldenCase(
        "mean-of-too-many",
        "layer 0: a mean of 8421505 elements; an integer model allows 8421504, so that their sum fits 32 bits",
        .integerMean
      ) {
        $0.network("height", 5)
        $0.network("width", 1_684_301)
      },
    ]
  }

  /// Sums that could leave the range of 32 bits by one. Without its bias, those of column 0 of the dense layer reach 57,030:
  /// 255 × (127 + 5 + 90) + 10 × |127 + 5 - 90|.
  private static func sumCases() throws -> [GoldenCase] {
    func message(_ sum: Int) -> String {
      "layer 0: sums of column 0 of its weights, tensor 1, may reach \(sum) and overflow 32 bits"
    }
    let cases: [(String, Int32, Int)] = [
      ("sums-too-large", 2_147_426_618, 2_147_483_648), ("sums-too-negative", -2_147_426_618, 2_147_483_648),
      ("bias-most-negative", .min, 2_147_540_678),
    ]
    return try cases.map { name, bias, sum in
      try GoldenCase(name, message(sum), .integer) { set(&$0["DATA"], 128, bias) }
    }
  }

  /// Scales so far apart that the shift is one less than the least, or one more than the most that is allowed. All are powers of
  /// two, and 2^k has the shift 30 - k, or 19 - k in an addition.
  private static func shiftCases() throws -> [GoldenCase] {
    // Value whose scale changes, its power of two, layer, shift, allowed.
    let cases: [(String, Int, Float, Int, Int, String)] = [
      ("convolution-shift-31", 1, 0x1p-14, 0, 31, "32 to 62"),  // 2^-8 × 2^-7 / 2^-14 = 2^-1
      ("convolution-shift-63", 1, 0x1p18, 0, 63, "32 to 62"),
      ("add-shift-0", 2, 0x1p-25, 1, 0, "1 to 30"),  // 2^-6 / 2^-25 = 2^19
      ("add-shift-31", 2, 0x1p6, 1, 31, "1 to 30"),
      ("mean-shift-0", 5, 0x1p-38, 4, 0, "1 to 62"),  // 2^-7 / (2^-38 × 2) = 2^30
      ("mean-shift-63", 5, 0x1p25, 4, 63, "1 to 62"),
      ("logits-shift-0", 7, 0x1p-44, 6, 0, "1 to 62"),  // 2^-7 × 2^-7 / 2^-44 = 2^30
      ("logits-shift-63", 7, 0x1p19, 6, 63, "1 to 62"),
      ("softmax-shift-24", 7, 0x1p6, 7, 24, "25 to 62"),  // the logarithm of e is between 1 and 2
      ("softmax-shift-63", 7, 0x1p-33, 7, 63, "25 to 62"),
    ]
    return try cases.map { name, value, scale, layer, shift, range in
      try GoldenCase(
        name,
        "layer \(layer): its shift is \(shift), out of range \(range): the scales of its values are too far apart",
        .integerPicture
      ) { $0.quantization(value, scale: scale) }
    }
  }
}
