import DNNModel
import MNISTInfer

/// Trains one network.
///
/// A batch is cut into shards of 16 images, each of which goes forward and back on one thread and leaves a gradient of its own.
/// Then the shards' gradients are added in a fixed tree and the optimizer runs, parameter block by parameter block. So no sum
/// depends on the number of threads, and neither does the result.
///
/// One caller at a time; the trainer runs its own threads.
public final class Trainer {
  /// What was trained.
  public let architecture: Architecture
  /// How.
  public let options: TrainingOptions
  let network: TrainableNetwork
  let parameters: Buffer<Float>
  let workspaces: [Workspace]
  let parallel: Parallel
  private let optimizerState: Buffer<Float>
  private let shardGradients: Buffer<Float>
  private let shardLosses: Buffer<Double>
  private let blocks: [ParameterBlock]
  private let orderKey: RandomKey
  private let noiseKey: RandomKey
  private var step = 0

  /// A network with its first weights.
  ///
  /// - Parameters:
  ///   - architecture: its layers.
  ///   - input: the images' shape.
  ///   - options: how to train.
  /// - Throws: `ArchitectureError` if the layers do not fit the input, `Failure` if memory runs out.
  public convenience init(_ architecture: Architecture, input: Shape, options: TrainingOptions) throws {
    try self.init(architecture, TrainableNetwork(architecture, input: input), options)
    network.initialise(parameters.start, RandomKey(seed: options.seed).stream(0))
    packAll()
  }

  /// A network to train further, with the layers and weights of a model.
  ///
  /// Int8 weights become the float32 numbers they stand for. What batch normalisation there was is folded into the weights and
  /// stays so; dropout is not in a model.
  ///
  /// - Parameters:
  ///   - model: what the runtime's reader accepts.
  ///   - options: how to train.
  /// - Throws: `ArchitectureError` if a layer is larger than training allows, `Failure` if memory runs out.
  public convenience init(continuing model: ModelFile, options: TrainingOptions) throws {
    let architecture = try Architecture(model)
    let network = try TrainableNetwork(architecture, input: model.input, normalisation: model.normalisation)
    try self.init(architecture, network, options)
    network.setParameters(parameters.start, from: model)
    packAll()
  }

  private init(_ architecture: Architecture, _ network: TrainableNetwork, _ options: TrainingOptions) throws {
    precondition(options.epochs >= 1 && options.batchSize >= 1 && options.threads >= 1)
    self.architecture = architecture
    self.options = options
    self.network = network
    let shardCount = (options.batchSize + shardSize - 1) / shardSize
    parameters = try Buffer(count: network.parameterCount)
    optimizerState = try Buffer(count: network.parameterCount * options.optimizer.stateCount)
    shardGradients = try Buffer(count: network.parameterCount * shardCount)
    shardLosses = try Buffer(count: shardCount)
    workspaces = try (0..<options.threads).map { _ in try Workspace(network) }
    parallel = Parallel(workerCount: options.threads)
    blocks = ParameterBlock.all(of: network)
    let key = RandomKey(seed: options.seed)
    (orderKey, noiseKey) = (key.stream(1), key.stream(2))
  }

  /// Numbers that the optimizer changes: weights, biases, and scales and shifts of batch normalisation.
  public var parameterCount: Int { network.learnedCount }

  /// Trains for all epochs.
  ///
  /// - Parameters:
  ///   - data: images of the network's input shape with labels below its outputs.
  ///   - heldOut: images to report accuracy on after each epoch.
  ///   - report: called after every step, on the calling thread.
  public func train(on data: Dataset, heldOut: Dataset, report: (TrainingProgress) -> Void) {
    precondition(data.shape == network.input && data.labels.allSatisfy { (0..<network.classCount).contains($0) })
    var best = (accuracy: -1.0, parameters: [Float]())
    for epoch in 1...options.epochs {
      var order = Array(0..<data.count)
      var generator = RandomGenerator(orderKey.stream(epoch))
      generator.shuffle(&order)
      let start = ContinuousClock.now
      var (done, loss) = (0, 0.0)
      func progress(accuracy: Double?) -> TrainingProgress {
        TrainingProgress(
          epoch: epoch, epochs: options.epochs, imagesDone: done, imageCount: data.count, loss: loss / Double(done),
          seconds: (ContinuousClock.now - start) / .seconds(1), heldOutAccuracy: accuracy)
      }
      while done < data.count {
        let batch = order[done..<min(done + options.batchSize, data.count)]
        loss += trainStep(batch, of: data)
        done += batch.count
        if done < data.count { report(progress(accuracy: nil)) }
      }
      let trained = progress(accuracy: nil)
      let accuracy = accuracy(on: heldOut)
      if options.keepsBestEpoch && accuracy > best.accuracy {
        best = (accuracy, Array(UnsafeBufferPointer(start: parameters.start, count: parameters.count)))
      }
      report(TrainingProgress(trained, heldOutAccuracy: accuracy))
    }
    if options.keepsBestEpoch {
      parameters.start.update(from: best.parameters, count: parameters.count)
      packAll()
    }
  }

