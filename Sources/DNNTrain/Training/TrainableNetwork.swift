import CKernels
import MNISTInfer

/// Images that one thread takes through the network at a time: the smallest piece of a batch, fixed so that sums over a batch
/// do not depend on the number of threads.
let shardSize = 16

/// An architecture built for an input shape: its layers and where their values stand in memory. Holds no parameters' values.
final class TrainableNetwork {
  let input: Shape
  let layers: [any TrainableLayer]
  /// Value 0 is the picture, value i + 1 the output of layer i.
  let values: [ValueLayout]
  /// nil where nothing before the value learns.
  let gradients: [ValueLayout?]
  /// Where each layer's parameters start among all.
  let parameterOffsets: [Int]
  let parameterCount: Int
  let loss: SoftmaxCrossEntropy

  /// - Throws: `ArchitectureError` if the layers do not fit the input or are too large, `Failure` if memory runs out.
  init(_ architecture: Architecture, input: Shape) throws {
    let (kernels, trainingKernels) = (selectKernels(), selectTrainingKernels())
    let plan = try NetworkPlan(architecture, input: input, kernels)
    self.input = input
    (values, gradients) = (plan.values, plan.gradients)
    layers = try plan.specifications.indices.map { index in
      let isLast = index == plan.specifications.count - 1
      let settings = LayerSettings(
        name: plan.names[index], kernels: kernels, trainingKernels: trainingKernels,
        initialisation: isLast ? .glorot : .he)
      return try makeLayer(plan.specifications[index], settings, plan.layouts(ofLayer: index))
    }
    var offsets: [Int] = []
    var count = 0
    for layer in layers {
      offsets.append(count)
      count += layer.parameters.reduce(0) { $0 + $1.size }
    }
    (parameterOffsets, parameterCount) = (offsets, count)
    loss = SoftmaxCrossEntropy(
      logits: plan.values[layers.count], logitsGradient: plan.lastGradient, softmax: kernels.softmax)
  }

  var classCount: Int { loss.logits.shape.count }

  /// Sets first values: weights at random, biases zero.
  func initialise(_ values: UnsafeMutablePointer<Float>, _ key: RandomKey) {
    for (index, layer) in layers.enumerated() {
      var generator = RandomGenerator(key.stream(index))
      for parameter in layer.parameters where parameter.initialBound > 0 {
        let elements = (0..<parameter.rows * parameter.columns).map { _ in
          generator.symmetricUnit() * parameter.initialBound
        }
        parameter.setElements(elements, of: values + parameterOffsets[index])
      }
    }
  }

  /// Takes the images in the workspace's value 0 through all layers.
  ///
  /// - Parameters:
  ///   - workspace: of this network; nobody else's meanwhile.
  ///   - imageCount: at most `shardSize`.
  ///   - parameters: of all layers.
  ///   - noise: randomness of this step, or nil outside training.
  ///   - firstImage: the first image's place in the batch.
  func forward(
    _ workspace: Workspace, imageCount: Int, parameters: UnsafePointer<Float>, noise: RandomKey?, firstImage: Int = 0
  ) {
    for index in layers.indices {
      layers[index].forward(
        pass(index, workspace, imageCount, parameters, noise: noise?.stream(index), firstImage: firstImage))
    }
  }

  /// Takes the gradient of the last value back through all layers that learn or stand after one that does.
  ///
  /// - Parameters:
  ///   - workspace: as `forward` left it, with the gradient of the last value.
  ///   - imageCount: as in `forward`.
  ///   - parameters: as in `forward`.
  ///   - gradient: of all parameters, summed over the shard; overwritten.
  func backward(
    _ workspace: Workspace, imageCount: Int, parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) {
    for index in layers.indices.reversed() where gradients[index + 1] != nil {
      layers[index].backward(
        pass(index, workspace, imageCount, parameters, noise: nil, firstImage: 0),
        gradient: gradient + parameterOffsets[index])
    }
  }

  private func pass(
    _ index: Int, _ workspace: Workspace, _ imageCount: Int, _ parameters: UnsafePointer<Float>, noise: RandomKey?,
    firstImage: Int
  ) -> LayerPass {
    LayerPass(
      imageCount: imageCount, input: workspace.values[index], output: workspace.values[index + 1],
      inputGradient: gradients[index] == nil ? nil : workspace.gradients[index],
      outputGradient: workspace.gradients[index + 1], parameters: parameters + parameterOffsets[index],
      scratch: workspace.scratch[index], noise: noise, firstImage: firstImage)
  }
}

private func makeLayer(
  _ specification: LayerSpecification, _ settings: LayerSettings, _ layouts: LayerLayouts
) throws -> any TrainableLayer {
  switch specification {
  case .convolution(_, let window, let hasRelu):
    try Convolution(settings, window: window, hasRelu: hasRelu, layouts: layouts)
  case .maxPool(let window): MaxPooling(settings, window: window, layouts: layouts)
  case .flatten: Flatten(settings, layouts: layouts)
  case .dense(_, let hasRelu): try Dense(settings, hasRelu: hasRelu, layouts: layouts)
  case .dropout(let rate): Dropout(settings, rate: rate, layouts: layouts)
  }
}
