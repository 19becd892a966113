import MNISTInfer

extension GoldenCase {
  /// The input, the order of layers, and what stands in them besides windows and tensors.
  static func graphCases() throws -> [GoldenCase] {
    try networkCases() + outputCases() + inputCases() + layerInputCases() + activationCases() + endCases()
  }

  private static func networkCases() throws -> [GoldenCase] {
    let short = "section LAYR is shorter than its 16 bytes of header"
    return try [("empty-section", 0, short), ("cut-in-header", 15, short), ("cut", 399, bytes(399, 3))].map {
      name, count, message in
      try GoldenCase("layers-\(name)", message, .picture) { $0["LAYR"] = Array($0["LAYR"].prefix(count)) }
    } + [
      try GoldenCase("layers-trailing-byte", bytes(401, 3), .picture) { $0["LAYR"].append(0) },
      try GoldenCase("layers-none", "section LAYR: 0 layers; the format allows 1 to 4096", .picture) {
        $0["LAYR"] = Array($0["LAYR"].prefix(16))
        $0.network("layer count", 0)
      },
      try GoldenCase("layer-count-too-small", bytes(400, 2), .picture) { $0.network("layer count", 2) },
      try GoldenCase("layer-count-too-large", bytes(400, 4), .picture) { $0.network("layer count", 4) },
      try GoldenCase(
        "layer-count-u32-max", "section LAYR: 4294967295 layers; the format allows 1 to 4096", .picture
      ) { $0.network("layer count", 0xffff_ffff) },
    ]
  }

  private static func bytes(_ count: Int, _ layers: Int) -> String {
    "section LAYR: \(count) bytes do not hold \(layers) layers"
  }

  /// Kinds, outputs and what they cost.
  private static func outputCases() throws -> [GoldenCase] {
    [
      try GoldenCase("layer-reserved", "layer 2: reserved bytes are not zero", .picture) {
        $0.layer(2, "reserved", 1)
      },
      try GoldenCase(
        "layer-kind-unknown", .unsupported, "layer 1 is of kind LSTM, which needs a newer library", .picture
      ) { $0.layer(1, "kind", UInt64(FourCC("LSTM").rawValue)) },
      try GoldenCase("output-height-wrong", "layer 1: its output is 1×1×3, not 2×1×3", .picture) {
        $0.layer(1, "output height", 2)
      },
      try GoldenCase("output-channels-wrong", "layer 1: its output is 1×1×3, not 1×1×4", .picture) {
        $0.layer(1, "output channels", 4)
      },
      try GoldenCase(
        "output-u32-max", "layer 2: its output is 1×1×3, not 4294967295×4294967295×4294967295", .picture
      ) { file in
        for field in ["output height", "output width", "output channels"] { file.layer(2, field, 0xffff_ffff) }
      },
      try GoldenCase("output-too-many-elements", "layer 0: an output of over 16777216 elements", .picture) {
        enlarge(&$0)
      },
      // 2^24 windows of 65 × 65.
      try GoldenCase(
        "operations-too-many", "layer 0: one picture takes over 17179869184 operations up to here", .picture
      ) { file in
        enlarge(&file)
        file.layer(0, "kind", UInt64(FourCC("AVGP").rawValue))
        for field in ["weights", "bias"] { file.layer(0, field, 0xffff_ffff) }
        for field in ["activation", "groups"] { file.layer(0, field, 0) }
        for field in ["window height", "window width"] { file.layer(0, field, 65) }
        for side in ["above", "left", "below", "right"] { file.layer(0, "padding \(side)", 32) }
        file.layer(0, "output channels", 1)
      },
    ]
  }

  /// A picture of 2^24 pixels, and as many in the first layer's output.
  private static func enlarge(_ file: inout GoldenFile) {
    for field in ["height", "width"] {
      file.network(field, 4096)
      file.layer(0, "output \(field)", 4096)
    }
  }

  private static func inputCases() throws -> [GoldenCase] {
    let shapes: [(String, UInt64, UInt64, UInt64)] = [
      ("zero-height", 0, 4, 1), ("zero-channels", 4, 4, 0), ("5-channels", 4, 4, 5), ("past-limit", 1 << 24 + 1, 1, 1),
      ("too-many-pixels", 4097, 4096, 1), ("too-many-elements", 4096, 4096, 2),
      ("product-wraps", 1 << 32 - 1, 1 << 32 - 1, 4), ("product-wraps-to-zero", 1 << 31, 1 << 31, 4),
    ]
    return try shapes.map { name, height, width, channels in
      try GoldenCase("input-\(name)", "an input of \(height)×\(width)×\(channels) is outside the format's limits") {
        $0.network("height", height)
        $0.network("width", width)
        $0.network("channels", channels)
      }
    }
  }

