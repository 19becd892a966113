import MNISTInfer

/// In place of the number of a tensor: there is none.
private let none: UInt64 = 0xffff_ffff

extension GoldenCase {
  /// The table of tensors.
  static func tensorCases() throws -> [GoldenCase] {
    try tensorTableCases() + dimensionCases() + tensorPlaceCases()
  }

  private static func tensorTableCases() throws -> [GoldenCase] {
    [
      try GoldenCase("tensors-cut", "section TNSR: 287 bytes are no multiple of 96", .int8) {
        $0["TNSR"].removeLast()
      },
      try GoldenCase("tensors-none", "section DATA: 140 bytes belong to no tensor", .int8) { $0["TNSR"] = [] },
      try GoldenCase("tensor-reserved", "tensor 2: reserved bytes are not zero", .int8) {
        $0.tensor(2, "reserved", 1)
      },
      try GoldenCase("tensor-type-0", .unsupported, "tensor 1: elements of type 0 need a newer library", .int8) {
        $0.tensor(1, "type", 0)
      },
      try GoldenCase("tensor-type-5", .unsupported, "tensor 1: elements of type 5 need a newer library", .int8) {
        $0.tensor(1, "type", 5)
      },
      try GoldenCase("tensor-unused", "tensor 3: no layer uses it", .int8) {
        $0["TNSR"] += $0["TNSR"].suffix(96)
        $0.name(ofTensor: 3, Array("unused".utf8))
        $0.tensor(3, "offset", 192)
        $0["DATA"] += [UInt8](repeating: 0, count: 64)
      },
    ]
  }

  private static func dimensionCases() throws -> [GoldenCase] {
    let allowed = "; the format allows 1 to 16777216"
    let fields: [(String, Int, String, UInt64, String)] = [
      ("rank-0", 1, "rank", 0, "0 dimensions; the format allows 1 to 4"),
      ("rank-5", 1, "rank", 5, "5 dimensions; the format allows 1 to 4"),
      ("rank-u32-max", 1, "rank", none, "4294967295 dimensions; the format allows 1 to 4"),
      ("dimension-zero", 1, "dimension 1", 0, "dimension 1 is 0\(allowed)"),
      ("dimension-past-limit", 1, "dimension 0", 1 << 24 + 1, "dimension 0 is 16777217\(allowed)"),
      ("dimension-u32-max", 1, "dimension 1", none, "dimension 1 is 4294967295\(allowed)"),
      ("dimension-past-rank", 2, "dimension 2", 7, "dimension 2 is 7, but its rank is 1"),
    ]
    let many = "has over 4294967296 elements"
    let shapes: [(String, [UInt64], UInt64, String)] = [
      ("product-wraps-to-zero", [1 << 24, 1 << 24, 1 << 24, 1 << 24], 0, many),  // 2^96
      ("product-wraps-to-9", [12_272_075, 8_873_719, 9_721_183, 993_539], 9, many),  // 57017476 × 2^64 + 9
      ("of-4-gib", [1 << 16, 1 << 16], 1 << 32, "reaches past the end of the data"),
    ]
    return try fields.map { name, index, field, value, message in
      try GoldenCase(name, "tensor \(index): \(message)", .int8) { $0.tensor(index, field, value) }
    }
      + shapes.map { name, dimensions, length, message in
        try GoldenCase("dimensions-\(name)", "tensor 1 \(message)", .int8) { file in
          file.tensor(1, "rank", UInt64(dimensions.count))
          for (axis, size) in dimensions.enumerated() { file.tensor(1, "dimension \(axis)", size) }
          file.tensor(1, "length", length)
        }
      }
  }

