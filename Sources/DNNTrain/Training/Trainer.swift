import DNNCluster
import DNNModel
import MNISTInfer

/// Trains one network.
///
/// A batch is cut into shards of 16 images, each of which goes forward and back on one thread and leaves a gradient of its own.
/// Then the shards' gradients are added in a fixed tree and the optimizer runs, parameter block by parameter block. So no sum
/// depends on the number of threads, and neither does the result. It does not depend on the number of ranks either: each takes
/// neighbouring shards, and their subtrees are added along the same tree.
///
/// One caller at a time; the trainer runs its own threads. `train` is for all ranks together, all else for each by itself.
public final class Trainer {
  /// What was trained.
  public let architecture: Architecture
  /// How.
  public let options: TrainingOptions
  let network: TrainableNetwork
  /// What the network computes with: in training the weights that the optimizer changes, otherwise those to keep.
  let parameters: Buffer<Float>
  /// nil where the network computes with the parameters as they are.
  let weightRounding: WeightRounding?
  let optimizerState: Buffer<Float>
  /// The moving average of the weights; empty without one.
  let average: Buffer<Float>
  /// What training would end with now: the weights, or their average, after the last or the best epoch so far.
  let kept: Buffer<Float>
  let workspaces: [Workspace]
  let loaders: [BatchLoader]
  let parallel: Parallel
  /// By shard of the batch that this rank takes.
  let shardGradients: Buffer<Float>
  /// By shard of the batch.
  let outcomes: Buffer<TrainingOutcomes>
  /// nil without other ranks.
  let exchange: GradientExchange?
  let blocks: [ParameterBlock]
  /// By block: the gradient's squared length.
  let squaredNorms: Buffer<Double>
  let keys: Keys
  var position = TrainingPosition()
  /// The complete epochs, in their order.
  public internal(set) var history: [TrainingEpoch] = []

  /// What the seed decides, each independent of the others.
  struct Keys {
    let weights, order, noise, augmentation: RandomKey

    init(seed: UInt64) {
      let key = RandomKey(seed: seed)
      (weights, order, noise, augmentation) = (key.stream(0), key.stream(1), key.stream(2), key.stream(3))
    }
  }

  /// A network with its first weights.
  ///
  /// - Parameters:
  ///   - architecture: its layers.
  ///   - input: the images' shape.
  ///   - options: how to train.
  /// - Throws: `ArchitectureError` if the layers do not fit the input, `Failure` if memory runs out.
  public convenience init(_ architecture: Architecture, input: Shape, options: TrainingOptions) throws {
    let network = try TrainableNetwork(architecture, input: input, frozenLayers: options.frozenLayers)
    try self.init(architecture, network, options)
    network.initialise(parameters.start, keys.weights)
    start()
  }

  /// A network to train further, with the layers and weights of a model.
  ///
  /// A quantized model becomes float32 (see `ModelFile.dequantized()`). What batch normalisation there was is folded into the weights and
  /// stays so; dropout is not in a model.
  ///
  /// - Parameters:
  ///   - model: what the runtime's reader accepts.
  ///   - options: how to train.
  /// - Throws: `ArchitectureError` if a layer is larger than training allows, `Failure` if memory runs out.
  public convenience init(continuing model: ModelFile, options: TrainingOptions) throws {
    try self.init(continuing: model, roundings: [:], weightScales: [:], options: options)
  }

  /// A network that keeps a model's features and learns other classes: its layers and weights but for the last layer, which is
  /// new.
  ///
  /// - Parameters:
  ///   - model: what the runtime's reader accepts; see `init(continuing:options:)`.
  ///   - newClassCount: outputs of the new last layer.
  ///   - options: how to train.
  /// - Throws: `ArchitectureError` if the model's last layer is not dense or a layer is larger than training allows, `Failure`
  ///   if memory runs out.
  public convenience init(continuing model: ModelFile, newClassCount: Int, options: TrainingOptions) throws {
    let architecture = try Architecture(model).withNewHead(classCount: newClassCount)
    let network = try TrainableNetwork(
      architecture, input: model.input, normalisation: model.normalisation, frozenLayers: options.frozenLayers)
    try self.init(architecture, network, options)
    network.initialise(parameters.start, keys.weights)
    network.setParameters(parameters.start, from: model, isHeadNew: true)
    start()
  }

