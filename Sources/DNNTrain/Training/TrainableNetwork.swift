import CKernels
import MNISTInfer

/// Images that one thread takes through the network at a time: the smallest piece of a batch, fixed so that sums over a batch
/// do not depend on the number of threads.
let shardSize = 16

/// An architecture built for an input shape: its layers and where their values stand in memory. Holds no parameters' values.
final class TrainableNetwork {
  let input: Shape
  /// For each channel of the picture: what an 8-bit value is multiplied by, and what is added then.
  let normalisation: [(scale: Float, offset: Float)]
  let layers: [any TrainableLayer]
  /// What each layer reads: 0 is the picture, i + 1 the output of layer i.
  let inputs: [[Int]]
  /// Value 0 is the picture, value i + 1 the output of layer i.
  let values: [ValueLayout]
  /// nil where nothing before the value learns.
  let gradients: [ValueLayout?]
  /// By value: what it is rounded to before the next layers read it; nil where it stays as it is.
  let roundings: [Quantization?]
  /// By value of the architecture: the value of the network, which has layers that the architecture only implies.
  let valueOfArchitecture: [Int]
  /// Where each layer's parameters start among all.
  let parameterOffsets: [Int]
  /// Floats of all parameters, padding included.
  let parameterCount: Int
  let multiplyAdds: Int
  /// The instruction set that it computes with.
  let kernelName: UnsafePointer<CChar>
  let loss: SoftmaxCrossEntropy
  /// By layer: whether it stays as it is.
  let isFrozen: [Bool]
  private let isFirstWriter: [[Bool]]

  /// - Parameters:
  ///   - architecture: its layers.
  ///   - input: the pictures' shape.
  ///   - normalisation: for each channel; nil to bring 8-bit values to 0…1.
  ///   - frozenLayers: see `TrainingOptions.frozenLayers`.
  ///   - roundings: by value of the architecture, what it is rounded to.
  /// - Throws: `ArchitectureError` if the layers do not fit the input or are too large, or a frozen one is not there, `Failure` if memory runs out.
  init(
    _ architecture: Architecture, input: Shape, normalisation: [(scale: Float, offset: Float)]? = nil,
    frozenLayers: [String] = [], roundings: [Int: Quantization] = [:]
  ) throws {
    let (kernels, trainingKernels) = (selectKernels(), selectTrainingKernels())
    let plan = try NetworkPlan(architecture, input: input, kernels, frozenLayers: frozenLayers)
    self.input = input
    self.normalisation =
      normalisation ?? [(scale: Float, offset: Float)](repeating: (scale: 1 / 255, offset: 0), count: input.channels)
    (values, gradients) = (plan.values, plan.gradients)
    isFrozen = plan.nodes.map(\.isFrozen)
    (inputs, isFirstWriter) = (plan.nodes.map(\.inputs), plan.isFirstWriter)
    valueOfArchitecture = plan.valueOfArchitecture
    self.roundings = roundings.reduce(into: Array(repeating: nil, count: plan.values.count)) {
      $0[plan.valueOfArchitecture[$1.key]] = $1.value
    }
    layers = try plan.nodes.indices.map { index in
      let node = plan.nodes[index]
      let isLast = index == plan.nodes.count - 1
      let saturates = node.specification.activation.kind == .sigmoid || node.specification.activation.kind == .tanh
      let settings = LayerSettings(
        name: node.name, kernels: kernels, trainingKernels: trainingKernels,
        initialisation: isLast || saturates ? .glorot : .he, hasBias: node.hasBias)
      return try makeLayer(node, settings, plan.layouts(ofLayer: index))
    }
    var offsets: [Int] = []
    var count = 0
    for layer in layers {
      offsets.append(count)
      count += layer.parameters.reduce(0) { $0 + $1.size }
    }
    (parameterOffsets, parameterCount) = (offsets, count)
    multiplyAdds = plan.multiplyAdds
    kernelName = kernels.name
    loss = SoftmaxCrossEntropy(
      logits: plan.values[layers.count], logitsGradient: plan.lastGradient, softmax: kernels.softmax)
  }

  var classCount: Int { loss.logits.shape.count }

  /// Numbers that the optimizer changes.
  var learnedCount: Int {
    zip(layers, isFrozen).reduce(0) { sum, layer in
      layer.1 ? sum : sum + layer.0.parameters.reduce(0) { $0 + ($1.role.isLearned ? $1.rows * $1.columns : 0) }
    }
  }

  /// Sets first values: weights at random, the others as their layers say.
  func initialise(_ values: UnsafeMutablePointer<Float>, _ key: RandomKey) {
    for (index, layer) in layers.enumerated() {
      var generator = RandomGenerator(key.stream(index))
      for parameter in layer.parameters {
        let count = parameter.rows * parameter.columns
        let elements =
          switch parameter.start {
          case .constant(let value): [Float](repeating: value, count: count)
          case .random(let bound): (0..<count).map { _ in generator.symmetricUnit() * bound }
          case .drawn(let draw): draw(&generator)
          }
        parameter.setElements(elements, of: values + parameterOffsets[index])
      }
    }
  }

  /// Takes the images in the workspace's value 0 through the layers.
  ///
  /// - Parameters:
  ///   - workspace: of this network; nobody else's meanwhile.
  ///   - imageCount: at most `shardSize`.
  ///   - parameters: of all layers.
  ///   - noise: randomness of this step, or nil outside training.
  ///   - firstImage: the first image's place in the batch.
  ///   - range: the layers, those before them being done; nil for all.
  func forward(
    _ workspace: Workspace, imageCount: Int, parameters: UnsafePointer<Float>, noise: RandomKey?, firstImage: Int = 0,
    layers range: Range<Int>? = nil
  ) {
    for index in range ?? layers.indices {
      layers[index].forward(
        pass(index, workspace, imageCount, parameters, noise: noise?.stream(index), firstImage: firstImage))
      roundOutput(ofLayer: index, workspace, imageCount: imageCount)
    }
  }