  /// Trains on one batch.
  ///
  /// - Parameters:
  ///   - batch: indices of the batch's images.
  ///   - data: what they are images of.
  /// - Returns: the sum of the images' losses.
  func trainStep(_ batch: ArraySlice<Int>, of data: Dataset) -> Double {
    step += 1
    computeGradients(batch, of: data, noise: noiseKey.stream(step))
    let shardCount = (batch.count + shardSize - 1) / shardSize
    let count = network.parameterCount
    parallel.forEach(blocks.count) { task, _ in
      let block = blocks[task]
      addInTree(shardGradients.start, vectorCount: shardCount, stride: count, range: block.range)
      if block.parameter.role.isLearned {
        options.optimizer.update(
          parameters.start + block.range.lowerBound, gradient: shardGradients.start + block.range.lowerBound,
          state: optimizerState.start + block.range.lowerBound, stateStride: count, count: block.range.count,
          step: step)
        network.pack(block, from: parameters.start)
      } else {
        BatchNormalisation.follow(
          shardGradients.start + block.range.lowerBound, parameters.start + block.range.lowerBound,
          count: block.range.count)
      }
    }
    return (0..<shardCount).reduce(0) { $0 + shardLosses[$1] }
  }

  /// Takes a batch forward and back: leaves each shard's losses and its gradient of the batch's mean loss.
  private func computeGradients(_ batch: ArraySlice<Int>, of data: Dataset, noise: RandomKey?) {
    let scale = 1 / Float(batch.count)
    let shardCount = (batch.count + shardSize - 1) / shardSize
    parallel.forEach(shardCount) { shard, worker in
      let first = shard * shardSize
      let images = batch.dropFirst(first).prefix(shardSize)
      let workspace = workspaces[worker]
      load(images, of: data, into: workspace)
      network.forward(
        workspace, imageCount: images.count, parameters: parameters.start, noise: noise, firstImage: first)
      shardLosses[shard] = computeLoss(images, of: data, workspace, scale: scale)
      network.backward(
        workspace, imageCount: images.count, share: Float(images.count) * scale, parameters: parameters.start,
        gradient: shardGradients.start + shard * network.parameterCount)
    }
  }

  private func computeLoss(
    _ images: ArraySlice<Int>, of data: Dataset, _ workspace: Workspace, scale: Float
  ) -> Double {
    let (loss, last) = (network.loss, network.layers.count)
    return images.enumerated().reduce(0) { sum, image in
      sum
        + loss.run(
          workspace.values[last] + image.offset * loss.logits.size, label: data.labels[image.element], scale: scale,
          gradient: workspace.gradients[last] + image.offset * loss.logitsGradient.size)
    }
  }

  func load(_ images: ArraySlice<Int>, of data: Dataset, into workspace: Workspace) {
    data.images.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      for (place, image) in images.enumerated() {
        workspace.load(start + image * data.shape.count, as: place, of: network)
      }
    }
  }

  private func packAll() { for block in blocks { network.pack(block, from: parameters.start) } }
}

extension TrainingProgress {
  fileprivate init(_ other: TrainingProgress, heldOutAccuracy: Double) {
    self.init(
      epoch: other.epoch, epochs: other.epochs, imagesDone: other.imagesDone, imageCount: other.imageCount,
      loss: other.loss, seconds: other.seconds, heldOutAccuracy: heldOutAccuracy)
  }
}
