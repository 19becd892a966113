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
      ] + (try notCanonical())
    }
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
    var newer = base
    newer.header("minor version", 65_535)
    return [
      GoldenValid("unknown-sections", unknown.encoded), GoldenValid("empty-optional-sections", empty.encoded),
      GoldenValid("newer-minor-version", newer.encoded),
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
    (model.provenance, model.metadata, model.trainingState) = ([:], [:], nil)
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