  private static func tensorPlaceCases() throws -> [GoldenCase] {
    let places: [(String, UInt64)] = [
      ("gap", 128), ("on-another", 0), ("unaligned", 12), ("offset-wraps", .max - 63),
    ]
    let lengths: [(String, UInt64)] = [("short", 8), ("long", 10), ("zero", 0), ("wraps", .max - 63)]
    let ends: [(String, Int, Int)] = [("data-empty", 0, 0), ("data-cut", 2, 139), ("data-cut-before-tensor", 2, 100)]
    return try places.map { name, offset in
      try GoldenCase("tensor-\(name)", "tensor 1 starts at byte \(offset) of the data, not 64", .int8) {
        $0.tensor(1, "offset", offset)
      }
    }
      + lengths.map { name, length in
        try GoldenCase("tensor-length-\(name)", "tensor 1: its shape takes 9 bytes, not \(length)", .int8) {
          $0.tensor(1, "length", length)
        }
      }
      + ends.map { name, tensor, count in
        try GoldenCase(name, "tensor \(tensor) reaches past the end of the data", .int8) {
          $0["DATA"] = Array($0["DATA"].prefix(count))
        }
      } + [
        try GoldenCase("data-trailing", "section DATA: 52 bytes belong to no tensor", .int8) {
          $0["DATA"] += [UInt8](repeating: 0, count: 52)
        },
        try GoldenCase("data-padding", "the padding before tensor 1 is not zero", .int8) { $0["DATA"][12] = 1 },
      ]
  }

  /// Elements and scales.
  static func elementCases() throws -> [GoldenCase] { try numberCases() + scaleCases() + scaleTensorCases() }

  private static func numberCases() throws -> [GoldenCase] {
    let numbers: [(String, Float)] = [
      ("nan", .nan), ("signalling-nan", .signalingNaN), ("infinity", .infinity), ("minus-infinity", -.infinity),
    ]
    return try numbers.map { name, number in
      try GoldenCase("weight-\(name)", "tensor 0: element 3 is not a finite number") {
        $0.float("DATA", at: 12, number)
      }
    } + [
      try GoldenCase("bias-nan", "tensor 2: element 2 is not a finite number", .int8) {
        $0.float("DATA", at: 136, .nan)
      },
      try GoldenCase(
        "int8-minus-128", "tensor 1: element 7 is -128; the range is symmetric, -127 to 127", .int8
      ) { $0["DATA"][71] = 0x80 },
    ]
  }

  private static func scaleCases() throws -> [GoldenCase] {
    let range = "scale 1 is not positive, or too small or large"
    let finite = "element 1 is not a finite number"
    let numbers: [(String, Float, String)] = [
      ("zero", 0, range), ("minus-zero", -0.0, range), ("negative", -0.01, range),
      ("subnormal", .leastNonzeroMagnitude, range), ("too-large", .greatestFiniteMagnitude, range),
      ("nan", .nan, finite), ("infinity", .infinity, finite),
    ]
    return try numbers.map { name, number, message in
      try GoldenCase("scale-\(name)", "tensor 0: \(message)", .int8) { $0.float("DATA", at: 4, number) }
    }
  }

  private static func scaleTensorCases() throws -> [GoldenCase] {
    func vector(_ index: Int) -> String {
      "tensor 1: its scales, tensor \(index), are no float32 vector of 3 elements"
    }
    return [
      try GoldenCase("scales-of-another-length", vector(0), .int8) {
        $0.tensor(0, "dimension 0", 4)
        $0.tensor(0, "length", 16)
      },
      try GoldenCase("scales-of-another-rank", vector(0), .int8) {
        $0.tensor(0, "rank", 2)
        $0.tensor(0, "dimension 1", 1)
      },
      try GoldenCase("scales-are-itself", vector(1), .int8) { $0.tensor(1, "scales", 1) },
      try GoldenCase("scales-missing", "tensor 1: an int8 tensor has scales, and no other has", .int8) {
        $0.tensor(1, "scales", none)
      },
      try GoldenCase("scales-of-float32", "tensor 2: an int8 tensor has scales, and no other has", .int8) {
        $0.tensor(2, "scales", 0)
      },
      try GoldenCase("scales-past-table", "tensor 1: its scales are tensor 3, but there are only 3", .int8) {
        $0.tensor(1, "scales", 3)
      },
    ]
  }
}
