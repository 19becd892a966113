import DNNModel
import MNISTInfer
import TestSupport

/// Grows a network layer by layer, keeping track of shapes.
struct ModelBuilder {
  private(set) var model: ModelFile
  private var random: Random
  /// The value that the next layer reads.
  var value = 0

  init(input: Shape, seed: UInt64) {
    random = Random(seed)
    model = ModelFile(
      input: input, layers: [], tensors: [], labels: [],
      preparation: Preparation(polarity: .keep, placement: .stretch, boxHeight: 0, boxWidth: 0),
      normalisation: (0..<input.channels).map { (1 / 255, -0.1 * Float($0)) })
  }

  func shape(_ value: Int) -> Shape { value == 0 ? model.input : model.layers[value - 1].output }
  var shape: Shape { shape(value) }

  private mutating func append(_ layer: LayerDescription) {
    model.layers.append(layer)
    value = model.layers.count
  }

  private mutating func tensor(_ dimensions: [Int], bound: Float) -> Int {
    model.tensors.append(
      TensorDescription(
        name: "tensor \(model.tensors.count)", dimensions: dimensions,
        values: random.floats(dimensions.reduce(1, *), bound)))
    return model.tensors.count - 1
  }

  /// Weights in float32, or now and then in int8.
  private mutating func weights(_ dimensions: [Int], fanIn: Int) -> Int {
    let bound = 1 / Float(fanIn).squareRoot()
    if random.int(0...4) > 0 { return tensor(dimensions, bound: bound) }
    let scales = model.tensors.count
    let columns = dimensions[dimensions.count - 1]
    model.tensors.append(
      TensorDescription(
        name: "tensor \(scales)", dimensions: [columns],
        values: (0..<columns).map { _ in Float.random(in: (bound / 500)...(bound / 127), using: &random) }))
    model.tensors.append(
      TensorDescription(
        name: "tensor \(scales + 1)", dimensions: dimensions,
        elements: .int8(
          (0..<dimensions.reduce(1, *)).map { _ in Int8.random(in: -127...127, using: &random) }, scales: scales)))
    return scales + 1
  }

  /// - Returns: false if the window does not fit.
  @discardableResult
  mutating func convolution(_ channels: Int, _ window: Window, _ activation: Activation = .none) -> Bool {
    guard let size = window.outputSize(shape) else { return false }
    let input = shape.channels
    var layer = LayerDescription(
      .convolution, name: "layer \(model.layers.count)", inputs: [value],
      output: Shape(height: size.height, width: size.width, channels: channels))
    layer.window = window
    layer.activation = activation
    layer.activationParameter = parameter(activation)
    let fanIn = window.height * window.width * input / window.groups
    layer.weights = weights([window.height, window.width, input / window.groups, channels], fanIn: fanIn)
    if random.int(0...3) > 0 { layer.bias = tensor([channels], bound: 0.5) }
    append(layer)
    return true
  }

  mutating func dense(_ count: Int, _ activation: Activation = .none) {
    var layer = LayerDescription(.dense, inputs: [value], output: Shape(count: count))
    layer.activation = activation
    layer.activationParameter = parameter(activation)
    layer.weights = weights([shape.count, count], fanIn: shape.count)
    if random.int(0...3) > 0 { layer.bias = tensor([count], bound: 0.5) }
    append(layer)
  }

  @discardableResult
  mutating func pool(_ kind: LayerKind, _ window: Window) -> Bool {
    guard let size = window.outputSize(shape) else { return false }
    var layer = LayerDescription(
      kind, inputs: [value], output: Shape(height: size.height, width: size.width, channels: shape.channels))
    layer.window = window
    append(layer)
    return true
  }

  mutating func globalAveragePool() {
    append(LayerDescription(.globalAveragePool, inputs: [value], output: Shape(count: shape.channels)))
  }
  mutating func flatten() { append(LayerDescription(.flatten, inputs: [value], output: Shape(count: shape.count))) }
  mutating func activate(_ activation: Activation) {
    var layer = LayerDescription(.activation, inputs: [value], output: shape)
    layer.activation = activation
    layer.activationParameter = parameter(activation)
    append(layer)
  }
  mutating func add(_ other: Int, _ activation: Activation = .none) {
    var layer = LayerDescription(.add, inputs: [value, other], output: shape)
    layer.activation = activation
    layer.activationParameter = parameter(activation)
    append(layer)
  }

  /// Ends the network with softmax over what is there, which must be a vector.
  mutating func finish() -> ModelFile {
    let classes = shape.count
    append(LayerDescription(.softmax, inputs: [value], output: Shape(count: classes)))
    model.labels = (0..<classes).map { "class \($0)" }
    return model
  }

  private func parameter(_ activation: Activation) -> Float {
    switch activation {
    case .leakyRelu: 0.125
    case .clippedRelu: 0.75
    default: 0
    }
  }
}

