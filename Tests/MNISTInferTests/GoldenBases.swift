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
  /// `tiny` with a history of two epochs.
  case history
  /// The same in int8: tensor 0 is the scales, tensor 1 the weights, tensor 2 the bias, at the bytes 0, 64 and 128 of the data.
  case int8
  /// A picture of 4 × 4: convolution, pooling, softmax.
  case picture
  /// Two convolutions, the second in groups, added; global average; softmax.
  case residual
  /// `int8` as an integer model: tensor 2 is an int32 bias. Sums of column 0 reach 57,030 without it.
  case integer
  /// An integer model: convolution, addition, max pool, table, average pool, flatten, dense, softmax. All scales are powers of two.
  case integerPicture
  /// An integer model of one class: the mean of a picture of 1 × 3, and softmax.
  case integerMean

  var file: GoldenFile { get throws { try GoldenFile(model.encoded()) } }

  private var model: ModelFile {
    switch self {
    case .tiny: tinyModel()
    case .complete: withSelfTest(withTexts(tinyModel()))
    case .history: withHistory(tinyModel())
    case .int8: int8Model()
    case .picture: pictureModel()
    case .residual: residualModel()
    case .integer: integerModel()
    case .integerPicture: integerPictureModel()
    case .integerMean: integerMeanModel()
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

func integerModel() -> ModelFile {
  var model = int8Model()
  model.tensors[2].elements = .int32([10_000, 0, 5_000])
  model.normalisation = [(scale: 1 / 255, offset: -10 * (1 / 255))]
  model.quantization = [
    Quantization(scale: 1 / 255, zeroPoint: 10), Quantization(scale: 0.0001, zeroPoint: 0),
    Quantization(scale: 1, zeroPoint: 0),
  ]
  return model
}

func integerMeanModel() -> ModelFile {
  let mean = LayerDescription(.globalAveragePool, name: "mean", inputs: [0], output: Shape(count: 1))
  let softmax = LayerDescription(.softmax, name: "softmax", inputs: [1], output: Shape(count: 1))
  var result = model(Shape(height: 1, width: 3, channels: 1), [mean], [])
  (result.layers, result.labels) = ([mean, softmax], ["only"])
  result.quantization = [Float(1.0 / 255), 0.25, 1].map { Quantization(scale: $0, zeroPoint: 0) }
  return result
}

func integerPictureModel() -> ModelFile {
  let shape = Shape(height: 4, width: 4, channels: 3)
  var convolution = LayerDescription(.convolution, name: "conv", inputs: [0], output: shape)
  convolution.window = padded(3, 3, 1)
  convolution.activation = .relu
  (convolution.weights, convolution.bias) = (1, 2)
  var add = LayerDescription(.add, name: "add", inputs: [1, 1], output: shape)
  (add.activation, add.activationParameter) = (.clippedRelu, 2)
  var largest = LayerDescription(
    .maxPool, name: "max", inputs: [2], output: Shape(height: 2, width: 2, channels: 3))
  largest.window = Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)
  var table = LayerDescription(.activation, name: "table", inputs: [3], output: largest.output)
  (table.activation, table.weights) = (.tanh, 3)
  var mean = LayerDescription(
    .averagePool, name: "mean", inputs: [4], output: Shape(height: 1, width: 2, channels: 3))
  mean.window = Window(height: 2, width: 1)
  let flat = LayerDescription(.flatten, name: "flat", inputs: [5], output: Shape(count: 6))
  var dense = LayerDescription(.dense, name: "dense", inputs: [6], output: Shape(count: 3))
  dense.weights = 4
  func weights(_ count: Int) -> [Int8] { (0..<count).map { Int8(($0 * 5) % 17 - 8) * 15 } }
  var result = model(
    Shape(height: 4, width: 4, channels: 1), [convolution, add, largest, table, mean, flat, dense],
    [
      TensorDescription(name: "scales", dimensions: [3], values: [0x1p-7, 0x1p-8, 0x1p-9]),
      TensorDescription(name: "conv.weights", dimensions: [3, 3, 1, 3], elements: .int8(weights(27), scales: 0)),
      TensorDescription(name: "conv.bias", dimensions: [3], elements: .int32([1000, -2000, 0])),
      TensorDescription(name: "table", dimensions: [256], elements: .uint8((0...255).map { 255 - $0 })),
      TensorDescription(name: "dense.weights", dimensions: [6, 3], elements: .int8(weights(18), scales: 0)),
    ])
  result.normalisation = [(scale: 0x1p-8, offset: -10 * 0x1p-8)]
  let scales: [(Float, Int)] = [
    (0x1p-8, 10), (0x1p-6, 5), (0x1p-5, 7), (0x1p-5, 7), (0x1p-7, 128), (0x1p-7, 120), (0x1p-7, 120), (0x1p-14, 0),
    (1, 0),
  ]
  result.quantization = scales.map { Quantization(scale: $0.0, zeroPoint: $0.1) }
  return result
}

/// With provenance, metadata and a training state.
func withTexts(_ original: ModelFile) -> ModelFile {
  var model = original
  model.provenance = ["data": "none", "seed": "1"]
  model.metadata = ["note": "golden", "notes": "zwei, 二"]
  model.trainingState = [1, 2, 3]
  return model
}

func withHistory(_ original: ModelFile) -> ModelFile {
  var model = original
  model.history = twoEpochs
  return model
}

/// With two pictures and what the plain reference makes of them: for an integer model, to the last bit.
func withSelfTest(_ original: ModelFile) -> ModelFile {
  var model = original
  var random = Random(1)
  let pictures = [random.bytes(model.input.count), random.bytes(model.input.count)]
  func probabilities(_ picture: [UInt8]) -> [Float] {
    model.quantization.isEmpty
      ? ReferenceNetwork(model: model).probabilities(picture).map { Float($0) }
      : IntegerReference(model: model).probabilities(picture)
  }
  model.selfTest = ModelFile.SelfTest(
    pictures: pictures.flatMap { $0 }, probabilities: pictures.flatMap(probabilities),
    tolerance: model.quantization.isEmpty ? 1e-5 : 0)
  return model
}
