import TestSupport
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
  /// See `ReferenceNetwork.amplification`; known once the code under test has run.
  private(set) var amplification = 1.0
  private let seed: UInt64
  /// The shard's share of its batch.
  let share: Float = 0.75

  init(_ text: String, input: Shape, imageCount: Int, seed: UInt64) throws {
    network = try TrainableNetwork(Architecture(parsing: text), input: input)
    workspace = try Workspace(network)
    parameters = try Buffer(count: network.parameterCount)
    gradient = try Buffer(count: network.parameterCount)
    self.seed = seed
    let key = RandomKey(seed: seed)
    var generator = RandomGenerator(key.stream(1))
    let plan = try NetworkPlan(Architecture(parsing: text), input: input, selectKernels())
    reference = ReferenceNetwork(nodes: plan.nodes, input: input, parameters: plan.nodes.map { _ in [:] })
    images = []
    network.initialise(parameters.start, key)
    for (index, layer) in network.layers.enumerated() {
      let start = parameters.start + network.parameterOffsets[index]
      for parameter in layer.parameters {
        // Everything, where training starts most of it at 0 or 1: now at up to a quarter more or less.
        if case .constant(let value) = parameter.start {
          parameter.setElements((0..<parameter.columns).map { _ in value + generator.symmetricUnit() / 4 }, of: start)
        }
        reference.parameters[index][parameter.role] = parameter.elements(of: start).map(Double.init)
        layer.pack(parameter, rows: 0..<parameter.rows, from: start)
      }
    }
    makeImages(imageCount, &generator)
  }

  private func makeImages(_ count: Int, _ generator: inout RandomGenerator) {
    for place in 0..<count {
      let picture = (0..<network.input.count).map { _ in UInt8(generator.index(below: 256)) }
      workspace.load(picture, as: place, of: network)
      images.append(
        ReferenceNetwork.Image(
          pixels: picture.map { Double(Float($0) * (1 / 255)) },
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
    amplification = reference.amplification(images)
    let (loss, last) = (network.loss, network.layers.count)
    let sum = images.enumerated().reduce(0.0) {
      $0
        + loss.run(
          workspace.values[last] + $1.offset * loss.logits.size, target: .init(label: $1.element.label),
          scale: 1 / Float(count),
          gradient: workspace.gradients[last] + $1.offset * loss.logitsGradient.size)
    }
    network.backward(
      workspace, imageCount: count, share: share, parameters: parameters.start, gradient: gradient.start)
    return sum / Double(count)
  }

  private func rememberDropout() {
    for (index, layer) in network.layers.enumerated() {
      guard let dropout = layer as? Dropout else { continue }
      let layout = network.values[index + 1]
      for place in images.indices {
        let factors = workspace.scratch[index] + place * dropout.factorCount
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
  func differences(layer: Int, _ role: Parameter.Role) -> [Double] {
    let step = 5e-6
    return (reference.parameters[layer][role] ?? []).indices.map { index in
      func loss(_ change: Double) -> Double {
        var changed = reference
        changed.parameters[layer][role]?[index] += change
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
      let shape = network.values[index + 1].shape
      let pixels = shape.height * shape.width * images.count
      for parameter in layer.parameters {
        switch parameter.role {
        case .weights: count += 2 * parameter.rows + parameter.columns + pixels
        // Mean and variance forward, their gradients back.
        case .scale: count += 4 * pixels
        case .bias, .shift, .mean, .variance, .custom: break
        }
      }
    }
    return count
  }
}
