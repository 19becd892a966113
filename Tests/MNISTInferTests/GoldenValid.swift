import DNNModel
import MNISTInfer

/// A file that readers must accept.
struct GoldenValid {
  var name: String
  var bytes: [UInt8]

  private init(_ name: String, _ bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }

  private init(_ name: String, _ model: ModelFile) throws { self.init(name, try withSelfTest(model).encoded()) }

  static var all: [GoldenValid] {
    get throws {
      [
        GoldenValid("minimal", try GoldenBase.tiny.file.encoded),
        try GoldenValid("int8", int8Model()),
        try GoldenValid("picture", pictureModel()),
        try GoldenValid("residual", residualModel()),
        try GoldenValid("all-optional-sections", withTexts(int8Model())),
        try GoldenValid("float32-mlp", perceptron()),
        try GoldenValid("every-layer-kind", everyKind()),
        try GoldenValid("one-class", vector(classes: 1)),
        try GoldenValid("grey-and-alpha", picture(channels: 2)),
        try GoldenValid("colour", picture(channels: 3)),
        try GoldenValid("colour-and-alpha", picture(channels: 4)),
        try GoldenValid("no-tensors", withoutTensors()),
        try GoldenValid("shared-tensors", sharedTensors()),
        try GoldenValid("names-and-labels", namesAndLabels()),
        try GoldenValid("history", withHistory(tinyModel())),
        try GoldenValid("steps-of-digits", prepared(.digits)),
        try GoldenValid("steps-of-clothes", prepared(.clothes)),
      ] + (try integers()) + (try notCanonical())
    }
  }

  /// Integer models.
  private static func integers() throws -> [GoldenValid] {
    var logitsOf8Bits = withoutTensors()
    logitsOf8Bits.normalisation = [(scale: 0.02, offset: 0)]
    logitsOf8Bits.quantization = [0.02, 0.02, 1].map { Quantization(scale: $0, zeroPoint: 0) }
    var largestSums = integerModel()
    let most = Int32(Int(Int32.max) - 57_030)
    largestSums.tensors[2].elements = .int32([most, 0, 0])
    var mostNegativeSums = largestSums
    mostNegativeSums.tensors[2].elements = .int32([-most, 0, 0])
    func shifts(_ convolution: Float, _ sum: Float, _ mean: Float, _ logits: Float) -> ModelFile {
      var model = integerPictureModel()
      for (value, scale) in zip(1..., [convolution, sum, sum, 0x1p-7, mean, mean, logits]) {
        model.quantization[value].scale = scale
      }
      return model
    }
    return [
      try GoldenValid("integer", integerModel()),
      try GoldenValid("integer-picture", integerPictureModel()),
      try GoldenValid("integer-every-layer-kind", quantized(everyKind(), seed: 1)),
      try GoldenValid("integer-residual", quantized(residualModel(), seed: 2)),
      try GoldenValid("integer-colour", quantized(picture(channels: 3), seed: 3)),
      try GoldenValid("integer-colour-and-alpha", quantized(picture(channels: 4), seed: 4)),
      try GoldenValid("integer-logits-of-8-bits", logitsOf8Bits),
      try GoldenValid("integer-largest-sums", largestSums),
      try GoldenValid("integer-most-negative-sums", mostNegativeSums),
      // The least and the largest that are allowed: 32, 1 and 1; 62, 30 and 62; then for logits and softmax 1 and 62; 62 and 25.
      try GoldenValid("integer-least-shifts", shifts(0x1p-13, 0x1p-31, 0x1p-37, 0x1p-31)),
      try GoldenValid("integer-largest-shifts", shifts(0x1p17, 0x1p28, 0x1p24, 0x1p5)),
      try GoldenValid("integer-logits-least-shift", shifts(0x1p-6, 0x1p-5, 0x1p4, 0x1p-32)),
      try GoldenValid("integer-logits-largest-shift", shifts(0x1p-6, 0x1p-5, 0x1p-20, 0x1p5)),
    ]
  }

  /// Files that a writer does not make and a reader accepts.
  private static func notCanonical() throws -> [GoldenValid] {
    let base = GoldenFile(try withSelfTest(tinyModel()).encoded())
    var unknown = base
    unknown.sections.insert((FourCC("xtra"), 1, []), at: 0)
    unknown.sections.insert((FourCC("xtra"), 1, [1, 2, 3]), at: 3)
    unknown.sections.append((FourCC("last"), 1, [UInt8](repeating: 0xff, count: 70)))
    var empty = base
    let place = empty.index("TEST")
    empty.sections.insert((FourCC("TRNG"), 1, []), at: place + 1)
    empty.sections.insert((FourCC("META"), 1, [0, 0, 0, 0]), at: place)
    empty.sections.insert((FourCC("PROV"), 1, [0, 0, 0, 0]), at: place)
    var emptyHistory = base
    emptyHistory.sections.insert((FourCC("HIST"), SectionEntry.skippable, []), at: place)
    var newer = base
    newer.header("minor version", 65_535)
    return [
      GoldenValid("unknown-sections", unknown.encoded), GoldenValid("empty-optional-sections", empty.encoded),
      GoldenValid("empty-history", emptyHistory.encoded), GoldenValid("newer-minor-version", newer.encoded),
    ]
  }