  /// Takes the gradient of the last value back through all layers that learn or stand after one that does.
  ///
  /// - Parameters:
  ///   - workspace: as `forward` left it, with the gradient of the last value.
  ///   - imageCount: as in `forward`.
  ///   - share: the shard's images over those of the batch.
  ///   - parameters: as in `forward`.
  ///   - gradient: of all parameters, summed over the shard; overwritten.
  ///   - layerPassed: called with each layer whose gradient is there.
  func backward(
    _ workspace: Workspace, imageCount: Int, share: Float, parameters: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, layerPassed: (Int) -> Void = { _ in }
  ) {
    for index in layers.indices.reversed() where gradients[index + 1] != nil {
      stopClipped(ofLayer: index, workspace, imageCount: imageCount)
      layers[index].backward(
        pass(index, workspace, imageCount, parameters, share: share), gradient: gradient + parameterOffsets[index])
      for (place, value) in inputs[index].enumerated() where !isFirstWriter[index][place] {
        guard let layout = gradients[value] else { continue }
        addPixels(workspace.detours[place], to: workspace.gradients[value], layout, imageCount: imageCount)
      }
      layerPassed(index)
    }
  }

  private func pass(
    _ index: Int, _ workspace: Workspace, _ imageCount: Int, _ parameters: UnsafePointer<Float>,
    noise: RandomKey? = nil, firstImage: Int = 0, share: Float = 0
  ) -> LayerPass {
    let (first, last) = (inputs[index][0], inputs[index].count - 1)
    return LayerPass(
      imageCount: imageCount, input: workspace.values[first], secondInput: workspace.values[inputs[index][last]],
      output: workspace.outputs[index + 1], inputGradient: inputGradient(index, 0, workspace),
      secondInputGradient: last == 0 ? nil : inputGradient(index, 1, workspace),
      outputGradient: workspace.gradients[index + 1], parameters: parameters + parameterOffsets[index],
      scratch: workspace.scratch[index], noise: noise, firstImage: firstImage, share: share)
  }

  /// Where a layer leaves the gradient of one of its inputs. What several layers read has several gradients; the first to come
  /// goes to its place, and each other one makes a detour from where it is added.
  private func inputGradient(_ index: Int, _ place: Int, _ workspace: Workspace) -> UnsafeMutablePointer<Float>? {
    let value = inputs[index][place]
    if gradients[value] == nil { return nil }
    return isFirstWriter[index][place] ? workspace.gradients[value] : workspace.detours[place]
  }

  /// Floats of one image's gradient of a value. That of the logits is there even where nothing learns.
  func gradientSize(_ value: Int) -> Int {
    value == layers.count ? loss.logitsGradient.size : gradients[value]?.size ?? 0
  }

  /// Floats of one image for the gradients of layers' first and second inputs that make a detour.
  var detourSizes: [Int] {
    (0..<2).map { place in
      layers.indices.reduce(0) { largest, index in
        let isDetour = place < inputs[index].count && !isFirstWriter[index][place]
        return isDetour ? max(largest, gradients[inputs[index][place]]?.size ?? 0) : largest
      }
    }
  }
}

private func makeLayer(
  _ node: NetworkPlan.Node, _ settings: LayerSettings, _ layouts: LayerLayouts
) throws -> any TrainableLayer {
  switch node.specification {
  case .convolution(_, let window, let activation):
    if window.groups > 1 {
      return try GroupedConvolution(settings, window: window, activation: activation, layouts: layouts)
    }
    if node.geometry.isWinograd {
      return try WinogradConvolution(settings, window: window, activation: activation, layouts: layouts)
    }
    return try Convolution(settings, window: window, activation: activation, layouts: layouts)
  case .depthwise(var window, let activation):
    window.groups = layouts.input.shape.channels
    return try GroupedConvolution(settings, window: window, activation: activation, layouts: layouts)
  case .dense(_, let activation): return try Dense(settings, activation: activation, layouts: layouts)
  case .maxPool(let window): return MaxPooling(settings, window: window, layouts: layouts)
  case .averagePool(let window): return AveragePooling(settings, window: window, layouts: layouts)
  case .globalAveragePool: return AveragePooling(settings, window: nil, layouts: layouts)
  case .batchNormalisation(let activation):
    return BatchNormalisation(settings, activation: activation, layouts: layouts, isFolded: node.isFolded)
  case .dropout(let rate): return Dropout(settings, rate: rate, layouts: layouts)
  case .flatten: return Flatten(settings, layouts: layouts)
  case .add(let activation), .activation(let activation):
    return Elementwise(settings, activation: activation, layouts: layouts)
  case .custom(let reference): return CustomLayerRun(settings, reference.layer, layouts: layouts)
  }
}

extension Architecture {
  /// What a network costs.
  ///
  /// - Parameter input: the pictures' shape.
  /// - Returns: the numbers that are in its file, with batch normalisation folded, and the multiply-adds of its convolutions and dense layers for one picture.
  /// - Throws: `ArchitectureError` if the layers do not fit the input or are too large, `Failure` if memory runs out.
  public func cost(input: Shape) throws -> (parameters: Int, multiplyAdds: Int) {
    let network = try TrainableNetwork(self, input: input)
    let foldedCount = network.layers.reduce(0) { $0 + (($1 as? BatchNormalisation)?.foldedCount ?? 0) }
    return (network.learnedCount - foldedCount, network.multiplyAdds)
  }
}