  private static func layerInputCases() throws -> [GoldenCase] {
    func message(_ layer: Int, _ value: UInt64) -> String {
      "layer \(layer) reads value \(value), which no layer before it makes"
    }
    return [
      try GoldenCase("input-is-itself", message(1, 2), .picture) { $0.layer(1, "first input", 2) },
      try GoldenCase("input-is-later", message(1, 3), .picture) { $0.layer(1, "first input", 3) },
      try GoldenCase("input-of-first-is-last", message(0, 3), .picture) { $0.layer(0, "first input", 3) },
      try GoldenCase("input-past-layers", message(1, 4), .picture) { $0.layer(1, "first input", 4) },
      try GoldenCase("input-u32-max", message(1, 0xffff_ffff), .picture) { $0.layer(1, "first input", 0xffff_ffff) },
      try GoldenCase("add-input-is-itself", message(2, 3), .residual) { $0.layer(2, "second input", 3) },
      try GoldenCase("add-input-u32-max", message(2, 0xffff_ffff), .residual) {
        $0.layer(2, "second input", 0xffff_ffff)
      },
      try GoldenCase(
        "second-input-unused", "layer 1: a layer of kind MAXP has one input, and a second is given: 1", .picture
      ) { $0.layer(1, "second input", 1) },
      try GoldenCase("add-of-different-shapes", "layer 2 adds two inputs of different shapes", .residual) {
        $0.layer(2, "second input", 0)
      },
    ]
  }

  private static func activationCases() throws -> [GoldenCase] {
    func message(_ layer: Int) -> String { "layer \(layer): the activation's parameter is out of range" }
    let leaky: [(String, Float)] = [("one", 1), ("minus-one", -1), ("nan", .nan), ("infinity", .infinity)]
    let clipped: [(String, Float)] = [("zero", 0), ("negative", -1), ("nan", .nan), ("infinity", .infinity)]
    return try leaky.map { name, parameter in
      try GoldenCase("leaky-relu-\(name)", message(0), .residual) { $0.layer(0, parameter: parameter) }
    }
      + clipped.map { name, parameter in
        try GoldenCase("clipped-relu-\(name)", message(2), .residual) {
          $0.layer(2, parameter: parameter)
        }
      } + [
        try GoldenCase("relu-with-parameter", message(0), .picture) { $0.layer(0, parameter: 1) },
        try GoldenCase("no-activation-minus-zero", message(1)) { $0.layer(1, parameter: -0.0) },
        try GoldenCase("activation-unknown", .unsupported, "layer 0: activation 6 needs a newer library") {
          $0.layer(0, "activation", 6)
        },
        try GoldenCase("pool-with-activation", "layer 1: a layer of kind MAXP has no activation", .picture) {
          $0.layer(1, "activation", 1)
        },
        try GoldenCase("softmax-with-activation", "layer 1: a layer of kind SOFT has no activation") {
          $0.layer(1, "activation", 5)
        },
      ]
  }

  /// Softmax and what nothing reads.
  private static func endCases() throws -> [GoldenCase] {
    func message(_ layer: Int) -> String {
      "layer \(layer): the last layer of a network is softmax, and no other is"
    }
    return [
      try GoldenCase("softmax-missing", message(1)) { $0.layer(1, "kind", UInt64(FourCC("ACTV").rawValue)) },
      try GoldenCase("softmax-twice", message(1)) { file in
        file["LAYR"] += file["LAYR"].suffix(128)
        file.network("layer count", 3)
        file.layer(2, "first input", 2)
        file.name(ofLayer: 2, [])
      },
      try GoldenCase("softmax-of-picture", "layer 4: softmax takes a vector of up to 65536 elements", .residual) {
        $0.layer(4, "first input", 3)
      },
      try GoldenCase("value-unused", "layer 1: nothing reads its output", .residual) {
        $0.layer(2, "second input", 1)
      },
    ]
  }
}