  /// A network to train further with quantization in the loop.
  ///
  /// - Parameters:
  ///   - model: what the runtime's reader accepts.
  ///   - roundings: by value of the model, what it is rounded to.
  ///   - weightScales: by layer of the model, the steps of each output channel's weights.
  ///   - options: how to train.
  /// - Throws: `ArchitectureError` if a layer is larger than training allows, `Failure` if memory runs out.
  convenience init(
    continuing model: ModelFile, roundings: [Int: Quantization], weightScales: [Int: [Float]], options: TrainingOptions
  ) throws {
    let architecture = try Architecture(model)
    let network = try TrainableNetwork(
      architecture, input: model.input, normalisation: model.normalisation, frozenLayers: options.frozenLayers,
      roundings: roundings)
    let weightRounding = weightScales.isEmpty ? nil : try WeightRounding(network, scales: weightScales)
    try self.init(architecture, network, options, weightRounding)
    network.setParameters(parameters.start, from: model)
    start()
  }

  private init(
    _ architecture: Architecture, _ network: TrainableNetwork, _ options: TrainingOptions,
    _ weightRounding: WeightRounding? = nil
  ) throws {
    precondition((1...TrainingOptions.largestEpochs).contains(options.epochs))
    precondition(options.batchSize >= 1 && options.threads >= 1)
    self.architecture = architecture
    self.options = options
    self.network = network
    self.weightRounding = weightRounding
    let count = network.parameterCount
    let shardCount = (options.batchSize + shardSize - 1) / shardSize
    parameters = try Buffer(count: count)
    optimizerState = try Buffer(count: count * options.optimizer.stateCount)
    average = try Buffer(count: options.averageDecay > 0 ? count : 0)
    kept = try Buffer(count: count)
    let rankCount = options.ranks.rankCount
    shardGradients = try Buffer(count: count * ((shardCount + rankCount - 1) / rankCount))
    outcomes = try Buffer(count: shardCount)
    workspaces = try (0..<options.threads).map { _ in try Workspace(network) }
    loaders = try (0..<options.threads).map { _ in try BatchLoader(network, options) }
    parallel = Parallel(workerCount: options.threads)
    exchange =
      options.ranks.isAlone
      ? nil
      : try GradientExchange(
        options.ranks, network, parallel, gradients: shardGradients.start, outcomes: outcomes.start,
        shardCount: shardCount)
    blocks = ParameterBlock.all(of: network)
    squaredNorms = try Buffer(count: blocks.count)
    keys = Keys(seed: options.seed)
  }

  private func start() {
    kept.start.update(from: parameters.start, count: parameters.count)
    average.start.update(from: parameters.start, count: average.count)
    packAll()
  }

  /// Numbers that the optimizer changes: weights, biases, and scales and shifts of batch normalisation.
  public var parameterCount: Int { network.learnedCount }

  /// Brings all parameters to where the network reads them, after they changed.
  func packAll() {
    for block in blocks { weightRounding?.round(block, from: parameters.start) }
    parallel.forEach(blocks.count) { task, _ in network.pack(blocks[task], from: computedParameters) }
  }

  /// What the layers compute with.
  var computedParameters: UnsafePointer<Float> { UnsafePointer(weightRounding?.parameters.start ?? parameters.start) }

  /// Runs `body` with other weights in the network.
  func withParameters<Result>(
    _ other: borrowing Buffer<Float>, _ body: () throws -> Result
  ) rethrows -> Result {
    exchange(other)
    defer { exchange(other) }
    return try body()
  }

  private func exchange(_ other: borrowing Buffer<Float>) {
    for index in 0..<parameters.count {
      (parameters.start[index], other.start[index]) = (other.start[index], parameters.start[index])
    }
    packAll()
  }
}

/// Where a training stands, between two steps.
struct TrainingPosition: Equatable {
  /// The epoch under way, from 1; past the last one when all are done.
  var epoch = 1
  /// Training images seen in it.
  var imagesDone = 0
  /// What the network made of them.
  var seen = TrainingOutcomes()
  /// Steps done in all epochs.
  var step = 0
  /// The epoch with the best held-out accuracy so far; 0 before the first ends.
  var bestEpoch = 0
  var bestAccuracy = -1.0
  /// Held-out accuracy of the weights to keep; nil before the first epoch ends.
  var keptAccuracy: Double?
}
