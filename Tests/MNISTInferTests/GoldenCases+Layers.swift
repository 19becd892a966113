import MNISTInfer

/// In place of the number of a tensor: there is none.
private let none: UInt64 = 0xffff_ffff

extension GoldenCase {
  /// Kernels and windows. Layer 0 is a convolution of 3 × 3 with padding 1, layer 1 a pooling of 4 × 4 with stride 4.
  static func windowCases() throws -> [GoldenCase] { try windowSizeCases() + paddingCases() + groupCases() }

  private static func windowSizeCases() throws -> [GoldenCase] {
    let large = "its window is larger than its padded input of 4×4"
    let cases: [(String, Int, String, UInt64, String)] = [
      ("window-zero", 1, "window height", 0, "a window of 0×4; the format allows 1 to 4096"),
      ("window-4097", 1, "window width", 4097, "a window of 4×4097; the format allows 1 to 4096"),
      ("window-u32-max", 0, "window height", none, "a window of 4294967295×3; the format allows 1 to 4096"),
      ("stride-zero", 1, "vertical stride", 0, "strides of 0 and 4; the format allows 1 to 4096"),
      ("stride-4097", 0, "horizontal stride", 4097, "strides of 1 and 4097; the format allows 1 to 4096"),
      ("stride-u32-max", 1, "vertical stride", none, "strides of 4294967295 and 4; the format allows 1 to 4096"),
      ("dilation-zero", 0, "vertical dilation", 0, "dilations of 0 and 1; the format allows 1 to 4096"),
      ("dilation-4097", 0, "horizontal dilation", 4097, "dilations of 1 and 4097; the format allows 1 to 4096"),
      ("window-larger-than-input", 1, "window height", 5, large),
      ("window-4096-larger-than-input", 1, "window width", 4096, large),
      ("dilated-window-larger-than-input", 0, "vertical dilation", 4, large),
      ("pool-with-dilation", 1, "vertical dilation", 2, "pooling has no groups and no dilation"),
      ("pool-with-groups", 1, "groups", 1, "pooling has no groups and no dilation"),
      ("softmax-with-groups", 2, "groups", 1, "a layer of kind SOFT has no window"),
    ]
    return try pictureCases(cases) + [
      try GoldenCase("dense-with-window", "layer 0: a layer of kind DENS has no window") {
        $0.layer(0, "window height", 1)
      }
    ]
  }

  /// One field of one layer changed.
  private static func pictureCases(_ cases: [(String, Int, String, UInt64, String)]) throws -> [GoldenCase] {
    try cases.map { name, layer, field, value, message in
      try GoldenCase(name, "layer \(layer): \(message)", .picture) { $0.layer(layer, field, value) }
    }
  }

  private static func paddingCases() throws -> [GoldenCase] {
    let cases: [(String, Int, String, UInt64)] = [
      ("padding-of-window", 0, "padding above", 3), ("padding-65535", 0, "padding right", 65_535),
      ("pool-padding-of-window", 1, "padding left", 4), ("pool-padding-below", 1, "padding below", 4),
    ]
    return try pictureCases(cases.map { ($0, $1, $2, $3, "more padding than the window is large") })
  }

  private static func groupCases() throws -> [GoldenCase] {
    try pictureCases([
      ("groups-zero", 0, "groups", 0, "0 groups; a convolution has at least 1"),
      ("groups-do-not-divide-input", 0, "groups", 3, "3 groups do not divide 1 and 3 channels"),
    ]) + [
      try GoldenCase("groups-do-not-divide", "layer 1: 2 groups do not divide 3 and 3 channels", .residual) {
        $0.layer(1, "groups", 2)
      },
      try GoldenCase("groups-u32-max", "layer 1: 4294967295 groups do not divide 3 and 3 channels", .residual) {
        $0.layer(1, "groups", none)
      },
    ]
  }

  /// Weights and biases. Tensor 0 is the convolution's weights, tensor 1 its bias.
  static func layerTensorCases() throws -> [GoldenCase] {
    let shape = "its weights, tensor 0, are not"
    let bias = "is no float32 vector of 3 elements"
    return try pictureCases([
      ("weights-missing", 0, "weights", none, "a layer of kind CONV needs weights"),
      ("weights-past-table", 0, "weights", 2, "its weights are tensor 2, but there are only 2"),
      ("weights-u32-max-less-1", 0, "weights", none - 1, "its weights are tensor 4294967294, but there are only 2"),
      ("weights-of-rank-1", 0, "weights", 1, "its weights, tensor 1, are not 3×3×1×3"),
      ("weights-of-pool", 1, "weights", 0, "a layer of kind MAXP has no tensors"),
      ("bias-of-softmax", 2, "bias", 1, "a layer of kind SOFT has no tensors"),
      ("bias-past-table", 0, "bias", 2, "its bias is tensor 2, but there are only 2"),
      ("bias-u32-max-less-1", 0, "bias", none - 1, "its bias is tensor 4294967294, but there are only 2"),
      ("bias-of-another-rank", 0, "bias", 0, "its bias, tensor 0, \(bias)"),
      ("convolution-window-is-not-weights", 0, "window height", 2, "\(shape) 2×3×1×3"),
      ("convolution-channels-are-not-weights", 0, "output channels", 4, "\(shape) 3×3×1×4"),
    ]) + [
      try GoldenCase("bias-of-another-size", "layer 0: its bias, tensor 1, \(bias)", .picture) {
        $0.tensor(1, "dimension 0", 4)
        $0.tensor(1, "length", 16)
        $0["DATA"] += [0, 0, 0, 0]
      },
      try GoldenCase("bias-int8", "layer 0: its bias, tensor 1, \(bias)", .int8) { $0.layer(0, "bias", 1) },
      try GoldenCase("dense-outputs-are-not-weights", "layer 0: \(shape) 3×4") { $0.layer(0, "output channels", 4) },
      try GoldenCase("dense-outputs-zero", "layer 0: \(shape) 3×0") { $0.layer(0, "output channels", 0) },
      try GoldenCase("dense-input-is-not-weights", "layer 0: \(shape) 4×3") { $0.network("width", 4) },
    ]
  }
}