/// The Keras example network for 28×28 digits.
func convnet(seed: UInt64) -> ModelFile {
  var builder = ModelBuilder(input: Shape(height: 28, width: 28, channels: 1), seed: seed)
  builder.convolution(32, Window(height: 3, width: 3), .relu)
  builder.pool(.maxPool, Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2))
  builder.convolution(64, Window(height: 3, width: 3), .relu)
  builder.pool(.maxPool, Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2))
  builder.flatten()
  builder.dense(128, .relu)
  builder.dense(10)
  return builder.finish()
}

/// A few kilobytes with every kind of layer.
func smallModel() -> ModelFile {
  var builder = ModelBuilder(input: Shape(height: 6, width: 5, channels: 1), seed: 7)
  var window = Window(height: 3, width: 3)
  (window.padTop, window.padLeft, window.padBottom, window.padRight) = (1, 1, 1, 1)
  builder.convolution(4, window, .relu)
  let shortcut = builder.value
  window.groups = 2
  builder.convolution(4, window, .leakyRelu)
  builder.add(shortcut, .clippedRelu)
  builder.pool(.maxPool, Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2))
  builder.activate(.tanh)
  builder.pool(.averagePool, Window(height: 2, width: 1))
  builder.flatten()
  builder.dense(5, .sigmoid)
  builder.dense(3)
  var model = builder.finish()
  model.provenance = ["recipe": "small", "seed": "7"]
  model.metadata = ["note": "für Tests"]
  model.selfTest = ModelFile.SelfTest(
    pictures: [UInt8](repeating: 9, count: 30), probabilities: [0.25, 0.25, 0.5], tolerance: 1)
  model.history = twoEpochs
  model.trainingState = [1, 2, 3]
  return model
}

/// Numbers that are all different, and the ends of their ranges.
let twoEpochs = [
  TrainingEpoch(
    trainingLoss: 1.5, trainingAccuracy: 0.25, heldOutLoss: 0x1.fffffep127, heldOutAccuracy: 0, learningRate: 0.001),
  TrainingEpoch(trainingLoss: 0.75, trainingAccuracy: 1, heldOutLoss: 0, heldOutAccuracy: 0.5, learningRate: 0),
]

/// A network of random layers of every kind, in which something happens at every edge of a vector or tile.
func randomModel(seed: UInt64) -> ModelFile {
  var random = Random(seed &* 7919 &+ 1)
  let input = Shape(height: random.int(1...12), width: random.int(1...12), channels: random.int(1...4))
  var builder = ModelBuilder(input: input, seed: seed)
  let pairs = Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)
  let activations: [Activation] = [.none, .relu, .leakyRelu, .clippedRelu, .sigmoid, .tanh]
  for _ in 0..<random.int(1...5) {
    var window = Window(height: random.int(1...4), width: random.int(1...4))
    (window.strideHeight, window.strideWidth) = (random.int(1...3), random.int(1...3))
    let activation = activations[random.int(0...5)]
    switch random.int(0...9) {
    case 8:
      // What runs by Winograd's method, with every number of outputs.
      window = Window(height: 3, width: 3)
      randomPadding(&window, &random)
      builder.convolution(random.int(8...40), window, activation)
      if random.int(0...1) == 0 { builder.pool(.maxPool, pairs) }
    case 9:
      randomPadding(&window, &random)
      window.groups = builder.shape.channels
      builder.convolution(window.groups, window, activation)
    case 0...3:
      (window.dilationHeight, window.dilationWidth) = (random.int(1...2), random.int(1...2))
      randomPadding(&window, &random)
      let divisors = (1...4).filter { builder.shape.channels % $0 == 0 }
      window.groups = divisors[random.int(0...(divisors.count - 1))]
      builder.convolution(window.groups * random.int(1...(random.int(0...3) == 0 ? 40 : 9)), window, activation)
      if random.int(0...2) == 0 { builder.pool(.maxPool, pairs) }
    case 4, 5:
      randomPadding(&window, &random)
      builder.pool(random.int(0...1) == 0 ? .maxPool : .averagePool, window)
    case 6: builder.activate(activation)
    default: builder.add(builder.value, activation)
    }
  }
  switch random.int(0...3) {
  case 0: builder.globalAveragePool()
  case 1: builder.flatten()
  case 2:
    builder.flatten()
    builder.activate(activations[random.int(0...5)])
  default: break
  }
  if random.int(0...1) == 0 { builder.dense(random.int(1...70), activations[random.int(0...5)]) }
  builder.dense(random.int(1...20))
  return builder.finish()
}

private func randomPadding(_ window: inout Window, _ random: inout Random) {
  (window.padTop, window.padBottom) = (
    random.int(0...(window.extentHeight - 1)), random.int(0...(window.extentHeight - 1))
  )
  (window.padLeft, window.padRight) = (
    random.int(0...(window.extentWidth - 1)), random.int(0...(window.extentWidth - 1))
  )
}
