import DNNModel
import MNISTInfer
import TestSupport

/// The small models that the rejected files are made from.
enum GoldenBase {
  /// A dense layer from three pixels to three classes, and softmax. Its sections stand at the bytes 256, 576, 704, 768, 832 and
  /// 896; the file has 932.
  case tiny
  /// The same with all optional sections.
  case complete
  /// The same in int8: tensor 0 is the scales, tensor 1 the weights, tensor 2 the bias, at the bytes 0, 64 and 128 of the data.
  case int8
  /// A picture of 4 × 4: convolution, pooling, softmax.
  case picture
  /// Two convolutions, the second in groups, added; global average; softmax.
  case residual

  var file: GoldenFile { get throws { try GoldenFile(model.encoded()) } }

  private var model: ModelFile {
    switch self {
    case .tiny: tinyModel()
    case .complete: withSelfTest(withTexts(tinyModel()))
    case .int8: int8Model()
    case .picture: pictureModel()
    case .residual: residualModel()
    }
  }
}

/// A window with a border of `padding` on all sides.
private func padded(_ height: Int, _ width: Int, _ padding: Int, groups: Int = 1) -> Window {
  var window = Window(height: height, width: width)
  (window.padTop, window.padLeft, window.padBottom, window.padRight) = (padding, padding, padding, padding)
  window.groups = groups
  return window
}

/// Weights that are all different and small.
private func ramp(_ name: String, _ dimensions: [Int]) -> TensorDescription {
  let count = dimensions.reduce(1, *)
  return TensorDescription(
    name: name, dimensions: dimensions, values: (0..<count).map { Float(($0 * 5) % 17 - 8) / 16 })
}

/// A model of three classes and one channel, whose last layer but the softmax has a name for it.
private func model(_ input: Shape, _ layers: [LayerDescription], _ tensors: [TensorDescription]) -> ModelFile {
  let softmax = LayerDescription(.softmax, name: "softmax", inputs: [layers.count], output: Shape(count: 3))
  return ModelFile(
    input: input, layers: layers + [softmax], tensors: tensors, labels: ["zero", "one", "two"],
    preparation: Preparation(polarity: .lightOnDark, placement: .centreOfMass, boxHeight: 1, boxWidth: 2),
    normalisation: [(scale: 1 / 255, offset: 0)])
}

func tinyModel() -> ModelFile {
  var dense = LayerDescription(.dense, name: "dense", inputs: [0], output: Shape(count: 3))
  dense.weights = 0
  return model(Shape(height: 1, width: 3, channels: 1), [dense], [ramp("weights", [3, 3])])
}

func int8Model() -> ModelFile {
  var dense = LayerDescription(.dense, name: "dense", inputs: [0], output: Shape(count: 3))
  (dense.weights, dense.bias) = (1, 2)
  return model(
    Shape(height: 1, width: 3, channels: 1), [dense],
    [
      TensorDescription(name: "scales", dimensions: [3], values: [0.0078125, 0.00390625, 0.005]),
      TensorDescription(
        name: "weights", dimensions: [3, 3], elements: .int8([127, -127, 0, 5, 64, -3, -90, 17, 1], scales: 0)),
      ramp("bias", [3]),
    ])
}

func pictureModel() -> ModelFile {
  var convolution = LayerDescription(
    .convolution, name: "conv", inputs: [0], output: Shape(height: 4, width: 4, channels: 3))
  convolution.window = padded(3, 3, 1)
  convolution.activation = .relu
  (convolution.weights, convolution.bias) = (0, 1)
  var pool = LayerDescription(.maxPool, name: "pool", inputs: [1], output: Shape(count: 3))
  pool.window = Window(height: 4, width: 4, strideHeight: 4, strideWidth: 4)
  return model(
    Shape(height: 4, width: 4, channels: 1), [convolution, pool],
    [ramp("conv.weights", [3, 3, 1, 3]), ramp("conv.bias", [3])])
}

func residualModel() -> ModelFile {
  let shape = Shape(height: 4, width: 4, channels: 3)
  var first = LayerDescription(.convolution, name: "first", inputs: [0], output: shape)
  first.window = padded(3, 3, 1)
  first.activation = .leakyRelu
  first.activationParameter = 0.125
  first.weights = 0
  var second = LayerDescription(.convolution, name: "second", inputs: [1], output: shape)
  second.window = padded(2, 3, 1, groups: 3)
  (second.window.padTop, second.weights) = (0, 1)
  var add = LayerDescription(.add, name: "add", inputs: [1, 2], output: shape)
  add.activation = .clippedRelu
  add.activationParameter = 2
  let mean = LayerDescription(.globalAveragePool, name: "mean", inputs: [3], output: Shape(count: 3))
  return model(
    Shape(height: 4, width: 4, channels: 1), [first, second, add, mean],
    [ramp("first.weights", [3, 3, 1, 3]), ramp("second.weights", [2, 3, 1, 3])])
}

/// With provenance, metadata and a training state.
func withTexts(_ original: ModelFile) -> ModelFile {
  var model = original
  model.provenance = ["data": "none", "seed": "1"]
  model.metadata = ["note": "golden", "notes": "zwei, 二"]
  model.trainingState = [1, 2, 3]
  return model
}

/// With two pictures and what the plain reference makes of them.
func withSelfTest(_ original: ModelFile) -> ModelFile {
  var model = original
  var random = Random(1)
  let pictures = [random.bytes(model.input.count), random.bytes(model.input.count)]
  let reference = ReferenceNetwork(model: model)
  model.selfTest = ModelFile.SelfTest(
    pictures: pictures.flatMap { $0 },
    probabilities: pictures.flatMap { reference.probabilities($0).map { Float($0) } }, tolerance: 1e-5)
  return model
}