  private static func perceptron() -> ModelFile {
    var builder = ModelBuilder(input: Shape(height: 4, width: 4, channels: 1), seed: 21)
    builder.dense(7, .tanh)
    builder.dense(5, .leakyRelu)
    builder.dense(3)
    return builder.finish()
  }

  private static func everyKind() -> ModelFile {
    var model = smallModel()
    (model.provenance, model.metadata, model.history, model.trainingState) = ([:], [:], [], nil)
    var mean = LayerDescription(.globalAveragePool, inputs: [6], output: Shape(count: 4))
    mean.name = "mean"
    // In place of the flattening before the dense layers, which then are as wide as the mean.
    let flat = model.layers.firstIndex { $0.kind == .flatten }!
    model.layers[flat].inputs = [flat + 1]
    model.layers[flat].output = Shape(count: 4)
    model.layers.insert(mean, at: flat)
    for index in (flat + 2)..<model.layers.count {
      model.layers[index].inputs = model.layers[index].inputs.map { $0 + 1 }
    }
    let weights = model.layers[flat + 2].weights!
    model.tensors[weights] = TensorDescription(
      name: "squeezed", dimensions: [4, 5], values: (0..<20).map { Float($0 - 10) / 16 })
    return model
  }

  /// A picture of the smallest size that holds the box.
  private static func prepared(_ preparation: Preparation) -> ModelFile {
    let input = Shape(height: preparation.boxHeight, width: preparation.boxWidth, channels: 1)
    var builder = ModelBuilder(input: input, seed: 5)
    builder.globalAveragePool()
    builder.dense(2)
    var model = builder.finish()
    model.preparation = preparation
    return model
  }

  private static func vector(classes: Int) -> ModelFile {
    var builder = ModelBuilder(input: Shape(height: 1, width: 2, channels: 1), seed: 3)
    builder.dense(classes)
    return builder.finish()
  }

  private static func picture(channels: Int) -> ModelFile {
    var builder = ModelBuilder(input: Shape(height: 3, width: 2, channels: channels), seed: UInt64(channels))
    var window = Window(height: 2, width: 2)
    (window.padBottom, window.padRight, window.dilationWidth) = (1, 1, 2)
    builder.convolution(4, window, .relu)
    builder.globalAveragePool()
    builder.dense(3)
    var model = builder.finish()
    model.preparation.polarity = .lightOnDark
    return model
  }

  private static func withoutTensors() -> ModelFile {
    var builder = ModelBuilder(input: Shape(height: 1, width: 3, channels: 1), seed: 1)
    builder.flatten()
    return builder.finish()
  }

  /// One matrix for two layers; one vector as a bias and as scales.
  private static func sharedTensors() -> ModelFile {
    func dense(_ input: Int, _ weights: Int) -> LayerDescription {
      var layer = LayerDescription(.dense, inputs: [input], output: Shape(count: 2))
      (layer.weights, layer.bias) = (weights, 1)
      return layer
    }
    var model = vector(classes: 2)
    model.layers = [dense(0, 0), dense(1, 0), dense(2, 2)]
    model.layers.append(LayerDescription(.softmax, inputs: [3], output: Shape(count: 2)))
    model.tensors = [
      TensorDescription(name: "matrix", dimensions: [2, 2], values: [0.5, -0.25, 0.125, 1]),
      TensorDescription(name: "vector", dimensions: [2], values: [0.25, 0.5]),
      TensorDescription(name: "int8", dimensions: [2, 2], elements: .int8([127, -127, 0, 1], scales: 1)),
    ]
    return model
  }

  /// The longest name, empty names, a name that a layer and a tensor share; empty and equal labels, and all kinds of text.
  private static func namesAndLabels() -> ModelFile {
    var model = residualModel()
    model.layers[0].name = String(repeating: "n", count: 39)
    model.layers[1].name = ""
    model.layers[2].name = ""
    model.layers[3].name = "shared"
    model.tensors[0].name = "shared"
    model.tensors[1].name = "größer, 更大"
    model.labels = ["", "", "\u{80a0}\u{a0}\u{10ffff}\u{d7ff}\u{e000}\tz\n"]
    return model
  }
}
