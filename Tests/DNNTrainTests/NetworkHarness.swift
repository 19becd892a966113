import MNISTInfer

@testable import DNNTrain

/// One shard taken through a network by hand, and the reference network with the same parameters and images.
final class NetworkHarness {
  let network: TrainableNetwork
  let workspace: Workspace
  let parameters: Buffer<Float>
  let gradient: Buffer<Float>
  private(set) var reference: ReferenceNetwork
  private(set) var images: [ReferenceNetwork.Image]
  private let seed: UInt64

  init(_ text: String, input: Shape, imageCount: Int, seed: UInt64) throws {
    network = try TrainableNetwork(Architecture(parsing: text), input: input)
    workspace = try Workspace(network)
    parameters = try Buffer(count: network.parameterCount)
    gradient = try Buffer(count: network.parameterCount)
    self.seed = seed
    let key = RandomKey(seed: seed)
    var generator = RandomGenerator(key.stream(1))
    let plan = try NetworkPlan(Architecture(parsing: text), input: input, selectKernels())
    reference = ReferenceNetwork(
      layers: plan.specifications, input: input, weights: plan.specifications.map { _ in [] },
      biases: plan.specifications.map { _ in [] })
    images = []
    network.initialise(parameters.start, key)
    for (index, layer) in network.layers.enumerated() {
      let start = parameters.start + network.parameterOffsets[index]
      for parameter in layer.parameters {
        // Biases too, which start at zero in earnest.
        if parameter.role == "bias" {
          parameter.setElements((0..<parameter.columns).map { _ in generator.symmetricUnit() / 4 }, of: start)
        }
        let values = parameter.elements(of: start).map(Double.init)
        if parameter.role == "bias" { reference.biases[index] = values } else { reference.weights[index] = values }
        layer.pack(parameter, rows: 0..<parameter.rows, from: start)
      }
    }
    makeImages(imageCount, &generator)
  }

  private func makeImages(_ count: Int, _ generator: inout RandomGenerator) {
    for place in 0..<count {
      let picture = (0..<network.input.count).map { _ in UInt8(generator.index(below: 256)) }
      workspace.load(picture, as: place, network.values[0])
      images.append(
        ReferenceNetwork.Image(
          pixels: picture.map { Double(Float($0) * Workspace.pixelScale) },
          label: generator.index(below: network.classCount),
          dropoutFactors: network.layers.map { _ in [] }))
    }
  }

  /// Runs the code under test; afterwards `gradient` is that of the mean loss, and the images know what was dropped.
  ///
  /// - Returns: the mean loss.
  func run() -> Double {
    let count = images.count
    network.forward(workspace, imageCount: count, parameters: parameters.start, noise: RandomKey(seed: seed))
    rememberDropout()
    let (loss, last) = (network.loss, network.layers.count)
    let sum = images.enumerated().reduce(0.0) {
      $0
        + loss.run(
          workspace.values[last] + $1.offset * loss.logits.size, label: $1.element.label, scale: 1 / Float(count),
          gradient: workspace.gradients[last] + $1.offset * loss.logitsGradient.size)
    }
    network.backward(workspace, imageCount: count, parameters: parameters.start, gradient: gradient.start)
    return sum / Double(count)
  }

  private func rememberDropout() {
    for (index, layer) in network.layers.enumerated() where layer.scratchSize > 0 {
      let layout = network.values[index + 1]
      for place in images.indices {
        let factors = workspace.scratch[index] + place * layer.scratchSize
        images[place].dropoutFactors[index] = (0..<layout.shape.count).map {
          Double(factors[$0 / layout.shape.channels * layout.pixelStride + $0 % layout.shape.channels])
        }
      }
    }
  }

  func logits(ofImage place: Int) -> [Float] {
    let layout = network.loss.logits
    let start = workspace.values[network.layers.count] + place * layout.size + layout.pixel(0, 0)
    return (0..<network.classCount).map { start[$0] }
  }

  /// Derivatives of the reference's loss by central differences.
  ///
  /// The step is the cube root of the unit roundoff of double precision, 2^-53, about 5e-6, where rounding (roundoff / step)
  /// and the third derivative (step squared) weigh the same: both some 1e-11.
  func differences(layer: Int, isBias: Bool) -> [Double] {
    let step = 5e-6
    let count = isBias ? reference.biases[layer].count : reference.weights[layer].count
    return (0..<count).map { index in
      func loss(_ change: Double) -> Double {
        var changed = reference
        if isBias { changed.biases[layer][index] += change } else { changed.weights[layer][index] += change }
        return changed.loss(images)
      }
      return (loss(step) - loss(-step)) / (2 * step)
    }
  }

  /// The longest chain of roundings from a pixel to a gradient: the terms of each layer's sum, forward and back, and of the sum
  /// over pixels and images.
  var roundings: Int {
    var count = network.classCount
    for (index, layer) in network.layers.enumerated() {
      for parameter in layer.parameters where parameter.role == "weights" {
        let pixels = network.values[index + 1].shape.height * network.values[index + 1].shape.width
        count += 2 * parameter.rows + parameter.columns + pixels * images.count
      }
    }
    return count
  }
}
