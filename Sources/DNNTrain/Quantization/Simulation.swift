import DNNModel
import MNISTInfer

/// A model in float32 whose weights and values can be rounded to what 8 bits hold. It computes what the integer model does but
/// for the rounding of float32 sums, so that a choice can be tried without writing a file.
///
/// One caller at a time, but for `run` and `elements`, which take a worker.
final class Simulation {
  let model: ModelFile
  private let network: TrainableNetwork
  private let parameters: Buffer<Float>
  private let workspaces: [Workspace]
  private let blocks: [ParameterBlock]
  /// By value of the model: that of the network.
  private let outputs: [Int]
  /// By layer of the model: the network's value before the layer's activation.
  private let sums: [Int]
  /// By value of the network.
  private var roundings: [Quantization?]

  /// - Parameters:
  ///   - model: a float model.
  ///   - workers: at least 1.
  /// - Throws: `ArchitectureError` if a layer is larger than training allows, `Failure` if memory runs out.
  init(_ model: ModelFile, workers: Int) throws {
    let active = model.layers.indices.filter {
      model.layers[$0].activation != .none && model.layers[$0].kind != .activation
    }
    let (separated, values) = model.separatingActivations(of: Set(active))
    let network = try TrainableNetwork(
      Architecture(separated), input: model.input, normalisation: model.normalisation)
    self.model = model
    self.network = network
    parameters = try Buffer(count: network.parameterCount)
    workspaces = try (0..<workers).map { _ in try Workspace(network) }
    blocks = ParameterBlock.all(of: network)
    let places = values.dropLast().map { network.valueOfArchitecture[$0] }
    outputs = places
    sums = model.layers.indices.dropLast().map { index in
      active.contains(index) ? network.valueOfArchitecture[values[index + 1] - 1] : places[index + 1]
    }
    roundings = Array(repeating: nil, count: network.values.count)
    network.setParameters(parameters.start, from: separated)
    for block in blocks { network.pack(block, from: parameters.start) }
  }

  /// Rounds a value of the model to what its quantization can express, or no longer.
  func setQuantization(_ quantization: Quantization?, ofValue value: Int) { roundings[outputs[value]] = quantization }

  /// Replaces a layer's weights or bias.
  func setParameter(_ role: Parameter.Role, ofLayer layer: Int, _ elements: [Float]) {
    // What the network has for one layer of the model are its implied flattening, its sum and its activation.
    let index = sums[layer] - 1
    for parameter in network.layers[index].parameters where parameter.role == role {
      parameter.setElements(elements, of: parameters.start + network.parameterOffsets[index])
    }
    for block in blocks where block.layer == index && block.parameter.role == role {
      network.pack(block, from: parameters.start)
    }
  }

  /// Where a value is looked at.
  enum Place {
    /// A value of the model.
    case value(Int)
    /// What a layer of the model computes before its activation, not rounded.
    case sum(ofLayer: Int)
    /// What the softmax reads.
    case logits
  }

  private func networkValue(_ place: Place) -> Int {
    switch place {
    case .value(let value): outputs[value]
    case .sum(let layer): sums[layer]
    case .logits: network.layers.count
    }
  }

  /// Takes up to `shardSize` images through the network.
  ///
  /// - Parameters:
  ///   - images: their places in the data.
  ///   - data: images of the network's input shape.
  ///   - worker: nobody else's meanwhile.
  ///   - place: how far.
  func run(_ images: Range<Int>, of data: Dataset, worker: Int, upTo place: Place = .logits) {
    let workspace = workspaces[worker]
    data.images.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      for (place, image) in images.enumerated() {
        workspace.load(start + image * data.shape.count, as: place, of: network)
      }
    }
    let last = networkValue(place)
    for layer in 0..<last {
      network.forward(
        workspace, imageCount: images.count, parameters: parameters.start, noise: nil, layers: layer..<layer + 1)
      guard let quantization = roundings[layer + 1] else { continue }
      if case .sum = place, layer + 1 == last { continue }
      for place in 0..<images.count { round(layer + 1, ofImage: place, quantization, workspace) }
    }
  }

  private func round(_ value: Int, ofImage place: Int, _ quantization: Quantization, _ workspace: Workspace) {
    let layout = network.values[value]
    for y in 0..<layout.shape.height {
      let row = workspace.values[value] + place * layout.size + layout.pixel(y, 0)
      quantization.round(row, to: row, count: layout.shape.width * layout.pixelStride)
    }
  }

  /// A value's elements as `run` left them.
  ///
  /// - Parameters:
  ///   - place: which value.
  ///   - image: its place among the images of the run.
  ///   - worker: the run's.
  /// - Returns: row-major, channels last.
  func elements(_ place: Place, ofImage image: Int, worker: Int) -> [Float] {
    let value = networkValue(place)
    let layout = network.values[value]
    let (shape, start) = (layout.shape, workspaces[worker].values[value] + image * layout.size)
    return Array(unsafeUninitializedCapacity: shape.count) { elements, count in
      guard var target = elements.baseAddress else { return }
      for y in 0..<shape.height {
        for x in 0..<shape.width {
          target.initialize(from: start + layout.pixel(y, x), count: shape.channels)
          target += shape.channels
        }
      }
      count = shape.count
    }
  }
}

extension Parallel {
  /// Runs `body` for all images, in shards of the trainer's size.
  func forEachShard(of data: Dataset, _ body: (_ images: Range<Int>, _ worker: Int) -> Void) {
    forEach((data.count + shardSize - 1) / shardSize) { shard, worker in
      body(shard * shardSize..<min((shard + 1) * shardSize, data.count), worker)
    }
  }
}
